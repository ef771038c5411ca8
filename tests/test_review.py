"""A reviewer's workbook goes out, is filled in, comes back as decisions, and the next report shows them; every row that has no place is named."""

from __future__ import annotations

import json
from datetime import date, datetime

import openpyxl
import pytest
from click.testing import CliRunner

from pipeline import cli, decisions, review
from pipeline.errors import UnreadableFile
from pipeline.report.words import REVIEW_HEAD

CITY = ("虚川市关于便民服务的实施方案\n二、主要任务\n（一）办好食堂\n1.新建老年食堂。2025年底前新建老年食堂12处。对独居老人送餐上门。（责任单位：市民政局，各镇）\n"
        "2.修好步道。新建慢行步道18公里。步道每500米设一处歇脚点。（责任单位：市住建局，各镇）\n")
TOWN = "云溪镇便民服务工作方案\n二、主要任务\n1.新建老年食堂。2025年底前在镇区新建老年食堂2处，由社会事务办负责。\n"


def run(*args):
    return CliRunner().invoke(cli.main, [str(a) for a in args], catch_exceptions=False)


@pytest.fixture
def office(tmp_path):
    """A folder with a city plan, a town plan and the first round's reports."""
    (tmp_path / "city.txt").write_text(CITY, "utf-8")
    (tmp_path / "town.txt").write_text(TOWN, "utf-8")
    assert run("check", tmp_path / "city.txt", tmp_path / "town.txt", "--out", tmp_path / "one").exit_code == 0
    return tmp_path


class Sheet:
    """The detail sheet of a workbook, by head and measure."""

    def __init__(self, path):
        self.book, self.path = openpyxl.load_workbook(path), path
        self.sheet = self.book["明细"]
        row = next(row for row in range(1, 9) if "举措编号" in [cell.value for cell in self.sheet[row]])
        self.head = {cell.value: cell.column for cell in self.sheet[row]}
        self.rows = {self.sheet.cell(r, self.head["举措编号"]).value: r for r in range(row + 1, self.sheet.max_row + 1)}

    def fill(self, measure, *values):
        """The reviewer's cells from 人工结论 on, as far as given."""
        for name, value in zip(REVIEW_HEAD, values):
            self.sheet.cell(self.rows[measure], self.head[name], value)

    def get(self, measure, name):
        return self.sheet.cell(self.rows[measure], self.head[name]).value

    def save(self, path=None):
        self.book.save(path or self.path)


def filled(office, rows):
    sheet = Sheet(office / "one/覆盖矩阵.xlsx")
    for measure, values in rows.items():
        sheet.fill(measure, *values)
    sheet.save(office / "填好.xlsx")
    return office / "填好.xlsx"


def test_the_sheet_offers_a_drop_down_and_hides_its_stamps(office):
    sheet = Sheet(office / "one/覆盖矩阵.xlsx")
    (rule,) = sheet.sheet.data_validations.dataValidation
    assert rule.formula1 == '"覆盖,未覆盖,不适用,已说明"' and len(sheet.rows) == 4
    assert sheet.sheet.column_dimensions[openpyxl.utils.get_column_letter(sheet.head["印记"])].hidden


