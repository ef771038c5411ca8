"""Pages with glyphs and ruled lines → blocks, whoever read them (PDF, OFD, a scan): tables where rules are drawn, everything else by geometry."""

from __future__ import annotations

from pipeline.ingest import layout, ruled, unruled
from pipeline.ingest.blocks import Block, Reading, clean
from pipeline.ingest.glyphs import Glyph, PageContent
from pipeline.ingest.reflow import ends
from pipeline.ingest.tables import GridCell, rows
from pipeline.model import Warning


# The lines of one head, in points: names over two lines stand beside those over one.
_HEAD_REACH = 15.0


def lay_out(reading: Reading, contents: list[PageContent]) -> Reading:
    """Fill in the blocks of a reading, and say what of its pages was no text of the document. Glyphs of tables are taken out of `contents`."""
    tables: dict[int, list[ruled.RuledTable]] = {}
    torn: list[int] = []
    rows = {page.number: layout.rows_of(page.glyphs) for page in contents if not page.recognised and not ruled.worth_looking(page)}
    if any(map(unruled.heads, rows.values())):
        rows = _ruled_by_white(contents, rows)
    for page in contents:
        if page.number not in rows:
            tables[page.number], page.glyphs = ruled.tables_of(page)
            if page.recognised and any(table.torn for table in tables[page.number]):
                torn.append(page.number)
    pages = layout.without_furniture([layout.Page(page, layout.lines_of(page.glyphs, page.number, rows.get(page.number))) for page in contents])
    _place(pages, tables)
    reading.blocks, left_out = layout.paragraphs(pages)
    if left_out:
        reading.warnings.append(Warning("contents_left_out", f"目录（{left_out} 行）不作为正文读入"))
    reading.warnings += [Warning("table_unsure", f"第{number}页表格的线没有认全，格子里的字可能串行，本页按未读全处理；请对照原件核对本页", number) for number in torn]
    reading.unread_pages = tuple(sorted({*reading.unread_pages, *torn}))
    return reading


def _ruled_by_white(contents: list[PageContent], rows: dict[int, list[list[Glyph]]]) -> dict[int, list[list[Glyph]]]:
    """Draw the rules of tables that have none; returns the rows of the pages that have no table still."""
    pages = [layout.Page(page, layout.lines_of(page.glyphs, page.number, rows.get(page.number))) for page in contents]
    kept = {page.number: {line.y for line in page.lines} for page in layout.without_furniture(pages)}
    furniture = {page.number: {line.y for line in page.lines} - kept[page.number] for page in pages}
    left, columns = {}, []
    for page in contents:
        own = rows.get(page.number)
        if own is None:
            columns = []
            continue
        named = [glyph.y for head in unruled.heads(own) for glyph in head]
        around = {y for y in furniture[page.number] if not any(abs(y - other) < _HEAD_REACH for other in named)}  # a head that each page repeats is no running head
        edges, columns = unruled.rules([row for row in own if not any(abs(y - glyph.y) < 0.1 for y in around for glyph in row)], columns)
        page.edges += edges
        if not edges:
            left[page.number] = own
    return left


def _place(pages: list[layout.Page], tables: dict[int, list[ruled.RuledTable]]) -> None:
    """Turn tables into blocks on the page where they begin; a table that goes on at the top of the next page is one table."""
    started: list[tuple[layout.Page, list[ruled.RuledTable], list[int]]] = []
    previous: ruled.RuledTable | None = None
    for page in pages:
        for index, table in enumerate(tables.get(page.number, [])):
            open_end = previous is not None and index == 0 and not any(line.y < table.box[1] for line in page.lines)
            if open_end and ruled.continues(previous, table):
                started[-1][1].append(table)
                started[-1][2].append(page.number)
            else:
                started.append((page, [table], [page.number]))
            last = not any(line.y > table.box[3] for line in page.lines)
            previous = table if last and table is tables[page.number][-1] else None
        if not tables.get(page.number) and page.lines:
            previous = None
    for number, (page, parts, numbers) in enumerate(started):
        page.tables.append((parts[0].box[1], _rows(parts, numbers, number)))


def _rows(parts: list[ruled.RuledTable], numbers: list[int], table: int) -> list[Block]:
    """Rows of a table over its pages. A first row without its first cell is the rest of the last row of the page before, or goes on with its first cell."""
    grid: list[list[GridCell]] = []
    pages: list[int | None] = []
    head = _texts(parts[0].grid[0])
    for part, number in zip(parts, numbers):
        fresh = part is not parts[0]
        for index, row in enumerate(part.grid):
            if fresh and _texts(row) == head:
                continue
            if fresh and grid and len(row) == len(grid[-1]) and not row[0].text and not row[0].merged_up and grid[-1][0].span == row[0].span:
                fresh = False
                if _new_item(grid[-1], row):
                    row[0].merged_up = True
                else:
                    for upper, rest in zip(grid[-1], row):
                        upper.spots += rest.spots
                        if rest.pieces:
                            upper.pieces = [*upper.pieces[:-1], upper.pieces[-1] + rest.pieces[0], *rest.pieces[1:]] if upper.pieces else rest.pieces
                    continue
            fresh = False
            grid.append(row)
            pages.append(number)
    return rows(grid, table, pages)


def _new_item(above: list[GridCell], row: list[GridCell]) -> bool:
    """Is a first row on a page, whose first cell is empty, a whole row under a cell that reaches over the page's end?

    All its other cells are filled, and the longest cell of the row above ends as a sentence does: a row that is cut goes on in the middle of one.
    """
    longest = max(range(len(above)), key=lambda index: len(above[index].text))
    return len(row) > 2 and all(cell.text for cell in row[1:]) and ends(above[longest].text)


def _texts(row: list[GridCell]) -> list[str]:
    return ["".join(clean(cell.text).split()) for cell in row]
