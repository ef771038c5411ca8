"""One PDF page as PDFium sees it: glyphs with places, ruled lines, pictures. The only module that speaks to PDFium.

Coordinates are points, x to the right and y downwards, turned so that most of the page's text is upright, whatever /Rotate says.
"""

from __future__ import annotations

import ctypes
import math
from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

import pypdfium2 as pdfium
from pypdfium2 import raw

from pipeline.errors import UnreadableFile
from pipeline.ingest import limits, sheet

# Paper is white: text this light is not seen on it. Smaller than this is not read by anybody either (in points).
_WHITE, _TINY = 245, 1.5
# From here on characters are as wide as their font is high.
_CHINESE = 0x2E80
# Every so many characters are asked whether their font names them; only where one is not, all are.
_SAMPLE = 8
# A drawing (map, chart) has thousands of lines, a form a few hundred.
_SEGMENTS = 4000
# How thick a filled bar may be and still be a ruled line.
_BAR = 3.0
# Text that reaches over its clipping path by less than this is not worth a look.
_SLACK = 1.0
# Clipping paths nest a few deep; what has more is a drawing.
_CLIPS = 20


class Glyph(NamedTuple):
    """`x0`, `x1`: its advance; `y`: its base line; `height`: of its font's box, about 1.2 times the font size; `confidence` as in `model.Place`."""

    x0: float
    x1: float
    y: float
    height: float
    char: str
    confidence: float | None = None


class Edge(NamedTuple):
    """A horizontal or vertical ruled line."""

    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(slots=True)
class PageContent:
    """What stands on a page.

    Attributes:
      number: From 1.
      picture_share: Of the page's area, covered by the largest picture.
      hidden: Glyphs left out because nobody sees them on paper.
      unmapped: Glyphs whose font does not say which character they are.
      aslant: Glyphs left out because they stand at another angle than the rest (watermarks, notes on the edge).
      recognised: Its glyphs come out of a picture.
      turn: Degrees that the page as shown was turned counter-clockwise to stand upright.
      slant: Radians by which its lines then still fall to the right; glyphs and edges are where they would be on a sheet that was laid in straight.
      view: Where places on the sheet, before it was turned, are on the photograph that it was laid flat from.
    """

    number: int
    width: float
    height: float
    glyphs: list[Glyph] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    picture_share: float = 0.0
    hidden: int = 0
    unmapped: int = 0
    aslant: int = 0
    recognised: bool = False
    turn: int = 0
    slant: float = 0.0
    view: sheet.View | None = None

    def shown(self, x0: float, y0: float, x1: float, y1: float) -> tuple[float, float, float, float]:
        """A box as shares of the page as a viewer shows it: left, top, right, bottom."""
        corners: tuple[tuple[float, float], ...] = ((x0, y0), (x1, y1))
        if self.slant or self.view:
            cosine, sine, middle_x, middle_y = math.cos(self.slant), math.sin(self.slant), self.width / 2, self.height / 2
            corners = tuple((cosine * (x - middle_x) - sine * (y - middle_y) + middle_x, sine * (x - middle_x) + cosine * (y - middle_y) + middle_y)
                            for x in (x0, x1) for y in (y0, y1))
        shares = [TURNED_BACK[self.turn](x / max(self.width, 1.0), y / max(self.height, 1.0)) for x, y in corners]
        if self.view:
            shares = [sheet.on_picture(self.view, x, y) for x, y in shares]
        across, along = [min(max(x, 0.0), 1.0) for x, _ in shares], [min(max(y, 0.0), 1.0) for _, y in shares]
        return round(min(across), 4), round(min(along), 4), round(max(across), 4), round(max(along), 4)


# Shares of an upright page → shares of the page as shown, by the degrees that it was turned counter-clockwise.
TURNED_BACK = {0: lambda x, y: (x, y), 90: lambda x, y: (1 - y, x), 180: lambda x, y: (1 - x, 1 - y), 270: lambda x, y: (y, 1 - x)}


class _Handle(ctypes.c_void_p):
    """Something of PDFium's; `value` is its address, None for none."""


def _direct(function, result=ctypes.c_int):
    """A function of PDFium called without the checks of its arguments, which take three times as long as the call, and a page needs ten thousand.

    Handles must be `_Handle`s, places for results `byref`, numbers int.
    """
    return ctypes.PYFUNCTYPE(result)(ctypes.cast(function, ctypes.c_void_p).value)


