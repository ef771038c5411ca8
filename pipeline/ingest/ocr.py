"""Pictures of pages → glyphs with places, so that a scan takes the same way to paragraphs as a PDF with text. The only module that speaks to RapidOCR.

RapidOCR and its models are the extra `[ocr]`; models lie in its wheel, nothing is fetched.
"""

from __future__ import annotations

import functools
import importlib.util
import io
import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from statistics import median

from pipeline.errors import UnreadableFile
from pipeline.ingest import apart, detect, ink, limits, pages, sheet
from pipeline.ingest.blocks import Reading
from pipeline.ingest.glyphs import TURNED_BACK, Edge, Glyph, PageContent
from pipeline.model import Warning

# Clean print gives 0.95 and more, short lines down to 0.83. Below this characters are guessed, and a line may say something else.
SURE = 0.8
# A single character or digit below this is guessed in a line that reads well as a whole (stops are let off: half of them are as low).
_SURE_CHARACTER = 0.5
# What is recognised worse than this as a whole may lie on its side or stand on its head.
_TURNED = 0.8
# Long lines tell the slant of a page; boxes of short ones are too rough.
_LONG = 8
# Sizes come from the widths of lines, give or take this share; so near to the usual size they are the usual size.
_SAME_SIZE = 0.12
# Pages without so much ink (share of dark pixels) and without a word are empty: the backs of sheets. A word is looked for in this share of a page's height.
_INK, _DARK, _LINE = 0.0005, 140, 0.016
# The share of red pixels from which a page has a seal.
_RED_INK = 0.001
# The ring of words in a seal breaks into pieces of so many characters.
_SEAL_WORDS = 3
_A4_WIDTH = 595.0
# Boxes of lines are higher than their characters, by this factor.
_BOX = 1.25
# Around a part that is looked at again, in characters; and how many parts of a page are: a page with more is a picture.
_MARGIN, _LOOKS = 0.35, 30
# What is left between two characters of a line is looked at with its neighbours: a digit that was dropped shows, the edge of a character does not.
_AROUND = 1.6
# Marks that dust and dashes are taken for.
_WIDE = 2.5  # characters of one cell do not stand so far apart, in steps from one to the next
_BARS = "|丨｜︱"  # what a rule is taken for
_SMUDGE = 0.4  # what is small and recognised worse than this is dirt
_NO_WORD = re.compile(r"[\W_一丨丶丿]*")
_PAGE_NUMBER = re.compile(r"[-—–－―一·]+\s*(\d{1,4})\s*[-—–－―一·]+")
# The brackets of a document's number are taken for others that look like them.
_YEAR_BRACKETS = re.compile(r"[〔\[［【(（{]((?:19|20)\d\d)[〕\]］】)）}](?=\d{1,4}号)")
ADVICE = "请安装文字识别部件（pip install 'luoshi[ocr]'）后重新运行，或换可复制文字的版本"

_Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class OcrLine:
    """A line as recognised.

    Attributes:
      confidence: Mean of its characters, 0 to 1.
      corners: Upper left, upper right, lower right, lower left, y downwards; pixels of the upright picture.
      middles: Where the middle of each character is, as share of the line's length; () where the recogniser does not say.
      weakest: Confidence of its least sure character, stops apart.
    """

    text: str
    confidence: float
    corners: tuple[_Point, _Point, _Point, _Point]
    middles: tuple[float, ...] = ()
    weakest: float = 1.0

    @property
    def sure(self) -> bool:
        return self.confidence >= SURE and self.weakest >= _SURE_CHARACTER

    @property
    def upright(self) -> bool:
        """Is it wider than high? A page on its side has columns of fallen lines."""
        (x0, y0), (x1, y1), _, (x3, y3) = self.corners
        return math.hypot(x1 - x0, y1 - y0) >= math.hypot(x3 - x0, y3 - y0) or len(self.text) < 3


@dataclass(frozen=True, slots=True)
class OcrPage:
    """A page as recognised, `width` and `height` in pixels.

    Attributes:
      turn: Degrees that it was turned counter-clockwise to stand upright.
      missed: Boxes (left, top, right, bottom) of what is written on the page and was not recognised, top down.
      rules: Ruled lines of tables as `ink.rules` gives them, where they would be on a sheet that was laid in straight.
      view: Where places of the page, before it was turned, are on the photograph that it was laid flat from; None of what lay flat.
    """

    lines: tuple[OcrLine, ...]
    width: int
    height: int
    turn: int = 0
    empty: bool = False
    missed: tuple[ink.Box, ...] = ()
    rules: tuple[ink.Box, ...] = ()
    view: sheet.View | None = None

    @property
    def unsure(self) -> int:
        """Lines that are not sure. Single characters are specks and crumbs of a seal, page numbers say nothing."""
        return sum(not line.sure and len(line.text) > 1 and not _PAGE_NUMBER.fullmatch(line.text) for line in self.lines)

    @property
    def quality(self) -> float:
        """Mean confidence by character, 0 for fallen lines; 0.0 of a page without lines."""
        total = sum(len(line.text) for line in self.lines)
        return sum(line.confidence * len(line.text) for line in self.lines if line.upright) / total if total else 0.0


