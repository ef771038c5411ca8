"""The official form of a document (GB/T 9704—2012): A4, margins 37/35/28/26 mm, 22 lines of 28 characters a page, typefaces by name, `— 1 —`."""

from __future__ import annotations

import copy
import io
import zipfile
from datetime import datetime
from functools import lru_cache
from xml.sax.saxutils import escape

import docx
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph

from pipeline.text import printable

# The standard's typefaces, and what stands in for them on a machine that lacks them.
_TITLE, _BODY, FIRST, _SECOND, _PLAIN = "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312", "宋体"
_INSTEAD = {_TITLE: "宋体", _BODY: "仿宋", FIRST: "SimHei", _SECOND: "楷体", _PLAIN: "SimSun"}
_WESTERN = "Times New Roman"
_NUMBER_2, _NUMBER_3, _NUMBER_4, _NUMBER_5 = 22, 16, 14, 10.5  # 二号, 三号, 四号, 五号 in points
_LINE = 28.95  # 22 lines in 225 mm
_STYLES = {_TITLE: "落实标题", FIRST: "落实一级", _SECOND: "落实二级", _BODY: "落实正文"}  # styles of an office's own template
_ORDINALS = "一二三四五六七八九十"
_CREATED = datetime(2000, 1, 1)  # a fixed day: the bytes must not tell when they were written
BLANK = "＿＿＿＿＿＿"


def chinese(number: int) -> str:
    """1 → 一, 12 → 十二, 30 → 三十; beyond 99 in digits."""
    if number > 99:
        return str(number)
    tens, ones = divmod(number, 10)
    return ("" if tens == 0 else "十" if tens == 1 else _ORDINALS[tens - 1] + "十") + (_ORDINALS[ones - 1] if ones else "")


def blank_document(template: bytes | None = None, landscape: bool = False):
    """An empty document in the form of the standard, to be filled with the parts below; or an office's own template, as it stands.

    A template keeps its page, letterhead, headers and footers. Its paragraph {{正文}} is where the text goes (the end, where there is none).
    Its styles 落实标题, 落实一级, 落实二级, 落实正文 take the place of our typefaces where they exist. A landscape page, for wide tables, is always ours.
    """
    if template is not None and not landscape:
        return _from_template(template)
    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = Mm(37), Mm(35), Mm(28), Mm(26)
    section.footer_distance = Mm(25)
    if landscape:
        section.orientation, section.page_width, section.page_height = WD_ORIENT.LANDSCAPE, Mm(297), Mm(210)
        section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = Mm(28), Mm(26), Mm(25), Mm(25)
        section.footer_distance = Mm(15)
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


def check_template(content: bytes) -> None:
    """Raises ValueError, in Chinese, where the bytes cannot serve as a template."""
    try:
        _from_template(content)
    except Exception as error:  # python-docx raises whatever the broken part makes it raise
        raise ValueError("不是可用的 Word 模板；请用 Word 或 WPS 另存为 .docx") from error


_HERE, _TAIL = "{{正文}}", "{{luoshi:tail}}"


def _from_template(content: bytes):
    """The template with a mark after its last part: what is added comes after the mark, and `finished` moves it to where it belongs."""
    document = docx.Document(io.BytesIO(content))
    document.add_paragraph(_TAIL)
    return document


def _put_in_place(document) -> None:
    """Move what follows the mark of `_from_template` to the paragraph {{正文}}; nothing to do where there is no mark."""
    tail = next((p._p for p in document.paragraphs if p.text == _TAIL), None)
    if tail is None:
        return
    here = next((p._p for p in document.paragraphs if p.text.strip() == _HERE), None)
    if here is not None:
        for element in list(tail.itersiblings()):
            if element.tag != qn("w:sectPr"):
                here.addprevious(element)
        here.getparent().remove(here)
    tail.getparent().remove(tail)


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
    """One paragraph; `indent` and `right` in characters. Where the document has a style of ours for it, that style decides how it looks."""
    style = _own_styles(document.part).get(_STYLES.get(font))
    if style is not None:
        paragraph = document.add_paragraph(style=style)
        form = paragraph.paragraph_format
        form.keep_with_next, form.page_break_before = keep or None, break_before or None
        if align == WD_ALIGN_PARAGRAPH.RIGHT:
            form.alignment = align
        paragraph.add_run(printable(text))
        return paragraph
    pattern = copy.deepcopy(_paragraph_pattern(font, size, align, indent, line, keep, right, break_before))
    document.element.body.insert_element_before(pattern, "w:sectPr")
    paragraph = Paragraph(pattern, document._body)
    paragraph.runs[0].text = printable(text)
    return paragraph


# A letter has hundreds of paragraphs that differ in nothing but their text, and python-docx takes a tenth of a second for a hundred: each kind is made once and copied.


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


@lru_cache(maxsize=1)  # one document is written after the other
def _own_styles(part) -> dict:
    return {style.name: style for style in part.styles if style.name in _STYLES.values()}


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
    """A ruled table of 五号 with its head on every page; widths in millimetres, together 156 (247 on a landscape page)."""
    table = document.add_table(rows=0, cols=len(head))
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    borders = "".join(f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>' for side in ("top", "left", "bottom", "right", "insideH", "insideV"))
    table._tbl.tblPr.append(parse_xml(f"<w:tblBorders {nsdecls('w')}>{borders}</w:tblBorders>"))
    for column, width in zip(table.columns, widths):
        column.width = Mm(width)
    _add_row(table, head, FIRST, "center", "<w:tblHeader/>")
    return table


def table_row(table, texts: list[str], font: str = _BODY) -> None:
    _add_row(table, texts, font, "left", "<w:cantSplit/>")


def _add_row(table, texts: list[str], font: str, align: str, properties: str) -> None:
    """A row as XML at once: the library's way, cell by cell, takes twenty times as long, and lists here have thousands of rows."""
    fonts = f'<w:rPr><w:rFonts w:ascii="{_WESTERN}" w:hAnsi="{_WESTERN}" w:cs="{_WESTERN}" w:eastAsia="{font}" w:hint="eastAsia"/><w:sz w:val="{_NUMBER_5 * 2:.0f}"/></w:rPr>'
    form = f'<w:pPr><w:spacing w:before="0" w:after="0" w:line="300" w:lineRule="exact"/><w:ind w:firstLine="0"/><w:jc w:val="{align}"/></w:pPr>'
    cells = []
    for text, column in zip(texts, table._tbl.tblGrid.gridCol_lst):
        paragraphs = "".join(f'<w:p>{form}<w:r>{fonts}<w:t xml:space="preserve">{escape(printable(line))}</w:t></w:r></w:p>' for line in text.split("\n"))
        cells.append(f'<w:tc><w:tcPr><w:tcW w:w="{column.w.twips}" w:type="dxa"/></w:tcPr>{paragraphs}</w:tc>')
    table._tbl.append(parse_xml(f"<w:tr {nsdecls('w')}><w:trPr>{properties}</w:trPr>{''.join(cells)}</w:tr>"))


# ---------------------------------------------------------------- bytes


def finished(document) -> bytes:
    """The docx with fixed times in its directory, and with the stand-ins of its typefaces named."""
    raw, written = io.BytesIO(), io.BytesIO()
    _put_in_place(document)
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
