"""What people decided stands in every report beside what the program found, never over it, and every number agrees with the JSON."""

import csv
import io
import re
from collections import Counter

import docx
import openpyxl
import pytest
from deciding import decided

from pipeline import handout
from pipeline.model import Verdict
from pipeline.report import rulings as office_rulings
from pipeline.report import words

TRACE, CHECK, ENTRIES = decided()
FILES = dict(handout.reports(TRACE, (), {}, CHECK))
FOUND = Counter(task["verdict"] for lower in CHECK["lowers"] for task in lower["tasks"])
DECIDED = Counter(task["decided"] for lower in CHECK["lowers"] for task in lower["tasks"])
TOTAL = CHECK["decisions"]
ANSWERED = sum(finding["waived"] for lower in CHECK["lowers"] for finding in lower["findings"])
CHANGED = [(lower, task) for lower in CHECK["lowers"] for task in lower["tasks"] if task["decided"] != task["verdict"]]


def text_of(raw):
    document = docx.Document(io.BytesIO(raw))
    return "\n".join([p.text for p in document.paragraphs] + [cell.text for table in document.tables for row in table.rows for cell in row.cells])


def counted(counts, unit):
    return "，".join(f"{words.VERDICT_NAME[v]}{counts[v.value]}{unit}" for v in Verdict if counts[v.value])


def test_decisions_of_every_state_are_there_to_be_told():
    assert TOTAL["standing"] >= 5 and TOTAL["suspect"] == 1 and TOTAL["expired"] == 1 and TOTAL["waived_gaps"] >= 2
    assert len(CHANGED) >= 4 and FOUND != DECIDED and ANSWERED >= 1


def test_the_page_counts_what_the_program_found_and_beside_it_what_people_decided():
    html = FILES["核对报告.html"].decode()
    first, second = re.findall(r'<dl class="tiles">(.*?)</dl>', html)
    for counts, tiles in ((FOUND, first), (DECIDED, second)):
        for verdict in Verdict:
            if counts[verdict.value]:
                assert f"{words.VERDICT_SYMBOL[verdict]} {words.VERDICT_NAME[verdict]}</dt><dd>{counts[verdict.value]}</dd>" in tiles
    for name, key in (("决定有效", "standing"), ("存疑", "suspect"), ("过期", "expired")):
        assert f"<dt>{name}</dt><dd>{TOTAL[key]}项</dd>" in second
    assert f"<dt>缺项已说明</dt><dd>{TOTAL['waived_gaps']}条</dd>" in second and f"<dt>缺项未说明</dt><dd>{TOTAL['open_gaps']}条</dd>" in second
    assert f"<dt>问题已说明</dt><dd>{ANSWERED}条</dd>" in second


def test_a_cell_of_the_page_keeps_the_programs_verdict_and_shows_the_decision_in_its_corner():
    html = FILES["核对报告.html"].decode()
    cells = dict(re.findall(r'data-c="(\d+,\d+)" (data-v="[^>]*>.*?)</button>', html))
    places = [lower["name"] for lower in CHECK["lowers"]]
    tasks = [duty["id"] for duty in CHECK["upper"]["duties"]]
    for lower, task in CHANGED:
        cell = cells[f"{places.index(lower['name'])},{tasks.index(task['id'])}"]
        assert f'data-v="{task["verdict"]}"' in cell and f"<sub>{words.VERDICT_SYMBOL[Verdict(task['decided'])]}</sub>" in cell
    assert sum("<sub>疑</sub>" in cell for cell in cells.values()) == TOTAL["suspect"] + TOTAL["expired"]
    assert all(entry.reason in html for entry in ENTRIES)


def test_the_matrix_sheet_shows_both_and_counts_both():
    sheet = openpyxl.load_workbook(io.BytesIO(FILES["覆盖矩阵.xlsx"]))["覆盖矩阵"]
    head = {sheet.cell(3, column).value: column for column in range(1, sheet.max_column + 1)}
    rows = {sheet.cell(row, 1).value: row for row in range(4, sheet.max_row + 1) if sheet.cell(row, 1).value}
    for lower, task in CHANGED:
        symbols = [words.VERDICT_SYMBOL[Verdict(task[key])] for key in ("verdict", "decided")]
        cell = sheet.cell(rows[task["id"]], head[lower["name"]]).value
        assert cell[0] == symbols[0] and f"/{symbols[1]}" in cell
    for verdict in ("覆盖", "部分覆盖", "未覆盖", "待核"):
        code = next(v.value for v in Verdict if words.VERDICT_NAME[v] == verdict)
        assert sum(sheet.cell(row, head[verdict]).value for row in rows.values()) == FOUND[code]
        assert sum(sheet.cell(row, head[f"决定后{verdict}"]).value for row in rows.values()) == DECIDED[code]
    assert sum(sheet.cell(row, head["决定后已说明"]).value for row in rows.values()) == DECIDED["justified"]


def test_the_findings_sheet_counts_what_is_answered_apart():
    sheet = openpyxl.load_workbook(io.BytesIO(FILES["覆盖矩阵.xlsx"]))["问题清单"]
    column = [cell.value for cell in sheet[3]].index("人工决定") + 1
    assert sum(str(sheet.cell(row, column).value or "").startswith("不计入") for row in range(4, sheet.max_row + 1)) == ANSWERED
    assert f"已说明{ANSWERED}条" in sheet["A2"].value


