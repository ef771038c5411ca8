"""How rules meet text: words through one automaton, patterns behind their trigger words, concepts as AND of ORs."""

from __future__ import annotations

import pickle
import re
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate, chain
from typing import NamedTuple

from pipeline.text import fold

try:
    import ahocorasick
except ImportError:  # the plain fallback finds the same, slower
    ahocorasick = None


def alternation(words: Iterable[str]) -> str:
    """A regex for any of the words, longest first."""
    return "(?:" + "|".join(re.escape(w) for w in sorted(set(words), key=lambda w: (-len(w), w))) + ")"


_MACRO = re.compile(r"\$([a-z_]+)")


def expand(rule: dict, macros: dict[str, str]) -> list[str]:
    """Put `$macro`s into `rule["pattern"]`, in place. Returns what is wrong with the rule, in Chinese."""
    if rule["kind"] == "terms":
        return [] if rule.get("terms") and not rule.get("pattern") else ["terms 规则须有 terms 且不得有 pattern"]
    if not rule.get("pattern") or rule.get("terms"):
        return ["regex 规则须有 pattern 且不得有 terms"]
    pattern = rule["pattern"]
    for _ in range(4):  # macros may use macros
        unknown = [m for m in _MACRO.findall(pattern) if m not in macros]
        if unknown:
            return [f"未知的宏 ${unknown[0]}；可用：{'、'.join(sorted(macros))}"]
        pattern = _MACRO.sub(lambda m: macros[m.group(1)], pattern)
    endless = _MACRO.search(pattern)
    if endless:
        return [f"宏 {endless.group()} 展开四层后仍未到底：不得互相引用"]
    try:
        re.compile(pattern)
    except re.error as error:
        return [f"正则表达式有误：{error}"]
    rule["pattern"] = pattern
    return []


def find(rule: dict, text: str) -> Iterator[tuple[int, int, dict[str, str]]]:
    """Matches of one rule in a text, left to right, not overlapping: start, end, named groups that took part and `set` values."""
    if rule["kind"] == "terms":
        pattern = re.compile(alternation(rule["terms"]))
    else:
        pattern = re.compile(rule["pattern"])
    for m in pattern.finditer(text):
        yield m.start(), m.end(), {**rule.get("set", {}), **{k: v for k, v in m.groupdict().items() if v is not None}}


def self_test(rule: dict) -> list[str]:
    """Does a rule do what its examples say? Returns the broken ones, in Chinese."""
    problems = []
    for example in rule["examples"]:
        text, expect = (example, None) if isinstance(example, str) else (example["text"], example.get("expect"))
        got = [values for _, _, values in find(rule, text)]
        if expect is None:
            if not got:
                problems.append(f"例句未匹配：{text}")
        elif len(got) != len(expect) or any(any(g.get(k) != v for k, v in e.items()) for g, e in zip(got, expect)):
            problems.append(f"例句结果不符：{text}；应为{expect}，实为{got}")
    for example in rule["counterexamples"]:
        if any(True for _ in find(rule, example["text"])):
            problems.append(f"反例被匹配：{example['text']}（{example['why']}）")
    return problems


def self_test_concept(concept: dict) -> list[str]:
    index = ConceptIndex([{k: v for k, v in fold_concept(concept).items() if k != "implies"}])
    problems = [f"例句未触发：{text}" for text in concept["examples"] if concept["id"] not in index.find(text)]
    problems += [f"反例被触发：{c['text']}（{c['why']}）" for c in concept["counterexamples"] if concept["id"] in index.find(c["text"])]
    return problems


