"""Link: what every measure has in common with every statement of a lower document, as numbers. The judge decides.

Texts become rows over words (character pairs, concepts), so that all pairs of measure and statement are compared by a few products of matrices.
In the names below, axis m runs over measures, s over the statements that may carry something out, p over character pairs, c over concepts.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate, chain

import numpy

from pipeline.coverage.concepts import Lexicon, Profile
from pipeline.coverage.exemplars import alike, likeness, middle

# How much a concept of each slot tells about what a sentence is about.
SLOT_WEIGHT = {"matter": 1.0, "means": 0.8, "mechanism": 0.6, "doer": 0.5, "venue": 0.5, "act": 0.4, "people": 0.35}
CONTEXT_SHARE = 0.5  # a concept that needs the heading to hold counts half
# Without a shared concept that tells, this share of a measure's character pairs is the least that can link: below it no true sentence was ever found.
_FEWEST_PAIRS = 0.04
# A clause whose matter weighs less than this (sum of weights of its pairs) is too short to be compared on its own.
_CLAUSE_MATTER = 6.0
# So many statements are compared at once: the tables between words and statements of a long document would take hundreds of megabytes.
_TOGETHER = 128
# A measure of which more than this stands in the statement was copied.
_COPIED = 0.85
# Two texts that are alike by their kinds of work as much as this are looked at even if they share no word.
_ALIKE = 0.4
# A kind of work is named in a reason where both texts are of it with this likeness.
_OF_KIND = 0.5

FEATURES = ("pairs_of_measure", "pairs_of_statement", "clause", "domain_of_measure", "domain_of_statement", "domain_best", "general_of_measure", "general_best",
            "people_same", "people_other", "act_same", "act_other", "counted_same", "headings", "copied", "beside", "matter_of_measure", "matter_of_statement", "matter_clause",
            "kinds", "kinds_apart")


@dataclass(frozen=True, slots=True)
class Link:
    """One measure beside one statement, both by position. `features` in the order of FEATURES, each from 0 to 1 (`kinds_apart` from -1); `shared`: the concepts of both; `kinds`: names of the kinds
    of work that both are, the surest first."""

    measure: int
    statement: int
    features: tuple[float, ...]
    shared: tuple[str, ...]
    kinds: tuple[str, ...]


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
        said = _numbered([m.pairs for m in measures], self.pairs)  # clauses have no pairs of their own
        matters = [frozenset(m.matter) for m in measures]
        self.rows_p = _Runs([[self.pairs[p] for p in row] for block in blocks for row in block])
        self.matter_rows_p = _Runs([[self.pairs[p] for p in row if p in matter] for block, matter in zip(blocks, matters) for row in block])
        self.titles = _numbered([dict.fromkeys((*task.pairs, *task.heading_pairs)) for task in tasks], self.pairs)
        self.first_row = numpy.array(list(accumulate(map(len, blocks), initial=0))[:-1], dtype=int)
        self.pair_sets = [frozenset(m.pairs) for m in measures]
        self.said_p, self.said_mp = _Runs([[self.pairs[p] for p in m.pairs] for m in measures]), said.table(len(self.pairs)) > 0
        self.pair_count = self.said_mp.sum(axis=0)
        own = _numbered([m.own for m in measures], self.concepts)
        self.people = _numbered([lexicon.of_slot("people", m.own) or lexicon.of_slot("people", title.own) for m, title in zip(measures, titles)], self.concepts)
        self.acts = _numbered([lexicon.of_slot("act", m.own) for m in measures], self.concepts)
        self.concept_count = numpy.bincount(own.columns, minlength=len(self.concepts))
        self.own_mc = own.table(len(self.concepts)) > 0
        self.told = [frozenset(filter(lexicon.tells, m.own)) for m in measures]
        told = [[c for c in m.own if lexicon.tells(c)] for m in measures]
        self.told_c = _Runs([[self.concepts[c] for c in concepts] for concepts in told])
        # Pairs of its matter that prove a telling concept: by which concepts each is proved, and in which rows of its block each stands.
        proving = [list(dict.fromkeys(p for c in concepts for p in m.proofs[c] if p in matter)) for m, concepts, matter in zip(measures, told, matters)]
        self.proving = numpy.array([self.pairs[p] for pairs in proving for p in pairs], dtype=int)
        self.proved_by = _Runs([[self.concepts[c] for c in concepts if p in m.proofs[c]] for m, concepts, pairs in zip(measures, told, proving) for p in pairs])
        places = [range(begin, begin + len(pairs)) for pairs, begin in zip(proving, accumulate(map(len, proving), initial=0))]
        self.proving_in = _Runs([[n for n, p in zip(place, pairs) if p in row] for block, pairs, place in zip(blocks, proving, places) for row in map(frozenset, block)])
        self.counted: dict[str, int] = {}
        self.counted_mu = _numbered([m.counted for m in measures], self.counted).table(len(self.counted))
        odds = lexicon.exemplars.log_odds([m.text for m in measures])
        self.kinds, self.kinds_apart = likeness(odds), odds - middle(odds, lexicon.exemplars.centre)
        self.spoken = Counter(c for m in measures for c in m.own if lexicon.slot[c] not in ("act", "mechanism"))


@dataclass(frozen=True)
class Links:
    """All measures beside the statements that may carry something out.

    Attributes:
      order: Column → position of the statement.
      linked: (m, s) whether the two share enough to be looked at.
      features: (m, s, f) in the order of FEATURES; without meaning where not linked.
      kinds: (s, k) the log-odds that each is of each kind of work.
    """

    measures: Measures
    statements: Sequence[Profile]
    order: list[int]
    linked: numpy.ndarray
    features: numpy.ndarray
    kinds: numpy.ndarray
    _words: dict[tuple[int, int], frozenset[str]] = field(default_factory=dict)

    def link(self, measure: int, column: int) -> Link:
        profile = self.statements[self.order[column]]
        linked = bool(self.linked[measure, column])
        features = tuple(self.features[measure, column].tolist()) if linked else (0.0,) * len(FEATURES)
        shared = tuple(c for c in self.measures.profiles[measure].own if linked and (c in profile.own or c in profile.context))
        both = numpy.minimum(self.measures.kinds[measure], likeness(self.kinds[column]))
        sure = sorted(numpy.flatnonzero(both >= _OF_KIND).tolist(), key=lambda kind: -both[kind])[:2]
        return Link(measure, self.order[column], features, shared, tuple(self.measures.lexicon.exemplars.names[kind] for kind in sure))

    def words(self, measure: int, column: int) -> frozenset[str]:
        """The statement's character pairs that speak of the measure's matter, in the measure's words or in its own."""
        found = self._words.get((measure, column))
        if found is None:
            theirs = self.statements[self.order[column]]
            found = self.measures.pair_sets[measure].intersection(theirs.matter).union(*[theirs.proofs[c] for c in self.measures.told[measure] & theirs.own.keys()])
            self._words[measure, column] = found
        return found


