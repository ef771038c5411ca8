"""Scans and pictures: order of lines, what is unsure is unread, turned pages; the recogniser itself where it is installed."""

import importlib.util
import io
from pathlib import Path

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from pipeline.errors import UnreadableFile
from pipeline.ingest import detect, limits, ocr, pages, read_bytes
from pipeline.ingest.blocks import Reading, assemble
from pipeline.ingest.glyphs import PageContent
from pipeline.model import PolicyDocument, Source

FONT = next((path for path in Path("/usr/share/fonts").rglob("NotoSansCJK-Regular.ttc")), None)
needs_ocr = pytest.mark.skipif(not ocr.installed() or FONT is None, reason="the extra [ocr] or a Chinese font is not installed")
needs_cv = pytest.mark.skipif(importlib.util.find_spec("cv2") is None or FONT is None, reason="the extra [ocr] or a Chinese font is not installed")
LINES = ("各村和社区要把科普工作列入年度计划并落实经费", "每季度组织一次科普讲座全年不少于四次", "由镇科协牵头文化站和中心小学配合完成")


def line(text: str, top: float, left: float = 100.0, confidence: float = 0.99, size: float = 40.0, slope: float = 0.0) -> ocr.OcrLine:
    width, fall = size * len(text), size * len(text) * slope
    return ocr.OcrLine(text, confidence, ((left, top), (left + width, top + fall), (left + width, top + fall + size * 1.2), (left, top + size * 1.2)))


def fallen(text: str, left: float) -> ocr.OcrLine:
    return ocr.OcrLine(text, 0.99, ((left, 100), (left + 48, 100), (left + 48, 100 + 40 * len(text)), (left, 100 + 40 * len(text))))


def page(*lines: ocr.OcrLine) -> ocr.OcrPage:
    return ocr.OcrPage(lines, 1654, 2339)


def text(*lines: ocr.OcrLine) -> list[str]:
    return [block.text for block in pages.lay_out(Reading("image"), [ocr.fill(PageContent(1, 0, 0), page(*lines), 595 / 1654)]).blocks]


def drawn(lines=LINES) -> Image.Image:
    picture = Image.new("RGB", (1654, 1169), "white")
    brush, font = ImageDraw.Draw(picture), ImageFont.truetype(str(FONT), 44)
    for index, words in enumerate(lines):
        brush.text((200, 200 + 160 * index), words, font=font, fill="black")
    return picture


def saved(picture: Image.Image, form: str = "PNG", **options) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, form, **options)
    return stream.getvalue()


def read_here(content: bytes, name: str) -> PolicyDocument:
    """Read in this process, where a test can put something else in the place of a part; what users meet is a child process."""
    reading = importlib.import_module(detect.READERS[detect.format_of(content, name)]).read(content, name)
    return assemble(reading, Source(name, "0" * 64, reading.format, reading.pages, reading.ocr))


@given(st.permutations(range(4)))
def test_lines_are_read_from_top_to_bottom_in_whatever_order_they_were_found(order):
    lines = [line(words, 300 + 200 * index) for index, words in enumerate(["一、总体要求", "二、主要任务", "三、组织保障", "四、附则"])]
    assert text(*(lines[index] for index in order)) == ["一、总体要求", "二、主要任务", "三、组织保障", "四、附则"]


def test_wrapped_lines_become_one_paragraph_also_on_a_slanted_page():
    full = "科" * 30
    for slope in (0.0, 0.02, -0.02):
        lines = [line(full[2:], 300 + 80 * slope, 180, slope=slope), *(line(full, 300 + 80 * row, slope=slope) for row in (1, 2, 3)), line("到此为止。", 620, slope=slope)]
        assert text(*lines) == [full[2:] + 3 * full + "到此为止。"]


