"""Paragraphs become sections: which lines are headings, of which rank, and where a heading ends and its body begins."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pipeline.model import PolicyDocument, Section, Span, Warning
from pipeline.outline.glued import unglued
from pipeline.outline.numbering import CHAPTER, FIFTH, FIRST, FOURTH, PART, THIRD, Label, read_label
from pipeline.rulebook.load import Rulebook
from pipeline.text import matching, parts, sentences

# A title is short: of 4,000 headings of published plans 99 % have at most 30 characters, and those with a comma at most 26.
TITLE_LENGTH = 32
# A line of its own without a stop may be longer and still be a heading.
LINE_LENGTH = 45
_KINDS = ("roster", "brief", "preface", "situation", "guidance", "principles", "goals", "scope", "closing", "guarantee")
_DEADLINE_START = re.compile(r"^(?:到|至|力争|预计)?\s*(?:20\d\d|“十)")
# 建设3个产业园。 is a duty, no title; 实施5G工程。 may be one.
_AMOUNT = re.compile(r"\d(?:[.,]\d+)?\s*[万亿]?(?:[个家处座所户名人场次条项台套件批支辆公里平方米亩吨元%](?![一-龥]?(?:工程|行动|体系|机制|计划))|个百分点)")
# A first sentence ending so, or a bracket right behind it that closes the line, is an item that opens with its duty.
_TRAILING_BRACKET = re.compile(r"[（(〔\[【]")


@dataclass
class _Node:
    label: Label | None
    start: int
    end: int
    title: str
    headed: bool
    rank: int
    number: int | None
    body: list[Span] = field(default_factory=list)
    children: list["_Node"] = field(default_factory=list)
    paragraph: int = 0
    division: bool = False  # of an annex that hands out the duties of the text


def build_tree(document: PolicyDocument, rulebook: Rulebook, body: range) -> tuple[tuple[Section, ...], tuple[Warning, ...]]:
    """The sections of the paragraphs `body` (indices from 0), in reading order; text before the first heading is a section with id "" and kind preface.

    Ordinals that slip (two 34., a 三 after 五) are corrected by position, with a warning `numbering_slip`.
    """
    document, body, origins = unglued(document, body, rulebook)
    text = document.text
    root = _Node(None, 0, 0, "", True, -1, None)
    stack = [root]
    paragraphs = document.paragraphs
    labels = {i: read_label(text[paragraphs[i].start : paragraphs[i].end]) for i in body if paragraphs[i].kind == "text"}
    division, listed = False, 0  # listed: the number of the annex last named in a list of annexes
    numbered = any(label and label.number is not None and label.rank <= THIRD for label in labels.values())
    for i in body:
        paragraph = paragraphs[i]
        label = labels.get(i)
        node = None
        if label is None and paragraph.kind == "text" and (rulebook.pattern("outline.annex.listed").match(_text(document, i)) or _opens_plan(document, rulebook, i, body, labels)):
            stack = [root]  # a title or the list of annexes: what follows up to the next heading introduces, it asks nothing
            division = rulebook.pattern("outline.annex.division").search(_text(document, i)) is not None
            listed = 1 if re.search("[:：]1[.．、]", _text(document, i)) else 0
        elif label is not None and label.rank == THIRD and label.number == listed + 1 and listed and "。" not in _text(document, i):
            listed, label = listed + 1, None  # 附件：1.… and below it 2.…
        if label is None and paragraph.kind == "text" and _between_items(document, i, body, labels, rulebook):
            root.body.append(Span(paragraph.start, paragraph.end))
            continue
        if label is not None and label.number is not None:
            node = _labelled(document, rulebook, i, body, label, labels, stack)
        elif not numbered and paragraph.kind == "text" and _bare_heading(document, i, body):
            node = _Node(None, paragraph.start, paragraph.end, text[paragraph.start : paragraph.end], True, FIRST, None)
        if node is None:
            start = paragraph.start + (label.end if label is not None and label.number is None else 0)
            stack[-1].body.append(Span(start, paragraph.end))
            continue
        while stack[-1].rank >= node.rank:
            stack.pop()
        before = stack[-1].children[-1] if stack[-1].children else None
        if before is not None and node.headed and (before.rank, before.number, before.title) == (node.rank, node.number, node.title):
            root.body.append(Span(node.start, node.end))  # a heading printed again at the top of a page or of a table: what follows goes on
            before.body += node.body
            stack.append(before)
            continue
        node.paragraph, node.division = origins[i], division
        stack[-1].children.append(node)
        stack.append(node)
    warnings: list[Warning] = []
    found = []
    if root.body:
        found.append(Section("", 0, "", "", "preface", root.body[0].start, root.body[0].start, tuple(root.body)))
    found += _sections(root, "", None, 1, rulebook, warnings)
    return tuple(found), tuple(warnings)


def _labelled(document, rulebook, i, body, label, labels, stack) -> _Node | None:
    """A labelled paragraph as a heading with the rest of its line as body; None where it is a point inside a task."""
    if label.rank >= FOURTH and any(node.rank == THIRD for node in stack):
        return None
    if label.rank > FOURTH and not _circled_item(document, i, body, label, labels, stack):
        return None
    paragraph = document.paragraphs[i]
    line = document.text[paragraph.start : paragraph.end]
    end, headed = _title_end(line, label.end, _has_body(document, i, body, label, labels), rulebook)
    title = line[label.end : end].rstrip("。；;：:，, 　")
    node = _Node(label, paragraph.start, paragraph.start + end, title, headed, label.rank, label.number)
    rest = end if headed else label.end
    if rest < len(line.rstrip()):
        node.body.append(Span(paragraph.start + rest, paragraph.end))
    return node


def _circled_item(document, i, body, label, labels, stack) -> bool:
    """① right below a chapter (一、, 第一章) is an item where it opens with a title of its own; elsewhere it is a point inside a task."""
    above = next((node for node in reversed(stack) if node.rank < label.rank), None)
    if label.rank != FIFTH or above is None or above.label is None or above.rank > FIRST:
        return False
    line = document.text[document.paragraphs[i].start : document.paragraphs[i].end]
    cut = sentences(line, label.end)
    return _has_body(document, i, body, label, labels) if len(cut) < 2 else _is_title(line[label.end : cut[0][1]])


def _between_items(document, i, body, labels, rulebook) -> bool:
    """Is this the title of a chapter without an ordinal, between items that run on: …（二）某事。 / 守住安全底线 / （三）某事。"""
    line = _text(document, i)
    if not 4 <= len(line) <= 30 or re.search("[。；：，！？:;,|]|[)）]$", line) or not body.start < i < body.stop - 1:
        return False
    if _UNIT_WORD.search(line) or rulebook.pattern("units.body.suffix").search(line):
        return False
    following = labels.get(i + 1)
    if following is None or following.number is None or following.number < 2 or _text(document, i - 1)[-1:] not in "。；）)】〕":
        return False
    before = next((labels[j] for j in range(i - 1, body.start - 1, -1) if labels.get(j) and labels[j].rank == following.rank), None)
    return before is not None and before.number == following.number - 1


def _opens_plan(document, rulebook, i, body, labels) -> bool:
    """Is this the title of a further plan or annex in the same file: a line of its own behind headings, and the next heading a first one?"""
    if not any(labels.get(j) for j in range(body.start, i)):
        return False
    line = _text(document, i)
    if not (4 <= len(line) <= 60 and not re.search("[。；：:，,|]", line) and rulebook.pattern("outline.title.genre").search(line)):
        return False
    for j in range(i + 1, min(i + 12, body.stop)):
        label = labels.get(j)
        if document.paragraphs[j].kind == "row":
            return True
        if label is not None and label.number is not None:
            return label.number == 1 and label.rank in (PART, CHAPTER, FIRST)
    return False


def _text(document, i) -> str:
    return "".join(document.text[document.paragraphs[i].start : document.paragraphs[i].end].split())


def _title_end(line: str, begin: int, has_body: bool, rulebook: Rulebook) -> tuple[int, bool]:
    """Where the title of a labelled line ends (offset in the line) and whether there is a title at all (else its first sentence stands for one)."""
    parts = sentences(line, begin)
    if not parts:
        return len(line), True
    first = parts[0][1]
    beside = rulebook.pattern("outline.heading.label_beside").search(line, begin, first)
    if beside and beside.start() > begin:  # 引进项目15个　牵头单位：某局　完成时限：…
        return beside.start(), False
    phrase = rulebook.pattern("outline.heading.set_phrase").match(line[begin:])
    score = re.match(r"[^，。；：]{2,30}?[（(]\d{1,3}分[）)]", line[begin:])
    if score:
        return begin + score.end(), True
    spaced = re.match(r"[^，。；：:\s]{2,14}(?=[ 　]+\S)", line[begin:])
    if spaced and re.search("[，。；]", line[begin + spaced.end():first]) and _kind(spaced.group(), rulebook):
        return begin + spaced.end(), True  # 一、工作目标　到2025年，…: a heading that a crawler ran into its text
    sentence = line[begin:first]
    colon = re.match(r"^[^，。；：:]{2,16}[：:]", sentence)
    if first < len(line):
        rest = line[first:].strip()
        closing = matching(rest).get(0) if _TRAILING_BRACKET.match(rest) else None
        only_bracket = closing is not None and not rest[closing + 1 :].strip("。；; ")
        if (not only_bracket or has_body) and _is_title(sentence):
            return first, True
        if phrase:
            return begin + phrase.end(), True
        if colon:
            return begin + colon.end(), True
        return first, False
    if phrase and len(sentence) > phrase.end() + 6:
        return begin + phrase.end(), True
    bracket = next((m.start() for m in _TRAILING_BRACKET.finditer(line, begin) if matching(line).get(m.start()) == len(line.rstrip("。； ")) - 1), None)
    if bracket is not None and bracket > begin and _names_units(line[bracket:].rstrip("。； "), rulebook):
        return bracket, True
    if has_body and len(sentence) <= LINE_LENGTH and not _DEADLINE_START.match(sentence):
        return len(line), True
    if colon and len(sentence) > colon.end() + 6:
        return begin + colon.end(), True
    if sentence[-1:] not in "。；;！" and len(sentence) <= LINE_LENGTH:
        return len(line), True
    return first, False


def _names_units(bracket: str, rulebook: Rulebook) -> bool:
    """Does a bracket behind a title say who does it, or list nothing but bodies?"""
    strong = rulebook.pattern("units.body.strong")
    return rulebook.pattern("outline.heading.unit_bracket").match(bracket) is not None or all(strong.match(part) for part in parts(bracket[1:-1], "、，,；;"))


def _is_title(sentence: str) -> bool:
    """Does a first sentence on a longer line read as a heading?"""
    bare = "".join(sentence.split()).rstrip("。；;")
    if len(bare) > TITLE_LENGTH or _DEADLINE_START.match(bare) or _AMOUNT.search(bare):
        return False
    commas = bare.count("，") + bare.count(",")
    return commas == 0 or (commas == 1 and len(bare) <= 26) or (commas == 2 and len(bare) <= 20)


def _has_body(document, i, body, label, labels) -> bool:
    """Does something follow that stands under this line: text that is not a line of units, or a label of a deeper rank?"""
    for j in range(i + 1, body.stop):
        paragraph = document.paragraphs[j]
        if paragraph.kind == "row":
            return True
        following = labels.get(j)
        if following is not None and following.number is not None:
            return following.rank > label.rank
        line = document.text[paragraph.start : paragraph.end]
        if not _UNIT_LINE.match(line):
            return True
    return False


_UNIT_WORD = re.compile("责任|牵头|配合|负责|落实|谁|完成时|时限|时间")
_UNIT_LINE = re.compile(r"^[（(〔\[【]?\s*(?:责任|牵头|配合|参与|协同|协办|主办|承办|完成时[限间]|时限|落实|实施|主管|指导)[一-龥/]{0,6}\s*[:：]")


def _bare_heading(document: PolicyDocument, i: int, body: range) -> bool:
    """In a document without any ordinal: a short line without a stop before a longer paragraph."""
    paragraph = document.paragraphs[i]
    line = document.text[paragraph.start : paragraph.end]
    if not 2 <= len(line) <= 24 or re.search(r"[。；，：:、,;|]", line):
        return False
    if i + 1 >= body.stop:
        return False
    following = document.paragraphs[i + 1]
    return following.kind == "row" or following.end - following.start > 1.5 * len(line)


def _sections(parent: _Node, prefix: str, inherited: str | None, level: int, rulebook: Rulebook, warnings: list[Warning]) -> list[Section]:
    """Children of a node with their ids. Where the count begins anew (another plan in the file, a lost heading between) it goes on from where it was."""
    found, last, base = [], 0, 0
    running = _runs_on(parent)
    for position, node in enumerate(parent.children, 1):
        restart = node.number == 1 and last > base + 1
        if restart:
            base = last
        number = base + node.number if node.number is not None else position
        slipped = restart and level > 1 or number <= last or (number > last + 1 and (last > 0 or not running) and node.number is not None)
        if slipped and node.label is not None:
            warnings.append(Warning("numbering_slip", f"“{node.label.text}{node.title[:20]}”的序号不连续：应为第{last - base + 1 if not restart else last + 1}项", None, node.paragraph + 1))
        if number <= last:
            number = last + 1
        last = number
        id_ = f"{prefix}.{number}" if prefix else str(number)
        kind = "division" if node.division else (_kind(node.title, rulebook) if node.headed else None) or inherited or "duties"
        children = _sections(node, id_, kind, level + 1, rulebook, warnings)
        found.append(Section(id_, level, node.label.text if node.label else "", node.title, kind, node.start, node.end,
                             tuple(node.body), tuple(children), node.headed))
    return found


def _runs_on(parent: _Node) -> bool:
    """May the first child have another number than 1 (points that run on through the chapters)?"""
    return bool(parent.children) and parent.children[0].number not in (None, 1)


def _kind(title: str, rulebook: Rulebook) -> str | None:
    """What a chapter of this title is for, None where the title does not tell."""
    bare = re.sub(r"[（(][^（）()]*分[）)]$", "", title).strip()
    for kind in _KINDS:
        if rulebook.pattern(f"outline.chapter.{kind}").search(bare):
            return kind
    return None


def walk(sections: tuple[Section, ...]):
    """All sections in reading order, parents first."""
    for section in sections:
        yield section
        yield from walk(section.children)


def leaves(sections: tuple[Section, ...], path: tuple[str, ...] = ()):
    """(section, headings above it) of every section without children, in reading order."""
    for section in sections:
        if section.children:
            yield from leaves(section.children, path + (section.label + section.title,))
        else:
            yield section, path



