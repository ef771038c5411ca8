"""The gap report: official form, both sides' words, no invented number."""

import io
import re
import zipfile

import docx
import pytest
from docx.oxml.ns import qn
from support import make_trace

from pipeline.model import Verdict
from pipeline.report.letter import gap_letter
from pipeline.report.official import chinese

TRACE = make_trace(6, 30)


def text_of(document):
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([paragraph.text for paragraph in document.paragraphs] + cells)


@pytest.fixture(scope="module")
def letters():
    return [(lower, docx.Document(io.BytesIO(gap_letter(TRACE, lower)))) for lower in TRACE.lowers]


def test_the_page_is_that_of_the_standard(letters):
    for _, document in letters:
        section = document.sections[0]
        sizes = (section.page_width, section.page_height, section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
        assert [round(size.mm) for size in sizes] == [210, 297, 37, 35, 28, 26]


def test_typefaces_are_named_for_chinese_text(letters):
    document = letters[0][1]
    fonts = [run._element.rPr.find(qn("w:rFonts")).get(qn("w:eastAsia")) for paragraph in document.paragraphs for run in paragraph.runs if run.text]
    assert fonts[0] == "方正小标宋简体" and {"仿宋_GB2312", "黑体", "楷体_GB2312"} <= set(fonts)


def test_the_page_number_stands_between_dashes(letters):
    footer = letters[0][1].sections[0].footer.paragraphs[0]
    assert footer.text == "— 1 —" and "PAGE" in footer._p.xml


def test_parts_stand_in_order(letters):
    for _, document in letters:
        heads = [p.text for p in document.paragraphs if re.match("^[一二三四五]、", p.text)]
        assert heads == ["一、未覆盖的任务", "二、部分覆盖的任务", "三、需修改的问题", "四、待核事项", "五、请补充的内容"]


def test_every_gap_is_told_with_the_citys_sentence_its_units_and_the_reason(letters):
    tasks = {task.id: task for task in TRACE.upper.tasks}
    told = 0
    for lower, document in letters:
        text = text_of(document)
        for verdict in lower.tasks:
            if verdict.verdict is not Verdict.MISSING:
                continue
            for measure, said in zip(tasks[verdict.id].measures, verdict.measures):
                assert f"“{measure.text}”" in text and said.reason in text
                told += 1
            assert all(unit.name in text for unit in tasks[verdict.id].units)
    assert told


def test_every_finding_is_told_with_both_quotes(letters):
    told = 0
    for lower, document in letters:
        text = text_of(document)
        for finding in lower.findings:
            assert finding.message in text and finding.evidence.text in text and finding.upper_evidence.text in text
            told += 1
    assert told


def test_the_annex_has_a_line_a_measure(letters):
    for lower, document in letters:
        assert len(document.tables[-1].rows) - 1 == sum(len(verdict.measures) for verdict in lower.tasks)


def test_the_form_leaves_the_towns_numbers_blank(letters):
    document = next(document for _, document in letters if len(document.tables) == 2)
    rows = document.tables[0].rows
    assert len(rows) > 1 and all(cell.text == "" for row in rows[1:] for cell in row.cells[2:])


def test_pages_that_were_not_read_are_named_and_not_called_missing(letters):
    document = next(document for lower, document in letters if lower.extraction.document.unread_pages)
    assert "第3、4页未能读出文字" in text_of(document)


def test_no_gap_and_no_finding_says_none():
    from dataclasses import replace

    lower = replace(TRACE.lowers[0], tasks=tuple(v for v in TRACE.lowers[0].tasks if v.verdict is Verdict.NOT_APPLICABLE), findings=())
    text = text_of(docx.Document(io.BytesIO(gap_letter(TRACE, lower))))
    assert text.count("无。") == 5


@pytest.mark.parametrize("text", ["<w:p>&amp;\x00\x0b", "=1", "长" * 3000])
def test_odd_text_is_written_as_text(text):
    trace = make_trace(1, 4, suffix=text)
    document = docx.Document(io.BytesIO(gap_letter(trace, trace.lowers[0])))
    assert text.replace("\x00", "").replace("\x0b", "") in text_of(document)


def test_the_same_trace_gives_the_same_bytes_whatever_the_clock_says():
    raw = gap_letter(TRACE, TRACE.lowers[0])
    assert raw == gap_letter(make_trace(6, 30), make_trace(6, 30).lowers[0])
    assert {entry.date_time for entry in zipfile.ZipFile(io.BytesIO(raw)).infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize("number, words", [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (35, "三十五"), (99, "九十九"), (100, "100")])
def test_ordinals_are_chinese_below_a_hundred(number, words):
    assert chinese(number) == words
