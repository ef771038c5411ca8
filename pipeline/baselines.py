"""What an office could do without us: four similarity measures with a threshold, judged on the same documents and scored by the same lines.

Each calls a measure covered when its best similarity to a sentence of the lower document, or to two sentences in a row, reaches a threshold. The threshold of a
document is the one that does best on all the others: what an office that had judged those by hand could know. With a single document it is the best on itself,
which no office can know.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from pipeline.errors import LuoshiError
from pipeline.evaluate import Pairs, Result, score
from pipeline.extract.words import jieba_cut
from pipeline.model import CoverageTrace, LowerCoverage, MeasureVerdict, Quote, Verdict
from pipeline.text import bare

_SENTENCE = re.compile(r"[^。；|\n]+[。；]?")
_SHORTEST = 6  # characters: shorter pieces are labels
_QUANTILES = tuple(i / 50 for i in range(1, 50))  # where thresholds are tried, among the best similarities of the other documents

Similarity = Callable[[list[str], list[str]], object]  # measures, sentences → a matrix of measures × sentences


def compare(trace: CoverageTrace, pairs: Pairs, share: float) -> dict[str, Result]:
    """The scores of each baseline by its name, as `evaluate.score` counts them.

    Args:
      share: The share of measures from which a task is covered.

    Raises LuoshiError where the libraries of the extra `[eval]` are not installed.
    """
    texts = {m.id: m.text for task in trace.upper.tasks for m in task.measures}
    sentences = [_sentences(lower.extraction.document.text) for lower, _ in pairs]
    found = {}
    for name, similarity in _similarities().items():
        nearest = [_nearest(similarity(list(texts.values()), [q.text for q in quotes]), list(texts)) for quotes in sentences]
        judged = []
        for i, (lower, truth) in enumerate(pairs):
            others = [k for k in range(len(pairs)) if k != i] or [i]
            tried = sorted(value for k in others for value, _ in nearest[k].values())
            grid = sorted({tried[int(q * len(tried))] for q in _QUANTILES})
            best = max(grid, key=lambda t: _macro_f1(trace, [(_judged(pairs[k][0], nearest[k], sentences[k], t, share), pairs[k][1]) for k in others]))
            judged.append((_judged(lower, nearest[i], sentences[i], best, share), truth))
        found[name] = score(trace, judged)
    return found


def _macro_f1(trace: CoverageTrace, pairs: Pairs) -> float:
    """The line that a threshold is chosen by; evidence is not looked at, which is what takes the time."""
    return score(trace, [(lower, {**truth, "targets": (), "anomalies": ()}) for lower, truth in pairs], evidence=False).scores["measure_macro_f1"]


def _sentences(text: str) -> list[Quote]:
    found = [Quote(m.group(), m.start(), m.end()) for m in _SENTENCE.finditer(text) if len(bare(m.group())) >= _SHORTEST]
    return found + [Quote(text[a.start : b.end], a.start, b.end) for a, b in zip(found, found[1:])]


def _nearest(matrix, ids: list[str]) -> dict[str, tuple[float, int]]:
    """Measure id → (best similarity, index of that sentence)."""
    return {id_: (float(row.max()), int(row.argmax())) for id_, row in zip(ids, matrix)} if matrix.shape[1] else {id_: (0.0, -1) for id_ in ids}


def _judged(lower: LowerCoverage, nearest: dict[str, tuple[float, int]], sentences: list[Quote], threshold: float, share: float) -> LowerCoverage:
    tasks = []
    for task in lower.tasks:
        measures = []
        for measure in task.measures:
            value, index = nearest[measure.id]
            covered = value >= threshold and index >= 0
            measures.append(MeasureVerdict(measure.id, covered, min(1.0, 0.5 + abs(value - threshold)), False, measure.binds,
                                           (sentences[index],) if covered else (), f"相似度 {value:.2f}，门槛 {threshold:.2f}", (), 0.0))
        counting = [m.covered for m in measures if m.binds]
        reached = sum(counting) / len(counting) if counting else 0.0
        verdict = Verdict.COVERED if reached >= share else Verdict.MISSING if reached == 0 else Verdict.PARTIAL
        tasks.append(replace(task, verdict=verdict, share=reached, measures=tuple(measures), targets=()))
    return replace(lower, tasks=tuple(tasks), findings=())


def _similarities() -> dict[str, Similarity]:
    try:
        import bm25s
        import numpy
        from rapidfuzz import fuzz, process
        from sklearn.feature_extraction.text import TfidfVectorizer
    except ImportError as error:
        raise LuoshiError(f"比较基线需要另装部件（缺 {error.name}）；请运行 pip install 'luoshi[eval]'") from error
    cut = jieba_cut(())

    def words(text: str) -> list[str]:
        return [word for word in cut(text) if len(word) > 1]

    def cosine(measures: list[str], sentences: list[str], **how):
        vectors = TfidfVectorizer(sublinear_tf=True, **how).fit(measures + sentences)
        return (vectors.transform(measures) @ vectors.transform(sentences).T).toarray()

    def bm25(measures: list[str], sentences: list[str]):
        index = bm25s.BM25()
        index.index([words(s) for s in sentences], show_progress=False)
        return numpy.array([index.get_scores(words(m)) / max(1, len(m)) ** 0.5 for m in measures])

    return {
        "字 TF-IDF": lambda measures, sentences: cosine(measures, sentences, analyzer="char", ngram_range=(2, 3)),
        "词 TF-IDF": lambda measures, sentences: cosine(measures, sentences, analyzer=words),
        "BM25": bm25,
        "模糊匹配": lambda measures, sentences: process.cdist(measures, sentences, scorer=fuzz.token_ratio) / 100,
    }
