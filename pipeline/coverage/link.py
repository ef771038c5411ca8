"""Link: which statements of a lower document might answer which measure, and what speaks for it. The judge decides.

Every measure is compared with every statement that commits; an inverted index of concepts and character pairs makes that cheap.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass

from pipeline.coverage.concepts import Lexicon, Profile

# How much a concept of each slot tells about what a sentence is about.
SLOT_WEIGHT = {"matter": 1.0, "means": 0.8, "mechanism": 0.6, "doer": 0.5, "venue": 0.5, "act": 0.4, "people": 0.35}
CONTEXT_SHARE = 0.5  # a concept that needs the heading to hold counts half
# Without a shared concept that tells, this share of a measure's character pairs is the least that can link: below it no true sentence was ever found.
_FEWEST_PAIRS = 0.04

FEATURES = ("pairs_of_measure", "pairs_of_statement", "clause", "domain_of_measure", "domain_of_statement", "domain_best", "general_of_measure", "general_best",
            "people_same", "people_other", "act_same", "act_other", "counted_same", "headings", "copied", "beside")


@dataclass(frozen=True, slots=True)
class Link:
    """One measure beside one statement. `features` are in the order of FEATURES, each from 0 to 1; `shared` are the concepts of both."""

    measure: int
    statement: int
    features: tuple[float, ...]
    shared: tuple[str, ...]


class Weights:
    """How rare concepts and character pairs are among the measures and the statements at hand: what everybody says tells nothing."""

    def __init__(self, measures: list[Profile], statements: list[Profile]):
        n = len(measures) + len(statements)
        concept_df: dict[str, int] = defaultdict(int)
        pair_df: dict[str, int] = defaultdict(int)
        for profile in measures + statements:
            for concept in profile.own:
                concept_df[concept] += 1
            for pair in profile.pairs:
                pair_df[pair] += 1
        self._n = n
        self._concept = {c: math.log((n + 1) / (df + 0.5)) for c, df in concept_df.items()}
        self._pair = {p: math.log((n + 1) / (df + 0.5)) for p, df in pair_df.items()}
        self._top = math.log((n + 1) / 1.5)

    def concept(self, id_: str) -> float:
        return self._concept.get(id_, self._top)

    def pair(self, pair: str) -> float:
        return self._pair.get(pair, self._top)

    @property
    def top(self) -> float:
        return self._top


def link(measures: list[Profile], statements: list[Profile], eligible: list[bool], lexicon: Lexicon, own_tasks: list[Profile],
         paragraphs: list[int]) -> list[list[Link]]:
    """Per measure its links, in the order of statements; pairs that share nothing are left out.

    Args:
      own_tasks: Per measure the profile of its task's title and headings.
      paragraphs: Per statement its paragraph: sentences side by side in one may carry a measure out together.
    """
    weights = Weights(measures, statements)
    slot = lexicon.slot
    general = {c for c in slot if c.startswith("general.")}

    def weigh(concept: str) -> float:
        return SLOT_WEIGHT[slot[concept]] * weights.concept(concept)

    def split(concepts) -> tuple[float, float]:
        """Weights of the domain's and of the general concepts, people and acts apart."""
        told = [c for c in concepts if slot[c] not in ("people", "act")]
        return sum(weigh(c) for c in told if c not in general), sum(weigh(c) for c in told if c in general)

    by_concept: dict[str, list[int]] = defaultdict(list)
    by_pair: dict[str, list[int]] = defaultdict(list)
    for j, profile in enumerate(statements):
        if not eligible[j]:
            continue
        for concept in (*profile.own, *profile.context):
            by_concept[concept].append(j)
        for pair in profile.pairs:
            by_pair[pair].append(j)
    statement_pairs = [sum(weights.pair(p) for p in s.pairs) or 1.0 for s in statements]
    statement_concepts = [split(s.own) for s in statements]
    people = [{c for c in (*s.own, *s.context) if slot[c] == "people"} for s in statements]
    acts = [{c for c in s.own if slot[c] == "act"} for s in statements]
    heading_weight = [sum(weights.pair(p) for p in s.heading_pairs) for s in statements]
    own_sets = [frozenset(s.pairs) for s in statements]
    heading_sets = [frozenset(s.heading_pairs) for s in statements]
    result: list[list[Link]] = []
    for i, measure in enumerate(measures):
        pair_sum: dict[int, float] = defaultdict(float)
        for pair in measure.pairs:
            weight = weights.pair(pair)
            for j in by_pair.get(pair, ()):
                pair_sum[j] += weight
        shared: dict[int, list[str]] = defaultdict(list)
        for concept in measure.own:
            for j in by_concept.get(concept, ()):
                shared[j].append(concept)
        shared = dict(shared)
        own_pairs = sum(weights.pair(p) for p in measure.pairs) or 1.0
        own_domain, own_general = split(measure.own)
        own_people = {c for c in measure.own if slot[c] == "people"} or {c for c in own_tasks[i].own if slot[c] == "people"}
        own_acts = {c for c in measure.own if slot[c] == "act"}
        title_pairs = tuple(dict.fromkeys((*own_tasks[i].pairs, *own_tasks[i].heading_pairs)))
        title_weight = sum(weights.pair(p) for p in title_pairs) or 1.0
        clauses = [(c, sum(weights.pair(p) for p in c) or 1.0) for c in measure.clause_pairs]
        links = []
        for j in sorted(set(pair_sum) | set(shared)):
            s = statements[j]
            both = sorted(shared.get(j, ()))
            told = [c for c in both if slot[c] not in ("people", "act")]
            if not told and pair_sum[j] < _FEWEST_PAIRS * own_pairs:
                continue
            share = {c: 1.0 if c in s.own else CONTEXT_SHARE for c in both}
            domain = sum(weigh(c) * share[c] for c in told if c not in general)
            broad = sum(weigh(c) * share[c] for c in told if c in general)
            best = max((weigh(c) * share[c] for c in told if c not in general), default=0.0)
            best_broad = max((weigh(c) * share[c] for c in told if c in general), default=0.0)
            same = len(own_people & people[j])
            same_acts = len(own_acts & acts[j])
            headings = sum(weights.pair(p) for p in title_pairs if p in heading_sets[j]) / math.sqrt(title_weight * (heading_weight[j] or 1.0))
            of_measure = pair_sum[j] / own_pairs
            clause = of_measure
            if clauses and pair_sum[j]:
                clause = max(clause, max(sum(weights.pair(p) for p in c if p in own_sets[j]) / total for c, total in clauses))
            features = (
                of_measure,
                pair_sum[j] / statement_pairs[j],
                clause,
                domain / own_domain if own_domain else 0.0,
                domain / statement_concepts[j][0] if statement_concepts[j][0] else 0.0,
                best / weights.top,
                broad / own_general if own_general else 0.0,
                best_broad / weights.top,
                1.0 if same else 0.0,
                1.0 if own_people and people[j] and not same else 0.0,
                1.0 if same_acts else 0.0,
                1.0 if own_acts and acts[j] and not same_acts else 0.0,
                1.0 if measure.counted & s.counted else 0.0,
                min(1.0, headings),
                1.0 if of_measure > 0.85 else 0.0,
                max((sum(weigh(c) for c in shared[k] if slot[c] not in ("people", "act") and c not in share) for k in (j - 1, j + 1)
                     if k in shared and paragraphs[k] == paragraphs[j]), default=0.0) / (own_domain + own_general or 1.0),
            )
            links.append(Link(i, j, features, tuple(both)))
        result.append(links)
    return result
