"""The office's report: official form, two pages for the leader, and the same numbers as the JSON and the other formats."""

import io
import re
from dataclasses import replace

import docx
import openpyxl
import pytest
from docx.oxml.ns import qn
from support import make_trace

from pipeline.errors import UnreadableFile
from pipeline.model import Verdict
from pipeline.report import coverage_matrix, data, office, page, words
from pipeline.report.tally import missed_by_all

TRACE = make_trace(6, 30)
BROKEN = (UnreadableFile("坏.docx", "不是 Word 文件", "请重新导出"),)


def text_of(raw):
    document = docx.Document(io.BytesIO(raw))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([paragraph.text for paragraph in document.paragraphs] + cells)


def with_nobody_covering(trace, task, measure, names=None):
    """The trace in which one measure is carried out nowhere, in tasks judged 部分覆盖; `names` limits the places that are changed."""

    def changed(lower, verdict):
        if verdict.id != task or (names is not None and lower.name not in names):
            return verdict
        measures = tuple(replace(m, covered=False, binds=True, review=False) if m.id == measure else m for m in verdict.measures)
        return replace(verdict, verdict=Verdict.PARTIAL, measures=measures)

    return replace(trace, lowers=tuple(replace(lower, tasks=tuple(changed(lower, v) for v in lower.tasks)) for lower in trace.lowers))


@pytest.fixture(scope="module", params=[office.leader_report, office.section_report])
def report(request):
    return request.param(TRACE, BROKEN)


def test_the_form_is_that_of_the_standard(report):
    document = docx.Document(io.BytesIO(report))
    section = document.sections[0]
    sizes = (section.page_width, section.page_height, section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    assert [round(size.mm) for size in sizes] == [210, 297, 37, 35, 28, 26]
    assert section.footer.paragraphs[0].text == "— 1 —"
    fonts = {run._element.rPr.find(qn("w:rFonts")).get(qn("w:eastAsia")) for paragraph in document.paragraphs for run in paragraph.runs if run.text}
    assert fonts >= {"方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312"}
    text = text_of(report)
    assert "\n一、" in text and "\n（一）" in text and "\n1." in text


@pytest.mark.parametrize("towns, tasks", [(0, 3), (1, 1), (6, 30), (40, 120)])
def test_the_leaders_report_keeps_to_two_pages(towns, tasks):
    document = docx.Document(io.BytesIO(office.leader_report(make_trace(towns, tasks), BROKEN)))
    lines = 0
    for paragraph in document.paragraphs:
        size = 22 if paragraph.runs and paragraph.runs[0].font.size.pt == 22 else 16
        lines += max(1, -(-(len(paragraph.text) + 2) // (20 if size == 22 else 27))) * (1.25 if size == 22 else 1)
    assert 0 < lines <= 44


def test_numbers_agree_with_the_json_in_every_format(report):
    said = data.check_json(TRACE, BROKEN)
    cells = [task["verdict"] for lower in said["lowers"] for task in lower["tasks"]]
    text = text_of(report)
    html = page.page(TRACE, BROKEN)
    sheet = openpyxl.load_workbook(io.BytesIO(coverage_matrix.coverage_workbook(TRACE)))["覆盖矩阵"]
    shown = [str(cell.value or "") for row in sheet.iter_rows(min_col=4, max_col=3 + len(said["lowers"]), min_row=4) for cell in row]
    assert set(cells) == {v.value for v in Verdict}
    for verdict in Verdict:
        count = cells.count(verdict.value)
        assert f"{words.VERDICT_NAME[verdict]}{count}项次" in text
        assert re.search(rf"{re.escape(words.VERDICT_SYMBOL[verdict])} {words.VERDICT_NAME[verdict]}</dt><dd>{count}</dd>", html)
        assert sum(value.startswith(words.VERDICT_SYMBOL[verdict]) for value in shown) == count
    findings = [finding for lower in said["lowers"] for finding in lower["findings"]]
    high = sum(finding["severity"] == "high" for finding in findings)
    assert f"发现问题{len(findings)}条，其中级别高{high}条" in text and f"<dt>问题</dt><dd>{len(findings)}条</dd>" in html
    mean = words.percent(sum(lower.score for lower in TRACE.lowers) / len(TRACE.lowers))
    assert f"举措平均覆盖率{mean}" in text and f"<dd>{mean}</dd>" in html
    assert f"任务{said['upper']['tasks']}项（涉及下级{said['upper']['binding_tasks']}项）、举措{said['upper']['measures']}条" in text
    assert "另有1份文件未能读出" in text


def test_the_sections_report_tells_every_place_and_every_finding():
    text = text_of(office.section_report(TRACE, BROKEN))
    said = data.check_json(TRACE)
    assert said["lowers"] and all(f"{lower['name']}（举措覆盖率" in text for lower in said["lowers"])
    findings = [finding for lower in said["lowers"] for finding in lower["findings"]]
    assert findings and all(finding["message"] in text for finding in findings)
    assert said["aggregates"] and all(total["indicator"] in text for total in said["aggregates"])
    assert "坏.docx" in text


def test_a_measure_that_every_place_misses_stands_in_json_page_and_both_reports():
    task = TRACE.upper.tasks[0]
    measure = task.measures[0]
    trace = with_nobody_covering(TRACE, task.id, measure.id)
    listed = [entry for entry in data.check_json(trace)["missed_by_all"] if entry["measure"] == measure.id]
    assert listed == [
        {"task": task.id, "measure": measure.id, "text": measure.text, "missed_by": [x.name for x in trace.lowers], "not_judged": [], "review": 0}
    ]
    section = page.page(trace).split('<section id="missed"')[1].split("</section>")[0]
    assert measure.text in section and section.count("<tr>") == 1 + len(missed_by_all(trace))
    assert measure.text[:12] in text_of(office.leader_report(trace)) and measure.text in text_of(office.section_report(trace))


def test_one_place_that_carries_it_out_takes_a_measure_off_the_list():
    task = TRACE.upper.tasks[0]
    measure = task.measures[0].id
    everywhere = with_nobody_covering(TRACE, task.id, measure)
    first = everywhere.lowers[0]
    tasks = tuple(
        replace(v, measures=tuple(replace(m, covered=True) if m.id == measure else m for m in v.measures)) if v.id == task.id else v for v in first.tasks
    )
    but_one = replace(everywhere, lowers=(replace(first, tasks=tasks), *everywhere.lowers[1:]))
    assert measure in {each.measure.id for each in missed_by_all(everywhere)}
    assert measure not in {each.measure.id for each in missed_by_all(but_one)}


def test_a_place_that_could_not_be_read_is_not_said_to_miss():
    task = TRACE.upper.tasks[0]
    measure = task.measures[0].id
    trace = with_nobody_covering(TRACE, task.id, measure)
    last = trace.lowers[-1]
    unread = replace(last, tasks=tuple(replace(v, verdict=Verdict.UNDETERMINED) if v.id == task.id else v for v in last.tasks))
    found = {each.measure.id: each for each in missed_by_all(replace(trace, lowers=(*trace.lowers[:-1], unread)))}[measure]
    assert found.not_judged == (last.name,) and last.name not in found.places


def test_one_place_alone_says_nothing_about_the_upper_document():
    assert TRACE.lowers and missed_by_all(replace(TRACE, lowers=TRACE.lowers[:1])) == []


def test_the_same_trace_gives_the_same_bytes():
    for write in (office.leader_report, office.section_report):
        assert write(TRACE, BROKEN) == write(make_trace(6, 30), BROKEN)
