"""Link: what every measure has in common with every statement of a lower document, as numbers. The judge decides.

Texts become rows over words (character pairs, concepts), so that all pairs of measure and statement are compared by a few products of matrices.
In the names below, axis m runs over measures, s over the statements that may carry something out, p over character pairs, c over concepts.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy

from pipeline.coverage.concepts import Lexicon, Profile

# How much a concept of each slot tells about what a sentence is about.
SLOT_WEIGHT = {"matter": 1.0, "means": 0.8, "mechanism": 0.6, "doer": 0.5, "venue": 0.5, "act": 0.4, "people": 0.35}
CONTEXT_SHARE = 0.5  # a concept that needs the heading to hold counts half
# Without a shared concept that tells, this share of a measure's character pairs is the least that can link: below it no true sentence was ever found.
_FEWEST_PAIRS = 0.04
# A clause whose matter weighs less than this (sum of weights of its pairs) is too short to be compared on its own.
_CLAUSE_MATTER = 6.0
# A measure of which more than this stands in the statement was copied.
_COPIED = 0.85

FEATURES = ("pairs_of_measure", "pairs_of_statement", "clause", "domain_of_measure", "domain_of_statement", "domain_best", "general_of_measure", "general_best",
            "people_same", "people_other", "act_same", "act_other", "counted_same", "headings", "copied", "beside", "matter_of_measure", "matter_of_statement", "matter_clause")


@dataclass(frozen=True, slots=True)
class Link:
    """One measure beside one statement, both by position. `features` in the order of FEATURES, each from 0 to 1; `shared`: the concepts of both."""

    measure: int
    statement: int
    features: tuple[float, ...]
    shared: tuple[str, ...]


class Measures:
    """The measures' half of every comparison, made once an upper document.

    Args:
      titles: Per measure the profile of its task's title and headings; measures of one task share one.
    """

    def __init__(self, measures: Sequence[Profile], titles: Sequence[Profile], lexicon: Lexicon):
        self.profiles, self.lexicon = measures, lexicon
        self.pairs: dict[str, int] = {}
        self.concepts: dict[str, int] = {}
        tasks = list({id(title): title for title in titles}.values())
        self.task_of = numpy.array([next(k for k, task in enumerate(tasks) if task is title) for title in titles], dtype=int)
        # Of each measure a block of rows: all its pairs, then those of each clause; and the same without what tells no matter.
        blocks = [(m.pairs, *m.clause_pairs) for m in measures]
        self.blocks = list(_spans(map(len, blocks)))
        matters = [frozenset(m.matter) for m in measures]
        self.rows = _numbered(chain.from_iterable(blocks), self.pairs)
        self.matter_rows = _numbered([[p for p in row if p in matter] for block, matter in zip(blocks, matters) for row in block], self.pairs)
        self.titles = _numbered([dict.fromkeys((*task.pairs, *task.heading_pairs)) for task in tasks], self.pairs)
        self.first_row = numpy.array([begin for begin, _ in self.blocks], dtype=int)
        self.pair_sets = [frozenset(m.pairs) for m in measures]
        self.said_mp = self.rows.only(self.first_row).table(len(self.pairs)) > 0
        self.pair_count = self.said_mp.sum(axis=0)
        own = _numbered([m.own for m in measures], self.concepts)
        self.people = _numbered([lexicon.of_slot("people", m.own) or lexicon.of_slot("people", title.own) for m, title in zip(measures, titles)], self.concepts)
        self.acts = _numbered([lexicon.of_slot("act", m.own) for m in measures], self.concepts)
        self.concept_count = numpy.bincount(own.columns, minlength=len(self.concepts))
        self.own_mc = own.table(len(self.concepts)) > 0
        self.told = [[c for c in m.own if lexicon.tells(c)] for m in measures]
        # Of each measure: the pairs of its matter that prove a telling concept, which of them (columns) prove which (rows), and which stand in which row of its block.
        self.proofs = []
        for m, concepts, matter, block in zip(measures, self.told, matters, blocks):
            proving = list(dict.fromkeys(p for c in concepts for p in m.proofs[c] if p in matter))
            self.proofs.append(([self.pairs[p] for p in proving], _which([m.proofs[c] for c in concepts], proving), _which(block, proving)))
        self.counted: dict[str, int] = {}
        self.counted_mu = _numbered([m.counted for m in measures], self.counted).table(len(self.counted))
        self.spoken = Counter(c for m in measures for c in m.own if lexicon.slot[c] not in ("act", "mechanism"))


@dataclass(frozen=True)
class Links:
    """All measures beside the statements that may carry something out.

    Attributes:
      order: Column → position of the statement.
      linked: (m, s) whether the two share enough to be looked at.
      features: (m, s, f) in the order of FEATURES; without meaning where not linked.
    """

    measures: Measures
    statements: Sequence[Profile]
    order: list[int]
    linked: numpy.ndarray
    features: numpy.ndarray

    def link(self, measure: int, column: int) -> Link:
        profile = self.statements[self.order[column]]
        linked = bool(self.linked[measure, column])
        features = tuple(self.features[measure, column].tolist()) if linked else (0.0,) * len(FEATURES)
        return Link(measure, self.order[column], features, tuple(c for c in self.measures.profiles[measure].own if linked and (c in profile.own or c in profile.context)))

    def words(self, measure: int, column: int) -> frozenset[str]:
        """The statement's character pairs that speak of the measure's matter, in the measure's words or in its own."""
        theirs = self.statements[self.order[column]]
        return self.measures.pair_sets[measure].intersection(theirs.matter).union(*[theirs.proofs[c] for c in self.measures.told[measure] if c in theirs.own])


