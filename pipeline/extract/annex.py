"""An annex that hands out the duties of the text (分工表) refines its tasks: units, deadlines and what it adds go to the task that it repeats."""

from __future__ import annotations

import re
from dataclasses import replace

from pipeline.extract.units import union
from pipeline.model import Measure, Task
from pipeline.text import bare

_CLAUSE = re.compile(r"[，,；;。：:]")
_SHORTEST = 5  # characters that two wordings must share to be the same task


def refined(tasks: list[Task], annexed: list[Task]) -> list[Task]:
    """The tasks of the text with what the annexed ones add, and the annexed ones that repeat none of them, behind."""
    known = [bare("。".join([task.title, *(m.text for m in task.measures)])) for task in tasks]
    titles = {bare(task.title): i for i, task in reversed(list(enumerate(tasks)))}
    found, more = list(tasks), []
    for annex in annexed:
        at = _repeated(annex, known, titles)
        if at is None:
            more.append(annex)
            continue
        found[at] = _with(found[at], annex, known[at])
    return found + more


def _repeated(annex: Task, known: list[str], titles: dict[str, int]) -> int | None:
    """Index of the task that an annexed one repeats: by its title, else by the first words it shares with exactly one, else by the heading it stands under."""
    title = bare(annex.title)
    if title in titles:
        return titles[title]
    first = bare(_CLAUSE.split(annex.title)[0])
    holding = [i for i, words in enumerate(known) if len(first) >= _SHORTEST and first in words]
    above = next((titles[name] for name in (bare(re.sub(r"^[（(]?[一二三四五六七八九十\d]+[）)、.．]+", "", h)) for h in reversed(annex.heading_path)) if name in titles), None)
    if above is not None and (not holding or above in holding):
        return above
    return holding[0] if len(holding) == 1 else None


def _with(task: Task, annex: Task, words: str) -> Task:
    """A task with the units and the deadline of the annexed one, and its sentences that say something else or more."""
    added = [m for m in annex.measures if bare(m.text) not in words]
    ids = {m.id: f"{task.id}-m{len(task.measures) + k}" for k, m in enumerate(added, 1)}
    measures: tuple[Measure, ...] = task.measures + tuple(replace(m, id=ids[m.id], units=m.units or annex.units) for m in added)
    told = {(t.value, t.unit) for t in task.targets}
    targets = [t for t in annex.targets if t.measure in ids and (t.value, t.unit) not in told]
    numbered = tuple(replace(t, id=f"{task.id}-t{len(task.targets) + k}", measure=ids[t.measure]) for k, t in enumerate(targets, 1))
    return replace(task, units=union([task.units, annex.units]), units_open=task.units_open or annex.units_open, measures=measures,
                   targets=task.targets + numbered, deadline=task.deadline or annex.deadline)
