"""Documents out of lines, read by the real line: for the tests of outline, extract and coverage."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from pipeline import outline
from pipeline.extract import extract
from pipeline.extract.readers import Readers, compile_readers
from pipeline.model import Cell, Extraction, Outline, Paragraph, PolicyDocument, Source
from pipeline.rulebook.load import load, rules_folder

CORPORA = Path(__file__).resolve().parents[1] / "corpora"


@lru_cache(maxsize=1)
def readers() -> Readers:
    """The project's own rules, compiled once a test process."""
    return compile_readers(load(rules_folder()))


def document(*lines: str | tuple[str, ...], name: str = "plan.txt", unread: tuple[int, ...] = ()) -> PolicyDocument:
    """A line is a paragraph; a tuple is a table row, and the first of a run of rows is the head of its table."""
    text, paragraphs, head, table = "", [], None, -1
    for line in lines:
        start = len(text)
        if isinstance(line, tuple):
            if head is None:
                head, table = line, table + 1
            cells, at = [], start
            for i, cell in enumerate(line):
                cells.append(Cell(at, at + len(cell), head[i]))
                at += len(cell) + 1
            row = "|".join(line)
            paragraphs.append(Paragraph(start, start + len(row), None, "row", tuple(cells), table))
        else:
            head, row = None, line
            paragraphs.append(Paragraph(start, start + len(row)))
        text += row + "\n"
    text = text[:-1]
    return PolicyDocument(Source(name, hashlib.sha256(text.encode()).hexdigest(), "txt"), text, tuple(paragraphs), (), unread)


def outlined(*lines, **fields) -> Outline:
    return outline.build(document(*lines, **fields), readers().rulebook)


def extracted(*lines, **fields) -> Extraction:
    return extract(outlined(*lines, **fields), readers())
