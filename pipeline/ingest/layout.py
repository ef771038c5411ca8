"""Glyphs → lines → paragraphs: base lines, columns, running heads, and which line goes on in the next.

Form alone decides: where a line begins and ends beside the margins, how far the next one is, how large its type is.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import pairwise
from operator import itemgetter
from statistics import median

from pipeline.ingest.blocks import Block, Spot
from pipeline.ingest.glyphs import Glyph, PageContent
from pipeline.ingest.reflow import ITEM, ends, goes_on, join, open_brackets

_PAGE_NUMBER = re.compile(r"\s*(?:[-—–－―·•]*\s*\d{1,4}\s*[-—–－―·•]*|第\s*\d{1,4}\s*页(?:\s*[/，,]?\s*共\s*\d{1,4}\s*页)?|\d{1,4}\s*/\s*\d{1,4}|[ivxIVX]{1,5})\s*")
_CONTENTS = re.compile(r".*?[.．…·‥]{6,}\s*\d{1,4}\s*")
_LABEL = re.compile(r"[\u4e00-\u9fff]{2,8}[：:]")  # opens a line of its own: 完成时限：
# 发文字号 has a line of its own, also where the title below it is set as large.
_DOCUMENT_NUMBER = re.compile(r"[\u4e00-\u9fff]{1,12}\s*[〔\[［【（(]\s*(?:19|20|１９|２０)\d{2}\s*[〕\]］】）)]\s*第?\s*\d+\s*号")
_NO_START = "，。、；：！？）》】〕〉”’」』%％,.;:!?)…—"
_OPENING = "（《【〔〈“‘「『("
_HANGING = "，。、；：！？"
# So many lines beside each other are two columns; fewer are two names beside each other.
_COLUMN_ROWS = 5
# Characters that a column holds in a line, at least: stops and brackets leave room between two.
_NARROWEST = 4
# Lines of one column are farther apart than this share of their height (1.2 times their size).
_BESIDE = 0.85
# Marks that refer to a footnote. While lines are joined each raised one stands behind _RAISED, a character that no page can hold (`glyphs` drops the private area).
_MARKS = "0123456789*＊①②③④⑤⑥⑦⑧⑨⑩"
_RAISED = "\ue000"
_FOOTNOTE = re.compile(rf"(?:{_RAISED}?[{re.escape(_MARKS)}]|\[\d{{1,2}}\])+(?!\s*[.．、年月日])")
_WORD = re.compile(r"[A-Za-z0-9.,%/:@_+&#-]+")


@dataclass(slots=True)
class Line:
    """Glyphs on one base line, left to right.

    Attributes:
      text: With one space where the gap is wider than a character, or parts two Latin words.
      size: Width of its Chinese characters, which is the font size.
      first: Width of what may not be parted at its beginning (a character with its brackets and stops, a number).
      column: Left and right edge of the column it stands in.
      confidence: Of its least sure part where it was recognised from a picture, else None.
      part: Which column of its page it stands in, 0 for what stands in none.
    """

    text: str
    x0: float
    x1: float
    y: float
    size: float
    first: float
    page: int
    column: tuple[float, float] = (0.0, 0.0)
    confidence: float | None = None
    part: int = 0

    def spot(self, content: PageContent) -> Spot:
        """The line as it is found on the page that it stands on."""
        return Spot(self.text.replace(_RAISED, ""), self.page, content.shown(self.x0, self.y - self.size, self.x1, self.y + 0.25 * self.size), self.confidence)


@dataclass(slots=True)
class Page:
    """Lines of one page without its tables. `tables` are blocks with the base line above which they begin."""

    content: PageContent
    lines: list[Line]
    tables: list[tuple[float, list[Block]]] = field(default_factory=list)

    @property
    def number(self) -> int:
        return self.content.number

    @property
    def width(self) -> float:
        return self.content.width

    @property
    def height(self) -> float:
        return self.content.height


def lines_of(glyphs: list[Glyph], page: int, rows: list[list[Glyph]] | None = None) -> list[Line]:
    """Lines by base line, top down; in two columns the left one first, wherever a line that crosses both does not part them. `rows` where they are known."""
    rows = rows_of(glyphs) if rows is None else rows
    found: list[Line] = []
    done = part = 0
    for first, end, gutter in _two_columns(rows, glyphs):
        found += [_line(row, page) for row in rows[done:first]]
        left: list[Glyph] = []
        right: list[Glyph] = []
        for row in [*rows[first:end], None]:
            if row is None or _crosses(row, gutter):
                for number, side in enumerate((left, right), start=part + 1):
                    found += [replace(_line(own, page), part=number) for own in rows_of(side)]
                left, right = [], []
                found += [_line(row, page)] if row is not None else []
            else:
                for glyph in row:
                    (left if sum(_ink(glyph)) < 2 * gutter else right).append(glyph)
        done, part = end, part + 2
    found += [_line(row, page) for row in rows[done:]]
    return [line for line in found if line.text]


def rows_of(glyphs: list[Glyph]) -> list[list[Glyph]]:
    """Glyphs that share a base line, give or take a raised or lowered one."""
    rows: list[list[Glyph]] = []
    base = height = -math.inf
    for glyph in sorted(glyphs, key=_DOWN):
        _, _, y, own, *_ = glyph
        if y - base < 0.42 * (own if own > height else height):
            row.append(glyph)
            if own > 1.2 * height:  # what came first was a raised mark: the line is this one's
                base, height = y, own
        else:
            row = [glyph]
            rows.append(row)
            base, height = y, own
    for row in rows:
        row.sort(key=_ACROSS)
    return rows


_DOWN, _ACROSS = itemgetter(2, 0), itemgetter(0, 2)  # y, x0 of a glyph; x0, y


def _line(row: list[Glyph], page: int) -> Line:
    inked = [glyph for glyph in row if not glyph.char.isspace()]
    if not inked:
        return Line("", 0, 0, 0, 0, 0, page)
    size = font_size(inked)
    base, tall = sorted([glyph.y for glyph in inked])[len(inked) // 2], max([glyph.height for glyph in inked])
    pieces: list[str] = []
    x0, x1, y, previous = row[0].x0, row[0].x0, row[0].y, ""
    for left, right, low, height, char, _ in row:
        if char == previous and left - x0 < 0.25 * size and abs(low - y) < 2 and char not in " —…─":
            continue  # bold by printing twice
        gap = left - x1
        if gap > 0.2 * size and (gap > 1.1 * size or char.isascii() and previous.isascii() and char.isalnum() and previous.isalnum()):
            pieces.append(" ")
        if char in _MARKS and height < 0.75 * tall and low < base - 0.15 * size:
            pieces.append(_RAISED)
        pieces.append(char)
        x0, x1, y, previous = left, right, low, char
    text = _BLANKS.sub(" ", "".join(pieces)).strip()
    doubts = [glyph.confidence for glyph in inked] if inked[0].confidence is not None else ()
    return Line(text, inked[0].x0, max([glyph.x1 for glyph in inked]), base, size, _first_width(inked), page, confidence=min(doubts, default=None))


_BLANKS = re.compile(r"\s{2,}")


def font_size(glyphs: list[Glyph]) -> float:
    """The prevailing font size: a Chinese character is as wide as its font is high."""
    widths = [x1 - x0 for x0, x1, _, _, char, _ in glyphs if "\u4e00" <= char <= "\u9fff"]
    return median(widths) if widths else median(glyph.height for glyph in glyphs) / 1.2


def _first_width(glyphs: list[Glyph]) -> float:
    index = 0
    while index < len(glyphs) - 1 and glyphs[index].char in _OPENING:
        index += 1
    if _WORD.match(glyphs[index].char):
        while index < len(glyphs) - 1 and _WORD.match(glyphs[index + 1].char) and glyphs[index + 1].x0 - glyphs[index].x1 < 0.2 * glyphs[index].height:
            index += 1
    while index < len(glyphs) - 1 and glyphs[index + 1].char in _NO_START:
        index += 1
    return glyphs[index].x1 - glyphs[0].x0


def _ink(glyph: Glyph) -> tuple[float, float]:
    """Where the ink of a character begins and ends: stops fill the left half of their place, and may hang over the edge of a column; opening brackets the right one."""
    middle = (glyph.x0 + glyph.x1) / 2
    return (middle if glyph.char in _OPENING else glyph.x0), (middle if glyph.char in _HANGING else glyph.x1)


def _crosses(row: list[Glyph], gutter: float) -> bool:
    return any(glyph.x0 < gutter < glyph.x1 and glyph.char != " " and _ink(glyph)[0] < gutter < _ink(glyph)[1] for glyph in row)


def _two_columns(rows: list[list[Glyph]], glyphs: list[Glyph]) -> list[tuple[int, int, float]]:
    """The parts of a page that are set in two columns: first row, row after the last, and the place where the columns part.

    Both columns must be set as text: in most lines something stands left and right, and both reach the gutter.
    """
    bands, begins = _bands(rows)
    if len(bands) < _COLUMN_ROWS:
        return []
    left, right = min([glyph.x0 for glyph in glyphs]), max([glyph.x1 for glyph in glyphs])
    size = font_size(glyphs)
    low, high = int(left + (right - left) * 0.35), int(left + (right - left) * 0.65)
    gaps = [[(own[1], then[0]) for a, b in pairwise(row) if b.x0 - a.x1 > -0.5 * size and a.x0 < high and b.x1 > low
             for own, then in [(_ink(a), _ink(b))] if then[0] - own[1] > 0.8 * size] for row in bands]
    if sum(map(bool, gaps)) < _COLUMN_ROWS:
        return []
    votes = Counter(place for own in gaps for place in {place for a, b in own for place in range(max(math.ceil(a), low), min(math.floor(b), high) + 1)})
    most = max(votes.values(), default=0)
    widest = max(_runs([place for place in sorted(votes) if votes[place] >= 0.9 * most]), key=len, default=[])
    if len(widest) < 0.6 * size:
        return []
    gutter = (widest[0] + widest[-1]) / 2
    if min(gutter - left, right - gutter) < _NARROWEST * size:
        return []
    beside = [any(a < gutter < b for a, b in own) for own in gaps]
    crossing = [_crosses(row, gutter) for row in bands]
    found = []
    for run in _runs([index for index in range(len(bands)) if not crossing[index]], apart=3):  # a heading over both columns has two lines at most
        part = [index for index in run if beside[index]]
        if len(part) < _COLUMN_ROWS:
            continue
        full_left = sum(max(glyph.x1 for glyph in bands[index] if sum(_ink(glyph)) < 2 * gutter) > widest[0] - 2.5 * size for index in part)
        full_right = sum(min(glyph.x0 for glyph in bands[index] if sum(_ink(glyph)) > 2 * gutter) < widest[-1] + 2.5 * size for index in part)
        full = full_left / len(part), full_right / len(part)
        if len(part) >= 0.6 * (part[-1] + 1 - part[0]) and min(full) >= 0.5 and max(full) >= 0.6:  # a column of headings and short lines beside one of text
            found.append((begins[part[0]], begins[run[-1] + 1], gutter))
    return found


def _bands(rows: list[list[Glyph]]) -> tuple[list[list[Glyph]], list[int]]:
    """Rows, those at nearly the same height side by side taken together, since room between paragraphs moves the lines of two columns apart; the first row of each.

    At the end of the second list stands the number of rows.
    """
    bands: list[list[Glyph]] = []
    begins: list[int] = []
    for index, row in enumerate(rows):
        if bands and row[0].y - bands[-1][0].y < _BESIDE * row[0].height and (bands[-1][-1].x1 < row[0].x0 or row[-1].x1 < bands[-1][0].x0):
            bands[-1] = sorted([*bands[-1], *row], key=_ACROSS)
        else:
            bands.append(row)
            begins.append(index)
    return bands, [*begins, len(rows)]


def _runs(numbers: list[int], apart: int = 1) -> list[list[int]]:
    """Numbers in order, parted where one is more than so far from the next."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number - runs[-1][-1] <= apart:
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs


