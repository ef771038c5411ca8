"""Chinese and Arabic numerals, there and back, exact.

Meant for spans already known to be numbers: nothing is searched or replaced inside a text, so 一事一议 stays what it is.
"""

from __future__ import annotations

import re
from decimal import Decimal

from pipeline.text import narrow

_DIGITS = {char: value for value, chars in enumerate(("零〇○", "一壹弌", "二两貳贰兩", "三叁參叄", "四肆", "五伍", "六陆陸", "七柒", "八捌", "九玖"))
           for char in chars}
_STEPS = (("亿億", 10**8), ("万萬", 10**4), ("千仟", 1000), ("百佰", 100), ("十拾", 10))
_PLACES = tuple((chars[0], size) for chars, size in _STEPS)
_ONE_SHAPE = str.maketrans({char: chars[0] for chars, _ in _STEPS for char in chars})
_SIZES = {char: size for chars, size in _STEPS for char in chars}
_WRITTEN = "零一二三四五六七八九"

_ARABIC = re.compile(r"(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?")
_SCALE = re.compile(r"[十百千]?[万萬]?[亿億]|[十百千]?[万萬]|[百千]")
_ABOUT = re.compile(r"(?P<before>[一二三四五六七八九十百千万]*?)(?P<low>[一二两三四五六七八九])(?P<high>[二两三四五六七八九])(?P<after>[十百千万亿]*)")
_NEIGHBOURS = ("一二", "二三", "三四", "四五", "五六", "六七", "七八", "八九", "三五")
_CHINESE_SCALED = re.compile(r"(.*[^万萬亿億])([万萬]?[亿億]|[万萬])")


def parse(text: str) -> Decimal | None:
    """The value of a numeral, None where the text is not one numeral and nothing else.

    Digits of any width, thousands separators, Chinese numerals (simplified, traditional, financial), digits read one by one (二〇二五),
    colloquial endings (两千三 is 2300), 半 and 三点五; digits with a scale (16.4亿 is exactly 1640000000). 三五 (three to five) is no single number.
    """
    apart = split(text)
    if apart is None:
        return None
    value, scale = apart
    for char in scale:
        value *= _SIZES[char]
    return value


def between(text: str) -> tuple[Decimal, Decimal] | None:
    """The two ends of a number said by two digits that follow each other (五六 is 5 to 6, 二三十 is 20 to 30, 三五千 is 3000 to 5000), else None."""
    m = _ABOUT.fullmatch(text)
    if m is None or (m["low"] + m["high"]).replace("两", "二") not in _NEIGHBOURS:
        return None
    low, high = (parse(m["before"] + m[which] + m["after"]) for which in ("low", "high"))
    return None if low is None or high is None else (low, high)


def split(text: str) -> tuple[Decimal, str] | None:
    """Value and scale apart, as written: 1.2万 is 1.2 and 万, 两万 is 2 and 万, 三千 is 3000 and no scale. None where it is no numeral."""
    text = narrow(text).replace(" ", "")
    arabic = _ARABIC.match(text)
    if arabic:
        scale = text[arabic.end():]
        if scale and not _SCALE.fullmatch(scale):
            return None
        return Decimal(arabic.group(1).replace(",", "") + (arabic.group(2) or "")), scale
    scaled = _CHINESE_SCALED.fullmatch(text)
    if scaled:
        value = _plain(scaled.group(1))
        if value is not None:
            return value, scaled.group(2)
    value = _plain(text)
    return None if value is None else (value, "")


def write(number: int) -> str:
    """An integer as a Chinese numeral: 12 is 十二, 10203 is 一万零二百零三.

    Raises:
      ValueError: A negative number, or one from 10**16 up.
    """
    if not 0 <= number < 10**16:
        raise ValueError(f"{number}：只能写出0到一亿亿以内的整数")
    written = _written(number)
    return written[1:] if written.startswith("一十") else written


def _written(number: int) -> str:
    for chars, size in _STEPS:
        if number >= size:
            high, low = divmod(number, size)
            gap = "零" if 0 < low < size // 10 else ""
            return _written(high) + chars[0] + gap + (_written(low) if low else "")
    return _WRITTEN[number]


def _plain(text: str) -> Decimal | None:
    """A numeral in Chinese characters."""
    if text == "半":
        return Decimal("0.5")
    whole, point, fraction = text.partition("点")
    if point:
        digits = [_DIGITS.get(char) for char in fraction]
        units = _integer(whole.translate(_ONE_SHAPE), 0)
        return Decimal(f"{units}.{''.join(map(str, digits))}") if units is not None and digits and None not in digits else None
    if len(text) > 1 and all(char in _DIGITS for char in text):
        one_by_one = len(text) > 2 or any(_DIGITS[char] == 0 for char in text)
        return Decimal("".join(str(_DIGITS[char]) for char in text)) if one_by_one else None
    value = _integer(text.replace("廿", "二十").replace("卅", "三十").translate(_ONE_SHAPE), 0)
    return None if value is None else Decimal(value)


def _integer(text: str, place: int) -> int | None:
    """An integer written with the places from the given one (an index into _PLACES) down."""
    for i in range(place, len(_PLACES)):
        char, size = _PLACES[i]
        at = text.rfind(char)
        if at < 0:
            continue
        high = 1 if at == 0 and size == 10 else _integer(text[:at], i + 1)
        low = _rest(text[at + 1:], size, i + 1)
        if not high or low is None or high >= (10 if size < 10**4 else size):
            return None
        return high * size + low
    return _DIGITS.get(text)


def _rest(text: str, size: int, place: int) -> int | None:
    """What follows a place: nothing, 零五, a smaller numeral, or one digit for the next place (the 三 of 两千三)."""
    if not text:
        return 0
    if _DIGITS.get(text[0]) == 0:
        value = _integer(text[1:], place)
        return value if value and value < size // 10 else None
    if len(text) == 1:
        digit = _DIGITS.get(text)
        return None if digit is None else digit * size // 10
    value = _integer(text, place)
    return value if value and value < size else None
