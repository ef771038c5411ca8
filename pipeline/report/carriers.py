"""Who carries what: the units of a document with their tasks."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.model import Extraction, Measure, Role, Task

STRONGEST_FIRST = (Role.LEAD, Role.RESPONSIBLE, Role.SUPPORT)


@dataclass(frozen=True, slots=True)
class Carrier:
    """A unit with the tasks it answers for, each in its strongest role."""

    name: str
    collective: bool
    roles: dict[str, Role]

    def count(self, role: Role) -> int:
        return sum(mine is role for mine in self.roles.values())


def shared_with(carrier: Carrier, carriers: list[Carrier]) -> list[tuple[str, int]]:
    """The other units that stand in the same tasks, and in how many: the most first, then in the order of `carriers`."""
    counts = [(other.name, len(carrier.roles.keys() & other.roles.keys())) for other in carriers if other.name != carrier.name]
    return sorted(((name, count) for name, count in counts if count), key=lambda pair: -pair[1])


def measures_of(task: Task, name: str) -> tuple[Measure, ...]:
    """What a unit owes of a task: measures without a bracket of their own and those whose bracket names it; all where that leaves none."""
    mine = tuple(m for m in task.measures if not m.units or any(unit.canonical == name for unit in m.units))
    return mine or task.measures


def carriers_of(extraction: Extraction) -> list[Carrier]:
    """Units by number of tasks, then of tasks led, then by first mention."""
    found: dict[str, Carrier] = {}
    for task in extraction.tasks:
        for unit in task.units:
            carrier = found.setdefault(unit.canonical, Carrier(unit.canonical, unit.collective, {}))
            before = carrier.roles.get(task.id, unit.role)
            carrier.roles[task.id] = min(before, unit.role, key=STRONGEST_FIRST.index)
    return sorted(found.values(), key=lambda carrier: (-len(carrier.roles), -carrier.count(Role.LEAD)))