def without_furniture(pages: list[Page]) -> list[Page]:
    """Pages without running heads, running feet and page numbers.

    A running head is one of the two outermost lines of its page and stands, digits aside, at the same height of at least two pages and 40 % of all;
    the same words elsewhere are text.
    """
    def key(page: Page, line: Line) -> tuple[str, int]:
        return re.sub(r"\d+", "#", "".join(line.text.split())), round(line.y / 4)

    seen: Counter = Counter()
    for page in pages:
        seen.update({key(page, line) for line in _outermost(page)})
    kept = []
    for page in pages:
        edge = {id(line) for line in _outermost(page)}
        lines = []
        for line in page.lines:
            if id(line) in edge:
                text, height = key(page, line)
                count = max(seen[text, height + shift] for shift in (-1, 0, 1))
                repeated = len(pages) > 1 and count >= max(2, len(pages) * 0.4) and not page.height * 0.17 < line.y < page.height * 0.8
                at_end = line.y < page.height * 0.12 or line.y > page.height * 0.86
                if repeated or at_end and _PAGE_NUMBER.fullmatch(line.text):
                    continue
            lines.append(line)
        kept.append(Page(page.content, lines, page.tables))
    return kept


def _outermost(page: Page) -> list[Line]:
    ordered = sorted(page.lines, key=lambda line: line.y)
    return ordered[:2] + ordered[-2:]


