"""The responsibility graph says what the document says, and nothing else."""

import networkx
from support import make_extraction

from pipeline.graph.build import build, unit_node
from pipeline.model import Role

EXTRACTION = make_extraction(30)
GRAPH = build(EXTRACTION, {"各镇（街道）": ("云溪镇", "松坪镇"), "各驻外机构": ("驻京办",)})


def edges(kind):
    return [(source, target, data) for source, target, data in GRAPH.edges(data=True) if data["kind"] == kind]


def test_every_task_measure_and_target_is_one_node():
    kinds = [kind for _, kind in GRAPH.nodes(data="kind")]
    assert kinds.count("task") == len(EXTRACTION.tasks) == 30
    assert kinds.count("measure") == sum(len(task.measures) for task in EXTRACTION.tasks)
    assert kinds.count("target") == sum(len(task.targets) for task in EXTRACTION.tasks) + len(EXTRACTION.goal_targets)


def test_every_unit_answers_in_its_role():
    answers = {(source, target): data["role"] for source, target, data in edges("answers_for")}
    for task in EXTRACTION.tasks:
        for unit in task.units:
            assert answers[unit_node(unit.canonical, unit.collective), f"task:{task.id}"] == unit.role
    assert len(answers) == sum(len(task.units) for task in EXTRACTION.tasks) > 0


def test_all_but_units_hangs_from_the_document():
    reached = networkx.descendants(GRAPH, "document")
    owned = {node for node, kind in GRAPH.nodes(data="kind") if kind in ("section", "task", "measure", "target")}
    assert owned and owned <= reached


def test_members_join_a_collective_that_the_document_names():
    assert {source for source, target, _ in edges("member_of") if target == "collective:各镇（街道）"} == {"unit:云溪镇", "unit:松坪镇"}


def test_a_collective_that_nobody_names_is_left_out():
    assert "collective:各驻外机构" not in GRAPH and "unit:驻京办" not in GRAPH


def test_a_target_hangs_from_the_measure_it_stands_in():
    task = next(task for task in EXTRACTION.tasks if task.targets)
    assert GRAPH.has_edge(f"measure:{task.targets[0].measure}", f"target:{task.targets[0].id}", "has_target")
    assert GRAPH.has_edge("document", "target:goal-t1", "has_target")


def test_the_stronger_role_stands_where_a_unit_is_named_twice():
    from dataclasses import replace

    task = EXTRACTION.tasks[0]
    lead = task.units[0]
    assert lead.role is Role.LEAD
    twice = replace(EXTRACTION, tasks=(replace(task, units=(*task.units, replace(lead, role=Role.SUPPORT))),))
    assert build(twice).edges[unit_node(lead.canonical), f"task:{task.id}", "answers_for"]["role"] == "lead"


def test_nodes_stand_where_their_text_stands():
    text = EXTRACTION.document.text
    measures = [data for _, data in GRAPH.nodes(data=True) if data["kind"] == "measure"]
    assert measures and all(text[data["start"] : data["end"]] == data["label"] for data in measures)
