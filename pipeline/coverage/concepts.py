"""Texts as bags of concepts and of character pairs: what two wordings can have in common."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.rulebook.load import Rulebook
from pipeline.rulebook.match import ConceptIndex, folded

_HEADINGS = 5000  # of the documents read last, whose words are remembered
_CLAUSE = re.compile("[，；。：,;]")
_RUN = re.compile(r"[一-龥]+|[a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Profile:
    """One text, ready to be compared.

    Attributes:
      own: Concept id → the words of this very text that prove it.
      context: Concepts that hold only together with its headings or its lead sentence.
      pairs: Its character pairs, each once, in reading order (sums of weights must not depend on the order of a set), folded, over runs of Chinese characters or of letters and digits.
      clause_pairs: The same for each longer clause of a compound sentence; () where it has one.
      heading_pairs: The same of its headings.
      counted: The measure words of its figures ("人次", "家").
      plain: Pairs of words that tell nothing of its matter: set phrases of official writing (coverage.generic), people, acts.
    """

    own: dict[str, tuple[str, ...]]
    context: dict[str, tuple[str, ...]]
    pairs: tuple[str, ...]
    clause_pairs: tuple[tuple[str, ...], ...]
    heading_pairs: tuple[str, ...]
    counted: frozenset[str] = frozenset()
    plain: frozenset[str] = frozenset()

    def proof(self, concept: str) -> dict[str, None]:
        """Character pairs of the words that prove a concept here, in reading order; of concepts that need the headings none."""
        return dict.fromkeys(pair for word in self.own.get(concept, ()) for pair in character_pairs(word))


class Lexicon:
    """The concepts of one domain together with the general ones."""

    def __init__(self, rulebook: Rulebook, domain: str):
        concepts = list(rulebook.concepts.get("general", []))
        if domain != "none":
            concepts += rulebook.concepts[domain]
        self.domain = domain
        self._around: dict[str, frozenset[str]] = {}
        self.index = ConceptIndex(concepts)
        self.slot = {c["id"]: c["slot"] for c in concepts}
        self.name = {c["id"]: c["name"] for c in concepts}
        self._generic = frozenset(pair for word in rulebook.terms("coverage.generic") for pair in character_pairs(word))

    def profile(self, text: str, headings: Sequence[str] = (), topic: str = "", counted: Sequence[str] = ()) -> Profile:
        """`headings` outermost first; only the nearest two can lend a concept to the text."""
        words = self.index.words(text)
        own = self.index.fire(words)
        near = "，".join(headings[-2:]) + "，" + topic
        around = self._around.get(near)
        if around is None:
            if len(self._around) >= _HEADINGS:
                self._around.clear()
            around = self._around[near] = self.index.words(near)
        context = self.index.fire(words | around, own) if around - words else {}
        clauses = [c for c in _CLAUSE.split(text) if len(c) >= 8]
        # what proves people or an act, unless a matter has the same words
        soft, hard = (frozenset(pair for c, words in own.items() if (self.slot[c] in ("people", "act")) is kind for word in words for pair in character_pairs(word))
                      for kind in (True, False))
        return Profile(own, context, character_pairs(text), tuple(character_pairs(c) for c in clauses) if len(clauses) > 1 else (),
                       character_pairs("，".join((*headings, topic))), frozenset(counted), (soft - hard) | self._generic)


def character_pairs(text: str) -> tuple[str, ...]:
    """Neighbouring characters of every run, and whole runs of letters and digits; each once, in reading order."""
    found: dict[str, None] = {}
    for run in _RUN.findall(_folded_runs(text)):
        if run[0] <= "z":
            found[run] = None
        else:
            found.update(dict.fromkeys(run[i : i + 2] for i in range(len(run) - 1)))
    return tuple(found)


def _folded_runs(text: str) -> str:
    """Folded, white space out, other punctuation as a break between runs."""
    return re.sub(r"\s+", "", text).translate(_FOLD).lower()


_FOLD = {0xFF01 + i: chr(0x21 + i) for i in range(94)}


def choose_domain(rulebook: Rulebook, texts: Sequence[str], wanted: str) -> str:
    """The concept pack for an upper document: `auto` takes the one whose official phrases stand in most of its measures, none where that is too few."""
    if wanted != "auto":
        return wanted
    best, best_share = "none", float(rulebook.settings["coverage.domain.share"])
    words = {domain: {word for c in rulebook.concepts[domain] if c["slot"] == "matter" for word in c.get("any", ())} for domain in rulebook.domains}
    lengths = sorted({len(word) for of_domain in words.values() for word in of_domain})
    runs = [{text[i : i + n] for n in lengths for i in range(len(text) - n + 1)} for text in map(folded, texts)]
    for domain in rulebook.domains:
        share = sum(not words[domain].isdisjoint(run) for run in runs) / max(1, len(runs))
        if share > best_share:
            best, best_share = domain, share
    return best
