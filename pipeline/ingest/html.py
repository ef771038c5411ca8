"""Saved web pages → blocks: the main text of the page, without what stands around it.

The standard library's parser is used: it never fails, loads nothing, and reads the broken pages that offices save.
"""

from __future__ import annotations

import email
import email.policy
import functools
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from pipeline.errors import UnreadableFile
from pipeline.ingest import limits, numbering, reflow
from pipeline.ingest.blocks import Block, Reading, clean
from pipeline.ingest.plain import decode
from pipeline.ingest.tables import GridCell, rows
from pipeline.rulebook.load import load, rules_folder

_SILENT = {"script", "style", "noscript", "template", "iframe", "object", "embed", "applet", "svg", "math", "canvas", "audio", "video", "select", "datalist",
           "button", "textarea", "title", "head", "nav", "footer", "aside"}
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"}
_BLOCK = {"p", "div", "section", "article", "main", "header", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "table", "tbody", "thead",
          "tfoot", "tr", "td", "th", "caption", "blockquote", "pre", "center", "address", "figure", "figcaption", "fieldset", "body", "html", "hr", "form"}
# Tags that an opening tag of the same group closes when their own end is missing.
_IMPLIED = {"p": {"p"}, "li": {"li"}, "tr": {"tr", "td", "th"}, "td": {"td", "th"}, "th": {"td", "th"}, "dt": {"dt", "dd"}, "dd": {"dt", "dd"}}
_FENCE = {"p": set(), "li": {"ul", "ol"}, "tr": {"table"}, "td": {"table", "tr"}, "th": {"table", "tr"}, "dt": {"dl"}, "dd": {"dl"}}
# What is called so and yet holds so much of the page's text is the text.
_AROUND_SHARE = 0.4
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|font-size\s*:\s*0(?:px|pt|em|%)?\s*(?:;|$)", re.IGNORECASE)
_SOURCE_BREAK = re.compile(r"[\r\n]+")
_BLANKS = " \t\f"
_LIST_STYLE = re.compile(r"list-style(?:-type)?\s*:\s*([a-z-]+)", re.IGNORECASE)
# How browsers count in a list → the form of `numbering`, and the sign behind.
_LIST_FORMS = {"decimal": ("decimal", "."), "decimal-leading-zero": ("decimalZero", "."), "lower-alpha": ("lowerLetter", "."), "upper-alpha": ("upperLetter", "."),
               "lower-latin": ("lowerLetter", "."), "upper-latin": ("upperLetter", "."), "lower-roman": ("lowerRoman", "."), "upper-roman": ("upperRoman", "."),
               "cjk-ideographic": ("chineseCountingThousand", "、"), "simp-chinese-informal": ("chineseCountingThousand", "、"), "cjk-heavenly-stem": ("ideographTraditional", "、")}
_EMBEDDED = re.compile(r"\"data:[^\"]*\"")  # pictures inside the page
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]{2,20})", re.IGNORECASE)


@dataclass(slots=True)
class _Node:
    tag: str
    attributes: dict[str, str]
    children: list[_Node | str] = field(default_factory=list)
    shown: bool = True
    around: bool = False  # a part that surrounds a text: a menu, a list of links, a foot
    length: int = 0  # characters shown, links and all
    ink: int = 0  # characters shown outside links and outside what surrounds the text: menus are links, texts are not


def read(content: bytes, name: str) -> Reading:
    text = _EMBEDDED.sub('"', _text(content, name))
    if len(text) > limits.HTML_BYTES:
        raise UnreadableFile(name, f"网页文件超过 {limits.HTML_BYTES // 1024 // 1024} MB", "请检查是否选错了文件，或只保存正文")
    tree = _Tree()
    tree.feed(text)
    tree.close()
    main_names, around_names = _profiles(rules_folder() / "ingest")
    _weigh(tree.root, around_names)
    main = _main(tree.root, main_names)
    blocks = _Reader().blocks(main)
    title = _title(tree.root) if main.tag != "#root" else ""
    squeezed = "".join(title.split())
    if squeezed and not any(squeezed in "".join(block.text.split()) for block in blocks[:12]):
        blocks.insert(0, Block(title))
    return Reading("html", blocks)