def test_the_detail_sheet_holds_every_decision_with_its_state():
    sheet = openpyxl.load_workbook(io.BytesIO(FILES["覆盖矩阵.xlsx"]))["明细"]
    head = {cell.value: cell.column for cell in sheet[3]}
    lines = {(sheet.cell(r, 1).value, sheet.cell(r, head["举措编号"]).value): r for r in range(4, sheet.max_row + 1)}
    for entry in ENTRIES:
        told = next(t for x in CHECK["lowers"] if x["name"] == entry.town for t in x["tasks"] if (entry.measure or entry.task) in (t["id"], *(m["id"] for m in t["measures"])))
        for measure in told["measures"]:
            row = lines[entry.town, measure["id"]]
            if entry.task:
                assert entry.reason in sheet.cell(row, head["决定状态"]).value
            elif entry.measure == measure["id"]:
                assert sheet.cell(row, head["人工理由"]).value == entry.reason and sheet.cell(row, head["决定人"]).value == entry.owner
                assert sheet.cell(row, head["决定日期"]).value.date() == entry.decided_on


def test_the_csv_tells_a_changed_verdict_in_words():
    table = list(csv.reader(io.StringIO(FILES["覆盖矩阵.csv"].decode("utf-8-sig"))))
    rows = {row[0]: row for row in table}
    for lower, task in CHANGED:
        cell = rows[task["id"]][table[0].index(lower["name"])]
        assert cell.startswith(words.VERDICT_NAME[Verdict(task["verdict"])]) and f"人工：{words.VERDICT_NAME[Verdict(task['decided'])]}" in cell
    assert sum("人工：" in cell for row in table for cell in row) == len(CHANGED)


@pytest.mark.parametrize("name", ["领导版报告.docx", "科室版报告.docx", "明细报告.docx"])
def test_the_reports_count_both_and_what_is_answered(name):
    text = text_of(FILES[name])
    assert f"按任务逐地计，{counted(FOUND, '项次')}。" in text and f"计入人工决定后，{counted(DECIDED, '项次')}；问题中已说明{ANSWERED}条。" in text
    assert f"有效{TOTAL['standing']}项，存疑{TOTAL['suspect']}项，过期{TOTAL['expired']}项；缺项中已说明{TOTAL['waived_gaps']}条，未说明{TOTAL['open_gaps']}条" in text


def test_the_detail_report_and_the_sections_tell_every_reason():
    text = text_of(FILES["明细报告.docx"])
    assert all(f"{entry.owner}，{entry.decided_on}" in text and entry.reason in text for entry in ENTRIES)
    assert text.count("暂不作数") >= 2


def test_a_letter_does_not_ask_again_for_what_is_answered_and_tells_it_apart():
    for lower in CHECK["lowers"]:
        text = text_of(FILES[f"差距报告/{lower['name']}.docx"])
        counts = [Counter(task[key] for task in lower["tasks"]) for key in ("verdict", "decided")]
        answered = sum(finding["waived"] for finding in lower["findings"])
        assert f"核对结果：{counted(counts[0], '项')}。" in text
        assert f"计入人工决定后：{counted(counts[1], '项')}；缺项中已说明{lower['waived_gaps']}条，问题中已说明{answered}条" in text
        form = next((t for t in docx.Document(io.BytesIO(FILES[f"差距报告/{lower['name']}.docx"])).tables if t.rows[0].cells[2].text == "本地举措"), None)
        asked = len(form.rows) - 1 if form else 0
        owed = [m for task in lower["tasks"] if task["decided"] in ("missing", "partial") for m in task["measures"] if state(task, m) == "gap"]
        assert asked == len(owed)
        for entry in ENTRIES:
            assert (entry.town != lower["name"]) or entry.reason in text


def state(task, measure):
    from pipeline import decisions

    return decisions.state(task, measure)


def test_rulings_say_of_every_measure_and_task_what_the_json_says():
    rulings = office_rulings.read(CHECK)
    for lower, told in zip(TRACE.lowers, CHECK["lowers"]):
        for found, task in zip(lower.tasks, told["tasks"]):
            assert rulings.verdict(lower.name, found).value == task["decided"]
            assert [rulings.state(lower.name, found, m) for m in found.measures] == [state(task, m) for m in task["measures"]]


def test_without_decisions_no_report_says_a_word_about_them():
    from pipeline.report import data

    plain = dict(handout.reports(TRACE, (), {}, data.check_json(TRACE)))
    html = re.sub(r"<script.*?</script>|<style.*?</style>", "", plain["核对报告.html"].decode(), flags=re.DOTALL)
    assert "计入人工决定" not in html and "<sub>" not in html
    assert all("人工决定" not in text_of(plain[name]) for name in plain if name.endswith(".docx"))
    assert "人工：" not in plain["覆盖矩阵.csv"].decode("utf-8-sig")


def test_the_same_check_gives_the_same_bytes():
    again = dict(handout.reports(TRACE, (), {}, CHECK))
    assert list(again) == list(FILES) and [name for name in FILES if FILES[name] != again[name]] == []
