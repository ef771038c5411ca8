"""What came of each task in each place: the coverage workbook, and its matrix as CSV."""

from __future__ import annotations

from collections import Counter

from xlsxwriter.utility import xl_rowcol_to_cell

from pipeline.model import CoverageTrace, LowerCoverage, MeasureVerdict, Task, TaskVerdict, Verdict
from pipeline.report import words
from pipeline.report.compare import where_in
from pipeline.report.sheets import HEAD_FONT, PALE, Looks, close, csv_bytes, height, lay_out, upright_height, workbook, write, write_row
from pipeline.text import printable

_LINK_LIMIT = 65000  # links in a sheet: Excel stops at 65,530
_RECOGNISED, _WEIGHED = 6, 4  # rules shown in a line of the detail, and weights where none was recognised; the report page has all of them
_ONE_PAGE = 60  # a coverage matrix of this many tasks is still read on one sheet of A3
_DETAIL_HEAD = [
    "镇街",
    "任务编号",
    "任务",
    "任务结论",
    "举措编号",
    "举措结论",
    "置信度",
    "待核",
    "上位文件原文",
    "下位文件原文",
    "出处",
    "页码",
    "理由",
    "规则与依据",
    "人工结论",
    "人工说明",
]


def coverage_workbook(trace: CoverageTrace) -> bytes:
    """xlsx: 覆盖矩阵 (each cell leads to its lines in 明细), 明细, 问题清单, 目标汇总, 核对说明."""
    book, written = workbook(words.document_title(trace.upper) + "落实情况")
    look = Looks(book)
    sheets = {name: book.add_worksheet(name) for name in ("覆盖矩阵", "明细", "问题清单", "目标汇总", "核对说明")}
    lines = _detail_sheet(book, look, sheets["明细"], trace)
    _coverage_sheet(look, sheets["覆盖矩阵"], trace, lines)
    _finding_sheet(look, sheets["问题清单"], trace)
    _aggregate_sheet(look, sheets["目标汇总"], trace)
    _method_sheet(look, sheets["核对说明"], trace)
    sheets["覆盖矩阵"].activate()
    book.close()
    return written.getvalue()


def coverage_csv(trace: CoverageTrace) -> bytes:
    """覆盖矩阵 as CSV: a line a task, a column a place, verdicts in words."""
    rows = [["编号", "所属部分", "任务", *(lower.name for lower in trace.lowers)]]
    verdicts = _by_task(trace)
    for task in trace.upper.tasks:
        found = [verdicts.get((lower.name, task.id)) for lower in trace.lowers]
        rows.append(
            [
                task.id,
                words.chapter(task),
                task.title,
                *(words.VERDICT_NAME[v.verdict] + ("（空泛）" if "hollow" in v.flags else "") if v else "" for v in found),
            ]
        )
    rows.append(["", "", "举措覆盖率", *(words.percent(lower.score) for lower in trace.lowers)])
    return csv_bytes(rows)


def _by_task(trace: CoverageTrace) -> dict[tuple[str, str], TaskVerdict]:
    return {(lower.name, verdict.id): verdict for lower in trace.lowers for verdict in lower.tasks}


def _coverage_sheet(look: Looks, sheet, trace: CoverageTrace, lines: dict[tuple[str, str], int]) -> None:
    towns, tasks = trace.lowers, trace.upper.tasks
    widths = [9, 24, 38, *[5] * len(towns), 6, 6, 6, 6]
    lay_out(sheet, words.document_title(trace.upper) + "落实情况覆盖矩阵", widths, look, _legend())
    write_row(sheet, 2, ["编号", "所属部分", "任务"], look.head)
    after = 3 + len(towns)
    for column, lower in enumerate(towns, 3):
        write(sheet, 2, column, lower.name, look.upright)
    counted = (Verdict.COVERED, Verdict.PARTIAL, Verdict.MISSING, Verdict.UNDETERMINED)
    for column, verdict in enumerate(counted, after):
        write(sheet, 2, column, words.VERDICT_NAME[verdict], look.upright)
    sheet.set_row(2, upright_height([lower.name for lower in towns]))
    verdicts = _by_task(trace)
    linked = len(towns) * len(tasks) <= _LINK_LIMIT
    for row, task in enumerate(tasks, 3):
        write_row(sheet, row, [task.id], look(num_format="@", text_wrap=False))
        write(sheet, row, 1, words.chapter(task), look())
        write(sheet, row, 2, task.title, look())
        for column, lower in enumerate(towns, 3):
            found = verdicts.get((lower.name, task.id))
            if found is None:
                write(sheet, row, column, "", look.centre)
                continue
            symbol = words.VERDICT_SYMBOL[found.verdict] + ("空" if "hollow" in found.flags else "")
            style = look.verdict(found.verdict, 9 if len(symbol) > 1 else 12)
            line = lines.get((lower.name, task.id))
            if linked and line is not None:
                target = xl_rowcol_to_cell(line, 0)
                sheet.write_url(row, column, f"internal:'明细'!{target}", style, string=symbol, tip=printable(_tip(lower, task, found)))
            else:
                write(sheet, row, column, symbol, style)
        counts = Counter(verdicts[key].verdict for lower in towns if (key := (lower.name, task.id)) in verdicts)
        for column, verdict in enumerate(counted, after):
            sheet.write_number(row, column, counts[verdict], look.total)
        sheet.set_row(row, max(20, height([(words.chapter(task), 24), (task.title, 38)])))
    foot = 3 + len(tasks)
    for offset, verdict in enumerate(counted):
        write_row(sheet, foot + offset, ["", "", words.VERDICT_NAME[verdict] + "（任务数）"], look.total)
        for column, lower in enumerate(towns, 3):
            sheet.write_number(foot + offset, column, sum(v.verdict is verdict for v in lower.tasks), look.total)
    write_row(sheet, foot + 4, ["", "", "举措覆盖率"], look.total)
    for column, lower in enumerate(towns, 3):
        sheet.write_number(
            foot + 4,
            column,
            round(lower.score, 4),
            look(align="center", bg_color=PALE, font_name=HEAD_FONT, num_format="0%", font_size=9, text_wrap=False),
        )
    if len(tasks) <= _ONE_PAGE:
        sheet.fit_to_pages(1, 1)
    close(sheet, 3, 3, len(tasks), after + len(counted))


