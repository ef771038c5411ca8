"""What people put right in the reading of an upper document, laid over it before lower ones are checked: units, numbers, dates, whom a duty binds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

from pipeline.errors import LuoshiError
from pipeline.model import Extraction, Measure, Role, Target, Task, Unit, Warning

# field → (what people call it, what it can belong to)
FIELDS = {"units": ("责任单位", ("task",)), "binds": ("是否约束镇街", ("task", "measure")), "counts": ("是不是指标", ("target",)),
          "value": ("数值", ("target",)), "unit": ("计量单位", ("target",)), "deadline": ("期限", ("target",))}
RULE = "office.correction"
_ROLES = {"牵头": Role.LEAD, "配合": Role.SUPPORT}
_YES_NO = {"是": True, "否": False}


@dataclass(frozen=True, slots=True)
class Correction:
    """One field of one thing. `about` is the id of a task ("3.1.1"), a measure ("3.1.1-m2") or a target ("3.1.1-t1"); `value` as `parsed` takes it."""

    about: str
    field: str
    value: str


def kind_of(about: str) -> str:
    return {"m": "measure", "t": "target"}.get(about.rpartition("-")[2][:1], "task")


def parsed(correction: Correction) -> object:
    """The value that a field gets. Raises LuoshiError with words for who typed it."""
    field, value = correction.field, correction.value.strip()
    if field not in FIELDS or kind_of(correction.about) not in FIELDS[field][1]:
        raise LuoshiError(f"{correction.about} 没有“{field}”可以更正；可用：{'、'.join(FIELDS)}")
    if field in ("binds", "counts"):
        if value not in _YES_NO:
            raise LuoshiError(f"{FIELDS[field][0]}只能写“是”或“否”，现在是“{value}”")
        return _YES_NO[value]
    if not value and field != "deadline":
        raise LuoshiError(f"{FIELDS[field][0]}不能是空的")
    if field == "value":
        try:
            number = Decimal(value)
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite():
            raise LuoshiError(f"数值要写成阿拉伯数字，如 120 或 1.2，现在是“{value}”")
        return number
    if field == "deadline" and value and not re.fullmatch(r"\d{4}(?:-\d{2}(?:-\d{2})?)?", value):
        raise LuoshiError(f"期限要写成 2027、2027-06 或 2027-06-30 的样子，没有期限就留空，现在是“{value}”")
    if field == "units":
        return tuple(name.strip() for name in re.split(r"[、，,；;\n]", value) if name.strip())
    return value or None


def apply(extraction: Extraction, corrections: Sequence[Correction]) -> Extraction:
    """The extraction with every correction in it, later ones over earlier ones; one that finds nothing to correct is a warning."""
    wanted = {(c.about, c.field): parsed(c) for c in corrections}
    known = {id_ for task in extraction.tasks for id_ in (task.id, *(m.id for m in task.measures), *(t.id for t in task.targets))}
    lost = tuple(Warning("correction_unmatched", f"对 {about} 的更正（{FIELDS[field][0]}）没有对上：这次读到的方案里没有这一条；请重新更正")
                 for about, field in wanted if about not in known)
    return replace(extraction, tasks=tuple(_task(task, wanted) for task in extraction.tasks), warnings=(*extraction.warnings, *lost))


def _task(task: Task, wanted: dict) -> Task:
    measures = tuple(_measure(measure, wanted) for measure in task.measures)
    targets = tuple(_target(target, wanted) for target in task.targets if wanted.get((target.id, "counts"), True))
    names = wanted.get((task.id, "units"))
    units = task.units if names is None else tuple(_unit(name, task) for name in names)
    return replace(task, units=units, applies_to_lower=wanted.get((task.id, "binds"), task.applies_to_lower), measures=measures, targets=targets)


def _unit(written: str, task: Task) -> Unit:
    """A unit as typed: 市水利局（牵头）. It stands nowhere in the document: its span is empty, at the task's start. One that was read keeps its span."""
    name, _, role = written.removesuffix("）").removesuffix(")").replace("(", "（").rpartition("（")
    name, role = (name, role) if role in _ROLES else (written, "")
    read = next((unit for unit in task.units if name in (unit.name, unit.canonical)), None)
    wanted = _ROLES.get(role, read.role if read else Role.RESPONSIBLE)
    return replace(read, role=wanted) if read else Unit(name, name, wanted, name.startswith("各"), task.start, task.start, RULE)


def _measure(measure: Measure, wanted: dict) -> Measure:
    return replace(measure, binds_lower=wanted.get((measure.id, "binds"), measure.binds_lower))


def _target(target: Target, wanted: dict) -> Target:
    changed = {field: wanted[target.id, field] for field in ("value", "unit", "deadline") if (target.id, field) in wanted}
    return replace(target, **changed, rule=RULE) if changed else target
