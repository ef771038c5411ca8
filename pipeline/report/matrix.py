"""Spreadsheets: the task list with its responsibility matrix, the coverage workbook, and both as CSV.

Text out of documents is only ever written as a string, so that a cell that begins with "=" stays text. Same values, same bytes.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from pipeline.model import CoverageTrace, Extraction, LowerCoverage, MeasureVerdict, Role, Task, TaskVerdict, Verdict
from pipeline.report import words
from pipeline.report.compare import place_of

_CELL_LIMIT = 32767  # characters in a cell, Excel's own limit
_LINK_LIMIT = 65000  # links in a sheet: Excel stops at 65,530
_CREATED = datetime(2000, 1, 1)  # a fixed day: the bytes must not tell when they were written
_FONT = "宋体"
_HEAD_FONT = "黑体"
_DARK, _PALE, _LINE = "#1F4E79", "#DCE6F1", "#A6B1BD"
_A3 = 8
_ONE_PAGE = 60  # a coverage matrix of this many tasks is still read on one sheet of A3


@dataclass(frozen=True, slots=True)
class _Carrier:
    """A unit with the tasks it answers for, each in its strongest role."""

    name: str
    collective: bool
    roles: dict[str, Role]

    def count(self, role: Role) -> int:
        return sum(mine is role for mine in self.roles.values())


# ---------------------------------------------------------------- the two workbooks


def task_workbook(extraction: Extraction) -> bytes:
    """xlsx: 任务分解表, 责任矩阵 (units × tasks), 单位负荷."""
    book, written = _book(words.document_title(extraction))
    look = _Looks(book)
    _task_sheet(book, look, extraction)
    carriers = _carriers(extraction)
    _duty_sheet(book, look, extraction, carriers)
    _load_sheet(book, look, extraction, carriers)
    book.close()
    return written.getvalue()


def coverage_workbook(trace: CoverageTrace) -> bytes:
    """xlsx: 覆盖矩阵 (each cell leads to its lines in 明细), 明细, 问题清单, 目标汇总, 核对说明."""
    book, written = _book(words.document_title(trace.upper) + "落实情况")
    look = _Looks(book)
    sheets = {name: book.add_worksheet(name) for name in ("覆盖矩阵", "明细", "问题清单", "目标汇总", "核对说明")}
    lines = _detail_sheet(book, look, sheets["明细"], trace)
    _coverage_sheet(look, sheets["覆盖矩阵"], trace, lines)
    _finding_sheet(look, sheets["问题清单"], trace)
    _aggregate_sheet(look, sheets["目标汇总"], trace)
    _method_sheet(look, sheets["核对说明"], trace)
    sheets["覆盖矩阵"].activate()
    book.close()
    return written.getvalue()


# ---------------------------------------------------------------- CSV


def task_csv(extraction: Extraction) -> bytes:
    """任务分解表 as CSV for Excel: UTF-8 with a byte order mark."""
    return _csv([_TASK_HEAD, *(_task_row(number, task) for number, task in enumerate(extraction.tasks, 1))])


def duty_csv(extraction: Extraction) -> bytes:
    """责任矩阵 as CSV: a line a unit, a column a task."""
    rows = [["单位", *(f"{task.id} {task.title}" for task in extraction.tasks), "牵头", "责任", "配合", "合计"]]
    for carrier in _carriers(extraction):
        roles = [words.ROLE_NAME[carrier.roles[task.id]] if task.id in carrier.roles else "" for task in extraction.tasks]
        rows.append([carrier.name, *roles, *(str(carrier.count(role)) for role in (Role.LEAD, Role.RESPONSIBLE, Role.SUPPORT)), str(len(carrier.roles))])
    return _csv(rows)


def coverage_csv(trace: CoverageTrace) -> bytes:
    """覆盖矩阵 as CSV: a line a task, a column a place, verdicts in words."""
    rows = [["编号", "所属部分", "任务", *(lower.name for lower in trace.lowers)]]
    verdicts = _by_task(trace)
    for task in trace.upper.tasks:
        found = [verdicts.get((lower.name, task.id)) for lower in trace.lowers]
        rows.append([task.id, _chapter(task), task.title, *(words.VERDICT_NAME[v.verdict] + ("（空泛）" if "hollow" in v.flags else "") if v else "" for v in found)])
    rows.append(["", "", "举措覆盖率", *(words.percent(lower.score) for lower in trace.lowers)])
    return _csv(rows)


def _csv(rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([[_guarded(cell) for cell in row] for row in rows])
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8", "replace")


def _guarded(cell: str) -> str:
    """A cell that a spreadsheet would run as a formula gets an apostrophe before it."""
    return "'" + cell if cell.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠")) or cell.startswith(("\t", "\r")) else cell


# ---------------------------------------------------------------- what stands in a row

_TASK_HEAD = ["序号", "编号", "所属部分", "任务", "举措", "目标", "牵头单位", "责任单位", "配合单位", "完成时限"]


def _task_row(number: int, task: Task) -> list[str]:
    measures = "\n".join(f"{k}. {measure.text}" for k, measure in enumerate(task.measures, 1)) if len(task.measures) > 1 else "".join(m.text for m in task.measures)
    return [str(number), task.id, _chapter(task), task.title, measures, "\n".join(words.target_words(target) for target in task.targets),
            words.units_of(task, Role.LEAD), words.units_of(task, Role.RESPONSIBLE), words.units_of(task, Role.SUPPORT), words.task_deadline(task)]


def _chapter(task: Task) -> str:
    return task.heading_path[-1] if task.heading_path else ""


def _carriers(extraction: Extraction) -> list[_Carrier]:
    """Units by number of tasks, then of tasks led, then by first mention."""
    found: dict[str, _Carrier] = {}
    strength = (Role.LEAD, Role.RESPONSIBLE, Role.SUPPORT)
    for task in extraction.tasks:
        for unit in task.units:
            carrier = found.setdefault(unit.canonical, _Carrier(unit.canonical, unit.collective, {}))
            before = carrier.roles.get(task.id, unit.role)
            carrier.roles[task.id] = min(before, unit.role, key=strength.index)
    return sorted(found.values(), key=lambda carrier: (-len(carrier.roles), -carrier.count(Role.LEAD)))


def _by_task(trace: CoverageTrace) -> dict[tuple[str, str], TaskVerdict]:
    return {(lower.name, verdict.id): verdict for lower in trace.lowers for verdict in lower.tasks}


# ---------------------------------------------------------------- looks


class _Looks:
    """The formats of a workbook, each made once."""

    def __init__(self, book: xlsxwriter.Workbook):
        self._book = book
        self._made: dict[tuple, object] = {}

    def __call__(self, **properties):
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            base = {"font_name": _FONT, "font_size": 10, "valign": "vcenter", "text_wrap": True, "border": 1, "border_color": _LINE}
            self._made[key] = self._book.add_format(base | properties)
        return self._made[key]

    @property
    def title(self):
        return self(font_name=_HEAD_FONT, font_size=16, align="center", border=0, text_wrap=False)

    @property
    def note(self):
        return self(border=0, font_color="#44505C", text_wrap=False)

    @property
    def head(self):
        return self(font_name=_HEAD_FONT, align="center", bg_color=_DARK, font_color="#FFFFFF")

    @property
    def upright(self):
        """A head of stacked characters, for narrow columns."""
        return self(font_name=_HEAD_FONT, align="center", valign="top", bg_color=_DARK, font_color="#FFFFFF", rotation=270, text_wrap=False)

    @property
    def text(self):
        return self(valign="top")

    @property
    def id(self):
        return self(valign="top", num_format="@", text_wrap=False)

    @property
    def centre(self):
        return self(align="center")

    @property
    def high(self):
        """Short words beside long text: centred, at the top."""
        return self(align="center", valign="top")

    @property
    def total(self):
        return self(align="center", bg_color=_PALE, font_name=_HEAD_FONT)

    def verdict(self, verdict: Verdict, size: int = 12, valign: str = "vcenter"):
        background, colour = words.VERDICT_COLOUR[verdict]
        return self(align="center", valign=valign, bg_color=background, font_color=colour, font_size=size, underline=0, text_wrap=False)

    def role(self, role: Role):
        background, colour = words.ROLE_COLOUR[role]
        return self(align="center", bg_color=background, font_color=colour, font_size=9, text_wrap=False)


def _book(title: str) -> tuple[xlsxwriter.Workbook, io.BytesIO]:
    written = io.BytesIO()
    book = xlsxwriter.Workbook(written, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False})
    book.set_properties({"title": title[:250], "author": "luoshi", "created": _CREATED})
    return book, written


def _string(sheet, row: int, column: int, text: str, look) -> None:
    """Text of any length and any beginning, as text."""
    sheet.write_string(row, column, text if len(text) <= _CELL_LIMIT else text[:_CELL_LIMIT - 6] + "……（截断）", look)


def _row(sheet, row: int, cells: list[str], look) -> None:
    for column, cell in enumerate(cells):
        _string(sheet, row, column, cell, look)


def _lay_out(sheet, title: str, widths: list[float], look: _Looks, note: str = "", head: int = 2) -> None:
    """Title over all columns, a note under it, widths, freezing and printing: A3 landscape, one page wide, head on every page."""
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    sheet.merge_range(0, 0, 0, len(widths) - 1, "", look.title)
    _string(sheet, 0, 0, title, look.title)
    sheet.set_row(0, 30)
    _string(sheet, 1, 0, note, look.note)
    sheet.set_landscape()
    sheet.set_paper(_A3)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(head)
    sheet.set_footer("&C第&P页 共&N页")


def _height(texts: list[tuple[str, float]], size: float = 10) -> float:
    """The height of a row whose cells wrap: (text, column width in half-width characters). Excel allows no more than 409 points."""
    lines = max(sum(max(1, -(-_width(line) // max(1, int(width) - 1))) for line in text.split("\n")) for text, width in texts)
    return min(409, max(18, lines * size * 1.45 + 4))


def _upright_height(names: list[str]) -> float:
    """The height of a head of stacked characters, with room below for the filter's button."""
    return min(409, 15.5 * max([4, *(len(name) for name in names)]) + 20)


