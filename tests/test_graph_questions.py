"""What one asks of the graph."""

from dataclasses import replace

import pytest
from support import make_extraction

from pipeline.graph.build import build
from pipeline.graph.questions import duties, gaps, loads, partners
from pipeline.model import Role

EXTRACTION = make_extraction(10)
GRAPH = build(EXTRACTION, {"各镇（街道）": ("云溪镇",)})


def test_a_unit_owes_the_tasks_that_name_it():
    assert [(duty.task, duty.role, duty.via) for duty in duties(GRAPH, "市城管局")] == [("2.1.2", "lead", "")]


def test_a_member_owes_what_its_collective_owes_and_says_so():
    mine = duties(GRAPH, "云溪镇")
    named = [task.id for task in EXTRACTION.tasks if any(unit.collective for unit in task.units)]
    assert [duty.task for duty in mine] == named and named
    assert {duty.via for duty in mine} == {"各镇（街道）"}


def test_an_unknown_unit_owes_nothing():
    assert duties(GRAPH, "市海事局") == ()


def test_partners_share_a_task_and_are_never_oneself():
    found = {partner.unit: partner.tasks for partner in partners(GRAPH, "市民政局")}
    assert found["市卫健委"] == ("2.2.2",)
    assert "市民政局" not in found
    assert "各镇（街道）" not in {partner.unit for partner in partners(GRAPH, "云溪镇")}


def test_a_task_that_names_nobody_is_found():
    assert ("2.4.2", "nobody") in {(gap.task, gap.problem) for gap in gaps(GRAPH)}


def test_several_units_without_a_lead_are_found_and_with_one_are_not():
    unled = {gap.task for gap in gaps(GRAPH) if gap.problem == "no_lead"}
    assert "2.2.1" in unled and "2.1.1" not in unled


def test_a_single_unit_leads_by_itself():
    task = EXTRACTION.tasks[3]
    alone = replace(EXTRACTION, tasks=(replace(task, units=task.units[:1]),))
    assert gaps(build(alone)) == ()


@pytest.mark.parametrize("number, crowded", [(7, False), (8, True), (9, True)])
def test_eight_units_and_more_are_a_crowd(number, crowded):
    task = EXTRACTION.tasks[0]
    many = tuple(
        replace(task.units[0], name=f"第{i}局", canonical=f"第{i}局", role=Role.LEAD if i == 0 else Role.SUPPORT, start=i) for i in range(number)
    )
    found = gaps(build(replace(EXTRACTION, tasks=(replace(task, units=many),))))
    assert [gap.problem for gap in found] == (["crowded"] if crowded else [])


def test_loads_count_each_role_and_begin_with_the_heaviest():
    found = loads(GRAPH)
    assert sum(load.total for load in found) == sum(len(task.units) for task in EXTRACTION.tasks) > 0
    assert [load.total for load in found] == sorted((load.total for load in found), reverse=True)
    civil = next(load for load in found if load.unit == "市民政局")
    assert (civil.lead, civil.responsible, civil.support) == (0, 2, 1)
