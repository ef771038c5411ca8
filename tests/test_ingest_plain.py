"""txt → canonical text: encodings, lines that go on, rows."""

import hashlib
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import UnreadableFile
from pipeline.ingest import limits, read_bytes, reflow

PLAN = "临溪镇人民政府文件\n临政发〔2024〕6号\n一、总体要求\n坚持村村参与，逐年推进。\n（一）道路管护。每年修补村道12公里。\n"


def lines(content: str | bytes, name: str = "plan.txt") -> list[str]:
    return read_bytes(content.encode() if isinstance(content, str) else content, name).text.split("\n")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "utf-32"])
def test_every_encoding_of_an_office_gives_the_same_text(encoding):
    assert lines(PLAN.replace("\n", "\r\n").encode(encoding)) == PLAN.split("\n")[:-1]


def test_rare_characters_of_gb18030_are_read():
    assert lines(("责任人：㙍村䶮某，负责全镇道路管护工作。\n" * 3).encode("gb18030"))[0] == "责任人：㙍村䶮某，负责全镇道路管护工作。"


def test_bytes_that_decode_by_chance_are_refused():
    noise = b"".join(hashlib.sha256(bytes([index])).digest() for index in range(40))
    pairs = bytes(byte | 0x80 if byte | 0x80 not in (0x80, 0xFF) else 0xA1 for byte in noise)
    for content in (noise, pairs):
        with pytest.raises(UnreadableFile, match="编码无法识别"):
            read_bytes(content, "noise.txt")


@pytest.mark.parametrize(("content", "problem"), [(b"", "空的"), ("\n 　\n".encode(), "没有文字"), (b"x" * (limits.TEXT_BYTES + 1), "超过")])
def test_files_without_a_text_are_refused_in_words(content, problem):
    with pytest.raises(UnreadableFile, match=problem):
        read_bytes(content, "plan.txt")


def test_title_broken_inside_book_marks_is_one_paragraph_even_over_a_blank_line():
    assert lines("县政府办公室\n\n关于印发《临溪县道路管护\n\n三年行动方案》的通知\n\n各镇：\n") == [
        "县政府办公室", "关于印发《临溪县道路管护三年行动方案》的通知", "各镇："]


def test_line_broken_after_a_comma_goes_on_but_an_item_begins():
    assert lines("抄送：县委办、县人大办、\n县法院，县人武部。\n各村要抓好以下工作，\n1.修路。\n") == ["抄送：县委办、县人大办、县法院，县人武部。", "各村要抓好以下工作，", "1.修路。"]


def test_bracket_that_never_closes_swallows_nothing():
    assert lines("《道路管护办法\n第一条\n第二条\n第三条\n第四条\n") == ["《道路管护办法", "第一条", "第二条", "第三条", "第四条"]


def test_hard_wrapped_text_becomes_paragraphs():
    body = "　　为进一步加强农村道路管护，保障群众安全便捷出行，结合我镇实际，制定本方案。各村要提高认识，明确专人负责，按月巡查道路，发现破损及时上报修补并建立台账逐条销号。"
    wrapped = [body[start:start + 32] for start in range(0, len(body), 32)]
    assert lines("\n".join(["临溪镇道路管护方案", *wrapped * 5])) == ["临溪镇道路管护方案", *[body.strip()] * 5]


def wrapped(paragraph: str, columns: int) -> list[str]:
    """Lines as a printer sets them: a letter is half as wide as a Chinese character, and no line begins with a stop."""
    found = [""]
    for char in paragraph:
        if reflow.width(found[-1] + char) > columns and char not in "，。；、）":
            found.append("")
        found[-1] += char
    return found


WORDS = st.sampled_from(["修补村道", "清理边沟", "每年巡查", "12公里", "由建设办负责", "不少于4次", "（含支路）", "明确专人"])
PHRASES = st.tuples(WORDS, st.sampled_from(["", "", "、", "，", "；", "。"])).map("".join)  # stops do not pile up
BODIES = st.lists(PHRASES, min_size=25, max_size=60).map(lambda phrases: "各村" + "".join(phrases).rstrip("、，；。") + "。")
PLANS = st.lists(st.tuples(st.sampled_from(["", "一、重点任务", "（二）道路管护"]), BODIES), min_size=4, max_size=9)


