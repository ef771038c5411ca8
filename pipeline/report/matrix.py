"""The task list, the responsibility matrix and the load of each unit, as a workbook and as CSV."""

from __future__ import annotations

from pipeline.model import Extraction, Role, Task
from pipeline.report import words
from pipeline.report.carriers import Carrier, carriers_of, measures_of, shared_with
from pipeline.report.sheets import (
    DARK,
    HEAD_FONT,
    Looks,
    close,
    csv_bytes,
    height,
    lay_out,
    text_width,
    upright_height,
    workbook,
    write,
    write_row,
)
from pipeline.text import printable

_TASK_HEAD = ["序号", "编号", "所属部分", "任务", "举措", "目标", "牵头单位", "责任单位", "配合单位", "完成时限"]
_OWED_HEAD = ["单位", "角色", "编号", "任务", "举措", "目标", "完成时限", "共同承担的单位"]
_OWED_WIDTHS = [26, 8, 9, 26, 62, 34, 15, 40]
_UNIT_SHEETS = 40  # with more units than this, tabs can no longer be found: one sheet with a filter stands for them
_SHARERS = 8  # units named in one cell of the load; the rest is counted


def task_workbook(extraction: Extraction) -> bytes:
    """xlsx: 任务分解表, 责任矩阵 (units × tasks), 单位负荷, 目标清单, and what each unit owes: a sheet a unit, or 按单位 where they are many."""
    book, written = workbook(words.document_title(extraction))
    look = Looks(book)
    _task_sheet(book, look, extraction)
    carriers = carriers_of(extraction)
    _duty_sheet(book, look, extraction, carriers)
    _load_sheet(book, look, extraction, carriers)
    _target_sheet(book, look, extraction)
    if len(carriers) > _UNIT_SHEETS:
        _owed_sheet(book, look, extraction, carriers, "按单位", "各单位任务清单")
    else:
        for name, carrier in zip(_sheet_names([carrier.name for carrier in carriers]), carriers):
            _owed_sheet(book, look, extraction, [carrier], name, f"{carrier.name}任务清单")
    book.close()
    return written.getvalue()


def task_csv(extraction: Extraction) -> bytes:
    """任务分解表 as CSV for Excel: UTF-8 with a byte order mark."""
    return csv_bytes([_TASK_HEAD, *(task_row(number, task) for number, task in enumerate(extraction.tasks, 1))])


def duty_csv(extraction: Extraction) -> bytes:
    """责任矩阵 as CSV: a line a unit, a column a task."""
    rows = [["单位", *(f"{task.id} {task.title}" for task in extraction.tasks), "牵头", "责任", "配合", "合计"]]
    for carrier in carriers_of(extraction):
        roles = [words.ROLE_NAME[carrier.roles[task.id]] if task.id in carrier.roles else "" for task in extraction.tasks]
        rows.append(
            [carrier.name, *roles, *(str(carrier.count(role)) for role in (Role.LEAD, Role.RESPONSIBLE, Role.SUPPORT)), str(len(carrier.roles))]
        )
    return csv_bytes(rows)


def task_row(number: int, task: Task) -> list[str]:
    """A task as a line of 任务分解表, cells in the order of its head."""
    measures = (
        "\n".join(f"{k}. {measure.text}" for k, measure in enumerate(task.measures, 1))
        if len(task.measures) > 1
        else "".join(m.text for m in task.measures)
    )
    return [
        str(number),
        task.id,
        words.chapter(task),
        task.title,
        measures,
        "\n".join(words.target_words(target) for target in task.targets),
        words.units_of(task, Role.LEAD),
        words.units_of(task, Role.RESPONSIBLE),
        words.units_of(task, Role.SUPPORT),
        words.task_deadline(task),
    ]


def _task_sheet(book, look: Looks, extraction: Extraction) -> None:
    sheet = book.add_worksheet("任务分解表")
    widths = [6, 9, 20, 24, 62, 34, 18, 26, 26, 15]
    lay_out(
        sheet,
        words.document_title(extraction) + "任务分解表",
        widths,
        look,
        f"共{len(extraction.tasks)}项任务、{sum(len(t.measures) for t in extraction.tasks)}条举措",
    )
    write_row(sheet, 2, _TASK_HEAD, look.head)
    sheet.set_row(2, 26)
    for number, task in enumerate(extraction.tasks, 1):
        row = task_row(number, task)
        sheet.set_row(number + 2, height(list(zip(row, widths))))
        for column, cell in enumerate(row):
            write(sheet, number + 2, column, cell, look.id if column < 2 else look.text)
    close(sheet, 3, 4, len(extraction.tasks), len(widths))


