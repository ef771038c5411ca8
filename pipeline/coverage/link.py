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
        self._concept = {c: math.log((n + 1) / (df + 0.5)) for c, df in concept_df.items()}
        self._pair = {p: math.log((n + 1) / (df + 0.5)) for p, df in pair_df.items()}
        self.top = math.log((n + 1) / 1.5)

    def concept(self, id_: str) -> float:
        return self._concept.get(id_, self.top)

    def pair(self, pair: str) -> float:
        return self._pair.get(pair, self.top)


@dataclass(frozen=True, slots=True)
class _Side:
    """A statement's half of every comparison: its pairs and those of its matter with their weights, the weight of its domain concepts, who and what act it names,
    the telling pairs of the words that prove its concepts, and the number of its headings."""

    pairs: frozenset[str]
    matter: frozenset[str]
    weight: float
    matter_weight: float
    domain: float
    people: set[str]
    acts: set[str]
    proofs: dict[str, tuple[str, ...]]
    headings: int


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
    weight_of = weights.pair

    def split(concepts) -> tuple[float, float]:
        """Weights of the domain's and of the general concepts, people and acts apart."""
        return sum([weigh[c] for c in concepts if c in narrow]), sum([weigh[c] for c in concepts if c in tells and c not in narrow])

    def total(pairs: Iterable[str]) -> float:
        return sum(map(weight_of, pairs)) or 1.0

    by_concept: dict[str, list[int]] = defaultdict(list)
    by_pair: dict[str, list[int]] = defaultdict(list)
    by_matter: dict[str, list[int]] = defaultdict(list)
    sides: list[_Side | None] = [None] * len(statements)
    numbers: dict[tuple[str, ...], int] = {}  # headings → a number, as many statements share them
    for j, s in enumerate(statements):
        if not eligible[j]:
            continue
        for concept in (*s.own, *s.context):
            by_concept[concept].append(j)
        for pair in s.pairs:
            by_pair[pair].append(j)
        for pair in s.matter:
            by_matter[pair].append(j)
        matter = frozenset(s.matter)
        sides[j] = _Side(frozenset(s.pairs), matter, total(s.pairs), total(s.matter), split(s.own)[0], {c for c in (*s.own, *s.context) if slot[c] == "people"},
                         {c for c in s.own if slot[c] == "act"}, {c: tuple([pair for pair in proof if pair in matter]) for c, proof in s.proofs.items() if c in tells},
                         numbers.setdefault(s.heading_pairs, len(numbers)))
    heading_sets = [(frozenset(pairs), total(pairs)) for pairs in numbers]

    def sums(pairs: Iterable[str], index: dict[str, list[int]]) -> list[float]:
        """Per statement the weight of these pairs that stand in it."""
        found = [0.0] * len(statements)
        for pair in pairs:
            if pair in index:
                weight = weight_of(pair)
                for j in index[pair]:
                    found[j] += weight
        return found

    top = weights.top
    result: list[list[Link]] = []
    title: tuple[Profile, float, list[tuple[str, float]], dict] | None = None
    for i, measure in enumerate(measures):
        pair_sum = sums(measure.pairs, by_pair)
        shared: dict[int, list[str]] = {}
        shared_told: dict[int, list[str]] = {}
        for concept in measure.own:  # in order of id
            for j in by_concept.get(concept, ()):
                shared.setdefault(j, []).append(concept)
                if concept in tells:
                    shared_told.setdefault(j, []).append(concept)
        own_pairs = total(measure.pairs)
        own_domain, own_general = split(measure.own)
        own_people = {c for c in measure.own if slot[c] == "people"} or {c for c in own_tasks[i].own if slot[c] == "people"}
        own_acts = {c for c in measure.own if slot[c] == "act"}
        if title is None or title[0] is not own_tasks[i]:  # the measures of a task follow each other
            title_pairs = [(pair, weight_of(pair)) for pair in dict.fromkeys((*own_tasks[i].pairs, *own_tasks[i].heading_pairs))]
            title = (own_tasks[i], sum([weight for _, weight in title_pairs]) or 1.0, title_pairs, {})
        _, title_weight, title_pairs, title_in = title
        clauses = [(sums(pairs, by_pair), total(pairs)) for pairs in measure.clause_pairs]
        fewest = _FEWEST_PAIRS * own_pairs
        measure_set = frozenset(measure.pairs)
        matter_weight = {pair: weight_of(pair) for pair in measure.matter}
        own_matter = sum(matter_weight.values()) or 1.0
        matter_sum, matter_back = sums(measure.matter, by_pair), sums(measure.pairs, by_matter)
        matter_clauses = [(sums(part, by_pair), whole, frozenset(part)) for part, whole in
                          ((part, sum(map(weight_of, part))) for part in ([p for p in c if p in matter_weight] for c in measure.clause_pairs)) if whole > _CLAUSE_MATTER]
        # of each concept: the pairs of its words here, and those of them that tell the matter
        proofs = {c: (proof, [pair for pair in proof if pair in matter_weight]) for c, proof in measure.proofs.items() if c in tells}
        links = []
        for j, of_pairs in enumerate(pair_sum):
            told = shared_told.get(j, ())
            if not told and (of_pairs < fewest or not of_pairs and j not in shared):
                continue
            s, side = statements[j], sides[j]
            own = s.own
            domain = domain_best = broad = broad_best = 0.0
            # pairs that stand for the same concept in other words: of the measure, each with its share, and of the statement
            other: dict[str, float] = {}
            back: dict[str, None] = {}
            words = side.matter & measure_set
            for concept in told:
                part = 1.0 if concept in own else CONTEXT_SHARE
                weight = weigh[concept] * part
                if concept in narrow:
                    domain += weight
                    if weight > domain_best:
                        domain_best = weight
                else:
                    broad += weight
                    if weight > broad_best:
                        broad_best = weight
                for pair in proofs[concept][1]:
                    if pair not in side.pairs and part > other.get(pair, 0.0):
                        other[pair] = part
                if concept in own:
                    words = words.union(s.proofs[concept])
                    for pair in side.proofs[concept]:
                        if pair not in measure_set:
                            back[pair] = None
            same = not own_people.isdisjoint(side.people)
            same_acts = not own_acts.isdisjoint(side.acts)
            headings = title_in.get(side.headings)
            if headings is None:
                here, whole = heading_sets[side.headings]
                headings = title_in[side.headings] = min(1.0, sum([weight for pair, weight in title_pairs if pair in here]) / math.sqrt(title_weight * whole))
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
            of_matter = matter_clause = (matter_sum[j] + sum([part * matter_weight[pair] for pair, part in other.items()])) / own_matter
            for found, whole, inside in matter_clauses:
                part = (found[j] + sum([part * matter_weight[pair] for pair, part in other.items() if pair in inside])) / whole
                if part > matter_clause:
                    matter_clause = part
            features = (
                of_measure,
                of_pairs / side.weight,
                clause,
                domain / own_domain if own_domain else 0.0,
                domain / side.domain if side.domain else 0.0,
                domain_best / top,
                broad / own_general if own_general else 0.0,
                broad_best / top,
                1.0 if same else 0.0,
                1.0 if own_people and side.people and not same else 0.0,
                1.0 if same_acts else 0.0,
                1.0 if own_acts and side.acts and not same_acts else 0.0,
                0.0 if measure.counted.isdisjoint(s.counted) else 1.0,
                headings,
                1.0 if of_measure > 0.85 else 0.0,
                beside / (own_domain + own_general or 1.0),
                of_matter,
                (matter_back[j] + sum(map(weight_of, back))) / side.matter_weight,
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