def installed() -> bool:
    return all(importlib.util.find_spec(module) is not None for module in ("rapidocr", "onnxruntime"))


def models() -> list[str]:
    """Names of the models that lie in the installed package; where there are none, it would fetch them."""
    found = importlib.util.find_spec("rapidocr")
    return sorted(path.name for path in (Path(found.origin).parent / "models").glob("*.onnx")) if found is not None and found.origin else []


def read(content: bytes, name: str) -> Reading:
    """One picture, or the pages of a TIFF."""
    if not installed():
        raise UnreadableFile(name, *detect.EXTRAS["image"])
    reading, contents = Reading("image", ocr=True), []
    for number, page in enumerate(recognise(_frames(content, name)), start=1):
        if (warning := judge(page, number)) is not None:
            reading.warnings.append(warning)
        contents.append(fill(PageContent(number, 0, 0), page, _A4_WIDTH / min(page.width, page.height)))
    reading.pages, reading.unread_pages = len(contents), tuple(warning.page for warning in reading.warnings)
    return pages.lay_out(reading, contents)


def fill(content: PageContent, page: OcrPage, scale: float) -> PageContent:
    """Put a recognised page in the place of what a page's file says of it; `scale`: points a pixel."""
    content.width, content.height = page.width * scale, page.height * scale
    content.recognised, content.turn, content.slant, content.view = True, page.turn, _slant(page.lines), page.view
    content.glyphs, content.edges = glyphs_of(page, scale), [_edge(box, scale) for box in page.rules]
    return content


def _edge(box: ink.Box, scale: float) -> Edge:
    x0, y0, x1, y1 = (scale * side for side in box)
    return Edge(x0, (y0 + y1) / 2, x1, (y0 + y1) / 2) if x1 - x0 > y1 - y0 else Edge((x0 + x1) / 2, y0, (x0 + x1) / 2, y1)


def recognise(pictures: Iterable[Callable[[], object]]) -> list[OcrPage]:
    """Recognise pages one by one; each picture is made when its turn comes and let go after it (25 MB each).

    Args:
      pictures: Functions that give an array (height, width, 3) of uint8.
    """
    pictures = list(pictures)
    found = []
    if pictures:
        apart.page_recognised(0, len(pictures))
    for number, picture in enumerate(pictures, start=1):
        pixels = picture()
        found.append(_photographed(pixels))
        apart.page_recognised(number, len(pictures))
    return found


def _photographed(pixels) -> OcrPage:
    """A page of a picture: a sheet on a table is laid flat first; one whose lines do not run side by side is read again laid flat by them."""
    view = None
    if (corners := sheet.edges(pixels)) is not None:
        pixels, view = sheet.flat(pixels, corners, whole=True)
    page = upright(pixels, _recognise)
    oblique = sheet.by_lines([line.corners for line in page.lines if len(line.text) >= _LONG], page.width, page.height) if view is None else None
    if oblique is not None:
        laid, seen = sheet.flat(pixels, [_unturned(point, page) for point in oblique], whole=False)
        again = upright(laid, _recognise, (page.turn,))
        if again.quality > page.quality:
            pixels, page, view = laid, again, seen
    return replace(completed(page, pixels, _look_again), view=view)


def _unturned(point: _Point, page: OcrPage) -> _Point:
    """A place on a page that was turned upright, on the page before."""
    x, y = TURNED_BACK[page.turn](point[0] / page.width, point[1] / page.height)
    return (x * page.height, y * page.width) if page.turn in (90, 270) else (x * page.width, y * page.height)