def _duty_sheet(book, look: Looks, extraction: Extraction, carriers: list[Carrier]) -> None:
    sheet = book.add_worksheet("责任矩阵")
    tasks = extraction.tasks
    name_width = min(44, max([16, *(text_width(c.name) + 2 for c in carriers)]))
    lay_out(
        sheet,
        words.document_title(extraction) + "责任矩阵",
        [name_width, *[5] * len(tasks), 6, 6, 6, 6],
        look,
        "每行一个单位，每列一项任务；牵头＝牵头单位，配合＝配合单位，责任＝文件未区分牵头、配合",
        head=3,
    )
    sheet.repeat_rows(2, 3)
    sheet.repeat_columns(0)
    totals = len(tasks) + 1
    write(sheet, 2, 0, "编号", look.head)
    write(sheet, 3, 0, "单位", look.head)
    for column, task in enumerate(tasks, 1):
        write(
            sheet,
            2,
            column,
            task.id,
            look(font_name=HEAD_FONT, align="center", bg_color=DARK, font_color="#FFFFFF", rotation=90, font_size=9, text_wrap=False),
        )
        write(sheet, 3, column, words.shortened(task.title, 16), look.upright)
    for column, name in enumerate(("牵头", "责任", "配合", "合计"), totals):
        write(sheet, 2, column, "", look.head)
        write(sheet, 3, column, name, look.upright)
    sheet.set_row(2, max([24, *(6 * len(task.id) for task in tasks)]))
    sheet.set_row(3, upright_height([task.title[:16] for task in tasks]))
    for row, carrier in enumerate(carriers, 4):
        write(sheet, row, 0, carrier.name, look(bg_color="#F3F7EE") if carrier.collective else look())
        for column, task in enumerate(tasks, 1):
            role = carrier.roles.get(task.id)
            write(sheet, row, column, words.ROLE_NAME[role] if role else "", look.role(role) if role else look.centre)
        for column, count in enumerate(
            (carrier.count(Role.LEAD), carrier.count(Role.RESPONSIBLE), carrier.count(Role.SUPPORT), len(carrier.roles)), totals
        ):
            sheet.write_number(row, column, count, look.total)
        sheet.set_row(row, height([(carrier.name, name_width)]))
    last = len(carriers) + 4
    write(sheet, last, 0, "单位数", look.total)
    for column, task in enumerate(tasks, 1):
        sheet.write_number(last, column, sum(task.id in carrier.roles for carrier in carriers), look.total)
    sheet.freeze_panes(4, 1)
    sheet.autofilter(3, 0, 3 + max(len(carriers), 1), totals + 3)


def _load_sheet(book, look: Looks, extraction: Extraction, carriers: list[Carrier]) -> None:
    sheet = book.add_worksheet("单位负荷")
    head = ["单位", "类别", "牵头", "责任", "配合", "合计", "牵头的任务", "负责的任务", "配合的任务", "共同承担的单位（任务数）"]
    widths = [34, 8, 8, 8, 8, 8, 44, 44, 44, 40]
    nobody = [task.id for task in extraction.tasks if not task.units]
    lay_out(
        sheet,
        words.document_title(extraction) + "单位负荷",
        widths,
        look,
        f"没有责任单位的任务：{'、'.join(nobody)}" if nobody else "每项任务都有责任单位",
    )
    write_row(sheet, 2, head, look.head)
    sheet.set_row(2, 26)
    titles = {task.id: f"{task.id} {task.title}" for task in extraction.tasks}
    for row, carrier in enumerate(carriers, 3):
        lists = [
            "\n".join(titles[id_] for id_, mine in carrier.roles.items() if mine is role) for role in (Role.LEAD, Role.RESPONSIBLE, Role.SUPPORT)
        ]
        sharers = shared_with(carrier, carriers)
        more = f"等{len(sharers)}个单位" if len(sharers) > _SHARERS else ""
        lists.append("、".join(f"{name} {count}" for name, count in sharers[:_SHARERS]) + more)
        write(sheet, row, 0, carrier.name, look.text)
        write(sheet, row, 1, "统称" if carrier.collective else "单位", look.high)
        for column, count in enumerate((*(carrier.count(role) for role in (Role.LEAD, Role.RESPONSIBLE, Role.SUPPORT)), len(carrier.roles)), 2):
            sheet.write_number(row, column, count, look.high)
        for column, text in enumerate(lists, 6):
            write(sheet, row, column, text, look.text)
        sheet.set_row(row, height([(carrier.name, 34), *((text, 40) for text in lists)]))
    if carriers:
        sheet.conditional_format(3, 5, 2 + len(carriers), 5, {"type": "data_bar", "bar_color": "#9DC3E6", "bar_solid": True})
    close(sheet, 3, 1, len(carriers), len(head))


