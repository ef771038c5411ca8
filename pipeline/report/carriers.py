"""Who carries what: the units of a document with their tasks."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.model import Extraction, Role

STRONGEST_FIRST = (Role.LEAD, Role.RESPONSIBLE, Role.SUPPORT)


@dataclass(frozen=True, slots=True)
class Carrier:
    """A unit with the tasks it answers for, each in its strongest role."""

    name: str
    collective: bool
    roles: dict[str, Role]

    def count(self, role: Role) -> int:
        return sum(mine is role for mine in self.roles.values())


def carriers_of(extraction: Extraction) -> list[Carrier]:
    """Units by number of tasks, then of tasks led, then by first mention."""
    found: dict[str, Carrier] = {}
    for task in extraction.tasks:
        for unit in task.units:
            carrier = found.setdefault(unit.canonical, Carrier(unit.canonical, unit.collective, {}))
            before = carrier.roles.get(task.id, unit.role)
            carrier.roles[task.id] = min(before, unit.role, key=STRONGEST_FIRST.index)
    return sorted(found.values(), key=lambda carrier: (-len(carrier.roles), -carrier.count(Role.LEAD)))
