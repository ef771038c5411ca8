"""The JSON is the contract's: keys, types, nulls, numbers."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import make_extraction, make_trace

from pipeline.errors import UnreadableFile
from pipeline.report.data import check_json, dumps, extract_json, plain_number

EXTRACTION = make_extraction(30)
TRACE = make_trace(6, 30)
TARGET_KEYS = {
    "id",
    "measure",
    "indicator",
    "value",
    "value_max",
    "unit",
    "comparator",
    "frequency",
    "deadline",
    "scope",
    "modality",
    "evidence",
    "start",
    "end",
}


def test_extract_has_every_key_of_the_contract():
    out = extract_json(EXTRACTION)
    assert out["schema"] == "luoshi/extract/1"
    assert {"name", "sha256", "format", "pages", "ocr"} <= out["source"].keys()
    assert {"title", "number", "issuer", "date", "recipients", "cc", "period"} <= out["document"].keys()
    assert out["document"]["period"] == {"from": 2024, "to": 2025}
    assert {"text", "deadline", "start", "end"} <= out["goals"]["statements"][0].keys()
    assert out["goals"]["targets"] and all(TARGET_KEYS <= target.keys() for target in out["goals"]["targets"])
    assert out["tasks"]
    for task in out["tasks"]:
        assert {"id", "heading_path", "title", "units", "units_open", "applies_to_lower", "measures", "targets"} <= task.keys()
        assert all({"name", "canonical", "role", "collective"} <= unit.keys() for unit in task["units"])
        assert all({"id", "text", "modality", "start", "end", "page"} <= measure.keys() for measure in task["measures"])
        assert all(TARGET_KEYS <= target.keys() for target in task["targets"])
    assert {"text", "start", "end"} <= out["baselines"][0].keys()


def test_evidence_is_the_text_between_its_offsets():
    text, out = EXTRACTION.document.text, extract_json(EXTRACTION)
    spans = [(m["text"], m) for task in out["tasks"] for m in task["measures"]] + [
        (t["evidence"], t) for task in out["tasks"] for t in task["targets"]
    ]
    assert spans and all(text[at["start"] : at["end"]] == quote for quote, at in spans)


def test_a_document_without_a_period_says_null():
    outline = replace(EXTRACTION.outline, frame=replace(EXTRACTION.outline.frame, period=None, title=None))
    document = extract_json(replace(EXTRACTION, outline=outline))["document"]
    assert document["period"] is None and document["title"] is None


def test_check_has_every_key_of_the_contract():
    out = check_json(TRACE)
    assert out["schema"] == "luoshi/check/1" and out["domain"] == "none"
    assert {"name", "title", "tasks", "binding_tasks", "measures"} <= out["upper"].keys()
    assert out["upper"]["tasks"] == 30 > out["upper"]["binding_tasks"] > 0
    assert len(out["lowers"]) == 6
    for lower in out["lowers"]:
        assert {"name", "source", "score", "tasks", "findings", "own"} <= lower.keys()
        for task in lower["tasks"]:
            assert {"id", "verdict", "share", "flags", "units", "measures", "targets"} <= task.keys()
            assert all({"id", "covered", "confidence", "review", "evidence", "reason"} <= measure.keys() for measure in task["measures"])
            assert all({"id", "status", "value", "unit", "comparator", "deadline", "evidence"} <= target.keys() for target in task["targets"])
        for finding in lower["findings"]:
            assert {"rule", "severity", "task", "measure", "message", "evidence", "upper_evidence"} <= finding.keys()
    assert out["aggregates"]
    assert all({"target", "indicator", "required", "unit", "sum", "stated_by", "silent", "status"} <= a.keys() for a in out["aggregates"])


def test_all_verdicts_keep_their_contract_names():
    seen = {task["verdict"] for lower in check_json(TRACE)["lowers"] for task in lower["tasks"]}
    assert seen == {"covered", "partial", "missing", "undetermined", "justified", "not_applicable"}


def test_an_input_that_could_not_be_read_is_named():
    assert check_json(TRACE, [UnreadableFile("坏.docx", "不是 Word 文件", "请另存为 docx")])["errors"] == [
        {"name": "坏.docx", "problem": "不是 Word 文件", "advice": "请另存为 docx"}
    ]


@pytest.mark.parametrize("written, shown", [("2", "2"), ("2.0", "2"), ("1.2", "1.2"), ("0.1", "0.1"), ("16.4", "16.4"), ("1E+3", "1000")])
def test_numbers_print_as_the_document_says(written, shown):
    assert json.dumps(plain_number(Decimal(written))) == shown


@given(st.decimals(min_value=0, max_value=10**9, places=3))
def test_no_number_gains_or_loses_digits(value):
    assert Decimal(json.dumps(plain_number(value))) == value


def test_json_is_readable_chinese_and_the_same_each_time():
    text = dumps(check_json(TRACE))
    assert "云溪镇" in text and text.endswith("\n")
    assert text == dumps(check_json(make_trace(6, 30)))
    assert json.loads(text)["schema"] == "luoshi/check/1"


def test_a_warning_that_two_stages_hand_on_is_printed_once():
    warned = next(lower for lower in TRACE.lowers if lower.extraction.document.warnings)
    twice = replace(TRACE, lowers=(replace(warned, warnings=warned.extraction.document.warnings),))
    assert len(check_json(twice)["lowers"][0]["warnings"]) == 1
