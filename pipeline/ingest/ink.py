"""What is written on a recognised page and in none of its lines: ink where nothing was read. Nothing may be called missing of such a page.

The recogniser says what it found, never what it overlooked: lone digits, a short line between two rules, a line over a fold. The ink itself says it.
Pictures are arrays (height, width, 3) of uint8, red first; places are pixels, y downwards.
"""

from __future__ import annotations

from collections.abc import Sequence

# Ink is darker than the paper around it by this share: a shadow over half the page is no ink, grey print is.
_DARKER = 0.72
# How much redder than green and blue a pixel of a seal is.
_RED = 60
# All sizes below are in characters, i.e. shares of the usual height of the page's characters.
_GROUND = 2.0  # paper is what is lightest within this reach
_RULE = 3.0  # straight strokes longer than this are rules of a table or under a head
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

    grey = cv2.medianBlur(cv2.cvtColor(without_red(picture), cv2.COLOR_RGB2GRAY), 3)
    small = cv2.resize(grey, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    reach = max(int(_GROUND * size / 4) | 1, 3)
    paper = cv2.GaussianBlur(cv2.dilate(small, cv2.getStructuringElement(cv2.MORPH_RECT, (reach, reach))), (0, 0), reach / 2)
    paper = cv2.resize(paper, (grey.shape[1], grey.shape[0]), interpolation=cv2.INTER_LINEAR)
    return ((grey < paper * _DARKER) & (paper > 40)).astype("uint8") * 255


def red_share(picture) -> float:
    """The share of pixels that are red: of a page without a seal next to none."""
    import numpy

    return float(((picture[:, :, 0].astype(numpy.int16) - picture[:, :, 1:].max(axis=2)) > _RED).mean())


def without_red(picture):
    """The picture in red light: a seal is nearly white there, and black print on it black."""
    import numpy

    red = numpy.minimum(picture[:, :, 0] * 1.3, 255).astype(numpy.uint8)
    return numpy.repeat(red[:, :, None], 3, axis=2)


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
    for wide, high in ((int(_RULE * size), 1), (1, int(_RULE * size))):
        rule = cv2.morphologyEx(cv2.dilate(mask, numpy.ones((3, 3), numpy.uint8)), cv2.MORPH_OPEN, numpy.ones((high, wide), numpy.uint8))
        mask[cv2.dilate(rule, numpy.ones((3, 3), numpy.uint8)) > 0] = 0
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
