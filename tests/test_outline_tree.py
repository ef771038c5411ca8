"""Sections: the cases in cases/outline.yaml are the rules in a drafter's words."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from plans import CORPORA, document, readers

from pipeline.outline.tree import build_tree, leaves, walk

CASES = yaml.safe_load((Path(__file__).parent / "cases" / "outline.yaml").read_text(encoding="utf-8"))


def tree(*lines):
    doc = document(*lines)
    return doc, *build_tree(doc, readers().rulebook, range(len(doc.paragraphs)))


def show(section) -> str:
    kind = f" @{section.kind}" if section.kind != "duties" else ""
    return f"{section.id} {'' if section.headed else '-'}{section.title}{kind}"


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_case(case):
    _, sections, warnings = tree(*case["text"].split("\n"))
    assert [show(s) for s in walk(sections)] == case["tree"]
    assert sum(w.code == "numbering_slip" for w in warnings) == case.get("slips", 0)


def test_a_slip_names_its_paragraph_and_the_number_that_was_expected():
    _, _, (slip,) = tree("一、修路", "铺沥青。", "三、种树", "每户一棵。")
    assert slip.paragraph == 3 and "三、种树" in slip.message and "第2项" in slip.message


def test_text_before_the_first_heading_is_a_preface_without_id():
    _, sections, _ = tree("为修好路，制定本方案。", "一、修路", "铺沥青。")
    assert (sections[0].id, sections[0].kind, len(sections[0].body)) == ("", "preface", 1)


def test_a_heading_on_the_line_of_its_body_ends_where_the_body_begins():
    doc, sections, _ = tree("一、修路。铺沥青，画标线。", "二、种树。每户一棵。")
    assert [doc.text[s.start : s.end] for s in sections] == ["一、修路。", "二、种树。"]
    assert [doc.text[b.start : b.end] for s in sections for b in s.body] == ["铺沥青，画标线。", "每户一棵。"]


def test_an_item_without_a_heading_keeps_its_first_sentence_as_body():
    doc, sections, _ = tree("一、冬修", "1.每户种一棵柿子树，树苗由林业站统一采购发放，成活率算进年底评比的分数里。年底验收。")
    (item,) = sections[0].children
    assert not item.headed and doc.text[item.body[0].start : item.body[0].end].startswith("每户种一棵")


def test_leaves_know_the_headings_above_them():
    _, sections, _ = tree("一、修路", "（一）大路", "铺沥青。", "（二）小路", "铺青砖。")
    assert [(s.title, path) for s, path in leaves(sections)] == [("大路", ("一、修路",)), ("小路", ("一、修路",))]


def test_table_rows_are_body_of_the_heading_above():
    doc, sections, _ = tree("一、修路", ("任务", "责任单位"), ("铺沥青", "市交通局"))
    assert [doc.text[b.start : b.end] for b in sections[0].body] == ["任务|责任单位", "铺沥青|市交通局"]


def _lines() -> list[str]:
    found = [line.strip() for folder in ("demo", "science") for line in (CORPORA / folder / "city.txt").read_text(encoding="utf-8").splitlines() if line.strip()]
    assert len(found) > 100
    return found


@given(st.lists(st.sampled_from(_lines()), max_size=14))
@settings(max_examples=40, deadline=None)
def test_ids_are_unique_and_every_paragraph_stands_in_one_section_whatever_the_order(lines):
    doc, sections, _ = tree(*lines)
    every = list(walk(sections))
    ids = [s.id for s in every]
    assert len(ids) == len(set(ids))
    bodies = sorted((b.start, b.end) for s in every for b in s.body)
    assert all(a[1] <= b[0] for a, b in pairwise(bodies))
    reached = {doc.paragraph_of(s.start) for s in every if s.id} | {doc.paragraph_of(b[0]) for b in bodies}
    assert reached >= {i for i, p in enumerate(doc.paragraphs) if p.end - p.start > 12}


def test_a_slip_behind_a_glued_heading_names_the_paragraph_as_the_document_counts_it():
    _, _, (slip,) = tree("一、修路", "（一）清表。先除杂草。（二）压实。用压路机。", "三、种树", "每户一棵。")
    assert slip.paragraph == 3
