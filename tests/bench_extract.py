"""What the extraction's readers get right, and how fast, beside the usual libraries for numbers, dates, quantities and names of bodies. Not a test: it asserts nothing.

Every row: name, ours, theirs, ratio of the times (theirs / ours; above 1 ours is faster). A library that is not installed has no rows:
`pip install cn2an jionlp recognizers-text-number recognizers-text-number-with-unit recognizers-text-date-time 'emoji<1.7'`.
"""

from __future__ import annotations

import importlib.util
import statistics
import time
from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import yaml

from pipeline import numerals
from pipeline.extract.targets import TargetReader
from pipeline.extract.units import UnitReader
from pipeline.rulebook.load import load
from pipeline.text import sentences

CASES = Path(__file__).parent / "cases"
YEAR = 2024
RUNS = 5
# What the libraries are known to trip over: colloquial endings, scales, digits read one by one, set phrases that are no numbers.
NUMERALS = [
    ("两千三", "2300"), ("三万五", "35000"), ("一百十二", "112"), ("二〇二五", "2025"), ("二○三五", "2035"), ("廿四", "24"), ("卅", "30"), ("半", "0.5"), ("三点五", "3.5"),
    ("壹仟贰佰叁拾肆", "1234"), ("貳萬", "20000"), ("兩億", "200000000"), ("1.2万", "12000"), ("16.4亿", "1640000000"), ("3万亿", "3000000000000"), ("一万亿", "1000000000000"),
    ("5千万", "50000000"), ("1,234,567", "1234567"), ("１２", "12"), ("３．１４", "3.14"), ("零点零八", "0.08"), ("十", "10"), ("两", "2"), ("一百一", "110"),
    ("一事一议", None), ("三下乡", None), ("五老", None), ("万一", None), ("一带一路", None), ("二十大", None), ("十四五", None), ("5G", None), ("三五", None), ("千千万万", None),
    ("十十", None), ("一百百", None), ("二三万", None), ("4.5.6", None), ("点五", None), ("两两", None)]
# A deadline as plans write it → the last day that meets it, as precise as the text.
DATES = [
    ("2025年6月底前", "2025-06"), ("2025年底前", "2025"), ("到2025年", "2025"), ("到2025年末", "2025"), ("今年三季度", "2024-09"), ("“十四五”末", "2025"), ("“十五五”期间", "2030"),
    ("年底前", "2024"), ("9月底前", "2024-09"), ("2024年6月30日前", "2024-06-30"), ("二〇二五年六月", "2025-06"), ("2023—2025年", "2025"), ("2024年上半年", "2024-06"),
    ("明年底前", "2025"), ("三年内", "2027"), ("2024年第四季度", "2024-12"), ("2024年12月中下旬", "2024-12"), ("用两年时间", "2026"), ("2024年7月至2025年3月", "2025-03"),
    ("2024年7月—12月", "2024-12"), ("6月30日前", "2024-06-30"), ("今年内", "2024"), ("至2035年", "2035"), ("2027年底", "2027"), ("到2026年上半年", "2026-06")]

Answer = Callable[[str], object]


def main() -> list[tuple[str, str, str, str]]:
    """Prints the table and gives its rows."""
    found = list(rows())
    print("| 项目 | luoshi | 对照 | 速度比 |\n|---|---|---|---|")
    for row in found:
        print("| " + " | ".join(row) + " |", flush=True)
    return found


def rows() -> Iterator[tuple[str, str, str, str]]:
    rulebook = load()
    targets, units = TargetReader(rulebook), UnitReader(rulebook)
    written = [(numerals.write(n), str(n)) for n in range(0, 100_000, 7)]
    for name, answer in _numbers():
        yield _compared(f"汉字数0—99999往返（每7个取1个，共{len(written)}个）：{name}", written, _value, answer)
        yield _compared(f"易错数{len(NUMERALS)}条（含不是数的词语）：{name}", NUMERALS, _value, answer)
    due = [(text, _last(day)) for text, day in DATES]
    for name, answer in _days():
        yield _compared(f"时限{len(DATES)}条：{name}", due, lambda text: _last(targets.deadline(text, YEAR)), answer)
    figures = [(case["text"], tuple(sorted(Decimal(t["value"]) for t in case["targets"] if "value" in t))) for case in _cases("targets")]
    figures = [(text, values) for text, values in figures if values]

    def ours(text: str) -> list[Decimal]:
        return [t.value for t in targets.read(text, sentences(text), year=YEAR)[0]]

    for name, answer in _figures():
        yield _compared(f"指标数值{len(figures)}句（对照只找数，不分指标与基数）：{name}", figures, ours, answer, _holds)
    named = [(case["text"], tuple(name.lstrip("*-#") for name in case["units"])) for case in _cases("units") if case.get("units")]
    for name, answer in _bodies():
        yield _compared(f"责任单位{len(named)}条：{name}", named, lambda text: [u.name for group in units.groups(text, _lines(text)) for u in group.units], answer, _holds)


