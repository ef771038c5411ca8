"""Numbers with their units, dates and frequencies in one sentence. What they are for is decided in `targets`.

Every function takes a sentence after `text.narrow` (half-width, same length) and gives offsets into it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from pipeline import numerals
from pipeline.rulebook.load import Rulebook

NAME, DATE = "\x00", "\x01"  # what names and dates are blanked with, one character for one


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit.

    Attributes:
      start, end: From the words that bound it (不少于) to those after it (以上).
      number, number_end: The number and its unit alone.
      unit: With its scale as written ("万亩"); "%" for 百分之.
      comparator: As in model.Target; `bounded` is false where no word says so and "=" is only the default.
      hanzi: Written in Chinese numerals, which more often speak of structure (三个方面).
    """

    start: int
    end: int
    number: int
    number_end: int
    value: Decimal
    value_max: Decimal | None
    unit: str
    comparator: str
    bounded: bool
    per: str | None
    hanzi: bool
    rule: str


class DateKind(StrEnum):
    DEADLINE = "deadline"  # to be done by then
    GOAL = "goal"  # 到2025年: a deadline that later sentences of the paragraph share
    SINCE = "since"  # 2024年3月起: a start, no deadline
    REFERENCE = "reference"  # 比2020年: what a figure is compared with
    PAST = "past"  # before the document's year, or …以来


@dataclass(frozen=True, slots=True)
class Date:
    """A date in a sentence. `day` is the last day meant, as precise as the text ("2025", "2025-06"); None where the document's year is not known."""

    start: int
    end: int
    day: str | None
    kind: DateKind
    rule: str


@dataclass(frozen=True, slots=True)
class Frequency:
    """每年, 每季度: `name` as in model.Target, or None with `per` for those outside its list (每学期)."""

    start: int
    end: int
    name: str | None
    per: str | None
    rule: str


class QuantityReader:
    def __init__(self, rulebook: Rulebook):
        self._rules = rulebook
        self._amount = rulebook.pattern("quantities.amount")
        self._hundredths = rulebook.pattern("quantities.hundredths")
        self._index, self._half = rulebook.pattern("quantities.index"), rulebook.pattern("quantities.half")
        self._structure_unit = rulebook.pattern("quantities.structure_unit")
        self._name = rulebook.pattern("quantities.name")
        self._base = rulebook.pattern("quantities.base")
        self._compare = [(rule["id"], rulebook.pattern(rule["id"]), rule["set"]["comparator"]) for rule in rulebook.group("quantities.compare")]
        self._dates = [(id_, word, rulebook.pattern(id_)) for id_, word in _DATES.items()]
        self._frequencies = [(rule["id"], rulebook.pattern(rule["id"]), rule.get("set", {}).get("frequency"))
                             for rule in rulebook.group("targets.frequency")]
        self._cell = rulebook.pattern("deadlines.cell")
        self._around = {name: rulebook.pattern(f"deadlines.{name}") for name in _AROUND}

    def dates(self, sentence: str, year: int | None) -> list[Date]:
        """All dates, left to right; of overlapping readings the longest counts."""
        found: list[tuple[int, int, str, re.Match[str]]] = []
        for id_, word, pattern in self._dates:
            if word in sentence:
                found += [(m.start(), m.end(), id_, m) for m in pattern.finditer(sentence)]
        found.sort(key=lambda hit: (hit[0] - hit[1], hit[0]))
        kept: list[tuple[int, int, str, re.Match[str]]] = []
        for hit in found:
            if all(hit[1] <= other[0] or hit[0] >= other[1] for other in kept):
                kept.append(hit)
        return [self._date(sentence, id_, m, year) for _, _, id_, m in sorted(kept, key=lambda hit: hit[0])]

    def cell_date(self, text: str, year: int | None) -> str | None:
        """The day that a column of deadlines gives in figures or as a bare month (2025.12, 6月份)."""
        m = self._cell.match(text.strip())
        if m and m["only"]:
            return m["only"]
        return _day(m.groupdict(), year) if m else None

    def _date(self, sentence: str, id_: str, m: re.Match[str], year: int | None) -> Date:
        day = _day(m.groupdict(), year)
        before, after = sentence[max(0, m.start() - 6):m.start()], sentence[m.end():m.end() + 40]
        around = self._around
        lead = around["goal"].search(before)
        first = (year or 0) + (around["as_of"].search(before) is not None)  # the first year that is not past
        if around["past_after"].search(after):
            kind = DateKind.PAST
        elif around["since_after"].search(after):
            kind = DateKind.SINCE
        elif around["batch_before"].search(before) and "年度" in sentence[m.start():m.end() + 1]:
            kind = DateKind.REFERENCE  # 完成2024年度项目: the year names the projects
        elif around["reference_after"].search(after) or around["reference_before"].search(before) and not (
                before.endswith("占比") and around["reached_after"].search(after)):
            kind = DateKind.REFERENCE
        elif day is not None and int(day[:4]) < first:
            kind = DateKind.PAST
        elif lead or around["goal"].search(m.group()[:1]) or around["goal_after"].search(after):
            kind = DateKind.GOAL
        else:
            kind = DateKind.DEADLINE
        return Date(m.start() - len(lead.group()) if lead else m.start(), m.end(), day, kind, id_)

    def frequencies(self, sentence: str) -> list[Frequency]:
        found = []
        for id_, pattern, name in self._frequencies:
            found += [Frequency(m.start(), m.end(), name, m.groupdict().get("per"), id_) for m in pattern.finditer(sentence)]
        found.sort(key=lambda f: (f.start, -f.end))
        return [f for i, f in enumerate(found) if not any(other.start <= f.start < other.end for other in found[:i])]

    def blank(self, sentence: str, dates: list[Date], frequencies: list[Frequency]) -> str:
        """The sentence with names, bases of counting, dates and frequencies blanked out, same length."""
        for pattern in (self._name, self._base):
            sentence = pattern.sub(lambda m: NAME * len(m.group()), sentence)
        chars = list(sentence)
        for span in (*dates, *frequencies):
            if sentence[span.start] != "/":
                chars[span.start:span.end] = DATE * (span.end - span.start)
        return "".join(chars)

    def quantities(self, blanked: str) -> list[Quantity]:
        """All quantities of a sentence that `blank` has been over."""
        found = [self._quantity(blanked, m, "quantities.amount") for m in self._amount.finditer(blanked)]
        if "分之" in blanked:
            found += [self._quantity(blanked, m, "quantities.hundredths") for m in self._hundredths.finditer(blanked)]
        if any(word in blanked for word in _INDEX_WORDS):
            found += [self._quantity(blanked, m, "quantities.index") for m in self._index.finditer(blanked)]
        if "半数" in blanked:
            found += [Quantity(m.start(), m.end(), m.start(), m.start() + 2, Decimal(50), None, "%", ">=", True, None, False, "quantities.half")
                      for m in self._half.finditer(blanked)]
        return sorted((q for q in found if q is not None), key=lambda q: q.number)

    def _quantity(self, text: str, m: re.Match[str], rule: str) -> Quantity | None:
        parts = m.groupdict()
        written, top = "一百" if parts["hanzi"] == "百" else parts["value"] or parts["hanzi"], None
        value = numerals.parse(written)
        if value is None:
            value, top = numerals.between(written) or (None, None)
        if value is None:
            return None
        begin, scale = m.start("value") if rule == "quantities.index" else m.start(), parts.get("scale") or ""
        highest = parts.get("max") or parts.get("hanzi_max")
        if highest:
            top, scale_max = numerals.parse(highest), parts.get("scale_max") or ""
            if top is None or top <= value and scale == scale_max:
                return None
            scale = scale_max or scale
        loose = top is not None and not highest or parts.get("more") == "来"  # 五六场, 三百来人 count things, they speak of no structure
        hanzi = bool(parts["hanzi"]) and "base" not in parts and not (loose and not self._structure_unit.search(parts["unit"] or ""))
        if "base" in parts:
            unit = "%" if parts["base"] == "百" else "‰"
        else:
            unit = scale + (parts["unit"] or "")
        comparator, bounded = "=", False
        start, end = begin, m.end()
        for id_, pattern, sign in self._compare:
            if id_.endswith("_after"):
                hit = pattern.match(text[m.end():m.end() + 8])
                if hit:
                    comparator, bounded, rule, end = sign, True, id_, m.end() + hit.end()
            else:
                hit = pattern.search(text[max(0, begin - 20):begin].rstrip())
                if hit and not (bounded and sign == "~"):
                    comparator, bounded, rule = sign, True, id_
                    start = begin if id_.endswith("_far") else max(0, begin - 20) + hit.start()
        if not bounded and (parts.get("more") or parts.get("more_before")):
            comparator = "~" if parts.get("more") == "来" else ">"
        return Quantity(start, end, begin, m.end(), value, top, unit, comparator, bounded, parts.get("per"), hanzi, rule)


