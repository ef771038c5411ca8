"""One test per verdict: does it arise, and only then? The cases in cases/coverage.yaml are the rules in a drafter's words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from plans import CITY, TOWN, checked, duties, extracted, readers, town

from pipeline.coverage import Duties, check
from pipeline.errors import LuoshiError
from pipeline.flow import Line, check_plans
from pipeline.model import Verdict

CASES = yaml.safe_load((Path(__file__).parent / "cases" / "coverage.yaml").read_text(encoding="utf-8"))


def verdict(coverage, task: int):
    return next(t for t in coverage.tasks if t.id == f"1.{task}")


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_case(case):
    assert verdict(checked({case["task"]: case["line"]}), case["task"]).verdict.value == case["verdict"]


def test_a_town_that_carries_out_everything_is_covered_everywhere_and_has_no_findings():
    coverage = checked()
    assert coverage.score == 1 and {t.verdict for t in coverage.tasks} == {Verdict.COVERED, Verdict.NOT_APPLICABLE}
    assert coverage.findings == () and all(t.flags == () for t in coverage.tasks)


def test_undetermined_where_a_page_was_not_read_and_the_task_was_not_found():
    coverage = checked({6: None}, unread=(2,))
    assert verdict(coverage, 6).verdict is Verdict.UNDETERMINED
    (measure, _) = verdict(coverage, 6).measures
    assert measure.review and measure.confidence == 0.5 and "未能读出" in measure.reason and "全文" not in measure.reason


def test_nothing_is_ever_missing_or_partial_of_a_document_with_an_unread_page():
    coverage = checked({1: None, 2: CASES[8]["line"], 6: None}, unread=(1,))
    assert not {Verdict.MISSING, Verdict.PARTIAL} & {t.verdict for t in coverage.tasks}


def test_what_was_read_is_covered_also_where_another_page_was_not():
    assert verdict(checked(unread=(2,)), 3).verdict is Verdict.COVERED


def test_without_an_unread_page_nothing_is_undetermined():
    assert Verdict.UNDETERMINED not in {t.verdict for t in checked({1: None, 6: None}).tasks}


def test_not_applicable_tasks_do_not_count_for_the_score():
    coverage = checked({6: None})
    binding = [m for t in coverage.tasks if t.verdict is not Verdict.NOT_APPLICABLE for m in t.measures if m.binds]
    assert coverage.score == round(sum(m.covered for m in binding) / len(binding), 4) and verdict(coverage, 5).measures[0].binds is False


def test_a_town_that_carries_the_city_s_plan_out_directly_has_answered():
    coverage = checked(dict.fromkeys(TOWN), after=("（一）总的安排。各项工作直接按照市方案执行，不再另行制定。",))
    assert {t.verdict for t in coverage.tasks} == {Verdict.COVERED, Verdict.NOT_APPLICABLE}
    assert "直接执行" in verdict(coverage, 6).measures[0].reason and "不再另行制定" in verdict(coverage, 6).measures[0].evidence[0].text


def test_direct_adoption_does_not_hide_what_the_town_wrote_itself():
    coverage = checked(after=("（六）其他。其余事项按照市方案执行，不再另行制定。",))
    assert "水利站" in verdict(coverage, 3).measures[0].evidence[0].text


def test_every_reason_is_one_chinese_sentence_and_quotes_what_it_stands_on():
    for coverage in (checked(), checked({6: None}), checked(unread=(2,))):
        for task in coverage.tasks:
            for measure in task.measures:
                assert measure.reason.endswith("。") and "\n" not in measure.reason
                assert 0.5 <= measure.confidence <= 1 and bool(measure.evidence) == measure.covered


def test_evidence_is_a_substring_of_the_town_s_text():
    coverage = checked()
    text = coverage.extraction.document.text
    quotes = [q for t in coverage.tasks for m in t.measures for q in m.evidence]
    assert len(quotes) >= 9 and all(text[q.start : q.end] == q.text for q in quotes)


def test_every_factor_of_a_verdict_is_a_rule_a_concept_or_a_weight():
    book = readers().rulebook
    concepts = {c["id"] for members in book.concepts.values() for c in members}
    factors = {f.rule for t in checked().tasks for m in t.measures for f in m.factors}
    assert factors and all(f in book.rules or f in concepts or f in book.settings or f.startswith("judge.") for f in factors)


def test_a_town_s_own_task_that_answers_no_duty_is_listed_as_its_own():
    own = "在老码头开办竹编手艺传习班，请三位篾匠授徒。"
    coverage = checked(after=("（六）办好传习班", own))
    assert [q.text for q in coverage.own] == [own]
    text = coverage.extraction.document.text
    assert all(text[q.start : q.end] == q.text for q in coverage.own)


def test_evidence_is_never_listed_as_the_town_s_own():
    coverage = checked(after=("（六）办好传习班", "在老码头开办竹编手艺传习班，请三位篾匠授徒。"))
    used = {q.start for t in coverage.tasks for m in t.measures for q in m.evidence}
    assert used and not used & {q.start for q in coverage.own}


def test_the_share_that_makes_a_task_covered_is_a_rule():
    book = readers().rulebook
    strict = replace(readers(), rulebook=replace(book, settings={**book.settings, "coverage.task.covered_share": 0.9}))
    line = next(c for c in CASES if "三条举措做了两条" in c["case"])["line"]
    coverage = Duties(duties().upper, strict, "none").check(town({2: line}), "芦苇镇")
    assert verdict(coverage, 2).verdict is Verdict.PARTIAL and verdict(checked({2: line}), 2).verdict is Verdict.COVERED


def test_a_domain_that_no_pack_has_is_refused_with_the_allowed_names():
    with pytest.raises(LuoshiError, match="auto、none、.*science_literacy"):
        check_plans(Line(readers().rulebook, readers()), duties().upper, [town()], "gardening")


def test_auto_takes_no_pack_for_a_plan_of_a_theme_that_none_knows():
    upper = extracted("云岫市茶馆曲艺保护方案", "一、主要任务", "1.留住老茶馆。修缮临水茶馆的门窗。给说书人发放津贴。", "2.留住老唱本。誊抄民间唱本。给唱本配上工尺谱。")
    assert Duties(upper, readers(), "auto").domain == "none"


def test_a_trace_is_sorted_by_name_whatever_order_the_towns_come_in():
    towns = [(n, town({6: None} if n == "松坪镇" else None, n)) for n in ("芦苇镇", "松坪镇", "白鹭街道")]
    one, other = check(duties().upper, towns, readers(), "none"), check(duties().upper, towns[::-1], readers(), "none")
    assert one == other and [lower.name for lower in one.lowers] == sorted(n for n, _ in towns)


def test_the_city_plan_is_a_plan_with_one_task_that_does_not_bind_the_towns():
    assert sum(not t.applies_to_lower for t in duties().upper.tasks) == 1 and len(duties().upper.tasks) == len(CITY) - 5