def _width(text: str) -> int:
    return sum(1 if ord(char) < 0x2000 else 2 for char in text)


# ---------------------------------------------------------------- sheets of one document


def _task_sheet(book, look: _Looks, extraction: Extraction) -> None:
    sheet = book.add_worksheet("任务分解表")
    widths = [6, 9, 20, 24, 62, 34, 18, 26, 26, 15]
    _lay_out(sheet, words.document_title(extraction) + "任务分解表", widths, look, f"共{len(extraction.tasks)}项任务、{sum(len(t.measures) for t in extraction.tasks)}条举措")
    _row(sheet, 2, _TASK_HEAD, look.head)
    sheet.set_row(2, 26)
    for number, task in enumerate(extraction.tasks, 1):
        row = _task_row(number, task)
        sheet.set_row(number + 2, _height(list(zip(row, widths))))
        for column, cell in enumerate(row):
            _string(sheet, number + 2, column, cell, look.id if column < 2 else look.text)
    _close(sheet, 3, 4, len(extraction.tasks), len(widths))


def _close(sheet, row: int, column: int, rows: int, columns: int) -> None:
    """Freeze what is above and left of a cell, and put the filter on the head."""
    sheet.freeze_panes(row, column)
    sheet.autofilter(row - 1, 0, row - 1 + max(rows, 1), columns - 1)


