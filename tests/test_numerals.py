from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.numerals import between, parse, split, write


def test_every_number_below_a_hundred_thousand_goes_there_and_back():
    assert [n for n in range(100_000) if parse(write(n)) != n] == []


@given(st.integers(0, 10**16 - 1))
def test_large_numbers_go_there_and_back(number):
    assert parse(write(number)) == number


@given(st.integers(0, 10**12))
def test_thousands_separators_change_nothing(number):
    assert parse(f"{number:,}") == number


@given(st.text(max_size=12))
def test_no_text_makes_the_parser_fail(text):
    assert parse(text) is None or isinstance(parse(text), Decimal)


@pytest.mark.parametrize(("text", "value"), [
    ("0", "0"), ("１２", "12"), ("1,234,567", "1234567"), ("1，234", "1234"), ("12.5", "12.5"), ("３．１４", "3.14"),
    ("十", "10"), ("十二", "12"), ("二十", "20"), ("一百零五", "105"), ("一百一十", "110"), ("一百十二", "112"), ("两千", "2000"),
    ("两千三", "2300"), ("三万五", "35000"),
    ("一万零二百零三", "10203"), ("二〇二五", "2025"), ("一九九八", "1998"), ("二○三五", "2035"), ("一二三", "123"), ("零", "0"), ("廿四", "24"), ("卅", "30"),
    ("半", "0.5"), ("三点五", "3.5"), ("零点零八", "0.08"), ("壹仟贰佰叁拾肆", "1234"), ("貳萬", "20000"), ("兩億", "200000000"), ("玖万捌仟", "98000"),
    ("1.2万", "12000"), ("16.4亿", "1640000000"), ("3万亿", "3000000000000"), ("5千万", "50000000"),
    ("一万亿", "1000000000000"), ("十万", "100000"), ("1 200", "1200"),
])
def test_numerals_are_read_exactly(text, value):
    assert parse(text) == Decimal(value)


@pytest.mark.parametrize("text", [
    "", "一事一议", "三下乡", "五老", "第一书记", "万一", "一带一路", "二十大", "十四五", "5G", "12·4", "三五", "百", "千千万万", "十十", "一百百", "二三万", "百家", "三农",
    "一心一意", "千方百计", "4.5.6", "1,23", "亿", "点五", "三点", "两两", "半半",
])
def test_what_is_no_numeral_is_not_read_as_one(text):
    assert parse(text) is None


@pytest.mark.parametrize(("text", "value", "scale"), [
    ("1.2万", "1.2", "万"), ("两万", "2", "万"), ("十万", "10", "万"), ("三千", "3000", ""), ("5千", "5", "千"), ("14.2万亿", "14.2", "万亿"), ("一百二十亿", "120", "亿"),
    ("两万五千", "25000", ""), ("80", "80", ""), ("２．５亿", "2.5", "亿"), ("1万亿", "1", "万亿"),
])
def test_value_and_scale_stay_as_written(text, value, scale):
    assert split(text) == (Decimal(value), scale)


@pytest.mark.parametrize("number", [-1, 10**16])
def test_numbers_that_nobody_writes_are_refused(number):
    with pytest.raises(ValueError):
        write(number)


@pytest.mark.parametrize(("text", "ends"), [("五六", (5, 6)), ("十五六", (15, 16)), ("二三十", (20, 30)), ("三五千", (3000, 5000)), ("一百二三十", (120, 130)), ("两三万", (20000, 30000))])
def test_two_digits_that_follow_each_other_are_a_range(text, ends):
    assert between(text) == ends


@pytest.mark.parametrize("text", ["二五", "六五", "五十", "一二三", "五", ""])
def test_other_digits_side_by_side_are_no_range(text):
    assert between(text) is None
