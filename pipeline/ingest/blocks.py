"""What every reader hands over, and how it becomes canonical text.

A reader returns a `Reading`: blocks in reading order, with whatever white space the file had. `assemble` alone cleans,
joins and counts offsets, so the rules of the canonical text stand in one place.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from pipeline import model

# Line ends of every kind, among them those that str.splitlines() knows and "\n" does not.
LINE_BREAK = re.compile("\r\n|[\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]")
# Characters without ink: controls, zero-width marks, direction overrides, byte order marks, half surrogates, soft hyphens.
_INVISIBLE = re.compile("[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb"
                        "\ufffe\uffff\ud800-\udfff]")
_PLAIN_SPACE = {ord(c): " " for c in "\t\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f"}
# Radicals that PDF fonts put in the place of the characters they look like: ⼀ for 一, ⽤ for 用.
_RADICAL = {code: unicodedata.normalize("NFKC", chr(code)) for code in (*range(0x2E80, 0x2EF4), *range(0x2F00, 0x2FD6))}
_ODD = re.compile("[^\n !-~\u3000-\u303f\u4e00-\u9fff\uff01-\uff5e“”‘’—…·]")


@dataclass(frozen=True, slots=True)
class Spot:
    """A piece of a block's text (a line, a paragraph of a cell) and where it stands on paper; `box` and `confidence` as in `model.Place`."""

    text: str
    page: int
    box: tuple[float, float, float, float]
    confidence: float | None = None


@dataclass(slots=True)
class Block:
    """One paragraph to be. For a row `cells` are the texts of its cells and `headers` those of their columns ("" for none); `text` is then ignored."""

    text: str = ""
    page: int | None = None
    kind: str = "text"
    cells: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    table: int | None = None
    spots: list[Spot] = field(default_factory=list)


@dataclass(slots=True)
class Reading:
    """What a reader made of a file. `format` and `ocr` end in `model.Source`; `pages` is None where the format has no fixed pages."""

    format: str
    blocks: list[Block] = field(default_factory=list)
    warnings: list[model.Warning] = field(default_factory=list)
    pages: int | None = None
    unread_pages: tuple[int, ...] = ()
    ocr: bool = False


def clean(text: str) -> str:
    """A line without what has no ink and without white space at its ends; tabs and no-break spaces become plain spaces, line breaks vanish."""
    if _ODD.search(text):
        text = _INVISIBLE.sub("", LINE_BREAK.sub("", text)).translate(_PLAIN_SPACE).translate(_RADICAL)
    elif "\n" in text:
        text = text.replace("\n", "")
    return text.strip()


def _places(spots: list[Spot], line: str, at: int) -> tuple[model.Place, ...]:
    """Spots with the offsets of their text. What was changed when the lines were joined (a footnote's mark, a space) is passed over."""
    found, here = [], 0
    for spot in spots:
        piece = clean(spot.text)
        begin = line.find(piece, here)
        if begin < 0 or not piece:
            begin, piece = here, piece[:len(line) - here]
        if piece:
            here = begin + len(piece)
            found.append(model.Place(at + begin, at + here, spot.page, spot.box, spot.confidence))
    return tuple(found)


def assemble(reading: Reading, source: model.Source) -> model.PolicyDocument:
    """Join blocks with "\\n" and count offsets. Blocks without text vanish, so do rows whose cells are all empty."""
    parts: list[str] = []
    paragraphs: list[model.Paragraph] = []
    at = 0
    for block in reading.blocks:
        if block.cells:
            texts = [clean(cell) for cell in block.cells]
            if not any(texts):
                continue
            headers = [clean(header) for header in block.headers] or [""] * len(texts)
            line = "|".join(texts)
            cells, start = [], at
            for text, header in zip(texts, headers, strict=True):
                cells.append(model.Cell(start, start + len(text), header))
                start += len(text) + 1
            paragraphs.append(model.Paragraph(at, at + len(line), block.page, "row", tuple(cells), block.table, _places(block.spots, line, at)))
        else:
            line = clean(block.text)
            if not line:
                continue
            paragraphs.append(model.Paragraph(at, at + len(line), block.page, block.kind, (), block.table, _places(block.spots, line, at)))
        parts.append(line)
        at += len(line) + 1
    return model.PolicyDocument(source, "\n".join(parts), tuple(paragraphs), tuple(reading.warnings), reading.unread_pages)