def _duty_sheet(book, look: _Looks, extraction: Extraction, carriers: list[_Carrier]) -> None:
    sheet = book.add_worksheet("责任矩阵")
    tasks = extraction.tasks
    name_width = min(44, max([16, *(_width(c.name) + 2 for c in carriers)]))
    _lay_out(sheet, words.document_title(extraction) + "责任矩阵", [name_width, *[5] * len(tasks), 6, 6, 6, 6], look,
             "每行一个单位，每列一项任务；牵头＝牵头单位，配合＝配合单位，责任＝文件未区分牵头、配合", head=3)
    sheet.repeat_rows(2, 3)
    sheet.repeat_columns(0)
    totals = len(tasks) + 1
    _string(sheet, 2, 0, "编号", look.head)
    _string(sheet, 3, 0, "单位", look.head)
    for column, task in enumerate(tasks, 1):
        _string(sheet, 2, column, task.id, look(font_name=_HEAD_FONT, align="center", bg_color=_DARK, font_color="#FFFFFF", rotation=90, font_size=9, text_wrap=False))
        _string(sheet, 3, column, _shortened(task.title, 16), look.upright)
    for column, name in enumerate(("牵头", "责任", "配合", "合计"), totals):
        _string(sheet, 2, column, "", look.head)
        _string(sheet, 3, column, name, look.upright)
    sheet.set_row(2, max([24, *(6 * len(task.id) for task in tasks)]))
    sheet.set_row(3, _upright_height([task.title[:16] for task in tasks]))
    for row, carrier in enumerate(carriers, 4):
        _string(sheet, row, 0, carrier.name, look(bg_color="#F3F7EE") if carrier.collective else look())
        for column, task in enumerate(tasks, 1):
            role = carrier.roles.get(task.id)
            _string(sheet, row, column, words.ROLE_NAME[role] if role else "", look.role(role) if role else look.centre)
        for column, count in enumerate((carrier.count(Role.LEAD), carrier.count(Role.RESPONSIBLE), carrier.count(Role.SUPPORT), len(carrier.roles)), totals):
            sheet.write_number(row, column, count, look.total)
        sheet.set_row(row, _height([(carrier.name, name_width)]))
    last = len(carriers) + 4
    _string(sheet, last, 0, "单位数", look.total)
    for column, task in enumerate(tasks, 1):
        sheet.write_number(last, column, sum(task.id in carrier.roles for carrier in carriers), look.total)
    sheet.freeze_panes(4, 1)
    sheet.autofilter(3, 0, 3 + max(len(carriers), 1), totals + 3)


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else text[:most - 1] + "…"


