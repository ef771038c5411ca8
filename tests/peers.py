"""What others do with the same towns, and what we do, each as a process of its own: `python tests/peers.py NAME FOLDER`, FOLDER as `towns.py` writes it.

Not a test. The peers get the city's measures and the towns' sentences ready cut, and say of each measure of each town whether a sentence is alike enough.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
_SENTENCE = re.compile(r"[^。；\n]{5,}")
_ALIKE = 0.3


def towns(folder: Path) -> Iterator[Path]:
    return iter(sorted(p for p in folder.glob("*/*.txt") if p.parent.name != "outputs"))


def measures(folder: Path) -> list[str]:
    return _SENTENCE.findall((folder / "city.txt").read_text(encoding="utf-8"))


def luoshi(folder: Path) -> None:
    """Full judging: every verdict with evidence and reason, findings, targets; one town after the other."""
    from pipeline import cache, flow

    cache.recall_patterns()
    from pipeline.coverage import Duties

    line = flow.prepare()
    duties = Duties(flow.read_plan(line, folder / "city.txt"), line.readers)
    print(sum(m.covered for path in towns(folder) for t in duties.check(flow.read_plan(line, path), "镇").tasks for m in t.measures))


def tfidf(folder: Path) -> None:
    """jieba, scikit-learn's TF-IDF, cosine, threshold."""
    import jieba
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(tokenizer=jieba.lcut, token_pattern=None, lowercase=False)
    wanted = measures(folder)
    said = [_SENTENCE.findall(path.read_text(encoding="utf-8")) for path in towns(folder)]
    matrix = vectorizer.fit_transform([*wanted, *(sentence for sentences in said for sentence in sentences)])
    city, at, covered = matrix[: len(wanted)], len(wanted), 0
    for sentences in said:
        covered += int(((city @ matrix[at : at + len(sentences)].T).max(axis=1).toarray() >= _ALIKE).sum())
        at += len(sentences)
    print(covered)


def bm25(folder: Path) -> None:
    """jieba, bm25s: the best sentence of a town for each measure."""
    import bm25s
    import jieba

    wanted, covered = [jieba.lcut(m) for m in measures(folder)], 0
    for path in towns(folder):
        index = bm25s.BM25()
        index.index([jieba.lcut(s) for s in _SENTENCE.findall(path.read_text(encoding="utf-8"))], show_progress=False)
        _, scores = index.retrieve(wanted, k=1, show_progress=False)
        covered += int((scores[:, 0] > 10).sum())
    print(covered)


def fuzzy(folder: Path) -> None:
    """rapidfuzz: token-free partial ratio of every pair."""
    from rapidfuzz import fuzz, process

    wanted, covered = measures(folder), 0
    for path in towns(folder):
        scores = process.cdist(wanted, _SENTENCE.findall(path.read_text(encoding="utf-8")), scorer=fuzz.partial_ratio, workers=1)
        covered += int((scores.max(axis=1) >= 60).sum())
    print(covered)


if __name__ == "__main__":
    {"luoshi": luoshi, "tfidf": tfidf, "bm25": bm25, "fuzzy": fuzzy}[sys.argv[1]](Path(sys.argv[2]))