def link(ours: Measures, statements: Sequence[Profile], eligible: Sequence[bool], paragraphs: Sequence[int]) -> Links:
    """`paragraphs`: per statement its paragraph, as sentences side by side in one may carry a measure out together."""
    lexicon, count = ours.lexicon, len(ours.profiles)
    order = [j for j, yes in enumerate(eligible) if yes]
    chosen = [statements[j] for j in order]
    pairs, concepts = dict(ours.pairs), dict(ours.concepts)
    said, meant = _numbered([s.pairs for s in statements], pairs), _numbered([s.own for s in statements], concepts)
    around = _numbered([s.context for s in chosen], concepts)
    headings: dict[tuple[str, ...], int] = {}
    heading_of = [headings.setdefault(s.heading_pairs, len(headings)) for s in chosen]
    headed = _numbered(headings, pairs)
    # What everybody says tells nothing: the weight of a word falls with the number of texts that have it.
    texts = count + len(statements)
    weight_p = _rarity(texts, ours.pair_count, said, len(pairs))
    weight_c = _rarity(texts, ours.concept_count, meant, len(concepts)) * numpy.array([SLOT_WEIGHT[lexicon.slot[c]] for c in concepts])
    narrow_c = numpy.array([lexicon.tells(c) and not c.startswith("general.") for c in concepts], dtype=bool)
    broad_c = numpy.array([lexicon.tells(c) and c.startswith("general.") for c in concepts], dtype=bool)
    top = math.log((texts + 1) / 1.5)

    said, meant, told = said.only(order), meant.only(order), _numbered([s.matter for s in chosen], pairs)
    known_p = weight_p[: len(ours.pairs)]
    said_sp = said.table(len(ours.pairs)) > 0
    here = numpy.flatnonzero(said_sp.any(axis=0))  # only pairs that stand on both sides can add up
    theirs_sp = said_sp[:, here].astype(float)

    # ---- pairs: of the measure and of its best clause, of the statement, of the headings
    of_rows = ours.rows.weighed(known_p, here) @ theirs_sp.T
    share_rs = of_rows / _or_one(ours.rows.sums(known_p))[:, None]
    of_pairs, of_measure = of_rows[ours.first_row], share_rs[ours.first_row]
    clause = numpy.maximum.reduceat(share_rs, ours.first_row, axis=0) if count else share_rs
    in_headings = ((ours.titles.table(len(ours.pairs)) * known_p) @ headed.table(len(ours.pairs)).T
                   / numpy.sqrt(numpy.outer(_or_one(ours.titles.sums(known_p)), _or_one(headed.sums(weight_p)))))

    # ---- concepts: of the statement's own words, or lent by its headings
    own_sc, around_sc = meant.table(len(concepts)) > 0, around.table(len(concepts)) > 0
    part_sc = numpy.where(own_sc, 1.0, numpy.where(around_sc, CONTEXT_SHARE, 0.0))
    domain_of_statement = meant.sums(numpy.where(narrow_c, weight_c, 0.0))
    people_sc = numpy.where([lexicon.slot[c] == "people" for c in concepts], part_sc, 0.0)
    acts_sc = numpy.where([lexicon.slot[c] == "act" for c in concepts], own_sc, 0.0)
    known_s, known_m = (ours.people.table(len(concepts)), ours.acts.table(len(concepts)))
    people_same, act_same = (known_s @ people_sc.T) > 0, (known_m @ acts_sc.T) > 0
    people_both, act_both = (numpy.outer(a.any(axis=1), b.any(axis=1)) for a, b in ((known_s, people_sc), (known_m, acts_sc)))

    # ---- measure by measure: its concepts, and the pairs that stand for the same concept in other words
    shape = (count, len(order))
    domain, domain_best, broad, broad_best, beside, linked = (numpy.zeros(shape) for _ in range(6))
    other = numpy.zeros(share_rs.shape)  # per row of a block the weight of its matter that is said in other words
    own_domain, own_broad = (ours.own_mc @ numpy.where(kind, weight_c, 0.0)[: len(ours.concepts)] for kind in (narrow_c, broad_c))
    follows = numpy.array([n > 0 and order[n - 1] == order[n] - 1 and paragraphs[order[n - 1]] == paragraphs[order[n]] for n in range(len(order))], dtype=bool)
    for i, mine in enumerate(ours.told):
        if not mine:
            continue
        columns = [ours.concepts[c] for c in mine]
        part = part_sc[:, columns]
        if not part.any():
            continue
        weights = weight_c[columns]
        weighed = part * weights
        linked[i] = part.any(axis=1)
        for kind, whole, best in ((narrow_c[columns], domain, domain_best), (broad_c[columns], broad, broad_best)):
            if kind.any():
                whole[i], best[i] = weighed[:, kind].sum(axis=1), weighed[:, kind].max(axis=1)
        has = part > 0
        beyond = numpy.zeros(len(order))  # concepts that the neighbour in the same paragraph adds
        beyond[1:] = follows[1:] * ((has[:-1] & ~has[1:]) @ weights)
        beyond[:-1] = numpy.maximum(beyond[:-1], follows[1:] * ((has[1:] & ~has[:-1]) @ weights))
        beside[i] = beyond
        proving, proofs, in_rows = ours.proofs[i]
        if proving:
            stands = numpy.where((own_sc[:, columns] @ proofs) > 0, 1.0, numpy.where((has @ proofs) > 0, CONTEXT_SHARE, 0.0)) * ~said_sp[:, proving]
            other[slice(*ours.blocks[i])] = (in_rows * weight_p[proving]) @ stands.T

    # ---- the matter: without set phrases, people and acts
    whole_r = ours.matter_rows.sums(known_p)
    matter_rs = (ours.matter_rows.weighed(known_p, here) @ theirs_sp.T + other) / _or_one(whole_r)[:, None]
    of_matter = matter_rs[ours.first_row]
    long = whole_r > _CLAUSE_MATTER
    long[ours.first_row] = True
    matter_clause = numpy.maximum.reduceat(matter_rs * long[:, None], ours.first_row, axis=0) if count else matter_rs
    back = (ours.said_mp[:, here] * known_p[here]) @ told.table(len(ours.pairs))[:, here].T
    for n, s in enumerate(chosen):  # and the statement's own words for the same concepts
        mine = [c for c in s.own if c in ours.concepts and lexicon.tells(c)]
        matter = set(s.matter)
        proving = list(dict.fromkeys(p for c in mine for p in s.proofs[c] if p in matter))
        if proving:
            spoken = (ours.own_mc[:, [ours.concepts[c] for c in mine]] @ _which([s.proofs[c] for c in mine], proving)) > 0
            numbers = numpy.array([pairs[p] for p in proving])
            known = numbers < len(ours.pairs)
            spoken[:, known] &= ~ours.said_mp[:, numbers[known]]
            back[:, n] += spoken @ weight_p[numbers]

    shares = ours.own_mc.astype(float) @ (part_sc[:, : len(ours.concepts)] > 0).T > 0
    reach = (of_measure >= _FEWEST_PAIRS) & ((of_pairs > 0) | shares)
    counted = dict(ours.counted)
    counted_su = _numbered([s.counted for s in chosen], counted).table(len(counted))
    features = numpy.stack((
        of_measure,
        of_pairs / _or_one(said.sums(weight_p)),
        clause,
        domain / _or_one(own_domain)[:, None],
        numpy.where(domain_of_statement > 0, domain / _or_one(domain_of_statement), 0.0),
        domain_best / top,
        broad / _or_one(own_broad)[:, None],
        broad_best / top,
        people_same,
        people_both & ~people_same,
        act_same,
        act_both & ~act_same,
        ours.counted_mu @ counted_su[:, : len(ours.counted)].T > 0,
        numpy.minimum(1.0, in_headings)[ours.task_of][:, heading_of],
        of_measure > _COPIED,
        beside / _or_one(own_domain + own_broad)[:, None],
        of_matter,
        back / _or_one(told.sums(weight_p)),
        matter_clause,
    ), axis=-1)
    return Links(ours, statements, order, (linked > 0) | reach, features)