def paragraphs(pages: list[Page]) -> tuple[list[Block], int]:
    """Blocks of all pages in reading order, lines joined within and across pages, footnotes last; and how many lines of a table of contents were left out."""
    lines = [line for page in pages for line in page.lines]
    contents = [line for line in lines if len(line.text) < 300 and _CONTENTS.fullmatch(line.text)]
    left_out = {id(line) for line in contents} if len(contents) > 2 else set()
    body = _Body.of([line for line in lines if id(line) not in left_out], pages[0].width if pages else 0.0)
    found: list[Block] = []
    notes: list[Block] = []
    previous: Line | None = None
    for page in pages:
        tables = sorted(page.tables, key=lambda table: table[0])
        below = _footnotes(page, body.size)
        for line in page.lines:
            if id(line) in left_out:
                continue
            if id(line) in below:
                if notes and notes[-1].page == page.number and not _FOOTNOTE.match(line.text):
                    notes[-1].text = join(notes[-1].text, line.text)
                else:
                    notes.append(Block(line.text, page.number, "note"))
                notes[-1].spots.append(line.spot(page.content))
                continue
            while tables and tables[0][0] < line.y:
                found += tables.pop(0)[1]
                previous = None
            if previous is not None and body.continues(previous, line, found[-1].text):
                found[-1].text = join(found[-1].text, line.text)
            else:
                found.append(Block(line.text, page.number))
            found[-1].spots.append(line.spot(page.content))
            previous = line
        for _, blocks in tables:
            found += blocks
            previous = None
    _unmark(found, notes)
    return found + notes, len(left_out)


