"""Extract: an outline becomes tasks with measures, targets and units; goals; baselines."""

from __future__ import annotations

from pipeline.extract.readers import Readers
from pipeline.extract.tasks import extract_tasks
from pipeline.extract.written import as_written
from pipeline.model import Extraction, Outline


def extract(outline: Outline, readers: Readers) -> Extraction:
    """Everything that a document asks of somebody, and every figure it gives, each with its place."""
    extraction = extract_tasks(outline, readers)
    return as_written(extraction, outline.written) if outline.written is not None else extraction