def _load_sheet(book, look: _Looks, extraction: Extraction, carriers: list[_Carrier]) -> None:
    sheet = book.add_worksheet("单位负荷")
    head = ["单位", "类别", "牵头", "责任", "配合", "合计", "牵头的任务", "负责的任务", "配合的任务"]
    widths = [34, 8, 8, 8, 8, 8, 48, 48, 48]
    nobody = [task.id for task in extraction.tasks if not task.units]
    _lay_out(sheet, words.document_title(extraction) + "单位负荷", widths, look, f"没有责任单位的任务：{'、'.join(nobody)}" if nobody else "每项任务都有责任单位")
    _row(sheet, 2, head, look.head)
    sheet.set_row(2, 26)
    titles = {task.id: f"{task.id} {task.title}" for task in extraction.tasks}
    for row, carrier in enumerate(carriers, 3):
        lists = ["\n".join(titles[id_] for id_, mine in carrier.roles.items() if mine is role) for role in (Role.LEAD, Role.RESPONSIBLE, Role.SUPPORT)]
        _string(sheet, row, 0, carrier.name, look.text)
        _string(sheet, row, 1, "统称" if carrier.collective else "单位", look.high)
        for column, count in enumerate((*(carrier.count(role) for role in (Role.LEAD, Role.RESPONSIBLE, Role.SUPPORT)), len(carrier.roles)), 2):
            sheet.write_number(row, column, count, look.high)
        for column, text in enumerate(lists, 6):
            _string(sheet, row, column, text, look.text)
        sheet.set_row(row, _height([(carrier.name, 34), *((text, 48) for text in lists)]))
    if carriers:
        sheet.conditional_format(3, 5, 2 + len(carriers), 5, {"type": "data_bar", "bar_color": "#9DC3E6", "bar_solid": True})
    _close(sheet, 3, 1, len(carriers), len(head))


# ---------------------------------------------------------------- sheets of a check

_DETAIL_HEAD = ["镇街", "任务编号", "任务", "任务结论", "举措编号", "举措结论", "置信度", "待核", "上位文件原文", "下位文件原文", "出处", "页码", "理由", "规则与依据", "人工结论", "人工说明"]