@settings(max_examples=100, deadline=None)
@given(PLANS, st.integers(44, 84))
def test_hard_wrapped_text_gives_the_same_paragraphs_as_unwrapped(plan, columns):
    paragraphs = [text for pair in plan for text in pair if text]
    indented = ["　　" + text for text in paragraphs]
    assert lines("\n".join(line for text in indented for line in wrapped(text, columns))) == lines("\n".join(indented)) == paragraphs


@settings(max_examples=100, deadline=None)
@given(PLANS, st.integers(44, 84))
def test_blank_lines_part_the_paragraphs_of_a_hard_wrapped_text_without_indents(plan, columns):
    paragraphs = [text for pair in plan for text in pair if text]
    assert lines("\n\n".join("\n".join(wrapped(text, columns)) for text in paragraphs)) == paragraphs


def test_lines_of_different_length_stay_apart():
    assert lines(PLAN) == PLAN.split("\n")[:-1]


def test_page_numbers_printed_into_a_text_are_no_text():
    assert lines("一、道路管护\n— 1 —\n第2页 共9页\n二、河道管护\n") == ["一、道路管护", "二、河道管护"]


def test_lines_with_bars_are_rows_under_their_head():
    document = read_bytes("任务分解表\n| 序号 | 工作任务 | 牵头单位 |\n|---|---|---|\n| 1 | 修补村道 | 建设办 |\n| 2 | 清理河道 | |\n以上。\n".encode(), "t.txt")
    assert [paragraph.kind for paragraph in document.paragraphs] == ["text", "row", "row", "row", "text"]
    row = document.paragraphs[2]
    assert document.text[row.start:row.end] == "1|修补村道|建设办"
    assert [(document.text[cell.start:cell.end], cell.header) for cell in row.cells] == [("1", "序号"), ("修补村道", "工作任务"), ("建设办", "牵头单位")]
    assert {paragraph.table for paragraph in document.paragraphs if paragraph.cells} == {0}


def test_canonical_text_has_no_white_space_at_line_ends_and_keeps_it_inside():
    assert lines("　　临 溪\t镇\u00a0文件 \u200b\u3000\n") == ["临 溪 镇 文件"]


@given(st.text(alphabet="《》“”（）一二。，、；1.|\n 　\tab\u2028\x0c\u200b市县", max_size=200))
def test_offsets_slice_the_text_whatever_the_lines(text):
    try:
        document = read_bytes(text.encode(), "x.txt")
    except UnreadableFile:
        return
    parts = [document.text[paragraph.start:paragraph.end] for paragraph in document.paragraphs]
    assert "\n".join(parts) == document.text
    for part, paragraph in zip(parts, document.paragraphs):
        assert part and part == part.strip() and len(part.splitlines()) == 1
        assert not paragraph.cells or "|".join(document.text[cell.start:cell.end] for cell in paragraph.cells) == part


@given(st.lists(st.text(alphabet="《》“”（）一二。，、；1.市县ab", min_size=1, max_size=30), max_size=30))
def test_reflow_loses_no_character(pieces):
    assert "".join("".join(reflow.paragraphs(pieces)).split()) == "".join("".join(pieces).split())


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.binary(max_size=300), st.tuples(st.sampled_from([b"%PDF-1.4\n", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"<html>", b"MIME-Version: 1.0\n",
                                                                    b"\xff\xfe", b"\xef\xbb\xbf", b"BM"]), st.binary(max_size=200)).map(b"".join)))
def test_any_bytes_are_read_or_refused_and_nothing_else(content):
    with patch("pipeline.ingest.office.program", return_value=None):  # LibreOffice is not what is tried here
        try:
            document = read_bytes(content, "x")
        except UnreadableFile as error:
            assert "\n" not in str(error)
        else:
            document.text.encode("utf-8")
