"""Grid of a table → rows of blocks: heads found, merged cells put together. Shared by docx, html, pdf and txt."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.ingest.blocks import Block, Spot, clean
from pipeline.ingest.reflow import join

_ORDINAL = re.compile(r"[（(]?[\d０-９一二三四五六七八九十百]{1,4}[）).、．]?")
_PIECE = re.compile(r"[\u4e00-\u9fffA-Za-z（）()]{2,20}")
_STOP = "。；：，、！？;:,.）)》”"


@dataclass(slots=True)
class GridCell:
    """A cell of one physical row.

    Attributes:
      pieces: Its paragraphs.
      span: Columns it covers.
      merged_up: It is the lower part of a cell of the row above.
      spots: Where its text stands on paper; () where the format has no pages.
    """

    pieces: list[str]
    span: int = 1
    merged_up: bool = False
    spots: tuple[Spot, ...] = ()

    @property
    def text(self) -> str:
        return cell_text(self.pieces)


def cell_text(pieces: list[str]) -> str:
    """One text of the paragraphs of a cell. Short names set one under the other without any sign between them are a list: they are joined by 、."""
    pieces = [piece for piece in map(clean, pieces) if piece]
    if len(pieces) < 2:
        return pieces[0] if pieces else ""
    listed = all(_PIECE.fullmatch(piece) for piece in pieces)
    text = ""
    for piece in pieces:
        text = f"{text}、{piece}" if listed and text else join(text, piece)
    return text


def rows(grid: list[list[GridCell]], table: int, page: list[int | None] | None = None, heads: int | None = None) -> list[Block]:
    """Blocks of one table.

    A table of one column is no table but text with a frame. Physical rows that a merge ties together become one row where only one column
    goes on by itself and no ordinal opens a new item; otherwise the merged text is repeated, so that each row can be read alone.
    A head that is repeated (by hand, or on the next page) is left out.

    Args:
      page: Of each physical row, None where the format has no pages.
      heads: How many first rows are marked as heads; None or 0 where the format does not say.
    """
    filled = [index for index, row in enumerate(grid) if any(cell.text or cell.merged_up for cell in row)]  # an empty first row names no column
    pages = [page[index] if page else None for index in filled]
    heads = sum(index < (heads or 0) for index in filled)
    grid = [grid[index] for index in filled]
    if all(len(row) <= 1 for row in grid):
        return [Block(piece, place, spots=list(cell.spots)) for row, place in zip(grid, pages) for cell in row if not cell.merged_up for piece in cell.pieces]
    grid = _down(grid)
    columns = max(sum(cell.span for cell in row) for row in grid)
    titles = next(index for index, row in enumerate(grid) if len(row) > 1)
    heads = titles + _head_rows(grid[titles:]) if not heads or heads <= titles else heads
    header = _header(grid[titles:heads], columns)
    found: list[Block] = []
    seen_heads: set[tuple[str, ...]] = set()
    for index, (row, place) in enumerate(zip(grid, pages)):
        texts = tuple("".join(map(clean, cell.pieces)) if index < heads else cell.text for cell in row)
        spots = [spot for cell in row for spot in cell.spots]
        if index < titles:
            found += [Block(text, place, spots=list(cell.spots)) for text, cell in zip(texts, row)]
            continue
        if index < heads:
            seen_heads.add(tuple("".join(text.split()) for text in texts))
            found.append(Block(cells=texts, headers=texts, page=place, kind="row", table=table, spots=spots))
            continue
        if tuple("".join("".join(map(clean, cell.pieces)).split()) for cell in row) in seen_heads:
            continue
        previous = found[-1] if index > heads else None
        if previous is not None and len(previous.cells) == len(row) and _same_item(row, texts):
            previous.cells = tuple(old if cell.merged_up else join(old, new) for old, cell, new in zip(previous.cells, row, texts))
            previous.spots += [spot for cell in row if not cell.merged_up for spot in cell.spots]
            continue
        found.append(Block(cells=texts, headers=_headers_of(row, header, columns), page=place, kind="row", table=table, spots=spots))
    return found


def _down(grid: list[list[GridCell]]) -> list[list[GridCell]]:
    """Merged cells get the text of the cell that they belong to."""
    above: dict[int, GridCell] = {}
    found = []
    for row in grid:
        column, filled = 0, []
        for cell in row:
            origin = above.get(column)
            if cell.merged_up and origin is not None:
                cell = GridCell(origin.pieces, cell.span, merged_up=True, spots=origin.spots)
            else:
                cell = GridCell(cell.pieces, cell.span, spots=cell.spots)
            above[column] = cell
            filled.append(cell)
            column += cell.span
        found.append(filled)
    return found


def _same_item(row: list[GridCell], texts: tuple[str, ...]) -> bool:
    """Does a physical row only go on with the row above it?"""
    own = [text for cell, text in zip(row, texts) if not cell.merged_up and text]
    merged = sum(cell.merged_up for cell in row)
    return merged >= 2 and len(own) <= 1 and not any(_ORDINAL.fullmatch(text) for text in own)


def _head_rows(grid: list[list[GridCell]]) -> int:
    """Rows at the top that name columns: the first one, and the second where merged and divided cells tie it to the first."""
    if len(grid) < 2:
        return 0
    first = [cell.text for cell in grid[0]]
    if any(len(text) > 20 for text in first) or sum(bool(text) for text in first) < 2 or _ORDINAL.fullmatch(first[0] or "-"):
        return 0
    divided = any(cell.span > 1 for cell in grid[0]) and any(cell.merged_up for cell in grid[1])
    return 2 if divided and len(grid) > 2 else 1


def _header(head: list[list[GridCell]], columns: int) -> list[str]:
    """The text over each column; a divided head is read from above: 责任单位/牵头."""
    header = [""] * columns
    for row in head:
        column = 0
        for cell in row:
            text = "".join(map(clean, cell.pieces))
            for place in range(column, min(column + cell.span, columns)):
                if text and not cell.merged_up:
                    header[place] = f"{header[place]}/{text}" if header[place] else text
            column += cell.span
    return header


def _headers_of(row: list[GridCell], header: list[str], columns: int) -> tuple[str, ...]:
    """The head over each cell; none over a cell that spans columns with different heads."""
    found, column = [], 0
    for cell in row:
        over = set(header[column:column + cell.span])
        found.append(header[column] if len(over) == 1 else "")
        column += cell.span
    return tuple(found)
