"""The official form of a document (GB/T 9704—2012): A4, margins 37/35/28/26 mm, 22 lines of 28 characters a page, typefaces by name, `— 1 —`."""

from __future__ import annotations

import copy
import io
import zipfile
from datetime import datetime
from functools import lru_cache

import docx
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph

from pipeline.text import printable

# The standard's typefaces, and what stands in for them on a machine that lacks them.
_TITLE, _BODY, FIRST, _SECOND, _PLAIN = "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312", "宋体"
_INSTEAD = {_TITLE: "宋体", _BODY: "仿宋", FIRST: "SimHei", _SECOND: "楷体", _PLAIN: "SimSun"}
_WESTERN = "Times New Roman"
_NUMBER_2, _NUMBER_3, _NUMBER_4, _NUMBER_5 = 22, 16, 14, 10.5  # 二号, 三号, 四号, 五号 in points
_LINE = 28.95  # 22 lines in 225 mm
_ORDINALS = "一二三四五六七八九十"
_CREATED = datetime(2000, 1, 1)  # a fixed day: the bytes must not tell when they were written
BLANK = "＿＿＿＿＿＿"


def chinese(number: int) -> str:
    """1 → 一, 12 → 十二, 30 → 三十; beyond 99 in digits."""
    if number > 99:
        return str(number)
    tens, ones = divmod(number, 10)
    return ("" if tens == 0 else "十" if tens == 1 else _ORDINALS[tens - 1] + "十") + (_ORDINALS[ones - 1] if ones else "")


def blank_document():
    """An empty document in the form of the standard, to be filled with the parts below."""
    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = Mm(37), Mm(35), Mm(28), Mm(26)
    section.footer_distance = Mm(25)
    style = document.styles["Normal"]
    style.font.size = Pt(_NUMBER_3)
    _set_fonts(style.element.get_or_add_rPr(), _BODY)
    document.settings.odd_and_even_pages_header_footer = True
    _page_number(section.footer, WD_ALIGN_PARAGRAPH.RIGHT)
    _page_number(section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT)
    core = document.core_properties
    core.author = core.last_modified_by = "luoshi"
    core.title, core.comments, core.revision = "落实情况核对报告", "", 1
    core.created = core.modified = _CREATED
    return document


def title(document, text: str) -> None:
    add_paragraph(document, text, _TITLE, _NUMBER_2, WD_ALIGN_PARAGRAPH.CENTER, indent=0, line=36)


def heading(document, level: int, number: int, text: str, body: str = "") -> None:
    """一、 in 黑体 at level 1, （一） in 楷体 at level 2, 1. in 仿宋 at level 3; a `body` goes on in the same paragraph, in 仿宋."""
    label = (f"{chinese(number)}、", f"（{chinese(number)}）", f"{number}.")[level - 1]
    paragraph = add_paragraph(document, label + text, (FIRST, _SECOND, _BODY)[level - 1], keep=level < 3 and not body)
    if body:
        _write(paragraph, body, _BODY, _NUMBER_3)


def signature(document) -> None:
    """Blanks at the right for who signs and when."""
    add_paragraph(document, "", indent=0)
    for text in ("（署名）", "　　年　　月　　日"):
        add_paragraph(document, text, align=WD_ALIGN_PARAGRAPH.RIGHT, indent=0, right=4)


def _set_fonts(properties, name: str) -> None:
    """Name the typeface for Chinese text, and a western one for letters and digits."""
    fonts = properties.find(qn("w:rFonts"))
    if fonts is None:
        fonts = OxmlElement("w:rFonts")
        properties.insert(0, fonts)
    for attribute, value in (("w:ascii", _WESTERN), ("w:hAnsi", _WESTERN), ("w:cs", _WESTERN), ("w:eastAsia", name), ("w:hint", "eastAsia")):
        fonts.set(qn(attribute), value)


def add_paragraph(
    document,
    text: str,
    font: str = _BODY,
    size: float = _NUMBER_3,
    align=WD_ALIGN_PARAGRAPH.LEFT,
    indent: int = 2,
    line: float = _LINE,
    keep: bool = False,
    right: int = 0,
    break_before: bool = False,
):
    """One paragraph; `indent` and `right` in characters."""
    pattern = copy.deepcopy(_paragraph_pattern(font, size, align, indent, line, keep, right, break_before))
    document.element.body.insert_element_before(pattern, "w:sectPr")
    paragraph = Paragraph(pattern, document._body)
    paragraph.runs[0].text = printable(text)
    return paragraph


# A letter has hundreds of paragraphs and rows that differ in nothing but their text, and python-docx takes a tenth of a second for a hundred: each kind is made once and copied.


