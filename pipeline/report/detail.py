"""明细: a line a place and measure, with both texts, the reason, and the columns that a reviewer fills in and `luoshi review import` reads back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime

from pipeline import decisions
from pipeline.model import CoverageTrace, LowerCoverage, MeasureVerdict, Task, TaskVerdict
from pipeline.report import words
from pipeline.report.compare import where_in
from pipeline.report.data import duty_json
from pipeline.report.rulings import NONE, STATE_NAME, Ruling, Rulings
from pipeline.report.sheets import Looks, close, height, lay_out, workbook, write, write_row

_RECOGNISED, _WEIGHED = 6, 4  # rules shown in a line, and weights where none was recognised; the report page has all of them
_HEAD = ["镇街", "任务编号", "任务", "任务结论", "举措编号", "举措结论", "置信度", "待核", "上位文件原文", "下位文件原文", "出处", "页码", "理由", "规则与依据"]
_WIDTHS = [10, 8, 16, 11, 12, 9, 7, 6, 38, 38, 17, 6, 36, 44, 10, 24, 10, 12, 12, 24, 10]
_FIRST = len(_HEAD)  # the reviewer's first column
_LONG = (2, 8, 9, 10, 12, 13)  # columns of wrapped text
_FILLED = "#FFFBE6"


def review_workbook(trace: CoverageTrace, lower: LowerCoverage, rulings: Rulings = NONE) -> bytes:
    """xlsx of one place's detail, for its reviewer: for rounds so large that one workbook cannot hold the detail of all."""
    book, written = workbook(f"{lower.name}复核表")
    detail_sheet(Looks(book), book.add_worksheet("明细"), trace, [lower], rulings)
    book.close()
    return written.getvalue()


def detail_sheet(look: Looks, sheet, trace: CoverageTrace, lowers: Iterable[LowerCoverage], rulings: Rulings) -> dict[tuple[str, str], int]:
    """One line a place and measure. Returns the first line of each (place, task)."""
    lay_out(sheet, words.document_title(trace.upper) + "逐条明细", _WIDTHS, look, words.REVIEW_NOTE)
    sheet.set_column(len(_WIDTHS) - 1, len(_WIDTHS) - 1, None, None, {"hidden": True})
    sheet.set_row(2, 26)
    write_row(sheet, 2, [*_HEAD, *words.REVIEW_HEAD], look.head)
    tasks = {task.id: task for task in trace.upper.tasks}
    duties = {task.id: duty_json(task) for task in trace.upper.tasks}
    row, lines = 3, {}
    for lower in lowers:
        for verdict in lower.tasks:
            task = tasks.get(verdict.id)
            texts = {measure.id: measure.text for measure in task.measures} if task else {}
            lines[lower.name, verdict.id] = row
            for measure in verdict.measures:
                cells = _detail_row(lower, verdict, task, measure, texts.get(measure.id, ""))
                ruling = rulings.on(lower.name, measure.id)
                state = _state(ruling, rulings.on(lower.name, verdict.id))
                sheet.set_row(row, height([*((cells[i], _WIDTHS[i]) for i in _LONG), (ruling.reason if ruling else "", 24), (state, 24)]))
                for column, cell in enumerate(cells):
                    if column == 3:
                        style = look.verdict(verdict.verdict, 10, "top")
                    else:
                        style = look.text if column in _LONG else look.id if column in (1, 4) else look.high
                    if column == 6:
                        sheet.write_number(row, 6, round(measure.confidence, 2), look(align="center", valign="top", num_format="0.00"))
                    else:
                        write(sheet, row, column, cell, style)
                _reviewed(look, sheet, row, ruling, state)
                write(sheet, row, _FIRST + 6, _key(duties[verdict.id], lower, measure) if task else "", look.id)
                row += 1
    if row > 3:
        sheet.data_validation(3, _FIRST, row - 1, _FIRST, {
            "validate": "list", "source": list(words.REVIEW_VERDICT), "error_title": "人工结论", "error_message": "请从下拉表中选：覆盖、未覆盖、不适用、已说明"})
    close(sheet, 3, 3, row - 3, len(_WIDTHS) - 1)
    return lines


def _key(duty: dict, lower: LowerCoverage, measure: MeasureVerdict) -> str:
    """What a line is about and rests on: the stamp, and a check word that fits no other line."""
    return f"{decisions.stamp(duty, measure.id, (quote.text for quote in measure.evidence))}-{check_word(lower.name, measure.id)}"


def check_word(place: str, measure: str) -> str:
    return hashlib.sha256(f"{place}\0{measure}".encode()).hexdigest()[:8]


def _reviewed(look: Looks, sheet, row: int, ruling: Ruling | None, state: str) -> None:
    """The reviewer's cells, with what was decided before where there is something."""
    text, day = look(bg_color=_FILLED, valign="top"), look(bg_color=_FILLED, valign="top", num_format="yyyy-mm-dd")
    said = ""
    if ruling:
        said = next(name for name, verdict in words.REVIEW_VERDICT.items() if verdict == ruling.verdict)
    for column, cell in enumerate((said, ruling.reason if ruling else "", ruling.owner if ruling else ""), _FIRST):
        if cell:
            write(sheet, row, column, cell, text)
        else:
            sheet.write_blank(row, column, None, text)
    for column, cell in enumerate(((ruling.expires or ruling.due) if ruling else None, ruling.decided_on if ruling else None), _FIRST + 3):
        if cell:
            sheet.write_datetime(row, column, datetime.fromisoformat(cell), day)
        else:
            sheet.write_blank(row, column, None, day)
    write(sheet, row, _FIRST + 5, state, look.text)


def _state(ruling: Ruling | None, whole: Ruling | None) -> str:
    parts = []
    if ruling:
        parts.append(STATE_NAME[ruling.state] + (f"（{ruling.changed}）" if ruling.changed else ""))
    if whole:
        parts.append(f"整项任务{whole.line}")
    return "\n".join(parts)


def _detail_row(lower: LowerCoverage, verdict: TaskVerdict, task: Task | None, measure: MeasureVerdict, text: str) -> list[str]:
    reading = lower.extraction
    places = [where_in(reading, quote.start) for quote in measure.evidence]
    pages = dict.fromkeys(str(quote.page) for quote in measure.evidence if quote.page is not None)
    recognised, weighed = words.weighed(measure)
    factors = [f"{factor.text}［{factor.rule}］" for factor in recognised[:_RECOGNISED]]
    factors += [f"共{len(recognised)}条"] if len(recognised) > _RECOGNISED else []
    factors = factors or [f"{factor.weight:+.2f} {factor.text}［{factor.rule}］" for factor in weighed[:_WEIGHED]]
    return [
        lower.name,
        verdict.id,
        task.title if task else "",
        f"{words.VERDICT_SYMBOL[verdict.verdict]} {words.VERDICT_NAME[verdict.verdict]}",
        measure.id,
        words.measure_words(measure, verdict),
        "",
        "待核" if measure.review else "",
        text,
        "\n".join(quote.text for quote in measure.evidence),
        "\n".join(places),
        "、".join(pages),
        measure.reason,
        "；".join(factors),
    ]