@functools.cache
def _profiles(folder: Path) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What publishing systems call the element with the text, and what stands around it: patterns of `_names`. Without rules no name says anything."""
    rulebook = load(folder) if any(folder.glob("*.yaml")) else None
    kinds = ("ingest.page.main", "ingest.page.around")
    main, around = ("|".join(f"(?:{rule['pattern']})" for rule in rulebook.group(kind)) if rulebook else "" for kind in kinds)
    return re.compile(main or "(?!)"), re.compile(around or "(?!)")


def _names(node: _Node) -> list[str]:
    """The id and the classes of an element as rules write them: id=zoom, class=trs_editor."""
    names = [f"class={name}" for name in node.attributes.get("class", "").lower().split()]
    return [f"id={node.attributes['id'].lower()}", *names] if "id" in node.attributes else names


def _text(content: bytes, name: str) -> str:
    """The page as characters: out of an archive (mhtml) where it is one; the page's own word on its encoding comes after byte order mark and UTF-8."""
    if re.match(rb"\s*[\w-]+\s*:", content[:200]) and not content.lstrip().startswith(b"<"):
        try:
            message = email.message_from_bytes(content, policy=email.policy.default)
            part = next((part for part in message.walk() if part.get_content_type() == "text/html"), None)
            content = part.get_payload(decode=True) if part is not None else b""
        except Exception as error:  # the email package raises whatever its parsers meet
            raise UnreadableFile(name, "单个网页文件（mht）已损坏", "请用浏览器或 Word 打开，另存为 .docx 或 PDF") from error
        if not content:
            raise UnreadableFile(name, "单个网页文件（mht）里没有网页", "请用浏览器或 Word 打开，另存为 .docx 或 PDF")
    try:
        return decode(content, name)
    except UnreadableFile:
        declared = _CHARSET.search(content[:4096])
        if declared is None:
            raise
        try:
            return content.decode(declared[1].decode("ascii"))
        except (LookupError, UnicodeError):
            pass
        raise