def link(ours: Measures, statements: Sequence[Profile], eligible: Sequence[bool], paragraphs: Sequence[int]) -> Links:
    """`paragraphs`: per statement its paragraph, as sentences side by side in one may carry a measure out together."""
    texts = _Texts(ours, statements, [j for j, yes in enumerate(eligible) if yes], paragraphs)
    size = len(texts.order)
    linked, features = numpy.zeros((len(ours.profiles), size), dtype=bool), numpy.empty((len(ours.profiles), size, len(FEATURES)))
    for begin in range(0, size, _TOGETHER):
        end = min(size, begin + _TOGETHER)
        _compare(ours, texts, begin, end, linked[:, begin:end], features[:, begin:end])
    return Links(ours, statements, texts.order, linked, features, texts.kinds)


class _Texts:
    """The statements' half of the comparison: their words as numbers, and what each word weighs. `chosen` are those that may carry something out, in `order`."""

    def __init__(self, ours: Measures, statements: Sequence[Profile], order: list[int], paragraphs: Sequence[int]):
        lexicon = ours.lexicon
        self.order, self.chosen = order, [statements[j] for j in order]
        self.pairs, self.concepts = dict(ours.pairs), dict(ours.concepts)
        said, meant = _numbered([s.pairs for s in statements], self.pairs), _numbered([s.own for s in statements], self.concepts)
        self.around = _numbered([s.context for s in self.chosen], self.concepts)
        headings: dict[tuple[str, ...], int] = {}
        self.heading_of = [headings.setdefault(s.heading_pairs, len(headings)) for s in self.chosen]
        headed = _numbered(headings, self.pairs)
        # What everybody says tells nothing: the weight of a word falls with the number of texts that have it.
        count = len(ours.profiles) + len(statements)
        self.weight_p = _rarity(count, ours.pair_count, said, len(self.pairs))
        self.weight_c = _rarity(count, ours.concept_count, meant, len(self.concepts)) * numpy.array([SLOT_WEIGHT[lexicon.slot[c]] for c in self.concepts])
        tells_c, general_c = (numpy.array([is_so(c) for c in self.concepts], dtype=bool) for is_so in (lexicon.tells, lexicon.is_general))
        self.narrow_c, self.broad_c = tells_c & ~general_c, tells_c & general_c
        self.people_c, self.acts_c = (numpy.array([lexicon.slot[c] == slot for c in self.concepts], dtype=bool) for slot in ("people", "act"))
        self.top = math.log((count + 1) / 1.5)
        self.said, self.meant, self.told = said.only(order), meant.only(order), _numbered([s.matter for s in self.chosen], self.pairs)
        self.known_p = self.weight_p[: len(ours.pairs)]
        self.in_headings = ((ours.titles.table(len(ours.pairs)) * self.known_p) @ headed.table(len(ours.pairs)).T
                            / numpy.sqrt(numpy.outer(_or_one(ours.titles.sums(self.known_p)), _or_one(headed.sums(self.weight_p)))))
        self.kinds = numpy.concatenate([numpy.zeros((0, len(lexicon.exemplars.kinds))),
                                        *(lexicon.exemplars.log_odds([s.text for s in self.chosen[begin : begin + _TOGETHER]]) for begin in range(0, len(order), _TOGETHER))])
        self.kinds_middle = middle(self.kinds, lexicon.exemplars.centre)
        self.follows = numpy.array([order[n] == order[n + 1] - 1 and paragraphs[order[n]] == paragraphs[order[n + 1]] for n in range(len(order) - 1)], dtype=bool)