def _target_sheet(book, look: Looks, extraction: Extraction) -> None:
    """Every target with who answers for it: those of the goals first, then task by task."""
    sheet = book.add_worksheet("目标清单")
    head = ["编号", "任务", "指标", "要求", "完成时限", "牵头单位", "责任单位", "配合单位", "原文"]
    widths = [9, 26, 30, 22, 15, 22, 30, 30, 60]
    owned = [(task, target) for task in extraction.tasks for target in task.targets]
    listed = [(None, target) for target in extraction.goal_targets] + owned
    lay_out(sheet, words.document_title(extraction) + "目标清单", widths, look, f"总体目标{len(extraction.goal_targets)}个，任务目标{len(owned)}个")
    write_row(sheet, 2, head, look.head)
    sheet.set_row(2, 26)
    for row, (task, target) in enumerate(listed, 3):
        units = [words.units_of(task, role) for role in (Role.LEAD, Role.RESPONSIBLE, Role.SUPPORT)] if task else ["", "", ""]
        day = words.date_words(target.deadline) or (words.date_words(task.deadline) if task else "")
        cells = [task.id if task else "", task.title if task else "总体目标", target.indicator, words.quantity(target), day, *units, target.evidence]
        for column, cell in enumerate(cells):
            write(sheet, row, column, cell, look.id if column == 0 else look.text)
        sheet.set_row(row, height(list(zip(cells, widths))))
    close(sheet, 3, 2, len(listed), len(head))


def _owed_sheet(book, look: Looks, extraction: Extraction, carriers: list[Carrier], name: str, title: str) -> None:
    """What units owe, a line a unit and task: in which role, which measures and targets, by when, and with whom."""
    sheet = book.add_worksheet(name)
    tasks = {task.id: task for task in extraction.tasks}
    roles = "，".join(f"{words.ROLE_NAME[role]}{sum(c.count(role) for c in carriers)}项" for role in (Role.LEAD, Role.RESPONSIBLE, Role.SUPPORT))
    lay_out(sheet, words.document_title(extraction) + title, _OWED_WIDTHS, look, roles)
    write_row(sheet, 2, _OWED_HEAD, look.head)
    sheet.set_row(2, 26)
    row = 3
    for carrier in carriers:
        for id_, role in carrier.roles.items():
            cells = owed_row(tasks[id_], carrier.name, role)
            for column, cell in enumerate(cells):
                write(sheet, row, column, cell, look.id if column == 2 else look.text)
            sheet.set_row(row, height(list(zip(cells, _OWED_WIDTHS))))
            row += 1
    close(sheet, 3, 4, row - 3, len(_OWED_HEAD))


def owed_row(task: Task, unit: str, role: Role) -> list[str]:
    """What a unit owes of one task: unit, role, task's id, title, its measures, targets, deadline, the other units."""
    measures = measures_of(task, unit)
    mine = {measure.id for measure in measures}
    targets = [target for target in task.targets if target.measure is None or target.measure in mine]
    others = words.all_units(other for other in task.units if other.canonical != unit)
    return [
        unit,
        words.ROLE_NAME[role],
        task.id,
        task.title,
        "\n".join(measure.text for measure in measures),
        "\n".join(words.target_words(target) for target in targets),
        words.task_deadline(task),
        others,
    ]


def _sheet_names(names: list[str]) -> list[str]:
    """Names that a workbook accepts: 31 characters, none of []:*?/\\ or an apostrophe, each once (without regard to case), none of a sheet of ours."""
    taken = {"任务分解表", "责任矩阵", "单位负荷", "目标清单", "history"}
    made = []
    for name in names:
        plain = "".join("＿" if char in "[]:*?/\\'" else char for char in printable(name)).strip() or "＿"
        candidate, number = plain[:31], 2
        while candidate.lower() in taken:
            candidate = f"{plain[:27]}（{number}）"
            number += 1
        taken.add(candidate.lower())
        made.append(candidate)
    return made