def test_two_pieces_on_one_base_line_are_one_line():
    assert text(line("办公室文件编号在左边", 300), line("印发日期在右边这里写着", 304, 900)) == ["办公室文件编号在左边 印发日期在右边这里写着"]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_a_page_is_sure_exactly_when_every_line_is(scores):
    found = page(*(line("组织科普活动", 100 + 80 * index, confidence=score) for index, score in enumerate(scores)))
    warning = ocr.judge(found, 7)
    unsure = sum(score < ocr.SURE for score in scores)
    assert (warning is None) == (unsure == 0)
    if warning:
        assert warning.page == 7 and f"其中 {unsure} 行" in warning.message and warning.message.startswith("第7页")


def test_page_numbers_and_specks_make_no_page_unread():
    assert ocr.judge(page(line("组织科普活动", 100), line("一8一", 2100, confidence=0.4), line("·", 900, confidence=0.1)), 1) is None


def test_a_picture_without_a_line_is_unread_and_a_blank_sheet_is_not():
    assert ocr.judge(page(), 1).code == "page_without_text"
    blank = ocr.upright(numpy.full((400, 300, 3), 250, numpy.uint8), lambda _: pytest.fail("there is nothing to recognise"))
    assert blank.empty and ocr.judge(blank, 1) is None


def found_in(picture: Image.Image, lines=LINES, gone: str = "") -> ocr.OcrPage:
    """What a recogniser says of `drawn(lines)` that overlooks `gone`, a line or a character."""
    kept = []
    for index, words in enumerate(lines):
        top, shares = 208 + 160 * index, [(place + 0.5) / len(words) for place in range(len(words))]
        corners = ((200, top), (200 + 44 * len(words), top), (200 + 44 * len(words), top + 52), (200, top + 52))
        places = [place for place, char in enumerate(words) if char != gone]
        if words != gone:
            kept.append(ocr.OcrLine("".join(words[place] for place in places), 0.99, corners, tuple(shares[place] for place in places)))
    return ocr.OcrPage(tuple(kept), *picture.size)


@needs_cv
def test_a_line_that_was_overlooked_is_looked_at_again_and_makes_its_page_unread_where_it_cannot_be_read():
    picture = drawn()
    seen = []
    page = ocr.completed(found_in(picture, gone=LINES[1]), numpy.asarray(picture), lambda part: seen.append(part.shape))
    assert len(page.missed) == 1 == len(seen) and page.missed[0][1] > 350 and page.missed[0][3] < 450
    warning = ocr.judge(page, 3)
    assert warning.page == 3 and "另有 1 处字迹没有认出" in warning.message
    again = ocr.completed(found_in(picture, gone=LINES[1]), numpy.asarray(picture), lambda part: (line(LINES[1], 2, 2),))
    assert not again.missed and [line.text for line in again.lines] == [LINES[0], LINES[2], LINES[1]] and again.lines[2].corners[0][1] > 350


@needs_cv
def test_a_character_that_was_dropped_out_of_a_line_makes_its_page_unread():
    picture = drawn(["全年不少于四次讲座", "由镇科协牵头"])
    page = ocr.completed(found_in(picture, ["全年不少于四次讲座", "由镇科协牵头"], gone="四"), numpy.asarray(picture), lambda part: (line("于四次", 2, 2),))
    assert len(page.missed) == 1 and ocr.judge(page, 1).code == "ocr_unsure"


@needs_cv
def test_rules_seals_specks_and_frames_are_no_words():
    picture = drawn()
    brush = ImageDraw.Draw(picture)
    brush.rectangle((150, 150, 1500, 700), outline="black", width=3)
    brush.line((150, 300, 1500, 306), fill="black", width=3)
    brush.ellipse((900, 700, 1300, 1100), outline=(220, 30, 40), width=9)
    brush.ellipse((60, 500, 105, 545), fill="black")
    for place in range(40):
        brush.ellipse((40 + 37 * place, 900, 45 + 37 * place, 904), fill="black")
    assert ocr.completed(found_in(picture), numpy.asarray(picture), lambda part: pytest.fail("nothing is written there")).missed == ()


