"""Headings that a converter glued to the paragraph before them (…见效。（二）改善水质。…) get a line of their own."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from pipeline.model import Paragraph, PolicyDocument
from pipeline.outline.numbering import CHINESE, FIRST, SECOND, THIRD, Label, read_label
from pipeline.rulebook.load import Rulebook
from pipeline.text import matching, sentences

_RANKS = (FIRST, SECOND, THIRD)
_INNER = re.compile(rf"[（(][{CHINESE}]{{1,4}}[）)]|(?<![{CHINESE}第、，])[{CHINESE}]{{1,4}}、|(?<!\d)(?<!\d[.．])\d{{1,2}}[.．、](?!\d(?!0\d\d年))")
_STOPS = "。！）)〕】"
# A title glued to the title below it holds no stop and no list: 三、保障措施（一）加强领导。
_TITLE = re.compile(r"[^，。；：:、（(]{2,20}")
# A heading that closes its line: …责任单位一、加强信息公开
_CLOSING = re.compile(r"[^，。；：:、]{4,30}")


@dataclass
class _Count:
    """Headings met so far. `last`: rank → number of its last heading; `path`: ranks above and at the last heading."""

    last: dict[int, int] = field(default_factory=dict)
    path: list[int] = field(default_factory=list)

    def add(self, label: Label | None) -> None:
        if label is not None and label.number is not None and label.rank in _RANKS:
            self.last[label.rank] = label.number
            self.path = [rank for rank in self.path if rank < label.rank] + [label.rank]

    def follows(self, label: Label) -> bool:
        return label.rank in self.last and label.number == self.last[label.rank] + 1


def unglued(document: PolicyDocument, body: range, rulebook: Rulebook) -> tuple[PolicyDocument, range, tuple[int, ...]]:
    """The document with its glued lines cut, where `body` (indices from 0) now lies, and for every paragraph the index it had before.

    A label inside a line opens a heading only where it goes on with the count of the headings so far, or is the first below the heading right before it:
    a list that a point numbers for itself ((一)…。（二）…。 under （三）) stays whole.
    """
    paragraphs: list[Paragraph] = list(document.paragraphs[: body.start])
    origins = list(range(body.start))
    count = _Count()
    for i in body:
        paragraph = document.paragraphs[i]
        cuts = _cuts(document.text[paragraph.start : paragraph.end], count, rulebook) if paragraph.kind == "text" else []
        edges = [paragraph.start, *(paragraph.start + cut for cut in cuts), paragraph.end]
        for start, end in zip(edges, edges[1:], strict=False):
            paragraphs.append(replace(paragraph, start=start, end=end))
            origins.append(i)
    return replace(document, paragraphs=(*paragraphs, *document.paragraphs[body.stop :])), range(body.start, len(paragraphs)), (
        *origins, *range(body.stop, len(document.paragraphs)))


def _cuts(line: str, count: _Count, rulebook: Rulebook) -> list[int]:
    """Offsets in a line at which a further heading begins; `count` is brought up to date."""
    label = read_label(line)
    count.add(label)
    found: list[int] = []
    places = [m.start() for m in _INNER.finditer(line, label.end if label is not None else 1)]
    if not places:
        return found
    inside = _inside(line)
    lists = [m.end() for m in rulebook.pattern("outline.glued.unit_list").finditer(line)]
    body_end = rulebook.pattern("outline.glued.body_end")
    heading, title = label, label.end if label is not None else 0  # the heading that the place stands under, and where its title begins
    own: set[int] = set()  # ranks that the piece numbers for itself
    for place in places:
        inner = read_label(line[place : place + 12])
        if inner is None or inner.number is None or inner.rank not in _RANKS or inside[place] or len(line) - place - inner.end < 4:
            continue
        before = line[:place].rstrip(" 　")
        below = heading is not None and inner.rank > heading.rank and inner.rank in (heading.rank + 1, THIRD)
        first = below and inner.number == 1
        if below and _TITLE.fullmatch(line, title, len(before)) and (first or count.follows(inner)):
            pass
        elif before[-1:] in _STOPS or _in_list(line, lists, len(before)) and body_end.search(before):
            first = first and len(sentences(line, title, len(before))) == 1
            opens = heading is None and not count.last and inner.rank == FIRST and inner.number == 1 and _has_second(line, places, place)
            if inner.rank in own or not (count.follows(inner) or first or opens):
                own.add(inner.rank)
                continue
        elif not (inner.rank == FIRST and _CLOSING.fullmatch(line, place + inner.end) and (count.follows(inner) or not count.last and inner.number == 1)):
            continue
        count.add(inner)
        found.append(place)
        heading, title = inner, place + inner.end
        own = {rank for rank in own if rank < inner.rank}
    return found


def _has_second(line: str, places: list[int], place: int) -> bool:
    """Does 二、 come later in a line that holds the whole text, from its title on?"""
    labels = (read_label(line[at : at + 12]) for at in places if at > place)
    return any(label is not None and label.rank == FIRST and label.number == 2 for label in labels)


def _in_list(line: str, lists: list[int], at: int) -> bool:
    """Does an offset stand in a list of units (责任单位：甲、乙) that no stop has closed?"""
    begin = max((end for end in lists if end <= at), default=None)
    return begin is not None and not any(stop in line[begin:at] for stop in "。；;")


def _inside(line: str) -> bytearray:
    """1 for each character that quotes or brackets hide."""
    inside = bytearray(len(line))
    closed = 0
    for begin, end in sorted(matching(line).items()):
        if begin >= closed:
            inside[begin + 1 : end] = b"\x01" * (end - begin - 1)
            closed = end
    return inside