def _legend() -> str:
    return (
        "图例：" + "　".join(f"{words.VERDICT_SYMBOL[v]} {words.VERDICT_NAME[v]}" for v in Verdict) + "　空＝照搬原话的空泛覆盖；点单元格看原文和依据"
    )


def _tip(lower: LowerCoverage, task: Task, found: TaskVerdict) -> str:
    """What the mouse shows over a cell; Excel allows 255 characters."""
    done = sum(m.covered for m in found.measures if m.binds)
    return words.shortened(
        f"{lower.name} {task.id} {task.title}：{words.VERDICT_NAME[found.verdict]}，举措{done}/{sum(m.binds for m in found.measures)}", 200
    )


def _detail_sheet(book, look: Looks, sheet, trace: CoverageTrace) -> dict[tuple[str, str], int]:
    """One line a place and measure. Returns the first line of each (place, task)."""
    widths = [10, 8, 16, 11, 12, 9, 7, 6, 38, 38, 17, 6, 36, 44, 9, 12]
    lay_out(sheet, words.document_title(trace.upper) + "逐条明细", widths, look, "“人工结论”“人工说明”两列供复核人填写；机器结论不因此改动")
    write_row(sheet, 2, _DETAIL_HEAD, look.head)
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
                    write(sheet, row, column, cell, style)
                sheet.write_number(row, 6, round(measure.confidence, 2), look(align="center", valign="top", num_format="0.00"))
                for column in (14, 15):
                    sheet.write_blank(row, column, None, look(bg_color="#FFFBE6", valign="top"))
                sheet.set_row(row, height([(cells[i], widths[i]) for i in (2, 8, 9, 10, 12, 13)]))
                row += 1
    if row > 3:
        sheet.data_validation(3, 14, row - 1, 14, {"validate": "list", "source": ["覆盖", "未覆盖", "已说明", "不适用"]})
    close(sheet, 3, 3, row - 3, len(widths))
    return lines


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


def _finding_sheet(look: Looks, sheet, trace: CoverageTrace) -> None:
    head = ["序号", "级别", "镇街", "问题", "任务编号", "任务", "举措编号", "说明和建议", "下位文件原文", "上位文件原文", "页码", "规则"]
    widths = [6, 7, 14, 18, 9, 24, 12, 46, 46, 46, 7, 22]
    rows = [(trace.upper.document.source.name, finding) for finding in trace.upper.findings]
    rows += [(lower.name, finding) for lower in trace.lowers for finding in lower.findings]
    lay_out(sheet, words.document_title(trace.upper) + "落实问题清单", widths, look, f"共{len(rows)}条；级别：高、中、低")
    write_row(sheet, 2, head, look.head)
    sheet.set_row(2, 26)
    titles = {task.id: task.title for task in trace.upper.tasks}
    for number, (name, finding) in enumerate(rows, 1):
        evidence, above = finding.evidence, finding.upper_evidence
        page = str(evidence.page) if evidence and evidence.page is not None else ""
        cells = [
            str(number),
            words.SEVERITY_NAME[finding.severity],
            name,
            words.finding_name(finding.rule),
            finding.task or "",
            titles.get(finding.task or "", ""),
            finding.measure or "",
            finding.message,
            evidence.text if evidence else "",
            above.text if above else "",
            page,
            finding.rule,
        ]
        for column, cell in enumerate(cells):
            style = look.high if column in (1, 10) else look.id if column in (0, 4, 6) else look.text
            if column == 1 and finding.severity.value == "high":
                style = look(align="center", valign="top", bg_color="#F6D5D2", font_name=HEAD_FONT)
            write(sheet, number + 2, column, cell, style)
        sheet.set_row(number + 2, height([(cells[i], widths[i]) for i in (2, 3, 5, 7, 8, 9, 11)]))
    close(sheet, 3, 4, len(rows), len(head))