def kinship(ours: Measures, statements: Sequence[Profile], eligible: Sequence[bool]) -> float:
    """How far two documents are about the same theme, from 0 to 1: the cosine of what they speak of, acts and mechanisms apart."""
    theirs = Counter(c for s, yes in zip(statements, eligible) if yes for c in s.own if ours.lexicon.slot[c] not in ("act", "mechanism"))
    norm = math.sqrt(sum(n * n for n in ours.spoken.values()) * sum(n * n for n in theirs.values()))
    return sum(n * theirs[c] for c, n in ours.spoken.items()) / norm if norm else 0.0


# ---------------------------------------------------------------- rows of words


@dataclass(frozen=True)
class _Numbered:
    """Texts as numbers of their words: `columns` of all texts one behind the other, `rows` says of each which text it stands in."""

    size: int
    rows: numpy.ndarray
    columns: numpy.ndarray

    def table(self, width: int) -> numpy.ndarray:
        """(text, word) 1 where the word stands in the text, for the first `width` words."""
        table = numpy.zeros((self.size, width))
        known = self.columns < width
        table[self.rows[known], self.columns[known]] = 1.0
        return table

    def sums(self, weights: numpy.ndarray) -> numpy.ndarray:
        """Per text the weight of its words."""
        return numpy.bincount(self.rows, weights=weights[self.columns], minlength=self.size)

    def weighed(self, weights: numpy.ndarray, chosen: numpy.ndarray) -> numpy.ndarray:
        """(text, chosen word) the word's weight where it stands in the text. `chosen` numbers in order."""
        place = numpy.full(len(weights), -1)
        place[chosen] = numpy.arange(len(chosen))
        columns = place[self.columns]
        table = numpy.zeros((self.size, len(chosen)))
        kept = columns >= 0
        table[self.rows[kept], columns[kept]] = weights[self.columns[kept]]
        return table

    def only(self, texts: Sequence[int]) -> "_Numbered":
        place = numpy.full(self.size, -1)
        place[texts] = numpy.arange(len(texts))
        kept = place[self.rows] >= 0
        return _Numbered(len(texts), place[self.rows[kept]], self.columns[kept])