def _compare(ours: Measures, texts: _Texts, begin: int, end: int, linked: numpy.ndarray, features: numpy.ndarray) -> None:
    """Fills `linked` and `features` for the chosen statements from `begin` to `end`: the tables on the way are as long as these, not as the document."""
    lexicon, count, pairs, concepts = ours.lexicon, len(ours.profiles), texts.pairs, texts.concepts
    chosen, here = texts.chosen[begin:end], range(begin, end)
    weight_p, weight_c, known_p = texts.weight_p, texts.weight_c, texts.known_p
    said, told, meant = texts.said.only(here), texts.told.only(here), texts.meant.only(here)
    said_ps = (said.table(len(ours.pairs)) > 0).T
    weighed_ps = said.weighed(known_p)

    # ---- pairs: of the measure and of its best clause, of the statement
    of_rows = ours.rows_p.sums(weighed_ps)
    share_rs = of_rows / _or_one(ours.rows_p.sums(_Weighed.of(known_p[:, None])))
    of_pairs, of_measure = of_rows[ours.first_row], share_rs[ours.first_row]
    clause = numpy.maximum.reduceat(share_rs, ours.first_row, axis=0) if count else share_rs

    # ---- concepts: of the statement's own words, or lent by its headings; with those of the statements on both sides
    low, high = max(0, begin - 1), min(len(texts.order), end + 1)
    own_cs, around_cs = (table.only(range(low, high)).table(len(concepts)).T > 0 for table in (texts.meant, texts.around))
    wide_cs = numpy.where(own_cs, 1.0, numpy.where(around_cs, CONTEXT_SHARE, 0.0))
    inner = slice(begin - low, end - low)
    own_cs, part_cs, wide_has = own_cs[:, inner], wide_cs[:, inner], wide_cs > 0
    has = wide_has[:, inner]
    domain_of_statement = meant.sums(numpy.where(texts.narrow_c, weight_c, 0.0))
    people_mc, acts_mc = ours.people.table(len(concepts)), ours.acts.table(len(concepts))
    people_cs, acts_cs = part_cs * texts.people_c[:, None], own_cs * texts.acts_c[:, None]
    people_same, act_same = people_mc @ people_cs > 0, acts_mc @ acts_cs > 0
    people_both, act_both = (numpy.outer(a.any(axis=1), b.any(axis=0)) for a, b in ((people_mc, people_cs), (acts_mc, acts_cs)))

    # ---- the concepts of each measure in each statement, and what the neighbour in the same paragraph adds to them
    own_domain, own_broad = (ours.own_mc @ numpy.where(kind, weight_c, 0.0)[: len(ours.concepts)] for kind in (texts.narrow_c, texts.broad_c))
    parts = _Weighed.of(part_cs)
    (domain, domain_best), (broad, broad_best) = ((ours.told_c.sums(weighed), ours.told_c.most(weighed)) for weighed in (parts.times(weight_c * kind) for kind in (texts.narrow_c, texts.broad_c)))
    beside, follows = numpy.zeros((count, high - low)), texts.follows[low : high - 1]
    beside[:, 1:] = ours.told_c.sums(_Weighed.of(wide_has[:, :-1] & ~wide_has[:, 1:]).times(weight_c)) * follows
    beside[:, :-1] = numpy.maximum(beside[:, :-1], ours.told_c.sums(_Weighed.of(wide_has[:, 1:] & ~wide_has[:, :-1]).times(weight_c)) * follows)
    beside = beside[:, inner]

    # ---- the matter: without set phrases, people and acts, but with the pairs that stand for the same concept in other words
    whole_r = ours.matter_rows_p.sums(_Weighed.of(known_p[:, None]))
    other = ours.proved_by.most(parts) * ~said_ps[ours.proving] * known_p[ours.proving][:, None]
    matter_rs = (ours.matter_rows_p.sums(weighed_ps) + ours.proving_in.sums(_Weighed.of(other))) / _or_one(whole_r)
    of_matter = matter_rs[ours.first_row]
    long = whole_r > _CLAUSE_MATTER
    long[ours.first_row] = True
    matter_clause = numpy.maximum.reduceat(matter_rs * long, ours.first_row, axis=0) if count else matter_rs
    # of the statement: its own words for the concepts of the measure count too
    back = ours.said_p.sums(told.weighed(known_p))
    proofs = [_proved(s, lexicon, ours.concepts) for s in chosen]
    proving = numpy.array([pairs[p] for row in proofs for p in row], dtype=int)
    unsaid = numpy.ones((len(pairs), count), dtype=bool)
    unsaid[: len(ours.pairs)] = ~ours.said_mp.T
    spoken = _Runs([concepts for row in proofs for concepts in row.values()]).most(_Weighed.of(ours.own_mc.T)) * unsaid[proving] * weight_p[proving][:, None]
    back += _Runs([range(at, at + len(row)) for row, at in zip(proofs, accumulate(map(len, proofs), initial=0))]).sums(_Weighed.of(spoken)).T

    kinds = alike(ours.kinds, likeness(texts.kinds[begin:end]))

    shares = ours.own_mc.astype(float) @ has[: len(ours.concepts)] > 0
    reach = (of_measure >= _FEWEST_PAIRS) & ((of_pairs > 0) | shares)
    linked[:] = (domain > 0) | (broad > 0) | reach | (kinds > _ALIKE)
    counted = dict(ours.counted)
    counted_su = _numbered([s.counted for s in chosen], counted).table(len(counted))
    for place, feature in enumerate((
        of_measure,
        of_pairs / _or_one(said.sums(weight_p)),
        clause,
        domain / _or_one(own_domain)[:, None],
        numpy.where(domain_of_statement > 0, domain / _or_one(domain_of_statement), 0.0),
        domain_best / texts.top,
        broad / _or_one(own_broad)[:, None],
        broad_best / texts.top,
        people_same,
        people_both & ~people_same,
        act_same,
        act_both & ~act_same,
        ours.counted_mu @ counted_su[:, : len(ours.counted)].T > 0,
        numpy.minimum(1.0, texts.in_headings)[ours.task_of][:, texts.heading_of[begin:end]],
        of_measure > _COPIED,
        beside / _or_one(own_domain + own_broad)[:, None],
        of_matter,
        back / _or_one(told.sums(weight_p)),
        matter_clause,
        kinds,
        alike(ours.kinds_apart, texts.kinds[begin:end] - texts.kinds_middle),
    )):
        features[:, :, place] = feature
    # Other processors add in other orders; what that changes is rounded away.
    numpy.round(features, 9, out=features)


