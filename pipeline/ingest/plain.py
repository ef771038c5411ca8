"""txt → blocks: which encoding, which lines belong together, which are rows of a table."""

from __future__ import annotations

import re

from pipeline.errors import UnreadableFile
from pipeline.ingest import limits, reflow
from pipeline.ingest.blocks import LINE_BREAK, Block, Reading
from pipeline.ingest.tables import GridCell, rows

_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe\0\0", "utf-32"), (b"\0\0\xfe\xff", "utf-32"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_CONTROL = re.compile("[\x00-\x08\x0e-\x19\x1b-\x1f\x7f-\x84\x86-\x9f\ufffd\ufffe\uffff]")
_PAGE_NUMBER = re.compile(r"\s*(?:[-—–－]+\s*\d{1,4}\s*[-—–－]+|第\s*\d{1,4}\s*页(?:\s*[/，,]?\s*共\s*\d{1,4}\s*页)?|PAGE)\s*")
_RULE = re.compile(r"[\s|:：\-—─┼＋+]*")
_SIDE_BARS = str.maketrans({"｜": "|", "│": "|", "┃": "|"})
# Shares of characters. In real plans 97 % or more are common ones; random bytes that happen to decode as GB18030 have about 20 %.
_COMMON_SHARE = 0.7
_CONTROL_SHARE = 0.005


def read(content: bytes, name: str) -> Reading:
    if len(content) > limits.TEXT_BYTES:
        raise UnreadableFile(name, f"文本文件超过 {limits.TEXT_BYTES // 1024 // 1024} MB", "请检查是否选错了文件，或拆分后再试")
    return Reading("txt", blocks_of(decode(content, name)))


def decode(content: bytes, name: str) -> str:
    """BOM, then UTF-8, then UTF-16 without BOM, then GB18030, all strict: a wrong character is worse than a refusal.

    Raises:
      UnreadableFile: No encoding fits, or one fits and the result does not look like text.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            candidates = (encoding,)
            break
    else:
        candidates = ("utf-8", "utf-16-le", "utf-16-be", "gb18030") if b"\0" in content else ("utf-8", "gb18030", "utf-16-le", "utf-16-be")
    for encoding in candidates:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _plausible(text, strict_encoding=encoding in ("utf-8", "utf-8-sig")):
            return text
    raise UnreadableFile(name, "不是文字，或编码无法识别（试过 UTF-8、UTF-16、GB18030）", "请用记事本或 WPS 打开，另存为 UTF-8 文本或 .docx 后重试")


def _plausible(text: str, strict_encoding: bool) -> bool:
    """Does decoded text look written? UTF-8 proves itself, so there only control characters are counted."""
    ink = sum(not char.isspace() for char in text)
    if not ink:
        return True
    if len(_CONTROL.findall(text)) > len(text) * _CONTROL_SHARE:
        return False
    return strict_encoding or sum(map(_common, filter(lambda char: not char.isspace(), text))) >= ink * _COMMON_SHARE


def _common(char: str) -> bool:
    """ASCII, Chinese punctuation, and the 3,755 characters of GB 2312 level one, which make up 99 % of modern text."""
    if char < "\x7f" or "\u3000" <= char <= "\u301f" or "\uff01" <= char <= "\uff5e" or char in "“”‘’—…·":
        return True
    if not "\u4e00" <= char <= "\u9fff":
        return False
    code = char.encode("gb18030")
    return len(code) == 2 and 0xB0 <= code[0] <= 0xD7 and code[1] >= 0xA1


def blocks_of(text: str) -> list[Block]:
    """Paragraphs and tables of a text. Lines with two bars or more are rows; bars may frame the line, and a line of dashes under the head is no row."""
    found: list[Block] = []
    lines: list[str] = []
    grid: list[list[str]] = []
    table = 0
    for line in [*LINE_BREAK.split(text), None]:
        cells = _cells(line) if line is not None else []
        if cells:
            found += [Block(piece) for piece in reflow.paragraphs(lines)]
            lines = []
            grid.append(cells)
            continue
        if grid and (line is None or line.strip()):
            if _RULE.fullmatch(line or "-") and line is not None:
                continue
            found += rows([[GridCell([cell]) for cell in row] for row in grid], table, heads=int(len(grid) > 1))
            table, grid = table + 1, []
        if line is not None and not _PAGE_NUMBER.fullmatch(line):
            lines.append(line.replace("\t", " ").replace("\ufeff", ""))
    return found + [Block(piece) for piece in reflow.paragraphs(lines)]


def _cells(line: str) -> list[str]:
    """Cells of a row, [] for any other line."""
    line = line.translate(_SIDE_BARS).strip()
    if line.count("|") < 2 or _RULE.fullmatch(line):
        return []
    if line[0] == line[-1] == "|":
        line = line[1:-1]
    return line.split("|")
