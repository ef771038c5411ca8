"""docx → blocks, out of the XML itself: `paragraph.text` of the usual library loses automatic numbers, insertions, controls, text boxes and notes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from lxml.etree import _Element as Element

from pipeline.errors import UnreadableFile
from pipeline.ingest import limits, numbering
from pipeline.ingest.blocks import Block, Reading, clean
from pipeline.ingest.numbering import W
from pipeline.ingest.reflow import ITEM, ends, join, open_brackets
from pipeline.ingest.tables import GridCell, rows
from pipeline.ingest.zipped import Container
from pipeline.model import Warning

_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"

_P, _TBL, _SDT, _RUN, _ALTERNATE = f"{W}p", f"{W}tbl", f"{W}sdt", f"{W}r", f"{_MC}AlternateContent"
_PARAGRAPH_PROPERTIES, _RUN_PROPERTIES, _VANISH, _TEXT, _FIELD = f"{W}pPr", f"{W}rPr", f"{W}vanish", f"{W}t", f"{W}fldChar"
_STYLE_OF_PARAGRAPH, _STYLE_OF_RUN, _NUMBER, _LIST, _LEVEL, _VAL = f"{W}pStyle", f"{W}rStyle", f"{W}numPr", f"{W}numId", f"{W}ilvl", f"{W}val"
_SIGNS = {f"{W}tab": " ", f"{W}ptab": " ", f"{W}noBreakHyphen": "-", f"{W}cr": "\n"}
_REFERENCES = {f"{W}footnoteReference": "footnote", f"{W}endnoteReference": "endnote"}
# Wrappers whose content is text. w:del and w:moveFrom are left out on purpose: what is deleted is not text.
_THROUGH = {f"{W}{tag}" for tag in ("ins", "moveTo", "hyperlink", "smartTag", "customXml", "fldSimple", "dir", "bdo", "sdtContent")}
_PICTURES = {f"{W}drawing", f"{W}pict", f"{W}object"}
# 发文字号: short name of the office, year in brackets, running number.
_DOCUMENT_NUMBER = re.compile(r"[\u4e00-\u9fff]{1,12}\s*[〔\[［【（(]\s*(?:19|20)\d{2}\s*[〕\]］】）)]\s*第?\s*\d+\s*号")
# A quarter of an A4 page, in square EMU: a stamp is smaller, a page that was scanned and pasted is larger.
_LARGE_PICTURE = 7_560_000 * 10_692_000 // 4
_OFF = ("0", "false", "off")


def read(content: bytes, name: str) -> Reading:
    package = Container(content, name)
    main = next((target for kind, target in package.relations("").values() if kind == "officeDocument"), "word/document.xml")
    root = package.xml(main, shorten=speaking_text)
    body = root.find(f"{W}body") if root is not None else None
    if body is None:
        raise UnreadableFile(name, "里面没有 Word 正文（缺 document.xml）", "请用 Word 或 WPS 打开后重新另存为 .docx")
    relations = package.relations(main)
    parts = {kind: target for kind, target in relations.values()}
    styles = _styles(package.xml(parts.get("styles", ""), shorten=speaking_styles))
    walker = _Walker(styles, numbering.read(package.xml(parts.get("numbering", "")), styles.lists), name)
    blocks = walker.blocks(body)
    notes = [note for kind in ("footnote", "endnote") for note in _notes(walker, package.xml(parts.get(f"{kind}s", "")), kind)]
    return Reading("docx", _head(walker, package, relations, body, blocks) + blocks + notes, walker.warnings())


# ---------------------------------------------------------------- parts


@dataclass(slots=True)
class _Styles:
    """What of the styles bears on text, inheritance resolved.

    Attributes:
      numbers: Paragraph style → (num id, level or None where the list says which level belongs to the style).
      lists: Numbering style → num id.
      hidden: Styles whose text is hidden.
      contents: Paragraph styles of the lines of a table of contents.
      default: The style of paragraphs that name none.
    """

    numbers: dict[str, tuple[str, int | None]] = field(default_factory=dict)
    lists: dict[str, str] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    contents: set[str] = field(default_factory=set)
    default: str = ""


def speaking_styles(content: bytes) -> bytes:
    """A style sheet without the styles that bear on nothing which `_styles` looks for.

    Templates bring some 200 styles, and to parse them takes longer than to read a plan of thirty pages. What is not written as every office writes it stays whole.
    """
    head = _SHEET_HEAD.match(content)
    if head is None:
        return content
    texts, end = [], head.end()
    while (begin := content.find(b"<w:style ", end)) >= 0:
        end = content.find(b"</w:style>", begin) + len(b"</w:style>")
        if end < begin:
            return content
        if not content.startswith(b'<w:style w:type="table"', begin):  # most of a sheet, and no paragraph has their numbers
            texts.append(content[begin:end])
    names = [_quoted(text, b'w:styleId="') for text in texts]
    parents = [_quoted(text, b'<w:basedOn w:val="') for text in texts]
    heard = {name for name, text in zip(names, texts) if b"<w:numPr" in text or b"<w:vanish" in text}
    while more := {name for name, parent in zip(names, parents) if name not in heard and parent in heard}:
        heard |= more
    kept = (text for name, text in zip(names, texts) if name in heard or b"w:default=" in text or _quoted(text, b'<w:name w:val="')[:4].lower() == b"toc ")
    return head[0] + b"".join(kept) + b"</w:styles>"


_SHEET_HEAD = re.compile(rb"\s*(?:<\?xml[^>]*encoding=[\"']UTF-8[\"'][^>]*\?>)\s*<w:styles\b[^>]*>", re.IGNORECASE)


def _quoted(text: bytes, before: bytes) -> bytes:
    """What stands between a mark and the next quotation mark; b"" where the mark is not there. (`re` takes five times as long to find the mark.)"""
    begin = text.find(before)
    return text[begin + len(before):text.find(b'"', begin + len(before))] if begin >= 0 else b""


def speaking_text(content: bytes) -> bytes:
    """A body without the properties that the walker has no ear for: fonts, sizes, spacing. They are half of its elements.

    Only the innermost properties are looked at, so that what is taken out is whole; a body with comments or CDATA, which no office writes, stays as it is.
    """
    if b"<!" in content:
        return content
    for opening, closing, words in _PROPERTIES:
        first, *pieces = content.split(opening)
        heard: dict[bytes, bool] = {}
        kept = [first]
        for piece in pieces:
            properties, end, rest = piece.partition(closing)
            if (speaks := heard.get(properties)) is None:
                speaks = heard[properties] = not end or any([word in properties for word in words])
            kept += (opening, piece) if speaks else (rest,)
        content = b"".join(kept)
    return content


# Properties of runs, of paragraphs (whose own may hold those of their mark) and of cells, and what in them bears on the text.
_PROPERTIES = ((b"<w:rPr>", b"</w:rPr>", (b"vanish", b"<w:rStyle", b"<w:del", b"<w:moveFrom")),
               (b"<w:pPr>", b"</w:pPr>", (b"<w:pStyle", b"<w:numPr", b"<w:rPr", b"<w:sectPr")),
               (b"<w:tcPr>", b"</w:tcPr>", (b"<w:gridSpan", b"<w:vMerge")))


def _styles(root: Element | None) -> _Styles:
    styles = _Styles()
    if root is None:
        return styles
    own = {style.get(f"{W}styleId", ""): _Style(style) for style in root.iter(f"{W}style")}
    for name, style in own.items():
        if style.default and style.kind == "paragraph":
            styles.default = name
        if re.fullmatch(r"toc \d", style.title, re.IGNORECASE):
            styles.contents.add(name)
        line, ancestor = [style], own.get(style.parent)
        while ancestor is not None and ancestor not in line:
            line.append(ancestor)
            ancestor = own.get(ancestor.parent)
        num = next((ancestor.num for ancestor in line if ancestor.num is not None), "0")
        level = next((ancestor.level for ancestor in line if ancestor.level is not None), None)
        if num != "0" and style.kind == "numbering":
            styles.lists[name] = num
        elif num != "0":
            styles.numbers[name] = (num, _list_level(level))
        if next((ancestor.hidden for ancestor in line if ancestor.hidden is not None), False):
            styles.hidden.add(name)
    return styles


class _Style:
    """What one w:style says itself; None where it says nothing and its parent counts."""

    __slots__ = ("default", "hidden", "kind", "level", "num", "parent", "title")

    def __init__(self, element: Element):
        self.kind, self.default = element.get(f"{W}type"), element.get(f"{W}default") in ("1", "true", "on")
        self.title, self.parent = "", None
        self.num = self.level = self.hidden = None
        for child in element:
            tag = child.tag
            if tag == f"{W}name":
                self.title = child.get(f"{W}val", "")
            elif tag == f"{W}basedOn":
                self.parent = child.get(f"{W}val")
            elif tag == f"{W}pPr" and (number := child.find(f"{W}numPr")) is not None:
                self.num, self.level = _number(number)
            elif tag == f"{W}rPr" and (mark := child.find(f"{W}vanish")) is not None:
                self.hidden = mark.get(f"{W}val") not in _OFF


def _list_level(value: str | None) -> int | None:
    """Word knows nine levels, 0 to 8."""
    return int(value) if value and re.fullmatch("[0-8]", value) else None


def _number(element: Element) -> tuple[str | None, str | None]:
    """List and level of a w:numPr."""
    num = level = None
    for child in element:
        if child.tag == _LIST:
            num = child.get(_VAL)
        elif child.tag == _LEVEL:
            level = child.get(_VAL)
    return num, level


def _value(element: Element, tag: str) -> str | None:
    child = element.find(W + tag)
    return None if child is None else child.get(_VAL)


def _notes(walker: _Walker, root: Element | None, kind: str) -> list[Block]:
    """Footnotes or endnotes in the order in which the text refers to them."""
    notes = {note.get(f"{W}id"): note for note in root.iter(f"{W}{kind}")} if root is not None else {}
    found = []
    for identifier in walker.references[kind]:
        if (note := notes.get(identifier)) is not None:
            text = ""
            for block in walker.blocks(note):
                text = join(text, clean(block.text or "，".join(block.cells)))
            found.append(Block(text, kind="note"))
    return found


def _head(walker: _Walker, package: Container, relations: dict[str, tuple[str, str]], body: Element, blocks: list[Block]) -> list[Block]:
    """The red head where it stands only in the header of the first page: known by a document number that the text itself does not have near its top."""
    if any(_DOCUMENT_NUMBER.search(block.text) for block in blocks[:15]):
        return []
    section = body.find(f".//{W}sectPr")
    if section is None:
        return []
    kind = "first" if section.find(f"{W}titlePg") is not None else "default"
    for reference in section.iter(f"{W}headerReference"):
        if reference.get(f"{W}type", "default") != kind:
            continue
        root = package.xml(relations.get(reference.get(f"{_R}id", ""), ("", ""))[1])
        head = walker.blocks(root) if root is not None else []
        numbered = [block for block in head if _DOCUMENT_NUMBER.search(block.text)]
        if numbered:
            return head if kind == "first" else numbered
    return []


# ---------------------------------------------------------------- text


class _Walker:
    """Walks the XML in reading order. What it keeps between paragraphs: list counters, fields that are still open, a paragraph whose mark was deleted."""

    def __init__(self, styles: _Styles, lists: numbering.Numbering, name: str):
        self.styles, self.lists, self.name = styles, lists, name
        self.references: dict[str, list[str | None]] = {"footnote": [], "endnote": []}
        self.tables = self.depth = self.hidden = self.contents = self.foreign = self.pictures = 0
        self.fields: list[bool] = []  # of the open fields, outermost first: True while the instruction lasts, which is no text
        self.carried: str | None = None  # text of a paragraph whose mark was deleted: it goes on in the next

    def warnings(self) -> list[Warning]:
        """What was left out, for people."""
        found = []
        if self.hidden:
            found.append(Warning("hidden_text", f"有 {self.hidden} 处隐藏文字未读入；如属正文，请在 Word 中取消“隐藏”后重新提交"))
        if self.contents:
            found.append(Warning("contents_left_out", f"目录（{self.contents} 行）不作为正文读入"))
        if self.pictures:
            found.append(Warning("picture_unread", f"有 {self.pictures} 张大幅图片，图片中如有文字则未读入；请人工核对，或把文字录入正文后重新提交"))
        if self.foreign:
            found.append(Warning("embedded_document", f"有 {self.foreign} 处嵌入的外部文档未读入；请把内容粘贴到正文后重新提交"))
        return found

    def blocks(self, container: Element) -> list[Block]:
        """Blocks of the body, a cell, a text box, a note or a header.

        Raises:
          UnreadableFile: Nested deeper than any office does.
        """
        self.depth += 1
        if self.depth > limits.NESTING:
            raise UnreadableFile(self.name, f"表格或文本框嵌套超过 {limits.NESTING} 层", "请用 Word 打开，将内容粘贴到新文档后重试")
        found: list[Block] = []
        for element in container:
            tag = element.tag
            if tag == _P:
                found += self._paragraph(element)
            elif tag == _TBL:
                found += self._table(element)
            elif tag in _THROUGH or tag == _SDT and not _placeholder(element):
                found += self.blocks(element)
            elif tag == _ALTERNATE:
                found += self.blocks(_choice(element))
            elif tag == f"{W}altChunk":
                self.foreign += 1
        self.depth -= 1
        return found

    def _paragraph(self, element: Element) -> list[Block]:
        style, own_number, mark = self.styles.default, None, None
        for child in element[0] if len(element) and element[0].tag == _PARAGRAPH_PROPERTIES else ():
            tag = child.tag
            if tag == _STYLE_OF_PARAGRAPH:
                style = child.get(_VAL, style)
            elif tag == _NUMBER:
                own_number = child
            elif tag == _RUN_PROPERTIES:
                mark = child
        mark_deleted = mark is not None and (mark.find(f"{W}del") is not None or mark.find(f"{W}moveFrom") is not None)
        line = _Line(hidden=style in self.styles.hidden)
        self._inline(element, line)
        self.fields = [False] * len(self.fields)
        text = "".join(line.pieces)
        if style in self.styles.contents:
            self.contents += bool(clean(text))
            return line.boxes_before + line.boxes_after
        vanished = not text and mark is not None and (mark_deleted or _on(mark, "vanish"))
        if self.carried is None and not vanished:
            label = self._label(own_number, style)  # an empty numbered paragraph counts, but its number alone is no text
            text = label + text if clean(text) else ""
        text, self.carried = (self.carried or "") + text, None
        if mark_deleted:
            self.carried = text or None
            text = ""
        return [*line.boxes_before, *map(Block, _soft_lines(text)), *line.boxes_after]

    def _label(self, own: Element | None, style: str) -> str:
        """The automatic number of a paragraph: its own, else that of its style."""
        num, level = self.styles.numbers.get(style, (None, None))
        if own is not None:
            own_num, own_level = _number(own)
            num = own_num if own_num is not None else num
            level = _list_level(own_level) if own_level else 0 if own_num is not None else level
        if not num or num == "0":
            return ""
        return self.lists.label(num, self.lists.level_of_style(num, style) if level is None else level)

    def _inline(self, element: Element, line: _Line) -> None:
        """Text of a paragraph's children, runs and wrappers of runs."""
        self.depth += 1
        if self.depth > limits.NESTING * 3:
            raise UnreadableFile(self.name, "段落内部嵌套过深", "请用 Word 打开，将内容粘贴到新文档后重试")
        for child in element:
            tag = child.tag
            if tag == _RUN:
                self._run(child, line)
            elif tag in _THROUGH or tag == _SDT and not _placeholder(child):
                self._inline(child, line)
            elif tag == _ALTERNATE:
                self._inline(_choice(child), line)
            elif tag.startswith(_M):
                line.pieces += [piece.text for piece in child.iter(f"{_M}t") if piece.text]
        self.depth -= 1

    def _run(self, run: Element, line: _Line) -> None:
        hidden = line.hidden
        for child in run:
            tag = child.tag
            if tag == _RUN_PROPERTIES:
                hidden = self._hidden(child, hidden)
            elif tag == _TEXT:
                if True in self.fields:
                    continue
                if hidden:
                    self.hidden += 1
                elif child.text:
                    line.pieces.append(child.text)
            elif tag == _FIELD:
                self._field(child.get(f"{W}fldCharType"))
            elif tag in _SIGNS:
                line.pieces.append(_SIGNS[tag])
            elif tag in _REFERENCES:
                self.references[_REFERENCES[tag]].append(child.get(f"{W}id"))
            elif tag == f"{W}br":
                line.pieces += "\n" if child.get(f"{W}type", "textWrapping") == "textWrapping" else ""
            elif tag in _PICTURES:
                self._boxes(child, line)
            elif tag == _ALTERNATE:
                self._boxes(_choice(child), line)
            elif tag == f"{W}sym":
                line.pieces.append(_symbol(child.get(f"{W}char", "")))
            elif tag == f"{W}ruby":
                base = child.find(f"{W}rubyBase")
                if base is not None:
                    self._inline(base, line)

    def _hidden(self, properties: Element, inherited: bool) -> bool:
        for child in properties:
            if child.tag == _VANISH:
                return child.get(_VAL) not in _OFF
            if child.tag == _STYLE_OF_RUN and child.get(_VAL) in self.styles.hidden:
                inherited = True
        return inherited

    def _field(self, kind: str | None) -> None:
        if kind == "begin":
            self.fields.append(True)
        elif self.fields and kind == "separate":
            self.fields[-1] = False
        elif self.fields and kind == "end":
            self.fields.pop()

    def _boxes(self, picture: Element, line: _Line) -> None:
        """Text boxes of a drawing. They stand before the text of the paragraph where nothing of it was read yet."""
        boxes = line.boxes_after if "".join(line.pieces).strip() else line.boxes_before
        extent = picture.find(f".//{_WP}extent")
        if extent is not None and picture.find(f".//{_A}blip") is not None and _area(extent) >= _LARGE_PICTURE:
            self.pictures += 1
        outer_fields, self.fields = self.fields, []
        for content in _outermost(picture, f"{W}txbxContent"):
            boxes += self.blocks(content)
        self.fields = outer_fields

    def _table(self, table: Element) -> list[Block]:
        number, self.tables = self.tables, self.tables + 1
        grid, heads, counting = [], 0, True
        for row in _children(table, f"{W}tr"):
            properties = row.find(f"{W}trPr")
            if properties is not None and properties.find(f"{W}del") is not None:
                continue
            counting = counting and properties is not None and _on(properties, "tblHeader")
            heads += counting
            skipped = _value(properties, "gridBefore") if properties is not None else None
            cells = [GridCell([], _span(skipped))] if skipped else []
            cells += [self._cell(cell) for cell in _children(row, f"{W}tc")]
            if cells:
                grid.append(cells)
        return rows(grid, number, heads=heads) if grid else []

    def _cell(self, cell: Element) -> GridCell:
        span, merged_up = 1, False
        for child in cell[0] if len(cell) and cell[0].tag == f"{W}tcPr" else ():
            if child.tag == f"{W}gridSpan":
                span = _span(child.get(_VAL))
            elif child.tag == f"{W}vMerge":
                merged_up = child.get(_VAL, "continue") == "continue"
        pieces = [block.text or "，".join(block.cells) for block in self.blocks(cell)]
        return GridCell([piece for piece in pieces if piece], span, merged_up)