def upright(picture, recognise_once: Callable[[object], tuple[OcrLine, ...]], turns: tuple[int, ...] = (0, 90, 270, 180)) -> OcrPage:
    """Recognise a page as it lies, and where that reads badly, turned; the best reading counts."""
    import numpy

    if float((picture.min(axis=2) < _DARK).mean()) < _INK and not ink.beside(picture, [], _LINE * picture.shape[0]):
        return OcrPage((), picture.shape[1], picture.shape[0], empty=True)
    best = None
    for turn in turns:
        turned = numpy.ascontiguousarray(numpy.rot90(picture, turn // 90))
        page = OcrPage(recognise_once(turned), turned.shape[1], turned.shape[0], turn)
        if best is None or page.quality > best.quality:
            best = page
        if best.quality >= _TURNED:
            break
    return best


def completed(page: OcrPage, picture, look_again: Callable[[object], tuple[OcrLine, ...] | None]) -> OcrPage:
    """A page with the words that were overlooked at first: where ink stands in no line, that part of the page is looked at again.

    Args:
      look_again: From a part of the picture to its lines; () where nothing is written, None where something is and cannot be read.
    """
    import numpy

    sized = [_height(line) / _BOX for line in page.lines for _ in line.text]
    if not sized:
        return page
    size = median(sized)
    turned = numpy.ascontiguousarray(numpy.rot90(picture, page.turn // 90))
    lines, missed = list(page.lines), []
    for index, box in enumerate(ink.beside(turned, [box for line in page.lines for box in _character_boxes(line)], size)):
        left, top, right, bottom = box
        within = next((line for line in page.lines if _holds(line, (left + right) / 2, (top + bottom) / 2)), None)
        aside, above = round((_AROUND if within else _MARGIN) * size), round(_MARGIN * size)
        x, y = max(left - aside, 0), max(top - above, 0)
        again = look_again(turned[y:bottom + above, x:right + aside]) if index < _LOOKS else None
        if again is None or within and not all(_inner(line.text) in within.text for line in again):
            missed.append(box)
        elif not within:
            lines += (replace(line, corners=tuple((cx + x, cy + y) for cx, cy in line.corners)) for line in again)
    return replace(page, lines=tuple(lines), missed=tuple(missed), rules=tuple(ink.rules(turned, size, _slant(lines))))


def _inner(text: str) -> str:
    """A piece out of a line without its first and last character, which may be cut, and without stops at its ends."""
    return re.sub(r"^\W+|\W+$", "", text[1:-1])


def _character_boxes(line: OcrLine) -> list[tuple[float, float, float, float]]:
    """Where the ink of a line's characters may stand: a little around each, the line's slant counted in."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = line.corners
    size, parts = _height(line) / _BOX, list(map(_part, line.text))
    middles = line.middles or [(sum(parts[:index]) + part / 2) / sum(parts) for index, part in enumerate(parts)]
    boxes = []
    for part, share in zip(parts, middles):
        top, bottom, middle = y0 + (y1 - y0) * share, y3 + (y2 - y3) * share, (x0 + x3) / 2 + ((x1 + x2) - (x0 + x3)) / 2 * share
        reach = ink.CHARACTER * size * (part if part == 1 else 1.2 * part)
        boxes.append((middle - reach, top - 0.1 * size, middle + reach, bottom + 0.1 * size))
    return boxes


def judge(page: OcrPage, number: int) -> Warning | None:
    """What of a recognised page must count as unread, None where all is sure or the sheet is blank."""
    if page.empty:
        return None
    if not page.lines:
        return Warning("page_without_text", f"第{number}页是图像，没有认出文字，本页按未读处理；请人工核对本页", number)
    doubts = [f"其中 {page.unsure} 行把握不大"] * bool(page.unsure) + [f"另有 {len(page.missed)} 处字迹没有认出"] * bool(page.missed)
    if doubts:
        return Warning("ocr_unsure", f"第{number}页经文字识别读入，共 {len(page.lines)} 行，{'，'.join(doubts)}，本页按未读全处理；请对照原件核对本页", number)
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
    for line in (part for whole in lines for part in _parted(whole, page.rules)):
        step = _step(line)
        size = step if len(line.text) >= _LONG else _height(line) / tall  # the edge around a box counts for much in a short line
        known = [usual] if len(line.text) >= _LONG else [usual, *map(_step, long)]
        near = min(known, key=lambda other: abs(other - size))
        size = scale * (near if abs(size - near) < _SAME_SIZE * near else size)
        x, base = scale * min(x for x, _ in line.corners), scale * sum(y for _, y in line.corners) / 4 + 0.38 * size
        for char in line.text:
            glyphs.append(Glyph(x, x + size * _part(char), base, 1.2 * size, char, line.confidence))
            x += scale * step * _part(char)
    return glyphs


def _parted(line: OcrLine, rules: tuple[ink.Box, ...]) -> list[OcrLine]:
    """A line of a page with tables, parted where a rule stands in it, and where its characters stand far apart: neighbouring cells are often found as one line."""
    (x0, y0), (x1, _), (x2, y2), (x3, _) = line.corners
    left, right, middle = (x0 + x3) / 2, (x1 + x2) / 2, (y0 + y2) / 2
    if not rules or len(line.middles) < 2:
        return [line]
    places = [left + share * (right - left) for share in line.middles]
    step = median(after - before for before, after in pairwise(places))
    at = {(a + c) / 2 for a, b, c, d in rules if d - b > c - a and b < middle < d and left < (a + c) / 2 < right}
    at = sorted(at | {(before + after) / 2 for before, after in pairwise(places) if after - before > _WIDE * step})
    found = []
    for begin, end in zip([-math.inf, *at], [*at, math.inf]):
        inside = [(char, x) for char, x in zip(line.text, places) if begin <= x < end and not (char in _BARS and min(abs(x - rule) for rule in at) < 0.5 * step)]
        if inside:
            sides = max(inside[0][1] - step / 2, begin, left), min(inside[-1][1] + step / 2, end, right)
            corners = ((sides[0], y0), (sides[1], y0), (sides[1], y2), (sides[0], y2))
            found.append(OcrLine("".join(char for char, _ in inside), line.confidence, corners, (), line.weakest))
    return found


def _step(line: OcrLine) -> float:
    """Pixels from one Chinese character of a line to the next."""
    return max((line.corners[1][0] + line.corners[2][0] - line.corners[0][0] - line.corners[3][0]) / 2, 1.0) / sum(map(_part, line.text))


def _height(line: OcrLine) -> float:
    return max((line.corners[2][1] + line.corners[3][1] - line.corners[0][1] - line.corners[1][1]) / 2, 1.0)


def _part(char: str) -> float:
    return 1.0 if ord(char) > 0x2E7F or char in "“”‘’—…·" else 0.5


def _slant(lines: Iterable[OcrLine]) -> float:
    """By how much a page's lines fall to the right, in radians."""
    slants = [math.atan2(line.corners[1][1] - line.corners[0][1], line.corners[1][0] - line.corners[0][0]) for line in lines if len(line.text) >= _LONG and line.upright]
    return median(slants) if slants else 0.0


def _level(page: OcrPage) -> list[OcrLine]:
    """Lines as on a sheet that was laid in straight: turned back around the middle of the page by the median slant of long lines."""
    slant = _slant(page.lines)
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
    lines = _read(picture)
    if ink.red_share(picture) < _RED_INK:
        return lines
    plain = _read(ink.without_red(picture))
    return plain + tuple(line for line in lines if len(line.text) > _SEAL_WORDS and not any(_overlap(line, other) for other in plain))


def _look_again(part) -> tuple[OcrLine, ...] | None:
    """What stands in a part of a page that was overlooked: first as one line, then by finding lines in it."""
    height, width = part.shape[:2]
    part = ink.without_red(part)
    found = _engine()(part[:, :, ::-1], use_det=False, use_cls=False, use_rec=True)
    text, score = (proper(found.txts[0]), float(found.scores[0])) if found.txts else ("", 0.0)
    whole = OcrLine(text, score, ((0.0, 0.0), (float(width), 0.0), (float(width), float(height)), (0.0, float(height))))
    if _NO_WORD.fullmatch(text) is None and whole.sure:
        return (whole,)
    lines = tuple(line for line in _read(part) if _NO_WORD.fullmatch(line.text) is None)
    if lines and all(line.sure for line in lines):
        return lines
    small = width < 2 * height and (_NO_WORD.fullmatch(text) is not None or score < _SMUDGE)
    return () if small else None


def _overlap(one: OcrLine, other: OcrLine) -> bool:
    """Does the middle of one line lie in the box of the other?"""
    def inside(line: OcrLine, box: OcrLine) -> bool:
        return _holds(box, sum(x for x, _ in line.corners) / 4, sum(y for _, y in line.corners) / 4)

    return inside(one, other) or inside(other, one)


def _holds(line: OcrLine, x: float, y: float) -> bool:
    """Is a place in the box of a line, its slant counted in?"""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = line.corners
    length = max((x1 + x2 - x0 - x3) / 2, 1.0)
    share, edge = (x - (x0 + x3) / 2) / length, 0.3 * (y3 - y0) / length
    return -edge <= share <= 1 + edge and y0 + (y1 - y0) * share <= y <= y3 + (y2 - y3) * share


def _read(picture) -> tuple[OcrLine, ...]:
    found = _engine()(picture[:, :, ::-1], use_det=True, use_cls=False, use_rec=True, return_word_box=True, return_single_char_box=True)  # it wants blue first
    if found.boxes is None or found.txts is None:
        return ()
    lines = (_line(text, score, box, characters) for text, score, box, characters in zip(found.txts, found.scores, found.boxes, found.word_results))
    return tuple(line for line in lines if line.text and (len(line.text) > 1 or line.confidence >= SURE))


def _line(text: str, score, box, characters) -> OcrLine:
    corners = tuple((float(x), float(y)) for x, y in box)
    shown = proper(text)
    middles: tuple[float, ...] = ()
    if shown == "".join(char for char, _, _ in characters):
        left, right = (corners[0][0] + corners[3][0]) / 2, (corners[1][0] + corners[2][0]) / 2
        middles = tuple((sum(x for x, _ in place) / 4 - left) / max(right - left, 1.0) for _, _, place in characters)
    return OcrLine(shown, float(score), corners, middles, min((float(sure) for char, sure, _ in characters if char.isalnum() and char != "一"), default=1.0))


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
