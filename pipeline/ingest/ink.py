"""What is written on a recognised page and in none of its lines: ink where nothing was read. Nothing may be called missing of such a page.

The recogniser says what it found, never what it overlooked: lone digits, a short line between two rules, a line over a fold. The ink itself says it.
Pictures are arrays (height, width, 3) of uint8, red first; places are pixels, y downwards.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

# Ink is darker than the paper around it by this share: a shadow over half the page is no ink, grey print is.
_DARKER = 0.72
# How much redder than green and blue a pixel of a seal is.
_RED = 60
# All sizes below are in characters, i.e. shares of the usual height of the page's characters.
_BLACK = 40  # darker than this is no paper but the table that it was photographed on
_GROUND = 2.0  # paper is what is lightest within this reach
_RULE = 3.0  # straight strokes longer than this are rules of a table or under a head
_HAIR = 0.88  # share of the paper's light that is left of a hair line on a scan
_BLUR = 0.5
_THICK, _THICKNESS = 0.2, 8  # a rule is thinner than this on the whole, in characters or in pixels; rows of print are not
_PIECES = 0.35  # pieces of one rule are not farther apart, two rules are
_BENT = 1.0  # by so much a rule over a whole page falls
_SPECK = 0.22  # dust, and stops that are left of a line
_LARGE = 2.6  # more than this in both directions in one piece is a picture, a seal or a frame
_SOLID = 0.72  # share of its box that a punched hole or a black edge fills
_TALL = 0.45  # the lowest piece that may be a digit; 一 alone is lower, and never stands alone
_APART = 0.6  # pieces nearer than this are one word
_EDGE = 0.012  # share of the page: what touches its edge is the edge of the sheet
CHARACTER = 0.54  # from the middle of a recognised character to where its ink ends at most
_NARROW = 0.2  # the narrowest digit, 1; what is narrower is the edge of a recognised character

Box = tuple[int, int, int, int]  # left, top, right, bottom


def of(picture, size: float):
    """Ink of a picture as a mask of 0 and 255; seals and other red is none.

    Args:
      size: Height of a usual character.
    """
    import cv2

    grey, paper = _grey(picture, size)
    return ((cv2.medianBlur(grey, 3) < paper * _DARKER) & (paper > _BLACK)).astype("uint8") * 255


def _grey(picture, size: float):
    """The picture in shades, and how light the paper is at each place."""
    import cv2

    grey = cv2.cvtColor(without_red(picture), cv2.COLOR_RGB2GRAY)
    small = cv2.resize(cv2.medianBlur(grey, 3), None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    reach = max(int(_GROUND * size / 4) | 1, 3)
    paper = cv2.GaussianBlur(cv2.dilate(small, cv2.getStructuringElement(cv2.MORPH_RECT, (reach, reach))), (0, 0), reach / 2)
    return grey, cv2.resize(paper, (grey.shape[1], grey.shape[0]), interpolation=cv2.INTER_LINEAR)


def red_share(picture) -> float:
    """The share of pixels that are red: of a page without a seal next to none."""
    import numpy

    return float(((picture[:, :, 0].astype(numpy.int16) - picture[:, :, 1:].max(axis=2)) > _RED).mean())


def without_red(picture):
    """The picture in red light: a seal is nearly white there, and black print on it black."""
    import numpy

    red = numpy.minimum(picture[:, :, 0] * 1.3, 255).astype(numpy.uint8)
    return numpy.repeat(red[:, :, None], 3, axis=2)


def rules(picture, size: float, slant: float) -> list[Box]:
    """Ruled lines of a table, the slant of the page (radians) taken out around its middle: flat boxes lie, narrow ones stand. [] where no table is drawn."""
    import cv2

    grey, paper = _grey(picture, size)
    shade = cv2.convertScaleAbs(cv2.divide(grey, cv2.max(paper, 1), scale=255))
    height, width = shade.shape
    if abs(slant) * width > 2:
        shade = cv2.warpAffine(shade, cv2.getRotationMatrix2D((width / 2, height / 2), math.degrees(slant), 1.0), (width, height), borderValue=255)
    found: list[list[Box]] = []
    for wide, high in ((int(_BLUR * size), 1), (1, int(_BLUR * size))):  # a rule is a hair line, which noise breaks: along the rule it is smoothed
        mask = (cv2.blur(shade, (wide, high)) < 255 * _HAIR).astype("uint8") * 255
        stroke = next(_strokes(mask, size, flat=wide > high))
        count, _, stats, _ = cv2.connectedComponentsWithStats(stroke, connectivity=8)
        thin = [(int(x), int(y), int(x + w), int(y + h)) for x, y, w, h, area in stats[1:count]
                if area / max(w, h) < max(_THICK * size, _THICKNESS) and min(w, h) < _BENT * size]
        found.append(_aligned(thin, _PIECES * size, flat=wide > high))
    return [*found[0], *found[1]] if min(map(len, found)) >= 3 else []


def _aligned(pieces: list[Box], reach: float, flat: bool) -> list[Box]:
    """Pieces of rules, each without thickness at the height (or side) that it shares with those next to it."""
    low, high = (1, 3) if flat else (0, 2)
    groups: list[list[Box]] = []
    for piece in sorted(pieces, key=lambda box: box[low] + box[high]):
        if groups and piece[low] + piece[high] - groups[-1][-1][low] - groups[-1][-1][high] < 2 * reach:
            groups[-1].append(piece)
        else:
            groups.append([piece])
    found = []
    for group in groups:
        long = sum(box[2 if flat else 3] - box[0 if flat else 1] for box in group)
        place = round(sum((box[2 if flat else 3] - box[0 if flat else 1]) * (box[low] + box[high]) / 2 for box in group) / long)
        found += [(x0, place, x1, place) if flat else (place, y0, place, y1) for x0, y0, x1, y1 in sorted(group)]
    return found


def _strokes(mask, size: float, flat: bool | None = None):
    """Masks of the long straight strokes that lie, and of those that stand (or of one kind)."""
    import cv2
    import numpy

    thick = cv2.dilate(mask, numpy.ones((3, 3), numpy.uint8))
    for wide, high in ((int(_RULE * size), 1), (1, int(_RULE * size))):
        if flat is None or flat == (wide > high):
            yield cv2.morphologyEx(thick, cv2.MORPH_OPEN, numpy.ones((high, wide), numpy.uint8))


def beside(picture, characters: Sequence[tuple[float, float, float, float]], size: float) -> list[Box]:
    """Boxes of words that no recognised character stands in, top down.

    Args:
      characters: (left, top, right, bottom) of each that was recognised, with some room around it.
    """
    import cv2
    import numpy

    mask = of(picture, size)
    for left, top, right, bottom in characters:
        cv2.rectangle(mask, (int(left), int(top)), (int(right), int(bottom)), 0, -1)
    for stroke in _strokes(mask, size):
        mask[cv2.dilate(stroke, numpy.ones((3, 3), numpy.uint8)) > 0] = 0
    height, width = mask.shape
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    left, top, wide, high, area = stats.T
    edge = (left < width * _EDGE) | (top < height * _EDGE) | (left + wide > width * (1 - _EDGE)) | (top + high > height * (1 - _EDGE))
    large = numpy.maximum(wide, high) > _LARGE * size
    speck = numpy.maximum(wide, high) < _SPECK * size
    solid = (area > _SOLID * wide * high) & (numpy.minimum(wide, high) > 0.5 * size)
    kept = ~(edge | large | speck | solid)
    kept[0] = False
    mask = kept[labels].astype(numpy.uint8) * 255
    joined = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, numpy.ones((max(int(0.25 * size), 1), max(int(_APART * size), 1)), numpy.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    found = []
    for x, y, w, h, _ in stats[1:count]:
        if h >= _TALL * size and w >= _NARROW * size:
            found.append((int(x), int(y), int(x + w), int(y + h)))
    return sorted(found, key=lambda box: (box[1], box[0]))
