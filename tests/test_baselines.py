"""Baselines: judged as an office could, scored by the same lines as ours."""

from __future__ import annotations

import builtins

import pytest
from plans import checked, duties

from pipeline.baselines import compare
from pipeline.coverage import assemble
from pipeline.errors import LuoshiError
from pipeline.evaluate import compare_lines, score

NAMES = {"字 TF-IDF", "词 TF-IDF", "BM25", "模糊匹配"}


def judged(*changes: dict[int, str | None] | None):
    """(trace, pairs): one town for each set of changes; the truth says what ours said."""
    lowers = [checked(change, f"{name}镇") for name, change in zip(("芦苇", "松坪", "石桥"), changes)]
    pairs = [(lower, {"measures": {m.id: {"covered": m.covered, "evidence": [q.text for q in m.evidence]} for t in lower.tasks for m in t.measures},
                      "targets": [], "anomalies": []}) for lower in lowers]
    return assemble(duties(), lowers), pairs


def test_each_baseline_is_scored_by_the_same_lines_as_ours():
    trace, pairs = judged(None, {6: None, 3: None}, {2: None, 4: None})
    ours, others = score(trace, pairs), compare(trace, pairs, 0.6)
    assert set(others) == NAMES and ours.scores["measure_macro_f1"] == 1
    for result in others.values():
        assert set(result.scores) == set(ours.scores) and result.scores["covered"]["n"] == ours.scores["covered"]["n"] > 10
        assert result.scores["gaps"]["n"] == ours.scores["gaps"]["n"] > 3 and 0 < result.scores["evidence_right"] <= 1


def test_the_threshold_of_a_town_comes_from_the_other_towns():
    """Two equal towns; the truth says all of one and nothing of the other. Each is judged as the other one teaches: wrongly."""
    trace, ((one, covered), (other, _)) = judged(None, None)
    nothing = {**covered, "measures": {id_: {"covered": False, "evidence": []} for id_ in covered["measures"]}}
    everything = {**covered, "measures": {id_: {"covered": True, "evidence": ["甲乙丙丁。"]} for id_ in covered["measures"]}}
    for result in compare(trace, [(one, everything), (other, nothing)], 0.6).values():
        wrong = [line.split()[0] for line in result.errors]
        assert wrong.count(one.name) >= len(covered["measures"]) / 2 and wrong.count(other.name) >= len(covered["measures"]) / 2


def test_a_page_of_lines_names_ours_first_and_then_every_baseline():
    trace, pairs = judged(None, {6: None})
    lines = compare_lines(score(trace, pairs), compare(trace, pairs, 0.6))
    assert [line.strip().partition("：")[0] for line in lines[1:]] == ["本程序", "字 TF-IDF", "词 TF-IDF", "BM25", "模糊匹配"]


def test_without_the_libraries_the_message_says_how_to_get_them(monkeypatch):
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name == "bm25s":
            raise ImportError(name="bm25s")
        return real(name, *args, **kwargs)

    trace, pairs = judged(None)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(LuoshiError, match=r"缺 bm25s.*luoshi\[eval\]"):
        compare(trace, pairs, 0.6)
