"""Characters and places: folding that keeps offsets, sentences that keep quotes whole.

Every function works on code points; none changes the length of a text, so an offset found in a folded text holds in the original.
"""

from __future__ import annotations

import re
from functools import lru_cache

# Full-width ASCII to ASCII, one for one. NFKC is not used: it changes lengths (㎡ → m2).
_WIDE = {0xFF01 + i: chr(0x21 + i) for i in range(94)}
_WIDE[0x3000] = " "
_FOLD = dict(_WIDE)
for _odd, _plain in {"〔": "(", "〕": ")", "【": "(", "】": ")", "[": "(", "]": ")", "［": "(", "］": ")", "﹝": "(", "﹞": ")",
                     "“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "—": "-", "－": "-", "–": "-", "―": "-", "～": "~",
                     "•": "·", "・": "·", "﹒": ".", "\u00a0": " ", "\t": " "}.items():
    _FOLD[ord(_odd)] = _plain

_OPEN = "“‘（(〔【《〈[「『"
_CLOSE = "”’）)〕】》〉]」』"
_ANY = re.compile("[" + re.escape(_OPEN + _CLOSE) + "]")


def narrow(text: str) -> str:
    """Full-width letters, digits and ASCII punctuation made half-width; same length. `（` becomes `(`, `，` becomes `,`, `。` stays."""
    return _WIDE_CHAR.sub(lambda m: _WIDE[ord(m.group())], text)


def half_digits(text: str) -> str:
    """Full-width digits, letters, `．` and `％` made half-width, other punctuation left as it stands; same length."""
    return _DIGIT_CHAR.sub(lambda m: _DIGITS[ord(m.group())], text)


_DIGITS = {code: plain for code, plain in _WIDE.items() if plain.isalnum() or plain in ".%"}


def _any_of(table: dict[int, str]) -> re.Pattern[str]:
    """The characters that a table changes: a pattern that looks for these few takes half the time of `str.translate`, which asks for every character."""
    return re.compile("[" + "".join(re.escape(chr(code)) for code in table) + "]")


_WIDE_CHAR, _DIGIT_CHAR, _FOLD_CHAR = _any_of(_WIDE), _any_of(_DIGITS), _any_of(_FOLD)


def fold(text: str) -> str:
    """`narrow`, and all brackets round, all dashes short, all quotes straight, letters small; same length. For comparing, never for showing."""
    folded = _FOLD_CHAR.sub(lambda m: _FOLD[ord(m.group())], text)
    lower = folded.lower()
    return lower if len(lower) == len(folded) else folded


def bare(text: str) -> str:
    """Folded and without white space or punctuation: what two wordings must share to be called the same. Not length-keeping."""
    return _PUNCTUATION.sub("", fold(text))


_PUNCTUATION = re.compile(r"[\s,.;:!?、。()\"'<>《》〈〉·~\-—…/|「」『』]+")


def sentences(text: str, start: int = 0, end: int | None = None, stops: str = "。；;！？!?") -> list[tuple[int, int]]:
    """Half-open offsets of the sentences in `text[start:end]`, each with its final stop, white space at both ends left out.

    A stop inside quotation marks or brackets ends nothing; a bracket that never closes is taken for an ordinary character, and so is a closing one without
    its opening. An ASCII `;` counts, a `.` does not (1. and 2.5 are too common). A closing quote right after a stop belongs to its sentence.
    """
    end = len(text) if end is None else end
    close_of = _matching(text, start, end)
    looked_for = _stops_or_brackets(stops)
    found: list[tuple[int, int]] = []
    begin = start
    hit = looked_for.search(text, start, end)
    while hit:
        at = hit.start()
        if at in close_of:
            at = close_of[at]
        elif text[at] not in _OPEN:
            at += 1
            while at < end and text[at] in "”’":
                at += 1
            _append(text, begin, at, found)
            begin = at
            at -= 1
        hit = looked_for.search(text, at + 1, end)
    _append(text, begin, end, found)
    return found


@lru_cache
def _stops_or_brackets(stops: str) -> re.Pattern[str]:
    return re.compile("[" + re.escape(stops + "\n" + _OPEN) + "]")


def _append(text: str, begin: int, end: int, found: list[tuple[int, int]]) -> None:
    while begin < end and text[begin].isspace():
        begin += 1
    while begin < end and text[end - 1].isspace():
        end -= 1
    if begin < end:
        found.append((begin, end))


def _matching(text: str, start: int, end: int) -> dict[int, int]:
    """Offset of each opening bracket to the offset of its closing one, for those that do close in this range (half- and full-width mix freely)."""
    stack: list[tuple[int, int]] = []
    pairs: dict[int, int] = {}
    for hit in _ANY.finditer(text, start, end):
        i, char = hit.start(), hit.group()
        kind = _OPEN.find(char)
        if kind >= 0:
            stack.append((_FAMILY[_OPEN[kind]], i))
            continue
        kind = _CLOSE.find(char)
        if kind >= 0:
            family = _FAMILY[_CLOSE[kind]]
            for back in range(len(stack) - 1, -1, -1):
                if stack[back][0] == family:
                    pairs[stack[back][1]] = i
                    del stack[back:]
                    break
    return pairs


# （ and ( close each other: offices mix them. Quotes, book marks and square brackets keep to themselves.
_FAMILY = {"“": 0, "”": 0, "‘": 1, "’": 1, "（": 2, "(": 2, "）": 2, ")": 2, "〔": 3, "〕": 3, "【": 4, "】": 4, "[": 3, "]": 3,
           "《": 6, "》": 6, "〈": 7, "〉": 7, "「": 8, "」": 8, "『": 9, "』": 9}


def matching(text: str, start: int = 0, end: int | None = None) -> dict[int, int]:
    """Opening bracket or quote → its closing one, by offset; unbalanced ones are left out."""
    return _matching(text, start, len(text) if end is None else end)


def parts(text: str, separators: str) -> list[str]:
    """The non-empty parts of a list, stripped; separators inside brackets or quotes do not count."""
    pairs, found, begin, i = matching(text), [], 0, 0
    while i < len(text):
        if i in pairs:
            i = pairs[i]
        elif text[i] in separators:
            found.append(text[begin:i])
            begin = i + 1
        i += 1
    found.append(text[begin:])
    return [part.strip() for part in found if part.strip()]


def printable(text: str) -> str:
    """Without the characters that XML 1.0 cannot hold, not even escaped: for files that are XML inside. Not length-keeping."""
    return _NOT_XML.sub("", text)


_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
