"""Pictures of pages → glyphs with places, so that a scan takes the same way to paragraphs as a PDF with text. The only module that speaks to RapidOCR.

RapidOCR and its models are the extra `[ocr]`; models lie in its wheel, nothing is fetched.
"""

from __future__ import annotations

import functools
import importlib.util
import io
import logging
import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from statistics import median

from pipeline.errors import UnreadableFile
from pipeline.ingest import detect, layout, limits
from pipeline.ingest.blocks import Block, Reading
from pipeline.ingest.glyphs import Glyph
from pipeline.model import Warning

# Clean print gives 0.95 and more, short lines down to 0.83. Below this characters are guessed, and a line may say something else.
SURE = 0.8
# What is recognised worse than this as a whole may lie on its side or stand on its head.
_TURNED = 0.8
# Long lines tell the slant of a page; boxes of short ones are too rough.
_LONG = 8
# Sizes come from the widths of lines, give or take this share; so near to the usual size they are the usual size.
_SAME_SIZE = 0.12
# Pages without so much ink (share of dark pixels) are empty: the backs of sheets.
_INK, _DARK = 0.0005, 140
# How much redder than green and blue a pixel of a seal is, and the share of such pixels from which a page has one.
_RED, _RED_INK = 60, 0.001
# The ring of words in a seal breaks into pieces of so many characters.
_SEAL_WORDS = 3
_A4_WIDTH = 595.0
_PAGE_NUMBER = re.compile(r"[-—–－―一·]+\s*(\d{1,4})\s*[-—–－―一·]+")
# The brackets of a document's number are taken for others that look like them.
_YEAR_BRACKETS = re.compile(r"[〔\[［【(（{]((?:19|20)\d\d)[〕\]］】)）}](?=\d{1,4}号)")
ADVICE = "请安装文字识别部件（pip install 'luoshi[ocr]'）后重新运行，或换可复制文字的版本"

_log = logging.getLogger(__name__)
_Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class OcrLine:
    """A line as recognised. `corners`: upper left, upper right, lower right, lower left, y downwards; pixels of the upright picture. `confidence`: 0 to 1."""

    text: str
    confidence: float
    corners: tuple[_Point, _Point, _Point, _Point]

    @property
    def upright(self) -> bool:
        """Is it wider than high? A page on its side has columns of fallen lines."""
        (x0, y0), (x1, y1), _, (x3, y3) = self.corners
        return math.hypot(x1 - x0, y1 - y0) >= math.hypot(x3 - x0, y3 - y0) or len(self.text) < 3


@dataclass(frozen=True, slots=True)
class OcrPage:
    """A page as recognised, `width` and `height` in pixels. `turn`: degrees that it was turned counter-clockwise to stand upright."""

    lines: tuple[OcrLine, ...]
    width: int
    height: int
    turn: int = 0
    empty: bool = False

    @property
    def unsure(self) -> int:
        """Lines below SURE. Single characters are specks and crumbs of a seal, page numbers say nothing."""
        return sum(line.confidence < SURE and len(line.text) > 1 and not _PAGE_NUMBER.fullmatch(line.text) for line in self.lines)

    @property
    def quality(self) -> float:
        """Mean confidence by character, 0 for fallen lines; 0.0 of a page without lines."""
        total = sum(len(line.text) for line in self.lines)
        return sum(line.confidence * len(line.text) for line in self.lines if line.upright) / total if total else 0.0


def installed() -> bool:
    return all(importlib.util.find_spec(module) is not None for module in ("rapidocr", "onnxruntime"))


def read(content: bytes, name: str) -> Reading:
    """One picture, or the pages of a TIFF."""
    if not installed():
        raise UnreadableFile(name, *detect.EXTRAS["image"])
    pages = recognise(_frames(content, name))
    reading = Reading("image", pages=len(pages), ocr=True)
    placed = []
    for number, page in enumerate(pages, start=1):
        warning = judge(page, number)
        if warning:
            reading.warnings.append(warning)
        scale = _A4_WIDTH / min(page.width, page.height)
        placed.append(layout.Page(number, page.width * scale, page.height * scale, layout.lines_of(glyphs_of(page, scale), number)))
    reading.unread_pages = tuple(warning.page for warning in reading.warnings)
    reading.blocks = paragraphs(placed)
    return reading


def paragraphs(pages: list[layout.Page]) -> list[Block]:
    return layout.paragraphs(layout.without_furniture(pages))[0]