def _footnotes(page: Page, size: float) -> set[int]:
    """Ids of the lines at the foot of a page that are set much smaller than the text and open with a mark."""
    small: list[Line] = []
    for line in reversed(page.lines):
        if line.size > 0.8 * size or line.y < page.height * 0.4:
            break
        small.append(line)
    while small and not _FOOTNOTE.match(small[-1].text):
        small.pop()
    return {id(line) for line in small} if len(small) < len(page.lines) else set()


def _unmark(blocks: list[Block], notes: list[Block]) -> None:
    """Take raised marks out of the text where a footnote bears them, keep them elsewhere (10³, m²); a footnote loses its own."""
    known = {"".join(re.findall(rf"[{re.escape(_MARKS)}]", _FOOTNOTE.match(note.text)[0])) for note in notes if _FOOTNOTE.match(note.text)}
    for block in blocks:
        block.text = re.sub(rf"(?:{_RAISED}.)+", lambda marks: "" if marks[0].replace(_RAISED, "") in known else marks[0].replace(_RAISED, ""), block.text)
        block.cells = tuple(cell.replace(_RAISED, "") for cell in block.cells)
        block.headers = tuple(header.replace(_RAISED, "") for header in block.headers)
    for note in notes:
        note.text = _FOOTNOTE.sub("", note.text, count=1).replace(_RAISED, "")