def _coverage_sheet(look: _Looks, sheet, trace: CoverageTrace, lines: dict[tuple[str, str], int]) -> None:
    towns, tasks = trace.lowers, trace.upper.tasks
    widths = [9, 24, 38, *[5] * len(towns), 6, 6, 6, 6]
    _lay_out(sheet, words.document_title(trace.upper) + "落实情况覆盖矩阵", widths, look, _legend())
    _row(sheet, 2, ["编号", "所属部分", "任务"], look.head)
    after = 3 + len(towns)
    for column, lower in enumerate(towns, 3):
        _string(sheet, 2, column, lower.name, look.upright)
    counted = (Verdict.COVERED, Verdict.PARTIAL, Verdict.MISSING, Verdict.UNDETERMINED)
    for column, verdict in enumerate(counted, after):
        _string(sheet, 2, column, words.VERDICT_NAME[verdict], look.upright)
    sheet.set_row(2, _upright_height([lower.name for lower in towns]))
    verdicts = _by_task(trace)
    linked = len(towns) * len(tasks) <= _LINK_LIMIT
    for row, task in enumerate(tasks, 3):
        _row(sheet, row, [task.id], look(num_format="@", text_wrap=False))
        _string(sheet, row, 1, _chapter(task), look())
        _string(sheet, row, 2, task.title, look())
        for column, lower in enumerate(towns, 3):
            found = verdicts.get((lower.name, task.id))
            if found is None:
                _string(sheet, row, column, "", look.centre)
                continue
            symbol = words.VERDICT_SYMBOL[found.verdict] + ("空" if "hollow" in found.flags else "")
            style = look.verdict(found.verdict, 9 if len(symbol) > 1 else 12)
            line = lines.get((lower.name, task.id))
            if linked and line is not None:
                target = xl_rowcol_to_cell(line, 0)
                sheet.write_url(row, column, f"internal:'明细'!{target}", style, string=symbol, tip=_tip(lower, task, found))
            else:
                _string(sheet, row, column, symbol, style)
        counts = Counter(verdicts[key].verdict for lower in towns if (key := (lower.name, task.id)) in verdicts)
        for column, verdict in enumerate(counted, after):
            sheet.write_number(row, column, counts[verdict], look.total)
        sheet.set_row(row, max(20, _height([(_chapter(task), 24), (task.title, 38)])))
    foot = 3 + len(tasks)
    for offset, verdict in enumerate(counted):
        _row(sheet, foot + offset, ["", "", words.VERDICT_NAME[verdict] + "（任务数）"], look.total)
        for column, lower in enumerate(towns, 3):
            sheet.write_number(foot + offset, column, sum(v.verdict is verdict for v in lower.tasks), look.total)
    _row(sheet, foot + 4, ["", "", "举措覆盖率"], look.total)
    for column, lower in enumerate(towns, 3):
        sheet.write_number(foot + 4, column, round(lower.score, 4), look(align="center", bg_color=_PALE, font_name=_HEAD_FONT, num_format="0%", font_size=9, text_wrap=False))
    if len(tasks) <= _ONE_PAGE:
        sheet.fit_to_pages(1, 1)
    _close(sheet, 3, 3, len(tasks), after + len(counted))


def _legend() -> str:
    return "图例：" + "　".join(f"{words.VERDICT_SYMBOL[v]} {words.VERDICT_NAME[v]}" for v in Verdict) + "　空＝照搬原话的空泛覆盖；点单元格看原文和依据"


def _tip(lower: LowerCoverage, task: Task, found: TaskVerdict) -> str:
    """What the mouse shows over a cell; Excel allows 255 characters."""
    done = sum(m.covered for m in found.measures if m.binds)
    return _shortened(f"{lower.name} {task.id} {task.title}：{words.VERDICT_NAME[found.verdict]}，举措{done}/{sum(m.binds for m in found.measures)}", 200)


def _detail_sheet(book, look: _Looks, sheet, trace: CoverageTrace) -> dict[tuple[str, str], int]:
    """One line a place and measure. Returns the first line of each (place, task)."""
    widths = [10, 8, 18, 11, 12, 9, 7, 6, 40, 40, 17, 6, 30, 30, 9, 14]
    _lay_out(sheet, words.document_title(trace.upper) + "逐条明细", widths, look, "“人工结论”“人工说明”两列供复核人填写；机器结论不因此改动")
    _row(sheet, 2, _DETAIL_HEAD, look.head)
    sheet.set_row(2, 26)
    tasks = {task.id: task for task in trace.upper.tasks}
    row, lines = 3, {}
    for lower in trace.lowers:
        for verdict in lower.tasks:
            task = tasks.get(verdict.id)
            texts = {measure.id: measure.text for measure in task.measures} if task else {}
            lines[lower.name, verdict.id] = row
            for measure in verdict.measures:
                cells = _detail_row(lower, verdict, task, measure, texts.get(measure.id, ""))
                for column, cell in enumerate(cells):
                    style = look.text if column in (2, 8, 9, 10, 12, 13) else look.id if column in (1, 4) else look.high
                    if column == 3:
                        style = look.verdict(verdict.verdict, 10, "top")
                    _string(sheet, row, column, cell, style)
                sheet.write_number(row, 6, round(measure.confidence, 2), look(align="center", valign="top", num_format="0.00"))
                for column in (14, 15):
                    sheet.write_blank(row, column, None, look(bg_color="#FFFBE6", valign="top"))
                sheet.set_row(row, _height([(cells[i], widths[i]) for i in (2, 8, 9, 10, 12, 13)]))
                row += 1
    if row > 3:
        sheet.data_validation(3, 14, row - 1, 14, {"validate": "list", "source": ["覆盖", "未覆盖", "已说明", "不适用"]})
    _close(sheet, 3, 3, row - 3, len(widths))
    return lines


