"""Marks show what two wordings share; places can be found again."""

from hypothesis import given
from hypothesis import strategies as st
from support import make_trace

from pipeline.report.compare import shared_runs, where_in
from pipeline.text import fold


def texts(text, runs):
    return [text[start:end] for start, end in runs]


def test_shared_words_are_marked_on_both_sides():
    left, right = "每季度上门一次，送药送餐。", "家庭医生每季度上门，送餐到家。"
    upper, lower = shared_runs(left, right)
    assert texts(left, upper) == ["每季度上门", "送餐"]
    assert texts(right, lower) == ["每季度上门", "送餐"]


def test_nothing_in_common_marks_nothing():
    assert shared_runs("改造水管", "送戏下乡") == ((), ())


def test_full_width_and_half_width_are_the_same():
    upper, lower = shared_runs("达到４５％以上", "达到45%以上")
    assert upper and lower == upper


def test_the_same_word_twice_in_a_row_is_marked_twice():
    assert shared_runs("a丁a丁", "a丁") == (((0, 2), (2, 4)), ((0, 2),))


@given(st.text(alphabet="甲乙丙丁，。“a１ ", max_size=40), st.text(alphabet="甲乙丙丁，。“a１ ", max_size=40))
def test_marks_are_in_order_inside_the_text_and_mutual(left, right):
    upper, lower = shared_runs(left, right)
    assert shared_runs(right, left) == (lower, upper)
    at = 0
    for start, end in upper:
        assert at <= start < end <= len(left) and end - start >= 2
        assert all(fold(left)[i : i + 2] in fold(right) for i in range(start, end - 1))
        at = end


def test_a_place_names_heading_page_and_paragraph():
    lower = next(lower for lower in make_trace(2, 6).lowers if lower.extraction.document.source.format == "pdf")
    quote = next(m.evidence[0] for v in lower.tasks for m in v.measures if m.evidence)
    document = lower.extraction.document
    assert where_in(lower.extraction, quote.start) == f"一、工作安排 · 第1页 · 第{document.paragraph_of(quote.start) + 1}段"


def test_a_document_without_pages_names_none():
    lower = next(lower for lower in make_trace(2, 6).lowers if lower.extraction.document.source.format == "docx")
    assert "页" not in where_in(lower.extraction, 0)