@lru_cache(maxsize=64)
def _paragraph_pattern(font: str, size: float, align, indent: int, line: float, keep: bool, right: int, break_before: bool):
    """The element of a paragraph with one run without text."""
    paragraph = docx.Document().add_paragraph()
    form = paragraph.paragraph_format
    form.alignment = align
    form.space_before = form.space_after = Pt(0)
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(line)
    form.keep_with_next, form.page_break_before = keep, break_before
    form.first_line_indent, form.right_indent = Pt(indent * size), Pt(right * size)
    _write(paragraph, "", font, size)
    return paragraph._p


@lru_cache(maxsize=16)
def _row_pattern(widths: tuple[int, ...]):
    """The element of a row that is not split over pages, each cell with one paragraph of one run without text."""
    table = docx.Document().add_table(rows=0, cols=len(widths))
    for column, width in zip(table.columns, widths):
        column.width = width
    row = table.add_row()
    whole = OxmlElement("w:cantSplit")
    whole.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(whole)
    for cell, width in zip(row.cells, widths):
        cell.width = width
        _cell(cell, "", _BODY, WD_ALIGN_PARAGRAPH.LEFT)
    return row._tr


def _write(paragraph, text: str, font: str, size: float) -> None:
    run = paragraph.add_run(printable(text))
    run.font.size = Pt(size)
    _set_fonts(run._element.get_or_add_rPr(), font)


def _page_number(footer, align) -> None:
    """— 1 — in 四号, at the outer edge, one character in."""
    footer.is_linked_to_previous = False
    paragraph = footer.paragraphs[0]
    paragraph.alignment = align
    side = "left_indent" if align == WD_ALIGN_PARAGRAPH.LEFT else "right_indent"
    setattr(paragraph.paragraph_format, side, Pt(_NUMBER_4))
    _write(paragraph, "— ", _PLAIN, _NUMBER_4)
    for kind, text in (("begin", None), (None, "PAGE"), ("separate", None), (None, "1"), ("end", None)):
        run = paragraph.add_run()
        run.font.size = Pt(_NUMBER_4)
        _set_fonts(run._element.get_or_add_rPr(), _PLAIN)
        if kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark = OxmlElement("w:instrText" if text == "PAGE" else "w:t")
            mark.text = text
        run._element.append(mark)
    _write(paragraph, " —", _PLAIN, _NUMBER_4)


def ruled_table(document, head: list[str], widths: list[int]):
    """A ruled table of 五号 with its head on every page; widths in millimetres, together 156."""
    table = document.add_table(rows=1, cols=len(head))
    table.style, table.alignment, table.autofit = "Table Grid", WD_TABLE_ALIGNMENT.CENTER, False
    for column, width in zip(table.columns, widths):
        column.width = Mm(width)
    for cell, text, width in zip(table.rows[0].cells, head, widths):
        cell.width = Mm(width)
        _cell(cell, text, FIRST, WD_ALIGN_PARAGRAPH.CENTER)
    repeat = OxmlElement("w:tblHeader")
    repeat.set(qn("w:val"), "true")
    table.rows[0]._tr.get_or_add_trPr().append(repeat)
    return table


def table_row(table, texts: list[str]) -> None:
    row = copy.deepcopy(_row_pattern(tuple(column.w for column in table._tbl.tblGrid.gridCol_lst)))
    table._tbl.append(row)
    for cell, text in zip(row.tc_lst, texts):
        first = cell.p_lst[0]
        lines = [first, *(copy.deepcopy(first) for _ in range(text.count("\n")))]
        for paragraph in lines[1:]:
            cell.append(paragraph)
        for paragraph, line in zip(lines, text.split("\n")):
            paragraph.r_lst[0].text = printable(line)


def _cell(cell, text: str, font: str, align) -> None:
    for position, line in enumerate(text.split("\n")):
        paragraph = cell.paragraphs[0] if position == 0 else cell.add_paragraph()
        form = paragraph.paragraph_format
        form.alignment = align
        form.space_before = form.space_after = Pt(0)
        form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(15)
        _write(paragraph, line, font, _NUMBER_5)


# ---------------------------------------------------------------- bytes


def finished(document) -> bytes:
    """The docx with fixed times in its directory, and with the stand-ins of its typefaces named."""
    raw, written = io.BytesIO(), io.BytesIO()
    document.save(raw)
    with zipfile.ZipFile(raw) as old, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "word/fontTable.xml":
                fonts = "".join(
                    f'<w:font w:name="{font}"><w:altName w:val="{other}"/><w:charset w:val="86"/></w:font>' for font, other in _INSTEAD.items()
                )
                content = content.replace(b"</w:fonts>", fonts.encode("utf-8") + b"</w:fonts>")
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, content)
    return written.getvalue()
