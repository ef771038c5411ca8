"""xlsx → blocks: the sheets in their order, each one table with what stands above and below it as text. Formulas are never computed: their kept result is the text."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from lxml.etree import _Element as Element

from pipeline.errors import UnreadableFile
from pipeline.ingest import limits
from pipeline.ingest.blocks import LINE_BREAK, Block, Reading, clean
from pipeline.ingest.tables import GridCell, rows
from pipeline.ingest.zipped import Container
from pipeline.model import Warning

_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})")
# Numbers of formats that the standard does not spell out: percents and dates (27 to 58 are the Chinese ones).
_PERCENTS = {9: "0%", 10: "0.00%"}
_DATES = {14, 15, 16, 22, *range(28, 32), 36, *range(51, 55), 58}
_MONTHS = {17, 27, 50, 57}
# What of a format code is no pattern: literals, colours and locales, the blank as wide as a sign.
_LITERAL = re.compile(r'"([^"]*)"|\\(.)')
_ASIDE = re.compile(r"\[[^\]]*\]|_.|\*.")
_DIGITS = re.compile(r"[#0?,]*[#0?](?:\.([0#?]*))?")
_MARK = "\x01"  # stands for a literal while a code is taken apart


def read(content: bytes, name: str) -> Reading:
    package = Container(content, name)
    main = next((target for kind, target in package.relations("").values() if kind == "officeDocument"), "xl/workbook.xml")
    root = package.xml(main) if not main.endswith(".bin") else None
    if root is None:
        raise UnreadableFile(name, "里面没有 Excel 工作表（缺 workbook.xml）", "请用 Excel 或 WPS 打开后重新另存为 .xlsx")
    relations = package.relations(main)
    parts = {kind: target for kind, target in relations.values()}
    properties = root.find("{*}workbookPr")
    cells = _Cells(_shared(package.xml(parts.get("sharedStrings", ""))), _formats(package.xml(parts.get("styles", ""))),
                   properties is not None and properties.get("date1904") in ("1", "true"), name)
    reading = Reading("xlsx")
    hidden, tables = [], 0
    for sheet in root.iterfind("{*}sheets/{*}sheet"):
        if sheet.get("state", "visible") != "visible":
            hidden.append(sheet.get("name", ""))
            continue
        identifier = next((value for key, value in sheet.attrib.items() if key.endswith("}id")), "")
        kind, target = relations.get(identifier, ("", ""))
        worksheet = package.xml(target) if kind == "worksheet" else None
        if worksheet is not None:
            reading.blocks += _blocks(cells.read(worksheet), _merges(worksheet), tables, name)
            tables += 1
    reading.warnings = cells.warnings()
    if hidden:
        reading.warnings.append(Warning("hidden_sheet", f"隐藏的工作表（{'、'.join(map(clean, hidden))}）未读入；如属正文，请取消隐藏后重新提交"))
    if package.has("xl/media/"):
        reading.warnings.append(Warning("picture_unread", "工作簿里有图片，图片中如有文字则未读入；请人工核对，或把文字录入单元格后重新提交"))
    return reading


# ---------------------------------------------------------------- cells


def _shared(root: Element | None) -> list[str]:
    """The strings that cells share, in the order of their numbers."""
    return [_string(item) for item in root.iterfind("{*}si")] if root is not None else []


def _string(element: Element) -> str:
    """Text of a string, its runs joined; reading aids (rPh) are no text."""
    return "".join(piece.text or "" for piece in (*element.iterfind("{*}t"), *element.iterfind("{*}r/{*}t")))


def _formats(root: Element | None) -> list[str]:
    """The format code of every cell style: "" for none, "d" for a date, "m" for a month."""
    if root is None:
        return []
    codes = {number.get("numFmtId", ""): number.get("formatCode", "") for number in root.iterfind("{*}numFmts/{*}numFmt")}
    found = []
    for style in root.iterfind("{*}cellXfs/{*}xf"):
        number = style.get("numFmtId", "0")
        known = int(number) if number.isdecimal() and len(number) < 6 else 0
        code = codes.get(number) or _PERCENTS.get(known) or ("d" if known in _DATES else "m" if known in _MONTHS else "")
        bare = _ASIDE.sub("", _LITERAL.sub("", code)).lower()
        dated = re.search("y|d|m{3}", bare) and not re.search("[#0?]", bare)
        found.append(("d" if "d" in bare else "m") if dated else code.partition(";")[0])
    return found


@dataclass(slots=True)
class _Cells:
    """Reads cells as a person sees them; counts what it could not."""

    shared: list[str]
    formats: list[str]
    from_1904: bool
    name: str
    filtered: int = 0
    unknown: int = 0
    count: int = 0

    def read(self, worksheet: Element) -> dict[tuple[int, int], str]:
        """(row, column), both from 1 → text, of the cells that have text.

        Raises:
          UnreadableFile: More cells than any plan has.
        """
        found: dict[tuple[int, int], str] = {}
        row_number = 0
        for row in worksheet.iterfind("{*}sheetData/{*}row"):
            stated = row.get("r", "")
            row_number = int(stated) if stated.isdecimal() and len(stated) < 8 else row_number + 1
            column = 0
            filled = False
            for cell in row.iterfind("{*}c"):
                place = _place(cell.get("r", ""))
                column = place[1] if place else column + 1
                if clean(text := self._text(cell)):
                    found[row_number, column] = text
                    filled = True
                    self.count += 1
            self.filtered += filled and row.get("hidden") in ("1", "true")
            if self.count > limits.SHEET_CELLS:
                raise UnreadableFile(self.name, f"工作簿里有文字的单元格超过 {limits.SHEET_CELLS} 个，远超正常的任务表", "请只保留任务表，另存后重试")
        return found

    def warnings(self) -> list[Warning]:
        found = []
        if self.unknown:
            found.append(Warning("formula_unread", f"有 {self.unknown} 个公式单元格没有保存计算结果，未读入；请用 Excel 或 WPS 打开、保存后重新提交"))
        if self.filtered:
            found.append(Warning("hidden_rows", f"有 {self.filtered} 行被隐藏或筛掉，已照常读入；如不属于正文，请删除后重新提交"))
        return found

    def _text(self, cell: Element) -> str:
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            inline = cell.find("{*}is")
            return _string(inline) if inline is not None else ""
        value = cell.findtext("{*}v") or ""
        if not value:
            self.unknown += cell.find("{*}f") is not None
            return ""
        if kind == "s":
            return self.shared[int(value)] if value.isdecimal() and len(value) < 9 and int(value) < len(self.shared) else ""
        if kind == "b":
            return "是" if value == "1" else "否"
        if kind == "e":
            self.unknown += 1
            return ""
        style = cell.get("s", "0")
        code = self.formats[int(style)] if style.isdecimal() and len(style) < 6 and int(style) < len(self.formats) else ""
        return _number(value, code, self.from_1904) if kind == "n" else value


def _number(value: str, code: str, from_1904: bool) -> str:
    """A number as its format shows it: percents, dates, decimals and words that stand around it (0"场次")."""
    try:
        number = Decimal(value)
    except InvalidOperation:
        return value
    if not number.is_finite() or abs(number.adjusted()) > 20:
        return value
    if code in ("d", "m"):
        if not 1 <= number < 2_900_000:
            return value
        day = (date(1904, 1, 1) if from_1904 else date(1899, 12, 30)) + timedelta(int(number))
        return f"{day.year}年{day.month}月" + (f"{day.day}日" if code == "d" else "")
    literals = [quoted or single for quoted, single in _LITERAL.findall(code)]
    bare = _ASIDE.sub("", _LITERAL.sub(_MARK, code)).replace(" ", "")
    digits = _DIGITS.search(bare)
    if digits is None or "/" in bare or len(digits[1] or "") > 6:
        return _plain(number)
    if "%" in bare:
        number *= 100
    if digits[1] is not None and "#" not in digits[1]:
        number = number.quantize(Decimal(1).scaleb(-len(digits[1])), ROUND_HALF_UP)
    elif digits[1] is None:
        number = number.quantize(Decimal(1), ROUND_HALF_UP)
    before, after = bare[:digits.start()].count(_MARK), bare[digits.end():].count(_MARK)
    words = "".join(literals[:before]), "".join(literals[len(literals) - after:] if after else ())
    return f"{words[0]}{_plain(number)}{'%' if '%' in bare else ''}{words[1]}"


def _plain(number: Decimal) -> str:
    """Without exponent, and without the tail that binary fractions leave behind the 15 digits that Excel keeps."""
    if len(number.as_tuple().digits) > 15:
        number = Decimal(f"{number:.15g}")
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _place(reference: str) -> tuple[int, int] | None:
    """B3 → (3, 2)."""
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        return None
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]), column


# ---------------------------------------------------------------- table


def _merges(worksheet: Element) -> list[tuple[int, int, int, int]]:
    """(top, left, bottom, right) of merged cells, all inclusive."""
    found = []
    for merge in worksheet.iterfind("{*}mergeCells/{*}mergeCell"):
        first, _, last = merge.get("ref", "").partition(":")
        corners = _place(first), _place(last)
        if corners[0] and corners[1]:
            found.append((*corners[0], *corners[1]))
    return found[:limits.SHEET_CELLS]


def _blocks(cells: dict[tuple[int, int], str], merges: Iterable[tuple[int, int, int, int]], table: int, name: str) -> list[Block]:
    """One sheet. Rows above its head (title, 填报单位) and below its last full row (注) are text; empty rows and columns are no part of it."""
    numbers = sorted({row for row, _ in cells})
    columns = sorted({column for _, column in cells})
    if len(numbers) * len(columns) > limits.SHEET_GRID:
        raise UnreadableFile(name, "工作表的文字散布过宽，不是任务表", "请只保留任务表，另存后重试")
    inside: dict[tuple[int, int], tuple[int, int, int]] = {}  # cell of a merge → its top, left and last column with text
    for top, left, bottom, right in merges:
        if (top, left) in cells:
            covered = columns[bisect_left(columns, left):bisect_right(columns, right)]
            inside.update(((row, column), (top, left, covered[-1])) for row in numbers[bisect_left(numbers, top):bisect_right(numbers, bottom)] for column in covered)
            if len(inside) > limits.SHEET_GRID:
                raise UnreadableFile(name, "工作表的合并单元格过多", "请只保留任务表，另存后重试")
    grid, filled = [], []
    for row in numbers:
        line = [column for column in columns if (row, column) not in inside or inside[row, column][1] == column]
        grid.append([_cell(cells, inside.get((row, column)), row, column, columns) for column in line])
        filled.append(sum((row, column) in cells or (row, column) in inside for column in line))
    wide = [index for index, count in enumerate(filled) if count * 2 > len(columns) and count > 1]
    if not wide:
        return _text(grid)
    end = max(index for index, count in enumerate(filled) if count > 1) + 1
    return [*_text(grid[:wide[0]]), *rows(grid[wide[0]:end], table), *_text(grid[end:])]


def _text(grid: list[list[GridCell]]) -> list[Block]:
    return [Block(piece) for line in grid for cell in line for piece in cell.pieces]


def _cell(cells: dict[tuple[int, int], str], merge: tuple[int, int, int] | None, row: int, column: int, columns: list[int]) -> GridCell:
    if merge is None:
        return GridCell(_pieces(cells.get((row, column), "")))
    top, left, right = merge
    return GridCell(_pieces(cells[top, left]) if row == top else [], sum(left <= other <= right for other in columns), row > top)


def _pieces(text: str) -> list[str]:
    return [piece for piece in LINE_BREAK.split(text) if clean(piece)]
