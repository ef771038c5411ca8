"""A reviewer's workbook read back: what was filled in becomes entries of the decisions file, and every row that could not be placed is named.

The file is changed entry by entry, so that its comments, its order and all that people wrote by hand stay.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from pipeline import decisions
from pipeline.errors import UnreadableFile
from pipeline.report.detail import check_word
from pipeline.report.words import REVIEW_HEAD, REVIEW_VERDICT

_SHEET, _PLACE, _MEASURE = "明细", "镇街", "举措编号"
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_OTHER_WORDS = {"已覆盖": "覆盖", "缺失": "未覆盖", "说明": "已说明", "●": "覆盖", "✕": "未覆盖", "〇": "已说明", "–": "不适用"}


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What a workbook came to. `entries` in the order of its rows; `problems` are Chinese lines, each with its row."""

    entries: tuple[decisions.Decision, ...]
    problems: tuple[str, ...]


def read_book(path: Path, owner: str = "", day: date | None = None) -> Reviewed:
    """The filled-in rows of a workbook's sheet 明细.

    Args:
      owner: Who decided, where a row does not say.
      day: When it was decided, where a row does not say.

    Raises UnreadableFile where it is no workbook of ours.
    """
    table = _rows(path)
    head_at = next((i for i, row in enumerate(table) if _MEASURE in row and REVIEW_HEAD[0] in row), None)
    if head_at is None:
        raise UnreadableFile(path.name, f"“{_SHEET}”表里没有“{_MEASURE}”“{REVIEW_HEAD[0]}”两列", "请用 luoshi check 写的覆盖矩阵.xlsx 或复核表，不要改动表头")
    head = table[head_at]
    missing = [name for name in (_PLACE, *REVIEW_HEAD) if name not in head and name != REVIEW_HEAD[5]]
    if missing:
        raise UnreadableFile(path.name, f"“{_SHEET}”表缺{'、'.join(missing)}列", "请不要删除列（“印记”列是隐藏的），用原来的工作簿重新填写")
    at = {name: head.index(name) for name in (_PLACE, _MEASURE, *REVIEW_HEAD) if name in head}
    entries: dict[tuple[str, str], decisions.Decision] = {}
    problems = []
    for number, row in enumerate(table[head_at + 1 :], head_at + 2):
        cells = {name: row[column] if column < len(row) else None for name, column in at.items()}
        if not any(_said(cells[name]) for name in REVIEW_HEAD[:5]):
            continue
        entry, problem = _entry(path, number, cells, owner, day)
        if entry and (entry.town, entry.measure) in entries:
            entry, problem = None, f"{entry.town} {entry.measure} 前面已经填过一行；请只留一行"
        if entry:
            entries[entry.town, entry.measure] = entry
        else:
            problems.append(f"{path.name} 第{number}行：{problem}")
    return Reviewed(tuple(entries.values()), tuple(problems))


def _rows(path: Path) -> list[list]:
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()), read_only=True, data_only=True)
    except OSError as error:
        raise UnreadableFile(path.name, "打不开", "请检查路径和权限；在 Excel 或 WPS 中打开着的先关闭") from error
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError) as error:
        raise UnreadableFile(path.name, "不是 Excel 工作簿（.xlsx）", "请在 Excel 或 WPS 中另存为 .xlsx") from error
    if _SHEET not in book.sheetnames:
        raise UnreadableFile(path.name, f"没有“{_SHEET}”表", "请用 luoshi check 写的覆盖矩阵.xlsx 或复核表")
    return [list(row) for row in book[_SHEET].iter_rows(values_only=True)]


def _said(cell: object) -> str:
    return "" if cell is None else str(cell).strip()