def _pointer(handle) -> _Handle:
    return _Handle(ctypes.cast(handle, ctypes.c_void_p).value)


_get_unicode, _get_angle = _direct(raw.FPDFText_GetUnicode, ctypes.c_uint), _direct(raw.FPDFText_GetCharAngle, ctypes.c_float)
_get_font_size, _get_turn = _direct(raw.FPDFText_GetFontSize, ctypes.c_double), _direct(raw.FPDFText_GetMatrix)
_get_box, _get_origin = _direct(raw.FPDFText_GetLooseCharBox), _direct(raw.FPDFText_GetCharOrigin)
_is_generated, _is_unmapped, _text_object = _direct(raw.FPDFText_IsGenerated), _direct(raw.FPDFText_HasUnicodeMapError), _direct(raw.FPDFText_GetTextObject, _Handle)
_count_objects, _object_of = _direct(raw.FPDFPage_CountObjects), _direct(raw.FPDFPage_GetObject, _Handle)
_count_inner, _inner_of = _direct(raw.FPDFFormObj_CountObjects), _direct(raw.FPDFFormObj_GetObject, _Handle)
_type_of, _mode_of = _direct(raw.FPDFPageObj_GetType), _direct(raw.FPDFTextObj_GetTextRenderMode)
_get_fill, _get_matrix, _get_bounds = _direct(raw.FPDFPageObj_GetFillColor), _direct(raw.FPDFPageObj_GetMatrix), _direct(raw.FPDFPageObj_GetBounds)
_get_draw_mode, _count_segments, _segment_of = _direct(raw.FPDFPath_GetDrawMode), _direct(raw.FPDFPath_CountSegments), _direct(raw.FPDFPath_GetPathSegment, _Handle)
_get_point, _kind_of_segment, _closes = _direct(raw.FPDFPathSegment_GetPoint), _direct(raw.FPDFPathSegment_GetType), _direct(raw.FPDFPathSegment_GetClose)
_clip_of, _count_clips = _direct(raw.FPDFPageObj_GetClipPath, _Handle), _direct(raw.FPDFClipPath_CountPaths)
_count_clip_segments, _clip_segment = _direct(raw.FPDFClipPath_CountPathSegments), _direct(raw.FPDFClipPath_GetPathSegment, _Handle)
_new = tuple.__new__  # a named tuple made by its own name takes twice as long


def open_pdf(content: bytes, name: str) -> pdfium.PdfDocument:
    """Raises UnreadableFile for an encrypted, a truncated and a broken file, each in its own words."""
    tail = content.rfind(b"%%EOF")
    cut = tail < 0 or b" obj" in content[tail:]
    try:
        document = pdfium.PdfDocument(content)
        pages = len(document)
    except pdfium.PdfiumError as error:
        if error.err_code == raw.FPDF_ERR_PASSWORD:
            raise UnreadableFile(name, "PDF 已加密，没有密码打不开", "请去除打开密码后重新提交") from error
        if error.err_code == raw.FPDF_ERR_SECURITY:
            raise UnreadableFile(name, "PDF 使用了不支持的加密方式", "请去除加密后重新提交") from error
        raise UnreadableFile(name, "PDF 不完整或已损坏", "请重新下载或重新导出 PDF") from error
    if cut:
        raise UnreadableFile(name, "PDF 不完整（文件尾缺失，后面的内容可能丢失）", "请重新下载或重新导出 PDF")
    if pages > limits.PDF_PAGES:
        raise UnreadableFile(name, f"PDF 有 {pages} 页，超过上限 {limits.PDF_PAGES} 页", "请拆分后再试")
    if not pages:
        raise UnreadableFile(name, "PDF 里没有页面", "请重新导出 PDF")
    return document


def page_content(document: pdfium.PdfDocument, number: int, name: str) -> PageContent:
    """Glyphs, lines and pictures of one page (from 1)."""
    try:
        page = document[number - 1]
    except pdfium.PdfiumError as error:
        raise UnreadableFile(name, f"PDF 第{number}页已损坏，打不开", "请重新导出 PDF") from error
    try:
        left, bottom, right, top = page.get_bbox()
        objects = _Objects(page, (left, bottom, right, top))
        text = page.get_textpage()
        try:
            return _content(number, text, objects, (left, bottom, right, top), page.get_rotation(), name)
        finally:
            text.close()
    except pdfium.PdfiumError as error:
        raise UnreadableFile(name, f"PDF 第{number}页已损坏，读不出", "请重新导出 PDF") from error
    finally:
        page.close()


