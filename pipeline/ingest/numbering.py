"""Automatic numbers of Word: counters, and the forms that Word counts in (ISO/IEC 29500-1, 17.9 and 17.18.59)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from lxml.etree import _Element as Element

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_VAL = f"{W}val"
_DIGITS = "〇一二三四五六七八九"
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
_ROMAN = ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))
_PLACEHOLDER = re.compile(r"%([1-9])")


def _digitwise(number: int, digits: str = _DIGITS) -> str:
    return "".join(digits[int(digit)] for digit in str(number))


def _counting(number: int, digits: str = "零一二三四五六七八九", units: str = "十百千万", bare_ten: bool = True) -> str:
    """一百零一, 二十, 十二 (without 一 before a leading 十 where `bare_ten`)."""
    if number == 0:
        return digits[0]
    if number >= 10_000:
        high, low = divmod(number, 10_000)
        rest = (digits[0] if low < 1000 else "") + _counting(low, digits, units, bare_ten=False) if low else ""
        return _counting(high, digits, units, bare_ten) + units[3] + rest
    text, gap = "", False
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if digit:
            text += (digits[0] if gap and text else "") + digits[digit] + (units[place - 1] if place else "")
            gap = False
        elif text:
            gap = True
    return text[1:] if bare_ten and 10 <= number < 20 else text


def _up_to_99(number: int) -> str:
    """chineseCounting: 九十九, then digit by digit (一〇〇)."""
    return _counting(number) if number < 100 else _digitwise(number)


def _japanese(number: int) -> str:
    """百, 百一, 二百: no 一 before 十, 百, 千 and no 零."""
    return re.sub("一(?=[十百千])", "", _counting(number).replace("零", "")) or "〇"


def _letters(number: int) -> str:
    """a … z, aa, bb: Word repeats the letter."""
    return chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1) if number > 0 else ""


def _roman(number: int) -> str:
    text = ""
    for value, sign in _ROMAN:
        text += sign * (number // value)
        number %= value
    return text


def _series(first: str, count: int, then: Callable[[int], str] = str) -> Callable[[int], str]:
    """Signs that follow each other in Unicode: ① ② ③."""
    return lambda number: chr(ord(first) + number - 1) if 1 <= number <= count else then(number)


def _circled(number: int) -> str:
    for low, high, first in ((1, 20, "①"), (21, 35, "㉑"), (36, 50, "㊱")):
        if low <= number <= high:
            return chr(ord(first) + number - low)
    return "⓪" if number == 0 else str(number)


_FORMS: dict[str, Callable[[int], str]] = {
    "decimal": str,
    "decimalZero": lambda number: f"{number:02d}",
    "decimalHalfWidth": str,
    "decimalFullWidth": lambda number: str(number).translate({48 + digit: 0xFF10 + digit for digit in range(10)}),
    "decimalFullWidth2": lambda number: str(number).translate({48 + digit: 0xFF10 + digit for digit in range(10)}),
    "decimalEnclosedCircle": _circled,
    "decimalEnclosedCircleChinese": _circled,
    "decimalEnclosedFullstop": _series("⒈", 20, lambda number: f"{number}."),
    "decimalEnclosedParen": _series("⑴", 20, lambda number: f"({number})"),
    "numberInDash": lambda number: f"- {number} -",
    "chineseCounting": _up_to_99,
    "chineseCountingThousand": _counting,
    "taiwaneseCounting": _up_to_99,
    "taiwaneseCountingThousand": _counting,
    "taiwaneseDigital": _digitwise,
    "ideographDigital": _digitwise,
    "japaneseDigitalTenThousand": _digitwise,
    "japaneseCounting": _japanese,
    "chineseLegalSimplified": lambda number: _counting(number, "零壹贰叁肆伍陆柒捌玖", "拾佰仟萬", bare_ten=False),
    "ideographLegalTraditional": lambda number: _counting(number, "零壹貳參肆伍陸柒捌玖", "拾佰仟萬", bare_ten=False),
    "japaneseLegal": lambda number: _counting(number, "零壱弐参四五六七八九", "拾百阡萬", bare_ten=False),
    "ideographTraditional": lambda number: _STEMS[(number - 1) % 10],
    "ideographZodiac": lambda number: _BRANCHES[(number - 1) % 12],
    "ideographZodiacTraditional": lambda number: _STEMS[(number - 1) % 10] + _BRANCHES[(number - 1) % 12],
    "ideographEnclosedCircle": _series("㊀", 10, _counting),
    "lowerLetter": _letters,
    "upperLetter": lambda number: _letters(number).upper(),
    "lowerRoman": lambda number: _roman(number).lower(),
    "upperRoman": _roman,
    "ordinal": str,
    "none": lambda number: "",
    "bullet": lambda number: "",
}


def form(number: int, name: str) -> str:
    """A number as Word writes it in a format; decimal for formats unknown here. Numbers are kept between 0 and 32,767, as Word does."""
    return _FORMS.get(name, str)(min(max(number, 0), 32_767))


@dataclass(slots=True)
class Level:
    """One level of a list. `restart` as in w:lvlRestart: None restarts after any higher level, 0 never, k after level k (from 1) or higher."""

    start: int = 1
    format: str = "decimal"
    text: str = ""
    suffix: str = "tab"
    restart: int | None = None
    legal: bool = False
    style: str | None = None


@dataclass(slots=True)
class Numbering:
    """The lists of a document and how far each has counted; lists that share an abstract definition share its counters."""

    abstract: dict[str, Element] = field(default_factory=dict)  # templates bring a dozen; only those that a paragraph asks for are read
    lists: dict[str, tuple[str, dict[int, int], dict[int, Level]]] = field(default_factory=dict)  # num id → abstract id, start overrides, level overrides
    counters: dict[str, dict[int, int]] = field(default_factory=dict)
    overridden: set[tuple[str, int]] = field(default_factory=set)
    known: dict[str, dict[int, Level]] = field(default_factory=dict)  # num id → its levels, overrides and all

    def level_of_style(self, num: str, style: str) -> int:
        """The level that names a paragraph style as its own, 0 where none does."""
        return next((index for index, level in sorted(self._levels(num).items()) if level.style == style), 0)

    def label(self, num: str, index: int) -> str:
        """Count one paragraph of a list on, and return its number as text ("（一）", "1.1 "); "" for bullets and unknown lists.

        A tab after the number is left out where the number ends in punctuation: typed documents have none there.
        """
        levels = self._levels(num)
        level = levels.get(index)
        if level is None:
            return ""
        abstract, starts, _ = self.lists[num]
        counters = self.counters.setdefault(abstract, {})
        if index in starts and (num, index) not in self.overridden:
            self.overridden.add((num, index))
            counters[index] = starts[index]
        else:
            counters[index] = counters[index] + 1 if index in counters else level.start
        for deeper in [deeper for deeper in counters if deeper > index]:
            restart = levels[deeper].restart if deeper in levels else None
            if restart is None or restart and index < restart:
                del counters[deeper]
        if level.format == "bullet":
            return ""
        text, *rest = _PLACEHOLDER.split(level.text)  # text and levels (from 1) by turns
        for place, between in zip(rest[::2], rest[1::2]):
            of = levels.get(int(place) - 1) or Level()
            text += form(counters.get(int(place) - 1, of.start), "decimal" if level.legal and of.format != "decimalZero" else of.format) + between
        if not text or level.suffix == "nothing" or level.suffix == "tab" and text[-1] in "、．.）)】：:":
            return text
        return f"{text} "

    def _levels(self, num: str) -> dict[int, Level]:
        """The levels of a list, {} for an unknown one."""
        if num not in self.known:
            abstract, _, overrides = self.lists.get(num, ("", {}, {}))
            element = self.abstract.get(abstract)
            own = {_integer(level.get(f"{W}ilvl")): _level(level) for level in element.iter(f"{W}lvl")} if element is not None else {}
            self.known[num] = own | overrides
        return self.known[num]


def read(root: Element | None, list_of_style: dict[str, str]) -> Numbering:
    """The numbering part of a document.

    Args:
      list_of_style: Numbering style → its num id, for definitions that stand in a style (w:numStyleLink).
    """
    numbering, style_links = Numbering(), {}  # abstract id → numbering style that holds its levels
    if root is None:
        return numbering
    for element in root.iter(f"{W}abstractNum"):
        name = element.get(f"{W}abstractNumId", "")
        numbering.abstract[name] = element
        link = element.find(f"{W}numStyleLink")
        if link is not None:
            style_links[name] = link.get(f"{W}val", "")
    for element in root.iter(f"{W}num"):
        target = element.find(f"{W}abstractNumId")
        if target is None:
            continue
        starts, levels = {}, {}
        for override in element.iter(f"{W}lvlOverride"):
            index = _integer(override.get(f"{W}ilvl"))
            if (level := override.find(f"{W}lvl")) is not None:
                levels[index] = _level(level)
                starts[index] = levels[index].start
            if (start := override.find(f"{W}startOverride")) is not None:
                starts[index] = _integer(start.get(f"{W}val"))
        numbering.lists[element.get(f"{W}numId", "")] = (target.get(f"{W}val", ""), starts, levels)
    for name, style in style_links.items():
        num = list_of_style.get(style)
        if num in numbering.lists and numbering.lists[num][0] != name:
            numbering.abstract[name] = numbering.abstract.get(numbering.lists[num][0], numbering.abstract[name])
    return numbering


def _level(element: Element) -> Level:
    own = {child.tag: child.get(_VAL, "") for child in element}
    format_ = own.get(f"{W}numFmt")
    if format_ is None:  # newer formats stand in mc:AlternateContent; the first choice is Word's own
        inner = element.find(f".//{W}numFmt")
        format_ = "decimal" if inner is None else inner.get(_VAL, "decimal")
    return Level(
        start=_integer(own.get(f"{W}start"), 1 if f"{W}start" in own else 0),
        format=format_ or "decimal",
        text=own.get(f"{W}lvlText", ""),
        suffix=own.get(f"{W}suff") or "tab",
        restart=_integer(own[f"{W}lvlRestart"]) if f"{W}lvlRestart" in own else None,
        legal=f"{W}isLgl" in own and (own[f"{W}isLgl"] or "1") not in ("0", "false", "off"),
        style=own.get(f"{W}pStyle"),
    )


def _integer(value: str | None, default: int = 0) -> int:
    try:
        return int(value) if value is not None else default
    except ValueError:
        return default
