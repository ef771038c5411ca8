"""The summary is short and tells what matters; the shared words miss no value."""

from dataclasses import replace
from decimal import Decimal

import pytest
from support import make_extraction, make_trace

from pipeline.model import Factor, Modality, Role, Severity, Verdict
from pipeline.report import words
from pipeline.report.overview import summary_lines

TRACE = make_trace(6, 30)


def test_the_summary_has_ten_lines_at_most_and_says_what_was_not_read():
    lines = summary_lines(TRACE)
    assert 5 <= len(lines) <= 10 and all("\n" not in line for line in lines)
    unread = next(lower for lower in TRACE.lowers if lower.extraction.document.unread_pages)
    assert f"{unread.name} 第3、4页" in lines[-1]


def test_counts_in_the_summary_are_the_counts_of_the_trace():
    text = "\n".join(summary_lines(TRACE))
    for verdict in Verdict:
        count = sum(v.verdict is verdict for lower in TRACE.lowers for v in lower.tasks)
        assert count and f"{words.VERDICT_NAME[verdict]} {count}" in text


def test_no_lower_document_is_said():
    assert summary_lines(replace(TRACE, lowers=()))[-1] == "下位文件：没有可核对的文件"


def test_the_concept_pack_is_named():
    assert "通用规则" in summary_lines(TRACE)[0] and "专题概念包“water”" in summary_lines(replace(TRACE, domain="water"))[0] and "农村人居环境" in summary_lines(replace(TRACE, domain="rural_environment"))[0]


@pytest.mark.parametrize(
    "table, values",
    [
        (words.VERDICT_NAME, Verdict),
        (words.VERDICT_SYMBOL, Verdict),
        (words.VERDICT_COLOUR, Verdict),
        (words.VERDICT_MEANING, Verdict),
        (words.ROLE_NAME, Role),
        (words.ROLE_COLOUR, Role),
        (words.MODALITY_NAME, Modality),
        (words.SEVERITY_NAME, Severity),
    ],
)
def test_every_value_has_its_word(table, values):
    assert set(table) == set(values)


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("back, ink", [*words.VERDICT_COLOUR.values(), *words.ROLE_COLOUR.values()])
def test_ink_can_be_read_on_its_background(back, ink):
    light, dark = sorted((luminance(back), luminance(ink)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_symbols_differ_without_colour():
    assert len(set(words.VERDICT_SYMBOL.values())) == len(Verdict)


def test_a_quantity_reads_as_a_sentence_would_say_it():
    target = make_extraction(30).goal_targets[0]
    assert words.target_words(target) == "民生实事满意率：不少于90%（2025年）"
    ranged = replace(target, value=Decimal(3), value_max=Decimal(5), unit="个", comparator="=", frequency="annual", deadline=None, modality="力争")
    assert words.quantity(ranged) == "每年力争3—5个"


@pytest.mark.parametrize("day, said", [("2025", "2025年"), ("2025-06", "2025年6月"), ("2025-06-30", "2025年6月30日"), (None, "")])
def test_dates_are_said_as_precisely_as_they_are_known(day, said):
    assert words.date_words(day) == said


def test_an_open_list_ends_in_等_once():
    task = replace(make_extraction(1).tasks[0], units_open=True)
    assert words.units_of(task, Role.LEAD) == "市住建局" and words.units_of(task, Role.SUPPORT).endswith("等")


def test_how_a_sentence_stands_is_said_in_chinese_wherever_factors_are_shown():
    from pipeline.coverage.statements import Standing

    assert set(words.STANDING_NAME) == set(Standing)
    measure = replace(TRACE.lowers[0].tasks[0].measures[0], factors=tuple(Factor("rule", standing.value, 0.0) for standing in Standing))
    assert not any(factor.text.isascii() for factor in words.weighed(measure)[0])