def picture(document: pdfium.PdfDocument, number: int, name: str):
    """A page (from 1) as it would be printed: an array (height, width, 3) of uint8, red first, `limits.PICTURE_DPI` unless the page is a poster."""
    try:
        page = document[number - 1]
        try:
            scale = min(limits.PICTURE_DPI / 72, limits.PICTURE_SIDE / max(*page.get_size(), 1.0))
            return page.render(scale=scale, rev_byteorder=True, force_bitmap_format=raw.FPDFBitmap_BGR).to_numpy().copy()
        finally:
            page.close()
    except pdfium.PdfiumError as error:
        raise UnreadableFile(name, f"PDF 第{number}页已损坏，读不出", "请重新导出 PDF") from error


def _content(number: int, textpage: pdfium.PdfTextPage, objects: _Objects, box: tuple[float, ...], rotation: int, name: str) -> PageContent:
    count = textpage.count_chars()
    if count > limits.PAGE_CHARACTERS:
        raise UnreadableFile(name, f"PDF 第{number}页有 {count} 个字符，不是正常的文件", "请检查文件来源")
    handle, rectangle, x, y = _pointer(textpage.raw), raw.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
    rectangle_pointer, x_pointer, y_pointer = ctypes.byref(rectangle), ctypes.byref(x), ctypes.byref(y)
    codes = [_get_unicode(handle, index) for index in range(count)]
    angles = [round(math.degrees(_get_angle(handle, index))) % 360 if code > 32 else -1 for index, code in enumerate(codes)] if objects.turned else ()
    turns = Counter(angle for angle in angles if angle >= 0)
    upright = max(sorted(turns), key=turns.get) if turns else 0
    some_unmapped = any(_is_unmapped(handle, index) == 1 for index in range(0, count, _SAMPLE))
    place, width, height = _upright(upright, box)
    left, bottom, right, top = box
    content = PageContent(number, width, height, picture_share=objects.picture_share, turn=(upright + rotation) % 360 if upright % 90 == 0 else 0)
    low = high = base = math.nan  # of the glyph before: glyphs whose boxes are as low and as high stand on the same base line
    glyphs, suspects = content.glyphs, bool(objects.suspects)
    for index, code in enumerate(codes):
        if code <= 32 and (code < 32 or _is_generated(handle, index) == 1):
            continue
        if code >= 0xE000 and (code <= 0xF8FF or code >= 0xFFFE) or some_unmapped and _is_unmapped(handle, index) == 1:
            content.unmapped += 1
            continue
        if not _get_box(handle, index, rectangle_pointer):
            continue
        x0, y0, x1, y1 = rectangle.left, rectangle.bottom, rectangle.right, rectangle.top
        if y0 != low or y1 != high or upright:
            if not _get_origin(handle, index, x_pointer, y_pointer):
                continue
            low, high, base = y0, y1, y.value
        if angles and angles[index] >= 0 and angles[index] != upright:
            content.aslant += 1
            continue
        centre_x, centre_y = (x0 + x1) / 2, (y0 + y1) / 2
        if (not (left <= centre_x <= right and bottom <= centre_y <= top) or abs(y1 - y0) < _TINY and _set_size(handle, index) < _TINY
                or suspects and objects.hides(handle, index, centre_x, centre_y)):
            content.hidden += code != 32
            continue
        if upright == 0:  # nearly every page: `place` written out
            x0, x1, line, tall = x0 - left, x1 - left, top - base, y1 - y0
        else:
            (x0, y0), (x1, y1), (_, line) = place(x0, y0), place(x1, y1), place(x.value, base)
            tall = y1 - y0
        wide, tall = abs(x1 - x0), abs(tall)
        if tall < wide and code >= _CHINESE:  # a font without a box of its own: that of the ink
            tall = 1.2 * wide
        glyphs.append(_new(Glyph, (x0, x1, line, tall, chr(code), None) if x0 <= x1 else (x1, x0, line, tall, chr(code), None)))
    for edge in objects.edges:
        (x0, y0), (x1, y1) = place(edge.x0, edge.y0), place(edge.x1, edge.y1)
        content.edges.append(Edge(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)))
    return content


