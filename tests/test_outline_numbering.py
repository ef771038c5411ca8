"""Ordinals: which lines open with one, of which rank and number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.outline.numbering import ARTICLE, CHAPTER, FIFTH, FIRST, FOURTH, PART, SECOND, SECTION, THIRD, read_label

LABELS = [
    ("第一编 总则", PART, 1), ("第二篇", PART, 2), ("第三部分 措施", PART, 3), ("第十二章 附则", CHAPTER, 12), ("第3章 修路", CHAPTER, 3),
    ("第二节　大路", SECTION, 2), ("第一百零三条 本办法自发布之日起施行。", ARTICLE, 103), ("一、修路", FIRST, 1), ("二．修路", FIRST, 2), ("三.修路", FIRST, 3),
    ("十一、修路", FIRST, 11), ("二十、修路", FIRST, 20), ("（一）修路", SECOND, 1), ("(二)修路", SECOND, 2), ("（十三）、修路", SECOND, 13), ("1.修路", THIRD, 1),
    ("2．修路", THIRD, 2), ("3、修路", THIRD, 3), ("128.修路", THIRD, 128), ("（1）修路", FOURTH, 1), ("(12)修路", FOURTH, 12), ("①修路", FIFTH, 1), ("⑳修路", FIFTH, 20),
    ("㈡修路", SECOND, 2),
]


@pytest.mark.parametrize("line, rank, number", LABELS, ids=[line for line, _, _ in LABELS])
def test_every_form_of_ordinal_is_read_with_its_rank_and_number(line, rank, number):
    label = read_label(line)
    assert (label.rank, label.number) == (rank, number)
    assert line[label.end:][:1] not in (" ", "　")


@pytest.mark.parametrize("line", ["1.5亿元用于修路", "2025.年内完工", "一是修路", "一批农民", "（一批）", "第一书记驻村", "12.5公里", "二〇二五年", "", "修路一、种树", "（略）", "0.修路", "（0）修路", "三农工作"])
def test_numbers_in_running_text_open_nothing(line):
    assert read_label(line) is None


@pytest.mark.parametrize("dash", ["——", "──", "--"])
def test_dashes_open_a_point_without_a_number(dash):
    label = read_label(dash + "先急后缓")
    assert label.number is None and label.rank > FIFTH and label.end == len(dash)


def test_a_label_keeps_its_wording_without_the_space_behind_it():
    label = read_label("（一）　修路")
    assert label.text == "（一）" and label.end == 4


@given(st.integers(1, 999), st.text(st.sampled_from("修路甲乙。"), max_size=5))
def test_arabic_ordinals_mean_what_they_say(number, rest):
    assert read_label(f"{number}.{rest}").number == number
    assert read_label(f"（{number}）{rest}").number == number


@given(st.text(max_size=12))
def test_a_label_never_reaches_beyond_its_line(line):
    label = read_label(line)
    assert label is None or (0 < label.end <= len(line) and line.startswith(label.text))