def ruled(torn: int | None = None) -> tuple[Image.Image, tuple[ocr.OcrLine, ...]]:
    """A table of two rows and three columns with one rule torn, and its lines as a recogniser finds them: neighbouring cells as one line."""
    picture = Image.new("RGB", (1654, 1169), "white")
    brush, font, lines = ImageDraw.Draw(picture), ImageFont.truetype(str(FONT), 44), []
    for top in (200, 320, 440):
        brush.line((100, top, 1300, top), fill="black", width=2)
    for index, left in enumerate((100, 500, 900, 1300)):
        brush.line((left, 200, left, 440 if index != torn else 320), fill="black", width=2)
    for row, words in enumerate((("重点任务", "牵头单位", "完成时限"), ("修补村道", "农业农村办", "十二月底"))):
        for column, text in enumerate(words):
            brush.text((110 + 400 * column, 225 + 120 * row), text, font=font, fill="black")
        places = [110 + 400 * column + 44 * (place + 0.5) for column, text in enumerate(words) for place in range(len(text))]
        left, right, top = 105, 1094 + 10, 230 + 120 * row
        lines.append(ocr.OcrLine("".join(words), 0.99, ((left, top), (right, top), (right, top + 54), (left, top + 54)), tuple((x - left) / (right - left) for x in places)))
    return picture, tuple(lines)


@needs_cv
@pytest.mark.parametrize("torn", [None, 2])
def test_a_table_on_a_scan_is_read_by_its_cells_and_counts_as_unread_where_a_rule_was_not_seen(torn, monkeypatch):
    picture, lines = ruled(torn)
    monkeypatch.setattr(ocr, "installed", lambda: True)
    monkeypatch.setattr(ocr, "_recognise", lambda _: lines)
    monkeypatch.setattr(ocr, "_look_again", lambda _: pytest.fail("nothing is written beside the lines"))
    document = read_here(saved(picture), "表.png")
    if torn is None:
        assert document.text.split("\n") == ["重点任务|牵头单位|完成时限", "修补村道|农业农村办|十二月底"] and not document.unread_pages
        assert {cell.header for cell in document.paragraphs[1].cells} == {"重点任务", "牵头单位", "完成时限"}
    else:
        assert document.unread_pages == (1,) and [warning.code for warning in document.warnings] == ["table_unsure"]


@needs_cv
def test_a_sheet_with_one_short_line_is_not_blank():
    sheet = Image.new("RGB", (1654, 2339), "white")
    ImageDraw.Draw(sheet).text((200, 200), "附件1", font=ImageFont.truetype(str(FONT), 34), fill="black")
    assert not ocr.upright(numpy.asarray(sheet), lambda _: (line("附件1", 200),)).empty


