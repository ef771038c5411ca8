"""Place: which measures a lower document is likely to speak of at each statement, told by what stands before and after it.

Towns follow the upper document: what stands under one heading answers one task, mostly in its order; the next heading answers a later task. So the statements
are read as a walk over the measures (a hidden Markov chain), and the chances of each measure at a statement are counted from both ends, its own words left out:
what it says itself is weighed elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy

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
    """The ways through the measures of an upper document: one state a measure. `tasks` gives per measure the id of its task, in the order of the document.

    Attributes:
      runs: Per task the positions of its measures, (first, one past the last).
      run_of: Per measure the number of its task among these.
      on, across: The chances of the next statement's measures (columns) by that of this one (rows), under the same heading and across headings.
    """

    def __init__(self, tasks: Sequence[str]):
        starts = [i for i, task in enumerate(tasks) if i == 0 or tasks[i - 1] != task]
        self.runs = list(zip(starts, [*starts[1:], len(tasks)]))
        self.run_of = numpy.array([k for k, (first, end) in enumerate(self.runs) for _ in range(first, end)], dtype=int)
        self.on, self.across = self._ways(*_ON), self._ways(*_ACROSS)

    def __len__(self) -> int:
        return len(self.run_of)

    def _ways(self, stay: float, onward: float) -> numpy.ndarray:
        size = len(self)
        entry = numpy.zeros(size)  # the chance of each measure where its task is entered
        for first, end in self.runs:
            entry[first:end] = _ENTERED ** numpy.arange(end - first)
            entry[first:end] /= entry[first:end].sum()
        ways = numpy.zeros((size, size))
        for k, (first, end) in enumerate(self.runs):
            later = numpy.zeros(size)
            for n, (begin, stop) in enumerate(self.runs[k + 1 :]):
                later[begin:stop] = _LATER**n * entry[begin:stop]
            rest = 1.0 - stay
            if end < size:  # the last task has nothing ahead
                later *= onward / later.sum()
                rest -= onward
            ways[first:end] = later + rest / size
            for i in range(first, end):
                steps = {i + by: weight for by, weight in _STEP.items() if first <= i + by < end}
                for at, weight in steps.items():
                    ways[i, at] += stay * weight / sum(steps.values())
        return ways


def places(walk: Walk, likely: numpy.ndarray, together: Sequence[bool]) -> numpy.ndarray:
    """Per statement (rows, in order) the chance of each measure (columns), told by the other statements alone.

    Args:
      likely: In the same shape the likelihood from 0 to 1 that the statement answers the measure by its own words.
      together: Per statement whether it stands under the same heading or in the same paragraph as the one before it.
    """
    own = likely + _FLOOR
    before, after = numpy.ones_like(own), numpy.ones_like(own)
    for n in range(1, len(own)):
        before[n] = _normed(before[n - 1] * own[n - 1]) @ (walk.on if together[n] else walk.across)
    for n in range(len(own) - 2, -1, -1):
        after[n] = _normed((walk.on if together[n + 1] else walk.across) @ _normed(after[n + 1] * own[n + 1]))
    return _normed(before * after)


def _normed(chances: numpy.ndarray) -> numpy.ndarray:
    return chances / chances.sum(axis=-1, keepdims=True)