def _numbered(texts: Iterable[Iterable[str]], numbers: dict[str, int]) -> _Numbered:
    """Words (each once a text) as their `numbers`; new words get the next ones."""
    rows = [[numbers.setdefault(word, len(numbers)) for word in text] for text in texts]
    return _Numbered(len(rows), numpy.repeat(numpy.arange(len(rows)), [len(row) for row in rows]), numpy.array(list(chain.from_iterable(rows)), dtype=int))


def _rarity(texts: int, measures: numpy.ndarray, statements: _Numbered, size: int) -> numpy.ndarray:
    """Per word the logarithm of how few of all texts have it; `measures` counts those among the measures."""
    count = numpy.bincount(statements.columns, minlength=size)
    count[: len(measures)] += measures
    return numpy.log((texts + 1) / (numpy.maximum(count, 1) + 0.5))


def _spans(lengths: Iterable[int]) -> Iterable[tuple[int, int]]:
    begin = 0
    for length in lengths:
        yield begin, begin + length
        begin += length


def _which(rows: Sequence[Iterable[str]], words: Sequence[str]) -> numpy.ndarray:
    """(row, word) 1 where the row has the word."""
    return numpy.array([[word in row for word in words] for row in map(frozenset, rows)], dtype=float).reshape(len(rows), len(words))


def _or_one(weights: numpy.ndarray) -> numpy.ndarray:
    """For divisions: what weighs nothing has nothing in common either."""
    return numpy.where(weights > 0, weights, 1.0)
