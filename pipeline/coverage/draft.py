"""A draft of a concept pack out of one upper document: its matters, the groups it serves, the platforms and activities it names.

The draft loads and passes its own examples, so that an office can use it at once; what only people can add, the wordings in which a lower plan would say it,
is marked 待补.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.coverage.concepts import Lexicon
from pipeline.extract.words import Segmenter
from pipeline.model import Extraction, Task
from pipeline.rulebook.load import Rulebook
from pipeline.rulebook.match import folded

_NAMED = re.compile("[“《]([^“”《》]{2,16})[”》]")
_HAN = re.compile("[一-龥]{2,}")
_BREAKS = frozenset("，、；。和与及")
_LONGEST = 8  # characters of a term that a lower plan may be expected to use unchanged
_TERMS = 10  # of one matter
_COMMON = 0.2  # a word in more than this share of the tasks tells none of them apart


@dataclass(frozen=True, slots=True)
class Matter:
    """What one task is about. `example` is a measure that has one of `terms`, `counterexample` one of another task that has none."""

    task: Task
    terms: tuple[str, ...]
    example: str
    counterexample: str


def draft(upper: Extraction, rulebook: Rulebook, name: str) -> str:
    """The text of one rule file for `rules/domains/<name>/`. Tasks that have no word of their own are left out and listed at its head."""
    tasks = [task for task in upper.tasks if task.measures]
    general = Lexicon(rulebook, "none")
    matters = _matters(tasks, general, Segmenter(rulebook))
    title = upper.outline.frame.title or upper.document.source.name
    without = [task.title for task in tasks if task not in [m.task for m in matters]]
    lines = [f"# 由《{title}》起草，{len(matters)} 个事项。用之前请逐条补全：any 里写乡镇可能的各种说法（口语、旧称、简称），一个词太泛的用 all 写成几组并列；",
             "# 例句换成自己写的、乡镇会写的句子。写法见 docs/rules.md；改完运行 luoshi rules lint。"]
    lines += [f"# 待补：没有自己的用词，未起草：{text}" for text in without]
    lines += [f"about: {_quoted('待补：' + title + '的事项')}", "concepts:"]
    for matter in matters:
        lines += [f"  - id: {name}.draft.task_{matter.task.id.replace('.', '_')}",
                  f"    name: {_quoted(matter.task.title)}",
                  "    slot: matter",
                  f"    any: [{', '.join(map(_quoted, matter.terms))}]  # 待补：乡镇会怎样说",
                  f"    # 待补：all: [[[谁或在哪里, …], [做什么, …]]]；服务对象（通用概念已认得）：{_people(matter.task, general) or '未写明'}",
                  f"    source: {_quoted(title)}",
                  f"    examples: [{_quoted(matter.example)}]",
                  f"    counterexamples: [{{text: {_quoted(matter.counterexample)}, why: 待补：为什么不是这件事}}]"]
    return "\n".join(lines) + "\n"


def _matters(tasks: Sequence[Task], general: Lexicon, segmenter: Segmenter) -> list[Matter]:
    texts = {task.id: [task.title, *(m.text for m in task.measures)] for task in tasks}
    words = {text: [word for _, _, word in segmenter.cut(text)] for mine in texts.values() for text in mine}
    acts = _openers(words.values()) | {w for cut in words.values() for w in cut if any(general.slot[id_] == "act" for id_ in general.index.find(w))}
    terms_of = {id_: [_candidates(text, words[text], acts) for text in mine] for id_, mine in texts.items()}
    seen = Counter(term for mine in terms_of.values() for term in {t for found in mine for t in found})
    limit = max(1, int(len(tasks) * _COMMON))
    found = []
    for at, task in enumerate(tasks):
        counts = Counter(term for found_in in terms_of[task.id] for term in found_in)
        titled = set(terms_of[task.id][0])
        named = {name for text in texts[task.id] for name in _NAMED.findall(text)}
        own = [t for t in counts if seen[t] <= (limit if len(t) > 2 else 1) and (t in titled or t in named or counts[t] > 1)]
        own.sort(key=lambda t: (t not in titled, t not in named, -counts[t], seen[t], -len(t), t))
        terms = tuple(own[:_TERMS])
        example = next((m.text for m in task.measures if _has(m.text, terms)), None)
        near = sorted((abs(k - at), k) for k in range(len(tasks)) if k != at)  # the neighbour is what it is most easily taken for
        other = next((m.text for _, k in near for m in tasks[k].measures if not _has(m.text, terms)), None)
        if example and other:
            found.append(Matter(task, terms, example, other))
    return found


def _has(text: str, terms: Sequence[str]) -> bool:
    return any(folded(term) in folded(text) for term in terms)


def _openers(cuts: Iterable[list[str]]) -> set[str]:
    """Words that open a title, a sentence or a clause more than once: in official writing these are the verbs."""
    counts: Counter[str] = Counter()
    for cut in cuts:
        counts.update(word for before, word in zip(["，", *cut], cut) if before in _BREAKS and _HAN.fullmatch(word))
    return {word for word, n in counts.items() if n > 1}


def _candidates(text: str, words: list[str], acts: set[str]) -> list[str]:
    """What can name a matter: names in quotes, words, and two words in a row; a verb is no name and no part of one."""
    nouns = [word if _HAN.fullmatch(word) and word not in acts else "" for word in words]
    pairs = [a + b for a, b in zip(nouns, nouns[1:]) if a and b and len(a + b) <= _LONGEST]
    return _NAMED.findall(text) + [noun for noun in nouns if noun] + pairs


def _people(task: Task, general: Lexicon) -> str:
    fired = general.index.find("".join(m.text for m in task.measures))
    return "、".join(general.name[id_] for id_ in fired if general.slot[id_] == "people")


def _quoted(text: str) -> str:
    """A YAML string on one line: JSON's double quotes are YAML's."""
    return json.dumps(text, ensure_ascii=False)