class _Tree(HTMLParser):
    """Tags → nodes. Missing end tags are supplied, surplus ones ignored; silent elements stay empty."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.root = _Node("#root", {})
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs) -> None:
        attributes = {key: value or "" for key, value in attrs}
        closes = _IMPLIED.get(tag, {"p"} if tag in _BLOCK and tag not in ("html", "body") else set())
        self._imply(closes, _FENCE.get(tag, {"td", "th", "div"}))
        node = _Node(tag, attributes)
        self._open[-1].children.append(node)
        if tag not in _VOID and len(self._open) < limits.NESTING * 4:
            self._open.append(node)

    def handle_startendtag(self, tag: str, attrs) -> None:
        if tag in _VOID or ":" in tag or tag in _SILENT:
            self._open[-1].children.append(_Node(tag, {key: value or "" for key, value in attrs}))
        else:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        for index in range(len(self._open) - 1, 0, -1):
            if self._open[index].tag == tag:
                del self._open[index:]
                return
            if self._open[index].tag in ("td", "th", "table") and tag not in ("table", "tr", "tbody", "thead", "tfoot", "body", "html"):
                return

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)

    def _imply(self, closes: set[str], fence: set[str]) -> None:
        for index in range(len(self._open) - 1, 0, -1):
            tag = self._open[index].tag
            if tag in closes:
                del self._open[index:]
                if not closes & {"td", "th"} or tag == "tr":
                    return
            elif tag in fence or tag in _BLOCK and not closes & {"tr", "td", "th", "li"}:
                return


def _seen(node: _Node) -> bool:
    """Is a node shown to a reader of the page?"""
    if node.tag in _SILENT or "hidden" in node.attributes or node.attributes.get("aria-hidden") == "true":
        return False
    return not _HIDDEN_STYLE.search(node.attributes.get("style", ""))


def _weigh(root: _Node, around_names: re.Pattern[str]) -> None:
    """Fill in what each node shows. Nesting is bounded by the tree, so that recursion is safe."""

    def lengths(node: _Node) -> None:
        for child in node.children:
            if isinstance(child, str):
                node.length += len("".join(child.split()))
            else:
                child.shown = _seen(child)
                if child.shown:
                    lengths(child)
                    node.length += child.length

    def inks(node: _Node) -> None:
        for child in node.children:
            if isinstance(child, str):
                node.ink += len("".join(child.split()))
            elif child.shown:
                inks(child)
                named = any(map(around_names.search, _names(child)))
                child.around = child.tag in ("ul", "ol") and not child.ink or named and child.length < root.length * _AROUND_SHARE
                node.ink += 0 if child.around or child.tag == "a" else child.ink

    lengths(root)
    inks(root)


def _main(root: _Node, names: re.Pattern[str]) -> _Node:
    """The element that holds the text: the one that publishing systems name so, else the smallest one that holds most of the text outside links, else the page."""
    named = [node for node in _walk(root) if any(map(names.search, _names(node)))]
    # A named element with next to nothing in it is a frame that a script fills.
    for node in sorted(named, key=lambda node: -node.ink):
        if node.ink >= max(50, root.ink * 0.2):
            return node
    body = node = next((node for node in _walk(root) if node.tag == "body"), root)
    while True:
        inner = [child for child in node.children if isinstance(child, _Node) and child.shown and child.tag in ("div", "section", "article", "main", "td", "tr", "tbody",
                                                                                                              "table", "body", "html", "center", "form")]
        best = max(inner, key=lambda node: node.ink, default=None)
        if best is None or best.ink < max(body.ink * 0.8, 50):
            return node
        node = best


def _walk(node: _Node, hidden: bool = False):
    """Nodes that are shown, or all of them, in the order of the page."""
    pending = [node]
    while pending:
        node = pending.pop()
        yield node
        pending += [child for child in reversed(node.children) if isinstance(child, _Node) and (child.shown or hidden)]


def _title(root: _Node) -> str:
    """What the page calls its article: the first h1, else the title that the publishing system put into the head."""
    reader = _Reader()
    for node in _walk(root):
        if node.tag == "h1":
            text = "".join(block.text for block in reader.blocks(node))
            if clean(text):
                return text
    metas = (node for node in _walk(root, hidden=True) if node.tag == "meta" and node.attributes.get("name", "").lower() == "articletitle")
    return next((node.attributes.get("content", "") for node in metas), "")


class _Reader:
    """Nodes → blocks. Line breaks inside a paragraph are read like the lines of a text file: editors of web pages set one for every new line."""

    def __init__(self):
        self.tables = 0
        self.counted: dict[int, int] = {}  # numbered list (its id) → number of its last item

    def blocks(self, node: _Node) -> list[Block]:
        found: list[Block] = []
        line: list[str] = []
        self._take(node, found, line, kept_lines=False)
        self._end(found, line)
        return found

    def _end(self, found: list[Block], line: list[str]) -> None:
        """A block element ends. "\n" in `line` is a break set by hand: most part paragraphs, some only part the lines of a title."""
        if line:
            found += map(Block, reflow.paragraphs("".join(line).replace("\xa0", " ").split("\n")))
            line.clear()

    def _take(self, node: _Node, found: list[Block], line: list[str], kept_lines: bool) -> None:
        for child in node.children:
            if isinstance(child, str):
                line.append(child.replace("\r\n", "\n") if kept_lines else _squeeze(child))
            elif not child.shown or child.around:
                continue
            elif child.tag == "br":
                line.append("\n")
            elif child.tag == "table":
                self._end(found, line)
                found += self._table(child)
            elif child.tag in _BLOCK:
                self._end(found, line)
                begun = len(found)
                self._take(child, found, line, kept_lines or child.tag == "pre")
                self._end(found, line)
                if child.tag == "li" and node.tag == "ol" and (label := self._label(node, child)) and len(found) > begun and not reflow.ITEM.match(found[begun].text):
                    found[begun].text = label + found[begun].text
            else:
                self._take(child, found, line, kept_lines)

    def _label(self, items: _Node, item: _Node) -> str:
        """The number that a browser sets before an item of a numbered list; "" where the page turns it off."""
        number = _first(item.attributes.get("value"), self.counted.get(id(items), _first(items.attributes.get("start"), 1) - 1) + 1)
        self.counted[id(items)] = number
        style = _LIST_STYLE.search(f"{items.attributes.get('style', '')};{item.attributes.get('style', '')}")
        name = style[1].lower() if style else {"a": "lower-alpha", "A": "upper-alpha", "i": "lower-roman", "I": "upper-roman"}.get(items.attributes.get("type", ""), "decimal")
        form, stop = _LIST_FORMS.get(name, ("none", ""))
        return numbering.form(number, form) + stop

    def _table(self, table: _Node) -> list[Block]:
        """Rows of a table; a cell that spans rows is one cell with merged parts below."""
        number, self.tables = self.tables, self.tables + 1
        grid: list[list[GridCell]] = []
        hanging: dict[int, tuple[int, int]] = {}  # column → rows still covered, span
        heads, counting = 0, True
        for row in _rows_of(table):
            cells: list[GridCell] = []
            column, covered = 0, dict(hanging)
            own = [child for child in row.children if isinstance(child, _Node) and child.tag in ("td", "th") and child.shown]
            for cell in [*own, None]:
                while column in covered:
                    left, span = covered.pop(column)
                    cells.append(GridCell([], span, merged_up=True))
                    hanging[column] = (left - 1, span)
                    if left <= 1:
                        del hanging[column]
                    column += span
                if cell is None:
                    break
                span, down = _number(cell.attributes.get("colspan")), _number(cell.attributes.get("rowspan"))
                cells.append(GridCell([block.text or "，".join(block.cells) for block in self.blocks(cell) if clean(block.text) or block.cells], span))
                if down > 1:
                    hanging[column] = (down - 1, span)
                column += span
            counting = counting and bool(own) and all(cell.tag == "th" for cell in own)
            heads += counting
            if cells:
                grid.append(cells)
        return rows(grid, number, heads=heads) if grid else []


def _rows_of(table: _Node):
    for child in table.children:
        if isinstance(child, _Node) and child.shown:
            if child.tag == "tr":
                yield child
            elif child.tag in ("tbody", "thead", "tfoot", "form"):
                yield from _rows_of(child)


def _first(value: str | None, otherwise: int) -> int:
    """The whole number of an attribute."""
    return int(value) if value and re.fullmatch(r"\s*-?\d{1,4}\s*", value) else otherwise


def _number(value: str | None) -> int:
    digits = re.match(r"\s*(\d{1,3})", value or "")
    return max(int(digits[1]), 1) if digits else 1


def _squeeze(text: str) -> str:
    """White space of the source is one space to a reader, and none between Chinese characters where it only breaks the source's lines."""
    lines = _SOURCE_BREAK.split(text) if "\n" in text or "\r" in text else [text]
    joined = lines[0].rstrip(_BLANKS) if len(lines) > 1 else lines[0]
    for index, line in enumerate(lines[1:], start=2):
        line = line.lstrip(_BLANKS) if index == len(lines) else line.strip(_BLANKS)
        latin = joined[-1:].isascii() and line[:1].isascii() and (joined[-1:].isalnum() or line[:1].isalnum())
        joined += f" {line}" if latin else line
    return re.sub("[ \t\f]+", " ", joined)
