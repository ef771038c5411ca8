"""Totals: does the sum over all lower documents reach the upper document's number?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache

from pipeline.model import Aggregate, Extraction, Finding, LowerCoverage, Quote, Severity, Target, Verdict

# What is a share, a rate or a rank cannot be added over places.
_NOT_ADDITIVE = ("%", "％", "个百分点", "‰", "倍", "成", "位", "级", "天", "小时", "分钟", "年", "个工作日", "日")
# "每个村", "各镇（街道）", "人均"; not "每年整治农村公路".
_PER_PLACE = re.compile(r"(?:每(?!年|半年|个?月|个?季|周|学期|天|日|次|期|届)|各(?!类|种|项|级)|人均|平均)个?[一-龥（）、]{0,6}?(?:镇|乡(?!村)|街道|村(?!公路|道|级)|社区|人(?!才)|户|校|所)")
_MAGNITUDES = {"千万": Decimal(10) ** 7, "百万": Decimal(10) ** 6, "万": Decimal(10) ** 4, "亿": Decimal(10) ** 8}
# Beyond one and a half times the total, the sum is a sign of 加码 rather than of success.
_EXCEEDED = Decimal("1.5")


def total(upper: Extraction, lowers: Sequence[LowerCoverage]) -> tuple[Aggregate, ...]:
    """One aggregate per target of a binding task, in the upper document's order. Lower figures in another measure word are not added."""
    found = []
    for task in upper.tasks:
        if not task.applies_to_lower:
            continue
        for target in task.targets:
            stated, silent, amount = [], [], Decimal(0)
            for lower in lowers:
                verdict = next((t for t in lower.tasks if t.id == task.id), None)
                if verdict is None or verdict.verdict is Verdict.NOT_APPLICABLE:
                    continue
                answer = next((t for t in verdict.targets if t.id == target.id), None)
                if answer is not None and answer.status == "stated" and answer.value is not None:
                    stated.append(lower.name)
                    amount += in_unit(answer.value, answer.unit or target.unit, target.unit)
                else:
                    silent.append(lower.name)
            if not additive(target):
                found.append(Aggregate(target.id, target.indicator, target.value, target.unit, None, tuple(stated), tuple(silent), "not-additive"))
                continue
            required = target.value
            status = "short" if amount < required else "exceeded" if amount > required * _EXCEEDED else "met"
            found.append(Aggregate(target.id, target.indicator, required, target.unit, amount, tuple(stated), tuple(silent), status))
    return tuple(found)


@lru_cache(maxsize=1000)
def plain_unit(unit: str) -> tuple[Decimal, str]:
    """A unit without its magnitude, and that: 万人次 is ten thousand 人次."""
    word = next((word for word in _MAGNITUDES if unit.startswith(word) and len(unit) > len(word)), "")
    return _MAGNITUDES.get(word, Decimal(1)), unit[len(word) :]


def in_unit(value: Decimal, unit: str, wanted: str) -> Decimal:
    """A number of `unit` in the magnitude of `wanted`: 900 人次 are 0.09 万人次."""
    return value * plain_unit(unit)[0] / plain_unit(wanted)[0]


def additive(target: Target) -> bool:
    """May the figures of several places be added to one for all?"""
    rhythm = target.unit in ("次", "场", "期") and target.frequency in ("monthly", "weekly", "quarterly")
    per_place = _PER_PLACE.search(target.evidence)
    return target.unit not in _NOT_ADDITIVE and target.comparator not in ("<=", "<") and not rhythm and not per_place and not (target.scope or "").startswith(("每", "各", "人均"))


def shortfalls(upper: Extraction, aggregates: Sequence[Aggregate]) -> tuple[Finding, ...]:
    """A finding per indicator whose sum stays under the total."""
    targets = {t.id: (task, t) for task in upper.tasks for t in task.targets}
    found = []
    for a in aggregates:
        if a.status != "short":
            continue
        task, target = targets[a.target]
        silent = f"；{'、'.join(a.silent)}未写数" if a.silent else ""
        found.append(Finding("aggregate_short", Severity.MEDIUM, f"“{a.indicator}”各地合计{a.sum}{a.unit}，少于全市{a.required}{a.unit}{silent}；请分解到各地", task.id, target.measure,
                             None, Quote(target.evidence, target.start, target.end)))
    return tuple(found)
