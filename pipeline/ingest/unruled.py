"""Tables without rules, or with rules across only: the white between their columns and rows → the rules that were not drawn, for `ruled` to read.

What is laid out so by chance must not become a table: it needs a head of three short names or more, and white that runs down through all its lines.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from pipeline.ingest.glyphs import Edge, Glyph
from pipeline.ingest.layout import font_size

# The head of a column is a short name; between two of them is more white than a space.
_NAME, _HEAD_GAP = 14, 1.0
# White that runs down through all lines is a gutter from this width on, in characters.
_GUTTER = 0.4
# Fewer lines or rows are no table. Between rows is more white than between the lines of a cell, by this factor.
_LINES, _ROWS, _APART = 6, 3, 1.3
# So far below each other, in pitches, lines do not belong together.
_FAR = 3.5
_STOPS = set("。；：，、！？;:,.…—")

Span = tuple[float, float]


def heads(rows: list[list[Glyph]]) -> list[list[Glyph]]:
    """The lines that look like the head of a table."""
    loose = (row for row in rows if row[-1].x1 - row[0].x0 > (len(row) + 2) * row[0].height / 1.2)  # lines of text are full
    return [row for row in loose if (line := _inked(row)) and _head(line, font_size(line))]


def rules(rows: list[list[Glyph]], before: list[float]) -> tuple[list[Edge], list[float]]:
    """Rules for the tables of a page.

    Args:
      rows: Its lines, top down, without running heads and page numbers.
      before: Where the columns part in a table that reaches the end of the page before; [] for none. It may go on without a head.

    Returns the rules, and where the columns part in a table that reaches the end of this page.
    """
    lines = [line for row in rows if (line := _inked(row))]
    found: list[Edge] = []
    reaches_end: list[float] = []
    begin = at = 0
    while at < len(lines):
        size = font_size(lines[at])
        gutters = _head(lines[at], size)
        if not gutters and at == 0:
            gutters = [(place - _GUTTER * size / 2, place + _GUTTER * size / 2) for place in before]
        table: list[Edge] = []
        if gutters:
            first, end, gutters = _extent(lines, begin, at, gutters, size)
            table = _table(lines[first:end], gutters, size, before if first == 0 else [])
        if table:
            found += table
            reaches_end = sorted({edge.x0 for edge in table if edge.x0 == edge.x1})[1:-1] if end == len(lines) else []
            begin = at = end
        else:
            at += 1
    return found, reaches_end


def _inked(row: list[Glyph]) -> list[Glyph]:
    return [glyph for glyph in row if not glyph.char.isspace()]


def _head(line: list[Glyph], size: float) -> list[Span]:
    """The white between the names of columns; [] for a line that is no head."""
    gaps = _white(line, _HEAD_GAP * size)
    if len(gaps) < 2:
        return []
    names = [[glyph.char for glyph in line if low < glyph.x1 <= high] for low, high in pairwise([-1e9, *(left for left, _ in gaps), 1e9])]
    return gaps if all(len(name) <= _NAME and not _STOPS & set(name) and any("\u4e00" <= char <= "\u9fff" for char in name) for name in names) else []


def _white(glyphs: list[Glyph], least: float) -> list[Span]:
    """The places, left to right, where no character stands above or below another."""
    found: list[Span] = []
    end = float("inf")
    for glyph in sorted(glyphs, key=lambda glyph: glyph.x0):
        if glyph.x0 - end > least:
            found.append((end, glyph.x0))
        end = glyph.x1 if end == float("inf") else max(end, glyph.x1)
    return found


def _left_white(line: list[Glyph], gutters: list[Span]) -> list[Span]:
    """What of each gutter a line leaves white: the widest part."""
    found = []
    for left, right in gutters:
        inside = sorted((glyph.x0, glyph.x1) for glyph in line if glyph.x0 < right and glyph.x1 > left)
        edges = [left, *(side for span in inside for side in span), right]
        found.append(max(zip(edges[::2], edges[1::2]), key=lambda span: span[1] - span[0]))
    return found


def _extent(lines: list[list[Glyph]], begin: int, at: int, gutters: list[Span], size: float) -> tuple[int, int, list[Span]]:
    """The lines (first, after the last) around a head that leave its gutters white, and what they leave of them."""
    first, end = at, at + 1
    pitch = min((step for above, below in pairwise(lines[at:at + 12]) if (step := below[0].y - above[0].y) > 0.8 * size), default=1.8 * size)

    def fits(line: list[Glyph]) -> bool:
        return all(right - left >= _GUTTER * size * 0.99 for left, right in _left_white(line, gutters))

    while end < len(lines) and lines[end][0].y - lines[end - 1][0].y < _FAR * pitch and fits(lines[end]):
        gutters = _left_white(lines[end], gutters)
        end += 1
    while first > begin and lines[first][0].y - lines[first - 1][0].y < 1.2 * size and fits(lines[first - 1]):  # a name over two lines beside names in the middle
        first -= 1
        gutters = _left_white(lines[first], gutters)
    return first, end, gutters


def _table(lines: list[list[Glyph]], gutters: list[Span], size: float, before: list[float]) -> list[Edge]:
    """Rules around the cells of some lines; [] where they make no table. `before` as in `rules`, [] unless the page begins here."""
    if len(lines) < _LINES and not before:
        return []
    glyphs = [glyph for line in lines for glyph in line]
    white = _white(glyphs, _GUTTER * size)  # also between columns that the head's line has no name in
    places = [(left + right) / 2 for left, right in white] if len(white) >= len(gutters) else [(left + right) / 2 for left, right in gutters]
    if len(before) == len(white) and all(left < place < right for place, (left, right) in zip(before, white)):
        places = before  # it goes on
    columns = [sum(glyph.x0 > place for place in places) for glyph in glyphs]
    beside = sum(len({sum(glyph.x0 > place for place in places) for glyph in line}) > 1 for line in lines)
    if beside * 3 < len(lines):
        return []
    commonest = Counter(columns).most_common(1)[0][0]
    bases = sorted({round(glyph.y, 1) for glyph, column in zip(glyphs, columns) if column == commonest})
    pitch = min((step for above, below in pairwise(bases) if (step := below - above) > 0.8 * size), default=1.8 * size)
    bottoms = [max(glyph.y for glyph in line) + 0.15 * size for line in lines]
    tops = [min(glyph.y for glyph in line) - 0.85 * size for line in lines]
    starts = [index for index in range(1, len(lines)) if tops[index] - max(bottoms[:index]) > _APART * max(pitch - size, 0.3 * size)]
    if len(starts) + 1 < _ROWS and not before:  # rows are no farther apart than lines: one begins where its first cell does
        starts = [index for index, line in enumerate(lines) if index and line[0].x0 < places[0]]
        if len(starts) + 1 < _ROWS:
            return []
    left, right = min(glyph.x0 for glyph in glyphs) - size / 4, max(glyph.x1 for glyph in glyphs) + size / 4
    across = [tops[0] - 0.1 * size, *((bottoms[index - 1] + tops[index]) / 2 for index in starts), bottoms[-1] + 0.3 * size]
    return [*(Edge(left, y, right, y) for y in across), *(Edge(x, across[0], x, across[-1]) for x in (left, *places, right))]