def _set_size(handle: _Handle, index: int) -> float:
    """The font size at which a character is set, in points. A dash in a font drawn for this file (Type 3) has a box as flat as its ink, and is no tiny character."""
    if not _get_turn(handle, index, _PLACE_POINTER):
        return 0.0
    return _get_font_size(handle, index) * math.hypot(_PLACE.c, _PLACE.d)


def _upright(angle: int, box: tuple[float, ...]):
    """A function from PDF places to page places for text at an angle (degrees clockwise, as PDFium counts), and the page's width and height."""
    left, bottom, right, top = box
    width, height = right - left, top - bottom
    if angle == 90:
        return (lambda x, y: (top - y, right - x)), height, width
    if angle == 180:
        return (lambda x, y: (right - x, y - bottom)), width, height
    if angle == 270:
        return (lambda x, y: (y - bottom, x - left)), height, width
    return (lambda x, y: (x - left, top - y)), width, height


_Matrix = tuple[float, float, float, float, float, float]
_Box = tuple[float, float, float, float]  # left, bottom, right, top


class _Objects:
    """Everything on a page that is not a glyph, and the text objects that may be invisible."""

    def __init__(self, page: pdfium.PdfPage, box: tuple[float, ...]):
        self.area = max((box[2] - box[0]) * (box[3] - box[1]), 1.0)
        self.edges: list[Edge] = []
        self.picture_share = 0.0
        self.turned = False  # some text is not upright
        self.suspects: dict[int, str] = {}  # address of a text object → why it may be invisible
        self._windows: dict[int, _Box] = {}  # address of a text object that is cut off → the part of the page it is seen in
        self._grounds: list[tuple[_Box, str]] = []  # what may stand under text: filled shapes, pictures
        self._segments = 0
        handle = _pointer(page.raw)
        for index in range(_count_objects(handle)):
            self._take(_object_of(handle, index), _AS_IS, 0)

    def hides(self, handle, index: int, x: float, y: float) -> bool:
        """Is the glyph at a place one that nobody sees?

        Invisible text over a picture is an OCR layer, light text on a dark ground is a table's head: both are seen. What a form's cell cuts off is not.
        """
        address = _text_object(handle, index).value
        why = self.suspects.get(address)
        if why is None or why == "clear":
            return why is not None
        if why == "cut":
            return not _holds(self._windows[address], x, y)
        return not any(kind == "picture" or why == "white" for box, kind in self._grounds if _holds(box, x, y))

    def _take(self, item, matrix: _Matrix, depth: int) -> None:
        kind = _type_of(item)
        if kind == raw.FPDF_PAGEOBJ_TEXT:
            self._text(item, matrix)
        elif kind == raw.FPDF_PAGEOBJ_PATH:
            self._path(item, matrix)
        elif kind == raw.FPDF_PAGEOBJ_IMAGE or kind == raw.FPDF_PAGEOBJ_SHADING:
            left, bottom, right, top = box = _bounds(item, matrix)
            if kind == raw.FPDF_PAGEOBJ_IMAGE:
                self.picture_share = max(self.picture_share, (right - left) * (top - bottom) / self.area)
            self._grounds.append((box, "picture" if kind == raw.FPDF_PAGEOBJ_IMAGE else "fill"))
        elif kind == raw.FPDF_PAGEOBJ_FORM and depth < limits.NESTING:
            inner = _times(_matrix(item), matrix)
            for index in range(_count_inner(item)):
                self._take(_inner_of(item, index), inner, depth + 1)

    def _text(self, item, matrix: _Matrix) -> None:
        if not self.turned:
            a, b, *_ = _times(_matrix(item), matrix)
            self.turned = a < 0 or abs(b) > 0.02 * abs(a)
        mode = _mode_of(item)
        if mode in (raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP):
            self.suspects[item.value] = "invisible"
            return
        colour = _fill(item)
        if colour is not None and mode == raw.FPDF_TEXTRENDERMODE_FILL and (colour[3] == 0 or min(colour[:3]) >= _WHITE):
            self.suspects[item.value] = "clear" if colour[3] == 0 else "white"
            return
        if (window := _window(item, matrix)) is not None:
            left, bottom, right, top = _bounds(item, matrix)
            if not (_holds(window, left + _SLACK, bottom + _SLACK) and _holds(window, right - _SLACK, top - _SLACK)):
                self.suspects[item.value], self._windows[item.value] = "cut", window

    def _path(self, item, matrix: _Matrix) -> None:
        fill_mode, stroke = ctypes.c_int(), ctypes.c_int()
        _get_draw_mode(item, ctypes.byref(fill_mode), ctypes.byref(stroke))
        if fill_mode.value:
            colour = _fill(item)
            if colour is not None and colour[3] and min(colour[:3]) < _WHITE:
                self._grounds.append((_bounds(item, matrix), "fill"))
            elif not stroke.value:
                return
        elif not stroke.value:
            return
        count = _count_segments(item)
        self._segments += count
        if self._segments > _SEGMENTS:
            return
        whole = _times(_matrix(item), matrix)
        x, y = ctypes.c_float(), ctypes.c_float()
        x_pointer, y_pointer = ctypes.byref(x), ctypes.byref(y)
        start = last = None
        for index in range(count):
            segment = _segment_of(item, index)
            _get_point(segment, x_pointer, y_pointer)
            point = _apply(whole, x.value, y.value)
            kind = _kind_of_segment(segment)
            if kind == raw.FPDF_SEGMENT_MOVETO:
                start = point
            elif kind == raw.FPDF_SEGMENT_LINETO and last is not None:
                self._edge(last, point)
            last = point
            if _closes(segment) and start is not None:
                self._edge(last, start)

    def _edge(self, a: tuple[float, float], b: tuple[float, float]) -> None:
        across, along = abs(a[0] - b[0]), abs(a[1] - b[1])
        if min(across, along) < 0.5 and max(across, along) > _BAR:
            self.edges.append(Edge(min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1])))


