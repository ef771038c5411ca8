"""A photographed sheet laid flat: found by its edges on the table, or by its lines of print where no edge is seen.

A scan is left as it is: its paper reaches to the edges of the picture, its lines run side by side. Pictures are arrays (height, width, 3) of uint8, red first.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

Point = tuple[float, float]
# From places on the flat sheet to places on the picture as it was, both as shares of width and height: three rows of a projective map.
View = tuple[float, float, float, float, float, float, float, float, float]

_SMALL = 640  # pixels of the longer side at which edges of a sheet are looked for: print is too fine to be seen there
_PRINT = 0.035  # share of the longer side; lines of print are nearer to each other
_LEVELS = range(70, 231, 10)  # how light paper may be, from a room at night to a flash
_PART = 0.25  # a smaller sheet is a note on the table
_BORDER = 0.008  # share of a side: what is nearer to the picture's edge goes on beyond it, and where its corner lies is not known
_STRAIGHT = 0.96  # share of its outline's area that a sheet with four corners fills
_CONTRAST, _SEEN = 12, 0.75  # the sheet is lighter than the table by so many shades, along this share of each side
_CORNER = (55, 125)  # degrees of a sheet's corners, photographed from a place where its words can be read
_A4, _NEAR_A4 = math.sqrt(2), 0.15
_NARROW = 0.55  # the shorter of two opposite sides, as share of the longer: farther away print is too small to be read
# Lines of print tell how the sheet lies where so many of them begin (or end) at one margin.
_ROWS, _OFF_MARGIN = 6, 0.02
_OBLIQUE = math.radians(1.0)  # lines of a scan run side by side and begin below each other, up to this


def edges(picture) -> tuple[Point, ...] | None:
    """Corners (upper left, upper right, lower right, lower left; pixels) of a sheet that lies on something darker, None where none is seen as a whole."""
    import cv2
    import numpy

    scale = _SMALL / max(picture.shape[:2])
    light = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).min(axis=2)  # colour of a table is darker than paper
    reach = int(_PRINT * _SMALL) | 1
    plain = cv2.morphologyEx(light, cv2.MORPH_CLOSE, numpy.ones((reach, reach), numpy.uint8))
    best: tuple[float, tuple[Point, ...]] | None = None
    for level in _LEVELS:
        mask = cv2.morphologyEx((plain > level).astype(numpy.uint8), cv2.MORPH_OPEN, numpy.ones((reach, reach), numpy.uint8))
        found, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        if not found:
            break
        corners = _corners(cv2.convexHull(max(found, key=cv2.contourArea)), plain.shape)
        seen = _seen(plain, corners) if corners else 0.0
        if corners and seen >= _SEEN and (best is None or seen > best[0]):
            best = seen, corners
    return tuple((x / scale, y / scale) for x, y in best[1]) if best else None


def _corners(hull, shape: tuple[int, int]) -> tuple[Point, ...] | None:
    """The four corners of an outline (small pixels), None where it has others, or goes on beyond the picture."""
    import cv2

    height, width = shape
    area, around = cv2.contourArea(hull), cv2.arcLength(hull, True)
    if area < _PART * width * height:
        return None
    four = next((found for share in (0.01, 0.02, 0.03, 0.05) if len(found := cv2.approxPolyDP(hull, share * around, True)) == 4), None)
    if four is None or cv2.contourArea(four) < _STRAIGHT * area:
        return None
    points = [(float(x), float(y)) for x, y in four[:, 0]]
    middle_x, middle_y = sum(x for x, _ in points) / 4, sum(y for _, y in points) / 4
    points.sort(key=lambda point: math.atan2(point[1] - middle_y, point[0] - middle_x))  # clockwise as seen, from the upper left
    at = min(range(4), key=lambda index: sum(points[index]))
    corners = tuple(points[at:] + points[:at])
    edge = _BORDER * max(width, height) + 1
    return corners if _sheetlike(corners) and all(edge < x < width - 1 - edge and edge < y < height - 1 - edge for x, y in corners) else None


def _sheetlike(corners: Sequence[Point]) -> bool:
    """May this be an oblong seen from where it can be read?"""
    sides = [math.dist(corners[index], corners[(index + 1) % 4]) for index in range(4)]
    if min(sides[0], sides[2]) < _NARROW * max(sides[0], sides[2]) or min(sides[1], sides[3]) < _NARROW * max(sides[1], sides[3]):
        return False
    for index in range(4):
        (x0, y0), (x1, y1), (x2, y2) = corners[index - 1], corners[index], corners[(index + 1) % 4]
        angle = abs(math.degrees(math.atan2(y0 - y1, x0 - x1) - math.atan2(y2 - y1, x2 - x1))) % 360
        if not _CORNER[0] < min(angle, 360 - angle) < _CORNER[1]:
            return False
    return True


def _seen(light, corners: Sequence[Point]) -> float:
    """Along which share of its least clear side is the sheet lighter than what lies beside it?"""
    height, width = light.shape
    middle_x, middle_y = sum(x for x, _ in corners) / 4, sum(y for _, y in corners) / 4
    shares = []
    for index in range(4):
        (x0, y0), (x1, y1) = corners[index], corners[(index + 1) % 4]
        across, along = y1 - y0, x0 - x1  # at right angles to the side
        long = math.hypot(across, along)
        inward = 1 if across * (middle_x - x0) + along * (middle_y - y0) > 0 else -1
        step_x, step_y = inward * 6 * across / long, inward * 6 * along / long
        clear = 0
        for part in range(1, 40):
            x, y = x0 + (x1 - x0) * part / 40, y0 + (y1 - y0) * part / 40
            inner, outer = (round(x + step_x), round(y + step_y)), (round(x - step_x), round(y - step_y))
            inside = all(0 <= px < width and 0 <= py < height for px, py in (inner, outer))
            clear += inside and int(light[inner[1], inner[0]]) - int(light[outer[1], outer[0]]) >= _CONTRAST
        shares.append(clear / 39)
    return min(shares)


def by_lines(lines: Sequence[tuple[Point, Point, Point, Point]], width: int, height: int) -> tuple[Point, ...] | None:
    """Corners of an oblong on the sheet, drawn by its uppermost and lowest line and by its margins; None where it is upright already, or lines do not tell.

    Args:
      lines: Corners (upper left, upper right, lower right, lower left; pixels) of the longer lines of print.
    """
    lines = sorted((line for line in lines if math.dist(line[0], line[1]) > 0.3 * width), key=lambda line: line[0][1])
    if len(lines) < _ROWS:
        return None
    left = _margin([_middle(line[0], line[3]) for line in lines], width)
    right = _margin([_middle(line[1], line[2]) for line in lines], width)
    if left is None or right is None:
        return None
    (slope, fall), grade = _slopes(lines)
    if max(abs(grade * height), abs(left[0] + slope), abs(right[0] + slope)) < _OBLIQUE:
        return None
    top, bottom = _middle(*lines[0][:2])[1], _middle(*lines[-1][2:])[1]
    found = []
    for middle, margin in ((top, left), (top, right), (bottom, right), (bottom, left)):
        tilt = slope + grade * (middle - fall)
        # x on the margin, y on the line through the middle of the page
        x = (margin[1] + margin[0] * (middle - tilt * width / 2)) / (1 - margin[0] * tilt)
        found.append((x, middle + tilt * (x - width / 2)))
    return tuple(found) if _sheetlike(found) else None


def _middle(one: Point, other: Point) -> Point:
    return (one[0] + other[0]) / 2, (one[1] + other[1]) / 2


def _slopes(lines: Sequence[tuple[Point, Point, Point, Point]]) -> tuple[tuple[float, float], float]:
    """How lines fall to the right: ((slope at a height, the height), by how much more a pixel farther down), the medians of pairs."""
    from statistics import median

    tilts = [((line[1][1] + line[2][1] - line[0][1] - line[3][1]) / (line[1][0] + line[2][0] - line[0][0] - line[3][0]),
              sum(y for _, y in line) / 4) for line in lines]
    half = len(tilts) // 2
    grades = [(after - before) / (lower - upper) for before, upper in tilts[:half] for after, lower in tilts[half:] if lower - upper > 1]
    grade, fall = median(grades) if grades else 0.0, median(y for _, y in tilts)
    return (median(tilt - grade * (y - fall) for tilt, y in tilts), fall), grade


def _margin(ends: Sequence[Point], width: int) -> tuple[float, float] | None:
    """The straight line (dx for each y, x at y = 0) on which most lines begin or end; None where fewer than half do."""
    best: tuple[int, list[Point]] = (0, [])
    for index, (x0, y0) in enumerate(ends):
        for x1, y1 in ends[index + _ROWS // 2:]:
            if y1 - y0 > 1:
                lean = (x1 - x0) / (y1 - y0)
                near = [(x, y) for x, y in ends if abs(x0 + lean * (y - y0) - x) < _OFF_MARGIN * width / 2]
                if len(near) > best[0]:
                    best = len(near), near
    count, near = best
    if count < max(_ROWS // 2 + 1, len(ends) / 2):
        return None
    middle_x, middle_y = sum(x for x, _ in near) / count, sum(y for _, y in near) / count
    lean = sum((x - middle_x) * (y - middle_y) for x, y in near) / sum((y - middle_y) ** 2 for _, y in near)
    return lean, middle_x - lean * middle_y


def flat(picture, corners: Sequence[Point], whole: bool):
    """The picture as if it were taken from above, and where its places were: (picture, View).

    Args:
      corners: Of the sheet, or of an oblong on it.
      whole: They are the sheet's own; what lies beyond them is table. Else the whole picture is kept.
    """
    import cv2
    import numpy

    height, width = picture.shape[:2]
    wide = max(math.dist(corners[0], corners[1]), math.dist(corners[3], corners[2]))
    high = max(math.dist(corners[0], corners[3]), math.dist(corners[1], corners[2]))
    if whole:
        for ratio in (_A4, 1 / _A4):
            if abs(high / wide / ratio - 1) < _NEAR_A4:
                wide, high = max(wide, high / ratio), max(high, wide * ratio)
    there = cv2.getPerspectiveTransform(numpy.float32(corners), numpy.float32([(0, 0), (wide, 0), (wide, high), (0, high)]))
    if whole:
        size = round(wide), round(high)
    else:
        outer = cv2.perspectiveTransform(numpy.float32([[(0, 0), (width, 0), (width, height), (0, height)]]), there)[0]
        (x0, y0), (x1, y1) = outer.min(axis=0), outer.max(axis=0)
        x0, y0, x1, y1 = max(x0, -wide), max(y0, -high), min(x1, 2 * wide), min(y1, 2 * high)  # a far corner of the picture may lie very far away
        there = numpy.array([[1, 0, -x0], [0, 1, -y0], [0, 0, 1]]) @ there
        size = round(x1 - x0), round(y1 - y0)
    laid = cv2.warpPerspective(picture, there, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    back = numpy.diag([1 / width, 1 / height, 1]) @ numpy.linalg.inv(there) @ numpy.diag([size[0], size[1], 1])
    return laid, tuple(float(value) for value in (back / back[2, 2]).ravel())


def on_picture(view: View, x: float, y: float) -> Point:
    """A place on the flat sheet as a place on the picture, both as shares."""
    a, b, c, d, e, f, g, h, i = view
    depth = g * x + h * y + i
    return (a * x + b * y + c) / depth, (d * x + e * y + f) / depth
