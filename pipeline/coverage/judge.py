"""Judge: which measures does a lower document carry out, how sure is that, and why.

Three linear steps, each of which can be shown. A link's own evidence is a weighted sum of its features; what stands around it (does the
statement answer another measure better, do its neighbours speak of the same task, where in the upper document are we) corrects that; a last step turns the best two
links of a measure, and the document's kinship with the upper one, into a probability. Weights are settings under rules/coverage/judge.yaml, which says on what they were set.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from operator import mul

from pipeline.coverage.link import FEATURES, Link
from pipeline.coverage.place import Walk, places
from pipeline.coverage.statements import Statement
from pipeline.rulebook.load import Rulebook

CONTEXT = ("own", "better_elsewhere", "second_elsewhere", "neighbours", "neighbours_elsewhere", "length", "better_here", "elsewhere_apart", "place", "place_of_task", "place_of_measure")
# A link below this is no link; six are looked at more closely, the right one is among them in 99 % of all covered measures.
_FLOOR = -8.0
_CLOSE = 6
# A second statement is shown beside the best one where its own log-odds are above this.
_SPEAKS = -1.0
# Evidence (log-odds) from which a statement says plainly that it answers a measure.
_PLAIN = 3.0
_NOTHING = (0.0,) * len(FEATURES)
# Documents of one theme had a cosine of what they speak of above the one, of other themes below the other (thirty and eighty pairs).
_RELATIVE, _STRANGER = 0.65, 0.4
# Where what stands around a statement makes a measure as likely as this, the two are looked at even if they share no word.
_PLACED = 0.08
# The chance of a place counts by its logarithm, from an even chance (0) to certainty (1); this share of an even chance is the least.
_LEAST = 0.2


@dataclass(frozen=True, slots=True)
class Judgement:
    """The best link of one measure (None where nothing links), the probability that it is carried out, and what each factor weighed (log-odds).

    `second` is the next best link where it speaks for the measure on its own; None elsewhere.
    """

    link: Link | None
    second: Link | None
    probability: float
    factors: tuple[tuple[str, float, float], ...]  # (name, value, weight × value), own evidence first


@dataclass(frozen=True)
class Weights:
    own: tuple[float, ...]
    own_bias: float
    context: tuple[float, ...]
    context_bias: float
    best: float
    second: float
    kinship: float
    bias: float


def weights(rulebook: Rulebook, domain: str) -> Weights:
    """The weights set for a check with (or, for domain "none", without) a concept pack."""
    kind = "general" if domain == "none" else "pack"

    def setting(name: str) -> float:
        return float(rulebook.settings[f"judge.{kind}.{name}"])

    return Weights(tuple(setting(f"own_{f}") for f in FEATURES), setting("own_bias"), tuple(setting(f"context_{c}") for c in (*CONTEXT, *FEATURES)), setting("context_bias"),
                   setting("final_best"), setting("final_second"), setting("final_kinship"), setting("final_bias"))


def judge(links: list[list[Link]], statements: tuple[Statement, ...], eligible: list[bool], tasks: list[str], walk: Walk, w: Weights, kinship: float) -> tuple[list[Judgement], dict[int, float]]:
    """One judgement a measure; and of each linked statement the best evidence that it gives of itself (log-odds).

    Args:
      links: Per measure, from `link.link`.
      eligible: Per statement whether it may carry anything out.
      tasks: Per measure the id of its task.
      walk: Of these tasks.
      kinship: From -1 (a foreign theme) to 1 (the same), see `kinship_of`.
    """
    scores = [{one.statement: max(_FLOOR, w.own_bias + sum(map(mul, w.own, one.features))) for one in row} for row in links]
    words = [{one.statement: one.words for one in row} for row in links]
    context = context_features(scores, words, statements, eligible, tasks, walk, w.own_bias)
    bias = w.bias + w.kinship * kinship
    judged = []
    for i, row in enumerate(links):
        by_statement = {j: Link(i, j, _NOTHING, ()) for j in context[i]} | {one.statement: one for one in row}
        ranked = sorted(((w.context_bias + sum(map(mul, w.context, (*features, *by_statement[j].features))), -j, features)
                         for j, features in context[i].items()), reverse=True)
        if not ranked:
            judged.append(Judgement(None, None, _sigmoid(w.best * _FLOOR + w.second * _FLOOR + bias), ()))
            continue
        best, at, features = ranked[0]
        second = ranked[1][0] if len(ranked) > 1 else _FLOOR
        chosen = by_statement[-at]
        factors = [(name, value, weight * value) for name, value, weight in zip((*CONTEXT, *FEATURES), (*features, *chosen.features), w.context) if value]
        judged.append(Judgement(chosen, by_statement[-ranked[1][1]] if second > _SPEAKS else None, _sigmoid(w.best * best + w.second * second + bias), tuple(factors)))
    likely: dict[int, float] = {}
    for row in scores:
        for j, score in row.items():
            if score > likely.get(j, _FLOOR):
                likely[j] = score
    return judged, likely


def kinship_of(related: bool, cosine: float) -> float:
    """From -1 to 1: a document that names the upper one is of its theme; of another what both speak of (`link.kinship`) must show it."""
    return 1.0 if related else max(-1.0, min(1.0, (cosine - _STRANGER) / (_RELATIVE - _STRANGER)))


def context_features(scores: list[dict[int, float]], words: list[dict[int, frozenset[str]]], statements: tuple[Statement, ...], eligible: list[bool], tasks: list[str],
                     walk: Walk, nobody: float) -> list[dict[int, tuple[float, ...]]]:
    """Per measure its closest statements with the features of CONTEXT: competition between measures, votes of the statements around, and the place in the document.

    `words` are those of the links (`Link.words`). `nobody` is the evidence of a rival that shares nothing: where there is no rival, that is no proof for the measure.
    """
    placed, task_placed = _placed(scores, statements, eligible, walk)
    scores = [dict(row) for row in scores]
    for j, chances in placed.items():
        for i, p in enumerate(chances):
            if p > _PLACED and j not in scores[i]:
                scores[i][j] = max(nobody, _FLOOR + 0.01)
    ranked: dict[int, list[tuple[float, int]]] = {}
    by_task: dict[int, dict[str, float]] = {}
    for i, row in enumerate(scores):
        for j, score in row.items():
            ranked.setdefault(j, []).append((score, i))
            best = by_task.setdefault(j, {})
            likely = _sigmoid(score)
            if likely > best.get(tasks[i], 0.0):
                best[tasks[i]] = likely
    for row in ranked.values():
        row.sort(reverse=True)
    votes = [_votes(j, statements, by_task) for j in range(len(statements))]
    found = []
    for i, row in enumerate(scores):
        close = sorted(row.items(), key=lambda item: (-item[1], item[0]))[:_CLOSE]
        features = {}
        for j, own in close:
            if own <= _FLOOR:
                continue
            others = [(score, k) for score, k in ranked[j] if k != i][:2]
            first = others[0][0] if others else nobody
            second = others[1][0] if len(others) > 1 else nobody
            mine_words, apart = words[i].get(j), 0.0
            if others and first > own and mine_words:  # a compound sentence answers another measure with other words
                theirs = words[others[0][1]].get(j, frozenset())
                apart = _lead(first, own) * len(mine_words - theirs) / len(mine_words)
            here = max((score for k, score in close if k != j and ranked[k][0][1] == i), default=nobody)
            mine = votes[j].get(tasks[i], 0.0)
            features[j] = (own, _lead(first, own), _lead(second, own), mine, max(votes[j].values(), default=0.0) - mine,
                           min(2.0, len("".join(statements[j].text.split())) / 100), _clip(own - here), apart,
                           math.log(placed[j][i] * len(tasks) + _LEAST) / math.log(max(2, len(tasks))), task_placed[j][walk.run_of[i]], placed[j][i])
        found.append(features)
    return found


def _placed(scores: list[dict[int, float]], statements: tuple[Statement, ...], eligible: list[bool], walk: Walk) -> tuple[dict[int, list[float]], dict[int, list[float]]]:
    """Eligible statement → the chance of each measure there, and of each task, told by the other statements."""
    order = [j for j, yes in enumerate(eligible) if yes]
    likely: dict[int, dict[int, float]] = {j: {} for j in order}
    for i, row in enumerate(scores):
        for j, score in row.items():
            likely[j][i] = _sigmoid(score)
    together = [bool(n) and _together(statements[j], statements[order[n - 1]]) for n, j in enumerate(order)]
    placed = dict(zip(order, places(walk, [likely[j] for j in order], together)))
    return placed, {j: [sum([chances[i] for i in run]) for run in walk.runs] for j, chances in placed.items()}


def _together(one: Statement, other: Statement) -> bool:
    """Under the same heading, or in the same paragraph."""
    return one.headings == other.headings or one.paragraph == other.paragraph


def _votes(j: int, statements: tuple[Statement, ...], by_task: dict[int, dict[str, float]]) -> dict[str, float]:
    """Task → how strongly a statement near by, under the same heading or in the same paragraph, speaks of it."""
    votes: dict[str, float] = {}
    here = statements[j]
    for k in range(max(0, j - 3), min(len(statements), j + 4)):
        if k == j or not _together(statements[k], here):
            continue
        share = (0.0, 1.0, 0.6, 0.4)[abs(k - j)]
        for task, likely in by_task.get(k, {}).items():
            if share * likely > votes.get(task, 0.0):
                votes[task] = share * likely
    return votes


def _lead(other: float, own: float) -> float:
    """How much better a statement answers another measure; what it says plainly enough is not weakened by what it says more plainly."""
    return _clip(min(_PLAIN, other) - min(_PLAIN, own))


def _clip(value: float) -> float:
    return max(-4.0, min(4.0, value))


def _sigmoid(value: float) -> float:
    return 1.0 / (1.0 + math.exp(-value)) if value > -700 else 0.0
