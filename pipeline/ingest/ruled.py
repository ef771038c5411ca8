"""Ruled tables of a PDF page: lines → cells (pdfplumber's geometry on PDFium's lines) → rows."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from pipeline.ingest.glyphs import Edge, Glyph, PageContent
from pipeline.ingest.layout import Line, lines_of
from pipeline.ingest.reflow import join
from pipeline.ingest.tables import GridCell

# Two points are the thickness of a heavy border; lines nearer than that are one.
_TOLERANCE = 3.0


@dataclass(slots=True)
class RuledTable:
    """A table on one page: its box (x0, top, x1, bottom), where its columns begin, and its physical rows.

    Attributes:
      torn: A cell holds words that stand apart where other rows or columns have a rule between them: on a scan a rule was not seen.
    """

    box: tuple[float, float, float, float]
    columns: tuple[float, ...]
    grid: list[list[GridCell]]
    torn: bool = False


def worth_looking(page: PageContent) -> bool:
    """Two rows of two cells need three lines each way; a red head and a note's rule have fewer."""
    across = sum(edge.x1 - edge.x0 > edge.y1 - edge.y0 for edge in page.edges)
    return across >= 3 and len(page.edges) - across >= 3


def tables_of(page: PageContent) -> tuple[list[RuledTable], list[Glyph]]:
    """Tables of a page, top down, and the glyphs outside all of them."""
    from pdfplumber.table import cells_to_tables, edges_to_intersections, intersections_to_cells, merge_edges

    drawn = sorted(set(page.edges))
    edges = [{"x0": edge.x0, "x1": edge.x1, "top": edge.y0, "bottom": edge.y1, "width": edge.x1 - edge.x0, "height": edge.y1 - edge.y0,
              "orientation": "h" if edge.x1 - edge.x0 > edge.y1 - edge.y0 else "v"} for edge in (*drawn, *_open_ends(drawn))]
    merged = merge_edges(edges, _TOLERANCE, _TOLERANCE, _TOLERANCE, _TOLERANCE)
    cells = intersections_to_cells(edges_to_intersections(merged, _TOLERANCE, _TOLERANCE))
    found, free = [], page.glyphs
    for boxes in sorted(cells_to_tables(cells), key=lambda boxes: min(box[1] for box in boxes)):
        if len(boxes) < 2:
            continue
        whole = min(box[0] for box in boxes), min(box[1] for box in boxes), max(box[2] for box in boxes), max(box[3] for box in boxes)
        inside = [glyph for glyph in free if _in(glyph, whole)]
        if not any(not glyph.char.isspace() for glyph in inside):
            continue
        columns = tuple(sorted({box[0] for box in boxes}))
        torn = any(_torn(box, boxes, [glyph for glyph in inside if _in(glyph, box)]) for box in boxes)
        found.append(RuledTable(whole, columns, _grid(boxes, columns, inside, page), torn))
        taken = set(map(id, inside))
        free = [glyph for glyph in free if id(glyph) not in taken]
    return found, free


def _open_ends(edges: list[Edge]) -> list[Edge]:
    """Rules to close a table that the page's end cuts through a row: browsers draw none where three upright rules or more end together and none goes on."""
    upright = [edge for edge in edges if edge.x1 - edge.x0 <= edge.y1 - edge.y0]
    found = []
    for end, beyond in ((lambda edge: edge.y1, lambda edge, y: edge.y1 > y + _TOLERANCE), (lambda edge: edge.y0, lambda edge, y: edge.y0 < y - _TOLERANCE)):
        groups: list[list[Edge]] = []
        for edge in sorted(upright, key=end):
            if groups and end(edge) - end(groups[-1][-1]) < _TOLERANCE:
                groups[-1].append(edge)
            else:
                groups.append([edge])
        for group in groups:
            left, right, y = min(edge.x0 for edge in group), max(edge.x1 for edge in group), end(group[-1])
            across = [edge for edge in upright if left - _TOLERANCE <= edge.x0 <= right + _TOLERANCE]
            goes_on = any(beyond(edge, y) and edge.y0 <= y + _TOLERANCE and edge.y1 >= y - _TOLERANCE for edge in across)
            if len({round(edge.x0 / _TOLERANCE) for edge in group}) >= 3 and not goes_on:
                found.append(Edge(left, y, right, y))
    return found


def continues(above: RuledTable, below: RuledTable) -> bool:
    """Do two tables on pages that follow each other have the same columns?"""
    return len(above.columns) == len(below.columns) and all(abs(a - b) < 2 * _TOLERANCE for a, b in zip(above.columns, below.columns))


def _torn(box: tuple[float, float, float, float], boxes: list[tuple[float, float, float, float]], glyphs: list[Glyph]) -> bool:
    """Does a rule of the table's other cells run through white space between the words of one cell?"""
    glyphs = [glyph for glyph in glyphs if not glyph.char.isspace()]
    for low, high, near in ((0, 2, 1.0), (1, 3, 1.6)):
        rules = {other[low] for other in boxes if box[low] + 1 < other[low] < box[high] - 1}
        spans = sorted((glyph.x0, glyph.x1) if low == 0 else (glyph.y - glyph.height * 0.8, glyph.y + glyph.height * 0.2) for glyph in glyphs)
        size = max((glyph.height for glyph in glyphs), default=0.0) / 1.2
        end = spans[0][1] if spans else 0.0
        for start, stop in spans:
            if start - end > near * size and any(end < rule < start for rule in rules):
                return True
            end = max(end, stop)
    return False


def _in(glyph: Glyph, box: tuple[float, float, float, float]) -> bool:
    return box[0] <= (glyph.x0 + glyph.x1) / 2 <= box[2] and box[1] <= glyph.y - glyph.height * 0.3 <= box[3]


def _grid(boxes: list[tuple[float, float, float, float]], columns: tuple[float, ...], glyphs: list[Glyph], page: PageContent) -> list[list[GridCell]]:
    """Physical rows. A box that reaches over several rows is one cell with its text in the first and a merged part in each further row."""
    tops = sorted({box[1] for box in boxes})
    rows: list[list[tuple[float, GridCell]]] = [[] for _ in tops]
    for box in sorted(boxes, key=lambda box: (box[1], box[0])):
        own = [glyph for glyph in glyphs if _in(glyph, box)]
        span = sum(box[0] - 0.1 <= column < box[2] - 0.1 for column in columns)
        lines = lines_of(own, page.number)
        pieces, spots = _pieces(lines, box), tuple(line.spot(page) for line in lines)
        for index, top in enumerate(tops):
            if box[1] - 0.1 <= top < box[3] - 0.1:
                first = abs(top - box[1]) < 0.1
                rows[index].append((box[0], GridCell(pieces if first else [], span, merged_up=not first, spots=spots if first else ())))
    return [[cell for _, cell in sorted(row, key=lambda item: item[0])] for row in rows]


def _pieces(lines: list[Line], box: tuple[float, float, float, float]) -> list[str]:
    """Lines of a cell as paragraphs: a line that had room for the beginning of the next one ends a paragraph."""
    if not lines:
        return []
    margin = max(min(line.x0 for line in lines) - box[0], 0.0)
    right = max(box[2] - margin, max(line.x1 for line in lines))
    pieces = [lines[0].text]
    for above, line in pairwise(lines):
        if above.x1 + line.first < right - 0.3 * line.size:
            pieces.append(line.text)
        else:
            pieces[-1] = join(pieces[-1], line.text)
    return pieces
