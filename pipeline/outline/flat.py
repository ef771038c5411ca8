"""Tables that a crawler flattened become rows again: one cell a line below the heads of the columns, or the cells of a row on one line, apart by blanks.

The text stays as it is: a row is a paragraph that reaches over the lines of its cells.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from pipeline.model import Cell, Paragraph, PolicyDocument
from pipeline.outline.numbering import FIRST, SECOND, read_label
from pipeline.rulebook.load import Rulebook
from pipeline.text import parts

_KINDS = ("number", "category", "measure", "task", "lead", "support", "responsible", "deadline", "target")
_UNITS = ("lead", "support", "responsible")
_ABOVE = 8  # rows above the heads of a table: its title, heads over two columns, the fields of a web page
_HEAD = 14  # characters of the longest head of a column
_NUMBER = re.compile(r"(\d{1,3})[.．、]?")
_STROKES = "| \t　"
_GAP = re.compile(r"\t+|[ 　]+")


@dataclass(frozen=True, slots=True)
class _Table:
    """What is known from the heads: their texts, what each column is for ("" where no rule says), and the index of the paragraph behind them."""

    heads: tuple[str, ...]
    kinds: tuple[str, ...]
    after: int


def with_rows(document: PolicyDocument, rulebook: Rulebook) -> PolicyDocument:
    """The document with the rows of flattened task tables as paragraphs of kind "row"; the heads of a table below its title row are found, too."""
    document = _headed(document, rulebook)
    found: list[Paragraph] = []
    table = max((p.table for p in document.paragraphs if p.table is not None), default=-1)
    i = 0
    while i < len(document.paragraphs):
        heads = _stacked(document, i, rulebook) or _beside(document, i, rulebook)
        rows = heads and (_rows_of_lines(document, heads, rulebook) if heads.after > i + 1 else _rows_of_blanks(document, heads, rulebook))
        if not rows:
            found.append(document.paragraphs[i])
            i += 1
            continue
        table += 1
        cells = _fields(document, i) if heads.after == i + 1 else _spans(document, document.paragraphs[i : heads.after])
        found.append(_row(document, i, heads.after, cells, heads.heads, table))
        for first, after, cells in rows:
            found.append(_row(document, first, after, cells, heads.heads, table))
        i = rows[-1][1]
    return replace(document, paragraphs=tuple(found))


def _headed(document: PolicyDocument, rulebook: Rulebook) -> PolicyDocument:
    """Rows with the heads of their columns where the first row of a table has none.

    They may stand below its first rows: the title of the table, heads over two columns, the fields of a web page; or over an earlier table, which headings cut into several.
    """
    document = _whole(document, rulebook)
    found = list(document.paragraphs)
    first: dict[int, int] = {}  # table → index of its first row
    heads: dict[int, tuple[str, ...]] = {}
    last: tuple[str, ...] = ()  # the heads of the table before
    for i, row in enumerate(document.paragraphs):
        if row.kind != "row" or row.table is None:
            continue
        texts = tuple(document.text[c.start : c.end].strip() for c in row.cells)
        named = tuple(c.header for c in row.cells)
        filled = max((k for k, t in enumerate(texts, 1) if t), default=0)  # a stroke at the line's end makes an empty last cell
        kinds = [_kind(t, rulebook) if t or k < filled else "" for k, t in enumerate(texts)]
        if row.table not in first:
            first[row.table] = i
            if _useful(kinds) and None not in kinds:
                last = texts
                if not any(named):  # a table of nothing but its heads
                    heads[row.table] = texts
            elif len(texts) == len(last) and all(name in ("", text) for name, text in zip(named, texts)):
                heads[row.table] = last
        if row.table in heads:
            own = heads[row.table]
            found[i] = replace(row, cells=tuple(replace(c, header=own[k] if k < len(own) else "") for k, c in enumerate(row.cells)))
        elif 0 < i - first[row.table] <= _ABOVE and texts != named and _useful(kinds) and None not in kinds:
            heads[row.table] = last = texts
            found[i] = replace(row, cells=tuple(replace(c, header=t) for c, t in zip(row.cells, texts)))
            for k in range(first[row.table], i):  # the title: a head of its own, no row
                found[k] = replace(found[k], cells=tuple(replace(c, header=document.text[c.start : c.end]) for c in found[k].cells))
    return replace(document, paragraphs=tuple(found)) if heads else document


def _whole(document: PolicyDocument, rulebook: Rulebook) -> PolicyDocument:
    """The document with rows that a line break cut in two as one: the second half begins with an empty cell, and together they fill the columns."""
    found: list[Paragraph] = []
    heads: list[str] = []  # those that came last
    for row in document.paragraphs:
        before = found[-1] if found else None
        if row.kind != "row" or row.table is None:
            found.append(row)
            continue
        texts = [document.text[c.start : c.end].strip() for c in row.cells]
        if _useful([_kind(t, rulebook) for t in texts]):
            heads = texts
        if before is not None and before.kind == "row" and before.table == row.table and len(texts) > 1 and not texts[0] and len(before.cells) + len(row.cells) - 1 == len(heads):
            found[-1] = replace(before, end=row.end, cells=tuple(replace(c, header=head) for c, head in zip((*before.cells, *row.cells[1:]), heads)))
        else:
            found.append(row)
    return replace(document, paragraphs=tuple(found)) if len(found) < len(document.paragraphs) else document


def _row(document: PolicyDocument, first: int, after: int, cells, heads: tuple[str, ...], table: int) -> Paragraph:
    """Paragraphs first to after - 1 as one row."""
    begin, last = document.paragraphs[first], document.paragraphs[after - 1]
    named = tuple(Cell(start, end, head) for (start, end), head in zip(cells, heads))
    return Paragraph(begin.start, last.end, begin.page, "row", named, table)


def _line(document: PolicyDocument, paragraph: Paragraph) -> str:
    """A line without the strokes that a crawler set for the borders of its cell; "" where it is nothing but strokes."""
    return document.text[paragraph.start : paragraph.end].strip(_STROKES)


def _spans(document: PolicyDocument, paragraphs) -> list[tuple[int, int]]:
    """The lines that hold something, without their strokes."""
    found = []
    for paragraph in paragraphs:
        line = document.text[paragraph.start : paragraph.end]
        if line.strip(_STROKES):
            start = paragraph.start + len(line) - len(line.lstrip(_STROKES))
            found.append((start, start + len(line.strip(_STROKES))))
    return found


def _kind(head: str, rulebook: Rulebook) -> str | None:
    """What a column is for, "" for one that a table may have beside, None where this is no head of a column."""
    bare = re.sub(r"[（(][^（）()]*[）)]$", "", re.sub(r"\s", "", head))
    kind = next((kind for kind in _KINDS if rulebook.pattern(f"extract.column.{kind}").search(bare)), None)
    return kind if kind else "" if rulebook.pattern("outline.table.other_head").match(bare) else None


def _useful(kinds) -> bool:
    return len(kinds) >= 3 and bool({"task", "measure"} & set(kinds)) and bool(set(_UNITS) & set(kinds))


def _stacked(document: PolicyDocument, i: int, rulebook: Rulebook) -> _Table | None:
    """The heads of a table one below the other."""
    heads, kinds, after = [], [], i
    for k, paragraph in enumerate(document.paragraphs[i : i + 16], i):
        head = _line(document, paragraph)
        if heads and not head and paragraph.kind == "text":
            continue
        kind = _kind(head, rulebook) if paragraph.kind == "text" and 0 < len(head) <= _HEAD else None
        if kind is None or kind and kind in kinds:
            break
        heads.append(head)
        kinds.append(kind)
        after = k + 1
    return _Table(tuple(heads), tuple(kinds), after) if _useful(kinds) else None


def _beside(document: PolicyDocument, i: int, rulebook: Rulebook) -> _Table | None:
    """The heads of a table on one line."""
    paragraph = document.paragraphs[i]
    if paragraph.kind != "text" or paragraph.end - paragraph.start > 90:
        return None
    heads = [document.text[start:end] for start, end in _fields(document, i)]
    if not 3 <= len(heads) <= 12:
        return None
    kinds = [_kind(head, rulebook) for head in heads]
    return _Table(tuple(heads), tuple(kinds), i + 1) if None not in kinds and _useful(kinds) else None


def _fields(document: PolicyDocument, i: int) -> list[tuple[int, int]]:
    """Half-open offsets of what stands between blanks on a line; between tabs or strokes where it has any."""
    paragraph = document.paragraphs[i]
    line = document.text[paragraph.start : paragraph.end]
    if line.count("|") >= 3:
        at, found = paragraph.start, []
        for cell in line.strip("| ").split("|"):
            at = document.text.index(cell, at)
            bare = cell.strip()
            begin = at + cell.index(bare)
            found.append((begin, begin + len(bare)))
            at += len(cell)
        return found
    gap = re.compile(r"\t") if "\t" in line else _GAP
    edges = [0, *(edge for m in gap.finditer(line) for edge in m.span()), len(line)]
    return [(paragraph.start + a, paragraph.start + b) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _rows_of_blanks(document: PolicyDocument, table: _Table, rulebook: Rulebook) -> list[tuple[int, int, list[tuple[int, int]]]]:
    """(first paragraph, paragraph behind, cells) of rows whose cells stand on one line each."""
    rows = []
    for i in range(table.after, len(document.paragraphs)):
        spans = _fields(document, i)
        if document.paragraphs[i].kind != "text":
            break
        cells = spans if len(spans) == len(table.heads) else _alone(document, table, i) if _category(document, i) else _aligned(document, table, spans, rulebook)
        if cells is None:
            break
        rows.append((i, i + 1, cells))
    return rows


def _category(document: PolicyDocument, i: int) -> bool:
    """Is this line the heading of the rows below it?"""
    label = read_label(_line(document, document.paragraphs[i]))
    return label is not None and label.rank in (FIRST, SECOND) and document.paragraphs[i].end - document.paragraphs[i].start <= 40


def _alone(document: PolicyDocument, table: _Table, i: int) -> list[tuple[int, int]]:
    """A row whose first cell is all of the line, its other cells empty."""
    paragraph = document.paragraphs[i]
    return [(paragraph.start, paragraph.end)] + [(paragraph.end, paragraph.end)] * (len(table.heads) - 1)


def _rows_of_lines(document: PolicyDocument, table: _Table, rulebook: Rulebook) -> list[tuple[int, int, list[tuple[int, int]]]]:
    """(first paragraph, paragraph behind, cells) of rows that have one line a cell, or more where a cell runs on."""
    rows: list[tuple[int, int, list[tuple[int, int]]]] = []
    count, paragraphs = len(table.heads), document.paragraphs
    numbered = table.kinds[0] == "number"
    i, number = table.after, 0
    while i < len(paragraphs) and paragraphs[i].kind == "text":
        if not _line(document, paragraphs[i]):
            i += 1
            continue
        if _category(document, i):
            rows.append((i, i + 1, _alone(document, table, i)))
            i += 1
            continue
        if numbered:
            m = _NUMBER.fullmatch(_line(document, paragraphs[i]))
            if m is None:
                break
            number = int(m[1])
            after = next((j for j in range(i + 2, min(i + 4 * count, len(paragraphs)))
                          if _line(document, paragraphs[j]).rstrip(".．、") == str(number + 1) or _category(document, j)), None)
            border = next((j for j in range(i + 1, min(i + 4 * count, len(paragraphs))) if not _line(document, paragraphs[j])), None)
            after = min(filter(None, (after, border)), default=0) or min(i + count, len(paragraphs))
        else:
            looks = [_looks(_line(document, p), rulebook) for p in paragraphs[i : i + 3 * count]]
            told = next((k for k, look in enumerate(looks) if look != "words"), 0)
            after = i + next((k for k in range(told, len(looks)) if looks[k] == "words"), len(looks)) if told else i + count
        after = min([after, len(paragraphs)] + [j for j in range(i, min(after, len(paragraphs))) if paragraphs[j].kind != "text"])
        cells = _aligned(document, table, _spans(document, paragraphs[i:after]), rulebook)
        if cells is None:
            break
        rows.append((i, after, cells))
        i = after
    while rows and _category(document, rows[-1][0]):  # a heading without rows below it belongs to what follows
        rows.pop()
    return rows


def _aligned(document: PolicyDocument, table: _Table, spans: list[tuple[int, int]], rulebook: Rulebook) -> list[tuple[int, int]] | None:
    """The lines or fields of a row handed to its columns by what they look like; None where they do not make a row."""
    looks = [_looks(document.text[a:b].strip(), rulebook) for a, b in spans]
    wants = ["units" if kind in _UNITS else "date" if kind == "deadline" else "number" if kind == "number" else "words" if kind else "any"
             for kind in table.kinds]
    cells: list[tuple[int, int]] = []
    i = 0
    for column, want in enumerate(wants):
        left = len(wants) - column
        here = spans[i] if i < len(spans) else None
        if here is None or len(spans) - i < left and (looks[i] in ("units", "date") if want == "any" else want != "words" and looks[i] != want):
            at = here[0] if here else spans[-1][1]
            cells.append((at, at))
            continue
        begin, i = i, i + 1
        runs_on = want != "words" or column + 1 == len(wants) or wants[column + 1] != "words"
        while runs_on and len(spans) - i >= left and looks[i] == want:
            i += 1
        cells.append((spans[begin][0], spans[i - 1][1]))
    asked = [c for c, want in zip(cells, wants) if want == "units" and c[0] < c[1]]
    named = asked and all(_looks(document.text[a:b], rulebook) == "units" for a, b in asked)
    return cells if i == len(spans) and named else None


def _looks(line: str, rulebook: Rulebook) -> str:
    if _NUMBER.fullmatch(line):
        return "number"
    if rulebook.pattern("units.list.deadline").match(line) and len(line) <= 24 and line[-1:] not in "。；":
        return "date"
    suffix = rulebook.pattern("units.body.suffix")
    names = parts(line, "、，,；;\n 　")
    bodies = line[-1:] not in "。" and bool(names) and all(len(name) <= 30 and (name[0] == "各" or suffix.search(name.removesuffix("等"))) for name in names)
    return "units" if bodies else "words"
