"""Outline: a document's text becomes its frame (header and footer) and its tree of sections."""

from __future__ import annotations

from dataclasses import replace

from pipeline.model import Outline, PolicyDocument
from pipeline.outline.flat import with_rows
from pipeline.outline.frame import read_frame
from pipeline.outline.tree import build_tree
from pipeline.rulebook.load import Rulebook


def build(document: PolicyDocument, rulebook: Rulebook) -> Outline:
    """Frame and sections of a document; what stands in the frame is in no section. Traditional characters are folded: see `Outline.written`."""
    written = None
    pairs = str(rulebook.settings["extract.traditional.pairs"])
    traditional = frozenset(pairs[::2])
    head = document.text[:3000]
    if sum(char in traditional for char in head) > float(rulebook.settings["extract.traditional.share"]) * len(head):
        written = document.text
        document = replace(document, text=written.translate(str.maketrans(pairs[::2], pairs[1::2])))
    document = with_rows(document, rulebook)
    frame, body = read_frame(document, rulebook)
    sections, warnings = build_tree(document, rulebook, body)
    return Outline(document, frame, sections, document.warnings + warnings, written)
