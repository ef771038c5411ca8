"""Texts as bags of concepts and of character pairs: what two wordings can have in common."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import add
from typing import NamedTuple

from pipeline.coverage import exemplars
from pipeline.rulebook.load import EXEMPLARS, Rulebook
from pipeline.rulebook.match import folded
from pipeline.text import fold, narrow

_HEADINGS = 5000  # of the documents read last, whose words are remembered
_PROOFS = 20000  # combinations of words that proved a concept, whose pairs are remembered
_ORDER = {slot: place for place, slot in enumerate(("matter", "means", "mechanism", "venue", "doer", "act"))}
_CLAUSE = re.compile("[，；。：,;]")
_RUN = re.compile(r"[一-龥]+|[a-z0-9]+")
_WIDE = re.compile("[０-９Ａ-Ｚａ-ｚ]")


class Said(NamedTuple):
    """A text with its headings, the outermost first, of which the nearest two can lend it a concept; its lead sentence; the measure words of its figures."""

    text: str
    headings: tuple[str, ...] = ()
    topic: str = ""
    counted: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """One text, ready to be compared.

    Attributes:
      text: The text itself, folded, in small letters.
      own: Concept id → the words of this very text that prove it.
      context: Concepts that hold only together with its headings or its lead sentence.
      pairs: Its character pairs, each once, in reading order (sums of weights must not depend on the order of a set), folded, over runs of Chinese characters or of letters and digits.
      clause_pairs: The same for each longer clause of a compound sentence; () where it has one.
      heading_pairs: The same of its headings.
      proofs: Own concept → the character pairs of the words that prove it, each once, in reading order.
      counted: The measure words of its figures ("人次", "家").
      matter: Its pairs that tell what it is about: without those of set phrases of official writing (coverage.generic), of people and of acts.
    """

    text: str
    own: dict[str, tuple[str, ...]]
    context: dict[str, tuple[str, ...]]
    pairs: tuple[str, ...]
    clause_pairs: tuple[tuple[str, ...], ...]
    heading_pairs: tuple[str, ...]
    proofs: dict[str, tuple[str, ...]]
    counted: frozenset[str] = frozenset()
    matter: tuple[str, ...] = ()


class Lexicon:
    """The concepts of one domain together with the general ones."""

    def __init__(self, rulebook: Rulebook, domain: str):
        self.domain = domain
        self._around: dict[tuple[str, ...], tuple[frozenset[int], tuple[str, ...]]] = {}
        self._pairs: dict[tuple[str, ...], tuple[str, ...]] = {}  # of proving words
        self.index = rulebook.index(domain)
        self.slot, self.name = self.index.slot, self.index.name
        self.exemplars = exemplars.load(rulebook.folder / EXEMPLARS)
        # Of the concepts that are not people their places in a message: the telling slots first, the domain's own before general ones.
        ranked = sorted([(_ORDER.get(slot, 9), self.is_general(c), c) for c, slot in self.slot.items() if slot != "people"])
        self.rank = {c: place for place, (*_, c) in enumerate(ranked)}
        self._generic = frozenset(pair for word in rulebook.terms("coverage.generic") for pair in character_pairs(word))

    def tells(self, concept: str) -> bool:
        """Does a concept say what a text is about? People and acts alone do not."""
        return self.slot[concept] not in ("people", "act")

    @staticmethod
    def is_general(concept: str) -> bool:
        """Is it one that every domain shares?"""
        return concept.startswith("general.")

    def of_slot(self, slot: str, concepts: Iterable[str]) -> list[str]:
        return [c for c in concepts if self.slot[c] == slot]

    def profiles(self, texts: Sequence[Said], clauses: bool = False) -> list[Profile]:
        """`clauses`: whether a compound sentence is also taken clause by clause."""
        around = [self._headings((*said.headings, said.topic)) for said in texts]
        read = self.index.read([self.index.words(said.text) for said in texts], [words for words, _ in around])
        return [self._profile(said, own, context, heading_pairs, clauses) for said, (own, context), (_, heading_pairs) in zip(texts, read, around)]

    def _profile(self, said: Said, own: dict[str, tuple[str, ...]], context: dict[str, tuple[str, ...]], heading_pairs: tuple[str, ...], clauses: bool) -> Profile:
        parts = [c for c in _CLAUSE.split(said.text) if len(c) >= 8] if clauses else ()
        proofs = {concept: self._pairs.get(words) or self._proof(words) for concept, words in own.items()}
        # what proves people or an act, unless a matter has the same words
        soft, hard = set(), set()
        for concept, found in proofs.items():
            (hard if self.tells(concept) else soft).update(found)
        pairs = character_pairs(said.text)
        matter = tuple([pair for pair in pairs if pair not in self._generic and (pair not in soft or pair in hard)])
        return Profile(fold(said.text).lower(), own, context, pairs, tuple(map(character_pairs, parts)) if len(parts) > 1 else (), heading_pairs, proofs, frozenset(said.counted), matter)

    def _headings(self, above: tuple[str, ...]) -> tuple[frozenset[int], tuple[str, ...]]:
        """Of the headings and the lead sentence over a text: the words that can lend it a concept, and their character pairs."""
        found = self._around.get(above)
        if found is None:
            if len(self._around) >= _HEADINGS:
                self._around.clear()
            found = self._around[above] = self.index.words("，".join(above[-3:-1]) + "，" + above[-1]), character_pairs("，".join(above))
        return found

    def _proof(self, words: tuple[str, ...]) -> tuple[str, ...]:
        """The character pairs of proving words, remembered."""
        if len(self._pairs) >= _PROOFS:
            self._pairs.clear()
        found = self._pairs[words] = character_pairs("，".join(words))
        return found


def character_pairs(text: str) -> tuple[str, ...]:
    """Neighbouring characters of every run, and whole runs of letters and digits; each once, in reading order."""
    found: dict[str, None] = {}
    for run in _RUN.findall(_folded_runs(text)):
        if run[0] <= "z":
            found[run] = None
        else:
            found.update(dict.fromkeys(map(add, run, run[1:])))
    return tuple(found)


def _folded_runs(text: str) -> str:
    """White space out, letters and digits folded: what else there is breaks runs, folded or not."""
    joined = "".join(text.split())
    return (narrow(joined) if _WIDE.search(joined) else joined).lower()


def choose_domain(rulebook: Rulebook, texts: Sequence[str], wanted: str) -> str:
    """The concept pack for an upper document: `auto` takes the one whose official phrases stand in most of its measures, none where that is too few."""
    if wanted != "auto":
        return wanted
    best, best_share = "none", float(rulebook.settings["coverage.domain.share"])
    every, phrases = rulebook.phrases
    found = [every.among(folded(text)) for text in texts]
    for domain, words in phrases.items():
        share = sum(not words.isdisjoint(here) for here in found) / max(1, len(found))
        if share > best_share:
            best, best_share = domain, share
    return best
