"""What came of each task in each place: the coverage workbook, and its matrix as CSV."""

from __future__ import annotations

from collections import Counter

from xlsxwriter.utility import xl_rowcol_to_cell

from pipeline.model import CoverageTrace, LowerCoverage, Task, TaskVerdict, Verdict
from pipeline.report import words
from pipeline.report.detail import detail_sheet
from pipeline.report.rulings import NONE, Rulings
from pipeline.report.sheets import HEAD_FONT, PALE, Looks, close, csv_bytes, height, lay_out, upright_height, workbook, write, write_row
from pipeline.text import printable

_LINK_LIMIT = 65000  # links in a sheet: Excel stops at 65,530
_ONE_PAGE = 60  # a coverage matrix of this many tasks is still read on one sheet of A3
_LARGE = 12000  # cells: beyond this no program scrolls the detail of all places at ease, and each place gets a workbook of its own
_WIDE = 60  # places: beyond this they go down the sheet, not across
_COUNTED = (Verdict.COVERED, Verdict.PARTIAL, Verdict.MISSING, Verdict.UNDETERMINED)
_DECIDED = (*_COUNTED, Verdict.JUSTIFIED)


def is_large(trace: CoverageTrace) -> bool:
    """Whether the detail stands in a workbook a place (`detail.review_workbook`), and not in the coverage workbook."""
    return len(trace.lowers) * len(trace.upper.tasks) > _LARGE


def coverage_workbook(trace: CoverageTrace, rulings: Rulings = NONE) -> bytes:
    """xlsx: 覆盖矩阵 (each cell leads to its lines in 明细), 明细 with the reviewer's columns, 问题清单, 目标汇总, 核对说明."""
    large = is_large(trace)
    book, written = workbook(words.document_title(trace.upper) + "落实情况", constant_memory=large)
    look = Looks(book)
    sheets = {name: book.add_worksheet(name) for name in ("覆盖矩阵", "明细", "问题清单", "目标汇总", "核对说明") if name != "明细" or not large}
    lines = {} if large else detail_sheet(look, sheets["明细"], trace, trace.lowers, rulings)
    (_tall_sheet if len(trace.lowers) > _WIDE else _coverage_sheet)(look, sheets["覆盖矩阵"], trace, lines, rulings)
    _finding_sheet(look, sheets["问题清单"], trace, rulings)
    _aggregate_sheet(look, sheets["目标汇总"], trace)
    _method_sheet(look, sheets["核对说明"], trace, rulings)
    sheets["覆盖矩阵"].activate()
    book.close()
    return written.getvalue()


def coverage_csv(trace: CoverageTrace, rulings: Rulings = NONE) -> bytes:
    """覆盖矩阵 as CSV: a line a task, a column a place, verdicts in words; what people decided otherwise stands behind it."""
    rows = [["编号", "所属部分", "任务", *(lower.name for lower in trace.lowers)]]
    verdicts = _by_task(trace)
    for task in trace.upper.tasks:
        cells = [_worded(rulings, lower, verdicts.get((lower.name, task.id))) for lower in trace.lowers]
        rows.append([task.id, words.chapter(task), task.title, *cells])
    rows.append(["", "", "举措覆盖率", *(words.percent(lower.score) for lower in trace.lowers)])
    return csv_bytes(rows)


def _worded(rulings: Rulings, lower: LowerCoverage, found: TaskVerdict | None) -> str:
    if found is None:
        return ""
    decided = rulings.verdict(lower.name, found)
    said = words.VERDICT_NAME[found.verdict] + ("（空泛）" if "hollow" in found.flags else "")
    return said + (f"（人工：{words.VERDICT_NAME[decided]}）" if decided is not found.verdict else "")


def _by_task(trace: CoverageTrace) -> dict[tuple[str, str], TaskVerdict]:
    return {(lower.name, verdict.id): verdict for lower in trace.lowers for verdict in lower.tasks}


# ---------------------------------------------------------------- the matrix


