"""Exemplars: which kinds of work a sentence is like, learned from example sentences.

A concept's word lists find the wordings that their writer thought of. Its example sentences tell more: which runs of characters speak for this kind of work and which
for its neighbours, a little each. Added up they give a likeness from 0 to 1, so that two sentences that share no listed word can still be of one kind.
The sentences are rules/domains/*/exemplars.tsv, the weights made of them rules/domains/exemplars.npz (`make exemplars`). They serve every theme: no pack need be chosen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy

# Runs of one, two and three characters tell; the characters of a run stand side by side in one number, 21 bits each (no character needs more).
_LONGEST, _BITS = 3, 21
# Likeness is a logistic curve over the sum of weights: its slope, and the sum at which it is one half. Weights are trained for sums of 1 (one of this kind) and -1 (none).
_SLOPE, _HALF = 6.0, -0.5
# A run that weighs in so many kinds stands in a table of its own: products of matrices add it up ten times as fast.
_OFTEN = 100
# The centre of a document with few sentences is drawn towards that of all example sentences, as if it had so many more of those.
_MORE = 10


@dataclass(frozen=True)
class Exemplars:
    """What runs of characters say of kinds of work.

    Attributes:
      kinds: Ids of concepts, or of kinds of work that no concept lists; sorted.
      names: Per kind its Chinese name.
      runs: The runs known, as numbers, rising.
      rarity: Per run, how much it tells because few example sentences have it.
      ends: Per run, where its weights end in the next two; they begin where those of the run before end.
      kind: Per weight the position of its kind.
      weight: Per weight what the run adds to that kind.
      bias: Per kind what it has from the start.
      centre: Per kind the mean of its log-odds over all example sentences.
    """

    kinds: tuple[str, ...]
    names: tuple[str, ...]
    runs: numpy.ndarray
    rarity: numpy.ndarray
    ends: numpy.ndarray
    kind: numpy.ndarray
    weight: numpy.ndarray
    bias: numpy.ndarray
    centre: numpy.ndarray

    def log_odds(self, texts: Sequence[str]) -> numpy.ndarray:
        """(text, kind) The log-odds that a text is of a kind; texts folded, in small letters."""
        rows, known, shares = self.vectors(texts)
        place, table = self._often
        often = place[known] >= 0
        said = numpy.zeros((len(texts), len(table)))
        said[rows[often], place[known[often]]] = shares[often]
        used = said.any(axis=0)
        sums = said[:, used] @ table[used]
        rows, known, shares = rows[~often], known[~often], shares[~often]
        begins = numpy.concatenate(([0], self.ends))[known]
        lengths = self.ends[known] - begins
        each = numpy.repeat(numpy.arange(len(known)), lengths)
        at = begins[each] + numpy.arange(len(each)) - (numpy.cumsum(lengths) - lengths)[each]
        sums += numpy.bincount(rows[each] * len(self.kinds) + self.kind[at], self.weight[at] * shares[each], sums.size).reshape(sums.shape)
        return _SLOPE * (sums + self.bias - _HALF)

    @cached_property
    def _often(self) -> tuple[numpy.ndarray, numpy.ndarray]:
        """Per run its row in the table of runs that weigh in many kinds, -1 elsewhere; that table (run, kind)."""
        lengths = numpy.diff(self.ends, prepend=0)
        often = lengths >= _OFTEN
        place = numpy.where(often, numpy.cumsum(often) - 1, -1)
        row = numpy.repeat(place, lengths)
        table = numpy.zeros((often.sum(), len(self.kinds)))
        table[row[row >= 0], self.kind[row >= 0]] = self.weight[row >= 0]
        return place, table

    def vectors(self, texts: Sequence[str]) -> tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray]:
        """The known runs of texts as (text, position of the run, share), each run once a text; the squares of a text's shares add up to 1."""
        rows, runs = runs_of(texts)
        at = numpy.searchsorted(self.runs, runs)
        known = at < len(self.runs)
        known[known] = self.runs[at[known]] == runs[known]
        rows, at = rows[known], at[known]
        shares = self.rarity[at]
        return rows, at, shares / numpy.sqrt(numpy.bincount(rows, shares * shares, len(texts)))[rows]


def runs_of(texts: Sequence[str]) -> tuple[numpy.ndarray, numpy.ndarray]:
    """(position of the text, run as a number), each run once a text, in this order. Digits and blanks are passed over; no run goes across other signs."""
    codes = numpy.frombuffer("\n".join(text.replace("\n", " ") for text in texts).encode("utf-32-le"), dtype=numpy.uint32).astype(numpy.uint64)
    row = numpy.cumsum(codes == 10)
    passed = (codes == 32) | ((codes >= 48) & (codes <= 57))
    codes, row = codes[~passed], row[~passed]
    letter = ((codes >= 97) & (codes <= 122)) | ((codes >= 0x4E00) & (codes <= 0x9FFF))
    found, whole, number = [], letter, codes << numpy.uint64(_BITS * (_LONGEST - 1))
    for length in range(1, _LONGEST + 1):
        if length > 1:
            whole = whole[:-1] & letter[length - 1 :]
            number = number[:-1] | (codes[length - 1 :] << numpy.uint64(_BITS * (_LONGEST - length)))
        found.append((row[: len(whole)][whole], number[whole]))
    rows, runs = (numpy.concatenate(parts) for parts in zip(*found))
    order = numpy.lexsort((runs, rows))
    rows, runs = rows[order], runs[order]
    first = numpy.ones(len(rows), dtype=bool)
    first[1:] = (rows[1:] != rows[:-1]) | (runs[1:] != runs[:-1])
    return rows[first], runs[first]


def likeness(log_odds: numpy.ndarray) -> numpy.ndarray:
    """From 0 to 1 for any log-odds."""
    return 1 / (1 + numpy.exp(-log_odds))


def alike(ours: numpy.ndarray, theirs: numpy.ndarray) -> numpy.ndarray:
    """(row of ours, row of theirs) The cosine of two tables over kinds; 0 where a row is empty."""
    return _one_long(ours) @ _one_long(theirs).T


def middle(log_odds: numpy.ndarray, centre: numpy.ndarray) -> numpy.ndarray:
    """(kind) What a whole document speaks of: the mean of its texts. Without it, log-odds say what sets each text apart."""
    return (log_odds.sum(axis=0) + _MORE * centre) / (len(log_odds) + _MORE)


def _one_long(table: numpy.ndarray) -> numpy.ndarray:
    length = numpy.sqrt((table * table).sum(axis=1, keepdims=True))
    return table / numpy.where(length > 0, length, 1.0)


@lru_cache(maxsize=2)
def load(file: Path) -> Exemplars:
    """The weights of a rules folder; without kinds where it has none."""
    if not file.is_file():
        nothing, whole = numpy.zeros(0), numpy.zeros(0, dtype=int)
        return Exemplars((), (), numpy.zeros(0, dtype=numpy.uint64), nothing, whole, whole, nothing, nothing, nothing)
    with numpy.load(file) as kept:
        return Exemplars(tuple(kept["kinds"].tolist()), tuple(kept["names"].tolist()), kept["runs"], kept["rarity"].astype(float), kept["ends"].astype(int), kept["kind"].astype(int),
                         kept["weight"] * float(kept["step"]), kept["bias"].astype(float), kept["centre"].astype(float))
