"""A lower document as statements: its sentences, each with its headings and its standing.

Standing is what the reader asks first: does this sentence promise something, or does it tell, complain or preach?
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from pipeline.extract.readers import Readers
from pipeline.extract.tables import columns, is_head
from pipeline.model import Outline, Role, Section, Span
from pipeline.outline.numbering import read_label
from pipeline.outline.tree import walk
from pipeline.rulebook.load import Rulebook
from pipeline.text import half_digits, sentences


class Standing(StrEnum):
    COMMITS = "commits"  # 承诺要做
    TELLS = "tells"  # 叙述过去或现状
    PREACHES = "preaches"  # 原则、认识、口号
    LISTS = "lists"  # 只列题目，由别处安排
    NEGATES = "negates"  # 明确不做
    LEADS = "leads"  # 段首点题，后面的句子才是做法


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of a lower document.

    Attributes:
      headings: Titles above it, the nearest last; of a table row its task and category.
      topic: The sentence before it in the same paragraph, where that is a short lead; "" otherwise.
      standing, rule: What it does, and the id of the rule that says so.
      units: Offices that answer for it, as written: those of the next bracket or line of units under the same heading.
      units_here: Whether these stand in its own paragraph, row, or on a line right behind it.
      deadline: The row's or the task's own 完成时限, as written.
      order: Position among the statements, from 0.
      kind: The kind of its chapter: in one of goals figures count, but sentences do not carry a duty out.
      figures: Of a table row the cell with its targets, whose figures are this statement's; None elsewhere.
    """

    start: int
    end: int
    text: str
    headings: tuple[str, ...]
    topic: str
    standing: Standing
    rule: str
    units: tuple[str, ...]
    units_here: bool
    deadline: str | None
    paragraph: int
    order: int
    kind: str
    figures: Span | None = None


# A heading is short and smooth; these show that one says what will be done, how often, how much.
_TELLS_DOING = re.compile(r"[，,、；;\d]|[每逢各都全]")
_TELLING = {"situation": Standing.TELLS, "preface": Standing.TELLS, "guidance": Standing.PREACHES, "principles": Standing.PREACHES, "brief": Standing.LISTS,
            "roster": Standing.LISTS, "scope": Standing.TELLS, "closing": Standing.PREACHES, "goals": Standing.PREACHES}


def read_statements(outline: Outline, readers: Readers) -> tuple[Statement, ...]:
    """Every sentence of the body in reading order. Lines and brackets of units are no statements, headings neither."""
    text = outline.document.text
    year = int(outline.frame.date[:4]) if outline.frame.date else None
    lead_length = int(readers.rulebook.settings["coverage.lead.length"])
    found: list[Statement] = []
    paths: dict[str, tuple[str, ...]] = {}
    for section in walk(outline.sections):
        above = paths.get(section.id.rpartition(".")[0], ()) if section.id else ()
        titles = above + ((section.title,) if section.headed and section.title else ())
        paths[section.id] = titles
        plain = [span for span in section.body if not _row(outline, span)]
        groups = readers.units.groups(text, [(s.start, s.end) for s in plain])
        brief = section.kind == "brief"
        opening = _opening(outline, section)
        if opening is not None:
            group = next((g for g in groups if g.start >= opening.end), None)
            quote = text[opening.start : opening.end]
            standing, rule = _standing(quote, section.kind, brief, year, readers.rulebook)
            if standing is Standing.COMMITS and section.body and not _TELLS_DOING.search(quote):
                standing, rule = Standing.LEADS, "coverage.lead.length"
            found.append(Statement(opening.start, opening.end, quote, above, "", standing, rule, tuple(u.name for u in group.units) if group else (), group is not None,
                                   group.deadline if group else None, outline.document.paragraph_of(opening.start) or 0, len(found), section.kind))
        for span in section.body:
            row = _row(outline, span)
            if row is not None:
                _row_statements(outline, readers, row, titles, section.kind, year, found)
                continue
            lead, told = "", False
            pieces = _pieces(span, groups)
            for start, end in pieces:
                label = read_label(text[start:end])
                start += label.end if label is not None and start == span.start else 0
                cut = sentences(text, start, end)
                for n, (begin, stop) in enumerate(cut):
                    while begin < stop and text[begin] in "。；;，,、 　":
                        begin += 1
                    quote = text[begin:stop]
                    size = len("".join(quote.split()))
                    if size < 5:
                        continue
                    if readers.rulebook.pattern("coverage.standing.brief").search(quote):
                        brief = True
                    group = next((g for g in groups if g.start >= stop), None)
                    units = tuple(u.name for u in group.units) if group else ()
                    here = group is not None and (group.start <= span.end or outline.document.paragraph_of(group.start) == outline.document.paragraph_of(span.end) + 1
                                                  and text[group.start - 1] == "\n")
                    told = told or bool(readers.rulebook.pattern("coverage.standing.told_lead").search(quote))
                    standing, rule = _standing(quote, section.kind, brief, year, readers.rulebook)
                    leads = n == 0 and begin == start and size <= lead_length and quote[-1] in "。：:" and not re.search(r"[，,、\d]", quote)
                    # where all sentences are short, a short one is no lead
                    if standing is Standing.COMMITS and leads and len(cut) > 1 and cut[1][1] - cut[1][0] >= 2 * size:
                        standing, rule = Standing.LEADS, "coverage.lead.length"
                    if told and standing is Standing.COMMITS:
                        standing, rule = Standing.TELLS, "coverage.standing.told_lead"
                    found.append(Statement(begin, stop, quote, titles, lead, standing, rule, units, here, next((g.deadline for g in groups if g.deadline), None),
                                           outline.document.paragraph_of(begin) or 0, len(found), section.kind))
                    lead = quote if leads else lead
    return tuple(_shared_offices(outline.sections, found))


