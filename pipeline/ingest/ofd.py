"""OFD (GB/T 33190) → blocks: pieces of text with places become glyphs, and take the same way to paragraphs as a PDF. The only module that speaks to ofdkit."""

from __future__ import annotations

import functools
import importlib.util

from pipeline.errors import UnreadableFile
from pipeline.ingest import detect, limits, ocr, ofd_drawings, pages, zipped
from pipeline.ingest.blocks import Reading
from pipeline.ingest.glyphs import Edge, Glyph, PageContent
from pipeline.model import Warning

_POINTS = 72 / 25.4  # in a millimetre
# A page with fewer characters than this and a picture that covers this share of it is a scan; a picture of a quarter of the page is more than a seal.
_FEW, _PICTURE, _LARGE_PICTURE = 30, 0.3, 0.25


def installed() -> bool:
    return importlib.util.find_spec("ofdkit") is not None


def read(content: bytes, name: str) -> Reading:
    if not installed():
        raise UnreadableFile(name, *detect.EXTRAS["ofd"])
    import ofdkit

    container = zipped.Container(content, name)
    for path in container.paths():
        if path.lower().endswith(".xml"):
            container.member(path)  # refuses what is packed beyond reason before anybody parses it
    try:
        with ofdkit.open(content) as document:
            if len(document.pages) > limits.PDF_PAGES:
                raise UnreadableFile(name, f"OFD 有 {len(document.pages)} 页，超过上限 {limits.PDF_PAGES} 页", "请拆分后再试")
            return _reading(document, container, name)
    except UnreadableFile:
        raise
    except ofdkit.OFDLimitError as error:
        raise UnreadableFile(name, "OFD 内部文件过大，或含外部实体声明，不予读取", "请核实文件来源，用 OFD 阅读器打开另存后再试") from error
    except Exception as error:  # ofdkit promises OFDError, and a young library breaks promises
        raise UnreadableFile(name, "OFD 不完整或已损坏", "请重新下载，或用 OFD 阅读器导出为 PDF 或 Word 后重试") from error


def _reading(document, container: zipped.Container, name: str) -> Reading:
    reading = Reading("ofd", pages=len(document.pages))
    contents, unread = [], []
    drawn: dict[int, tuple[ofd_drawings.Drawings, float, float]] = {}
    for number, page in enumerate(document.pages, start=1):
        left, top, width, height = page.box
        if not (0 < width <= limits.PAGE_MILLIMETRES and 0 < height <= limits.PAGE_MILLIMETRES and abs(left) + abs(top) <= limits.PAGE_MILLIMETRES):
            raise UnreadableFile(name, f"OFD 第{number}页的大小不是正常的页面", "请用 OFD 阅读器打开另存，或导出为 PDF 后重试")
        drawings = ofd_drawings.of_page(container, page.location, left, top)
        runs = [run for run in page.runs if run.text.strip()]
        seen = [run for run in runs if left <= run.x <= left + width and top <= run.y <= top + height]
        count = sum(len(run.text) for run in runs)
        if count > limits.PAGE_CHARACTERS:
            raise UnreadableFile(name, f"OFD 第{number}页有 {count} 个字符，不是正常的文件", "请检查文件来源")
        share = max((_share(box, width, height) for box, _ in drawings.pictures), default=0.0)
        contents.append(PageContent(number, width * _POINTS, height * _POINTS, [glyph for run in seen for glyph in _glyphs(run, left, top)],
                                    [Edge(*(side * _POINTS for side in edge)) for edge in drawings.edges], share))
        if share >= _PICTURE and sum(len(run.text.strip()) for run in seen) < _FEW:
            drawn[number] = drawings, width, height
        elif not seen:
            unread.append(number)
            reading.warnings.append(Warning("page_without_text", f"第{number}页没有文字，可能是图像，本页内容未读入；请用 OFD 阅读器导出为 PDF 后重试，或人工核对本页", number))
        elif len(seen) < len(runs):
            reading.warnings.append(Warning("hidden_text", f"第{number}页有文字在版面之外，未读入；如属正文，请重新导出", number))
        elif share >= _LARGE_PICTURE:
            reading.warnings.append(Warning("page_with_picture", f"第{number}页有大幅图片，图片中如有文字则未读入；请人工核对本页", number))
    unread += _recognise(reading, contents, drawn)
    reading.unread_pages = tuple(sorted(unread))
    return pages.lay_out(reading, contents)


def _recognise(reading: Reading, contents: list[PageContent], drawn: dict[int, tuple[ofd_drawings.Drawings, float, float]]) -> list[int]:
    """Put the characters of pages that are pictures into `contents`; returns the pages that could not be read for sure."""
    if not ocr.installed():
        reading.warnings += [Warning("page_without_text", f"第{number}页是图像，本页内容未读入；{ocr.ADVICE}", number) for number in drawn]
        return list(drawn)
    sheets = {}
    for number, drawing in drawn.items():
        try:
            ofd_drawings.stitched(*drawing)  # made again when its turn comes: all pages at once are too large
            sheets[number] = functools.partial(ofd_drawings.stitched, *drawing)
        except Exception:  # a codec (JBIG2 is common) that nobody here knows, or a broken picture
            reading.warnings.append(Warning("page_without_text", f"第{number}页是图像，解不开，本页内容未读入；请用 OFD 阅读器导出为 PDF 后重试", number))
    unread = [number for number in drawn if number not in sheets]
    reading.ocr = bool(sheets)
    for number, found in zip(sheets, ocr.recognise(sheets.values())):
        ocr.fill(contents[number - 1], found, max(contents[number - 1].width, contents[number - 1].height) / max(found.width, found.height))
        if (warning := ocr.judge(found, number)) is not None:
            unread.append(number)
            reading.warnings.append(warning)
    return unread


def _share(box: tuple[float, float, float, float], width: float, height: float) -> float:
    """Of the page's area, covered by a picture."""
    across, along = min(box[2], width) - max(box[0], 0.0), min(box[3], height) - max(box[1], 0.0)
    return max(across, 0.0) * max(along, 0.0) / max(width * height, 1.0)


def _glyphs(run, left: float, top: float) -> list[Glyph]:
    """The characters of a piece of text share its width, Chinese ones a whole part each, others half of one; in justified text none is wider than its font."""
    parts = [0.5 if char.isascii() else 1.0 for char in run.text]
    step = run.width * _POINTS / sum(parts)
    x, found = (run.x - left) * _POINTS, []
    for char, part in zip(run.text, parts):
        found.append(Glyph(x, x + min(step, run.size * _POINTS) * part, (run.y - top) * _POINTS, 1.2 * run.size * _POINTS, char))
        x += step * part
    return found