def _coverage_sheet(look: Looks, sheet, trace: CoverageTrace, lines: dict[tuple[str, str], int], rulings: Rulings) -> None:
    """Tasks down, places across."""
    towns, tasks = trace.lowers, trace.upper.tasks
    counted = _counts_head(rulings)
    widths = [9, 24, 38, *[6 if rulings.made else 5] * len(towns), *[6] * len(counted)]
    lay_out(sheet, words.document_title(trace.upper) + "落实情况覆盖矩阵", widths, look, _legend(rulings, bool(lines)))
    names = [lower.name for lower in towns] + [name for name, _, _ in counted]
    sheet.set_row(2, upright_height(names))
    write_row(sheet, 2, ["编号", "所属部分", "任务"], look.head)
    after = 3 + len(towns)
    for column, name in enumerate(names, 3):
        write(sheet, 2, column, name, look.upright)
    verdicts = _by_task(trace)
    linked = len(towns) * len(tasks) <= _LINK_LIMIT
    for row, task in enumerate(tasks, 3):
        sheet.set_row(row, max(20, height([(words.chapter(task), 24), (task.title, 38)])))
        write(sheet, row, 0, task.id, look.id)
        write(sheet, row, 1, words.chapter(task), look())
        write(sheet, row, 2, task.title, look())
        for column, lower in enumerate(towns, 3):
            line = lines.get((lower.name, task.id)) if linked else None
            _cell(look, sheet, row, column, lower, task, verdicts.get((lower.name, task.id)), line, rulings)
        said = [(lower.name, found) for lower in towns if (found := verdicts.get((lower.name, task.id)))]
        for column, count in enumerate(_counts(counted, said, rulings), after):
            sheet.write_number(row, column, count, look.total)
    foot = 3 + len(tasks)
    per_town = [_counts(counted, [(lower.name, found) for found in lower.tasks], rulings) for lower in towns]
    for offset, (name, _, _) in enumerate(counted):
        write_row(sheet, foot + offset, ["", "", name + "（任务数）"], look.total)
        for column, counts in enumerate(per_town, 3):
            sheet.write_number(foot + offset, column, counts[offset], look.total)
    write_row(sheet, foot + len(counted), ["", "", "举措覆盖率"], look.total)
    for column, lower in enumerate(towns, 3):
        sheet.write_number(foot + len(counted), column, round(lower.score, 4), _share(look))
    if len(tasks) <= _ONE_PAGE:
        sheet.fit_to_pages(1, 1)
    close(sheet, 3, 3, len(tasks), after + len(counted))


def _tall_sheet(look: Looks, sheet, trace: CoverageTrace, lines: dict[tuple[str, str], int], rulings: Rulings) -> None:
    """Places down, tasks across: for very many places."""
    towns, tasks = trace.lowers, trace.upper.tasks
    counted = _counts_head(rulings)
    widths = [26, 9, *[6] * len(counted), *[5] * len(tasks)]
    lay_out(sheet, words.document_title(trace.upper) + "落实情况覆盖矩阵", widths, look, _legend(rulings, bool(lines)), head=3)
    sheet.repeat_rows(2, 3)
    sheet.repeat_columns(0)
    first = 2 + len(counted)
    sheet.set_row(2, max([24, *(6 * len(task.id) for task in tasks)]))
    sheet.set_row(3, upright_height([*(task.title[:16] for task in tasks), *(name for name, _, _ in counted)]))
    write_row(sheet, 2, ["编号", *[""] * (first - 1)], look.head)
    turned = look(font_name=HEAD_FONT, align="center", bg_color="#1F4E79", font_color="#FFFFFF", rotation=90, font_size=9, text_wrap=False)
    for column, task in enumerate(tasks, first):
        write(sheet, 2, column, task.id, turned)
    write_row(sheet, 3, ["镇街", "举措覆盖率"], look.head)
    for column, name in enumerate([*(name for name, _, _ in counted), *(words.shortened(task.title, 16) for task in tasks)], 2):
        write(sheet, 3, column, name, look.upright)
    sums = Counter()
    share, name_look = _share(look), look()
    for row, lower in enumerate(towns, 4):
        verdicts = {verdict.id: verdict for verdict in lower.tasks}
        write(sheet, row, 0, lower.name, name_look)
        sheet.write_number(row, 1, round(lower.score, 4), share)
        counts = _counts(counted, [(lower.name, found) for found in lower.tasks], rulings)
        sums.update(dict(enumerate(counts)))
        for column, count in enumerate(counts, 2):
            sheet.write_number(row, column, count, look.total)
        for column, task in enumerate(tasks, first):
            _cell(look, sheet, row, column, lower, task, verdicts.get(task.id), lines.get((lower.name, task.id)), rulings)
    foot = 4 + len(towns)
    write_row(sheet, foot, ["合计（任务数）", ""], look.total)
    for position in range(len(counted)):
        sheet.write_number(foot, 2 + position, sums[position], look.total)
    sheet.fit_to_pages(1, 0)
    sheet.freeze_panes(4, 1)
    sheet.autofilter(3, 0, 3 + max(len(towns), 1), first + len(tasks) - 1)


