"""Whole plans of many offices, short and invented: what a careful reader takes out of each; and that no text of official fragments stops the reading."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import outline
from pipeline.extract import extract
from pipeline.model import Role, Target, Unit
from pipeline.report.data import extract_json
from plans import document, readers

CASES = yaml.safe_load((Path(__file__).parent / "cases" / "plans.yaml").read_text(encoding="utf-8"))
SIGNS = {Role.LEAD: "*", Role.SUPPORT: "-", Role.RESPONSIBLE: ""}


def read(text: str):
    built = outline.build(document(*[line for line in text.split("\n") if line.strip()]), readers().rulebook)
    return extract(built, readers())


def shown_units(units: tuple[Unit, ...]) -> str:
    return " ".join(f"{'#' if u.collective else ''}{SIGNS[u.role]}{u.name}" for u in units)


def shown_target(t: Target) -> str:
    top = "" if t.value_max is None else f"—{t.value_max}"
    return " ".join(part for part in ("" if t.comparator == "=" else t.comparator, f"{t.value}{top}{t.unit}", t.frequency or "", t.deadline or "") if part)


def shown(task) -> str:
    return "｜".join([f"{task.id} {task.title}", shown_units(task.units), f"{len(task.measures)}句", "、".join(map(shown_target, task.targets))]).rstrip("｜")


def test_there_are_cases():
    assert len(CASES) > 40 and sum(not case["tasks"] for case in CASES) > 10


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_case(case):
    found = read(case["text"])
    assert [shown(task) for task in found.tasks] == case["tasks"]
    assert [shown_target(t) for t in found.goal_targets] == case.get("goals", [])
    frame = extract_json(found)["document"]
    assert {key: frame[key] for key in case.get("document", {})} == case.get("document", {})


FRAGMENTS = sorted({line for case in CASES for line in case["text"].split("\n") if line.strip()})
WIDE = {ord(a): ord(b) for a, b in zip("0123456789%().,:;", "０１２３４５６７８９％（）．，：；", strict=True)}
JUNK = st.sampled_from(["（", "）", "〔", "】", "“", "、、", "：", "一、", "（一）", "1.", "①", "——", "附件", "责任单位：", "责任单位", "序号", "\t", "　", "|", "2025年", "等", "第三条", "由", "会同", "\u200b", "\ufeff", "𠮷"])


@st.composite
def official(draw) -> str:
    """Lines of plans shuffled, dropped, glued, cut, and made half or full width."""
    lines = draw(st.lists(st.one_of(st.sampled_from(FRAGMENTS), JUNK), max_size=30))
    joints = draw(st.lists(st.sampled_from(["\n", "\n", "", " "]), min_size=len(lines), max_size=len(lines)))
    text = "".join(a + b for a, b in zip(lines, joints, strict=True))
    cut = draw(st.integers(0, 12))
    return text[cut:].translate(WIDE) if draw(st.booleans()) else text[cut:]


@given(text=official())
@settings(max_examples=150, deadline=None)
def test_no_text_of_official_fragments_stops_the_reading(text):
    found = read(text)
    whole = found.document.text
    ids = [task.id for task in found.tasks]
    assert len(ids) == len(set(ids))
    for task in found.tasks:
        assert all(whole[m.start : m.end] == m.text for m in task.measures) and all(whole[u.start : u.end] == u.name for u in task.units)
        assert len({m.id for m in task.measures}) == len(task.measures)
        assert all(whole[t.start : t.end] == t.evidence and t.measure in {m.id for m in task.measures} for t in task.targets)
    assert all(whole[g.start : g.end] == g.text for g in found.goals) and all(whole[b.start : b.end] == b.text for b in found.baselines)
    assert extract_json(found)["schema"] == "luoshi/extract/1"