def _shared_offices(sections: tuple[Section, ...], found: list[Statement]) -> list[Statement]:
    """Where the last item of a section alone names offices, on a line of their own, they answer for all of its items."""
    statements = list(found)
    for section in walk(sections):
        if len(section.children) < 2:
            continue
        first, last = section.children[0], section.children[-1]
        end = max((span.end for s in walk((last,)) for span in s.body), default=last.end)
        mine = [n for n, s in enumerate(statements) if first.start <= s.start <= end]
        named = {statements[n].units for n in mine if statements[n].units}
        if len(named) != 1 or not all(statements[n].start >= last.start for n in mine if statements[n].units):
            continue
        for n in mine:
            statements[n] = replace(statements[n], units=next(iter(named)))
    return statements


def _opening(outline: Outline, section: Section) -> Span | None:
    """The heading of an item where it may carry a duty out itself: it opens a paragraph that goes on, or is all that the item says. None elsewhere."""
    if not section.headed or not section.label or len("".join(section.title.split())) < 5:
        return None
    goes_on = bool(section.body) and outline.document.paragraph_of(section.body[0].start) == outline.document.paragraph_of(section.start)
    if not goes_on and (section.body or section.children):
        return None
    text = outline.document.text
    start = text.find(section.title, section.start, section.end)
    end = start + len(section.title)
    return Span(start, end + (text[end : end + 1] in ("。", "；", ";"))) if start >= 0 else None


def _row(outline: Outline, span: Span):
    paragraph = outline.document.paragraphs[outline.document.paragraph_of(span.start) or 0]
    return paragraph if paragraph.kind == "row" else None


def _pieces(span: Span, groups) -> list[tuple[int, int]]:
    pieces, begin = [], span.start
    for group in groups:
        if begin <= group.start < span.end:
            if group.start > begin:
                pieces.append((begin, group.start))
            begin = min(group.end, span.end)
    if begin < span.end:
        pieces.append((begin, span.end))
    return pieces


def _row_statements(outline: Outline, readers: Readers, row, titles, kind: str, year: int | None, found: list[Statement]) -> None:
    """The sentences of a row's task and measure cells; its task and category are their headings, its other cells their units and deadline."""
    text = outline.document.text
    if is_head(row, text):
        return
    kinds = columns(tuple(c.header for c in row.cells), readers)
    if kind == "preface" and {"task", "measure"} & set(kinds.values()) and {"lead", "support", "responsible"} & set(kinds.values()):
        kind = "division"  # a table of tasks below a title of its own
    if not kinds:
        kinds = {i: "measure" for i in range(len(row.cells))}
    above, units, deadline, cells = list(titles), [], None, []
    has_measure = "measure" in kinds.values()
    for i, cell in enumerate(row.cells):
        value = text[cell.start : cell.end].strip()
        what = kinds.get(i)
        if not value:
            continue
        if what == "category" or (what == "task" and has_measure):
            above.append(value)
        elif what in ("lead", "support", "responsible"):
            units += [u.name for u in readers.units.cell(text, cell.start, cell.end, Role.RESPONSIBLE)[0]]
        elif what == "deadline":
            deadline = value
        if what in ("task", "measure", "target") or (what is None and len(value) > 24):
            cells.append((cell, what))
    targets = next((Span(cell.start, cell.end) for cell, what in cells if what == "target"), None)
    for cell, what in cells:
        if what == "task" and has_measure or what == "target" and len(cells) > 1:
            continue
        for start, end in sentences(text, cell.start, cell.end):
            label = read_label(text[start:end])
            start += label.end if label is not None else 0
            if end - start < 5:
                continue
            quote = text[start:end]
            standing, rule = _standing(quote, kind, False, year, readers.rulebook)
            found.append(Statement(start, end, quote, tuple(above), "", standing, rule, tuple(units), bool(units), deadline, outline.document.paragraph_of(start) or 0, len(found), kind,
                                   targets if what != "target" else None))
            targets = None  # they are counted once


def _standing(quote: str, kind: str, brief: bool, year: int | None, rules: Rulebook) -> tuple[Standing, str]:
    """What a sentence does: its chapter decides first, then its own words, however they are spaced."""
    quote = half_digits("".join(quote.split()))

    def says(name: str):
        return rules.pattern(f"coverage.standing.{name}").search(quote)

    if brief:
        return Standing.LISTS, "coverage.standing.brief"
    if kind in _TELLING:
        return _TELLING[kind], f"outline.chapter.{kind}"
    negated, topic = says("negated"), says("topic")
    doing = rules.pattern("coverage.standing.doing").search(quote, topic.end() - 1 if topic else 0)
    if negated and not says("negated_rest") and (says("reasoned") or not (doing and doing.start() < negated.start())):
        return Standing.NEGATES, "coverage.standing.negated"
    if says("principle"):
        return Standing.PREACHES, "coverage.standing.principle"
    future = says("future")
    attribute = says("past_attribute")
    past = (says("past") or (not doing and says("past_aspect"))) and not attribute
    years = [int(m["year"]) for m in rules.pattern("coverage.standing.past_year").finditer(quote)]
    if year is not None and not attribute and any(y < year for y in years) and not any(y >= year for y in years):
        past = past or years
    if past and not future:
        return Standing.TELLS, "coverage.standing.past"
    if says("inventory"):
        return Standing.TELLS, "coverage.standing.inventory"
    if says("problem") and not says("remedy") and not future and not doing:
        return Standing.TELLS, "coverage.standing.problem"
    if says("rhetoric") and not future and (says("subject") or not doing):
        return Standing.PREACHES, "coverage.standing.rhetoric"
    return Standing.COMMITS, "coverage.standing.future"