def _aggregate_sheet(look: Looks, sheet, trace: CoverageTrace) -> None:
    towns = trace.lowers
    widths = [11, 26, 30, 11, 8, 11, 11, 11, *[8] * len(towns), 32]
    lay_out(
        sheet,
        words.document_title(trace.upper) + "目标汇总",
        widths,
        look,
        "各地写明的数值相加，与上位文件的总数比较；空格＝没有写数值；“不可相加”的指标（比率、每户每村等）不求和",
    )
    head = ["指标编号", "任务", "指标", "上位要求", "单位", "各地合计", "差额", "结论"]
    write_row(sheet, 2, head, look.head)
    for column, lower in enumerate(towns, len(head)):
        write(sheet, 2, column, lower.name, look.head)
    write(sheet, 2, len(head) + len(towns), "未写数值的", look.head)
    sheet.set_row(2, 14 * max([2, *(-(-len(lower.name) // 4) for lower in towns)]) + 4)
    titles = {target.id: f"{task.id} {task.title}" for task in trace.upper.tasks for target in task.targets}
    stated = {(lower.name, status.id): status for lower in towns for verdict in lower.tasks for status in verdict.targets if status.value is not None}
    number = look(align="center", valign="top", num_format="General")
    for row, total in enumerate(trace.aggregates, 3):
        silent = "、".join(total.silent)
        cells = [total.target, titles.get(total.target, "总体目标"), total.indicator]
        for column, cell in enumerate(cells):
            write(sheet, row, column, cell, look.id if column == 0 else look.text)
        sheet.write_number(row, 3, float(total.required), number)
        write(sheet, row, 4, total.unit, look.high)
        for column, value in ((5, total.sum), (6, None if total.sum is None or total.status == "not-additive" else total.sum - total.required)):
            if value is None:
                write(sheet, row, column, "—", look.high)
            else:
                sheet.write_number(row, column, float(value), number)
        colour = {
            "short": words.VERDICT_COLOUR[Verdict.MISSING],
            "exceeded": words.VERDICT_COLOUR[Verdict.PARTIAL],
            "met": words.VERDICT_COLOUR[Verdict.COVERED],
        }
        background, ink = colour.get(total.status, ("#FFFFFF", "#000000"))
        write(
            sheet,
            row,
            7,
            words.AGGREGATE_NAME.get(total.status, total.status),
            look(align="center", valign="top", bg_color=background, font_color=ink),
        )
        for column, lower in enumerate(towns, len(head)):
            status = stated.get((lower.name, total.target))
            if status is None:
                write(sheet, row, column, "", look.high)
            elif status.unit in (None, total.unit):
                sheet.write_number(row, column, float(status.value), number)
            else:
                write(sheet, row, column, words.number(status.value) + status.unit, look.high)
        write(sheet, row, len(head) + len(towns), silent, look.text)
        sheet.set_row(row, height([(cells[1], 26), (cells[2], 30), (silent, 32)]))
    close(sheet, 3, 3, len(trace.aggregates), len(widths))


def _method_sheet(look: Looks, sheet, trace: CoverageTrace) -> None:
    head = ["文件", "地方", "格式", "页数", "未读出的页", "提示", "SHA-256"]
    widths = [40, 18, 8, 8, 16, 80, 68]
    domain = "只用通用规则，未用专题概念包" if trace.domain == "none" else f"专题概念包：{trace.domain}"
    lay_out(sheet, "核对说明", widths, look, f"{domain}；置信度0.5—1，接近0.5的列为待核；没有读出的页不作“未覆盖”判断")
    write_row(sheet, 2, head, look.head)
    row = 3
    for name, reading, more in ((("上位文件"), trace.upper, ()), *((lower.name, lower.extraction, lower.warnings) for lower in trace.lowers)):
        document = reading.document
        notes = "\n".join(w.message for w in dict.fromkeys((*document.warnings, *reading.outline.warnings, *reading.warnings, *more)))
        cells = [
            document.source.name,
            name,
            document.source.format,
            str(document.source.pages or "—"),
            "、".join(map(str, document.unread_pages)) or "无",
            notes,
            document.source.sha256,
        ]
        write_row(sheet, row, cells, look.text)
        sheet.set_row(row, height([(notes, 80), (cells[0], 40)]))
        row += 1
    row += 1
    for verdict in Verdict:
        write(sheet, row, 0, f"{words.VERDICT_SYMBOL[verdict]} {words.VERDICT_NAME[verdict]}", look.verdict(verdict, 11))
        write(sheet, row, 1, words.VERDICT_MEANING[verdict], look.note)
        row += 1
    sheet.freeze_panes(3, 1)
