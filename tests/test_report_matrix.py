"""Workbooks open, hold every cell, never a formula, and are the same bytes each time."""

import csv
import io
import zipfile

import openpyxl
import pytest
from support import make_extraction, make_trace

from pipeline.model import Verdict
from pipeline.report import coverage_matrix, matrix, words

TRACE = make_trace(6, 30)
HOSTILE = ("=cmd|'/c calc'!A1", "@SUM(1)", "+1", "-1", "\u2028<script>\x00\x07")


def load(raw):
    return openpyxl.load_workbook(io.BytesIO(raw))


def rows(raw):
    return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))


def test_the_task_list_has_a_line_a_task():
    extraction = make_extraction(30)
    sheet = load(matrix.task_workbook(extraction))["任务分解表"]
    head = [cell.value for cell in sheet[3]]
    assert [name for name in head if name not in ("编号", "所属部分")] == [
        "序号",
        "任务",
        "举措",
        "目标",
        "牵头单位",
        "责任单位",
        "配合单位",
        "完成时限",
    ]
    lines = {sheet.cell(row, 2).value: [cell.value for cell in sheet[row]] for row in range(4, sheet.max_row + 1)}
    assert list(lines) == [task.id for task in extraction.tasks]
    for task in extraction.tasks:
        assert lines[task.id][3] == task.title
        assert all(measure.text in lines[task.id][4] for measure in task.measures)


def test_ids_are_text_that_a_spreadsheet_cannot_turn_into_dates():
    sheet = load(matrix.task_workbook(make_extraction(3)))["任务分解表"]
    assert sheet["B4"].value == "2.1.1" and sheet["B4"].data_type == "s" and sheet["B4"].number_format == "@"


def test_the_responsibility_matrix_adds_up():
    extraction = make_extraction(30)
    sheet = load(matrix.task_workbook(extraction))["责任矩阵"]
    names = {sheet.cell(row, 1).value: row for row in range(5, sheet.max_row)}
    assert set(names) == {unit.canonical for task in extraction.tasks for unit in task.units}
    for row in names.values():
        filled = [sheet.cell(row, column).value for column in range(2, 32) if sheet.cell(row, column).value]
        assert sheet.cell(row, 35).value == len(filled) > 0
        assert sheet.cell(row, 32).value == filled.count("牵头")


def test_the_coverage_matrix_shows_each_verdict_and_leads_to_its_lines():
    book = load(coverage_matrix.coverage_workbook(TRACE))
    assert book.sheetnames == ["覆盖矩阵", "明细", "问题清单", "目标汇总", "核对说明"]
    sheet, detail = book["覆盖矩阵"], book["明细"]
    seen = set()
    for column, lower in enumerate(TRACE.lowers, 4):
        assert sheet.cell(3, column).value == lower.name
        for row, verdict in enumerate(lower.tasks, 4):
            cell = sheet.cell(row, column)
            assert cell.value.rstrip("空") == words.VERDICT_SYMBOL[verdict.verdict]
            place = cell.hyperlink.location.split("!")[1]
            line = detail[place].row
            assert (detail.cell(line, 1).value, detail.cell(line, 2).value) == (lower.name, verdict.id)
            seen.add(verdict.verdict)
    assert seen == set(Verdict)


def test_the_detail_has_a_line_a_place_and_measure_with_both_texts():
    sheet = load(coverage_matrix.coverage_workbook(TRACE))["明细"]
    assert sheet.max_row - 3 == sum(len(verdict.measures) for lower in TRACE.lowers for verdict in lower.tasks)
    upper = {measure.id: measure.text for task in TRACE.upper.tasks for measure in task.measures}
    assert all(sheet.cell(row, 9).value == upper[sheet.cell(row, 5).value] for row in range(4, sheet.max_row + 1))


def test_nothing_is_called_missing_where_the_document_was_not_read():
    sheet = load(coverage_matrix.coverage_workbook(TRACE))["明细"]
    open_ones = [sheet.cell(row, 6).value for row in range(4, sheet.max_row + 1) if "待核" in sheet.cell(row, 4).value]
    assert open_ones and "未覆盖" not in open_ones


@pytest.mark.parametrize("text", HOSTILE)
def test_document_text_never_becomes_a_formula(text):
    themes = ((text, text, (text + "。",), (text,), None),)
    extraction = make_extraction(4, themes=themes)
    trace = make_trace(2, 3, suffix=text, names=(text, "乙镇"))
    for raw in (matrix.task_workbook(extraction), coverage_matrix.coverage_workbook(trace)):
        cells = [cell for sheet in load(raw) for row in sheet.iter_rows() for cell in row if cell.value is not None]
        assert len(cells) > 20 and not [cell for cell in cells if cell.data_type == "f"]
        assert b"<f>" not in b"".join(
            zipfile.ZipFile(io.BytesIO(raw)).read(name) for name in zipfile.ZipFile(io.BytesIO(raw)).namelist() if "/sheet" in name
        )


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "＝1", "\t=1", " =1"])
def test_csv_cells_that_would_run_are_guarded(text):
    extraction = make_extraction(2, themes=((text, text, (text,), (text,), None),))
    for raw in (matrix.task_csv(extraction), matrix.duty_csv(extraction), coverage_matrix.coverage_csv(make_trace(1, 2, names=(text,)))):
        assert raw.startswith(b"\xef\xbb\xbf")
        cells = [cell for row in rows(raw) for cell in row]
        assert any(cell == "'" + text for cell in cells)
        assert not [cell for cell in cells if cell.lstrip().startswith(("=", "+", "-", "@", "＝"))]


def test_csv_tables_have_the_size_of_the_matter():
    assert len(rows(matrix.task_csv(TRACE.upper))) == 31
    assert {len(row) for row in rows(coverage_matrix.coverage_csv(TRACE))} == {9}
    units = {unit.canonical for task in TRACE.upper.tasks for unit in task.units}
    assert len(rows(matrix.duty_csv(TRACE.upper))) == len(units) + 1


def test_the_same_trace_gives_the_same_bytes():
    assert coverage_matrix.coverage_workbook(TRACE) == coverage_matrix.coverage_workbook(make_trace(6, 30))
    assert matrix.task_workbook(TRACE.upper) == matrix.task_workbook(make_extraction(30))


def test_sheets_are_ready_to_print():
    for raw in (coverage_matrix.coverage_workbook(TRACE), matrix.task_workbook(TRACE.upper)):
        for sheet in load(raw):
            assert sheet.page_setup.orientation == "landscape" and str(sheet.page_setup.paperSize) == "8"
            assert sheet.freeze_panes and sheet.print_title_rows
            assert "&P" in sheet.oddFooter.center.text or "&P" in str(sheet.oddFooter.center.text)


@pytest.mark.parametrize("towns, tasks", [(1, 1), (40, 12)])
def test_one_place_and_forty_places_are_written(towns, tasks):
    sheet = load(coverage_matrix.coverage_workbook(make_trace(towns, tasks)))["覆盖矩阵"]
    assert sheet.max_column == 3 + towns + 4


def test_a_text_longer_than_a_cell_is_cut_and_says_so():
    themes = (("章", "长", ("长" * 40000,), (), None),)
    sheet = load(matrix.task_workbook(make_extraction(1, themes=themes)))["任务分解表"]
    assert sheet["E4"].value.endswith("（截断）") and len(sheet["E4"].value) <= 32767
