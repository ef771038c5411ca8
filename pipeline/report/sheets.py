"""What every workbook and CSV of ours has in common: looks, heights, printing, and text that stays text."""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime
from functools import cached_property

import xlsxwriter

from pipeline.model import Role, Verdict
from pipeline.report import words
from pipeline.text import printable

_CELL_LIMIT = 32767  # characters in a cell, Excel's own limit
_CREATED = datetime(2000, 1, 1)  # a fixed day: the bytes must not tell when they were written
_FONT = "宋体"
HEAD_FONT = "黑体"
DARK, PALE, _LINE = "#1F4E79", "#DCE6F1", "#A6B1BD"
_A3 = 8


class Looks:
    """The formats of a workbook, each made once."""

    def __init__(self, book: xlsxwriter.Workbook):
        self._book = book
        self._made: dict[tuple, object] = {}

    def __call__(self, **properties):
        key = tuple(properties.items())
        if key not in self._made:
            base = {"font_name": _FONT, "font_size": 10, "valign": "vcenter", "text_wrap": True, "border": 1, "border_color": _LINE}
            self._made[key] = self._book.add_format(base | properties)
        return self._made[key]

    @cached_property
    def title(self):
        return self(font_name=HEAD_FONT, font_size=16, align="center", border=0, text_wrap=False)

    @cached_property
    def note(self):
        return self(border=0, font_color="#44505C", text_wrap=False)

    @cached_property
    def head(self):
        return self(font_name=HEAD_FONT, align="center", bg_color=DARK, font_color="#FFFFFF")

    @cached_property
    def upright(self):
        """A head of stacked characters, for narrow columns."""
        return self(font_name=HEAD_FONT, align="center", valign="top", bg_color=DARK, font_color="#FFFFFF", rotation=270, text_wrap=False)

    @cached_property
    def text(self):
        return self(valign="top")

    @cached_property
    def id(self):
        return self(valign="top", num_format="@", text_wrap=False)

    @cached_property
    def centre(self):
        return self(align="center")

    @cached_property
    def high(self):
        """Short words beside long text: centred, at the top."""
        return self(align="center", valign="top")

    @cached_property
    def total(self):
        return self(align="center", bg_color=PALE, font_name=HEAD_FONT)

    def verdict(self, verdict: Verdict, size: int = 12, valign: str = "vcenter"):
        background, colour = words.VERDICT_COLOUR[verdict]
        return self(align="center", valign=valign, bg_color=background, font_color=colour, font_size=size, underline=0, text_wrap=False)

    def role(self, role: Role):
        background, colour = words.ROLE_COLOUR[role]
        return self(align="center", bg_color=background, font_color=colour, font_size=9, text_wrap=False)


def workbook(title: str, constant_memory: bool = False) -> tuple[xlsxwriter.Workbook, io.BytesIO]:
    """A new workbook and where its bytes go. In constant memory a sheet is written row by row, and rows are done when the next begins."""
    written = io.BytesIO()
    book = xlsxwriter.Workbook(written, {"constant_memory" if constant_memory else "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False})
    book.set_properties({"title": printable(title)[:250], "author": "luoshi", "created": _CREATED})
    return book, written


def write(sheet, row: int, column: int, text: str, look) -> None:
    """Text of any length and any beginning, as text."""
    text = printable(text)
    sheet.write_string(row, column, text if len(text) <= _CELL_LIMIT else text[: _CELL_LIMIT - 6] + "……（截断）", look)


def write_row(sheet, row: int, cells: list[str], look) -> None:
    for column, cell in enumerate(cells):
        write(sheet, row, column, cell, look)


def lay_out(sheet, title: str, widths: list[float], look: Looks, note: str = "", head: int = 2) -> None:
    """Title over all columns, a note under it, widths, freezing and printing: A3 landscape, one page wide, head on every page."""
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    sheet.merge_range(0, 0, 0, len(widths) - 1, "", look.title)
    write(sheet, 0, 0, title, look.title)
    sheet.set_row(0, 30)
    write(sheet, 1, 0, note, look.note)
    sheet.set_landscape()
    sheet.set_paper(_A3)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(head)
    sheet.set_footer("&C第&P页 共&N页")


def close(sheet, row: int, column: int, rows: int, columns: int) -> None:
    """Freeze what is above and left of a cell, and put the filter on the head."""
    sheet.freeze_panes(row, column)
    sheet.autofilter(row - 1, 0, row - 1 + max(rows, 1), columns - 1)


def height(texts: list[tuple[str, float]], size: float = 10) -> float:
    """The height of a row whose cells wrap: (text, column width in half-width characters). Excel allows no more than 409 points."""
    lines = max(sum(max(1, -(-text_width(line) // max(1, int(width) - 1))) for line in text.split("\n")) for text, width in texts)
    return min(409, max(18, lines * size * 1.45 + 4))


def upright_height(names: list[str]) -> float:
    """The height of a head of stacked characters, with room below for the filter's button."""
    return min(409, 15.5 * max([4, *(len(name) for name in names)]) + 20)


def text_width(text: str) -> int:
    """In half-width characters."""
    return len(text) if text.isascii() else len(text) + len(_WIDE.sub("", text))


_WIDE = re.compile("[\u0000-\u1fff]+")


def csv_bytes(rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([[_guarded(cell) for cell in row] for row in rows])
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8", "replace")


def _guarded(cell: str) -> str:
    """A cell that a spreadsheet would run as a formula gets an apostrophe before it."""
    return "'" + cell if cell.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠")) or cell.startswith(("\t", "\r")) else cell
