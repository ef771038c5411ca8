"""The order of the stages: one bad file stops nothing, places are told apart, collectives become the places at hand."""

from __future__ import annotations

import pytest
from plans import CORPORA, duties, readers, town

from pipeline import flow
from pipeline.errors import LuoshiError, RuleError, UnreadableFile
from pipeline.flow import Line


@pytest.fixture(scope="module")
def line() -> Line:
    return flow.prepare()


def test_a_plan_is_read_from_bytes_to_tasks(line):
    plan = flow.read_plan(line, CORPORA / "science" / "city.txt")
    assert len(plan.tasks) > 20 and plan.outline.frame.title and plan.document.source.name == "city.txt"


def test_one_bad_file_never_stops_the_rest(line, tmp_path):
    bad = tmp_path / "bad.docx"
    bad.write_bytes(b"PK\x03\x04 torn")
    read, refused = flow.read_plans(line, [CORPORA / "science" / "fengchahe.txt", bad, tmp_path / "none.txt", CORPORA / "science" / "mazhaao.txt"])
    assert [e.document.source.name for e in read] == ["fengchahe.txt", "mazhaao.txt"]
    assert [e.name for e in refused] == [str(bad), str(tmp_path / "none.txt")] and all(isinstance(e, UnreadableFile) for e in refused)


def test_a_broken_rule_pack_stops_everything(tmp_path):
    (tmp_path / "a.yaml").write_text("about: 甲\nrules: [{id: a.b}]\n", encoding="utf-8")
    with pytest.raises(RuleError):
        flow.prepare(tmp_path)


def test_the_name_of_a_lower_document_is_the_place_that_issued_it():
    assert flow.place_name(town(name="芦苇镇")) == "芦苇镇"


def test_a_document_that_names_no_place_is_called_by_its_file():
    from plans import extracted

    assert flow.place_name(extracted("民生实事安排", "一、重点任务", "（一）管好路灯。每月巡查一遍。", name="第三份.txt")) == "第三份"


def test_two_plans_of_one_place_are_told_apart_by_their_files():
    plans = [town(name="芦苇镇"), town({6: None}, name="芦苇镇"), town(name="松坪镇")]
    names = [name for name, _ in flow.name_places(plans)]
    assert names[2] == "松坪镇" and all("芦苇镇（" in name for name in names[:2])


def test_an_unknown_domain_is_refused_with_the_allowed_names():
    with pytest.raises(LuoshiError) as caught:
        flow.check_plans(Line(readers().rulebook, readers()), duties().upper, [], "nothing")
    assert "auto" in str(caught.value) and "none" in str(caught.value) and all(d in str(caught.value) for d in readers().rulebook.domains)


def test_collectives_of_the_level_below_are_the_places_at_hand():
    line = Line(readers().rulebook, readers())
    assert flow.members(line, duties().upper, ["松坪镇", "芦苇镇"]) == {"各镇（街道）": ("松坪镇", "芦苇镇")}
    assert flow.members(line, duties().upper, []) == {}


def test_a_check_without_lower_documents_is_a_trace_without_towns(line):
    trace = flow.check_plans(line, duties().upper, [], "none")
    assert trace.lowers == () and all(f.rule != "aggregate_short" for f in trace.upper.findings)


def test_the_upper_document_read_as_its_own_lower_one_covers_everything(line):
    upper = flow.read_plan(line, CORPORA / "science" / "city.txt")
    trace = flow.check_plans(line, upper, [upper])
    assert trace.lowers[0].score >= 0.97
