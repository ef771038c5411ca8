"""What one asks of a responsibility graph. Answers are sorted: tasks in the order of the document, units by load and then by name."""

from __future__ import annotations

from dataclasses import dataclass

import networkx

from pipeline.graph.build import unit_node

# A task that eight or more answer for is one that nobody answers for: with more hands than this the lead cannot gather them.
CROWD = 8


@dataclass(frozen=True, slots=True)
class Duty:
    """A task that a unit answers for; `via` the collective that makes it answer, "" where it is named itself; `measures` are those that name it."""

    task: str
    title: str
    role: str
    via: str
    measures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Partner:
    """A unit that answers for some of the same tasks."""

    unit: str
    tasks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """A task whose units look wrong: nobody, no_lead or crowded."""

    task: str
    title: str
    problem: str
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Load:
    """How many tasks a unit answers for, by role. `collective` units stand for each of their members."""

    unit: str
    collective: bool
    lead: int
    responsible: int
    support: int

    @property
    def total(self) -> int:
        return self.lead + self.responsible + self.support


def duties(graph: networkx.MultiDiGraph, unit: str) -> tuple[Duty, ...]:
    """What a unit owes, by canonical name: the tasks that name it, then for each collective it belongs to the others that name the collective."""
    found: dict[str, Duty] = {}
    for node, via in _standing(graph, unit):
        edges = [(target, data["role"]) for _, target, data in graph.out_edges(node, data=True) if data["kind"] == "answers_for"]
        measures = [target for target, _ in edges if graph.nodes[target]["kind"] == "measure"]
        for target, role in edges:
            if graph.nodes[target]["kind"] == "task" and target not in found:
                own = tuple(_plain(m) for m in measures if graph.has_edge(target, m))
                found[target] = Duty(_plain(target), graph.nodes[target]["label"], role, via, own)
    return tuple(found[task] for task in _in_order(graph, found))


def partners(graph: networkx.MultiDiGraph, unit: str) -> tuple[Partner, ...]:
    """With whom a unit shares tasks, most tasks first."""
    shared: dict[str, list[str]] = {}
    mine = {node for node, _ in _standing(graph, unit)}
    for duty in duties(graph, unit):
        for node in _answering(graph, f"task:{duty.task}"):
            if node not in mine:
                shared.setdefault(graph.nodes[node]["label"], []).append(duty.task)
    return tuple(Partner(name, tuple(tasks)) for name, tasks in sorted(shared.items(), key=lambda item: (-len(item[1]), item[0])))


def gaps(graph: networkx.MultiDiGraph, crowd: int = CROWD) -> tuple[Gap, ...]:
    """Tasks that name nobody, that name several and no lead, or that name `crowd` and more. A single unit leads by itself."""
    found = []
    for task in _tasks(graph):
        units = _answering(graph, task)
        names = tuple(graph.nodes[unit]["label"] for unit in units)
        led = any(graph.edges[unit, task, "answers_for"]["role"] == "lead" for unit in units)
        title = graph.nodes[task]["label"]
        if not units:
            found.append(Gap(_plain(task), title, "nobody", ()))
        elif not led and len(units) > 1:
            found.append(Gap(_plain(task), title, "no_lead", names))
        if len(units) >= crowd:
            found.append(Gap(_plain(task), title, "crowded", names))
    return tuple(found)


def loads(graph: networkx.MultiDiGraph) -> tuple[Load, ...]:
    """Which units carry most: by total, then lead, then name. Members of a collective that no task names are not listed."""
    found = []
    for node, kind in graph.nodes(data="kind"):
        if kind not in ("unit", "collective"):
            continue
        roles = [
            data["role"]
            for _, target, data in graph.out_edges(node, data=True)
            if data["kind"] == "answers_for" and graph.nodes[target]["kind"] == "task"
        ]
        if roles:
            found.append(
                Load(graph.nodes[node]["label"], kind == "collective", roles.count("lead"), roles.count("responsible"), roles.count("support"))
            )
    return tuple(sorted(found, key=lambda load: (-load.total, -load.lead, load.unit)))


def _standing(graph: networkx.MultiDiGraph, unit: str) -> list[tuple[str, str]]:
    """The nodes for which a unit has to answer, with the collective's name: itself first."""
    own = [(node, "") for node in (unit_node(unit), unit_node(unit, True)) if node in graph]
    groups = [
        (target, graph.nodes[target]["label"]) for node, _ in own for _, target, kind in graph.out_edges(node, data="kind") if kind == "member_of"
    ]
    return own + sorted(groups)


def _tasks(graph: networkx.MultiDiGraph) -> list[str]:
    return [node for node, kind in graph.nodes(data="kind") if kind == "task"]


def _in_order(graph: networkx.MultiDiGraph, tasks) -> list[str]:
    return sorted(tasks, key=lambda task: graph.nodes[task]["start"])


def _answering(graph: networkx.MultiDiGraph, task: str) -> list[str]:
    """The units of a task in the order the document names them."""
    edges = [(data["start"], node) for node, _, data in graph.in_edges(task, data=True) if data["kind"] == "answers_for"]
    return [node for _, node in sorted(edges)]


def _plain(node: str) -> str:
    return node.split(":", 1)[1]
