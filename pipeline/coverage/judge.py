"""Judge: which measures does a lower document carry out, how sure is that, and why.

Three linear steps, each of which can be shown. A link's own evidence is a weighted sum of its features; what stands around it (does the
statement answer another measure better, do its neighbours speak of the same task, where in the upper document are we) corrects that; a last step turns the best two
links of a measure, and the document's kinship with the upper one, into a probability. Weights are settings under rules/coverage/judge.yaml, which says on what they were set.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy

from pipeline.coverage.link import FEATURES, Link, Links
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
# Documents of one theme had a cosine of what they speak of above the one, of other themes below the other (thirty and eighty pairs).
_RELATIVE, _STRANGER = 0.65, 0.4
# Where what stands around a statement makes a measure as likely as this, the two are looked at even if they share no word.
_PLACED = 0.08
# The chance of a place counts by its logarithm, from an even chance (0) to certainty (1); this share of an even chance is the least.
_LEAST = 0.2
# A statement so many places away votes with this share.
_NEAR = (0.0, 1.0, 0.6, 0.4)


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
    """Of the three steps: `own` in the order of FEATURES; `context` in that of CONTEXT and `features` again in that of FEATURES; the last four of the probability."""

    own: numpy.ndarray
    own_bias: float
    context: numpy.ndarray
    features: numpy.ndarray
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

    def several(step: str, names: Sequence[str]) -> numpy.ndarray:
        return numpy.array([setting(f"{step}_{name}") for name in names])

    return Weights(several("own", FEATURES), setting("own_bias"), several("context", CONTEXT), several("context", FEATURES), setting("context_bias"),
                   setting("final_best"), setting("final_second"), setting("final_kinship"), setting("final_bias"))


def judge(links: Links, statements: Sequence[Statement], walk: Walk, w: Weights, kinship: float) -> tuple[list[Judgement], dict[int, float]]:
    """One judgement a measure; and of each linked statement the best evidence that it gives of itself (log-odds).

    Args:
      walk: Through the tasks of the measures.
      kinship: From -1 (a foreign theme) to 1 (the same), see `kinship_of`.
    """
    scores = own_evidence(links, w)
    close, context = context_features(links, scores, statements, walk, w.own_bias)
    at = tuple(numpy.array(close, dtype=int).reshape(-1, 2).T)
    own = numpy.where(links.linked[at][:, None], links.features[at], 0.0)
    evidence = (w.context_bias + context @ w.context + own @ w.features).tolist()
    ranked: list[list[tuple[float, int, int]]] = [[] for _ in scores]
    for n, (i, column) in enumerate(close):
        ranked[i].append((-evidence[n], column, n))
    bias = w.bias + w.kinship * kinship
    judged = []
    for i, row in enumerate(ranked):
        if not row:
            judged.append(Judgement(None, None, _sigmoid((w.best + w.second) * _FLOOR + bias), ()))
            continue
        row.sort()
        first, column, n = row[0]
        second = row[1][0] if len(row) > 1 else -_FLOOR
        weighed = zip((*CONTEXT, *FEATURES), (*context[n].tolist(), *own[n].tolist()), (*w.context.tolist(), *w.features.tolist()))
        judged.append(Judgement(links.link(i, column), links.link(i, row[1][1]) if -second > _SPEAKS else None, _sigmoid(bias - w.best * first - w.second * second),
                                tuple((name, value, weight * value) for name, value, weight in weighed if value)))
    best = scores.max(axis=0, initial=-numpy.inf).tolist()
    return judged, {j: score for j, score in zip(links.order, best) if score > _FLOOR}


def own_evidence(links: Links, w: Weights) -> numpy.ndarray:
    """(m, s) What each statement says for each measure by its own words (log-odds); minus infinity where they are not linked."""
    return numpy.where(links.linked, numpy.maximum(_FLOOR, w.own_bias + links.features @ w.own), -numpy.inf)


def kinship_of(related: bool, cosine: float) -> float:
    """From -1 to 1: a document that names the upper one is of its theme; of another what both speak of (`link.kinship`) must show it."""
    return 1.0 if related else max(-1.0, min(1.0, (cosine - _STRANGER) / (_RELATIVE - _STRANGER)))


def context_features(links: Links, scores: numpy.ndarray, statements: Sequence[Statement], walk: Walk, nobody: float) -> tuple[list[tuple[int, int]], numpy.ndarray]:
    """Each measure with its closest statements (measure, column), and in a row each the features of CONTEXT: competition between measures, votes of the statements
    around, and the place in the document.

    `scores` from `own_evidence`. `nobody` is the evidence of a rival that shares nothing: where there is no rival, that is no proof for the measure.
    """
    here = [statements[j] for j in links.order]
    size = len(walk)
    if not size or not here:
        return [], numpy.zeros((0, len(CONTEXT)))
    starts = [first for first, _ in walk.runs]
    placed = places(walk, _sigmoids(scores).T, [n > 0 and _together(s, here[n - 1]) for n, s in enumerate(here)])
    scores = numpy.where((placed.T > _PLACED) & ~links.linked, max(nobody, _FLOOR + 0.01), scores)
    votes = _votes(numpy.maximum.reduceat(_sigmoids(scores), starts, axis=0).T, links.order, here)
    voted = votes.max(axis=1)
    in_task = numpy.add.reduceat(placed, starts, axis=1)
    best_three = (size - 1 - numpy.argsort(-scores[::-1], axis=0, kind="stable")[:3]).T.tolist()  # measures by column; of equals the last
    closest = numpy.argsort(-scores, axis=1, kind="stable")[:, :_CLOSE].tolist()
    length = [min(2.0, len("".join(s.text.split())) / 100) for s in here]
    said, votes, voted, placed, in_task = (table.tolist() for table in (scores, votes, voted, placed, in_task))
    close, features = [], []
    for i, (columns, own, task) in enumerate(zip(closest, said, walk.run_of.tolist())):
        columns = [column for column in columns if own[column] > _FLOOR]
        leads = [(own[column], column) for column in columns if best_three[column][0] == i]
        for column in columns:
            rivals = [k for k in best_three[column] if k != i and said[k][column] > -math.inf][:2]
            first, second = (*[said[k][column] for k in rivals], nobody, nobody)[:2]
            lead = _lead(first, own[column])
            apart = 0.0
            if rivals and lead > 0:  # a compound sentence answers another measure with other words
                words = links.words(i, column)
                apart = lead * len(words - links.words(rivals[0], column)) / len(words) if words else 0.0
            elsewhere = max((score for score, other in leads if other != column), default=nobody)
            mine, chance = votes[column][task], placed[column][i]
            close.append((i, column))
            features.append((own[column], lead, _lead(second, own[column]), mine, voted[column] - mine, length[column],
                             _clip(own[column] - elsewhere), apart, math.log(chance * size + _LEAST) / math.log(max(2, size)), in_task[column][task], chance))
    return close, numpy.array(features).reshape(-1, len(CONTEXT))


def _together(one: Statement, other: Statement) -> bool:
    """Under the same heading, or in the same paragraph."""
    return one.headings == other.headings or one.paragraph == other.paragraph


def _votes(by_task: numpy.ndarray, order: Sequence[int], here: Sequence[Statement]) -> numpy.ndarray:
    """(s, task) How strongly a statement near by, under the same heading or in the same paragraph, speaks of each task. `by_task` what each says of it itself."""
    votes = numpy.zeros_like(by_task)
    for n, one in enumerate(here):
        for k in range(n + 1, min(len(here), n + 4)):
            apart = order[k] - order[n]
            if apart < len(_NEAR) and _together(one, here[k]):
                numpy.maximum(votes[n], _NEAR[apart] * by_task[k], out=votes[n])
                numpy.maximum(votes[k], _NEAR[apart] * by_task[n], out=votes[k])
    return votes


def _lead(other: float, own: float) -> float:
    """How much better a statement answers another measure; what it says plainly enough is not weakened by what it says more plainly."""
    return _clip(min(_PLAIN, other) - min(_PLAIN, own))


def _clip(value: float) -> float:
    return max(-4.0, min(4.0, value))


def _sigmoids(values: numpy.ndarray) -> numpy.ndarray:
    return 1.0 / (1.0 + numpy.exp(-values))


def _sigmoid(value: float) -> float:
    return 1.0 / (1.0 + math.exp(-value)) if value > -700 else 0.0
