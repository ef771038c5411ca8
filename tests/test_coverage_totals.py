"""All towns together against the city's number: met, short, exceeded, not-additive."""

from __future__ import annotations

from decimal import Decimal

import pytest
from plans import duties, readers, town

from pipeline.coverage import check


def total(task: int, *lines: str | None, towns=("芦苇镇", "松坪镇", "白鹭街道")):
    trace = check(duties().upper, [(name, town({task: line}, name)) for name, line in zip(towns, lines)], readers(), "none")
    return next(a for a in trace.aggregates if a.target == f"1.{task}-t1")


def lamps(number: int) -> str:
    return f"（五）改造路灯。年内更换节能路灯{number}盏。（责任单位：村镇建设办公室）"


@pytest.mark.parametrize("numbers, status", [((200, 200, 100), "met"), ((200, 200, 99), "short"), ((300, 300, 151), "exceeded"), ((250, 250, 250), "met")])
def test_a_sum_is_met_short_or_exceeded(numbers, status):
    found = total(6, *map(lamps, numbers))
    assert (found.status, found.sum, found.required, found.unit) == (status, Decimal(sum(numbers)), Decimal(500), "盏")


def test_towns_without_a_number_are_silent_and_named():
    found = total(6, lamps(500), "（五）改造路灯。年内更换一批节能路灯。（责任单位：村镇建设办公室）", None)
    assert found.stated_by == ("芦苇镇",) and found.silent == ("松坪镇", "白鹭街道") and found.status == "met"


def test_nobody_s_number_is_short():
    found = total(6, None, None)
    assert (found.sum, found.status, found.stated_by) == (Decimal(0), "short", ())


def test_shares_cannot_be_added():
    trace = check(duties().upper, [("芦苇镇", town())], readers(), "none")
    share = next(a for a in trace.aggregates if a.unit == "%")
    assert share.status == "not-additive" and share.sum is None and share.stated_by == ("芦苇镇",)


def test_a_number_for_every_place_cannot_be_added():
    from plans import extracted

    from pipeline.coverage.totals import additive

    (target,) = extracted("云岫市渡口建设方案", "一、主要任务", "1.建好渡口。每个镇（街道）建成渡口2处。").tasks[0].targets
    assert not additive(target)


def test_the_order_of_the_towns_does_not_change_a_total():
    lines = [lamps(10), lamps(20), None]
    one, other = total(6, *lines), total(6, *lines[::-1], towns=("白鹭街道", "松坪镇", "芦苇镇"))
    assert one == other


def test_tasks_that_do_not_bind_the_towns_have_no_total():
    trace = check(duties().upper, [("芦苇镇", town())], readers(), "none")
    assert trace.aggregates and not any(a.target.startswith("1.5-") for a in trace.aggregates)


def test_ten_thousands_and_ones_add_up():
    from plans import extracted

    from pipeline.coverage import Duties, assemble

    upper = extracted("云岫市渡口建设方案", "一、主要任务", "1.教会乘船。每年培训乘客1.2万人次。", "云岫市人民政府", "2023年3月1日")
    plans = [(name, town({1: f"（一）教会乘船。每年培训乘客{number}人次。"}, name)) for name, number in (("芦苇镇", 9000), ("松坪镇", 3000))]
    duties = Duties(upper, readers(), "none")
    (found,) = assemble(duties, [duties.check(plan, name) for name, plan in plans]).aggregates
    assert (found.status, found.sum, found.unit) == ("met", Decimal("1.2"), "万人次")
    assert not any(f.rule == "target_escalated" for name, plan in plans for f in duties.check(plan, name).findings)
