"""A trace counted by task and by measure. Every report takes its numbers from here or from the JSON's own fields, so that they agree."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

from pipeline.model import CoverageTrace, LowerCoverage, Measure, MeasureVerdict, Task, Verdict
from pipeline.report.rulings import NONE, Rulings

_JUDGED = (Verdict.COVERED, Verdict.PARTIAL, Verdict.MISSING)
_FEWEST = 2  # places that must have been judged before "every place" says something


@dataclass(frozen=True, slots=True)
class Standing:
    """How one task fares: the places of each verdict, in the order of the trace."""

    task: Task
    places: dict[Verdict, tuple[str, ...]]

    def count(self, verdict: Verdict) -> int:
        return len(self.places.get(verdict, ()))


@dataclass(frozen=True, slots=True)
class MissedByAll:
    """A measure that none of the places judged on it carries out: perhaps the upper document says it badly.

    Attributes:
      places: Those that were judged and miss it, at least two.
      not_judged: Those whose documents could not be read far enough; of them nothing is said.
      review: How many of `places` a person should look at, since the judgement was close.
    """

    task: Task
    measure: Measure
    places: tuple[str, ...]
    not_judged: tuple[str, ...]
    review: int


def standings(trace: CoverageTrace, rulings: Rulings = NONE) -> list[Standing]:
    """Every task of the upper document, in its order; by what people decided where they did."""
    found: dict[str, dict[Verdict, list[str]]] = {task.id: {} for task in trace.upper.tasks}
    for lower in trace.lowers:
        for verdict in lower.tasks:
            if verdict.id in found:
                found[verdict.id].setdefault(rulings.verdict(lower.name, verdict), []).append(lower.name)
    return [Standing(task, {verdict: tuple(names) for verdict, names in found[task.id].items()}) for task in trace.upper.tasks]


def weakest_tasks(trace: CoverageTrace, rulings: Rulings = NONE) -> list[Standing]:
    """Tasks that some place misses wholly or in part, those missed by most first."""
    gaps = [standing for standing in standings(trace, rulings) if standing.count(Verdict.MISSING) or standing.count(Verdict.PARTIAL)]
    return sorted(gaps, key=lambda standing: (-standing.count(Verdict.MISSING), -standing.count(Verdict.PARTIAL)))


def weakest_places(trace: CoverageTrace) -> list[LowerCoverage]:
    return sorted(trace.lowers, key=lambda lower: (lower.score, lower.name))


def missed_by_all(trace: CoverageTrace) -> list[MissedByAll]:
    """Measures that count in at least two places and are carried out in none, in the order of the upper document."""
    said: dict[tuple[str, str], list[tuple[str, Verdict, MeasureVerdict]]] = defaultdict(list)
    for lower in trace.lowers:
        for verdict in lower.tasks:
            for measure in verdict.measures:
                if measure.binds and verdict.verdict in (*_JUDGED, Verdict.UNDETERMINED):
                    said[verdict.id, measure.id].append((lower.name, verdict.verdict, measure))
    found = []
    for task in trace.upper.tasks:
        for measure in task.measures:
            answers = said.get((task.id, measure.id), [])
            judged = [(name, answer) for name, verdict, answer in answers if verdict in _JUDGED]
            if len(judged) >= _FEWEST and not any(answer.covered for _, _, answer in answers):
                unread = tuple(name for name, verdict, _ in answers if verdict is Verdict.UNDETERMINED)
                found.append(MissedByAll(task, measure, tuple(name for name, _ in judged), unread, sum(answer.review for _, answer in judged)))
    return found


def verdict_counts(trace: CoverageTrace) -> Counter[Verdict]:
    return Counter(verdict.verdict for lower in trace.lowers for verdict in lower.tasks)
