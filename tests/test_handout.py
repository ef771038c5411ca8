"""Everything that is handed on: which files, an office's own template, PDF, reminders and closings, and a province's round."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import docx
import openpyxl
import pytest
from deciding import decided
from docx.shared import Mm
from support import make_trace

from pipeline import handout, printing, rounds
from pipeline.errors import LuoshiError
from pipeline.ingest import office as libreoffice
from pipeline.report import coverage_matrix, data, letter, lists, official

TRACE, CHECK, _ = decided()


def paragraphs(raw):
    return [p.text for p in docx.Document(io.BytesIO(raw)).paragraphs]


def cells(raw):
    return [cell.text for table in docx.Document(io.BytesIO(raw)).tables for row in table.rows for cell in row.cells]


def test_every_report_is_written_once_and_what_left_is_taken_away(tmp_path):
    (tmp_path / "差距报告").mkdir()
    (tmp_path / "差距报告/撤并镇.docx").write_bytes(b"")
    names = handout.write(TRACE, (), tmp_path, {}, CHECK)
    there = sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file())
    assert sorted(names) == there and len(set(names)) == len(names)
    assert {"核对报告.html", "覆盖矩阵.xlsx", "任务分解表.docx", "督查立项清单.docx", "领导版报告.docx", "科室版报告.docx", "明细报告.docx", "责任图.graphml", "责任图.json"} <= set(names)
    assert sum(name.startswith("差距报告/") for name in names) == len(TRACE.lowers)


def test_the_graph_files_hold_every_unit_and_task():
    import networkx

    files = dict(handout.reports(TRACE, (), {}))
    graph = networkx.read_graphml(io.BytesIO(files["责任图.graphml"]))
    tasks = {node for node, kind in graph.nodes(data="kind") if kind == "task"}
    assert tasks == {f"task:{task.id}" for task in TRACE.upper.tasks} and b"task:" in files["责任图.json"]


# ---------------------------------------------------------------- documents


def test_the_task_list_as_a_document_has_a_line_a_task_and_a_line_a_unit():
    tables = docx.Document(io.BytesIO(lists.task_document(TRACE.upper))).tables
    assert len(tables[0].rows) - 1 == len(TRACE.upper.tasks)
    for task, row in zip(TRACE.upper.tasks, tables[0].rows[1:]):
        assert row.cells[1].text == f"{task.id} {task.title}" and all(m.text in row.cells[2].text for m in task.measures)
    assert {row.cells[0].text for row in tables[1].rows[1:]} == {unit.canonical for task in TRACE.upper.tasks for unit in task.units}
    section = docx.Document(io.BytesIO(lists.task_document(TRACE.upper))).sections[0]
    assert section.page_width > section.page_height


def test_the_filing_list_names_every_task_with_a_gap_and_leaves_numbers_and_days_blank():
    table = docx.Document(io.BytesIO(lists.filing_list(TRACE))).tables[0]
    gaps = [task.id for task in TRACE.upper.tasks if any(v.id == task.id and v.verdict.value in ("missing", "partial") for lower in TRACE.lowers for v in lower.tasks)]
    assert [row.cells[1].text.split(" ")[0] for row in table.rows[1:]] == gaps and gaps
    assert all(row.cells[i].text == "" for row in table.rows[1:] for i in (0, 6))


def test_the_detail_report_has_a_line_a_place_task_and_measure():
    tables = docx.Document(io.BytesIO(lists.detail_report(TRACE))).tables
    assert [len(table.rows) - 1 for table in tables] == [sum(1 + len(v.measures) for v in lower.tasks) for lower in TRACE.lowers]


def test_heads_of_tables_repeat_on_every_page_and_rows_stay_whole():
    for raw in (lists.task_document(TRACE.upper), lists.detail_report(TRACE), letter.gap_letter(TRACE, TRACE.lowers[0])):
        for table in docx.Document(io.BytesIO(raw)).tables:
            first, *rest = table._tbl.tr_lst
            assert first.xpath("w:trPr/w:tblHeader") and rest and all(row.xpath("w:trPr/w:cantSplit") for row in rest)


@pytest.mark.parametrize("text", ["<w:p>&amp;\x00\x0b", "]]>", "长" * 3000])
def test_odd_text_in_a_table_is_written_as_text(text):
    trace = make_trace(1, 4, suffix=text)
    clean = text.replace("\x00", "").replace("\x0b", "")
    assert any(clean in cell for cell in cells(lists.detail_report(trace))) and any(clean in cell for cell in cells(lists.task_document(trace.upper)))


# ---------------------------------------------------------------- reminders and closings


def test_a_place_with_open_gaps_is_reminded_and_one_without_is_closed():
    new = data.check_json(TRACE)
    first = new["lowers"][0]
    for task in first["tasks"]:
        for measure in task["measures"]:
            measure["covered"], measure["copied"] = True, 0.0
    changes = rounds.diff(CHECK, new, 0.8)
    files = dict(handout.reports(TRACE, (), {}, CHECK, changes=changes))
    name = first["name"]
    assert f"办结告知/{name}.docx" in files and f"催办通知/{name}.docx" not in files
    fixed = [item for item in changes["items"] if item["town"] == name]
    text = "\n".join(paragraphs(files[f"办结告知/{name}.docx"]))
    assert fixed and {item["status"] for item in fixed} == {"fixed"} and f"已整改{len(fixed)}条" in text and all(f"“{item['upper']}”" in text for item in fixed)
    other = CHECK["lowers"][1]["name"]
    still = [item for item in changes["items"] if item["town"] == other and item["status"] in letter.URGENT]
    text = "\n".join(paragraphs(files[f"催办通知/{other}.docx"]))
    assert still and f"仍需办理{len(still)}条" in text and all(f"“{item['upper']}”" in text for item in still)
    (form,) = docx.Document(io.BytesIO(files[f"催办通知/{other}.docx"])).tables
    assert len(form.rows) - 1 == len(still) and all(cell.text == "" for row in form.rows[1:] for cell in row.cells[2:])


def test_nothing_is_closed_where_pages_were_not_read():
    unread = next(lower for lower in TRACE.lowers if lower.extraction.document.unread_pages)
    changes = {"items": [{"town": unread.name, "status": "fixed", "task": "2.1.1", "measure": "2.1.1-m1", "upper": "x", "new_evidence": []}]}
    names = [name for name, _ in handout.reports(TRACE, (), {}, changes=changes)]
    assert not [name for name in names if name.startswith(("办结告知", "催办通知"))]


# ---------------------------------------------------------------- an office's own template


def template(*, styles=True, marked=True):
    document = docx.Document()
    document.sections[0].left_margin = Mm(31)
    document.sections[0].header.paragraphs[0].text = "某某市人民政府办公室"
    document.add_paragraph("红头")
    if marked:
        document.add_paragraph("{{正文}}")
        document.add_paragraph("版记")
    if styles:
        for name in ("落实标题", "落实一级", "落实二级", "落实正文"):
            document.styles.add_style(name, 1).font.name = "华文中宋"
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def test_a_template_keeps_its_page_letterhead_and_foot_and_gives_its_styles():
    raw = letter.gap_letter(TRACE, TRACE.lowers[0], template=template())
    document = docx.Document(io.BytesIO(raw))
    texts = [p.text for p in document.paragraphs]
    assert texts[0] == "红头" and texts[-1] == "版记" and not [t for t in texts if "{{" in t]
    assert texts[1].startswith("关于") and document.paragraphs[1].style.name == "落实标题" and round(document.sections[0].left_margin.mm) == 31
    assert document.sections[0].header.paragraphs[0].text == "某某市人民政府办公室"
    assert {p.style.name for p in document.paragraphs} >= {"落实一级", "落实二级", "落实正文"} and len(document.tables) == 2
    assert texts[1:-1] == paragraphs(letter.gap_letter(TRACE, TRACE.lowers[0]))


def test_a_template_without_marks_or_styles_gets_the_text_at_its_end_in_the_standards_typefaces():
    document = docx.Document(io.BytesIO(letter.gap_letter(TRACE, TRACE.lowers[0], template=template(styles=False, marked=False))))
    assert document.paragraphs[0].text == "红头" and document.paragraphs[1].text.startswith("关于")
    assert "方正小标宋简体" in document.paragraphs[1]._p.xml


@pytest.mark.parametrize("content", [b"", b"x", b"PK\x03\x04torn", coverage_matrix.coverage_workbook(make_trace(1, 1))])
def test_what_is_no_template_is_refused_in_words(content):
    with pytest.raises(ValueError, match="模板"):
        official.check_template(content)


# ---------------------------------------------------------------- PDF


def test_pdf_without_libreoffice_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(libreoffice, "program", lambda: None)
    with pytest.raises(LuoshiError, match="LibreOffice"):
        printing.print_all(tmp_path, ["a.docx"])


@pytest.mark.skipif(libreoffice.program() is None, reason="LibreOffice is not installed")
def test_each_document_becomes_a_pdf_with_its_pages(tmp_path):
    import pdfplumber

    names = ["领导版报告.docx", "差距报告/甲镇.docx"]
    from pipeline.report import office

    (tmp_path / "差距报告").mkdir()
    (tmp_path / names[0]).write_bytes(office.leader_report(TRACE))
    (tmp_path / names[1]).write_bytes(letter.gap_letter(TRACE, TRACE.lowers[0]))
    assert printing.print_all(tmp_path, [*names, "x.xlsx"]) == ["PDF/领导版报告.pdf", "PDF/差距报告/甲镇.pdf"]
    with pdfplumber.open(tmp_path / "PDF/领导版报告.pdf") as pdf:
        assert len(pdf.pages) == 2 and "核对情况" in pdf.pages[0].extract_text() and (round(pdf.pages[0].width), round(pdf.pages[0].height)) == (595, 842)


@pytest.mark.skipif(libreoffice.program() is None, reason="LibreOffice is not installed")
@pytest.mark.parametrize("towns, tasks", [(1, 4), (40, 120)])
def test_the_leaders_report_is_two_pages_on_paper_also_with_decisions(tmp_path, towns, tasks):
    import pdfplumber

    from pipeline import decisions
    from pipeline.report import office
    from pipeline.report import rulings as office_rulings

    long = make_trace(towns, tasks, names=("某某国家级经济技术开发区生态科技产业园管理委员会", "云溪镇"))
    settings = {"coverage.task.covered_share": 0.6, "decisions.never_waived.findings": "无", "decisions.never_waived.tasks": "无"}
    rulings = office_rulings.read(decisions.apply(data.check_json(long), [], settings))
    (tmp_path / "a.docx").write_bytes(office.leader_report(long, (), rulings))
    printing.print_all(tmp_path, ["a.docx"])
    with pdfplumber.open(tmp_path / "PDF/a.pdf") as pdf:
        assert len(pdf.pages) <= 2


# ---------------------------------------------------------------- a province


def test_a_round_too_large_for_one_workbook_gets_a_workbook_and_a_page_a_place(monkeypatch):
    monkeypatch.setattr(coverage_matrix, "_LARGE", 20)
    trace = make_trace(3, 10)
    files = dict(handout.reports(trace, (), {}))
    assert "明细报告.docx" not in files and openpyxl.load_workbook(io.BytesIO(files["覆盖矩阵.xlsx"])).sheetnames == ["覆盖矩阵", "问题清单", "目标汇总", "核对说明"]
    for lower in trace.lowers:
        sheet = openpyxl.load_workbook(io.BytesIO(files[f"复核/{lower.name}.xlsx"]))["明细"]
        assert sheet.max_row - 3 == sum(len(v.measures) for v in lower.tasks)
        assert lower.name in files[f"分镇网页/{lower.name}.html"].decode()


def test_a_workbook_kept_out_of_memory_holds_the_same_cells(monkeypatch):
    trace = make_trace(70, 6)  # more than fit across: places go down
    one = coverage_matrix.coverage_workbook(trace)
    monkeypatch.setattr(coverage_matrix, "_LARGE", 20)
    two = coverage_matrix.coverage_workbook(trace)
    sheets = [openpyxl.load_workbook(io.BytesIO(raw)) for raw in (one, two)]
    for name in ("覆盖矩阵", "问题清单", "目标汇总", "核对说明"):
        rows = [list(book[name].iter_rows(values_only=True)) for book in sheets]
        if name == "覆盖矩阵":
            rows = [[row for i, row in enumerate(each) if i != 1] for each in rows]  # the legend says where the detail is
        assert rows[0] == rows[1], name
    sheet = sheets[0]["覆盖矩阵"]
    assert [sheet.cell(r, 1).value for r in range(5, 75)] == [lower.name for lower in trace.lowers] and sheet.freeze_panes == "B5"
    assert zipfile.ZipFile(io.BytesIO(two)).testzip() is None


def test_a_large_workbook_costs_less_than_four_times_the_bare_strings():
    import time

    import xlsxwriter

    trace = make_trace(310, 60)
    started = time.process_time()
    raw = coverage_matrix.coverage_workbook(trace)
    ours = time.process_time() - started
    found = [[(r, c, str(v)) for r, row in enumerate(sheet.iter_rows(values_only=True)) for c, v in enumerate(row) if v is not None]
             for sheet in openpyxl.load_workbook(io.BytesIO(raw), read_only=True)]
    assert sum(map(len, found)) > 310 * 60

    def bare():
        started = time.process_time()
        book = xlsxwriter.Workbook(io.BytesIO())
        for strings in found:
            sheet = book.add_worksheet()
            for row, column, text in strings:
                sheet.write_string(row, column, text)
        book.close()
        return time.process_time() - started

    assert ours < 4 * min(bare(), bare())


def test_two_places_of_one_name_keep_a_file_each():
    twins = replace(TRACE, lowers=tuple(replace(lower, name="同名镇") for lower in TRACE.lowers[:2]))
    names = [name for name, _ in handout.reports(twins, (), {})]
    assert [name for name in names if name.startswith("差距报告/")] == ["差距报告/同名镇.docx", "差距报告/同名镇（2）.docx"]
