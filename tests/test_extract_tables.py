"""Rows of a task table become tasks; a column is what its head says."""

from __future__ import annotations

from plans import extracted, readers

from pipeline.extract.tables import columns
from pipeline.model import Role

HEAD = ("序号", "工作任务", "具体举措", "牵头单位", "配合单位", "完成时限")
FIRST = ("1", "建好步道", "沿河新建步道18公里；沿街补齐断点。", "市住建局", "市财政局、市水利局", "2025年12月")
SECOND = ("2", "管好步道", "每周清扫一次。", "市城管局", "各镇（街道）", "长期")


def tasks(*rows, before=("一、任务清单",)):
    return extracted("云岫市慢行步道建设任务分解表", *before, *rows).tasks


def names(task):
    return [("*" if u.role is Role.LEAD else "-" if u.role is Role.SUPPORT else "") + u.name for u in task.units]


def test_a_row_is_a_task_with_its_measures_units_and_deadline():
    first, second = tasks(HEAD, FIRST, SECOND)
    assert first.title == "建好步道" and [m.text for m in first.measures] == ["沿河新建步道18公里；", "沿街补齐断点。"]
    assert names(first) == ["*市住建局", "-市财政局", "-市水利局"] and first.deadline == "2025年12月"
    assert second.title == "管好步道" and second.units[-1].collective


def test_the_head_is_no_task_even_where_it_is_typed_again():
    assert len(tasks(HEAD, FIRST, HEAD, SECOND)) == 2


def test_a_row_with_one_filled_cell_is_the_heading_of_those_below():
    found = tasks(HEAD, ("一、基础设施", "", "", "", "", ""), FIRST, ("二、日常管护", "", "", "", "", ""), SECOND)
    assert [t.heading_path for t in found] == [("一、基础设施",), ("二、日常管护",)]
    assert [t.id for t in found] == ["1.1", "2.2"]


def test_a_merged_heading_row_that_repeats_its_text_is_a_heading_too():
    assert [t.heading_path for t in tasks(HEAD, ("基础设施",) * 6, FIRST)] == [("基础设施",)]


def test_a_column_of_categories_stands_above_the_task():
    (task,) = tasks(("类别", "工作任务", "责任单位"), ("设施", "沿河新建步道18公里。", "市住建局"))
    assert task.heading_path == ("设施",) and names(task) == ["市住建局"]


def test_without_a_column_of_measures_the_task_is_its_own_measure():
    (task,) = tasks(("序号", "重点任务", "责任单位"), ("1", "沿河新建步道18公里，沿街补齐断点。", "市住建局"))
    assert [m.text for m in task.measures] == ["沿河新建步道18公里，沿街补齐断点。"]


def test_the_deadline_of_a_row_is_the_deadline_of_its_figures():
    (task,) = tasks(HEAD, FIRST)
    (target,) = task.targets
    assert str(target.value) == "18" and target.deadline.startswith("2025") and target.measure == task.measures[0].id


def test_the_deadline_of_figures_is_as_exact_as_the_column():
    (task,) = tasks(HEAD, (*FIRST[:-1], "2025年9月底前"))
    assert task.targets[0].deadline == "2025-09"


def test_a_column_that_gives_a_start_or_no_end_gives_no_deadline():
    for words in ("2024年3月起", "长期坚持", "每年12月"):
        (task,) = tasks(HEAD, (*FIRST[:-1], words))
        assert task.deadline == words and task.targets[0].deadline is None


def test_rows_with_the_same_number_get_ids_of_their_own():
    found = tasks(HEAD, FIRST, ("1", *SECOND[1:]))
    assert len({t.id for t in found}) == 2


def test_a_table_without_a_column_of_units_gives_no_tasks():
    assert tasks(("姓名", "职务", "电话"), ("甲某某", "组长", "12345")) == ()
    assert tasks(("年份", "工作任务"), ("2024年", "沿河新建步道。")) == ()


def test_ids_of_rows_never_take_those_of_items():
    found = extracted("云岫市慢行步道建设实施方案", "一、主要任务", "（一）宣传步道", "每月宣传一次。", HEAD, FIRST, SECOND).tasks
    ids = [t.id for t in found]
    assert len(ids) == len(set(ids)) >= 2


def test_every_cell_is_quoted_at_its_place():
    extraction = extracted("云岫市慢行步道建设任务分解表", "一、任务清单", HEAD, FIRST, SECOND)
    text = extraction.document.text
    for task in extraction.tasks:
        assert all(text[m.start : m.end] == m.text for m in task.measures)
        assert all(text[u.start : u.end] == u.name for u in task.units)
        assert all(text[t.start : t.end] == t.evidence for t in task.targets)


def test_columns_that_no_rule_knows_are_left_out():
    assert columns(("序号", "备注", "工作 任务"), readers()) == {0: "number", 2: "task"}


def test_the_heads_below_the_title_of_a_table_are_its_heads():
    title = ("任务分解表",) * 6
    assert [t.title for t in tasks(title, HEAD, FIRST, SECOND)] == ["建好步道", "管好步道"]


def test_heads_over_two_columns_give_way_to_those_below():
    above = ("序号", "工作任务", "具体举措", "责任单位", "责任单位", "完成时限")
    first, _ = tasks(above, HEAD, FIRST, SECOND)
    assert names(first) == ["*市住建局", "-市财政局", "-市水利局"]


def test_the_head_of_a_column_may_say_that_the_first_unit_leads():
    (task,) = tasks(("工作任务", "责任单位（第一个为牵头单位）", "完成时限"), ("沿河新建步道18公里。", "市住建局、市水利局", "2025年"))
    assert names(task) == ["*市住建局", "-市水利局"]


def test_a_table_behind_the_text_that_repeats_its_tasks_adds_units_to_them():
    found = tasks("（一）建好步道", "沿河新建步道18公里。", "（二）管好步道", "每周清扫一次。", ("工作任务", "责任单位", "完成时限"), ("建好步道", "市住建局", "2025年"), ("修补护栏。", "市城管局", ""),
                  before=("一、主要任务",))
    assert [(t.title, names(t), t.deadline) for t in found] == [("建好步道", ["市住建局"], "2025年"), ("管好步道", [], None), ("修补护栏", ["市城管局"], None)]


def test_a_leader_is_no_unit():
    assert columns(("牵头领导", "牵头单位"), readers()) == {1: "lead"}


def test_a_table_that_headings_cut_keeps_its_heads():
    found = tasks(HEAD, FIRST, "（二）日常管护", SECOND)
    assert [(t.title, names(t)[0]) for t in found] == [("建好步道", "*市住建局"), ("管好步道", "*市城管局")]


def test_a_row_that_a_line_break_cut_is_one_row():
    first, second = tasks(HEAD, FIRST[:3], ("", *FIRST[3:]), SECOND)
    assert (first.title, names(first), first.deadline) == ("建好步道", ["*市住建局", "-市财政局", "-市水利局"], "2025年12月") and second.title == "管好步道"


def test_the_lower_of_two_heads_in_one_says_the_role():
    assert columns(("序号", "工作事项", "落实单位/主责", "落实单位/协同", "办结时限"), readers()) == {0: "number", 1: "task", 2: "lead", 3: "support", 4: "deadline"}