def test_a_round_trip_stands_after_other_spacing_and_is_suspect_after_another_number(office):
    city, town, file = office / "city.txt", office / "town.txt", office / "决定.yaml"
    book = filled(office, {"2.1.2-m1": ("已说明", "镇区没有步道用地", "督查室", datetime(2025, 12, 31), "2025/6/30"), "2.1.2-m2": ("未覆盖", "确实没有写", "督查室", "2025年9月30日", "2025-06-30")})
    said = run("review", "import", book, "--decisions", file)
    assert said.exit_code == 0 and "新写入2条" in said.stdout and "没有放进去0行" in said.stdout
    found, blank = decisions.load(file)
    assert blank == 0 and [(d.measure, d.kind, d.verdict, d.expires, d.due, d.decided_on) for d in found] == [
        ("2.1.2-m1", "waiver", None, date(2025, 12, 31), None, date(2025, 6, 30)), ("2.1.2-m2", "override", "missing", None, date(2025, 9, 30), date(2025, 6, 30))]
    # the second report shows it
    assert run("check", city, town, "--decisions", file, "--as-of", "2025-07-01", "--out", office / "two").exit_code == 0
    sheet = Sheet(office / "two/覆盖矩阵.xlsx")
    assert sheet.get("2.1.2-m1", "人工结论") == "已说明" and sheet.get("2.1.2-m1", "决定状态") == "有效" and sheet.get("2.1.2-m1", "期限") == datetime(2025, 12, 31)
    assert "镇区没有步道用地" in (office / "two/核对报告.html").read_text("utf-8")
    # other spacing and width
    city.write_text(CITY.replace("步道18公里", "步道 １８ 公里"), "utf-8")
    total = json.loads(run("check", city, town, "--decisions", file, "--as-of", "2025-07-01", "--format", "json").stdout)["decisions"]
    assert total["standing"] == 2 and total["suspect"] == 0
    # another number
    city.write_text(CITY.replace("步道18公里", "步道28公里"), "utf-8")
    assert run("check", city, town, "--decisions", file, "--as-of", "2025-07-01", "--out", office / "three").exit_code == 0
    sheet = Sheet(office / "three/覆盖矩阵.xlsx")
    assert sheet.get("2.1.2-m1", "决定状态").startswith("存疑（文字、数字") and sheet.get("2.1.2-m2", "决定状态") == "有效"
    assert "暂不作数" in (office / "three/核对报告.html").read_text("utf-8")
    # coming back untouched changes nothing; dated anew it is confirmed with the new stamp
    before = file.read_text("utf-8")
    assert "不变2条" in run("review", "import", office / "three/覆盖矩阵.xlsx", "--decisions", file).stdout and file.read_text("utf-8") == before
    sheet.fill("2.1.2-m1", "已说明", "镇区没有步道用地", "督查室", datetime(2025, 12, 31), datetime(2025, 7, 2))
    sheet.save()
    assert "改动1条" in run("review", "import", office / "three/覆盖矩阵.xlsx", "--decisions", file).stdout
    total = json.loads(run("check", city, town, "--decisions", file, "--as-of", "2025-07-03", "--format", "json").stdout)["decisions"]
    assert total["standing"] == 2 and total["suspect"] == 0


def test_a_file_that_people_wrote_keeps_its_comments_and_its_other_entries(office):
    file = office / "决定.yaml"
    assert run("decisions", "draft", office / "one/check.json", "--out", file).exit_code == 0
    draft = file.read_text("utf-8")
    book = filled(office, {"2.1.2-m2": ("已说明", "理由: 有“引号” # 和井号", "督查室", None, "2025-06-30")})
    assert run("review", "import", book, "--decisions", file).exit_code == 0
    text = file.read_text("utf-8")
    assert [line for line in draft.splitlines() if line.lstrip().startswith("#")] == [line for line in text.splitlines() if line.lstrip().startswith("#")]
    found, blank = decisions.load(file)
    assert [(d.measure, d.reason) for d in found] == [("2.1.2-m2", "理由: 有“引号” # 和井号")] and blank == draft.count("- town") - 1


