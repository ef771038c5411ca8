"""PDF → blocks: pages read one by one, those that are scans recognised."""

from __future__ import annotations

import functools

from pipeline.ingest import glyphs, ocr, pages
from pipeline.ingest.blocks import Reading
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
        scans = [page for page in contents if _scanned(page) or _garbled(page)] if ocr.installed() else []
        recognised = dict(zip([page.number for page in scans], ocr.recognise(functools.partial(glyphs.picture, document, page.number, name) for page in scans)))
    finally:
        document.close()
    warnings, unread = _judge(contents, recognised)
    for page in scans:
        _take(page, recognised[page.number])
    return pages.lay_out(Reading("pdf", [], warnings, len(contents), unread, bool(scans)), contents)


def _scanned(page: glyphs.PageContent) -> bool:
    return page.picture_share >= _PICTURE and sum(not glyph.char.isspace() for glyph in page.glyphs) < _FEW


def _garbled(page: glyphs.PageContent) -> bool:
    """Do the fonts of a page not say which characters they draw?"""
    return bool(page.unmapped) and page.unmapped > (sum(not glyph.char.isspace() for glyph in page.glyphs) + page.unmapped) * _UNMAPPED_SHARE


def _take(page: glyphs.PageContent, found: ocr.OcrPage) -> None:
    """Put what was recognised in the place of a page's characters, which the picture shows too."""
    ocr.fill(page, found, max(page.width, page.height) / max(found.width, found.height))


def _judge(contents: list[glyphs.PageContent], recognised: dict[int, ocr.OcrPage]) -> tuple[list[Warning], tuple[int, ...]]:
    """What could not be read, page by page: nothing may be called missing of such a page."""
    warnings, unread = [], []
    for page in contents:
        number = page.number
        if number in recognised:
            if (warning := ocr.judge(recognised[number], number)) is not None:
                unread.append(number)
                warnings.append(warning)
        elif _scanned(page):
            unread.append(number)
            warnings.append(Warning("page_without_text", f"第{number}页没有文字层，疑似扫描件，本页内容未读入；{ocr.ADVICE}", number))
        elif _garbled(page):
            unread.append(number)
            warnings.append(Warning("page_garbled", f"第{number}页有 {page.unmapped} 个字的编码缺失，读出的文字不可靠；请换 Word 版本，或重新导出 PDF，或{ocr.ADVICE[1:]}", number))
        elif page.picture_share >= _LARGE_PICTURE:
            warnings.append(Warning("page_with_picture", f"第{number}页有大幅图片，图片中如有文字则未读入；请人工核对本页", number))
        if page.hidden:
            warnings.append(Warning("hidden_text", f"第{number}页有 {page.hidden} 个看不见的字（白字、透明字、被裁掉或在版面之外），未读入；如属正文，请改为可见文字后重新提交", number))
        if page.aslant > _FEW:
            warnings.append(Warning("turned_text", f"第{number}页有 {page.aslant} 个字与正文方向不同（水印或旁注），未读入；请人工核对本页", number))
    return warnings, tuple(unread)
