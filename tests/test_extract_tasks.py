"""Sections become tasks: who answers for which sentence, whom it binds, and every quote in its place."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plans import CORPORA, extracted

from pipeline.model import Modality, Role

TITLE = "云岫市慢行步道建设实施方案"


def tasks(*lines):
    return extracted(TITLE, *lines).tasks


def only(*lines):
    (task,) = tasks("一、主要任务", *lines)
    return task


def names(units) -> list[str]:
    return [("*" if u.role is Role.LEAD else "-" if u.role is Role.SUPPORT else "") + u.name for u in units]


def test_a_measure_is_a_sentence_and_keeps_its_stop():
    task = only("1.建好步道。沿河新建步道；沿街补齐断点。", "每周清扫一次。")
    assert [m.text for m in task.measures] == ["沿河新建步道；", "沿街补齐断点。", "每周清扫一次。"]
    assert [m.id for m in task.measures] == ["1.1-m1", "1.1-m2", "1.1-m3"] and task.title == "建好步道"


def test_units_brackets_and_lines_are_no_measures():
    task = only("1.建好步道。沿河新建步道。（责任单位：市住建局）")
    assert [m.text for m in task.measures] == ["沿河新建步道。"] and names(task.units) == ["市住建局"]
    task = only("1.建好步道。沿河新建步道。", "牵头单位：市住建局", "配合单位：市财政局、市水利局")
    assert [m.text for m in task.measures] == ["沿河新建步道。"] and names(task.units) == ["*市住建局", "-市财政局", "-市水利局"]


def test_stops_inside_quotes_and_brackets_do_not_split_a_measure():
    task = only("1.建好步道。立牌写明“慢行。让行。”（每处两块；双面印刷）并编号。")
    assert [m.text for m in task.measures] == ["立牌写明“慢行。让行。”（每处两块；双面印刷）并编号。"]


def test_an_item_without_a_heading_keeps_its_first_sentence_as_measure():
    task = only("1.每户种一棵柿子树，树苗由林业部门统一采购发放，成活率算进年底评比的分数里。年底逐户验收。")
    assert task.title.startswith("每户种一棵柿子树") and task.measures[0].text.startswith("每户种一棵柿子树") and len(task.measures) == 2


def test_a_bracket_in_the_middle_answers_for_the_sentences_before_it():
    task = only("1.建好步道。沿河新建步道。补齐断点。（责任单位：市住建局）每周清扫一次。（责任单位：市城管局、市水利局）")
    assert [names(m.units) for m in task.measures] == [["市住建局"], ["市住建局"], ["市城管局", "市水利局"]]
    assert names(task.units) == ["市住建局", "市城管局", "市水利局"]


def test_one_bracket_at_the_end_answers_for_the_task_as_a_whole():
    task = only("1.建好步道。沿河新建步道。补齐断点。（责任单位：市住建局）")
    assert all(m.units == () for m in task.measures) and names(task.units) == ["市住建局"]


def test_units_of_a_task_are_the_union_in_order_of_first_mention():
    task = only("1.建好步道。沿河新建步道。（责任单位：市水利局、市住建局）每周清扫。（责任单位：市住建局、市城管局）")
    assert names(task.units) == ["市水利局", "市住建局", "市城管局"]


def test_once_said_the_first_listed_leads_from_there_on():
    first, second = tasks("一、主要任务", "1.建好步道。沿河新建步道。（市住建局、市水利局负责。列第一位者为牵头单位，下同）", "2.管好步道。每周清扫一次。（市城管局、市财政局负责）")
    assert names(first.units) == ["*市住建局", "-市水利局"] and names(second.units) == ["*市城管局", "-市财政局"]


def test_before_it_is_said_nobody_leads():
    first, second = tasks("一、主要任务", "1.管好步道。每周清扫一次。（市城管局、市财政局负责）", "2.建好步道。沿河新建步道。（市住建局、市水利局负责。列第一位者为牵头单位，下同）")
    assert names(first.units) == ["市城管局", "市财政局"] and names(second.units) == ["*市住建局", "-市水利局"]


def test_a_list_that_names_its_lead_is_not_read_by_position():
    _, second = tasks("一、主要任务", "1.建好步道。沿河新建步道。（市住建局、市水利局负责。列第一位者为牵头单位，下同）", "2.管好步道。每周清扫一次。（市城管局、市财政局配合，市水利局牵头）")
    assert sorted(names(second.units)) == ["*市水利局", "-市城管局", "-市财政局"]


def test_a_default_for_everything_below_reaches_every_task_and_is_a_warning_with_the_sentence():
    extraction = extracted(TITLE, "一、主要任务", "以下各项均需各片区配合落实，不再列出。", "1.建好步道。沿河新建步道。（责任单位：市住建局）", "2.管好步道。每周清扫一次。（责任单位：市城管局）")
    (warning,) = [w for w in extraction.warnings if w.code == "default_units"]
    assert "不再列出" in warning.message and warning.paragraph == 3
    assert all(any("各片区" in u.name for u in task.units) for task in extraction.tasks) and len(extraction.tasks) == 2


def test_an_open_list_says_so():
    assert only("1.建好步道。沿河新建步道。（责任单位：市住建局、市水利局等）").units_open
    assert not only("1.建好步道。沿河新建步道。（责任单位：市住建局、市水利局）").units_open


def test_a_task_that_names_nobody_is_still_a_task():
    task = only("1.建好步道。沿河新建步道。")
    assert task.units == () and task.measures


@pytest.mark.parametrize("text, force", [("严禁在步道上停车。", Modality.FORBID), ("各单位要按时报送进度。", Modality.MUST), ("鼓励沿街单位开放院落。", Modality.ENCOURAGE), ("沿河新建步道。", Modality.DO)])
def test_the_force_of_a_measure(text, force):
    assert only(f"1.建好步道。{text}").measures[0].modality is force


@pytest.mark.parametrize("text, binds", [("各有关部门统筹安排资金。", False), ("市政府统一领导步道建设。", False), ("市住建局要编制图集。", False), ("各镇要明确专人。", True), ("沿河新建步道。", True)])
def test_a_sentence_that_binds_another_body_by_name_does_not_bind_the_level_below(text, binds):
    assert only(f"1.建好步道。{text}（责任单位：市住建局、各镇（街道））").measures[0].binds_lower is binds


def test_a_task_reaches_the_level_below_where_its_units_name_it():
    first, second = tasks("一、主要任务", "1.建好步道。沿河新建步道。（责任单位：市住建局、各镇（街道））", "2.编制图集。印发图集。（责任单位：市住建局）")
    assert first.applies_to_lower and not second.applies_to_lower


def test_where_no_task_names_the_level_below_all_reach_it():
    assert all(t.applies_to_lower for t in tasks("一、主要任务", "1.建好步道。沿河新建步道。（责任单位：市住建局）", "2.编制图集。印发图集。（责任单位：市住建局）"))


def test_chapters_without_duties_give_no_tasks():
    found = tasks("一、总体要求", "（一）指导思想", "坚持先急后缓，科学安排。", "（二）基本原则", "坚持群众参与，共建共享。", "二、主要任务", "（一）建好步道", "沿河新建步道。",
                  "三、附则", "本方案自发文之日起施行。", "四、领导小组成员名单", "组长：甲某某。")
    assert [t.id for t in found] == ["2.1"]


def test_a_closing_chapter_is_no_task_but_a_guarantee_chapter_gives_tasks():
    found = tasks("一、主要任务", "（一）建好步道", "沿河新建步道。", "二、保障措施", "（一）加强领导", "成立步道建设专班。")
    assert [t.id for t in found] == ["1.1", "2.1"]


def test_goals_are_sentences_of_goal_chapters_with_their_deadline():
    extraction = extracted(TITLE, "一、总体要求", "（一）工作目标", "到2025年，全市建成步道180公里，群众满意度达到90%以上。", "二、主要任务", "（一）建好步道", "沿河新建步道。")
    (goal,) = extraction.goals
    assert goal.deadline == "2025" and {(t.id, str(t.value), t.unit) for t in extraction.goal_targets} == {("goal-t1", "180", "公里"), ("goal-t2", "90", "%")}


def test_a_figure_about_the_past_is_a_baseline():
    extraction = extracted(TITLE, "一、工作基础", "2022年，全市建成步道96公里。", "二、主要任务", "（一）建好步道", "到2025年新建步道18公里。")
    assert any("96公里" in b.text for b in extraction.baselines)
    assert [str(t.value) for task in extraction.tasks for t in task.targets] == ["18"]


def test_a_target_belongs_to_its_measure():
    task = only("1.建好步道。沿河新建步道18公里。每年清扫不少于40次。")
    assert [(t.id, t.measure, str(t.value)) for t in task.targets] == [("1.1-t1", "1.1-m1", "18"), ("1.1-t2", "1.1-m2", "40")]


def test_an_indicator_with_two_values_is_a_number_conflict():
    extraction = extracted(TITLE, "一、主要任务", "1.建好步道。到2025年新建慢行步道18公里。", "2.管好步道。到2025年新建慢行步道20公里。")
    (finding,) = [f for f in extraction.findings if f.rule == "number_conflict"]
    assert "18" in finding.message and "20" in finding.message and finding.evidence.text != finding.upper_evidence.text


def test_the_same_value_twice_is_no_conflict():
    extraction = extracted(TITLE, "一、主要任务", "1.建好步道。到2025年新建慢行步道18公里。", "2.管好步道。到2025年新建慢行步道18公里。")
    assert not [f for f in extraction.findings if f.rule == "number_conflict"]


def test_two_numbers_without_a_name_are_no_conflict():
    extraction = extracted(TITLE, "一、主要任务", "1.山上步道。完成23公里。", "2.水边步道。完成28公里。")
    assert [t.indicator for task in extraction.tasks for t in task.targets] == ["", ""]
    assert not [f for f in extraction.findings if f.rule == "number_conflict"]


def test_a_unit_that_no_registry_knows_is_a_finding_once():
    extraction = extracted(TITLE, "一、主要任务", "1.建好步道。沿河新建步道。（责任单位：市住建局、市步道蜻蜓局）", "2.管好步道。每周清扫。（责任单位：市步道蜻蜓局）")
    (finding,) = [f for f in extraction.findings if f.rule == "unit_unknown"]
    assert finding.evidence.text == "市步道蜻蜓局"
    assert "请核对" in finding.message and not re.search("[A-Za-z/]", finding.message)  # it is read by an office, not by who keeps the rules


def test_a_known_unit_and_a_collective_are_no_finding():
    extraction = extracted(TITLE, "一、主要任务", "1.建好步道。沿河新建步道。（责任单位：市教育局、各镇（街道））")
    assert not [f for f in extraction.findings if f.rule == "unit_unknown"]


def test_an_ordinal_out_of_order_is_a_finding_with_the_line():
    extraction = extracted(TITLE, "一、主要任务", "1.建好步道。沿河新建步道。", "1.管好步道。每周清扫一次。")
    (finding,) = [f for f in extraction.findings if f.rule == "numbering_slip"]
    assert finding.evidence.text.startswith("1.管好步道") and [t.id for t in extraction.tasks] == ["1.1", "1.2"]


def _pieces() -> list[str]:
    found = []
    for path in sorted(CORPORA.glob("*/*.txt")):
        try:
            found += [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        except UnicodeDecodeError:
            continue
    assert len(found) > 300
    return found


def check_places(extraction):
    text = extraction.document.text
    ids = [t.id for t in extraction.tasks] + [m.id for t in extraction.tasks for m in t.measures] + [x.id for t in extraction.tasks for x in t.targets] + [x.id for x in extraction.goal_targets]
    assert len(ids) == len(set(ids))
    for task in extraction.tasks:
        assert 0 <= task.start <= task.end <= len(text)
        for measure in task.measures:
            assert text[measure.start : measure.end] == measure.text and measure.id.startswith(task.id + "-m")
        for unit in (*task.units, *(u for m in task.measures for u in m.units)):
            assert text[unit.start : unit.end] == unit.name and unit.rule
        spans = [(m.start, m.end) for m in task.measures]
        assert len(set(spans)) == len(spans)
    for target in (*extraction.goal_targets, *(t for task in extraction.tasks for t in task.targets)):
        assert text[target.start : target.end] == target.evidence and target.rule
    for one in (*extraction.goals, *extraction.baselines):
        assert text[one.start : one.end] == one.text
    for finding in extraction.findings:
        assert text[finding.evidence.start : finding.evidence.end] == finding.evidence.text


@given(st.lists(st.sampled_from(_pieces()), max_size=16))
@settings(max_examples=60, deadline=None)
def test_every_quote_is_the_text_at_its_place_and_ids_are_unique_whatever_the_order(lines):
    check_places(extracted(*lines))


@given(st.lists(st.sampled_from(_pieces()), min_size=2, max_size=8), st.lists(st.integers(0, 40), min_size=2, max_size=8))
@settings(max_examples=40, deadline=None)
def test_every_quote_is_the_text_at_its_place_also_in_torn_lines(lines, cuts):
    torn = [part for line, cut in zip(lines, cuts) for part in (line[:cut].strip(), line[cut:].strip()) if part]
    check_places(extracted(*torn))


@pytest.mark.parametrize("path", sorted(CORPORA.glob("*/*.txt")), ids=lambda p: f"{p.parent.name}/{p.name}")
def test_every_quote_of_the_corpora_is_the_text_at_its_place(path):
    from plans import readers

    from pipeline import ingest, outline
    from pipeline.extract import extract

    extraction = extract(outline.build(ingest.read(path), readers().rulebook), readers())
    check_places(extraction)
    assert extraction.tasks
