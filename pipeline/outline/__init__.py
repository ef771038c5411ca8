"""Outline: a document's text becomes its frame (header and footer) and its tree of sections."""

from __future__ import annotations

from pipeline.model import Outline, PolicyDocument
from pipeline.outline.flat import with_rows
from pipeline.outline.frame import read_frame
from pipeline.outline.tree import build_tree
from pipeline.rulebook.load import Rulebook


def build(document: PolicyDocument, rulebook: Rulebook) -> Outline:
    """Frame and sections of a document; what stands in the frame is in no section."""
    document = with_rows(document, rulebook)
    frame, body = read_frame(document, rulebook)
    sections, warnings = build_tree(document, rulebook, body)
    return Outline(document, frame, sections, document.warnings + warnings)
