from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pipeline.extract.targets import TargetReader
from pipeline.rulebook.load import load
from pipeline.text import sentences

CASES = yaml.safe_load((Path(__file__).parent / "cases" / "targets.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def reader() -> TargetReader:
    return TargetReader(load())


def read(reader, text, **options):
    options.setdefault("year", 2023)
    return reader.read(text, sentences(text), **options)


def test_there_are_cases():
    assert len(CASES) > 50


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_case(reader, case):
    options = {key: case[key] for key in ("year", "default_deadline", "past") if key in case}
    targets, baselines = read(reader, case["text"], **options)
    seen = [f"{t.value}{t.unit}（{t.evidence}）" for t in targets]
    assert len(targets) == len(case["targets"]), seen
    for target, expected in zip(targets, case["targets"], strict=True):
        for field, value in expected.items():
            got = getattr(target, field)
            assert (str(got) if isinstance(got, Decimal) else got) == value, f"{field}: {seen}"
    if "baselines" in case:
        assert [b.text for b in baselines] == case["baselines"]


PIECES = st.lists(st.sampled_from([
    "到2025年，", "2021年，", "每年", "力争", "全市", "建成", "培训", "示范点", "覆盖率达到", "15", "3—5", "个", "名", "%", "以上", "不少于", "八次", "（其中", "）",
    "“十四五”末", "，", "、", "；", "。", "和", "分别", "去年", "已", "１２", "万", "的", "\n", "一", "由85%提高到",
    "百分之", "第", "〔2022〕145号", " ", "\t", "\u00a0", "2024年6月底前", "各", "每村"]), max_size=24).map("".join)


@given(text=PIECES, past=st.booleans())
def test_evidence_is_a_quote_of_the_text(reader, text, past):
    targets, baselines = read(reader, text, past=past)
    for found in targets:
        assert text[found.start:found.end] == found.evidence and found.evidence.strip() == found.evidence != ""
    for found in baselines:
        assert text[found.start:found.end] == found.text != ""
    if past:
        assert targets == ()


@given(PIECES)
def test_reading_twice_gives_the_same(reader, text):
    assert read(reader, text) == read(reader, text)


@given(PIECES)
def test_text_before_the_sentences_moves_only_the_offsets(reader, text):
    before = "前文一二三。\n"
    moved, _ = reader.read(before + text, sentences(before + text, len(before)), year=2023)
    assert tuple(replace(t, start=t.start - len(before), end=t.end - len(before)) for t in moved) == read(reader, text)[0]


def test_every_target_names_a_rule_that_exists(reader):
    known = load().rules
    found = [t for case in CASES for t in read(reader, case["text"])[0]]
    assert found and all(t.rule in known for t in found)


def test_every_baseline_names_a_rule_that_exists(reader):
    known = load().rules
    found = [b for case in CASES for b in read(reader, case["text"])[1]]
    assert found and all(b.rule in known for b in found)


def test_deadline_of_one_paragraph_does_not_reach_the_next(reader):
    text = "到2025年，覆盖率达到90%。\n建成示范点3个。"
    assert [t.deadline for t in read(reader, text)[0]] == ["2025", None]


def test_past_of_a_paragraph_goes_on_until_something_is_asked(reader):
    text = "去年，全镇科普工作稳步推进。建成科普馆3个。今年要新建5个。"
    targets, baselines = read(reader, text)
    assert [b.text for b in baselines] == ["建成科普馆3个"]
    assert [(t.value, t.deadline) for t in targets] == [(5, "2023")]


def test_without_the_year_of_the_document_年底前_gives_no_deadline(reader):
    assert [t.deadline for t in read(reader, "年底前建成示范点3个。", year=None)[0]] == [None]


@pytest.mark.parametrize(("text", "deadline"), [
    ("2019年6月底前", "2019-06"), ("2024年", "2024"), ("2025年12月31日前", "2025-12-31"), ("9月底前", "2023-09"), ("二〇二五年底", "2025"),
    ("“十四五”末", "2025"),
    ("2023年7月至12月", "2023-12"), ("2023—2025年", "2025"), ("三季度", "2023-09"), ("2024年上半年", "2024-06"), ("今年内", "2023"), ("到 2025 年底前", "2025"),
    ("2019年12月取得阶段性成果并持续实施", "2019-12"), ("用三年时间", "2026"), ("2024年三季度末", "2024-09"),
])
def test_deadline_of_a_table_cell(reader, text, deadline):
    assert reader.deadline(text, 2023) == deadline


@pytest.mark.parametrize("text", ["长期坚持", "持续推进", "每年12月", "2024年3月起", "每季度末", "每年", ""])
def test_cell_without_an_end_has_no_deadline(reader, text):
    assert reader.deadline(text, 2023) is None


def test_a_sentence_without_end_is_read_to_its_end(reader):
    text = "建成示范点3个，" * 3000
    targets, _ = read(reader, text)
    assert len(targets) == 3000 and targets[-1].end == len(text) - 1


@pytest.mark.parametrize("piece", ["“", "《", "（", "1", "每", "到2025年", "一", "由1", "分别1个、", "第", "去年"])
def test_no_repetition_brings_the_reader_down(reader, piece):
    read(reader, piece * 5000)
