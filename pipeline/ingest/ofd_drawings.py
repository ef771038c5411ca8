"""What is drawn on an OFD page beside its text: pictures, and the ruled lines of tables (GB/T 33190, 8.4 and 9). ofdkit reads text alone."""

from __future__ import annotations

import io
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from pipeline.ingest import limits
from pipeline.ingest.glyphs import Edge
from pipeline.ingest.zipped import Container

_STEP = re.compile(r"([A-Za-z])([^A-Za-z]*)")
_PLACES = {"S": 2, "M": 2, "L": 2, "Q": 4, "B": 6, "A": 7, "C": 0}  # numbers behind each letter of a path; the last two are where it leads
# Lines shorter than this (mm) are strokes of a seal or a drawing; so far from straight a rule may be.
_SHORT, _STRAIGHT = 2.0, 0.2
_PATHS = 4000  # a form has a few hundred

_Affine = tuple[float, float, float, float, float, float]


@dataclass(slots=True)
class Drawings:
    """Millimetres from the upper left corner of the page, y downwards.

    Attributes:
      pictures: (left, top, right, bottom) and the bytes of each picture, those of the template first.
    """

    edges: list[Edge] = field(default_factory=list)
    pictures: list[tuple[tuple[float, float, float, float], bytes]] = field(default_factory=list)


def of_page(container: Container, location: str | None, left: float, top: float) -> Drawings:
    """Drawings of the page whose file is `location`; `left`, `top`: the corner of its box."""
    found = Drawings()
    root = container.xml(location) if location else None
    if root is None:
        return found
    document = location.split("/Pages/")[0] + "/Document.xml" if "/Pages/" in location else ""
    media = _media(container, document, location, root)
    for layer in (*_templates(container, document, root), root):
        content = _child(layer, "Content")
        for element in content if content is not None else ():
            _take(element, (1, 0, 0, 1, -left, -top), found, container, media, 0)
    return found


def stitched(drawings: Drawings, width: float, height: float):
    """The page as a picture: an array (height, width, 3) of uint8 at `limits.PICTURE_DPI`, what is drawn at its place. Raises what a broken picture raises."""
    import numpy
    from PIL import Image

    scale = min(limits.PICTURE_DPI / 25.4, limits.PICTURE_SIDE / max(width, height, 1.0))
    sheet = Image.new("RGB", (max(round(width * scale), 1), max(round(height * scale), 1)), "white")
    for (left, top, right, bottom), content in drawings.pictures:
        with Image.open(io.BytesIO(content)) as image:
            if image.width * image.height > limits.IMAGE_PIXELS:
                raise ValueError("picture too large")
            size = max(round((right - left) * scale), 1), max(round((bottom - top) * scale), 1)
            if max(size) > 2 * limits.PICTURE_SIDE:
                raise ValueError("picture far larger than its page")
            shown = image.convert("RGBA").resize(size)
        sheet.paste(shown, (round(left * scale), round(top * scale)), shown)
    return numpy.asarray(sheet)


def _media(container: Container, document: str, location: str, page: etree._Element) -> dict[str, str]:
    """Id of a resource → path of its file, out of the lists of the document and of the page."""
    lists = [(location, reference) for reference in page if _name(reference) == "PageRes"]
    root = container.xml(document) if document else None
    common = _child(root, "CommonData") if root is not None else None
    lists += [(document, reference) for reference in (common if common is not None else ()) if _name(reference) in ("PublicRes", "DocumentRes")]
    found: dict[str, str] = {}
    for owner, reference in lists:
        path = _resolve(owner, (reference.text or "").strip())
        resources = container.xml(path)
        if resources is None:
            continue
        base = resources.get("BaseLoc", "")
        for medium in resources.iter("{*}MultiMedia"):
            file = _child(medium, "MediaFile")
            if file is not None and file.text:
                name = file.text.strip()
                found.setdefault(medium.get("ID", ""), name.lstrip("/") if name.startswith("/") else _resolve(path, posixpath.join(base, name)))
    return found


def _templates(container: Container, document: str, page: etree._Element) -> Iterator[etree._Element]:
    wanted = [reference.get("TemplateID") for reference in page if _name(reference) == "Template"]
    root = container.xml(document) if document and wanted else None
    for template in root.iter("{*}TemplatePage") if root is not None else ():
        if template.get("ID") in wanted:
            found = container.xml(_resolve(document, template.get("BaseLoc", "")))
            if found is not None:
                yield found


def _take(element: etree._Element, matrix: _Affine, found: Drawings, container: Container, media: dict[str, str], depth: int) -> None:
    kind = _name(element)
    if kind in ("Layer", "PageBlock"):
        for child in element if depth < limits.NESTING else ():
            _take(child, matrix, found, container, media, depth + 1)
    elif kind == "ImageObject":
        content = container.member(media.get(element.get("ResourceID", ""), ""))
        if content is not None and len(found.pictures) < limits.IMAGE_FRAMES:
            whole = _times(_own(element), matrix)
            corners = [_apply(whole, x, y) for x in (0.0, 1.0) for y in (0.0, 1.0)]
            across, along = [x for x, _ in corners], [y for _, y in corners]
            found.pictures.append(((min(across), min(along), max(across), max(along)), content))
    elif kind == "PathObject" and len(found.edges) < _PATHS:
        if element.get("Stroke", "true") != "false" or element.get("Fill") == "true":
            path = _child(element, "AbbreviatedData")
            found.edges += _lines((path.text or "") if path is not None else "", _times(_own(element), matrix))


def _lines(path: str, matrix: _Affine) -> Iterator[Edge]:
    """The straight, level or upright strokes of a path."""
    start = last = None
    for letter, rest in _STEP.findall(path)[:_PATHS]:
        numbers = [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", rest)]
        if letter not in _PLACES or len(numbers) < _PLACES[letter]:
            return
        point = _apply(matrix, *numbers[_PLACES[letter] - 2:_PLACES[letter]]) if numbers and letter != "C" else start
        if letter in "LC" and last is not None and point is not None:
            (x0, x1), (y0, y1) = sorted((last[0], point[0])), sorted((last[1], point[1]))
            if min(x1 - x0, y1 - y0) < _STRAIGHT and max(x1 - x0, y1 - y0) > _SHORT:
                yield Edge(x0, y0, x1, y1)
        if letter in "SM":
            start = point
        last = point


def _own(element: etree._Element) -> _Affine:
    """From the object's own space to its parent's: its matrix, then its corner."""
    x, y, *_ = [*_numbers(element.get("Boundary")), 0.0, 0.0]
    a, b, c, d, e, f = own if len(own := _numbers(element.get("CTM"))) == 6 else (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    return a, b, c, d, e + x, f + y


def _numbers(text: str | None) -> list[float]:
    return [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", text or "")]


def _times(first: _Affine, then: _Affine) -> _Affine:
    a, b, c, d, e, f = first
    g, h, i, j, k, m = then
    return a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m


def _apply(matrix: _Affine, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def _resolve(owner: str, path: str) -> str:
    return path.lstrip("/") if path.startswith("/") else posixpath.normpath(posixpath.join(posixpath.dirname(owner), path))


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname


def _child(element: etree._Element, name: str) -> etree._Element | None:
    return next((child for child in element if _name(child) == name), None)