def test_a_line_is_as_sure_as_its_least_sure_character():
    sure = line("每年3次", 100)
    assert sure.sure and not ocr.replace(sure, weakest=0.3).sure


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_page_that_reads_badly_is_tried_in_every_direction(turn):
    """The mark in the upper left corner says how the picture lies."""
    picture = numpy.full((60, 40, 3), 255, numpy.uint8)
    picture[:10, :10] = 0

    def recognise(turned):
        if not turned[:10, :10].any():
            return (line("组织科普活动", 10),)
        return (fallen("组织科普活动", 10),) if turned.shape[0] < turned.shape[1] else (line("乱", 1, confidence=0.3),)

    found = ocr.upright(numpy.rot90(picture, -turn // 90), recognise)
    assert found.turn == turn and found.lines[0].upright and (found.width, found.height) == (40, 60)


def test_brackets_of_a_number_and_dashes_of_a_page_number_are_set_right():
    assert ocr.proper("（某政办发〔2022]145号）") == "（某政办发〔2022〕145号）"
    assert ocr.proper("一8一") == "—8—"
    assert ocr.proper("（2021—2035年）") == "（2021—2035年）"


def test_without_the_extra_a_picture_is_refused_with_the_way_to_install_it(monkeypatch):
    monkeypatch.setattr(ocr, "installed", lambda: False)
    with pytest.raises(UnreadableFile, match=r"图片.*luoshi\[ocr\]"):
        read_here(saved(Image.new("RGB", (20, 20))), "照片.png")


def test_a_picture_with_too_many_pixels_is_refused_before_it_is_decoded(monkeypatch):
    monkeypatch.setattr(ocr, "installed", lambda: True)
    monkeypatch.setattr(limits, "IMAGE_PIXELS", 10_000)
    monkeypatch.setattr(ocr, "_pixels", lambda *_: pytest.fail("decoded"))
    with pytest.raises(UnreadableFile, match="像素"):
        read_here(saved(Image.new("1", (200, 200))), "大图.png")


@pytest.mark.parametrize("form", ["PNG", "JPEG", "TIFF", "BMP", "GIF", "WEBP"])
def test_a_cut_picture_is_refused_in_chinese(form, monkeypatch):
    monkeypatch.setattr(ocr, "installed", lambda: True)
    monkeypatch.setattr(ocr, "_recognise", lambda _: ())
    whole = saved(Image.effect_noise((300, 300), 90), form)
    with pytest.raises(UnreadableFile, match="图片"):
        read_here(whole[:len(whole) // 2], "照片")


@needs_ocr
@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_photograph_is_read_however_it_lies(turn):
    document = read_here(saved(drawn().rotate(turn, expand=True, fillcolor="white")), "照片.png")
    assert document.text.replace("\n", "") == "".join(LINES)
    assert (document.source.format, document.source.ocr, document.source.pages, document.unread_pages) == ("image", True, 1, ())


@needs_ocr
def test_text_under_a_red_seal_is_read_and_the_words_of_the_seal_are_not():
    picture = drawn()
    brush = ImageDraw.Draw(picture)
    brush.ellipse((300, 250, 640, 590), outline=(220, 30, 40), width=8)
    brush.text((410, 300), "专用章", font=ImageFont.truetype(str(FONT), 36), fill=(220, 30, 40))
    brush.text((350, 60), "某某县人民政府文件", font=ImageFont.truetype(str(FONT), 70), fill=(220, 30, 40))
    document = read_bytes(saved(picture), "盖章.png")
    assert document.text.replace("\n", "") == "某某县人民政府文件" + "".join(LINES) and not document.unread_pages


@needs_ocr
def test_a_tiff_has_its_pages_in_order():
    document = read_bytes(saved(drawn(LINES[:1]), "TIFF", save_all=True, append_images=[drawn(LINES[1:2])]), "扫描.tif")
    assert document.source.pages == 2 and [(document.text[part.start:part.end], part.page) for part in document.paragraphs] == [(LINES[0], 1), (LINES[1], 2)]


@needs_ocr
def test_only_the_scanned_pages_of_a_mixed_pdf_are_recognised(monkeypatch):
    import pypdfium2

    mixed = pypdfium2.PdfDocument.new()
    mixed.import_pages(pypdfium2.PdfDocument(Path(__file__).parents[1] / "corpora" / "demo" / "qinghuang.pdf"), [0])
    mixed.import_pages(pypdfium2.PdfDocument(saved(drawn(), "PDF", resolution=200)))
    stream = io.BytesIO()
    mixed.save(stream)
    counted, once = [], ocr._recognise
    monkeypatch.setattr(ocr, "_recognise", lambda picture: counted.append(1) or once(picture))
    document = read_here(stream.getvalue(), "混合.pdf")
    assert counted == [1] and document.source.ocr and document.unread_pages == ()
    assert document.text.replace("\n", "").endswith("".join(LINES)) and any(part.page == 2 for part in document.paragraphs)
    assert any(part.page == 1 for part in document.paragraphs)
