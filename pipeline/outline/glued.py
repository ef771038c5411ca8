"""Headings that a converter glued to the paragraph before them (…见效。（二）改善水质。…) get a line of their own."""

from __future__ import annotations

import re
from dataclasses import replace

from pipeline.model import Paragraph, PolicyDocument
from pipeline.outline.numbering import CHINESE, FIRST, SECOND, Label, read_label
from pipeline.text import matching

# Behind a stop or a bracket of units; list items behind ； and ： are parts of one sentence.
_INNER = re.compile(rf"(?<=[。！）)〕】])\s*(?=[（(][{CHINESE}]{{1,4}}[）)]|[{CHINESE}]{{1,4}}、)")
# 三、保障措施（一）加强领导。…: the first heading is glued to the title above it.
_BELOW_TITLE = re.compile(rf"[^，。；：:、（(]{{2,20}}(?=[（(][{CHINESE}]{{1,4}}[）)])")


def unglued(document: PolicyDocument, body: range) -> tuple[PolicyDocument, range, tuple[int, ...]]:
    """The document with its glued lines cut, where `body` (indices from 0) now lies, and for every paragraph the index it had before.

    A label inside a line opens a heading only where it goes on with the count of the headings so far: a list that a point numbers for itself
    (（一）…。（二）…。 under （三）) stays whole.
    """
    paragraphs: list[Paragraph] = list(document.paragraphs[: body.start])
    origins = list(range(body.start))
    last: dict[int, int] = {}
    for i in body:
        paragraph = document.paragraphs[i]
        cuts = _cuts(document.text[paragraph.start : paragraph.end], last) if paragraph.kind == "text" else []
        edges = [paragraph.start, *(paragraph.start + cut for cut in cuts), paragraph.end]
        for start, end in zip(edges, edges[1:], strict=False):
            paragraphs.append(replace(paragraph, start=start, end=end))
            origins.append(i)
    return replace(document, paragraphs=(*paragraphs, *document.paragraphs[body.stop :])), range(body.start, len(paragraphs)), (
        *origins, *range(body.stop, len(document.paragraphs)))


def _cuts(line: str, last: dict[int, int]) -> list[int]:
    """Offsets in a line at which a further heading begins; `last` (rank → number of its last heading) is brought up to date."""
    label = read_label(line)
    _count(label, last)
    found: list[int] = []
    places = [m.end() for m in _INNER.finditer(line)]
    below = _BELOW_TITLE.match(line, label.end) if label is not None and label.rank <= FIRST else None
    if below:
        places.insert(0, below.end())
    if not places:
        return found
    inside = bytearray(len(line))  # 1 where quotes or brackets hide a label
    closed = 0
    for begin, end in sorted(matching(line).items()):
        if begin >= closed:
            inside[begin + 1 : end] = b"\x01" * (end - begin - 1)
            closed = end
    own: set[int] = set()  # ranks that the line numbers for itself
    for place in places:
        inner = read_label(line[place : place + 12])
        if inner is None or inner.number is None or inner.rank not in (FIRST, SECOND) or inside[place]:
            continue
        first = below is not None and place == below.end() and inner.number == 1
        follows = first or inner.rank in last and inner.number == last[inner.rank] + 1
        if inner.rank in own or not follows or len(line) - place - inner.end < 4:
            own.add(inner.rank)
            continue
        _count(inner, last)
        found.append(place)
    return found


def _count(label: Label | None, last: dict[int, int]) -> None:
    if label is not None and label.number is not None and label.rank in (FIRST, SECOND):
        last[label.rank] = label.number