def _entry(path: Path, number: int, cells: dict, owner: str, day: date | None) -> tuple[decisions.Decision | None, str]:
    """A row as a decision; or None and what is wrong with it."""
    town, measure = _said(cells[_PLACE]), _said(cells[_MEASURE])
    said = _said(cells["人工结论"])
    said = _OTHER_WORDS.get(said, said)
    if not said:
        return None, "填了理由、决定人或日期，没有选人工结论；请选一项"
    if said not in REVIEW_VERDICT:
        return None, f"人工结论“{said}”不在下拉表里；可用：{'、'.join(REVIEW_VERDICT)}"
    stamp, _, word = _said(cells["印记"]).rpartition("-")
    if not stamp or not town or not measure:
        return None, "没有镇街、举措编号或印记，不是由程序写出的行；请填在原来的行上"
    if word != check_word(town, measure):
        return None, f"镇街或举措编号（{town} {measure}）与这一行原来的不同；请填在原来的行上，不要改动前面各列"
    reason, by = _said(cells["人工理由"]), _said(cells["决定人"]) or owner
    if not reason or not by:
        return None, f"{town} {measure} 没有填{'人工理由' if not reason else '决定人'}；请补上" + ("（决定人也可用 --owner 统一给出）" if reason else "")
    try:
        until, decided = _day(cells["期限"]), _day(cells["决定日期"]) or day
    except ValueError as error:
        return None, f"{town} {measure} 的日期“{error}”认不出；请写成 2025-06-30 的样子"
    if decided is None:
        return None, f"{town} {measure} 没有决定日期；请补上，或用 --as-of 统一给出"
    verdict = REVIEW_VERDICT[said]
    waiver = verdict is None
    return decisions.Decision(town, measure, None, "waiver" if waiver else "override", verdict, " ".join(reason.split()), by, until if waiver else None, decided,
                              stamp, f"{path.name} 第{number}行", None if waiver else until), ""


def _day(cell: object) -> date | None:
    """A cell as a day: a date, or its text in one of the usual ways. Raises ValueError with what stands there."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if not _said(cell):
        return None
    match = _DAY.fullmatch(_said(cell))
    if not match:
        raise ValueError(_said(cell))
    try:
        return date(*map(int, match.groups()))
    except ValueError as error:
        raise ValueError(_said(cell)) from error


# ---------------------------------------------------------------- into the decisions file


@dataclass(frozen=True, slots=True)
class Merged:
    """The new text of a decisions file, and how many of its entries are new, changed, and as they were."""

    text: str
    added: int
    changed: int
    kept: int


def merge(entries: Iterable[decisions.Decision], path: Path) -> Merged:
    """The decisions file with the entries in it. Raises DecisionError where the file is there and cannot be used.

    An entry that says what the file says already changes nothing, not even a stamp that has become suspect: to confirm it, a reviewer dates it anew.
    """
    known = {}
    lines: list[str] = []
    if path.exists():
        known = {(d.town, d.measure): d for d in decisions.load(path)[0] if d.measure}
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    spans = decisions.entry_lines(path) if lines else {}
    added: list[str] = []
    edits: list[tuple[int, int, list[str]]] = []
    changed = kept = 0
    for entry in entries:
        there = known.get((entry.town, entry.measure))
        if there and replace(there, stamp="", where="") == replace(entry, stamp="", where=""):
            kept += 1
        elif (entry.town, entry.measure) in spans:  # also one that nobody had filled in
            start, end = spans[entry.town, entry.measure]
            edits.append((start, end, _lines(entry)))
            changed += there is not None
            if there is None:
                added.append("")
        else:
            edits.append((len(lines), len(lines), _lines(entry)))
            added.append("")
    if not any(line.startswith("decisions:") for line in lines):
        lines = [*lines, "decisions:"]
        edits = [(max(start, len(lines)), max(end, len(lines)), made) for start, end, made in edits]
    lines = ["decisions:" if re.fullmatch(r"decisions:\s*\[\s*\]\s*", line) and edits else line for line in lines]
    for start, end, made in reversed(sorted(edits, key=lambda edit: edit[0])):
        lines[start:end] = made if start < end else ["", *made]
    return Merged("\n".join(lines) + "\n", len(added), changed, kept)


def _lines(d: decisions.Decision) -> list[str]:
    """An entry as it stands in the file."""
    def quoted(text: str) -> str:
        return json.dumps(text, ensure_ascii=False)

    return [f"  - town: {quoted(d.town)}", f"    measure: {d.measure}", f"    kind: {d.kind}", *([f"    verdict: {d.verdict}"] if d.verdict else []),
            f"    reason: {quoted(d.reason)}", f"    owner: {quoted(d.owner)}", *([f"    expires: {d.expires}"] if d.expires else []),
            *([f"    due: {d.due}"] if d.due else []), f"    decided_on: {d.decided_on}", f"    stamp: {d.stamp}"]