def kinship(ours: Measures, statements: Sequence[Profile], eligible: Sequence[bool]) -> float:
    """How far two documents are about the same theme, from 0 to 1: the cosine of what they speak of, acts and mechanisms apart."""
    theirs = Counter(c for s, yes in zip(statements, eligible) if yes for c in s.own if ours.lexicon.slot[c] not in ("act", "mechanism"))
    norm = math.sqrt(sum(n * n for n in ours.spoken.values()) * sum(n * n for n in theirs.values()))
    return sum(n * theirs[c] for c, n in ours.spoken.items()) / norm if norm else 0.0


def _proved(statement: Profile, lexicon: Lexicon, known: dict[str, int]) -> dict[str, list[int]]:
    """The pairs of a statement's matter that prove a telling concept, each with the numbers of the known concepts that it proves."""
    matter, found = frozenset(statement.matter), {}
    for concept, pairs in statement.proofs.items():
        if concept in known and lexicon.tells(concept):
            for pair in pairs:
                if pair in matter:
                    found.setdefault(pair, []).append(known[concept])
    return found


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

    def weighed(self, weights: numpy.ndarray) -> "_Weighed":
        """What the first words weigh, as many as there are weights."""
        known = self.columns < len(weights)
        return _Weighed(self.columns[known], self.rows[known], weights[self.columns[known]], self.size)

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


