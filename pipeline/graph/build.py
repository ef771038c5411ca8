"""The responsibility graph of one document: its sections, tasks, measures and targets, and the units that answer for them.

Nodes carry `kind` (document, section, task, measure, target, unit, collective), `label` and, where they stand in the text, `start` and `end`.
Edges carry `kind`, which is also their key:

  contains      document → section → section → task
  has_measure   task → measure
  has_target    measure (or task, or document for goals) → target
  answers_for   unit or collective → task, and → measure where the measure names its own; with `role` and `rule`
  member_of     unit → collective
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import networkx

from pipeline.model import Extraction, Role, Section, Target, Task, Unit

# the stronger role stands where a document names a unit twice for one task
_STRENGTH = {Role.LEAD: 0, Role.RESPONSIBLE: 1, Role.SUPPORT: 2}


def build(extraction: Extraction, members: Mapping[str, tuple[str, ...]] | None = None) -> networkx.MultiDiGraph:
    """The graph of an extraction.

    Args:
      members: Canonical name of a collective ("各镇（街道）") → the bodies it stands for. Names of collectives that nobody mentions are ignored.
    """
    graph = networkx.MultiDiGraph()
    document = extraction.document
    title = extraction.outline.frame.title or document.source.name
    graph.add_node("document", kind="document", label=title, start=0, end=len(document.text))
    _add_sections(graph, "document", extraction.outline.sections, {task.id for task in extraction.tasks})
    for task in extraction.tasks:
        _add_task(graph, task)
    for target in extraction.goal_targets:
        _add_target(graph, "document", target)
    for collective, names in sorted((members or {}).items()):
        node = unit_node(collective, True)
        if node in graph:
            for name in names:
                _add_unit_node(graph, name, False)
                graph.add_edge(unit_node(name, False), node, key="member_of", kind="member_of")
    return graph


def unit_node(name: str, collective: bool = False) -> str:
    """The node id of a body by its canonical name."""
    return f"{'collective' if collective else 'unit'}:{name}"


def _add_sections(graph: networkx.MultiDiGraph, parent: str, sections: Iterable[Section], tasks: set[str]) -> None:
    """Sections that are tasks are left to `_add_task`; the text before the first heading is no node."""
    for section in sections:
        if not section.id or section.id in tasks:
            continue
        node = f"section:{section.id}"
        graph.add_node(node, kind="section", label=section.label + section.title, start=section.start, end=section.end)
        graph.add_edge(parent, node, key="contains", kind="contains")
        _add_sections(graph, node, section.children, tasks)


def _add_task(graph: networkx.MultiDiGraph, task: Task) -> None:
    node = f"task:{task.id}"
    graph.add_node(
        node, kind="task", label=task.title, start=task.start, end=task.end, applies_to_lower=task.applies_to_lower, deadline=task.deadline or ""
    )
    graph.add_edge(_nearest_section(graph, task.id), node, key="contains", kind="contains")
    for measure in task.measures:
        own = f"measure:{measure.id}"
        graph.add_node(own, kind="measure", label=measure.text, start=measure.start, end=measure.end, modality=measure.modality.value)
        graph.add_edge(node, own, key="has_measure", kind="has_measure")
        _add_answers(graph, measure.units, own)
    for target in task.targets:
        owner = f"measure:{target.measure}"
        _add_target(graph, owner if owner in graph else node, target)
    _add_answers(graph, task.units, node)


def _nearest_section(graph: networkx.MultiDiGraph, id_: str) -> str:
    """The deepest section above an id; the document where the outline has none."""
    while "." in id_:
        id_ = id_.rsplit(".", 1)[0]
        if f"section:{id_}" in graph:
            return f"section:{id_}"
    return "document"


def _add_target(graph: networkx.MultiDiGraph, owner: str, target: Target) -> None:
    node = f"target:{target.id}"
    graph.add_node(
        node,
        kind="target",
        label=target.indicator,
        start=target.start,
        end=target.end,
        value=format(target.value, "f"),
        unit=target.unit,
        comparator=target.comparator,
        deadline=target.deadline or "",
        rule=target.rule,
    )
    graph.add_edge(owner, node, key="has_target", kind="has_target")


def _add_answers(graph: networkx.MultiDiGraph, units: tuple[Unit, ...], node: str) -> None:
    for unit in sorted(
        units, key=lambda unit: (_STRENGTH[unit.role], unit.start), reverse=True
    ):  # the strongest and first is written last, and stays
        _add_unit_node(graph, unit.canonical, unit.collective)
        graph.add_edge(
            unit_node(unit.canonical, unit.collective),
            node,
            key="answers_for",
            kind="answers_for",
            role=unit.role.value,
            name=unit.name,
            rule=unit.rule,
            start=unit.start,
            end=unit.end,
        )


def _add_unit_node(graph: networkx.MultiDiGraph, name: str, collective: bool) -> None:
    node = unit_node(name, collective)
    if node not in graph:
        graph.add_node(node, kind="collective" if collective else "unit", label=name)