@dataclass(slots=True)
class _Line:
    """A paragraph while it is read."""

    hidden: bool
    pieces: list[str] = field(default_factory=list)
    boxes_before: list[Block] = field(default_factory=list)
    boxes_after: list[Block] = field(default_factory=list)


def _soft_lines(text: str) -> list[str]:
    """Soft breaks only part the lines of a paragraph, except in text pasted from the web, where they stand for its end: after a stop, and before an item."""
    if "\n" not in text:
        return [text]
    found = [""]
    for piece in map(str.strip, text.split("\n")):
        if found[-1] and piece and (ends(found[-1]) or ITEM.match(piece) and not open_brackets(found[-1])):
            found.append(piece)
        else:
            found[-1] = join(found[-1], piece)
    return found


def _on(properties: Element, tag: str) -> bool:
    mark = properties.find(f"{W}{tag}")
    return mark is not None and mark.get(f"{W}val") not in _OFF


def _area(extent: Element) -> int:
    sides = extent.get("cx", ""), extent.get("cy", "")
    return int(sides[0]) * int(sides[1]) if all(side.isdecimal() and len(side) < 12 for side in sides) else 0


def _span(value: str | None) -> int:
    return min(max(int(value), 1), 100) if value and value.isdecimal() and len(value) < 5 else 1


