"""What stands in a list of units: the names, cut at their separators, and the phrases that say what the bodies do.

A list goes three ways in turn: cut at its separators (a blank parts only complete names), peel from each piece what is no name (由…, 等, 牵头,
按职责分工负责), split where two names stand in one piece (甲和乙, a missing 、). Works on folded text; offsets are those of the block.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from pipeline.extract.registry import BodyRegistry
from pipeline.model import Role
from pipeline.rulebook.load import Rulebook
from pipeline.text import matching

OPEN, CLOSE = "（(〔【[", "）)〕】]"
SEPARATORS = "、，,；;/／|\t。"
SPACE = " \u3000\u00a0"
BLANK = SPACE + "\n"
_DOTS = ".．·•・+＋"  # slips for 、
TRIM = BLANK + "\t、，,；;。.：:/／|*＊★☆▲△●■◆※\"—─"
NEAR = 64  # characters that decide what stands beside a bracket or a blank; longer than any name
_LIST = 300  # characters; names that run into each other without a separator make no longer a list than this
_OPENING, _CLOSING = re.compile(r"[（(〔【\[]"), re.compile(r"[）)〕】\]]")
_PUNCTUATION = re.compile(r"[、，,；;。：:\s]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a list between two separators, peeled. An empty name (start == end) carries only a phrase."""

    start: int
    end: int
    separator: str  # what stands before it, "" for the first
    stop: int = 0  # where the unpeeled piece ends
    role: Role | None = None  # of the phrase that closes the run of pieces up to here
    mark: Role | None = None  # of this piece alone: 市科技局（牵头）
    rule: str = ""
    sole: bool = False  # the phrase makes a lead of its units where all others only support: 甲负责，乙配合
    open: bool = False
    joint: bool = False  # followed by 会同


