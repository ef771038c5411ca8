"""PDF → canonical text: what is seen on paper, in the order in which it is read."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import UnreadableFile
from pipeline.ingest import glyphs, layout, pages, read_bytes
from pipeline.ingest.blocks import Reading
from pipeline.ingest.glyphs import Edge, Glyph, PageContent
from pipeline.ingest.ruled import tables_of, worth_looking

SIZE, LEFT, RIGHT = 16.0, 80.0, 80.0 + 28 * 16.0


def set_line(text: str, y: float, x: float = LEFT, size: float = SIZE) -> list[Glyph]:
    """Glyphs of one line; ASCII is half as wide as a Chinese character."""
    found = []
    for char in text:
        wide = size / 2 if char.isascii() else size
        found.append(Glyph(x, x + wide, y, size * 1.2, char))
        x += wide
    return found


def typeset(paragraphs: list[str], top: float = 100.0, width: int = 28, indent: int = 2) -> list[Glyph]:
    """Paragraphs with an indented first line, wrapped to `width` characters."""
    found, y = [], top
    for text in paragraphs:
        first = width - indent
        for index, line in enumerate([text[:first], *[text[start:start + width] for start in range(first, len(text), width)]]):
            found += set_line(line, y, LEFT + (indent * SIZE if not index else 0))
            y += 28
    return found


def page(glyphs: list[Glyph], number: int = 1) -> layout.Page:
    return layout.Page(PageContent(number, 595.0, 842.0), layout.lines_of(glyphs, number))


def texts(*pages: layout.Page) -> list[str]:
    return [block.text for block in layout.paragraphs(layout.without_furniture(list(pages)))[0]]


LONG = "各村要把道路管护摆上重要位置，明确专人负责，按月巡查，发现破损及时上报修补，并建立台账逐条销号，年底由镇里统一组织考核评比兑现奖惩。"


def test_wrapped_lines_become_paragraphs():
    assert texts(page(typeset(["一、总体要求", LONG, LONG, "（一）道路管护", LONG]))) == ["一、总体要求", LONG, LONG, "（一）道路管护", LONG]


def test_word_that_looks_like_an_item_does_not_end_a_paragraph_in_the_middle():
    text = "甲" * 26 + "乙" * 27 + "一传" * 14 + "十、十传百，谣言就此平息。"
    assert texts(page(typeset([LONG, text[:54] + text[55:], LONG]))) == [LONG, text[:54] + text[55:], LONG]


def test_units_in_brackets_that_reach_the_right_edge_end_their_paragraph():
    full = "甲" * 30 + "。（责任单位：" + "乙" * (28 * 2 - 38) + "）"
    assert texts(page(typeset(["1." + full, "2." + full, "3." + LONG], indent=0))) == ["1." + full, "2." + full, "3." + LONG]


def test_paragraph_that_ends_at_the_right_edge_is_still_two():
    full = "甲" * 25 + "。"
    assert texts(page(typeset([full, full, LONG]))) == [full, full, LONG]


def test_paragraph_goes_on_over_the_page_and_keeps_the_page_where_it_starts():
    first = typeset([LONG] * 5)
    lines = layout.lines_of(first, 1)
    upper = [glyph for glyph in first if glyph.y <= lines[-2].y]
    lower = [glyph._replace(y=100.0) for glyph in first if glyph.y > lines[-2].y] + typeset(["乙。"], top=128.0)
    blocks = layout.paragraphs([page(upper, 1), page(lower, 2)])[0]
    assert [(block.text, block.page) for block in blocks] == [(LONG, 1)] * 5 + [("乙。", 2)]


def test_running_heads_and_page_numbers_vanish_but_the_same_words_in_the_text_stay():
    pages = [page(set_line("道路管护方案", 50.0) + typeset([heading, heading[0] * 3 + LONG]) + set_line(f"— {number} —", 780.0, 280.0), number)
             for number, heading in enumerate(("道路管护方案", "修补村道", "清理边沟", "按月巡查"), start=1)]
    assert texts(*pages) == ["道路管护方案", "道道道" + LONG, "修补村道", "修修修" + LONG, "清理边沟", "清清清" + LONG, "按月巡查", "按按按" + LONG]


def test_glyphs_are_placed_by_position_not_by_stream_order():
    glyphs = set_line("二〇三五年远景目标", 100.0)
    assert texts(page(glyphs[:1] + glyphs[2:] + glyphs[1:2])) == ["二〇三五年远景目标"]


def test_two_columns_are_read_one_after_the_other():
    left = [glyph for index in range(12) for glyph in set_line("左栏文字排满一行共十三字", 100 + 28 * index, 60)]
    right = [glyph for index in range(12) for glyph in set_line("右栏文字排满一行共十三字", 100 + 28 * index, 300)]
    text = "".join(texts(page(left + right)))
    assert text.rindex("左") < text.index("右")


def test_columns_below_a_title_that_crosses_them_are_read_one_after_the_other():
    title = set_line("清潢镇农村道路管护三年行动计划", 60, 150, 20.0) + set_line("各村民委员会，镇各有关部门：各村要把道路管护摆上重要位置，", 95, 60)
    body = "左栏一行文字十三字，"
    left = [glyph for index in range(6) for glyph in set_line(body, 130 + 28 * index, 60 if index else 60 + 2 * SIZE)]
    right = [glyph for index in range(6) for glyph in set_line("右栏一行文字共十字。", 130 + 28 * index, 300)]
    text = "".join(texts(page(title + left + right)))
    assert text.rindex("左") < text.index("右") and body * 6 in text


@pytest.mark.parametrize("offset", [0, 5, 10, 14])
def test_columns_whose_lines_do_not_stand_at_one_height_are_read_one_after_the_other(offset):
    heads = ["一、目标", "二、任务"]
    left = [glyph for index in range(12) for glyph in set_line(heads[index // 6] if index % 6 == 0 else "左栏文字排满一行共十三字", 100 + 28 * index, 60)]
    right = [glyph for index in range(12) for glyph in set_line("右栏文字排满一行共十三字", 100 + offset + 28 * index, 300)]
    text = "".join(texts(page(left + right)))
    assert text.rindex("左") < text.index("右") and text.count("左") == 10 and text.count("右") == 12


def test_stop_that_hangs_over_the_edge_of_a_column_stays_in_it():
    left = [glyph for index in range(8) for glyph in set_line("左栏文字排满一行，", 100 + 28 * index, 60)]
    right = [glyph for index in range(8) for glyph in set_line("右栏文字排满一行的", 100 + 28 * index, 60 + 9.6 * SIZE)]
    text = "".join(texts(page(left + right)))
    assert text == "左栏文字排满一行，" * 8 + "右栏文字排满一行的" * 8


def test_number_of_a_document_is_a_line_of_its_own_among_lines_set_as_large():
    def centred(text: str, y: float) -> list[Glyph]:
        return set_line(text, y, (LEFT + RIGHT) / 2 - len(text) * 11, 22.0)

    head = [*centred("清潢镇人民政府文件", 100), *centred("清政发〔２０２３〕１８号", 135), *centred("关于管护农村道路的通知", 170)]
    assert texts(page(head + typeset([LONG] * 4, top=230.0)))[:3] == ["清潢镇人民政府文件", "清政发〔２０２３〕１８号", "关于管护农村道路的通知"]


def test_title_of_two_lines_is_one_paragraph():
    title = set_line("临溪镇农村道路管护", 100.0, (LEFT + RIGHT) / 2 - 4.5 * 22, 22.0) + set_line("三年行动方案", 135.0, (LEFT + RIGHT) / 2 - 3 * 22, 22.0)
    assert texts(page(title + typeset([LONG] * 4, top=190.0)))[0] == "临溪镇农村道路管护三年行动方案"


def test_footnotes_leave_the_sentence_whole_and_follow_as_notes():
    glyphs = typeset([LONG] * 4)
    note = [Glyph(LEFT, LEFT + 5, 700.0, 12.0, "1"), *set_line("管护员由村聘用。", 700.0, LEFT + 8, 10.0)]
    blocks = layout.paragraphs([page(glyphs + note, 1), page(typeset([LONG]), 2)])[0]
    assert [(block.kind, block.text) for block in blocks][-2:] == [("text", LONG), ("note", "管护员由村聘用。")]


def test_table_of_contents_is_left_out():
    contents = [glyph for index, name in enumerate("一二三") for glyph in set_line(f"{name}、道路{'.' * 20}{index + 1}", 100 + 28 * index)]
    blocks, left_out = layout.paragraphs([page(contents + typeset([LONG], top=300.0))])
    assert ([block.text for block in blocks], left_out) == ([LONG], 3)


def ruled_page() -> PageContent:
    """A table of three rows and two columns, the first cell of the last two rows merged."""
    edges = [Edge(80, y, 480, y) for y in (100, 140, 220)] + [Edge(200, 180, 480, 180)] + [Edge(x, 100, x, 220) for x in (80, 200, 480)]
    glyphs = [*set_line("任务", 125, 100), *set_line("单位", 125, 260), *set_line("修补村道", 185, 90), *set_line("建设办", 165, 260), *set_line("农业办", 205, 260),
              *set_line("表下文字。", 300, 112)]
    return PageContent(1, 595, 842, glyphs, edges)


def test_ruled_table_gives_cells_and_the_text_outside_stays():
    content = ruled_page()
    assert worth_looking(content)
    (table,), free = tables_of(content)
    assert [[(cell.text, cell.merged_up) for cell in row] for row in table.grid] == [[("任务", False), ("单位", False)], [("修补村道", False), ("建设办", False)],
                                                                                   [("", True), ("农业办", False)]]
    assert "".join(glyph.char for glyph in free) == "表下文字。"


WHITE = (("序号", "任务", "举措", "责任单位"), ("1", "修补村道", "每年修补村道十二公里，坑槽三日内补好。", "建设办、农业办"), ("2", "清理边沟", "汛期前清理边沟一遍。", "水利站"),
         ("3", "按月巡查", "发现破损及时上报，建立台账逐条销号。", "各村民委员会"))


def laid_out(rows, top: float, pitch: float = 20.0, apart: float = 12.0) -> tuple[list[Glyph], float]:
    """Cells of a table without rules, wrapped; and where the next line would stand."""
    found, y = [], top
    for row in rows:
        wrapped = [[text[at:at + width] for at in range(0, len(text), width)] for text, width in zip(row, (2, 4, 9, 5))]
        for lines, x in zip(wrapped, (80, 130, 220, 400)):
            for number, line in enumerate(lines):
                found += set_line(line, y + number * pitch, x)
        y += max(map(len, wrapped)) * pitch + apart
    return found, y


@pytest.mark.parametrize("apart", [12.0, 0.0])
def test_table_without_rules_gives_its_cells(apart):
    glyphs, end = laid_out(WHITE, 140.0, apart=apart)
    content = PageContent(1, 595.0, 842.0, typeset(["各村要把道路管护摆上重要位置，明确专人负责，按月巡查，分工如下。"], top=80.0) + glyphs + typeset([LONG], top=end + 30))
    reading = pages.lay_out(Reading("pdf"), [content])
    assert [block.cells for block in reading.blocks if block.cells] == list(WHITE)
    assert [block.text for block in reading.blocks if not block.cells][-1] == LONG


def test_table_without_rules_goes_on_on_the_next_page_under_its_repeated_head():
    contents = []
    for number, rows in ((1, WHITE[:3]), (2, (WHITE[0], *WHITE[3:]))):
        glyphs, _ = laid_out((*rows,), 120.0)
        contents.append(PageContent(number, 595.0, 842.0, set_line("道路管护资料", 50.0) + glyphs + set_line(f"— {number} —", 790.0, 280.0)))
    reading = pages.lay_out(Reading("pdf"), contents)
    assert [block.cells for block in reading.blocks] == list(WHITE)


def test_words_apart_in_a_line_or_two_are_no_table():
    lines = set_line("甲村  乙村  丙村", 100.0) + [glyph for index, x in enumerate((80, 220, 360)) for glyph in set_line(("甲村修路", "乙村修桥", "丙村修渠")[index], 128.0, x)]
    reading = pages.lay_out(Reading("pdf"), [PageContent(1, 595.0, 842.0, lines + typeset([LONG] * 4, top=156.0))])
    assert not any(block.cells for block in reading.blocks)


def test_table_that_the_page_cuts_through_a_row_is_closed_there():
    edges = [Edge(80, y, 480, y) for y in (100, 140)] + [Edge(x, 100, x, 220) for x in (80, 200, 480)]
    content = PageContent(1, 595, 842, [*set_line("任务", 125, 100), *set_line("单位", 125, 260), *set_line("修补村道", 165, 90), *set_line("建设办，", 165, 260)], edges)
    (table,), free = tables_of(content)
    assert [[cell.text for cell in row] for row in table.grid] == [["任务", "单位"], ["修补村道", "建设办，"]] and not free


def test_line_under_the_red_head_is_no_table():
    assert not worth_looking(PageContent(1, 595, 842, [], [Edge(80, 200, 500, 200), Edge(80, 203, 500, 203), Edge(80, 700, 500, 700)]))


@given(st.lists(st.text(alphabet="甲乙，。（）1", min_size=1, max_size=80), min_size=1, max_size=12))
def test_no_glyph_is_lost_or_doubled_between_lines_and_paragraphs(paragraphs):
    glyphs = typeset(paragraphs)
    assert "".join(layout_text for layout_text in [block.text for block in layout.paragraphs([page(glyphs)])[0]]) == "".join(glyph.char for glyph in glyphs)


# ---------------------------------------------------------------- files


def pdf(*pages: str, rotate: int = 0) -> bytes:
    """A PDF of content streams; /F is Helvetica, /P a grey picture."""
    objects = ["<</Type/Catalog/Pages 2 0 R>>",
               f"<</Type/Pages/Count {len(pages)}/Kids[{' '.join(f'{5 + 2 * index} 0 R' for index in range(len(pages)))}]>>",
               "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
               "<</Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8/Length 1>>stream\nA\nendstream"]
    for index, content in enumerate(pages):
        objects.append(f"<</Type/Page/Parent 2 0 R/Rotate {rotate}/MediaBox[0 0 595 842]/Resources<</Font<</F 3 0 R>>/XObject<</P 4 0 R>>>>/Contents {6 + 2 * index} 0 R>>")
        objects.append(f"<</Length {len(content)}>>stream\n{content}\nendstream")
    body, places = b"%PDF-1.4\n", []
    for number, text in enumerate(objects, start=1):
        places.append(len(body))
        body += f"{number} 0 obj{text}endobj\n".encode()
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    return body + f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer<</Root 1 0 R/Size {len(objects) + 1}>>\nstartxref\n{len(body)}\n%%EOF\n".encode()


def shown(text: str, y: int = 700, more: str = "") -> str:
    return f"BT {more} /F 14 Tf 80 {y} Td ({text}) Tj ET"


PICTURE = "q 595 0 0 842 0 0 cm /P Do Q "


def test_page_of_each_paragraph_is_known():
    document = read_bytes(pdf(shown("road plan"), shown("river plan")), "plan.pdf")
    assert document.source.pages == 2
    assert [(document.text[part.start:part.end], part.page) for part in document.paragraphs] == [("road plan", 1), ("river plan", 2)]


@pytest.mark.parametrize("more", ["1 1 1 rg", "3 Tr"])
def test_text_that_nobody_sees_is_left_out_with_a_warning(more):
    document = read_bytes(pdf(shown("seen") + shown("unseen", 600, more)), "plan.pdf")
    assert document.text == "seen"
    assert [(warning.code, warning.page) for warning in document.warnings] == [("hidden_text", 1)]


def test_text_that_a_clipping_path_cuts_off_is_left_out_with_a_warning():
    window = "q 70 690 200 30 re W n "
    document = read_bytes(pdf(window + shown("seen") + shown("cut off", 600) + " Q " + shown("seen too", 500)), "plan.pdf")
    assert document.text == "seen\nseen too"
    assert document.warnings[0].code == "hidden_text" and "6 个" in document.warnings[0].message


def test_text_that_only_reaches_over_its_clipping_path_is_read():
    assert read_bytes(pdf("q 70 698 200 30 re W n " + shown("going") + " Q"), "plan.pdf").text == "going"


def test_white_text_on_a_dark_ground_and_the_text_layer_of_a_scan_are_seen():
    assert read_bytes(pdf("0 0 0.5 rg 60 680 300 60 re f " + shown("table head", 700, "1 1 1 rg")), "plan.pdf").text == "table head"
    assert read_bytes(pdf(PICTURE + shown("recognised text of a page that was scanned", 700, "3 Tr")), "plan.pdf").text.startswith("recognised")


def test_scanned_page_is_unread_and_never_an_error():
    document = read_bytes(pdf(shown("road plan"), PICTURE), "plan.pdf")
    assert document.unread_pages == (2,)
    assert [(warning.code, warning.page) for warning in document.warnings] == [("page_without_text", 2)]
    assert read_bytes(pdf(PICTURE), "scan.pdf").unread_pages == (1,)


@pytest.mark.parametrize("matrix", ["0 1 -1 0 300 100", "-1 0 0 -1 400 600", "0 -1 1 0 300 600"])
def test_turned_pages_are_read_upright(matrix):
    stream = "".join(f"BT /F 14 Tf {matrix} Tm 0 {-30 * line} Td ({text}) Tj ET " for line, text in enumerate(("first line", "second line")))
    assert read_bytes(pdf(stream), "plan.pdf").text == "first line\nsecond line"


def test_watermark_across_the_page_is_left_out():
    mark = "BT /F 40 Tf 0.7 0.7 -0.7 0.7 100 100 Tm (CONFIDENTIAL) Tj ET"
    assert read_bytes(pdf(shown("the road plan of the town") + mark), "plan.pdf").text == "the road plan of the town"


@pytest.mark.parametrize(("content", "problem"), [(pdf(shown("a"))[:-40], "不完整"), (b"%PDF-1.4\nnothing\n%%EOF", "不完整或已损坏"), (pdf(" "), "没有文字")])
def test_broken_files_are_refused_in_words(content, problem):
    with pytest.raises(UnreadableFile, match=problem):
        read_bytes(content, "plan.pdf")


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damaged_files_are_read_or_refused(data):
    content = bytearray(pdf(shown("road plan") + PICTURE, shown("river plan")))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(9, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        read_bytes(bytes(content), "plan.pdf")
    except UnreadableFile as error:
        assert "\n" not in str(error)


# ---------------------------------------------------------------- PDFium called without checks


def checked(content: bytes) -> list[list[tuple[float, float, float, float, str]]]:
    """Characters of upright pages by PDFium's functions as its bindings give them, one by one: left, right, base line, height of each."""
    import ctypes

    import pypdfium2
    from pypdfium2 import raw

    found = []
    document = pypdfium2.PdfDocument(content)
    for page in document:
        left, _, _, top = page.get_bbox()
        text, box, x, y = page.get_textpage(), raw.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
        found.append([])
        for index in range(text.count_chars()):
            code = raw.FPDFText_GetUnicode(text, index)
            if code < 32 or raw.FPDFText_IsGenerated(text, index) == 1 and code == 32:
                continue
            assert raw.FPDFText_GetLooseCharBox(text, index, box) and raw.FPDFText_GetCharOrigin(text, index, x, y)
            wide, tall = box.right - box.left, abs(box.top - box.bottom)
            found[-1].append((box.left - left, box.right - left, top - y.value, 1.2 * wide if tall < wide and code > 0x2E80 else tall, chr(code)))
    document.close()
    return found