def recognise(pictures: Iterable[Callable[[], object]]) -> list[OcrPage]:
    """Recognise pages one by one; each picture is made when its turn comes and let go after it (25 MB each).

    Args:
      pictures: Functions that give an array (height, width, 3) of uint8.
    """
    pictures = list(pictures)
    found = []
    for number, picture in enumerate(pictures, start=1):
        found.append(upright(picture(), _recognise))
        _log.info("page %d of %d recognised: %d lines, %d unsure", number, len(pictures), len(found[-1].lines), found[-1].unsure)
    return found


def upright(picture, recognise_once: Callable[[object], tuple[OcrLine, ...]]) -> OcrPage:
    """Recognise a page as it lies, and where that reads badly, turned; the best reading counts."""
    import numpy

    if float((picture.min(axis=2) < _DARK).mean()) < _INK:
        return OcrPage((), picture.shape[1], picture.shape[0], empty=True)
    best = None
    for turn in (0, 90, 270, 180):
        turned = numpy.ascontiguousarray(numpy.rot90(picture, turn // 90))
        page = OcrPage(recognise_once(turned), turned.shape[1], turned.shape[0], turn)
        if best is None or page.quality > best.quality:
            best = page
        if best.quality >= _TURNED:
            break
    return best


def judge(page: OcrPage, number: int) -> Warning | None:
    """What of a recognised page must count as unread, None where all is sure or the sheet is blank."""
    if page.empty:
        return None
    if not page.lines:
        return Warning("page_without_text", f"第{number}页是图像，没有认出文字，本页按未读处理；请人工核对本页", number)
    if page.unsure:
        return Warning("ocr_unsure", f"第{number}页经文字识别读入，共 {len(page.lines)} 行，其中 {page.unsure} 行把握不大，本页按未读全处理；请对照原件核对本页", number)
    return None


def glyphs_of(page: OcrPage, scale: float) -> list[Glyph]:
    """Glyphs of a page in points (`scale` points a pixel), the slant of the page taken out.

    A line's characters share its width: Chinese ones a whole part each, others half of one.
    """
    lines = _level(page)
    if not lines:
        return []
    long = [line for line in lines if len(line.text) >= _LONG] or lines
    usual = median(_step(line) for line in long for _ in line.text)
    tall = median(_height(line) / _step(line) for line in long)  # boxes are higher than their characters
    glyphs = []
    for line in lines:
        step = _step(line)
        size = step if len(line.text) >= _LONG else _height(line) / tall  # the edge around a box counts for much in a short line
        known = [usual] if len(line.text) >= _LONG else [usual, *map(_step, long)]
        near = min(known, key=lambda other: abs(other - size))
        size = scale * (near if abs(size - near) < _SAME_SIZE * near else size)
        x, base = scale * min(x for x, _ in line.corners), scale * sum(y for _, y in line.corners) / 4 + 0.38 * size
        for char in line.text:
            glyphs.append(Glyph(x, x + size * _part(char), base, 1.2 * size, char))
            x += scale * step * _part(char)
    return glyphs


def _step(line: OcrLine) -> float:
    """Pixels from one Chinese character of a line to the next."""
    return max((line.corners[1][0] + line.corners[2][0] - line.corners[0][0] - line.corners[3][0]) / 2, 1.0) / sum(map(_part, line.text))


def _height(line: OcrLine) -> float:
    return max((line.corners[2][1] + line.corners[3][1] - line.corners[0][1] - line.corners[1][1]) / 2, 1.0)


def _part(char: str) -> float:
    return 1.0 if ord(char) > 0x2E7F or char in "“”‘’—…·" else 0.5


def _level(page: OcrPage) -> list[OcrLine]:
    """Lines as on a sheet that was laid in straight: turned back around the middle of the page by the median slant of long lines."""
    slants = [math.atan2(line.corners[1][1] - line.corners[0][1], line.corners[1][0] - line.corners[0][0]) for line in page.lines if len(line.text) >= _LONG and line.upright]
    slant = median(slants) if slants else 0.0
    cosine, sine, middle_x, middle_y = math.cos(-slant), math.sin(-slant), page.width / 2, page.height / 2

    def back(point: _Point) -> _Point:
        x, y = point[0] - middle_x, point[1] - middle_y
        return x * cosine - y * sine + middle_x, x * sine + y * cosine + middle_y

    return [replace(line, corners=tuple(map(back, line.corners))) for line in page.lines]


@functools.cache
def _engine():
    from rapidocr import RapidOCR

    # No line is dropped for its score (it is counted instead), none is turned alone: a page on its head reads badly as a whole and is turned as a whole.
    return RapidOCR(params={"Global.text_score": 0.0, "Global.use_cls": False, "Global.log_level": "critical"})


def _recognise(picture) -> tuple[OcrLine, ...]:
    """Lines of a picture. What a red seal covers is read as if the seal were not there; red words elsewhere (the head of a document) stay."""
    import numpy

    red = picture[:, :, 0].astype(numpy.int16) - picture[:, :, 1:].max(axis=2)
    lines = _read(picture)
    if float((red > _RED).mean()) < _RED_INK:
        return lines
    without = numpy.minimum(picture[:, :, 0] * 1.3, 255).astype(numpy.uint8)  # in red light a seal is nearly white, and black print on it black
    plain = _read(numpy.repeat(without[:, :, None], 3, axis=2))
    return plain + tuple(line for line in lines if len(line.text) > _SEAL_WORDS and not any(_overlap(line, other) for other in plain))


def _overlap(one: OcrLine, other: OcrLine) -> bool:
    """Does the middle of one line lie in the box of the other?"""
    def inside(line: OcrLine, box: OcrLine) -> bool:
        x, y = sum(x for x, _ in line.corners) / 4, sum(y for _, y in line.corners) / 4
        return min(x for x, _ in box.corners) <= x <= max(x for x, _ in box.corners) and min(y for _, y in box.corners) <= y <= max(y for _, y in box.corners)

    return inside(one, other) or inside(other, one)


def _read(picture) -> tuple[OcrLine, ...]:
    found = _engine()(picture[:, :, ::-1])  # it wants blue first
    if found.boxes is None or found.txts is None:
        return ()
    lines = (OcrLine(proper(text), float(score), tuple((float(x), float(y)) for x, y in box)) for box, text, score in zip(found.boxes, found.txts, found.scores))
    return tuple(line for line in lines if line.text and (len(line.text) > 1 or line.confidence >= SURE))


def proper(text: str) -> str:
    """A recognised line with its own signs where they are only mistaken for others of the same look: —8—, 〔2022〕."""
    number = _PAGE_NUMBER.fullmatch(text.strip())
    return f"—{number[1]}—" if number else _YEAR_BRACKETS.sub(r"〔\1〕", text.strip())


def _frames(content: bytes, name: str) -> list[Callable[[], object]]:
    """Functions that decode the pages of a picture file. Its sizes are read first: nothing is decoded that is too large."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(content)) as image:
            count = getattr(image, "n_frames", 1)
            if count > limits.IMAGE_FRAMES:
                raise UnreadableFile(name, f"图片有 {count} 帧，超过上限 {limits.IMAGE_FRAMES}", "请拆分后再试")
            for index in range(count):
                image.seek(index)
                if image.width * image.height > limits.IMAGE_PIXELS:
                    raise UnreadableFile(name, f"图片有 {image.width}×{image.height} 个像素，超过上限", "请按 200 至 300 dpi 重新扫描，或缩小图片后再试")
    except Image.DecompressionBombError as error:
        raise UnreadableFile(name, "图片的像素数超过上限", "请按 200 至 300 dpi 重新扫描，或缩小图片后再试") from error
    except UnidentifiedImageError as error:
        raise UnreadableFile(name, "图片已损坏，或格式（如 HEIC）不支持", "请另存为 PNG 或 JPG 后重试") from error
    except (OSError, ValueError, SyntaxError, EOFError, TypeError, IndexError) as error:
        raise UnreadableFile(name, "图片不完整或已损坏", "请重新扫描或重新导出图片") from error
    return [functools.partial(_pixels, content, index, name) for index in range(count)]


def _pixels(content: bytes, index: int, name: str):
    import numpy
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(content)) as image:
            image.seek(index)
            if image.format == "JPEG":
                image.draft("RGB", (limits.PICTURE_SIDE, limits.PICTURE_SIDE))
            image.load()
            seen = ImageOps.exif_transpose(image)
            seen.thumbnail((limits.PICTURE_SIDE, limits.PICTURE_SIDE))
            if seen.mode in ("RGBA", "LA", "PA", "P"):
                seen = seen.convert("RGBA")
                seen = Image.alpha_composite(Image.new("RGBA", seen.size, "white"), seen)
            return numpy.asarray(seen.convert("RGB"))
    except (OSError, ValueError, SyntaxError, EOFError, TypeError, IndexError, Image.DecompressionBombError) as error:
        raise UnreadableFile(name, "图片不完整或已损坏", "请重新扫描或重新导出图片") from error