@dataclass(slots=True)
class _Body:
    """How the running text of a document is set.

    Attributes:
      size: Font size of most characters.
      pitch: From base line to base line.
      indented: Paragraphs begin with an indent (of two characters, as GB/T 9704 wants).
    """

    size: float
    pitch: float
    indented: bool

    @staticmethod
    def of(lines: list[Line], width: float) -> _Body:
        sizes: Counter = Counter()
        for line in lines:
            sizes[round(line.size * 2) / 2] += len(line.text)
        size = max(sorted(sizes), key=sizes.get) if sizes else 12.0
        groups: dict[tuple[int, int], list[Line]] = {}
        for line in lines:
            groups.setdefault((line.page, line.part), []).append(line)
        own = [line for line in lines if abs(line.size - size) < 0.15 * size]
        left, right = _edges(own, size) if own else (0.0, 0.0)
        if sum(abs(line.x1 - right) < 0.5 * size for line in own) < 3:
            right = max(right, width - left)  # too few lines to show the edge: margins are about alike
        for line in lines:
            line.column = (left, right)
        # Pages that are set otherwise (landscape, columns) have edges of their own: no line of theirs begins or ends where the others do.
        for part in groups.values():
            same = [line for line in part if abs(line.size - size) < 0.15 * size]
            if len(same) >= 6:
                own_left, own_right = _edges(same, size)
                edges = (left if any(abs(line.x0 - left) < 0.5 * size for line in part) else own_left,
                         right if any(abs(line.x1 - right) < size for line in part) else own_right)
                for line in part:
                    line.column = edges
        gaps = [round(below.y - above.y, 1) for above, below in pairwise(lines) if above.page == below.page and 0 < below.y - above.y < 4 * size]
        pitch = max(sorted(set(gaps)), key=gaps.count) if gaps else size * 1.8
        begin = [line for line in own if 1.2 * size < line.x0 - line.column[0] < 3 * size]
        return _Body(size, pitch, bool(own) and len(begin) * 8 >= len(own))

    def continues(self, above: Line, line: Line, text: str) -> bool:
        """Is `line` a part of the paragraph `text`, whose last line is `above`?"""
        size = max(self.size, 1.0)
        new_place = above.page != line.page or line.y <= above.y
        if not new_place and line.y - above.y > 1.7 * max(self.pitch, above.size * 1.2):
            return False
        title = self._title(above) and self._title(line)
        if not self.indented and not new_place and line.y - above.y > max(1.25 * self.pitch, above.size * (2.0 if title else 1.5)):
            return False
        left, right = above.column
        would_have_fitted = above.x1 + line.first < right - 0.1 * size
        if title:
            numbered = _DOCUMENT_NUMBER.fullmatch(above.text) or _DOCUMENT_NUMBER.fullmatch(line.text)
            return abs(above.size - line.size) < 0.08 * size and not new_place and not numbered and not ITEM.match(line.text)
        if above.size > 1.12 * size >= line.size:
            return False
        ragged = above.x1 > right - 5 * size and above.x0 < left + 3 * size and not ends(text) and abs(line.x0 - line.column[0]) < 0.9 * size
        if would_have_fitted and not ragged:
            return False
        if abs(line.x0 - line.column[0]) < 0.9 * size:
            if not ITEM.match(line.text):
                return self.indented or not ends(text) or new_place or line.y - above.y <= self.pitch * 1.15
            # No heading fills several lines to the edge; a list of units in brackets may, and ends its paragraph without a stop.
            unfinished = not ends(text) and (self.indented or len(text) > len(above.text) and text[-1] not in "）)")
            return unfinished or bool(open_brackets(text)) or _in_series(text, line.text)
        if abs(line.x0 - above.x0) < 0.5 * size and line.x0 < left + 5 * size and not ITEM.match(line.text) and not ends(text):
            # A paragraph that is indented as a whole has several full lines; two lines of 责任单位 under each other have not.
            return not _LABEL.match(line.text) and (line.x1 > right - 2 * size or len(text) > len(above.text))
        return goes_on(text, line.text) or bool(open_brackets(text)) and not ITEM.match(line.text) and not ends(text)

    def _title(self, line: Line) -> bool:
        """Larger than the text and in the middle of its column."""
        left, right = line.column
        return line.size > 1.12 * self.size and abs((line.x0 - left) - (right - line.x1)) < 1.5 * line.size


def _in_series(text: str, following: str) -> bool:
    """Does a line that begins with a number only go on with a list inside its paragraph (说明：1.…；⏎2.…)?"""
    label = ITEM.match(following)[0].strip()
    number = re.search(r"\d+|[二三四五六七八九]", label)
    if number is None:
        return False
    before = str(int(number[0]) - 1) if number[0].isdigit() else "一二三四五六七八"["二三四五六七八九".index(number[0])]
    return text.find(label.replace(number[0], before, 1)) > 0


def _edges(lines: list[Line], size: float) -> tuple[float, float]:
    """Left and right edge that the lines are set to: the outermost places where many lines begin and end. Stops that hang over the edge are few."""
    return -_outer_edge([-line.x0 for line in lines], 0.3 * size), _outer_edge([line.x1 for line in lines], 0.3 * size)


def _outer_edge(places: list[float], reach: float) -> float:
    """The rightmost place around which a third as many lines end as around the commonest one."""
    places = sorted(places)
    crowds = [bisect_right(places, place + reach) - bisect_left(places, place - reach) for place in places]
    outer = next(place for place, crowd in zip(reversed(places), reversed(crowds)) if crowd * 3 >= max(crowds))
    return median(place for place in places if abs(place - outer) <= reach)
