"""Workbooks open, hold every cell, never a formula, and are the same bytes each time."""

import csv
import io
import zipfile
from dataclasses import replace

import openpyxl
import pytest
from support import make_extraction, make_trace

from pipeline.model import Verdict
from pipeline.report import coverage_matrix, matrix, words
from pipeline.report.carriers import carriers_of, shared_with

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


def test_each_unit_has_a_sheet_of_what_it_owes():
    extraction = make_extraction(30)
    book = load(matrix.task_workbook(extraction))
    owed = {}
    for name in book.sheetnames[4:]:
        for line in book[name].iter_rows(min_row=4, values_only=True):
            owed.setdefault(line[0], []).append((line[2], line[1]))
    expected = {carrier.name: [(id_, words.ROLE_NAME[role]) for id_, role in carrier.roles.items()] for carrier in carriers_of(extraction)}
    assert expected and owed == expected


def test_many_units_share_one_sheet_with_a_filter():
    extraction = make_extraction(12)
    task, unit = extraction.tasks[0], extraction.tasks[0].units[0]
    crowd = tuple(replace(unit, name=f"第{i}局", canonical=f"第{i}局") for i in range(60))
    crowded = replace(extraction, tasks=(replace(task, units=crowd), *extraction.tasks[1:]))
    book = load(matrix.task_workbook(crowded))
    assert book.sheetnames == ["任务分解表", "责任矩阵", "单位负荷", "目标清单", "按单位"]
    lines = list(book["按单位"].iter_rows(min_row=4, values_only=True))
    assert len(lines) == sum(len(carrier.roles) for carrier in carriers_of(crowded)) and book["按单位"].auto_filter.ref


def test_units_whose_names_are_no_names_of_sheets_keep_a_sheet_each():
    extraction = make_extraction(1)
    unit = extraction.tasks[0].units[0]
    names = ("甲局/乙局", "甲局:乙局", "责任矩阵", "长" * 40, "长" * 45, "'单引号'", "AB", "ab")
    units = tuple(replace(unit, name=name, canonical=name) for name in names)
    book = load(matrix.task_workbook(replace(extraction, tasks=(replace(extraction.tasks[0], units=units),))))
    assert [book[name]["A4"].value for name in book.sheetnames[4:]] == list(names)


def test_every_target_stands_in_the_list_of_targets():
    extraction = make_extraction(30)
    lines = list(load(matrix.task_workbook(extraction))["目标清单"].iter_rows(min_row=4, values_only=True))
    targets = [*extraction.goal_targets, *(target for task in extraction.tasks for target in task.targets)]
    assert targets and [(line[2] or "", line[3]) for line in lines] == [(t.indicator, words.quantity(t)) for t in targets]


def test_the_load_says_who_shares_how_many_tasks():
    carriers = carriers_of(make_extraction(30))
    pairs = {(carrier.name, name): count for carrier in carriers for name, count in shared_with(carrier, carriers)}
    assert pairs and all(pairs[b, a] == count for (a, b), count in pairs.items())
