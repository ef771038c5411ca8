"""Rows of a task table (任务分解表) become tasks: what each column is for is read off its head."""

from __future__ import annotations

import re

from pipeline.extract.readers import Readers
from pipeline.extract.units import union
from pipeline.model import Measure, Outline, Paragraph, Role, Task, Unit
from pipeline.outline.numbering import read_label
from pipeline.text import sentences

COLUMNS = ("number", "category", "measure", "task", "lead", "support", "responsible", "deadline", "target")


def columns(headers: tuple[str, ...], readers: Readers) -> dict[int, str]:
    """Index of a column → what it is for; columns that no rule knows are left out."""
    found = {}
    for i, header in enumerate(headers):
        bare = re.sub(r"\s", "", header)
        plain = re.sub(r"[（(][^（）()]*[）)]$", "", bare)  # 责任单位（第一个为牵头单位）
        lower = bare.rpartition("/")[2]  # 落实单位/主责: a head of two rows, where the lower one says more
        kind = _kind((bare, plain), readers) or _kind((lower,), readers)
        if kind:
            found[i] = kind
    return found


def _kind(forms: tuple[str, ...], readers: Readers) -> str | None:
    """What a head in any of its forms says that its column is for."""
    return next((kind for kind in COLUMNS if any(readers.rulebook.pattern(f"extract.column.{kind}").search(form) for form in forms)), None)


def is_head(row: Paragraph, text: str) -> bool:
    """Is this row the head of its table, or the head typed again?"""
    return all(text[c.start : c.end] == c.header for c in row.cells) and any(c.header for c in row.cells)


def task_rows(outline: Outline, readers: Readers):
    """(row, columns) of every row of a task table: one that has a column of tasks or measures and one of units, heads left out."""
    document = outline.document
    for row in document.paragraphs:
        if row.kind != "row" or is_head(row, document.text):
            continue
        kinds = columns(tuple(c.header for c in row.cells), readers)
        if {"task", "measure"} & set(kinds.values()) and {"lead", "support", "responsible"} & set(kinds.values()):
            yield row, kinds


def table_tasks(outline: Outline, readers: Readers, year: int | None, due: str | None, taken: set[str]) -> list[Task]:
    """One task a row. A row with a single filled cell is a heading of the rows below it.

    Ids: the row's number as written (or its position), under the ordinal of its category where that has one; never one of `taken`.
    """
    from pipeline.extract.tasks import _binds_other, _modality, read_targets

    text = outline.document.text
    tasks: list[Task] = []
    used = set(taken)
    category, prefix, position = "", "", 0
    for row, kinds in task_rows(outline, readers):
        filled = [c for c in row.cells if text[c.start : c.end].strip()]
        if len(filled) == 1 or len({text[c.start : c.end] for c in filled}) == 1:
            category = text[filled[0].start : filled[0].end].strip() if filled else ""
            label = read_label(category)
            prefix = str(label.number) if label is not None and label.number is not None else ""
            continue
        position += 1
        by_kind: dict[str, list] = {}
        for i, cell in enumerate(row.cells):
            if i in kinds and text[cell.start : cell.end].strip():
                by_kind.setdefault(kinds[i], []).append(cell)
        number = _number(by_kind, text) or position
        id_ = f"{prefix}.{number}" if prefix else str(number)
        while id_ in used:
            number += 1
            id_ = f"{prefix}.{number}" if prefix else str(number)
        used.add(id_)
        spans = []
        if "measure" in by_kind:  # 新建7所，新增学位6800个。 beside the steps to it is a duty, too
            spans += [(c.start, c.end) for c in by_kind.get("task", []) if text[c.start : c.end].endswith("。") and re.search(r"\d", text[c.start : c.end])]
        for kind in ("measure", "target") if "measure" in by_kind else ("task", "target"):
            for cell in by_kind.get(kind, []):
                spans += [s for s in sentences(text, cell.start, cell.end) if s[1] - s[0] >= 4]
        title_cell = (by_kind.get("task") or by_kind.get("measure") or [None])[0]
        if title_cell is None or not spans:
            continue
        title_span = sentences(text, title_cell.start, title_cell.end)[0]
        label = read_label(text[title_span[0] : title_span[1]])
        title = text[title_span[0] + (label.end if label else 0) : title_span[1]].rstrip("。；")
        measures = []
        for k, (start, end) in enumerate(spans, 1):
            lead = read_label(text[start:end])
            start += lead.end if lead else 0
            measures.append(Measure(f"{id_}-m{k}", text[start:end], _modality(text[start:end], readers), start, end, row.page, (), not _binds_other(text[start:end], readers)))
        units: list[tuple[Unit, ...]] = []
        open_ = False
        for kind, role in (("lead", Role.LEAD), ("responsible", Role.RESPONSIBLE), ("support", Role.SUPPORT)):
            if kind == "responsible" and "lead" in by_kind and "support" not in by_kind:
                role = Role.SUPPORT if readers.rulebook.settings.get("extract.table.responsible_beside_lead") == "support" else Role.RESPONSIBLE
            for cell in by_kind.get(kind, []):
                first_leads = readers.units.states_first_leads(cell.header, 0, len(cell.header))
                read, more = readers.units.cell(text, cell.start, cell.end, role, first_leads)
                units.append(read)
                open_ = open_ or more
        deadline = text[by_kind["deadline"][0].start : by_kind["deadline"][0].end].strip() if "deadline" in by_kind else None
        path = tuple(part for part in (category, *(text[c.start : c.end] for c in by_kind.get("category", []))) if part)
        targets = read_targets(text, id_, measures, readers, year, readers.targets.deadline(deadline, year) if deadline else due)
        tasks.append(Task(id_, path, title, union(units), open_, True, tuple(measures), targets, row.start, row.end, deadline))
    return tasks


def _number(by_kind: dict, text: str) -> int | None:
    for cell in by_kind.get("number", []):
        m = re.search(r"\d{1,4}", text[cell.start : cell.end])
        if m:
            return int(m.group())
    return None
