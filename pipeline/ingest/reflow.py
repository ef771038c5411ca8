"""Lines → paragraphs, for every format that knows lines only (txt, PDF, OCR).

Whether a line goes on in the next is decided by its form alone: brackets left open, a comma at its end, its width beside
that of its neighbours. Nothing here knows a word.
"""

from __future__ import annotations

import re
import unicodedata

from pipeline.ingest import limits

# How an item opens: 一、 （一） 1. 1、 (1) ① 第一章 一是. After one of these a new paragraph begins, whatever the line before looks like.
ITEM = re.compile(r"\s*(?:第[一二三四五六七八九十百零〇\d]{1,4}[章节条篇部编]|[一二三四五六七八九十百]{1,4}、|[（(][一二三四五六七八九十百\d]{1,4}[）)]"
                  r"|[\d０-９]{1,3}[.．、](?![\d０-９])|[\d０-９]{1,2}[)）]|[①-⑳㈠-㈩⑴-⒇⒈-⒛])")
_PAIRS = {"《": "》", "“": "”", "（": "）", "(": ")", "〔": "〕", "【": "】", "〈": "〉"}
_CLOSING = {close: open_ for open_, close in _PAIRS.items()} | {")": "（", "）": "（"}
_FINAL = "。；：！？!?;:"
_GOES_ON = "、，,"
# How many further lines may pass before an open bracket must close; more than this and the bracket is a slip of the pen.
_BRACKET_LINES = 3
# Columns by which full lines differ: stops hang over the edge, an opening bracket or half a word moves to the next line.
_RAGGED = 8


def width(text: str) -> int:
    """Columns on a terminal or typewriter: CJK counts two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WFA" else 1 for char in text)


def open_brackets(text: str) -> str:
    """The brackets, quotes and book marks that `text` opens and does not close, in order; half- and full-width round brackets close each other."""
    stack: list[str] = []
    for char in text if len(text) <= limits.PARAGRAPH_CHARACTERS else "":
        if char in _PAIRS:
            stack.append("（" if char == "(" else char)
        elif _CLOSING.get(char) in stack:
            while stack.pop() != _CLOSING[char]:
                pass
    return "".join(stack)


def join(first: str, second: str) -> str:
    """Two pieces of one paragraph: no break between Chinese characters, a space between two Latin words."""
    if first and second and first[-1].isascii() and second[0].isascii() and first[-1].isalpha() and second[0].isalpha():
        return f"{first} {second}"
    return first + second


def closes_soon(line: str, following: list[str]) -> int:
    """How many of the following lines belong to `line` because it leaves a bracket open that they close; 0 for none."""
    if line[-1] in "。；" or not open_brackets(line):
        return 0
    together = line
    for count, following_line in enumerate(following[:_BRACKET_LINES], start=1):
        if ITEM.match(following_line):
            return 0
        together = join(together, following_line)
        left = open_brackets(together)
        if not left:
            return count
        if following_line[-1] in "。；":
            return 0
    return 0


def goes_on(line: str, following: str) -> bool:
    """Does a line that ends in a comma go on in the next?"""
    return line[-1] in _GOES_ON and not ITEM.match(following)


def ends(line: str) -> bool:
    """Does a line end where a sentence or a lead-in ends (closing quotes and brackets apart)?"""
    return line.rstrip("”’）)》】")[-1:] in tuple(_FINAL)


def paragraphs(lines: list[str]) -> list[str]:
    """Paragraphs of a text file.

    Args:
      lines: As in the file, with their indents; "" or blanks for an empty line, which always ends a paragraph except inside an open bracket or after a comma.
    """
    lines = _unwrapped(lines) if _hard_wrapped(lines) else [line.strip() for line in lines]
    filled = [line for line in lines if line]
    found: list[str] = []
    index = 0
    while index < len(filled):
        line = filled[index]
        index += 1
        last = index + limits.JOINED_LINES
        while index < min(last, len(filled)):
            count = closes_soon(line, filled[index:index + _BRACKET_LINES]) or int(goes_on(line, filled[index]))
            if not count:
                break
            for piece in filled[index:index + count]:
                line = join(line, piece)
            index += count
        found.append(line)
    return found


def _hard_wrapped(lines: list[str]) -> bool:
    """No line is longer than a quarter of them, and those do not end where a sentence ends: the file was printed to a width."""
    widths = sorted(width(line.rstrip()) for line in lines if line.strip())
    if len(widths) < 8:
        return False
    full = widths[len(widths) * 9 // 10]
    if not 40 <= full <= 200 or widths[-1] > full + _RAGGED:
        return False
    near = [line for line in lines if line.strip() and abs(width(line.rstrip()) - full) <= _RAGGED]
    return len(near) * 4 >= len(widths) and sum(not ends(line.rstrip()) for line in near) * 10 >= len(near) * 4


def _unwrapped(lines: list[str]) -> list[str]:
    """Join each full line with the next. A blank line, an indent and an item's number begin a new paragraph.

    Where paragraphs show where they begin by none of these, a stop at a full line's end ends one.
    """
    filled = [line for line in lines if line.strip()]
    full = sorted(width(line.rstrip()) for line in filled)[len(filled) * 9 // 10] - _RAGGED
    blanks = sum(not line.strip() for line in lines[1:-1])
    marked = max(sum(line[0].isspace() for line in filled), blanks) * 20 >= len(filled)  # paragraphs show where they begin
    found: list[str] = []
    open_line = False
    for line in lines:
        text = line.strip()
        if not text:
            open_line = False
            continue
        if open_line and len(found[-1]) <= limits.PARAGRAPH_CHARACTERS and not line[0].isspace() and not ITEM.match(line):
            found[-1] = join(found[-1], text)
        else:
            found.append(text)
        open_line = width(line.rstrip()) >= full and (marked or not ends(text))
    return found