def _share(look: Looks):
    return look(align="center", bg_color=PALE, font_name=HEAD_FONT, num_format="0%", font_size=9, text_wrap=False)


def _counts_head(rulings: Rulings) -> list[tuple[str, bool, Verdict]]:
    """(name, whether decisions count, verdict) of each column of counts: the program's, and beside them those with decisions applied."""
    counted = [(words.VERDICT_NAME[verdict], False, verdict) for verdict in _COUNTED]
    return counted + ([(f"决定后{words.VERDICT_NAME[verdict]}", True, verdict) for verdict in _DECIDED] if rulings.made else [])


def _counts(counted: list[tuple[str, bool, Verdict]], said: list[tuple[str, TaskVerdict]], rulings: Rulings) -> list[int]:
    found = Counter(verdict.verdict for _, verdict in said)
    decided = Counter(rulings.verdict(place, verdict) for place, verdict in said) if rulings.made else found
    return [(decided if applied else found)[verdict] for _, applied, verdict in counted]


def _cell(look: Looks, sheet, row: int, column: int, lower: LowerCoverage, task: Task, found: TaskVerdict | None, line: int | None, rulings: Rulings) -> None:
    """The program's symbol; behind it 空 where hollow, what people decided otherwise after a stroke, 疑 or 期 where a decision does not count any more."""
    if found is None:
        write(sheet, row, column, "", look.centre)
        return
    symbol = words.VERDICT_SYMBOL[found.verdict] + ("空" if "hollow" in found.flags else "") + rulings.mark(lower.name, found)
    style = look.verdict(found.verdict, 12 if len(symbol) == 1 else 9 if len(symbol) < 4 else 7)
    if line is None:
        sheet.write_string(row, column, symbol, style)
    else:
        target = xl_rowcol_to_cell(line, 0)
        sheet.write_url(row, column, f"internal:'明细'!{target}", style, string=symbol, tip=printable(_tip(lower, task, found, rulings)))


def _legend(rulings: Rulings, detailed: bool) -> str:
    shown = "图例：" + "　".join(f"{words.VERDICT_SYMBOL[v]} {words.VERDICT_NAME[v]}" for v in Verdict) + "　空＝照搬原话的空泛覆盖"
    if rulings.made:
        shown += "　斜线后＝人工决定（颜色和前面的符号是程序结论）　决＝有人工决定、结论不变　疑、期＝决定存疑、过期，暂不作数"
    return shown + ("；点单元格看原文和依据" if detailed else "；逐条原文见“复核”文件夹中各地的工作簿")


def _tip(lower: LowerCoverage, task: Task, found: TaskVerdict, rulings: Rulings) -> str:
    """What the mouse shows over a cell; Excel allows 255 characters."""
    done = sum(m.covered for m in found.measures if m.binds)
    said = f"{lower.name} {task.id} {words.shortened(task.title, 60)}：{words.VERDICT_NAME[found.verdict]}，举措{done}/{sum(m.binds for m in found.measures)}"
    said += "".join(f"。人工（{id_}）{ruling.line}" for id_, ruling in rulings.about(lower.name, found))
    return words.shortened(said, 200)


# ---------------------------------------------------------------- the lists