WRONG = {
    "结论不在表里": (("乱写", "理由", "某人", None, "2025-01-01"), "不在下拉表里"),
    "没有理由": (("覆盖", None, "某人", None, "2025-01-01"), "没有填人工理由"),
    "没有决定人": (("覆盖", "理由", None, None, "2025-01-01"), "没有填决定人"),
    "没有日期": (("覆盖", "理由", "某人"), "没有决定日期"),
    "日期认不出": (("已说明", "理由", "某人", "年底前", "2025-01-01"), "“年底前”认不出"),
    "没有这一天": (("已说明", "理由", "某人", "2025-02-30", "2025-01-01"), "“2025-02-30”认不出"),
    "只有理由": ((None, "理由"), "没有选人工结论"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_row_that_cannot_be_placed_is_named_and_the_others_are_taken(office, kind):
    values, said = WRONG[kind]
    result = run("review", "import", filled(office, {"2.1.1-m2": values, "2.1.2-m2": ("不适用", "没有步道", "督查室", None, "2025-06-30")}), "--decisions", office / "决定.yaml")
    assert result.exit_code == 1 and "没有放进去1行" in result.stdout
    (line,) = result.stderr.strip().splitlines()
    assert line.startswith("填好.xlsx 第5行：") and said in line
    assert [d.measure for d in decisions.load(office / "决定.yaml")[0]] == ["2.1.2-m2"]


def test_who_and_when_can_be_given_once_for_all_rows(office):
    book = filled(office, {"2.1.2-m2": ("不适用", "没有步道")})
    assert run("review", "import", book, "--decisions", office / "决定.yaml", "--owner", "督查室", "--as-of", "2025-06-30").exit_code == 0
    (found,) = decisions.load(office / "决定.yaml")[0]
    assert (found.owner, found.decided_on) == ("督查室", date(2025, 6, 30))


def test_a_row_that_was_moved_or_typed_by_hand_is_not_taken_for_another(office):
    sheet = Sheet(office / "one/覆盖矩阵.xlsx")
    sheet.fill("2.1.1-m2", "覆盖", "理由", "某人", None, "2025-01-01")
    sheet.sheet.cell(sheet.rows["2.1.1-m2"], sheet.head["举措编号"], "2.1.2-m1")
    row = sheet.sheet.max_row + 1
    for name, value in (("镇街", "云溪镇"), ("举措编号", "2.1.1-m1"), ("人工结论", "覆盖")):
        sheet.sheet.cell(row, sheet.head[name], value)
    sheet.save(office / "填好.xlsx")
    read = review.read_book(office / "填好.xlsx")
    assert read.entries == () and "与这一行原来的不同" in read.problems[0] and "不是由程序写出的行" in read.problems[1]


def test_rows_in_another_order_and_columns_that_were_moved_come_back_all_the_same(office):
    sheet = Sheet(filled(office, {"2.1.2-m2": ("不适用", "没有步道", "督查室", None, "2025-06-30")}))
    rows = [[cell.value for cell in row] for row in sheet.sheet.iter_rows()]
    head = next(i for i, row in enumerate(rows) if "举措编号" in row)
    turned = openpyxl.Workbook()
    turned.active.title = "明细"
    for row in (rows[head], *reversed(rows[head + 1 :])):
        turned.active.append(row[::-1])
    turned.save(office / "倒序.xlsx")
    (found,) = review.read_book(office / "倒序.xlsx").entries
    assert (found.town, found.measure, found.verdict) == ("云溪镇", "2.1.2-m2", "not_applicable")


def test_two_rows_for_one_measure_are_one_too_many(office):
    sheet = Sheet(filled(office, {"2.1.2-m2": ("不适用", "没有步道", "督查室", None, "2025-06-30")}))
    sheet.sheet.append([cell.value for cell in sheet.sheet[sheet.rows["2.1.2-m2"]]])
    sheet.save()
    read = review.read_book(sheet.path)
    assert len(read.entries) == 1 and "前面已经填过" in read.problems[0]


@pytest.mark.parametrize("content", [None, b"x", b"PK\x03\x04torn"])
def test_what_is_no_workbook_is_refused_in_words(tmp_path, content):
    path = tmp_path / "a.xlsx"
    if content:
        path.write_bytes(content)
    with pytest.raises(UnreadableFile):
        review.read_book(path)


def test_a_workbook_without_our_columns_is_refused_in_words(office):
    sheet = Sheet(office / "one/覆盖矩阵.xlsx")
    sheet.sheet.delete_cols(sheet.head["印记"])
    sheet.save(office / "删列.xlsx")
    with pytest.raises(UnreadableFile, match="印记"):
        review.read_book(office / "删列.xlsx")
    other = openpyxl.Workbook()
    other.save(office / "别的.xlsx")
    with pytest.raises(UnreadableFile, match="明细"):
        review.read_book(office / "别的.xlsx")


def test_an_empty_list_of_decisions_takes_entries(tmp_path, office):
    file = office / "决定.yaml"
    file.write_text("# 本局\ndecisions: []\n", "utf-8")
    book = filled(office, {"2.1.2-m2": ("不适用", "没有步道", "督查室", None, "2025-06-30"), "2.1.2-m1": ("不适用", "没有步道", "督查室", None, "2025-06-30")})
    assert run("review", "import", book, "--decisions", file).exit_code == 0
    assert [d.measure for d in decisions.load(file)[0]] == ["2.1.2-m1", "2.1.2-m2"] and file.read_text("utf-8").startswith("# 本局\n")
