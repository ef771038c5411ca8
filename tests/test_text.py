"""Folding keeps every offset; sentences keep quotes and brackets whole."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.text import bare, fold, matching, narrow, printable, sentences

BMP = st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=()), max_size=60)
PROSE = st.text(st.sampled_from("甲乙丙。；！？!?;，“”‘’（）()《》〔〕【】\n 　.1"), max_size=40)


def cut(text: str) -> list[str]:
    return [text[a:b] for a, b in sentences(text)]


def test_folding_keeps_length_for_every_character_of_the_bmp():
    every = [chr(i) for i in range(0x10000)]
    assert all(len(fold(ch)) == 1 and len(narrow(ch)) == 1 for ch in every)


@given(BMP)
@example("İ㎡㈠ẞ")  # small letters and NFKC forms that are longer than what they stand for
def test_folding_keeps_the_length_of_any_text(text):
    assert len(fold(text)) == len(narrow(text)) == len(text)


@given(BMP)
def test_folding_twice_changes_nothing_more(text):
    assert narrow(narrow(text)) == narrow(text)
    assert fold(fold(text)) == fold(text)


def test_full_and_half_width_fold_to_the_same():
    assert fold("４５％（ＡＢ）：“甲”—〔乙〕") == fold('45%(ab):"甲"-(乙)')


def test_narrowing_leaves_chinese_stops_and_quotes():
    assert narrow("甲，乙。“丙”、丁") == "甲,乙。“丙”、丁"


def test_bare_wordings_differ_in_letters_only():
    assert bare("甲 乙，（丙）。") == bare("甲乙丙") and bare("甲乙") != bare("乙甲")


@pytest.mark.parametrize(
    "text, expected",
    [
        ("种树十棵。浇水；施肥。", ["种树十棵。", "浇水；", "施肥。"]),
        ("标语写“先看路。再过街。”并张贴。次日检查。", ["标语写“先看路。再过街。”并张贴。", "次日检查。"]),
        ("办夜校（每周一次。雨天顺延；放假停办）并签到。再评优。", ["办夜校（每周一次。雨天顺延；放假停办）并签到。", "再评优。"]),
        ("学习《甲。乙》一书。", ["学习《甲。乙》一书。"]),
        ("他说“走。”你说“停。”", ["他说“走。”你说“停。”"]),
        ("甲；乙;丙！丁?", ["甲；", "乙;", "丙！", "丁?"]),
        ("建成2.5公里。1.种树", ["建成2.5公里。", "1.种树"]),
        ("没有句号", ["没有句号"]),
        ("  前后有空白。  ", ["前后有空白。"]),
        ("第一行\n第二行", ["第一行", "第二行"]),
        ("", []),
    ],
)
def test_sentences_end_at_stops_outside_quotes_and_brackets(text, expected):
    assert cut(text) == expected


def test_a_bracket_that_never_closes_is_an_ordinary_character():
    assert cut("补贴（每户一百。按月发。") == ["补贴（每户一百。", "按月发。"]
    assert cut("补贴）每户一百。按月发。") == ["补贴）每户一百。", "按月发。"]


def test_round_brackets_of_both_widths_close_each_other():
    assert cut("甲（乙。丙)丁。戊") == ["甲（乙。丙)丁。", "戊"]


def test_a_closing_quote_right_behind_a_stop_belongs_to_its_sentence():
    assert cut("走。”他说。") == ["走。”", "他说。"]


def test_sentences_of_a_part_keep_the_coordinates_of_the_whole():
    text = "甲乙。丙丁。戊己。"
    assert sentences(text, 3, 6) == [(3, 6)] and text[3:6] == "丙丁。"


@given(PROSE)
def test_sentences_lose_nothing_but_white_space_and_never_overlap(text):
    spans = sentences(text)
    assert all(a < b for a, b in spans) and all(x[1] <= y[0] for x, y in pairwise(spans))
    kept = {i for a, b in spans for i in range(a, b)}
    assert all(text[i].isspace() for i in range(len(text)) if i not in kept)


@given(PROSE)
def test_no_sentence_ends_inside_a_pair(text):
    pairs = matching(text)
    for a, b in sentences(text):
        assert not any(opening < b <= closing and opening >= a for opening, closing in pairs.items() if "\n" not in text[opening:closing])


@given(PROSE)
def test_pairs_nest_and_never_cross(text):
    pairs = sorted(matching(text).items())
    assert all(a < b for a, b in pairs)
    assert not any(a < c < b < d for a, b in pairs for c, d in pairs)


@given(BMP)
@settings(max_examples=50)
def test_printable_text_can_be_put_into_xml(text):
    from xml.etree import ElementTree

    assert ElementTree.fromstring(f"<a>{printable(text).translate({38: None, 60: None, 62: None})}</a>") is not None