# Each date rule with a word that it cannot do without: looking for the word first is ten times cheaper than the pattern.
_DATES = {"deadlines.years": "年", "deadlines.months": "月", "deadlines.day": "日", "deadlines.month": "月", "deadlines.quarter": "季度",
          "deadlines.half": "半年", "deadlines.year": "年", "deadlines.month_only": "月", "deadlines.relative": "年", "deadlines.plan": "五",
          "deadlines.span": "年"}
_INDEX_WORDS = ("指数", "系数", "入比", "生比", "护比", "师比", "差比", "出比", "比值", "满意度", "倍差")  # as above, for quantities.index
_AROUND = ("goal", "goal_after", "as_of", "reference_before", "reference_after", "reached_after", "batch_before", "since_after", "past_after")
_QUARTERS = {"一": 3, "二": 6, "三": 9, "四": 12, "1": 3, "2": 6, "3": 9, "4": 12}


def _day(parts: dict[str, str | None], year: int | None) -> str | None:
    """The last day that the groups of a date rule mean: "2025", "2025-06" or "2025-06-30"."""
    if parts.get("plan"):
        return str(1955 + 5 * int(numerals.parse(parts["plan"])))  # since 三五 (1970) the n-th plan ends in 1955 + 5n
    if parts.get("year"):
        which = int(numerals.parse(parts.get("to_year") or parts["year"]))
    elif year is None:
        return None
    elif parts.get("span"):
        return str(year + int(numerals.parse(parts["span"])))
    else:
        which = year + (parts.get("relative") == "明年")
    if parts.get("quarter"):
        return f"{which}-{_QUARTERS[parts['quarter']]:02d}"
    if parts.get("half"):
        return f"{which}-{6 if parts['half'] == '上半年' else 12:02d}"
    if parts.get("month"):
        month = f"{which}-{int(numerals.parse(parts['month'])):02d}"
        return f"{month}-{int(numerals.parse(parts['day'])):02d}" if parts.get("day") else month
    return str(which)
