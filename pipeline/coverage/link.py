"""Link: which statements of a lower document might answer which measure, and what speaks for it. The judge decides.

Every measure is compared with every statement that commits; an inverted index of concepts and character pairs makes that cheap.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.coverage.concepts import Lexicon, Profile

# How much a concept of each slot tells about what a sentence is about.
SLOT_WEIGHT = {"matter": 1.0, "means": 0.8, "mechanism": 0.6, "doer": 0.5, "venue": 0.5, "act": 0.4, "people": 0.35}
CONTEXT_SHARE = 0.5  # a concept that needs the heading to hold counts half
# Without a shared concept that tells, this share of a measure's character pairs is the least that can link: below it no true sentence was ever found.
_FEWEST_PAIRS = 0.04
# A clause whose matter weighs less than this (sum of weights of its pairs) is too short to be compared on its own.
_CLAUSE_MATTER = 6.0

FEATURES = ("pairs_of_measure", "pairs_of_statement", "clause", "domain_of_measure", "domain_of_statement", "domain_best", "general_of_measure", "general_best",
            "people_same", "people_other", "act_same", "act_other", "counted_same", "headings", "copied", "beside", "matter_of_measure", "matter_of_statement", "matter_clause")


@dataclass(frozen=True, slots=True)
class Link:
    """One measure beside one statement.

    Attributes:
      features: In the order of FEATURES, each from 0 to 1.
      shared: The concepts of both.
      words: The statement's character pairs that speak of the measure's matter, in its own words or in the same.
    """

    measure: int
    statement: int
    features: tuple[float, ...]
    shared: tuple[str, ...]
    words: frozenset[str] = frozenset()


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

    def pairs(self, pairs: Iterable[str]) -> list[tuple[str, float]]:
        """Each pair with its weight."""
        weight, top = self._pair.get, self._top
        return [(pair, weight(pair, top)) for pair in pairs]

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
    # Concept → its weight. The sums below keep to the order in which texts and concepts come: other orders round otherwise.
    weigh = {c: SLOT_WEIGHT[slot[c]] * weights.concept(c) for c in {c for p in (*measures, *statements) for c in (*p.own, *p.context)}}
    tells = {c for c in weigh if slot[c] not in ("people", "act")}  # what a text is about
    narrow = {c for c in tells if not c.startswith("general.")}

    def split(concepts) -> tuple[float, float]:
        """Weights of the domain's and of the general concepts, people and acts apart."""
        return sum([weigh[c] for c in concepts if c in narrow]), sum([weigh[c] for c in concepts if c in tells and c not in narrow])

    by_concept: dict[str, list[int]] = defaultdict(list)
    by_pair: dict[str, list[int]] = defaultdict(list)
    by_matter: dict[str, list[int]] = defaultdict(list)  # pairs that tell what the statement is about
    for j, profile in enumerate(statements):
        if not eligible[j]:
            continue
        for concept in (*profile.own, *profile.context):
            by_concept[concept].append(j)
        for pair in profile.pairs:
            by_pair[pair].append(j)
            if pair not in profile.plain:
                by_matter[pair].append(j)

    def total(pairs: tuple[str, ...]) -> float:
        return sum([weight for _, weight in weights.pairs(pairs)])

    def sums(pairs: list[tuple[str, float]], index: dict[str, list[int]] = by_pair) -> list[float]:
        """Per statement the weight of these pairs that stand in it."""
        found = [0.0] * len(statements)
        for pair, weight in pairs:
            for j in index.get(pair, ()):
                found[j] += weight
        return found

    # What can link to nothing is not weighed.
    statement_pairs = [linked and total(s.pairs) or 1.0 for s, linked in zip(statements, eligible)]
    statement_matter = [linked and sum([weight for pair, weight in weights.pairs(s.pairs) if pair not in s.plain]) or 1.0 for s, linked in zip(statements, eligible)]
    statement_sets = [frozenset(s.pairs) if linked else frozenset() for s, linked in zip(statements, eligible)]
    matter_sets = [frozenset(s.pairs) - s.plain if linked else frozenset() for s, linked in zip(statements, eligible)]
    statement_domain = [linked and split(s.own)[0] for s, linked in zip(statements, eligible)]
    people = [{c for c in (*s.own, *s.context) if slot[c] == "people"} for s in statements]
    acts = [{c for c in s.own if slot[c] == "act"} for s in statements]
    numbers: dict[tuple[str, ...], int] = {}
    headings_of = [numbers.setdefault(s.heading_pairs, len(numbers)) for s in statements]
    heading_sets = [(frozenset(pairs), total(pairs) or 1.0) for pairs in numbers]
    top = weights.top
    result: list[list[Link]] = []
    title: tuple[Profile, float, list[tuple[str, float]], dict] | None = None
    for i, measure in enumerate(measures):
        pairs = weights.pairs(measure.pairs)
        pair_sum = sums(pairs)
        shared: dict[int, list[str]] = {}
        shared_told: dict[int, list[str]] = {}
        for concept in measure.own:  # in order of id
            for j in by_concept.get(concept, ()):
                shared.setdefault(j, []).append(concept)
                if concept in tells:
                    shared_told.setdefault(j, []).append(concept)
        own_pairs = sum([weight for _, weight in pairs]) or 1.0
        own_domain, own_general = split(measure.own)
        own_people = {c for c in measure.own if slot[c] == "people"} or {c for c in own_tasks[i].own if slot[c] == "people"}
        own_acts = {c for c in measure.own if slot[c] == "act"}
        if title is None or title[0] is not own_tasks[i]:  # the measures of a task follow each other
            title_pairs = weights.pairs(dict.fromkeys((*own_tasks[i].pairs, *own_tasks[i].heading_pairs)))
            title = (own_tasks[i], sum(weight for _, weight in title_pairs) or 1.0, title_pairs, {})
        _, title_weight, title_pairs, title_in = title
        clauses = [(sums(pairs), sum([weight for _, weight in pairs]) or 1.0) for pairs in map(weights.pairs, measure.clause_pairs)]
        fewest = _FEWEST_PAIRS * own_pairs
        matter = [(pair, weight) for pair, weight in pairs if pair not in measure.plain]
        measure_set = frozenset(measure.pairs)
        own_matter, matter_weight = sum([weight for _, weight in matter]) or 1.0, dict(matter)
        matter_sum, matter_back = sums(matter), sums(pairs, by_matter)
        matter_clauses = [(sums(part), whole, {pair for pair, _ in part}) for part, whole in
                          ((part, sum([weight for _, weight in part])) for part in ([(p, matter_weight[p]) for p in c if p in matter_weight] for c in measure.clause_pairs))
                          if whole > _CLAUSE_MATTER]
        proofs = {c: measure.proof(c) for c in measure.own if c in tells}
        links = []
        for j, of_pairs in enumerate(pair_sum):
            told = shared_told.get(j, ())
            if not told and (of_pairs < fewest or not of_pairs and j not in shared):
                continue
            s = statements[j]
            own = s.own
            domain = domain_best = broad = broad_best = 0.0
            for concept in told:
                weight = weigh[concept] if concept in own else weigh[concept] * CONTEXT_SHARE
                if concept in narrow:
                    domain += weight
                    if weight > domain_best:
                        domain_best = weight
                else:
                    broad += weight
                    if weight > broad_best:
                        broad_best = weight
            same = not own_people.isdisjoint(people[j])
            same_acts = not own_acts.isdisjoint(acts[j])
            headings = title_in.get(headings_of[j])
            if headings is None:
                here, whole = heading_sets[headings_of[j]]
                headings = sum([weight for pair, weight in title_pairs if pair in here]) / math.sqrt(title_weight * whole)
                title_in[headings_of[j]] = headings = min(1.0, headings)
            of_measure = clause = of_pairs / own_pairs
            if of_pairs:
                for found, whole in clauses:
                    part = found[j] / whole
                    if part > clause:
                        clause = part
            beside = 0.0
            for k in (j - 1, j + 1):
                if k in shared_told and paragraphs[k] == paragraphs[j]:
                    beyond = sum([weigh[c] for c in shared_told[k] if c not in told])
                    if beyond > beside:
                        beside = beyond
            # pairs that stand for the same concept in other words: of the measure, each with its share, and of the statement
            other: dict[str, float] = {}
            back: dict[str, None] = {}
            words = matter_sets[j] & measure_set
            for concept in told:
                part = 1.0 if concept in own else CONTEXT_SHARE
                for pair in proofs[concept]:
                    if pair in matter_weight and pair not in statement_sets[j] and part > other.get(pair, 0.0):
                        other[pair] = part
                proof = s.proof(concept)
                words = words.union(proof)
                for pair in proof:
                    if pair not in measure_set and pair not in s.plain:
                        back[pair] = None
            of_matter = matter_clause = (matter_sum[j] + sum([part * matter_weight[pair] for pair, part in other.items()])) / own_matter
            for found, whole, inside in matter_clauses:
                part = (found[j] + sum([part * matter_weight[pair] for pair, part in other.items() if pair in inside])) / whole
                if part > matter_clause:
                    matter_clause = part
            features = (
                of_measure,
                of_pairs / statement_pairs[j],
                clause,
                domain / own_domain if own_domain else 0.0,
                domain / statement_domain[j] if statement_domain[j] else 0.0,
                domain_best / top,
                broad / own_general if own_general else 0.0,
                broad_best / top,
                1.0 if same else 0.0,
                1.0 if own_people and people[j] and not same else 0.0,
                1.0 if same_acts else 0.0,
                1.0 if own_acts and acts[j] and not same_acts else 0.0,
                0.0 if measure.counted.isdisjoint(s.counted) else 1.0,
                headings,
                1.0 if of_measure > 0.85 else 0.0,
                beside / (own_domain + own_general or 1.0),
                of_matter,
                (matter_back[j] + sum([weight for _, weight in weights.pairs(back)])) / statement_matter[j],
                matter_clause,
            )
            links.append(Link(i, j, features, tuple(shared.get(j, ())), words))
        result.append(links)
    return result


def kinship(measures: list[Profile], statements: list[Profile], eligible: list[bool], lexicon: Lexicon) -> float:
    """How far two documents are about the same theme, from 0 to 1: the cosine of what they speak of, acts and mechanisms apart."""
    told = {c for c, slot in lexicon.slot.items() if slot not in ("act", "mechanism")}
    ours, theirs = ({}, {})
    for counts, profiles in ((ours, measures), (theirs, [s for s, yes in zip(statements, eligible) if yes])):
        for profile in profiles:
            for concept in profile.own:
                if concept in told:
                    counts[concept] = counts.get(concept, 0) + 1
    norm = math.sqrt(sum([n * n for n in ours.values()]) * sum([n * n for n in theirs.values()]))
    return sum([n * theirs.get(c, 0) for c, n in ours.items()]) / norm if norm else 0.0