class NameCutter:
    """Cuts lists of units into names, and tells by its looks whether a stretch of text is a body."""

    def __init__(self, rulebook: Rulebook, registry: BodyRegistry):
        self._rules, self._registry = rulebook, registry
        self._longest = int(rulebook.settings["units.name.longest"])
        self.phrases = [(Role(rule["set"]["role"]), rule["id"], "sole" in rule["set"], rulebook.pattern(rule["id"]))
                        for rule in rulebook.group("units.role") if "role" in rule.get("set", {})]
        self._glued, self._joiners = rulebook.pattern("units.list.glued"), rulebook.terms("units.list.joiners")
        self._looks_body = lru_cache(maxsize=20000)(self._body_by_looks)
        self._split_name = lru_cache(maxsize=20000)(self._split)

    # ------------------------------------------------------------ cutting, peeling, splitting

    def pieces(self, block: str, start: int, end: int) -> list[Piece]:
        """The list cut at its separators, at joining words between bodies, and where names run into each other; peeled."""
        start, end = trimmed(block, start, end)
        if start < end and block[start] in OPEN and matching(block, start, end).get(start) == end - 1:
            start, end = trimmed(block, start + 1, end - 1)
        raw = [self._peel(block, *cut) for cut in self._cuts(block, start, end)]
        joined = self._join_levels(block, [piece for part in raw for piece in part])
        split: list[Piece] = []
        for piece in joined:
            parts = self._split_name(block[piece.start:piece.end]) if piece.start < piece.end else ()
            if len(parts) < 2:
                split.append(piece)
                continue
            for number, (low, high) in enumerate(parts):
                last = number == len(parts) - 1
                base = piece if last else Piece(0, 0, "")
                split.append(replace(base, start=piece.start + low, end=piece.start + high, separator=piece.separator if number == 0 else "、"))
        return split

    def _cuts(self, block: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
        """Half-open offsets between separators outside of parentheses, with the separator before each."""
        pairs = matching(block, start, end)
        begin, separator, i = start, "", start
        while i < end:
            if i in pairs and block[i] in OPEN:
                i = pairs[i] + 1
                continue
            char = block[i]
            blank = char in BLANK + _DOTS and self._blank_separates(block, begin, i, end)
            if char in SEPARATORS or blank:
                yield begin, i, separator
                begin, separator = i + 1, " " if blank else char
            i += 1
        yield begin, end, separator

    def _blank_separates(self, block: str, begin: int, at: int, end: int) -> bool:
        """A blank, a dot or a line's end parts two names if what stands before it is a complete one; else it is noise inside a name."""
        before, after = block[max(begin, at - NEAR):at].strip(TRIM), block[at:min(end, at + NEAR)].lstrip(BLANK)
        if not before or not after or after[0] in SEPARATORS + OPEN:
            return False
        following = _PUNCTUATION.split(after)[0]
        broken = self._registry.find(_PUNCTUATION.split(before)[-1] + following, strict=True) is not None
        return len(following) > 1 and not broken and self.ends_in_body(before)

    def _peel(self, block: str, start: int, end: int, separator: str) -> list[Piece]:
        """Take from a piece what is no name. Two pieces where it says 甲会同乙 or 甲等各乙."""
        start, end = trimmed(block, start, end)
        stop = end
        if end - start > _LIST:
            return [Piece(start, end, separator, stop)]
        while hit := self._rules.pattern("units.role.lead_in").match(block[start:end]):
            if not hit.end():
                break
            start, end = trimmed(block, start + hit.end(), end)
        if self._rules.pattern("units.list.aside").match(block[start:end]):
            return [Piece(start, start, separator, stop)]
        if end > start and block[end - 1] in CLOSE:
            opening = next((i for i, closing in matching(block, start, end).items() if closing == end - 1), start)
            if opening > start and self._rules.pattern("units.body.never").search(block, opening, end):
                start, end = trimmed(block, start, opening)  # 市教育局（联系人：某某）
        role = mark = None
        rule, sole, is_open = "", False, False
        hit = self._rules.pattern("units.role.mark").search(block[start:end])
        if hit:
            mark, rule = (Role.LEAD if hit["lead"] else Role.SUPPORT), "units.role.mark"
            start, end = trimmed(block, start, start + hit.start())
        else:
            phrases = [(hit.start(), order) for order, (*_, pattern) in enumerate(self.phrases) if (hit := pattern.search(block[start:end]))]
            if phrases:
                cut, order = min(phrases)
                role, rule, sole, _ = self.phrases[order]
                start, end = trimmed(block, start, start + cut)
        name = block[start:end]
        joint = self._rules.pattern("units.role.joint").search(name)
        if joint and self.ends_in_body(name[:joint.start()]):
            left = self._peel(block, start, start + joint.start(), separator)
            right = self._peel(block, start + joint.end(), end, "、")
            left[-1] = replace(left[-1], joint=True)
            right[-1] = replace(right[-1], role=role or right[-1].role, mark=mark, rule=rule or right[-1].rule, sole=sole)
            return left + right
        hit = self._rules.pattern("units.list.open").search(name)
        if hit:
            is_open = True
            start, end = trimmed(block, start, start + hit.start())
        else:
            inner = self._rules.pattern("units.list.open_inside").search(name)
            if inner and inner.start() and self.ends_in_body(name[:inner.start()]):
                left = self._peel(block, start, start + inner.start(), separator)
                left[-1] = replace(left[-1], open=True)
                right = self._peel(block, start + inner.end(), end, "、")
                right[-1] = replace(right[-1], role=role or right[-1].role, mark=mark, rule=rule or right[-1].rule, sole=sole)
                return left + right
        return [Piece(start, end, separator, stop, role, mark, rule, sole, is_open)]

    def _join_levels(self, block: str, pieces: list[Piece]) -> list[Piece]:
        """各市、县、区政府 is one name: pieces that only tell a level belong to the 各 before them."""
        head, tail = self._rules.pattern("units.list.levels_head"), self._rules.pattern("units.list.levels_tail")
        joined: list[Piece] = []
        growing = False
        for piece in pieces:
            name = block[piece.start:piece.end]
            if growing and name and piece.separator == "、" and not joined[-1].role and not joined[-1].open and tail.match(name):
                joined[-1] = replace(piece, start=joined[-1].start, separator=joined[-1].separator)
                continue
            growing = bool(name) and head.match(name) is not None
            joined.append(piece)
        return joined

    def _split(self, name: str) -> tuple[tuple[int, int], ...]:
        """Offsets of the bodies inside a piece: one, unless joining words or a missing separator make it more."""
        if not 5 <= len(name) <= _LIST:
            return ((0, len(name)),)
        hit = self._registry.find("".join(name.split()))
        if hit and self._registry.is_place(hit[0]):
            return ((0, len(name)),)
        covered = self._cover(name)
        if len(covered) > 1:
            return covered
        if hit and not any(joiner + "各" in hit[0] for joiner in self._joiners):  # 省有关单位和各市 is no place
            return ((0, len(name)),)
        for joiner in self._joiners:
            at = name.find(joiner)
            while at > 0:
                left, right = name[:at], name[at + len(joiner):]
                if _balanced(left) and self._complete(left) and (self._complete(right) or self._looks_body(right)) and len(right) > 2:
                    rest = self._split_name(right)
                    return self._split_name(left) + tuple((at + len(joiner) + a, at + len(joiner) + b) for a, b in rest)
                at = name.find(joiner, at + 1)
        cuts = [m.start() for m in self._glued.finditer(name) if _balanced(name[:m.start()])]
        edges = [0] + cuts + [len(name)]
        parts = tuple(zip(edges, edges[1:]))
        if len(parts) > 1 and all(self._looks_body(name[a:b]) and b - a > 2 for a, b in parts):
            return tuple((a + low, a + high) for a, b in parts for low, high in self._split_name(name[a:b]))
        return ((0, len(name)),)

    def _cover(self, name: str) -> tuple[tuple[int, int], ...]:
        """Registered names that cover a text without a gap, the longest first; () if there are none."""
        rest: list[tuple[tuple[int, int], ...] | None] = [None] * len(name) + [()]  # what covers the text from each offset on
        for start in range(len(name) - 2, -1, -1):
            for end in range(min(len(name), start + self._longest), start + 1, -1):
                if rest[end] is not None and self._registry.find(name[start:end], strict=True) is not None and _balanced(name[start:end]):
                    rest[start] = ((start, end),) + rest[end]
                    break
        return rest[0] or ()

    # ------------------------------------------------------------ is it a name?

    def known(self, name: str) -> bool:
        """Is a folded name a registered body, or one that needs no register: a collective (各镇（街道）), a leading group, a town?"""
        return self._registry.find(name) is not None or self.collective(name) or any(
            self._rules.pattern(rule).search(name) for rule in ("units.list.ad_hoc", "units.list.inner", "units.list.territorial"))

    def acceptable(self, block: str, piece: Piece) -> bool:
        """Behind a label nearly everything is a unit; not what no name holds, nor what is too long for one."""
        name = block[piece.start:piece.end]
        if not name or self.known("".join(name.split())):
            return bool(name)
        return 1 < len(name) <= self._longest and not self._rules.pattern("units.body.never").search(name) and _balanced(name)

    def body(self, block: str, piece: Piece) -> bool:
        return self._looks_body(block[piece.start:piece.end])

    def _body_by_looks(self, name: str) -> bool:
        """Registered, or with the ending of a body and nothing that no name holds."""
        return self._registry.find(name) is not None or (
            1 < len(name) <= self._longest and _balanced(name) and self._rules.pattern("units.body.suffix").search(name) is not None
            and not self._rules.pattern("units.body.never").search(name))

    def _complete(self, name: str) -> bool:
        """A name that can stand alone: registered, or a body by its looks with a level or 各 before it."""
        return self._registry.find(name) is not None or self._looks_body(name) and self._rules.pattern("units.body.strong").match(name) is not None

    def strong(self, block: str, piece: Piece) -> bool:
        return self._complete(block[piece.start:piece.end])

    def ends_in_body(self, text: str) -> bool:
        """Does a text end in a body's name? Decided on its last stretch without punctuation."""
        text = text.rstrip(BLANK)
        if text and text[-1] in CLOSE:
            opening = next((i for i, closing in matching(text).items() if closing == len(text) - 1), 0)
            text = text[:opening]
        tail = _PUNCTUATION.split(text)[-1]
        return any(self._registry.find(tail[i:], strict=True) is not None for i in range(max(0, len(tail) - 16), len(tail) - 1)) or (
            len(tail) > 2 and self._looks_body(tail) or len(tail) > 1 and self.collective(tail))

    def collective(self, name: str) -> bool:
        return self._rules.pattern("units.list.collective").search(name) is not None


def _balanced(name: str) -> bool:
    return len(_OPENING.findall(name)) == len(_CLOSING.findall(name))


def trimmed(block: str, start: int, end: int) -> tuple[int, int]:
    while start < end and block[start] in TRIM:
        start += 1
    while start < end and block[end - 1] in TRIM:
        end -= 1
    return start, end
