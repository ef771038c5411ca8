"""Words with their places: jieba with the registries and the concept packs as its user dictionary, numbers read before it.

jieba is the reference. rjieba cuts the same many times faster and stands in for it where an installed version is listed in `EQUAL_VERSIONS`.
"""

from __future__ import annotations

import importlib.metadata
import logging
import os
import re
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

from pipeline import numerals
from pipeline.rulebook.load import Rulebook
from pipeline.text import narrow

# Versions of rjieba that cut as jieba 0.42.1 does; tests/test_extract_words.py compares them, a version that it has not seen is not used.
EQUAL_VERSIONS = ("0.2.2",)

_LINE = re.compile(r"[^\r\n]+|\r\n|[\r\n]")
# What is handed to jieba: Chinese characters as it knows them, and letters. Signs inside (R-Nf, a_b) are cut here: the two engines differ on them.
_RUN = re.compile("[\u4e00-\u9fd5A-Za-z]+")
_TERM = re.compile("[\u4e00-\u9fa5]{2,8}")
# Digits with the letters at them (5G, PM2.5), what holds them together (1,200 · 2.5 · 2021—2025 · 10%-15% · 3.1.1 · 12·4 · 1/3), a scale (6.8万).
_ARABIC = re.compile(r"(?<![A-Za-z\d])(?=[A-Za-z]*\d)[A-Za-z\d]+(?:,\d{3}(?!\d)|[.·:/~%‰—–-]{1,3}\d[A-Za-z\d]*)*[%‰]?(?:(?<=\d)[十百千]?[万亿]+)?")
_HANZI = re.compile("[〇○零一二两三四五六七八九十百千万亿]*[十百千万亿][〇○零一二两三四五六七八九十百千万亿]*|[〇○零一二三四五六七八九]{4,}")


class Segmenter:
    """Cuts texts into words; built once, used for any number of texts.

    Attributes:
      engine: "jieba" or "rjieba", whichever is at work.
    """

    def __init__(self, rulebook: Rulebook, engine: str | None = None):
        """`engine` None takes rjieba where it is proven equal, else jieba."""
        self.engine = engine or ("rjieba" if _version("rjieba") in EQUAL_VERSIONS else "jieba")
        self._cut = {"jieba": jieba_cut, "rjieba": _rjieba}[self.engine](user_words(rulebook))
        self._amounts = (rulebook.pattern("quantities.amount"), rulebook.pattern("quantities.hundredths"))

    def cut(self, text: str) -> list[tuple[int, int, str]]:
        """All words, white space and punctuation too: half-open offsets and the word as written; put together they are the text.

        Full-width letters and digits are read as their half-width twins. A number is one word with its range and its unit (3—5个, 2.5亿元).
        No word spans lines.
        """
        words: list[tuple[int, int]] = []
        folded = narrow(text)
        for line in _LINE.finditer(folded):
            at = line.start()
            for start, end in self.numbers(line.group()):
                words += self._between(folded, at, line.start() + start)
                at = line.start() + end
                words.append((line.start() + start, at))
            words += self._between(folded, at, line.end())
        return [(start, end, text[start:end]) for start, end in words]

    def numbers(self, line: str) -> list[tuple[int, int]]:
        """Half-open spans of the numbers in one narrow line, sorted; readings that overlap make one span.

        A numeral of one or two Chinese characters is left to jieba, which knows 一个 and 二十大, unless a measure word makes it a quantity (十二个).
        """
        spans = [m.span() for m in _ARABIC.finditer(line)]
        for pattern in self._amounts:
            spans += [m.span() for m in pattern.finditer(line) if m["value"] or len(m["hanzi"]) > 1]
        spans += [m.span() for m in _HANZI.finditer(line) if len(m.group()) > 2 and numerals.parse(m.group()) is not None]
        merged: list[tuple[int, int]] = []
        for start, end in sorted(spans):
            if merged and start < merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        return merged

    def _between(self, text: str, start: int, end: int) -> list[tuple[int, int]]:
        """The words of a stretch without numbers: runs go to jieba, every other character is a word."""
        words: list[tuple[int, int]] = []
        at = start
        for run in _RUN.finditer(text, start, end):
            words += _single(text, at, run.start())
            at = run.start()
            for word in self._cut(run.group()):
                words.append((at, at + len(word)))
                at += len(word)
        return words + _single(text, at, end)


def user_words(rulebook: Rulebook) -> tuple[str, ...]:
    """The user dictionary, sorted: names and aliases of bodies, places, and the plain terms of all concept packs."""
    words = {name for unit in rulebook.units for name in (unit["name"], *unit.get("alias", ()))}
    words.update(name for names in rulebook.places.values() for name in names)
    words.update(term for pack in rulebook.concepts.values() for concept in pack for term in concept.get("any", ()) if _TERM.fullmatch(term))
    return tuple(sorted(word for word in words if _RUN.fullmatch(word)))


def _single(text: str, start: int, end: int) -> list[tuple[int, int]]:
    return [(start, end)] if text[start:end] == "\r\n" else [(i, i + 1) for i in range(start, end)]


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _rjieba(words: tuple[str, ...]) -> Callable[[str], list[str]]:
    import rjieba

    engine = rjieba.Jieba()
    for word in words:
        if not engine.has_word(word):
            engine.add_word(word, None, None)
    return engine.cut


def jieba_cut(words: tuple[str, ...]) -> Callable[[str], list[str]]:
    """jieba with a dictionary of its own and a cache that only this user can write; `words` are added to its dictionary."""
    with warnings.catch_warnings():  # jieba 0.42.1 has unescaped regexes and asks for pkg_resources
        warnings.simplefilter("ignore")
        import jieba

    engine = jieba.Tokenizer(os.path.join(os.path.dirname(jieba.__file__), jieba.DEFAULT_DICT_NAME))
    log = logging.getLogger("jieba")
    level = log.level
    log.setLevel(logging.CRITICAL)  # it tells of its cache on stderr
    try:
        with tempfile.TemporaryDirectory(prefix="luoshi-") as passing:
            engine.tmp_dir = str(_private_folder() or passing)
            engine.initialize()
    finally:
        log.setLevel(level)
    for word in words:
        if not engine.FREQ.get(word):
            engine.add_word(word)
    return engine.lcut


def _private_folder() -> Path | None:
    """The user's own cache folder for jieba's dictionary; None where there is none that nobody else can write to."""
    root = os.environ.get("LUOSHI_CACHE") or os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    folder = Path(root) / "luoshi" / "jieba"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.stat()
    except OSError:
        return None
    if hasattr(os, "getuid") and (status.st_uid != os.getuid() or status.st_mode & 0o022):
        return None
    return folder if os.access(folder, os.W_OK) else None