# Made once: a page has thousands of text objects, and each is asked for its colour and its matrix.
_COLOUR = (ctypes.c_uint(), ctypes.c_uint(), ctypes.c_uint(), ctypes.c_uint())
_COLOUR_POINTERS = tuple(map(ctypes.byref, _COLOUR))
_PLACE = raw.FS_MATRIX()
_PLACE_POINTER = ctypes.byref(_PLACE)
_AS_IS = (1, 0, 0, 1, 0, 0)


def _fill(item) -> tuple[int, int, int, int] | None:
    if not _get_fill(item, *_COLOUR_POINTERS):
        return None
    red, green, blue, alpha = _COLOUR
    return red.value, green.value, blue.value, alpha.value


def _matrix(item) -> _Matrix:
    if not _get_matrix(item, _PLACE_POINTER):
        return _AS_IS
    return _PLACE.a, _PLACE.b, _PLACE.c, _PLACE.d, _PLACE.e, _PLACE.f


def _times(first: _Matrix, then: _Matrix) -> _Matrix:
    if then is _AS_IS:
        return first
    a, b, c, d, e, f = first
    g, h, i, j, k, m = then
    return a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m


def _apply(matrix: _Matrix, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def _holds(box: _Box, x: float, y: float) -> bool:
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _window(item, matrix: _Matrix) -> _Box | None:
    """The box in which the clipping paths of an object let it be seen, None where there are none."""
    clip = _clip_of(item)
    count = _count_clips(clip) if clip else 0
    if not 0 < count <= _CLIPS:
        return None
    window = (-math.inf, -math.inf, math.inf, math.inf)
    x, y = ctypes.c_float(), ctypes.c_float()
    for path in range(count):
        points = []
        for index in range(min(_count_clip_segments(clip, path), _SEGMENTS)):
            _get_point(_clip_segment(clip, path, index), ctypes.byref(x), ctypes.byref(y))
            points.append(_apply(matrix, x.value, y.value))
        if points:
            across, along = [point[0] for point in points], [point[1] for point in points]
            window = max(window[0], min(across)), max(window[1], min(along)), min(window[2], max(across)), min(window[3], max(along))
    return window


def _bounds(item, matrix: _Matrix) -> _Box:
    left, bottom, right, top = ctypes.c_float(), ctypes.c_float(), ctypes.c_float(), ctypes.c_float()
    if not _get_bounds(item, *map(ctypes.byref, (left, bottom, right, top))):
        return 0.0, 0.0, 0.0, 0.0
    (x0, y0), (x1, y1) = _apply(matrix, left.value, bottom.value), _apply(matrix, right.value, top.value)
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)