def _compared(name: str, cases: list[tuple[str, object]], ours: Answer, theirs: Answer, right: Callable[[object, object], bool] = lambda said, want: said == want):
    a, b = _measured(cases, ours, right), _measured(cases, theirs, right)
    return name, f"{a[0]:.1%}，{a[1]:.1f} ms", f"{b[0]:.1%}，{b[1]:.1f} ms", f"{b[1] / a[1]:.1f}"


def _measured(cases: list[tuple[str, object]], answer: Answer, right: Callable[[object, object], bool]) -> tuple[float, float]:
    """Share of right answers, and the median of the milliseconds of a run over all cases."""

    def said(text: str) -> object:
        try:
            return answer(text)
        except Exception:  # a library that raises has given no answer
            return None

    good = sum(right(said(text), want) for text, want in cases)
    spent = []
    for _ in range(RUNS):
        began = time.perf_counter()
        for text, _ in cases:
            said(text)
        spent.append((time.perf_counter() - began) * 1000)
    return good / len(cases), statistics.median(spent)


def _holds(said: object, want: tuple) -> bool:
    """Is everything wanted among what was found?"""
    left = list(said or ())
    for one in want:
        if one not in left:
            return False
        left.remove(one)
    return True


def _cases(name: str) -> list[dict]:
    return yaml.safe_load((CASES / f"{name}.yaml").read_text(encoding="utf-8"))


def _lines(text: str) -> list[tuple[int, int]]:
    found, at = [], 0
    for line in text.split("\n"):
        found.append((at, at + len(line)))
        at += len(line) + 1
    return found


def _value(text: str) -> str | None:
    value = numerals.parse(text)
    return None if value is None else _plain(value)


def _plain(value: object) -> str:
    exact = Decimal(str(value))
    return str(int(exact)) if exact == exact.to_integral_value() else str(exact.normalize())


def _last(day: str | None) -> date | None:
    """The last day of "2025", "2025-06" or "2025-06-30"."""
    if day is None:
        return None
    year, month, the_day = (*map(int, day.split("-")), None, None)[:3]
    month = month or 12
    return date(year, month, the_day or monthrange(year, month)[1])


# ---------------------------------------------------------------- the libraries


def _there(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def _numbers() -> Iterator[tuple[str, Answer]]:
    if _there("cn2an"):
        import cn2an

        yield "cn2an（smart）", lambda text: _plain(cn2an.cn2an(text, "smart"))
    if _there("recognizers_number"):
        from recognizers_number import Culture, NumberRecognizer

        model = NumberRecognizer(Culture.Chinese).get_number_model()

        def recognised(text: str) -> str | None:
            hits = model.parse(text)
            return _plain(hits[0].resolution["value"]) if len(hits) == 1 and hits[0].text == text else None

        yield "Recognizers-Text", recognised


def _days() -> Iterator[tuple[str, Answer]]:
    if _there("jionlp"):
        import jionlp

        yield "JioNLP", lambda text: date.fromisoformat(jionlp.parse_time(text, time_base={"year": YEAR})["time"][1][:10])
    if _there("recognizers_date_time"):
        from recognizers_date_time import Culture, DateTimeRecognizer

        model, today = DateTimeRecognizer(Culture.Chinese).get_datetime_model(), datetime(YEAR, 1, 2)

        def recognised(text: str) -> date:
            values = [value for hit in model.parse(text, today) for value in hit.resolution["values"]]
            ends = [date.fromisoformat(v["end"]) - timedelta(days=1) if "end" in v else date.fromisoformat(v["value"]) for v in values]
            return max(ends)

        yield "Recognizers-Text", recognised


def _figures() -> Iterator[tuple[str, Answer]]:
    if _there("recognizers_number"):
        from recognizers_number import Culture, NumberRecognizer

        model = NumberRecognizer(Culture.Chinese).get_number_model()
        percent = NumberRecognizer(Culture.Chinese).get_percentage_model()
        yield "Recognizers-Text", lambda text: [Decimal(str(hit.resolution["value"]).rstrip("%")) for hit in (*model.parse(text), *percent.parse(text))]


def _bodies() -> Iterator[tuple[str, Answer]]:
    """Named-entity models cannot be had offline; jieba's part-of-speech tagger knows nt (a body)."""
    if _there("jieba"):
        from jieba import posseg

        posseg.dt.initialize() if hasattr(posseg.dt, "initialize") else None
        list(posseg.cut("市教育局"))
        yield "jieba 词性标注 nt", lambda text: [word.word for word in posseg.cut(text) if word.flag == "nt"]


if __name__ == "__main__":
    main()
