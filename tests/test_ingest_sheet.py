"""Photographs of a sheet: found by its edges or by its lines, laid flat, and every place led back to the photograph. A scan is left as it is."""

import io
import math
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from pipeline.ingest import ocr, read_bytes, sheet
from pipeline.ingest.glyphs import PageContent

pytest.importorskip("cv2", reason="the extra [ocr] is not installed")
numpy = pytest.importorskip("numpy")
FONT = next((path for path in Path("/usr/share/fonts").rglob("NotoSansCJK-Regular.ttc")), None)
LINES = ("各村和社区要把科普工作列入年度计划并落实经费", "每季度组织一次科普讲座全年不少于四次并做好记录", "由镇科协牵头文化站和中心小学配合完成年底报送")
ON_TABLE = ((170, 120), (1030, 190), (1120, 1480), (90, 1530))


def printed(width: int = 1000, height: int = 1414, frame: bool = False) -> Image.Image:
    page = Image.new("RGB", (width, height), (245, 245, 240))
    brush = ImageDraw.Draw(page)
    for row in range(24):
        brush.rectangle((120, 150 + 45 * row, width - 120, 172 + 45 * row), fill=(40, 40, 40))
    if frame:
        brush.rectangle((60, 60, width - 60, height - 60), outline="black", width=4)
    return page


def photographed(page: Image.Image, corners=ON_TABLE, size=(1200, 1600), table=(96, 70, 50)):
    """The page with its corners at those places, on a table, half of it in a shadow."""
    import cv2

    pixels = numpy.asarray(page)
    there = cv2.getPerspectiveTransform(numpy.float32([(0, 0), (page.width, 0), (page.width, page.height), (0, page.height)]), numpy.float32(corners))
    on = cv2.warpPerspective(numpy.full(pixels.shape[:2], 255, numpy.uint8), there, size)[:, :, None] / 255
    seen = cv2.warpPerspective(pixels, there, size) * on + numpy.array(table) * (1 - on)
    seen[:, size[0] // 2:] *= 0.75
    return seen.astype(numpy.uint8)


def rows_at(place, rows: int = 20) -> list:
    """Boxes of lines of print on a page of 1000 × 1400, each corner led through `place`."""
    return [tuple(place(x, y) for x, y in ((100, top), (900, top), (900, top + 30), (100, top + 30))) for top in range(100, 100 + 60 * rows, 60)]


def test_a_sheet_on_a_table_is_found_by_its_corners_though_a_shadow_falls_on_it():
    found = sheet.edges(photographed(printed()))
    assert found and max(math.dist(one, other) for one, other in zip(found, ON_TABLE)) < 12


@pytest.mark.parametrize("frame", [False, True])
@pytest.mark.parametrize("turn", [0, 2])
def test_a_scan_is_no_photograph(frame, turn):
    assert sheet.edges(numpy.asarray(printed(frame=frame).rotate(turn, fillcolor=(245, 245, 240)))) is None
    assert sheet.edges(numpy.asarray(printed(frame=frame).rotate(turn, fillcolor="black"))) is None, "the corners of a sheet under the lid lie beyond the picture"


def test_a_sheet_that_goes_on_beyond_the_picture_has_no_known_corners():
    assert sheet.edges(photographed(printed(), ((-80, 120), (1030, 190), (1120, 1480), (-120, 1530)))) is None


def test_a_sheet_laid_flat_has_the_proportions_of_paper_and_leads_back_to_its_corners():
    photo = photographed(printed())
    flat, view = sheet.flat(photo, ON_TABLE, whole=True)
    assert flat.shape[0] / flat.shape[1] == pytest.approx(math.sqrt(2), abs=0.01)
    for (x, y), corner in zip(((0, 0), (1, 0), (1, 1), (0, 1)), ON_TABLE):
        assert sheet.on_picture(view, x, y) == pytest.approx((corner[0] / 1200, corner[1] / 1600), abs=0.002)


def test_lines_that_run_side_by_side_say_nothing_of_an_angle():
    assert sheet.by_lines(rows_at(lambda x, y: (x, y)), 1000, 1400) is None
    assert sheet.by_lines(rows_at(lambda x, y: (x - 0.03 * y, y + 0.03 * x)), 1000, 1400) is None, "a scan laid in askew is no photograph"
    assert sheet.by_lines(rows_at(lambda x, y: (x + 0.2 * y, y), rows=4), 1000, 1400) is None, "four lines do not tell"


def test_lines_that_run_together_tell_how_the_sheet_lies():
    import cv2

    def seen(x, y):
        depth = 1 + 0.0001 * x + 0.0002 * y
        return x / depth, y / depth

    corners = sheet.by_lines(rows_at(seen), 1000, 1400)
    flat, view = sheet.flat(numpy.full((1400, 1000, 3), 255, numpy.uint8), corners, whole=False)
    there = numpy.linalg.inv(numpy.array(view).reshape(3, 3))
    laid = [cv2.perspectiveTransform(numpy.float32([[(x / 1000, y / 1400) for x, y in line]]), there)[0] * (flat.shape[1], flat.shape[0]) for line in rows_at(seen)]
    assert all(abs(line[0][1] - line[1][1]) < 0.01 * abs(line[0][0] - line[1][0]) for line in laid)
    assert numpy.ptp([line[0][0] for line in laid]) < 0.01 * flat.shape[1]


def test_a_place_on_a_sheet_laid_flat_is_shown_on_the_photograph():
    _, view = sheet.flat(photographed(printed()), ON_TABLE, whole=True)
    left, top, right, bottom = PageContent(1, 595, 842, view=view).shown(0, 0, 595, 842)
    assert (left, top, right, bottom) == pytest.approx((90 / 1200, 120 / 1600, 1120 / 1200, 1530 / 1600), abs=0.002)


@pytest.mark.skipif(not ocr.installed() or FONT is None, reason="the extra [ocr] or a Chinese font is not installed")
def test_a_photograph_taken_at_an_angle_is_read_in_whole():
    page = Image.new("RGB", (1200, 1697), "white")
    brush, font = ImageDraw.Draw(page), ImageFont.truetype(str(FONT), 40)
    for row in range(9):
        brush.text((140, 200 + 90 * row), LINES[row % 3], font=font, fill="black")
    stream = io.BytesIO()
    Image.fromarray(photographed(page, ((240, 160), (1480, 90), (1640, 2200), (80, 2020)), (1700, 2300))).save(stream, "JPEG", quality=90)
    document = read_bytes(stream.getvalue(), "照片.jpg")
    assert document.text.replace("\n", "") == "".join(LINES) * 3 and not document.unread_pages
    box = document.paragraphs[0].places[0].box
    assert 0.1 < box[0] < 0.3 and 0.1 < box[1] < 0.25, "marked where it stands on the photograph"
