"""Place: which measures a lower document is likely to speak of at each statement, told by what stands before and after it.

Towns follow the upper document: what stands under one heading answers one task, mostly in its order; the next heading answers a later task. So the statements
are read as a walk over the measures (a hidden Markov chain), and the chances of each measure at a statement are counted from both ends, its own words left out:
what it says itself is weighed elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence

# From one statement to the next under the same heading: it stays in the task, goes on to a later task, or jumps anywhere.
_ON = (0.70, 0.12)
# The same across headings.
_ACROSS = (0.15, 0.50)
# Within a task: to the measure that stands so many places further on.
_STEP = {1: 0.50, 0: 0.12, 2: 0.18, 3: 0.08, -1: 0.06, -2: 0.03, -3: 0.03}
# Of later tasks each is less likely than the one before it by this factor, and so is each measure of a task that is entered.
_LATER, _ENTERED = 0.6, 0.75
# The chance that a statement speaks of a measure with which it shares nothing.
_FLOOR = 0.04


class Walk:
    """The ways through the measures of an upper document: one state a measure. `tasks` gives per measure the id of its task, in the order of the document."""

    def __init__(self, tasks: Sequence[str]):
        self.size = len(tasks)
        runs: list[list[int]] = []
        for i, task in enumerate(tasks):
            if i and tasks[i - 1] == task:
                runs[-1].append(i)
            else:
                runs.append([i])
        self.runs = runs
        self.run_of = [k for k, run in enumerate(runs) for _ in run]
        self._steps: list[list[tuple[int, float]]] = []
        self._entry: list[float] = []
        for run in runs:
            entry = [_ENTERED**n for n in range(len(run))]
            self._entry += [e / sum(entry) for e in entry]
            for i in run:
                row = [(i + by, weight) for by, weight in _STEP.items() if run[0] <= i + by <= run[-1]]
                whole = sum([weight for _, weight in row])
                self._steps.append([(k, weight / whole) for k, weight in row])
        last = len(runs) - 1
        self._ahead = [sum([_LATER**n for n in range(last - k)]) for k in range(len(runs))]  # the last task has nothing ahead

    def forward(self, chances: list[float], here: tuple[float, float]) -> list[float]:
        """The chances of the next statement's measures, from those of this one's (they sum to 1)."""
        stay, onward = here
        found = [0.0] * self.size
        jump = 0.0
        entered = 0.0
        for k, run in enumerate(self.runs):
            mass = 0.0
            for i in run:
                p = chances[i]
                mass += p
                p *= stay
                for at, weight in self._steps[i]:
                    found[at] += p * weight
                found[i] += entered * self._entry[i]
            ahead = self._ahead[k]
            jump += mass * (1.0 - stay - (onward if ahead else 0.0))
            entered = entered * _LATER + (onward * mass / ahead if ahead else 0.0)
        jump /= self.size
        return [p + jump for p in found]

    def backward(self, chances: list[float], here: tuple[float, float]) -> list[float]:
        """What the next statement's chances say of this one's measures (not normed)."""
        stay, onward = here
        found = [0.0] * self.size
        mean = sum(chances) / self.size
        behind = 0.0
        for k in range(len(self.runs) - 1, -1, -1):
            ahead = self._ahead[k]
            rest = (1.0 - stay - (onward if ahead else 0.0)) * mean + (onward * behind / ahead if ahead else 0.0)
            for i in self.runs[k]:
                found[i] = stay * sum([chances[at] * weight for at, weight in self._steps[i]]) + rest
            behind = behind * _LATER + sum([chances[i] * self._entry[i] for i in self.runs[k]])
        return found


def places(walk: Walk, likely: Sequence[dict[int, float]], together: Sequence[bool]) -> list[list[float]]:
    """Per statement the chance of each measure, told by the other statements alone.

    Args:
      likely: Per statement, in order, measure → the likelihood from 0 to 1 that it answers that measure by its own words.
      together: Per statement whether it stands under the same heading or in the same paragraph as the one before it.
    """
    if not likely or not walk.size:
        return []
    own = []
    for row in likely:
        weights = [_FLOOR] * walk.size
        for i, p in row.items():
            weights[i] += p
        own.append(weights)
    level = [1.0 / walk.size] * walk.size
    before = [level]
    for weights, same in zip(own, list(together)[1:]):
        before.append(walk.forward(_normed([p * w for p, w in zip(before[-1], weights)]), _ON if same else _ACROSS))
    after = [level]
    for weights, same in zip(reversed(own), reversed(list(together)[1:])):
        after.append(_normed(walk.backward(_normed([p * w for p, w in zip(after[-1], weights)]), _ON if same else _ACROSS)))
    return [_normed([p * q for p, q in zip(first, second)]) for first, second in zip(before, reversed(after))]


def _normed(chances: list[float]) -> list[float]:
    whole = sum(chances)
    return [p / whole for p in chances]