def _detail_row(lower: LowerCoverage, verdict: TaskVerdict, task: Task | None, measure: MeasureVerdict, text: str) -> list[str]:
    reading = lower.extraction
    places = [place_of(reading.document, reading.outline.sections, quote.start) for quote in measure.evidence]
    pages = dict.fromkeys(str(quote.page) for quote in measure.evidence if quote.page is not None)
    factors = "\n".join(f"{factor.weight:+.2f} {factor.text}［{factor.rule}］" for factor in measure.factors)
    return [
        lower.name, verdict.id, task.title if task else "", f"{words.VERDICT_SYMBOL[verdict.verdict]} {words.VERDICT_NAME[verdict.verdict]}", measure.id,
        measure_words(measure, verdict), "", "待核" if measure.review else "", text, "\n".join(quote.text for quote in measure.evidence), "\n".join(places), "、".join(pages),
        measure.reason, factors,
    ]


def measure_words(measure: MeasureVerdict, task: TaskVerdict) -> str:
    """What is said of one measure: "not found" is never said where the document was not fully read."""
    if not measure.binds or task.verdict is Verdict.NOT_APPLICABLE:
        return "不计"
    if measure.covered:
        return "覆盖"
    return {Verdict.UNDETERMINED: "未能判定", Verdict.JUSTIFIED: "已说明"}.get(task.verdict, "未覆盖")


def _finding_sheet(look: _Looks, sheet, trace: CoverageTrace) -> None:
    head = ["序号", "级别", "镇街", "问题", "任务编号", "任务", "举措编号", "说明和建议", "下位文件原文", "上位文件原文", "页码", "规则"]
    widths = [6, 7, 14, 18, 9, 24, 12, 46, 46, 46, 7, 22]
    rows = [(trace.upper.document.source.name, finding) for finding in trace.upper.findings]
    rows += [(lower.name, finding) for lower in trace.lowers for finding in lower.findings]
    _lay_out(sheet, words.document_title(trace.upper) + "落实问题清单", widths, look, f"共{len(rows)}条；级别：高、中、低")
    _row(sheet, 2, head, look.head)
    sheet.set_row(2, 26)
    titles = {task.id: task.title for task in trace.upper.tasks}
    for number, (name, finding) in enumerate(rows, 1):
        evidence, above = finding.evidence, finding.upper_evidence
        page = str(evidence.page) if evidence and evidence.page is not None else ""
        cells = [str(number), words.SEVERITY_NAME[finding.severity], name, words.finding_name(finding.rule), finding.task or "", titles.get(finding.task or "", ""),
                 finding.measure or "", finding.message, evidence.text if evidence else "", above.text if above else "", page, finding.rule]
        for column, cell in enumerate(cells):
            style = look.high if column in (1, 10) else look.id if column in (0, 4, 6) else look.text
            if column == 1 and finding.severity.value == "high":
                style = look(align="center", valign="top", bg_color="#F6D5D2", font_name=_HEAD_FONT)
            _string(sheet, number + 2, column, cell, style)
        sheet.set_row(number + 2, _height([(cells[i], widths[i]) for i in (2, 3, 5, 7, 8, 9, 11)]))
    _close(sheet, 3, 4, len(rows), len(head))


