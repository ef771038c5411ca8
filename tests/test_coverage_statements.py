"""What a sentence of a town plan does: promise, tell, preach, list or refuse. The cases are in cases/standing.yaml."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from plans import CORPORA, outlined, readers

from pipeline.coverage.statements import Standing, read_statements

CASES = yaml.safe_load((Path(__file__).parent / "cases" / "standing.yaml").read_text(encoding="utf-8"))


def statements(*lines):
    return read_statements(outlined("芦苇镇民生实事实施方案", *lines, "芦苇镇人民政府", "2023年6月1日"), readers())


@pytest.mark.parametrize("case", CASES, ids=[f"{c.get('chapter', '')}{c['text']}" for c in CASES])
def test_case(case):
    found = statements(f"一、{case.get('chapter', '重点任务')}", case["text"], "二、工作收尾", "按期交账，逐项打勾。")
    mine = [s for s in found if s.text in case["text"]]
    assert mine and {s.standing.value for s in mine} == {case["standing"]}


def test_every_standing_occurs_in_the_cases():
    assert {c["standing"] for c in CASES} | {"leads"} == {s.value for s in Standing}


def test_every_standing_names_a_rule_that_exists():
    known = readers().rulebook
    for path in sorted(CORPORA.glob("*/*.txt")):
        from pipeline import ingest, outline

        for s in read_statements(outline.build(ingest.read(path), known), readers()):
            assert s.rule in known.rules or s.rule in known.settings, s.rule


def test_a_short_sentence_that_opens_a_longer_paragraph_is_the_topic_of_the_next():
    found = statements("一、重点任务", "（一）管好路灯", "路灯常亮常新。镇里每月巡查一遍，坏灯三天之内修好。")
    assert [s.standing for s in found] == [Standing.LEADS, Standing.COMMITS] and found[1].topic == "路灯常亮常新。"


def test_a_heading_that_opens_its_paragraph_and_says_what_is_done_is_a_statement():
    found = statements("一、重点任务", "1.每季度检查一次敬老院的灶台。查出的毛病当天交办，三天之内销账。", "2.改善养老环境。给楼道装上扶手，把门槛锯平，月底逐户验收。")
    assert [(s.standing, s.text) for s in found if s.text.startswith(("每季", "改善"))] == [(Standing.COMMITS, "每季度检查一次敬老院的灶台。"), (Standing.LEADS, "改善养老环境。")]


def test_a_terse_item_of_one_line_is_a_statement():
    found = statements("一、重点任务", "（一）厕所", "1.新房不配化粪池，不验收。", "2.公厕有人扫，有人查。", "（二）塘坝", "每月巡查一遍，坏了三天之内修好。")
    assert [s.text for s in found if s.standing is Standing.COMMITS] == ["新房不配化粪池，不验收。", "公厕有人扫，有人查。", "每月巡查一遍，坏了三天之内修好。"]


def test_headings_and_lines_of_units_are_no_statements():
    found = statements("一、重点任务", "（一）管好路灯", "镇里每月巡查一遍，坏灯三天之内修好。", "责任单位：村镇建设办公室")
    assert [s.text for s in found] == ["镇里每月巡查一遍，坏灯三天之内修好。"]
    assert found[0].headings == ("重点任务", "管好路灯") and found[0].units == ("村镇建设办公室",) and found[0].units_here


def test_units_of_another_paragraph_stand_elsewhere():
    first, second = statements("一、重点任务", "（一）管好路灯", "镇里每月巡查一遍，坏灯三天之内修好。", "每村备一架梯子，用完放回原处。（责任单位：村镇建设办公室）")
    assert not first.units_here and second.units_here


def test_everything_behind_the_word_that_it_is_only_listed_is_only_listed():
    found = statements("一、重点任务", "（一）其余事项", "以下各项只列题目，不再展开。", "更换危桥两座，整修渡口一处。")
    assert {s.standing for s in found} == {Standing.LISTS}


def test_the_title_of_a_row_is_the_heading_of_its_cells():
    found = statements("一、重点任务", ("工作任务", "具体举措", "责任单位", "完成时限"), ("管好路灯", "镇里每月巡查一遍；坏灯三天之内修好。", "村镇建设办公室", "2024年底"))
    assert [s.text for s in found] == ["镇里每月巡查一遍；", "坏灯三天之内修好。"]
    assert all(s.headings[-1] == "管好路灯" and s.units == ("村镇建设办公室",) and s.deadline == "2024年底" for s in found)


def test_statements_are_quoted_at_their_place_and_numbered_in_reading_order():
    outline = outlined("芦苇镇民生实事实施方案", "一、重点任务", "（一）管好路灯。镇里每月巡查一遍；坏灯三天之内修好。", ("工作任务", "责任单位"), ("更换危桥两座。", "村镇建设办公室"))
    found = read_statements(outline, readers())
    assert len(found) == 3 and [s.order for s in found] == [0, 1, 2]
    assert all(outline.document.text[s.start : s.end] == s.text for s in found)


def test_the_figures_of_a_row_belong_to_its_measure():
    (found,) = statements("一、重点任务", ("工作任务", "具体举措", "目标", "责任单位"), ("管好路灯", "镇里每月巡查一遍，坏灯三天之内修好。", "换灯60盏，不留死角", "村镇建设办公室"))
    assert found.figures is not None and found.standing is Standing.COMMITS


def test_a_table_of_tasks_below_a_title_of_its_own_commits():
    found = statements("一、重点任务", "（一）其余事项", "其余任务按下表落实。", "重点任务分解表", ("工作任务", "具体举措", "责任单位"), ("管好路灯", "镇里每月巡查一遍，坏灯三天之内修好。", "村镇建设办公室"))
    assert found[-1].standing is Standing.COMMITS
