"""The task list, the responsibility matrix and the load of each unit, as a workbook and as CSV."""

from __future__ import annotations

from pipeline.model import Extraction, Role, Task
from pipeline.report import words
from pipeline.report.carriers import Carrier, carriers_of
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

_TASK_HEAD = ["序号", "编号", "所属部分", "任务", "举措", "目标", "牵头单位", "责任单位", "配合单位", "完成时限"]


def task_workbook(extraction: Extraction) -> bytes:
    """xlsx: 任务分解表, 责任矩阵 (units × tasks), 单位负荷."""
    book, written = workbook(words.document_title(extraction))
    look = Looks(book)
    _task_sheet(book, look, extraction)
    carriers = carriers_of(extraction)
    _duty_sheet(book, look, extraction, carriers)
    _load_sheet(book, look, extraction, carriers)
    book.close()
    return written.getvalue()


def task_csv(extraction: Extraction) -> bytes:
    """任务分解表 as CSV for Excel: UTF-8 with a byte order mark."""
    return csv_bytes([_TASK_HEAD, *(_task_row(number, task) for number, task in enumerate(extraction.tasks, 1))])


def duty_csv(extraction: Extraction) -> bytes:
    """责任矩阵 as CSV: a line a unit, a column a task."""
    rows = [["单位", *(f"{task.id} {task.title}" for task in extraction.tasks), "牵头", "责任", "配合", "合计"]]
    for carrier in carriers_of(extraction):
        roles = [words.ROLE_NAME[carrier.roles[task.id]] if task.id in carrier.roles else "" for task in extraction.tasks]
        rows.append(
            [carrier.name, *roles, *(str(carrier.count(role)) for role in (Role.LEAD, Role.RESPONSIBLE, Role.SUPPORT)), str(len(carrier.roles))]
        )
    return csv_bytes(rows)


def _task_row(number: int, task: Task) -> list[str]:
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
        row = _task_row(number, task)
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
    head = ["单位", "类别", "牵头", "责任", "配合", "合计", "牵头的任务", "负责的任务", "配合的任务"]
    widths = [34, 8, 8, 8, 8, 8, 48, 48, 48]
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
        write(sheet, row, 0, carrier.name, look.text)
        write(sheet, row, 1, "统称" if carrier.collective else "单位", look.high)
        for column, count in enumerate((*(carrier.count(role) for role in (Role.LEAD, Role.RESPONSIBLE, Role.SUPPORT)), len(carrier.roles)), 2):
            sheet.write_number(row, column, count, look.high)
        for column, text in enumerate(lists, 6):
            write(sheet, row, column, text, look.text)
        sheet.set_row(row, height([(carrier.name, 34), *((text, 48) for text in lists)]))
    if carriers:
        sheet.conditional_format(3, 5, 2 + len(carriers), 5, {"type": "data_bar", "bar_color": "#9DC3E6", "bar_solid": True})
    close(sheet, 3, 1, len(carriers), len(head))
