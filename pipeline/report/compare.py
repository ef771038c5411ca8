"""Where two wordings share words, to be marked for a reader's eye. It decides nothing: verdicts come from the coverage stage."""

from __future__ import annotations

import re

from pipeline.model import Extraction
from pipeline.text import fold

# A run of two characters is the shortest Chinese word worth marking; a run across punctuation is two runs.
_SHORTEST = 2
_BREAK = re.compile(r"[\s,.;:!?、。，；：！？()\"'<>《》〈〉·~\-…/|「」『』]")


def shared_runs(left: str, right: str) -> tuple[tuple[tuple[int, int], ...], tuple[tuple[int, int], ...]]:
    """The half-open spans of each text whose every pair of neighbouring characters stands in the other text too (folded, none with punctuation).

    In order, none overlaps another; two may touch where the pair across them is not shared ("甲乙甲乙" beside "甲乙").
    """
    left, right = fold(left), fold(right)
    return _runs(left, _pairs(right)), _runs(right, _pairs(left))


def _pairs(text: str) -> set[str]:
    return {text[i : i + _SHORTEST] for i in range(len(text) - _SHORTEST + 1) if not _BREAK.search(text[i : i + _SHORTEST])}


def _runs(text: str, known: set[str]) -> tuple[tuple[int, int], ...]:
    found: list[list[int]] = []
    for i in range(len(text) - _SHORTEST + 1):
        if text[i : i + _SHORTEST] in known:
            if found and found[-1][1] >= i + 1:
                found[-1][1] = i + _SHORTEST
            else:
                found.append([i, i + _SHORTEST])
    return tuple((start, end) for start, end in found)


def where_in(extraction: Extraction, offset: int) -> str:
    """Where an offset stands, for people: "三、重点任务 › （一）… · 第2页 · 第14段". Page and headings are left out where there are none."""
    document = extraction.document
    headings = []
    level = extraction.outline.sections
    while level:
        above = [section for section in level if section.start <= offset]
        if not above:
            break
        section = above[-1]
        if section.headed and section.title and section.id:
            headings.append(section.label + section.title)
        level = section.children
    index = document.paragraph_of(offset)
    page = document.page_of(offset)
    parts = [" › ".join(headings)] if headings else []
    parts += [f"第{page}页"] if page is not None else []
    parts += [f"第{index + 1}段"] if index is not None else []
    return " · ".join(parts)