@dataclass(frozen=True)
class _Weighed:
    """What words weigh in texts, without those that weigh nothing: `words[i]` weighs `values[i]` in `texts[i]`, of `count` texts."""

    words: numpy.ndarray
    texts: numpy.ndarray
    values: numpy.ndarray
    count: int

    @classmethod
    def of(cls, table: numpy.ndarray) -> "_Weighed":
        """Of a table (word, text)."""
        words, texts = numpy.nonzero(table)
        return cls(words, texts, table[words, texts], table.shape[1])

    def times(self, weights: numpy.ndarray) -> "_Weighed":
        return replace(self, values=self.values * weights[self.words])


class _Runs:
    """Lists of words by number, as of each word the lists that name it: what the words of each list weigh in each text is added up, or compared."""

    def __init__(self, lists: Sequence[Sequence[int]]):
        self._size = len(lists)
        words = numpy.array(list(chain.from_iterable(lists)), dtype=int)
        by_word = numpy.argsort(words, kind="stable")
        self._lists = numpy.repeat(numpy.arange(len(lists)), [len(one) for one in lists])[by_word]
        self._ends = numpy.concatenate(([0], numpy.cumsum(numpy.bincount(words))))

    def sums(self, weighed: _Weighed) -> numpy.ndarray:
        """(list, text) The sum of what the words of the list weigh; 0 where none has weight."""
        places, values = self._meet(weighed)
        return numpy.bincount(places, values, self._size * weighed.count).reshape(self._size, weighed.count)

    def most(self, weighed: _Weighed) -> numpy.ndarray:
        """The same with the greatest of them."""
        places, values = self._meet(weighed)
        found = numpy.zeros(self._size * weighed.count)
        numpy.maximum.at(found, places, values)
        return found.reshape(self._size, weighed.count)

    def _meet(self, weighed: _Weighed) -> tuple[numpy.ndarray, numpy.ndarray]:
        """Every list with a word that weighs something in a text: as list × texts + text, and what it weighs."""
        known = weighed.words < len(self._ends) - 1
        words, texts, values = weighed.words[known], weighed.texts[known], weighed.values[known]
        begins, lengths = self._ends[words], self._ends[words + 1] - self._ends[words]
        each = numpy.repeat(numpy.arange(len(words)), lengths)
        within = numpy.arange(len(each)) - (numpy.cumsum(lengths) - lengths)[each]
        return self._lists[begins[each] + within] * weighed.count + texts[each], values[each]


def _or_one(weights: numpy.ndarray) -> numpy.ndarray:
    """For divisions: what weighs nothing has nothing in common either."""
    return numpy.where(weights > 0, weights, 1.0)
