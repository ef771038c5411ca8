"""How rules meet text: words through one automaton, patterns behind their trigger words, concepts as AND of ORs."""

from __future__ import annotations

import pickle
import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, chain

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
    texts = [index.words(text) for text in (*concept["examples"], *[c["text"] for c in concept["counterexamples"]])]
    fired = iter([bool(own) for own, _ in index.read(texts, [frozenset()] * len(texts))])
    problems = [f"例句未触发：{text}" for text in concept["examples"] if not next(fired)]
    return problems + [f"反例被触发：{c['text']}（{c['why']}）" for c in concept["counterexamples"] if next(fired)]


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


_Fired = dict[str, tuple[str, ...]]
_TOGETHER = 24  # texts that are read at once: tables of more than a few megabytes cost more than they save


class ConceptIndex:
    """Many concepts, found in many texts in one pass.

    A concept fires when one of `any`, or every group of one combination of `all`, has a word in the text, and none of `not` has. Each of these is a part:
    one group or several, all of which must have a word. Texts are compared with all groups as tables, text by group.

    Args:
      concepts: Dicts of schema.Concept whose words are folded (`fold_concept`).
    """

    def __init__(self, concepts: list[dict]):
        self.slot = {c["id"]: c.get("slot", "") for c in concepts}
        self.name = {c["id"]: c.get("name", "") for c in concepts}
        self._ids = [c["id"] for c in concepts]
        self._implies = {c["id"]: tuple(c["implies"]) for c in concepts if c.get("implies")}
        parts = [(number, key == "not", combination) for number, c in enumerate(concepts) for key in ("any", "not", "all")
                 for combination in (c.get(key) or () if key == "all" else [[c[key]]] if c.get(key) else ())]
        self._words = Words(chain.from_iterable(group for _, _, groups in parts for group in groups))
        number_of = {self._words[number]: number for number in range(len(self._words))}
        groups_of: list[list[int]] = [[] for _ in number_of]
        # Parts of one size stand side by side, their first groups too, then their second ones, …: whether all of a part's groups have a word is a product of whole blocks.
        self._blocks: list[tuple[int, int, int, bytes, bytes]] = []  # groups a part, the first group, parts; of each part its place as written, its concept × 2 + whether it denies it
        width = 0
        for size in sorted({len(groups) for _, _, groups in parts}):
            alike = [(place, part) for place, part in enumerate(parts) if len(part[2]) == size]
            for n, (_, (_, _, groups)) in enumerate(alike):
                for k, group in enumerate(groups):
                    for word in set(group):
                        groups_of[number_of[word]].append(width + k * len(alike) + n)
            self._blocks.append((size, width, len(alike), array("i", [place for place, _ in alike]).tobytes(), array("i", [2 * concept + denies for _, (concept, denies, _) in alike]).tobytes()))
            width += size * len(alike)
        self._width = width
        self._groups = array("i", chain.from_iterable(groups_of)).tobytes()  # by the first word, by the second, …
        self._ends = array("i", accumulate(map(len, groups_of), initial=0)).tobytes()

    def frozen(self) -> dict:
        """All of it as plain values, see `thawed`."""
        return {**vars(self), "_words": self._words.frozen()}

    @classmethod
    def thawed(cls, frozen: dict) -> "ConceptIndex":
        """What `frozen` gave, in a fraction of the time that it takes to make it anew."""
        made = cls.__new__(cls)
        vars(made).update(frozen, _words=Words.thawed(frozen["_words"]))
        return made

    def words(self, text: str) -> frozenset[int]:
        """The words of any concept that stand in a text, as numbers."""
        return self._words.numbers(folded(text))

    def find(self, text: str) -> _Fired:
        """Concept id → the words that prove it, in order of id. Implied concepts have the words of the one that implies them."""
        ((fired, _),) = self.read([self.words(text)], [frozenset()])
        return fired

    def read(self, texts: Sequence[frozenset[int]], around: Sequence[frozenset[int]]) -> list[tuple[_Fired, _Fired]]:
        """Per text what its words make fire, as `find`, and what fires only when the words around it are read together with them."""
        found: list[tuple[_Fired, _Fired]] = []
        for begin in range(0, len(texts), _TOGETHER):
            found += self._read(texts[begin : begin + _TOGETHER], around[begin : begin + _TOGETHER])
        return found

    def _read(self, texts: Sequence[frozenset[int]], around: Sequence[frozenset[int]]) -> Iterator[tuple[_Fired, _Fired]]:
        import numpy

        near = {words: place for place, words in enumerate(dict.fromkeys(around))}
        own = self._table(texts)
        both = numpy.maximum(own, self._table(list(near))[[near[words] for words in around]])
        alone = [self._holds(own, block) for block in self._blocks]
        lent = [self._holds(both, block) & ~held for block, held in zip(self._blocks, alone)]
        for mine, more in zip(self._parts(own, alone), self._parts(both, lent)):
            proof, denied = self._proved(mine)
            fired = self._implied({concept: words for concept, words in proof.items() if concept not in denied}, {})
            added, refused = self._proved(more)
            yield fired, self._implied({concept: words for concept, words in added.items() if not (concept in fired or concept in denied or concept in refused)}, fired)

    def _table(self, texts: Sequence[frozenset[int]]):
        """(text, group) The longest word of the group in the text, of equal ones the last (they are numbered in that order); -1 where it has none."""
        import numpy

        groups, ends = numpy.frombuffer(self._groups, dtype=numpy.int32), numpy.frombuffer(self._ends, dtype=numpy.int32)
        words = numpy.array([word for text in texts for word in sorted(text)], dtype=numpy.int32)
        rows = numpy.repeat(numpy.arange(len(texts), dtype=numpy.int32) * self._width, [len(text) for text in texts])
        begins = ends[words]
        lengths = ends[words + 1] - begins
        places = numpy.repeat(begins - numpy.cumsum(lengths) + lengths, lengths) + numpy.arange(lengths.sum())
        table = numpy.full(len(texts) * self._width, -1, dtype=numpy.int32)
        table[numpy.repeat(rows, lengths) + groups[places]] = numpy.repeat(words, lengths)  # the last word stays
        return table.reshape(len(texts), self._width)

    @staticmethod
    def _holds(table, block: tuple):
        """(text, part) Whether each group of the parts of a block has a word in the text."""
        size, begin, count = block[:3]
        held = table[:, begin : begin + count] >= 0
        for k in range(1, size):
            held &= table[:, begin + k * count : begin + (k + 1) * count] >= 0
        return held

    def _parts(self, table, held: list) -> list[list[tuple[int, int, list[int]]]]:
        """Per text the parts that hold: place as written, concept × 2 + whether it is denied, the longest word of each group."""
        import numpy

        found: list[list[tuple[int, int, list[int]]]] = [[] for _ in table]
        for (size, begin, count, places, concepts), holds in zip(self._blocks, held):
            texts, parts = numpy.nonzero(holds)
            proofs = table[texts[:, None], begin + parts[:, None] + count * numpy.arange(size)].tolist()
            of_parts = [numpy.frombuffer(numbers, dtype=numpy.int32)[parts].tolist() for numbers in (places, concepts)]
            for text, place, concept, words in zip(texts.tolist(), *of_parts, proofs):
                found[text].append((place, concept, words))
        return found

    def _proved(self, parts: list[tuple[int, int, list[int]]]) -> tuple[_Fired, set[str]]:
        """The concepts that parts prove, each by the first as written, and those that they deny."""
        proof: _Fired = {}
        denied = set()
        for _, concept, words in sorted(parts):
            id_ = self._ids[concept >> 1]
            if concept & 1:
                denied.add(id_)
            elif id_ not in proof:
                proof[id_] = tuple(map(self._words.__getitem__, words))
        return proof, denied

    def _implied(self, fired: _Fired, known: _Fired) -> _Fired:
        """With what these imply and is not known, in order of id."""
        queue = [concept for concept in fired if concept in self._implies]
        while queue:
            concept = queue.pop()
            for implied in self._implies.get(concept, ()):
                if implied not in fired and implied not in known:
                    fired[implied] = fired[concept]
                    queue.append(implied)
        return dict(sorted(fired.items()))


def folded(text: str) -> str:
    """As concepts compare texts: folded, without spaces."""
    return fold(text).replace(" ", "")


def fold_concept(concept: dict) -> dict:
    """A concept with all its words folded."""
    return {**concept, **{key: [folded(w) for w in concept[key]] for key in ("any", "not") if concept.get(key)},
            **({"all": [[[folded(w) for w in group] for group in combination] for combination in concept["all"]]} if concept.get("all") else {})}