class Words:
    """A set of words, found in a text in one pass: with pyahocorasick at the speed of one scan, without it one after the other.

    A word's number is its place in order of length and then of characters.
    """

    def __init__(self, words: Iterable[str]):
        self._words = sorted({w for w in words if w}, key=lambda w: (len(w), w))
        if ahocorasick is not None:
            self._automaton = ahocorasick.Automaton(ahocorasick.STORE_INTS)
            for number, word in enumerate(self._words):
                self._automaton.add_word(word, number)
            self._automaton.make_automaton()

    def frozen(self) -> tuple:
        """All of it as plain values, see `thawed`."""
        return "\n".join(self._words), pickle.dumps(self._automaton, pickle.HIGHEST_PROTOCOL) if ahocorasick is not None else None

    @classmethod
    def thawed(cls, frozen: tuple) -> "Words":
        """What `frozen` gave, a tenth of the time that it takes to make it anew."""
        joined, automaton = frozen
        words = joined.split("\n") if joined else []
        if ahocorasick is None or automaton is None:
            return cls(words)
        made = cls.__new__(cls)
        made._words, made._automaton = words, pickle.loads(automaton)
        return made

    def __len__(self) -> int:
        return len(self._words)

    def __getitem__(self, number: int) -> str:
        return self._words[number]

    def find(self, text: str) -> list[tuple[int, int, str]]:
        """All occurrences, overlapping ones too: (start, end, word), by end and then by start."""
        if not self._words:
            return []
        if ahocorasick is not None:
            found = ((end + 1, self._words[number]) for end, number in self._automaton.iter(text))
            return sorted(((end - len(word), end, word) for end, word in found), key=lambda hit: (hit[1], hit[0]))
        hits = []
        for word in self._words:
            at = text.find(word)
            while at >= 0:
                hits.append((at, at + len(word), word))
                at = text.find(word, at + 1)
        return sorted(hits, key=lambda hit: (hit[1], hit[0]))

    def among(self, text: str) -> frozenset[str]:
        """The words that occur in a text."""
        return frozenset(map(self._words.__getitem__, self.numbers(text)))

    def numbers(self, text: str) -> frozenset[int]:
        """The same as numbers."""
        if self._words and ahocorasick is not None:
            return frozenset([number for _, number in self._automaton.iter(text)])
        return frozenset([number for number, word in enumerate(self._words) if word in text])

    def longest(self, text: str) -> list[tuple[int, int, str]]:
        """Occurrences that do not overlap, the leftmost and then the longest first."""
        taken, found = 0, []
        for start, end, word in sorted(self.find(text), key=lambda hit: (hit[0], -hit[1])):
            if start >= taken:
                found.append((start, end, word))
                taken = end
        return found


# Concept, whether the part denies it, its groups of words by number, and those of them that are not the rarest one.
_Part = tuple[str, bool, range, tuple[int, ...]]


class Reading(NamedTuple):
    """What the words of a text make fire, and what more words might.

    Attributes:
      fired: Concept id → the words that prove it, in order of id.
      waiting: Parts that lack a word, each with the first group that has none.
    """

    words: frozenset[int]
    fired: dict[str, tuple[str, ...]]
    opened: set[int]
    waiting: list[tuple[int, frozenset[int]]]
    denied: set[str]


