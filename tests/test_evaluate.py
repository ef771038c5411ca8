"""Scores: counted as the contract says, on pairs that are there."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plans import CORPORA, checked, duties

from pipeline import flow
from pipeline.coverage import assemble
from pipeline.errors import LuoshiError, UnreadableFile
from pipeline.evaluate import Tally, alike, evaluate, score, score_lines


def truth_of(coverage, **fields) -> dict:
    return {"measures": {m.id: {"covered": m.covered, "evidence": [q.text for q in m.evidence], "binds_lower": m.binds} for t in coverage.tasks for m in t.measures},
            "targets": [{"id": s.id, "value": float(s.value)} for t in coverage.tasks for s in t.targets if s.status == "stated"],
            "anomalies": [], **fields}


def scored(coverage, truth):
    return score(assemble(duties(), [coverage]), [(coverage, truth)])


def test_a_town_that_says_what_the_truth_says_has_full_marks():
    coverage = checked({6: None})
    result = scored(coverage, truth_of(coverage))
    assert result.scores["measure_macro_f1"] == result.scores["evidence_right"] == result.scores["targets"]["f1"] == 1 and result.errors == []


def test_a_wrong_measure_costs_and_is_named_with_the_reason():
    coverage = checked({6: None})
    truth = truth_of(coverage)
    truth["measures"]["1.3-m1"] = {"covered": False, "evidence": []}
    result = scored(coverage, truth)
    assert result.scores["measure_macro_f1"] < 1 and len(result.errors) == 1 and "1.3-m1 应为缺口" in result.errors[0]


def test_measures_that_do_not_bind_the_town_are_not_scored():
    coverage = checked()
    truth = truth_of(coverage)
    truth["measures"]["1.3-m1"] = {"covered": False, "evidence": [], "binds_lower": False}
    assert scored(coverage, truth).errors == []


def test_the_right_verdict_on_the_wrong_sentence_is_wrong_evidence():
    coverage = checked()
    truth = truth_of(coverage)
    truth["measures"]["1.3-m1"]["evidence"] = ["竹编手艺传习班请三位篾匠授徒。"]
    scores = scored(coverage, truth).scores
    assert scores["measure_macro_f1"] == 1 and scores["evidence_right"] < 1


def test_a_measure_that_was_not_found_counts_as_a_gap():
    coverage = checked()
    truth = truth_of(coverage)
    truth["measures"]["9.9-m1"] = {"covered": True, "evidence": ["甲乙丙丁。"]}
    assert "没有这条举措" in scored(coverage, truth).errors[0]


def test_planted_findings_are_hit_missed_or_extra_and_optional_ones_neither():
    line = "（五）改造路灯。年内更换节能路灯800盏。（责任单位：村镇建设办公室）"
    coverage = checked({6: line})
    planted = {"kind": "target_escalated", "evidence": "年内更换节能路灯800盏。"}
    assert scored(coverage, truth_of(coverage, anomalies=[planted])).scores["findings"]["target_escalated"]["f1"] == 1
    assert scored(coverage, truth_of(coverage)).scores["findings"]["target_escalated"]["precision"] == 0
    missed = scored(checked(), truth_of(checked(), anomalies=[planted]))
    assert missed.scores["findings"]["target_escalated"]["recall"] == 0 and "未发现 target_escalated" in missed.errors[0]
    assert scored(checked(), truth_of(checked(), anomalies=[{**planted, "optional": True}])).scores["findings"] == {}
    assert scored(coverage, truth_of(coverage, anomalies=[{**planted, "optional": True}])).errors == []


def test_ratios_of_nothing_are_full_and_n_is_what_was_there():
    assert Tally().ratios() == {"precision": 1.0, "recall": 1.0, "f1": 1.0, "n": 0}
    assert Tally(1, 1, 3).ratios() == {"precision": 0.5, "recall": 0.25, "f1": 0.3333, "n": 4}


@given(st.text("甲乙丙，。", max_size=8), st.text("甲乙丙，。", max_size=8))
def testalike_is_even_handed_and_a_share(left, right):
    assert alike(left, right) == alike(right, left) and 0 <= alike(left, right) <= 1


def testalike_ignores_punctuation_and_is_1_for_a_part():
    assert alike("修好渡口，", "今年修好渡口石阶。") == 1 and alike("修路", "种树") == 0 and alike("", "种树") == 0


def test_less_is_wrong_the_more_a_person_looks():
    coverage = checked()
    sure = replace(coverage, tasks=tuple(replace(t, measures=tuple(replace(m, confidence=0.51 if m.id == "1.3-m1" else 0.9) for m in t.measures)) for t in coverage.tasks))
    truth = truth_of(coverage)
    truth["measures"]["1.3-m1"]["covered"] = False
    left = scored(sure, truth).scores["error_left_after_review"]
    assert left["0%"] > 0 and left["15%"] == 0


def test_a_corpus_is_scored_from_its_folder_and_said_in_lines():
    line = flow.prepare()
    result = evaluate(line, CORPORA / "science", None, "auto")
    assert result.scores["towns"] == 3 and result.scores["measure_macro_f1"] > 0.6
    lines = score_lines(result)
    assert "macro F1" in lines[1] and json.dumps(result.scores, ensure_ascii=False)


def test_a_folder_without_pairs_is_said(tmp_path):
    shutil.copy(CORPORA / "science" / "city.txt", tmp_path)
    with pytest.raises(LuoshiError, match="没有成对的方案和真值"):
        evaluate(flow.prepare(), tmp_path, None, "auto")


def test_a_town_that_cannot_be_read_is_an_error_and_no_score(tmp_path):
    shutil.copy(CORPORA / "science" / "city.txt", tmp_path)
    (tmp_path / "bad.txt").write_bytes(b"")
    (tmp_path / "bad.truth.json").write_text('{"measures": {}}')
    with pytest.raises(UnreadableFile):
        evaluate(flow.prepare(), tmp_path, None, "auto")