PDFS = sorted([*(Path(__file__).parents[1] / "corpora" / "demo").glob("*.pdf"), *(Path(__file__).parents[2] / "shared" / "corpora" / "files").rglob("*.pdf")])


@pytest.mark.parametrize("path", PDFS, ids=lambda path: path.name)
def test_characters_read_without_checks_are_those_that_the_checked_functions_give(path):
    content = path.read_bytes()
    document = glyphs.open_pdf(content, path.name)
    compared = 0
    for number, slow in enumerate(checked(content), start=1):
        page = glyphs.page_content(document, number, path.name)
        if page.turn:
            continue
        fast = [tuple(glyph)[:5] for glyph in page.glyphs]
        left_out = page.hidden + page.unmapped + page.aslant
        assert len(slow) - left_out <= len(fast) <= len(slow)
        assert fast == slow if not left_out else set(fast) <= set(slow)
        compared += 1
    document.close()
    assert compared


def test_fast_characters_of_small_pages_are_those_of_the_checked_functions_too():
    content = pdf(" ".join((shown("road plan"), shown("raised", 650, "5 Ts"), shown("wide", 600, "3 Tc 150 Tz"))), "q 0.5 0 0 0.5 10 10 cm " + shown("river") + " Q")
    document = glyphs.open_pdf(content, "plan.pdf")
    assert [[tuple(glyph)[:5] for glyph in glyphs.page_content(document, number, "plan.pdf").glyphs] for number in (1, 2)] == checked(content)