class ConceptIndex:
    """Many concepts, found in a text in one pass.

    A concept fires when one of `any`, or every group of one combination of `all`, has a word in the text, and none of `not` has.

    Args:
      concepts: Dicts of schema.Concept whose words are folded (`fold_concept`).
    """

    def __init__(self, concepts: list[dict]):
        self.slot = {c["id"]: c.get("slot", "") for c in concepts}
        self.name = {c["id"]: c.get("name", "") for c in concepts}
        self._implies = {c["id"]: tuple(c["implies"]) for c in concepts if c.get("implies")}
        parts = [(c["id"], key == "not", combination) for c in concepts for key in ("any", "not", "all")
                 for combination in (c.get(key) or () if key == "all" else [[c[key]]] if c.get(key) else ())]
        common = Counter(chain.from_iterable(group for _, _, groups in parts for group in groups))
        self._words = Words(common)
        number_of = {self._words[number]: number for number in range(len(self._words))}
        # A part is looked at only where its rarest group (the longer a word, the rarer) has a word in the text. Of each: concept, whether it denies that, where its groups begin and end, the rarest one.
        self._parts: list[tuple[str, bool, int, int, int]] = []
        lists: list[list[int]] = []
        opens: list[list[int]] = [[] for _ in number_of]
        for number, (concept, denies, groups) in enumerate(parts):
            begin = len(lists)
            lists += [sorted(map(number_of.__getitem__, set(group))) for group in groups]
            rarest = begin + min(range(len(groups)), key=lambda g: sum(common[w] * 0.25 ** len(w) for w in groups[g]))
            self._parts.append((concept, denies, begin, len(lists), rarest))
            for word in lists[rarest]:
                opens[word].append(number)
        self._opened, self._groups = _Lists.of(opens), _Lists.of(lists)
        self._begin()

    def _begin(self) -> None:
        """Parts and groups are made of the lists above when they are first asked for: most never are."""
        self._made: list[_Part | None] = [None] * len(self._parts)
        self._sets: list[frozenset[int] | None] = [None] * len(self._groups)

    def frozen(self) -> dict:
        """All of it as plain values, see `thawed`."""
        return {"slot": self.slot, "name": self.name, "implies": self._implies, "parts": self._parts, "opened": self._opened.frozen(), "groups": self._groups.frozen(),
                "words": self._words.frozen()}

    @classmethod
    def thawed(cls, frozen: dict) -> "ConceptIndex":
        """What `frozen` gave, in a fraction of the time that it takes to make it anew."""
        made = cls.__new__(cls)
        made.slot, made.name, made._implies, made._parts = (frozen[name] for name in ("slot", "name", "implies", "parts"))
        made._opened, made._groups, made._words = _Lists.thawed(frozen["opened"]), _Lists.thawed(frozen["groups"]), Words.thawed(frozen["words"])
        made._begin()
        return made

    def _part(self, number: int) -> _Part:
        concept, denies, begin, end, rarest = self._parts[number]
        part = self._made[number] = concept, denies, range(begin, end), (*range(begin, rarest), *range(rarest + 1, end))
        return part

    def _group(self, number: int) -> frozenset[int]:
        group = self._sets[number] = frozenset(self._groups[number])
        return group

    def words(self, text: str) -> frozenset[int]:
        """The words of any concept that stand in a text, as numbers."""
        return self._words.numbers(folded(text))

    def find(self, text: str) -> dict[str, tuple[str, ...]]:
        """Concept id → the words that prove it, in order of id. Implied concepts have the words of the one that implies them."""
        return self.read(self.words(text)).fired

    def read(self, words: frozenset[int]) -> Reading:
        """As `find`, for the words of one text or of several that are read together."""
        opened = set(chain.from_iterable(map(self._opened.__getitem__, words)))
        proof, denied, waiting = self._tried(opened, words, {})
        return Reading(words, self._fired(proof, denied, words, {}), opened, waiting, denied)

    def lent(self, reading: Reading, around: frozenset[int]) -> dict[str, tuple[str, ...]]:
        """What fires when more words are read together with a text, and does not without them. Only parts that one of these words completes are looked at."""
        more = around - reading.words
        if not more:
            return {}
        together = reading.words | more
        opened = set(chain.from_iterable(map(self._opened.__getitem__, more))) - reading.opened
        opened.update([number for number, group in reading.waiting if not group.isdisjoint(more)])
        proof, denied, _ = self._tried(opened, together, reading.fired)
        return self._fired(proof, denied | reading.denied, together, reading.fired)

    def _tried(self, opened: set[int], words: frozenset[int], known: Mapping[str, object]) -> tuple[dict[str, range], set[str], list[tuple[int, frozenset[int]]]]:
        """Of some parts those that hold: concept → the groups of the first that proves it, and the concepts denied; and those that do not, see Reading."""
        proof: dict[str, range] = {}
        denied, waiting = set(), []
        made, sets = self._made, self._sets
        for number in sorted(opened):
            concept, denies, groups, others = made[number] or self._part(number)
            if concept in known or (concept in proof and not denies):
                continue
            for other in others:
                group = sets[other] or self._group(other)
                if group.isdisjoint(words):
                    waiting.append((number, group))
                    break
            else:
                if denies:
                    denied.add(concept)
                else:
                    proof[concept] = groups
        return proof, denied, waiting

    def _fired(self, proof: dict[str, range], denied: set[str], words: frozenset[int], known: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
        # of each group the longest word, of equal ones the last: they are numbered in that order
        fired = {concept: tuple([self._words[max((self._sets[group] or self._group(group)) & words)] for group in groups])
                 for concept, groups in proof.items() if concept not in denied}
        queue = [concept for concept in fired if concept in self._implies]
        while queue:
            concept = queue.pop()
            for implied in self._implies.get(concept, ()):
                if implied not in fired and implied not in known:
                    fired[implied] = fired[concept]
                    queue.append(implied)
        return dict(sorted(fired.items()))


class _Lists:
    """Lists of numbers, laid out as one: to be read from a file at once and taken apart where they are asked for."""

    def __init__(self, numbers: array, ends: array):
        self._numbers, self._ends = numbers, ends

    @classmethod
    def of(cls, lists: list[list[int]]) -> "_Lists":
        return cls(array("i", chain.from_iterable(lists)), array("i", accumulate(map(len, lists), initial=0)))

    def frozen(self) -> tuple[bytes, bytes]:
        return self._numbers.tobytes(), self._ends.tobytes()

    @classmethod
    def thawed(cls, frozen: tuple[bytes, bytes]) -> "_Lists":
        return cls(array("i", frozen[0]), array("i", frozen[1]))

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, place: int) -> array:
        return self._numbers[self._ends[place] : self._ends[place + 1]]


def folded(text: str) -> str:
    """As concepts compare texts: folded, without spaces."""
    return fold(text).replace(" ", "")


def fold_concept(concept: dict) -> dict:
    """A concept with all its words folded."""
    return {**concept, **{key: [folded(w) for w in concept[key]] for key in ("any", "not") if concept.get(key)},
            **({"all": [[[folded(w) for w in group] for group in combination] for combination in concept["all"]]} if concept.get("all") else {})}