def _aggregate_sheet(look: _Looks, sheet, trace: CoverageTrace) -> None:
    towns = trace.lowers
    widths = [11, 26, 30, 11, 8, 11, 11, 11, *[8] * len(towns), 32]
    _lay_out(sheet, words.document_title(trace.upper) + "目标汇总", widths, look, "各地写明的数值相加，与上位文件的总数比较；空格＝没有写数值；“不可相加”的指标（比率、每户每村等）不求和")
    head = ["指标编号", "任务", "指标", "上位要求", "单位", "各地合计", "差额", "结论"]
    _row(sheet, 2, head, look.head)
    for column, lower in enumerate(towns, len(head)):
        _string(sheet, 2, column, lower.name, look.head)
    _string(sheet, 2, len(head) + len(towns), "未写数值的", look.head)
    sheet.set_row(2, 14 * max([2, *(-(-len(lower.name) // 4) for lower in towns)]) + 4)
    titles = {target.id: f"{task.id} {task.title}" for task in trace.upper.tasks for target in task.targets}
    stated = {(lower.name, status.id): status for lower in towns for verdict in lower.tasks for status in verdict.targets if status.value is not None}
    number = look(align="center", valign="top", num_format="General")
    for row, total in enumerate(trace.aggregates, 3):
        silent = "、".join(total.silent)
        cells = [total.target, titles.get(total.target, "总体目标"), total.indicator]
        for column, cell in enumerate(cells):
            _string(sheet, row, column, cell, look.id if column == 0 else look.text)
        sheet.write_number(row, 3, float(total.required), number)
        _string(sheet, row, 4, total.unit, look.high)
        for column, value in ((5, total.sum), (6, None if total.sum is None or total.status == "not-additive" else total.sum - total.required)):
            if value is None:
                _string(sheet, row, column, "—", look.high)
            else:
                sheet.write_number(row, column, float(value), number)
        colour = {"short": words.VERDICT_COLOUR[Verdict.MISSING], "exceeded": words.VERDICT_COLOUR[Verdict.PARTIAL], "met": words.VERDICT_COLOUR[Verdict.COVERED]}
        background, ink = colour.get(total.status, ("#FFFFFF", "#000000"))
        _string(sheet, row, 7, words.AGGREGATE_NAME.get(total.status, total.status), look(align="center", valign="top", bg_color=background, font_color=ink))
        for column, lower in enumerate(towns, len(head)):
            status = stated.get((lower.name, total.target))
            if status is None:
                _string(sheet, row, column, "", look.high)
            elif status.unit in (None, total.unit):
                sheet.write_number(row, column, float(status.value), number)
            else:
                _string(sheet, row, column, words.number(status.value) + status.unit, look.high)
        _string(sheet, row, len(head) + len(towns), silent, look.text)
        sheet.set_row(row, _height([(cells[1], 26), (cells[2], 30), (silent, 32)]))
    _close(sheet, 3, 3, len(trace.aggregates), len(widths))


def _method_sheet(look: _Looks, sheet, trace: CoverageTrace) -> None:
    head = ["文件", "地方", "格式", "页数", "未读出的页", "提示", "SHA-256"]
    widths = [40, 18, 8, 8, 16, 80, 68]
    domain = "只用通用规则，未用专题概念包" if trace.domain == "none" else f"专题概念包：{trace.domain}"
    _lay_out(sheet, "核对说明", widths, look, f"{domain}；置信度0.5—1，接近0.5的列为待核；没有读出的页不作“未覆盖”判断")
    _row(sheet, 2, head, look.head)
    row = 3
    for name, reading, more in ((("上位文件"), trace.upper, ()), *((lower.name, lower.extraction, lower.warnings) for lower in trace.lowers)):
        document = reading.document
        notes = "\n".join(w.message for w in dict.fromkeys((*document.warnings, *reading.outline.warnings, *reading.warnings, *more)))
        cells = [document.source.name, name, document.source.format, str(document.source.pages or "—"), "、".join(map(str, document.unread_pages)) or "无", notes, document.source.sha256]
        _row(sheet, row, cells, look.text)
        sheet.set_row(row, _height([(notes, 80), (cells[0], 40)]))
        row += 1
    row += 1
    for verdict in Verdict:
        _string(sheet, row, 0, f"{words.VERDICT_SYMBOL[verdict]} {words.VERDICT_NAME[verdict]}", look.verdict(verdict, 11))
        _string(sheet, row, 1, words.VERDICT_MEANING[verdict], look.note)
        row += 1
    sheet.freeze_panes(3, 1)
