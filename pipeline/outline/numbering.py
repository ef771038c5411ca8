"""The ordinals of official documents (GB/T 9704—2012, 7.3.3): 一、（一）1.（1）①, and 第一章, ——.

A paragraph opens with at most one label. What the label is a heading of is decided in `tree`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.numerals import parse

CHINESE = "零〇○一二三四五六七八九十百两"

# Rank: how deep a label stands in a well-formed document. 条 run through chapters, so they rank below 节.
PART, CHAPTER, SECTION, ARTICLE, FIRST, SECOND, THIRD, FOURTH, FIFTH = range(9)

_LABEL = re.compile(
    rf"(?P<formal>第(?P<formal_number>[{CHINESE}]+|\d+)(?P<formal_kind>[编篇部章节条])(?:分)?)[ 　、:：.]*"
    rf"|(?P<first>(?P<first_number>[{CHINESE}]{{1,4}})[、．.])"
    rf"|(?P<second>[（(](?P<second_number>[{CHINESE}]{{1,4}})[）)])[、.．]?"
    r"|(?P<third>(?P<third_number>\d{1,3})(?:[．、]|\.(?!\d)|\.(?=[2２][0０]\d\d年)))"
    r"|(?P<fourth>[（(](?P<fourth_number>\d{1,3})[）)])[、.．]?"
    rf"|(?P<named>(?:任务|行动|工程|举措|措施|攻坚战?)(?P<named_number>[{CHINESE}]{{1,3}}|\d{{1,2}})[ 　]*[:：、])"
    r"|(?P<ring>[㈠-㈩])"
    r"|(?P<fifth>[①-⑳])"
    r"|(?P<half>(?P<half_number>\d{1,2})[)）])[、.．]?"
    r"|(?P<dash>——|──|--|[●○■□◆◇▲△►▶➢➤✓√※•·]+)"
)
_FORMAL_RANK = {"编": PART, "篇": PART, "部": PART, "章": CHAPTER, "节": SECTION, "条": ARTICLE}


@dataclass(frozen=True, slots=True)
class Label:
    """`text` as written without trailing space; `number` None for dashes; `end` is the offset in the line behind it and the space that follows."""

    text: str
    rank: int
    number: int | None
    end: int


def read_label(line: str) -> Label | None:
    """The label that opens a line, None where there is none. `2025.` and `1.5亿元` open nothing; `12．` and `1.2025年` do."""
    m = _LABEL.match(line)
    if m is None:
        return None
    end = m.end()
    while end < len(line) and line[end] in " 　":
        end += 1
    if m["formal"]:
        rank, number = _FORMAL_RANK[m["formal_kind"]], _number(m["formal_number"])
    elif m["first"]:
        rank, number = FIRST, _number(m["first_number"])
    elif m["second"]:
        rank, number = SECOND, _number(m["second_number"])
    elif m["third"]:
        rank, number = THIRD, int(m["third_number"])
    elif m["fourth"]:
        rank, number = FOURTH, int(m["fourth_number"])
    elif m["named"]:
        rank, number = SECOND, _number(m["named_number"])
    elif m["half"]:
        rank, number = FIFTH, int(m["half_number"])
    elif m["fifth"]:
        rank, number = FIFTH, ord(m["fifth"]) - ord("①") + 1
    elif m["ring"]:  # ㈠ is （一） in one character
        rank, number = SECOND, ord(m["ring"]) - ord("㈠") + 1
    else:
        return Label(m["dash"], FIFTH + 1, None, end)
    if number is None or number == 0:
        return None
    return Label(m.group().rstrip(" 　"), rank, number, end)


def _number(text: str) -> int | None:
    value = parse(text)
    return int(value) if value is not None and value == int(value) else None