def _finding_sheet(look: Looks, sheet, trace: CoverageTrace, rulings: Rulings) -> None:
    head = ["序号", "级别", "镇街", "问题", "任务编号", "任务", "举措编号", "说明和建议", "下位文件原文", "上位文件原文", "页码", "规则"]
    widths = [6, 7, 14, 18, 9, 24, 12, 46, 46, 46, 7, 22]
    rows = [(trace.upper.document.source.name, finding, False) for finding in trace.upper.findings]
    rows += [(lower.name, finding, rulings.is_waived(lower.name, i)) for lower in trace.lowers for i, finding in enumerate(lower.findings)]
    counted = f"共{len(rows)}条；级别：高、中、低"
    if rulings.made:
        head, widths = [*head, "人工决定"], [*widths, 30]
        counted += f"；其中已说明{sum(waived for _, _, waived in rows)}条，未说明{sum(not waived for _, _, waived in rows)}条"
    lay_out(sheet, words.document_title(trace.upper) + "落实问题清单", widths, look, counted)
    sheet.set_row(2, 26)
    write_row(sheet, 2, head, look.head)
    titles = {task.id: task.title for task in trace.upper.tasks}
    for number, (name, finding, waived) in enumerate(rows, 1):
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
        if rulings.made:
            told = [ruling for id_ in dict.fromkeys((finding.measure, finding.task)) if id_ and (ruling := rulings.on(name, id_))]
            cells.append(("不计入：" if waived else "") + "\n".join(ruling.line for ruling in told))
        sheet.set_row(number + 2, height([(cells[i], widths[i]) for i in (2, 3, 5, 7, 8, 9, 11, len(cells) - 1)]))
        for column, cell in enumerate(cells):
            style = look.high if column in (1, 10) else look.id if column in (0, 4, 6) else look.text
            if column == 1 and finding.severity.value == "high":
                style = look(align="center", valign="top", bg_color="#F6D5D2", font_name=HEAD_FONT)
            write(sheet, number + 2, column, cell, style)
    close(sheet, 3, 4, len(rows), len(head))


def _aggregate_sheet(look: Looks, sheet, trace: CoverageTrace) -> None:
    towns = trace.lowers if len(trace.lowers) <= _WIDE else ()  # a column a place only where they can be overlooked
    widths = [11, 26, 30, 11, 8, 11, 11, 11, *[8] * len(towns), 32]
    lay_out(
        sheet,
        words.document_title(trace.upper) + "目标汇总",
        widths,
        look,
        "各地写明的数值相加，与上位文件的总数比较；空格＝没有写数值；“不可相加”的指标（比率、每户每村等）不求和",
    )
    head = ["指标编号", "任务", "指标", "上位要求", "单位", "各地合计", "差额", "结论"]
    sheet.set_row(2, 14 * max([2, *(-(-len(lower.name) // 4) for lower in towns)]) + 4)
    write_row(sheet, 2, head, look.head)
    for column, lower in enumerate(towns, len(head)):
        write(sheet, 2, column, lower.name, look.head)
    write(sheet, 2, len(head) + len(towns), "未写数值的", look.head)
    titles = {target.id: f"{task.id} {task.title}" for task in trace.upper.tasks for target in task.targets}
    stated = {(lower.name, status.id): status for lower in towns for verdict in lower.tasks for status in verdict.targets if status.value is not None}
    number = look(align="center", valign="top", num_format="General")
    for row, total in enumerate(trace.aggregates, 3):
        silent = "、".join(total.silent)
        if len(total.silent) > _WIDE:
            silent = f"共{len(total.silent)}地：{'、'.join(total.silent[:_WIDE])}等"
        cells = [total.target, titles.get(total.target, "总体目标"), total.indicator]
        sheet.set_row(row, height([(cells[1], 26), (cells[2], 30), (silent, 32)]))
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
    close(sheet, 3, 3, len(trace.aggregates), len(widths))


def _method_sheet(look: Looks, sheet, trace: CoverageTrace, rulings: Rulings) -> None:
    head = ["文件", "地方", "格式", "页数", "未读出的页", "提示", "SHA-256"]
    widths = [40, 18, 8, 8, 16, 80, 68]
    domain = "只用通用规则，未用专题概念包" if trace.domain == "none" else f"专题概念包：{words.domain_name(trace.domain)}"
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
        sheet.set_row(row, height([(notes, 80), (cells[0], 40)]))
        write_row(sheet, row, cells, look.text)
        row += 1
    row += 1
    for line in [rulings.summary, *(f"未用的决定：{name}（有文件读不出，没有对上）" for name in rulings.unplaced)] if rulings.made else []:
        write(sheet, row, 0, line, look.note)
        row += 1
    for verdict in Verdict:
        write(sheet, row, 0, f"{words.VERDICT_SYMBOL[verdict]} {words.VERDICT_NAME[verdict]}", look.verdict(verdict, 11))
        write(sheet, row, 1, words.VERDICT_MEANING[verdict], look.note)
        row += 1
    sheet.freeze_panes(3, 1)
