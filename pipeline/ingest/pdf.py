"""PDF → blocks: pages read one by one, tables where rules are drawn, everything else by geometry."""

from __future__ import annotations

import functools

from pipeline.ingest import glyphs, layout, ocr, ruled
from pipeline.ingest.blocks import Block, Reading, clean
from pipeline.ingest.tables import GridCell, rows
from pipeline.model import Warning

# A page with fewer characters than this and a picture that covers this share of it is a scan, perhaps with a printed page number.
_FEW, _PICTURE = 30, 0.3
# A stamp covers 3 % of a page, a photograph or a pasted table a quarter.
_LARGE_PICTURE = 0.25
# So many characters without a Unicode value make the rest of the page unintelligible.
_UNMAPPED_SHARE = 0.1


def read(content: bytes, name: str) -> Reading:
    document = glyphs.open_pdf(content, name)
    try:
        contents = [glyphs.page_content(document, number, name) for number in range(1, len(document) + 1)]
        scans = [page for page in contents if _scanned(page)] if ocr.installed() else []
        recognised = dict(zip([page.number for page in scans], ocr.recognise(functools.partial(glyphs.picture, document, page.number, name) for page in scans)))
    finally:
        document.close()
    warnings, unread = _judge(contents, recognised)
    for page in scans:
        _take(page, recognised[page.number])
    tables: dict[int, list[ruled.RuledTable]] = {}
    for page in contents:
        if ruled.worth_looking(page):
            tables[page.number], page.glyphs = ruled.tables_of(page)
    pages = layout.without_furniture([layout.Page(page.number, page.width, page.height, layout.lines_of(page.glyphs, page.number)) for page in contents])
    _place(pages, tables)
    blocks, left_out = layout.paragraphs(pages)
    if left_out:
        warnings.append(Warning("contents_left_out", f"目录（{left_out} 行）不作为正文读入"))
    return Reading("pdf", blocks, warnings, len(contents), unread, bool(scans))


def _scanned(page: glyphs.PageContent) -> bool:
    return sum(not glyph.char.isspace() for glyph in page.glyphs) < _FEW and page.picture_share >= _PICTURE


def _take(page: glyphs.PageContent, found: ocr.OcrPage) -> None:
    """Put what was recognised in the place of a page's few printed characters, which the picture shows too."""
    scale = max(page.width, page.height) / max(found.width, found.height)
    page.glyphs, page.edges = ocr.glyphs_of(found, scale), []
    page.width, page.height = found.width * scale, found.height * scale


def _judge(contents: list[glyphs.PageContent], recognised: dict[int, ocr.OcrPage]) -> tuple[list[Warning], tuple[int, ...]]:
    """What could not be read, page by page: nothing may be called missing of such a page."""
    warnings, unread = [], []
    for page in contents:
        number = page.number
        inked = sum(not glyph.char.isspace() for glyph in page.glyphs)
        if number in recognised:
            if (warning := ocr.judge(recognised[number], number)) is not None:
                unread.append(number)
                warnings.append(warning)
        elif _scanned(page):
            unread.append(number)
            warnings.append(Warning("page_without_text", f"第{number}页没有文字层，疑似扫描件，本页内容未读入；{ocr.ADVICE}", number))
        elif page.unmapped > (inked + page.unmapped) * _UNMAPPED_SHARE:
            unread.append(number)
            warnings.append(Warning("page_garbled", f"第{number}页有 {page.unmapped} 个字的编码缺失，读出的文字不可靠；请换 Word 版本，或重新导出 PDF", number))
        elif page.picture_share >= _LARGE_PICTURE:
            warnings.append(Warning("page_with_picture", f"第{number}页有大幅图片，图片中如有文字则未读入；请人工核对本页", number))
        if page.hidden:
            warnings.append(Warning("hidden_text", f"第{number}页有 {page.hidden} 个看不见的字（白字、透明字、被裁掉或在版面之外），未读入；如属正文，请改为可见文字后重新提交", number))
        if page.aslant > _FEW:
            warnings.append(Warning("turned_text", f"第{number}页有 {page.aslant} 个字与正文方向不同（水印或旁注），未读入；请人工核对本页", number))
    return warnings, tuple(unread)


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
    """Rows of a table over its pages. A first row without its first cell is the rest of the last row of the page before."""
    grid: list[list[GridCell]] = []
    pages: list[int | None] = []
    head = _texts(parts[0].grid[0])
    for part, number in zip(parts, numbers):
        fresh = part is not parts[0]
        for index, row in enumerate(part.grid):
            if fresh and _texts(row) == head:
                continue
            if fresh and grid and len(row) == len(grid[-1]) and not row[0].text and not row[0].merged_up and grid[-1][0].span == row[0].span:
                for upper, rest in zip(grid[-1], row):
                    if rest.pieces:
                        upper.pieces = [*upper.pieces[:-1], upper.pieces[-1] + rest.pieces[0], *rest.pieces[1:]] if upper.pieces else rest.pieces
                fresh = False
                continue
            fresh = False
            grid.append(row)
            pages.append(number)
    return rows(grid, table, pages)


def _texts(row: list[GridCell]) -> list[str]:
    return ["".join(clean(cell.text).split()) for cell in row]