def _placeholder(control: Element) -> bool:
    """Does a content control still show its prompt (单击此处输入文字)?"""
    return control.find(f"{W}sdtPr/{W}showingPlcHdr") is not None


def _symbol(code: str) -> str:
    """A character out of a symbol font; those of the private area (Wingdings) have no meaning without their font."""
    try:
        number = int(code, 16)
    except ValueError:
        return ""
    return "" if number < 0x20 or 0xD800 <= number <= 0xF8FF or number > 0xFFFF else chr(number)


def _choice(alternate: Element) -> Element:
    """The newest form of content that is there twice (DrawingML beside VML); the element itself, which then holds no text, where it has no form."""
    choice = alternate.find(f"{_MC}Choice")
    if choice is None:
        choice = alternate.find(f"{_MC}Fallback")
    return choice if choice is not None else alternate


def _outermost(element: Element, tag: str) -> Iterable[Element]:
    """Descendants with a tag, none inside another; of alternate contents the first choice only."""
    for child in element:
        if child.tag == tag:
            yield child
        elif child.tag == _ALTERNATE:
            yield from _outermost(_choice(child), tag)
        else:
            yield from _outermost(child, tag)


def _children(element: Element, tag: str) -> Iterable[Element]:
    """Rows of a table, cells of a row; content controls and insertions around them are looked through."""
    for child in element:
        if child.tag == tag:
            yield child
        elif child.tag == _SDT or child.tag in _THROUGH:
            yield from _children(child, tag)
