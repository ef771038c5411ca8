"""Who answers: units and roles out of brackets, label lines, running text and table cells, and the registry that knows the bodies.

A list of units is read in three steps: cut into pieces at its separators, peel from each piece what is no name (由…, 等, 牵头, 按职责分工负责), then give
roles by labels, by the phrase that closes a run of pieces, or by position. Recognition works on a character-for-character folded copy, so every
`name` is the document's own text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from pipeline.model import Role, Unit
from pipeline.rulebook.load import Rulebook
from pipeline.rulebook.match import Words
from pipeline.text import matching, sentences

_OPEN, _CLOSE = "（(〔【[", "）)〕】]"
_SEPARATORS = "、，,；;/／|\n\t。"
_BLANK = " \u3000\u00a0"
_TRIM = _BLANK + "\n\t、，,；;。.：:/／|*＊★▲"
_JOINERS = ("以及", "和", "及", "与", "暨")
_LEVELS = {"state": 0, "province": 1, "city": 2, "county": 3, "town": 4, "village": 5}


@dataclass(frozen=True, slots=True)
class UnitGroup:
    """One statement of who answers, for the sentences since the one before it.

    Attributes:
      start, end: What to cut out of the task's text: the bracket with its brackets, the line, or the sentence that says nothing else. Empty (start == end,
        just behind a sentence) where the units stand in a clause of a sentence that is itself a measure.
      open: The list ends in 等.
      deadline: The raw text of a 完成时限 beside the list, None where there is none.
      first_leads: The group states that the first of every list leads, from here on.
    """

    start: int
    end: int
    units: tuple[Unit, ...]
    open: bool
    deadline: str | None
    first_leads: bool


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of a list between two separators, peeled. An empty name (start == end) carries only a phrase."""

    start: int
    end: int
    separator: str  # what stands before it, "" for the first
    role: Role | None = None  # of the phrase that closes the run of pieces up to here
    mark: Role | None = None  # of this piece alone: 市科技局（牵头）
    rule: str = ""
    plain: bool = False  # the phrase says 负责
    open: bool = False
    joint: bool = False  # followed by 会同


@dataclass(frozen=True, slots=True)
class _Claim:
    """A unit whose role is not settled. `role` None: nothing was said."""

    piece: _Piece
    role: Role | None
    rule: str
    plain: bool


@dataclass(frozen=True, slots=True)
class _Statement:
    """What one bracket, line or sentence says; neighbours are merged before roles are settled."""

    start: int
    end: int
    claims: tuple[_Claim, ...]
    open: bool = False
    deadline: str | None = None
    first_leads: bool = False


class UnitReader:
    """Reads units with the rules `units.*`, the registry and the places of one rulebook."""

    def __init__(self, rulebook: Rulebook):
        self._rules = rulebook
        self._registry = _Registry(rulebook)
        pairs = str(rulebook.settings.get("units.traditional", ""))
        self._plain = str.maketrans(pairs[::2], pairs[1::2])
        self._share = float(rulebook.settings["units.bracket.body_share"])
        self._longest = int(rulebook.settings["units.name.longest"])
        self._labels = [(rule["id"], rule.get("set", {}).get("role"), rulebook.pattern(rule["id"])) for rule in rulebook.group("units.label")]
        self._phrases = [(Role(rule["set"]["role"]), rule["id"], rulebook.pattern(rule["id"])) for rule in rulebook.group("units.role") if "role" in rule.get("set", {})]
        self._common = frozenset(rulebook.terms("units.mention.too_common"))
        self._words = Words(self._registry.names)
        self._memo: dict[str, bool] = {}

    # ------------------------------------------------------------ groups

    def groups(self, text: str, spans: Sequence[tuple[int, int]], first_leads: bool = False) -> tuple[UnitGroup, ...]:
        """The statements of one task, in reading order.

        Args:
          spans: The paragraphs of the task's body, in order.
          first_leads: An earlier task said that the first-listed unit leads.
        """
        found: list[UnitGroup] = []
        for low, high in _blocks(text, spans):
            block = text[low:high].translate(self._plain)
            for statement in self._merge(block, self._statements(block)):
                first_leads = first_leads or statement.first_leads
                units = self._settle(text, low, statement.claims, first_leads)
                if units or statement.first_leads:
                    found.append(UnitGroup(low + statement.start, low + statement.end, units, statement.open, statement.deadline, statement.first_leads))
        return tuple(found)

    def states_first_leads(self, text: str, start: int, end: int) -> bool:
        """Does a text say that the first-listed unit leads? For sentences outside of any task."""
        return self._rules.pattern("units.list.first_leads").search(text, start, end) is not None

    def cell(self, text: str, start: int, end: int, role: Role, first_leads: bool = False) -> tuple[tuple[Unit, ...], bool]:
        """The units of a table cell under a column that means `role`, and whether the list ends in 等."""
        block = text[start:end].translate(self._plain)
        statement = self._labelled(block, 0, len(block), self._label_hits(block, 0, len(block)), "units.label." + role.value, role, glued=True)
        if statement is None:
            return (), False
        return self._settle(text, start, statement.claims, first_leads and role is Role.RESPONSIBLE), statement.open

    def defaults(self, text: str, start: int, end: int) -> tuple[Unit, ...]:
        """The units that a sentence names for everything below it (以下均需各片区配合落实，不再列出), () if it is no such sentence."""
        for rule in self._rules.group("units.default"):
            hit = self._rules.pattern(rule["id"]).search(text, start, end)
            if hit:
                block = hit["units"].translate(self._plain)
                verb = hit["verb"] or ""
                role = Role.SUPPORT if verb.endswith(("配合", "配合落实", "参与", "协助")) else Role.RESPONSIBLE
                claims = [_Claim(piece, role, rule["id"], False) for piece in self._pieces(block, 0, len(block)) if piece.start < piece.end]
                return self._settle(text, hit.start("units"), claims, False)
        return ()

    # ------------------------------------------------------------ the registry

    def canonical(self, name: str) -> str:
        """The registered full name with its place prefix kept; an unknown name as it is."""
        return self._registry.canonical(name.translate(self._plain)) or name

    def known(self, name: str) -> bool:
        return self._registry.find(name.translate(self._plain)) is not None

    def level(self, name: str) -> str | None:
        """state, province, city, county, town or village; None where neither prefix nor registry tells."""
        return self._registry.level(name.translate(self._plain))

    def obsolete(self, name: str, date: str | None) -> tuple[str, str, str] | None:
        """What became of a body that was abolished or renamed before `date` (None: at all): the reform, today's name, the last day of the old one."""
        return self._registry.obsolete(name.translate(self._plain), date)

    def mentions(self, text: str, start: int, end: int) -> tuple[Unit, ...]:
        """Registered bodies in running text, left to right, the longest of overlapping ones."""
        block = text[start:end].translate(self._plain)
        broken, bare = self._rules.pattern("units.mention.broken_right"), self._rules.pattern("units.mention.bare_left")
        hits = []
        for low, high, word in self._words.find(block):
            if broken.match(block, high - 1):
                continue
            begin = low - self._registry.prefix_before(block, low, word)
            if begin == low and not self._registry.has_place(word):
                if word in self._common or (len(word) < 4 and not bare.search(block[max(0, low - 1):low])):
                    continue
            hits.append((begin, high))
        found, taken = [], 0
        for begin, high in sorted(set(hits), key=lambda hit: (hit[0], -hit[1])):
            if begin >= taken:
                name = text[start + begin:start + high]
                found.append(Unit(name, self.canonical(name), Role.RESPONSIBLE, False, start + begin, start + high, "units.mention"))
                taken = high
        return tuple(found)

    # ------------------------------------------------------------ finding statements

    def _statements(self, block: str) -> list[_Statement]:
        """Brackets first, then labels outside of them, then sentences that only say who does it; sorted, not overlapping."""
        pairs = matching(block)
        found: list[_Statement] = []
        reach = 0
        for opening in sorted(pairs):
            if block[opening] in _OPEN and opening >= reach:
                statement = self._bracket(block, opening, pairs[opening])
                if statement:
                    found.append(statement)
                    reach = pairs[opening] + 1
        taken = [(s.start, s.end) for s in found]
        found += self._label_lines(block, taken, pairs)
        taken = [(s.start, s.end) for s in found]
        found += self._running(block, taken)
        return sorted(found, key=lambda s: (s.start, s.end))

    def _bracket(self, block: str, opening: int, closing: int) -> _Statement | None:
        """The statement of one bracket, None if it is about something else."""
        start, end = opening + 1, closing
        content, stated = self._without_first_leads(block, start, end)
        labels = self._label_hits(content, start, end)
        if labels and not content[start:labels[0][0]].strip(_TRIM):
            statement = self._labelled(content, start, end, labels)
        else:
            statement = self._unlabelled(block, content, opening, closing)
        if statement is None:
            return _Statement(opening, closing + 1, (), first_leads=True) if stated and "牵头" in block[start:end] else None
        return replace(statement, start=opening, end=closing + 1, first_leads=stated)

    def _unlabelled(self, block: str, content: str, opening: int, closing: int) -> _Statement | None:
        """A bracket without a label: units if it says 负责, 牵头… at its end, or if it is a list of bodies behind a finished sentence."""
        pieces = self._pieces(content, opening + 1, closing)
        names = [piece for piece in pieces if piece.start < piece.end]
        if not names or not self._body(content, names[0]):
            return None
        if any(piece.role or piece.mark for piece in pieces):
            bodies = sum(self._body(content, piece) for piece in names)
            return self._claimed(content, pieces) if bodies / len(names) >= self._share else None
        before, after = block[:opening].rstrip(_BLANK), block[closing + 1:].lstrip(_BLANK)
        finished = not before or before[-1] in "。；;！!？?”\n" + _CLOSE[:0]
        at_end = not after or after[0] in "\n。；;"
        if not (finished or at_end and before[-1:] not in _CLOSE and not self._ends_in_body(before)):
            return None
        return self._claimed(content, pieces) if all(self._strong(content, piece) for piece in names) else None

    def _label_lines(self, block: str, taken: list[tuple[int, int]], pairs: dict[int, int]) -> list[_Statement]:
        """Labels outside of brackets, each with its list up to the end of the line, a full stop or a glued heading."""
        labels = [hit for hit in self._label_hits(block, 0, len(block)) if not any(a <= hit[0] < b for a, b in taken)]
        stop = self._rules.pattern("units.list.stop")
        found = []
        for number, (start, content, _, _) in enumerate(labels):
            limit = labels[number + 1][0] if number + 1 < len(labels) else len(block)
            limit = min([limit] + [a for a, _ in taken if a >= content])
            line_end = self._line_end(block, content, limit)
            hit = stop.search(block, content, line_end)
            while hit and hit.group() == "\n":
                hit = stop.search(block, hit.end(), line_end)
            end = hit.start() if hit else line_end
            end = self._before_signature(block, content, end)
            inside, stated = self._without_first_leads(block, content, end)
            statement = self._labelled(inside, start, end, [labels[number]])
            if statement is None:
                continue
            after = end + 1 if end < len(block) and block[end] == "。" else end
            opening = start - 1 if start and block[start - 1] in _OPEN and start - 1 not in pairs else start
            if after < len(block) and block[after] in _CLOSE:
                after += 1
            found.append(replace(statement, start=opening, end=after, first_leads=stated))
        return found

    def _line_end(self, block: str, start: int, limit: int) -> int:
        """Where the line of a label ends; a line that stops at a separator, or holds nothing yet, runs on into a next line that is all bodies."""
        end = block.find("\n", start, limit)
        end = limit if end < 0 else end
        while end < limit and (not block[start:end].strip(_BLANK) or block[end - 1] in "、，,；;"):
            following = block.find("\n", end + 1, limit)
            following = limit if following < 0 else following
            names = [piece for piece in self._pieces(block, end + 1, following) if piece.start < piece.end]
            if not names or not all(self._body(block, piece) for piece in names):
                break
            end = following
        return end

    def _before_signature(self, block: str, start: int, end: int) -> int:
        """In a list that uses 、 a blank behind a complete name ends it: what follows is the issuer's signature."""
        if "、" not in block[start:end]:
            return end
        for i in range(start + 1, end - 1):
            if block[i] in _BLANK and block[i - 1] not in _SEPARATORS + _BLANK + "：:" and block[i + 1] not in _SEPARATORS + _BLANK + "各":
                if self._ends_in_body(block[start:i]):
                    return i
        return end

    def _running(self, block: str, taken: list[tuple[int, int]]) -> list[_Statement]:
        """Sentences, or their last clauses, that say who does it: 由甲牵头，乙配合。"""
        found = []
        for start, end in sentences(block):
            if any(a < end and start < b for a, b in taken):
                continue
            stop = end
            while stop > start and block[stop - 1] in "。；;！!”’":
                stop -= 1
            if stop < end:
                statement = self._clause(block, start, stop)
                if statement:
                    found.append(replace(statement, start=start, end=end))
                    continue
                for comma in [i for i in range(start, stop) if block[i] in "，,；;"]:
                    statement = self._clause(block, comma + 1, stop, inside=True)
                    if statement:
                        found.append(replace(statement, start=end, end=end))
                        break
            else:
                pieces = self._pieces(block, start, stop)
                names = [piece for piece in pieces if piece.start < piece.end]
                if len(names) > 1 and any(piece.separator in "、，," for piece in names[1:]) and all(self._strong(block, piece) for piece in names):
                    found.append(replace(self._claimed(block, pieces), start=start, end=end))
        return found

    def _clause(self, block: str, start: int, end: int, inside: bool = False) -> _Statement | None:
        """A stretch that is nothing but units and what they do. Inside a measure it must say 由…, or name known bodies with 牵头 or 按职责."""
        if not any(pattern.search(block[max(start, end - 24):end]) for _, _, pattern in self._phrases):
            return None
        pieces = self._pieces(block, start, end)
        names = [piece for piece in pieces if piece.start < piece.end]
        if not names or not pieces[-1].role or not all(self._body(block, piece) for piece in names):
            return None
        led = self._rules.pattern("units.role.lead_in").match(block[start:end].lstrip(_TRIM)) is not None
        if not led and not all(self._strong(block, piece) for piece in names):
            return None
        if inside and not led and not any(piece.role is Role.LEAD or piece.rule == "units.role.responsible" and not piece.plain for piece in pieces):
            return None
        return self._claimed(block, pieces)

    def _merge(self, block: str, statements: list[_Statement]) -> list[_Statement]:
        """Neighbours with nothing between them are one statement: 牵头单位 / 参与单位 / 完成时限 on lines of their own."""
        merged: list[_Statement] = []
        for statement in statements:
            last = merged[-1] if merged else None
            if last and last.end <= statement.start and not block[last.end:statement.start].strip(_TRIM) and last.start < last.end and statement.start < statement.end:
                merged[-1] = _Statement(last.start, statement.end, last.claims + statement.claims, last.open or statement.open,
                                        last.deadline or statement.deadline, last.first_leads or statement.first_leads)
            else:
                merged.append(statement)
        return [s for s in merged if s.claims or s.first_leads]

    # ------------------------------------------------------------ reading a list

    def _label_hits(self, block: str, start: int, end: int) -> list[tuple[int, int, str, str | None]]:
        """Labels: start, where its list begins, rule, role; person and deadline are roles of their own here."""
        hits = []
        for id_, role, pattern in self._labels:
            for hit in pattern.finditer(block, start, end):
                named = role or next((key for key, value in hit.groupdict().items() if value), "responsible")
                hits.append((hit.start(), hit.end(), id_, named))
        kept, reach = [], start
        for hit in sorted(hits, key=lambda hit: (hit[0], -hit[1], hit[2])):
            if hit[0] >= reach:
                kept.append(hit)
                reach = hit[1]
        return kept

    def _labelled(self, block: str, start: int, end: int, labels: list, rule: str = "", role: Role | None = None, glued: bool = False) -> _Statement | None:
        """Lists behind labels. `rule` and `role` are for what stands before the first label (a table cell)."""
        claims: list[_Claim] = []
        deadline, is_open = None, False
        regions = [(start, labels[0][0] if labels else end, rule, role)] if rule else []
        for number, (_, content, id_, named) in enumerate(labels):
            regions.append((content, labels[number + 1][0] if number + 1 < len(labels) else end, id_, named))
        for low, high, id_, named in regions:
            if named == "deadline":
                deadline = block[low:high].strip(_TRIM) or deadline
            elif named != "person":
                pieces = self._pieces(block, low, high, glued)
                pieces = [p if self._acceptable(block, p) else replace(p, end=p.start) for p in pieces]
                is_open = is_open or any(piece.open for piece in pieces)
                claims += self._roles(pieces, Role(named), id_)
        if not claims and deadline is None and not any(named == "person" for *_, named in labels):
            return None
        return _Statement(start, end, tuple(claims), is_open, deadline)

    def _claimed(self, block: str, pieces: list[_Piece]) -> _Statement:
        return _Statement(0, 0, tuple(self._roles(pieces, None, "units.list.bare")), any(piece.open for piece in pieces))

    def _roles(self, pieces: list[_Piece], label: Role | None, rule: str) -> list[_Claim]:
        """Give each named piece the role of the phrase that closes its run, else that of its label."""
        claims: list[_Claim] = []
        run, joined = 0, False
        firm = label if label in (Role.LEAD, Role.SUPPORT) else None
        for piece in pieces:
            if piece.start < piece.end:
                claims.append(_Claim(piece, piece.mark, piece.rule or rule, label is Role.RESPONSIBLE))
            if piece.joint:
                claims[run:] = [c if c.role else replace(c, role=Role.LEAD, rule="units.role.joint") for c in claims[run:]]
                run, joined = len(claims), True
            if piece.role:
                role = Role.SUPPORT if joined else piece.role
                if firm and role is Role.RESPONSIBLE:
                    role = firm
                claims[run:] = [c if c.role else replace(c, role=role, rule=piece.rule, plain=piece.plain) for c in claims[run:]]
                run, joined = len(claims), False
        rest = Role.SUPPORT if joined else firm
        claims[run:] = [c if c.role else replace(c, role=rest) for c in claims[run:]]
        return claims

    def _settle(self, text: str, low: int, claims: Sequence[_Claim], first_leads: bool) -> tuple[Unit, ...]:
        """Roles as the whole statement leaves them, and names resolved; a body named twice counts once, in its first place."""
        told = {claim.role for claim in claims}
        units: list[Unit] = []
        seen: dict[str, int] = {}
        shared = ""
        for claim in claims:
            name = text[low + claim.piece.start:low + claim.piece.end]
            role = claim.role
            if role in (None, Role.RESPONSIBLE):
                if Role.LEAD in told:
                    role = Role.SUPPORT
                elif Role.SUPPORT in told:
                    role = Role.LEAD if claim.plain else Role.RESPONSIBLE
                elif first_leads:
                    role = Role.SUPPORT if units else Role.LEAD
                else:
                    role = Role.RESPONSIBLE
            if name in seen:
                if role is Role.LEAD:
                    units[seen[name]] = replace(units[seen[name]], role=role)
                continue
            seen[name] = len(units)
            folded = name.translate(self._plain)
            shared = shared or (self._registry.place_prefix(folded) if not units else "")
            canonical = self._registry.canonical(folded, shared) or name
            units.append(Unit(name, canonical, role, self._collective(folded), low + claim.piece.start, low + claim.piece.end, claim.rule))
        return tuple(units)

    def _pieces(self, block: str, start: int, end: int, glued: bool = True) -> list[_Piece]:
        """The list cut at its separators, at joining words between bodies, and where names run into each other; peeled."""
        raw = [self._peel(block, *cut) for cut in self._cuts(block, start, end)]
        joined = self._join_levels(block, [piece for part in raw for piece in part])
        split: list[_Piece] = []
        for piece in joined:
            parts = self._split_name(block[piece.start:piece.end], glued) if piece.start < piece.end else ()
            if len(parts) < 2:
                split.append(piece)
                continue
            for number, (low, high) in enumerate(parts):
                last = number == len(parts) - 1
                base = piece if last else _Piece(0, 0, "")
                split.append(replace(base, start=piece.start + low, end=piece.start + high, separator=piece.separator if number == 0 else "、"))
        return split

    def _cuts(self, block: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
        """Half-open offsets between separators outside of parentheses, with the separator before each."""
        pairs = matching(block, start, end)
        begin, separator, i = start, "", start
        while i < end:
            if i in pairs and block[i] in _OPEN:
                i = pairs[i] + 1
                continue
            char = block[i]
            blank = char in _BLANK and self._blank_separates(block, begin, i, end)
            if char in _SEPARATORS or blank:
                yield begin, i, separator
                begin, separator = i + 1, " " if blank else char
            i += 1
        yield begin, end, separator

    def _blank_separates(self, block: str, begin: int, at: int, end: int) -> bool:
        """A blank parts two names if what stands before it is a complete one; else it is noise inside a name."""
        before, after = block[begin:at].strip(_TRIM), block[at:end].lstrip(_BLANK)
        return bool(before) and bool(after) and after[0] not in _SEPARATORS + _OPEN and self._ends_in_body(before)

    def _peel(self, block: str, start: int, end: int, separator: str) -> list[_Piece]:
        """Take from a piece what is no name. Two pieces where it says 甲会同乙 or 甲等各乙."""
        start, end = _trimmed(block, start, end)
        while hit := self._rules.pattern("units.role.lead_in").match(block[start:end]):
            if not hit.end():
                break
            start, end = _trimmed(block, start + hit.end(), end)
        role = mark = None
        rule, plain, is_open = "", False, False
        hit = self._rules.pattern("units.role.mark").search(block[start:end])
        if hit:
            mark, rule = (Role.LEAD if hit["lead"] else Role.SUPPORT), "units.role.mark"
            start, end = _trimmed(block, start, start + hit.start())
        else:
            phrases = [(hit.start(), order, said, id_) for order, (said, id_, pattern) in enumerate(self._phrases) if (hit := pattern.search(block[start:end]))]
            if phrases:
                cut, _, role, rule = min(phrases)
                plain = "负责" in block[start + cut:end]
                start, end = _trimmed(block, start, start + cut)
        name = block[start:end]
        joint = self._rules.pattern("units.role.joint").search(name)
        if joint and self._ends_in_body(name[:joint.start()]):
            left = self._peel(block, start, start + joint.start(), separator)
            right = self._peel(block, start + joint.end(), end, "、")
            left[-1] = replace(left[-1], joint=True)
            right[-1] = replace(right[-1], role=role or right[-1].role, mark=mark, rule=rule or right[-1].rule, plain=plain)
            return left + right
        hit = self._rules.pattern("units.list.open").search(name)
        if hit:
            is_open = True
            start, end = _trimmed(block, start, start + hit.start())
        else:
            inner = re.search(r"(?<![高中初同平优均相])等(?:部门|单位)?(?:和|及|以及|、)?(?=各|市|省|县|区|镇)", name)
            if inner and inner.start() and self._ends_in_body(name[:inner.start()]):
                left = self._peel(block, start, start + inner.start(), separator)
                left[-1] = replace(left[-1], open=True)
                right = self._peel(block, start + inner.end(), end, "、")
                right[-1] = replace(right[-1], role=role or right[-1].role, mark=mark, rule=rule or right[-1].rule, plain=plain)
                return left + right
        return [_Piece(start, end, separator, role, mark, rule, plain, is_open)]

    def _join_levels(self, block: str, pieces: list[_Piece]) -> list[_Piece]:
        """各市、县、区政府 is one name: pieces that only tell a level belong to the 各 before them."""
        head, tail = self._rules.pattern("units.list.levels_head"), self._rules.pattern("units.list.levels_tail")
        joined: list[_Piece] = []
        growing = False
        for piece in pieces:
            name = block[piece.start:piece.end]
            if growing and name and piece.separator == "、" and not joined[-1].role and not joined[-1].open and tail.match(name):
                joined[-1] = replace(piece, start=joined[-1].start, separator=joined[-1].separator)
                continue
            growing = bool(name) and head.match(name) is not None
            joined.append(piece)
        return joined

    def _split_name(self, name: str, glued: bool) -> tuple[tuple[int, int], ...]:
        """Offsets of the bodies inside a piece: one, unless joining words or a missing separator make it more."""
        if len(name) < 6 or self._registry.find(name) is not None:
            return ((0, len(name)),)
        for joiner in _JOINERS:
            at = name.find(joiner)
            while at > 0:
                left, right = name[:at], name[at + len(joiner):]
                if _balanced(left) and self._complete(left) and (self._complete(right) or self._looks_body(right)) and len(right) > 1:
                    rest = self._split_name(right, glued)
                    return self._split_name(left, glued) + tuple((at + len(joiner) + a, at + len(joiner) + b) for a, b in rest)
                at = name.find(joiner, at + 1)
        return self._unglue(name) if glued else ((0, len(name)),)

    def _unglue(self, name: str) -> tuple[tuple[int, int], ...]:
        """Names that run into each other: registered bodies that cover the whole, or a new level word right behind a body's last character."""
        covered = self._cover(name, 0)
        if covered and len(covered) > 1:
            return covered
        cuts = [m.start() for m in re.finditer(r"(?<=[局委办部厅处联协院心司府会）])(?=[省市县区镇]|各)", name) if _balanced(name[:m.start()])]
        edges = [0] + cuts + [len(name)]
        parts = tuple(zip(edges, edges[1:]))
        if len(parts) > 1 and all(self._looks_body(name[a:b]) and b - a > 2 for a, b in parts):
            return parts
        return ((0, len(name)),)

    def _cover(self, name: str, start: int) -> tuple[tuple[int, int], ...] | None:
        """Registered names that cover `name[start:]` without a gap, the longest first; None if there are none."""
        if start == len(name):
            return ()
        for end in range(len(name), start + 1, -1):
            part = name[start:end]
            if _balanced(part) and (len(part) > 2 or start or end < len(name)) and self._registry.find(part, strict=True) is not None:
                rest = self._cover(name, end)
                if rest is not None:
                    return ((start, end),) + rest
        return None

    # ------------------------------------------------------------ is it a body?

    def _acceptable(self, block: str, piece: _Piece) -> bool:
        """Behind a label nearly everything is a unit; not what no name holds, nor what is too long for one."""
        name = block[piece.start:piece.end]
        if not name or self.known(name):
            return bool(name)
        return 1 < len(name) <= self._longest and not self._rules.pattern("units.body.never").search(name) and _balanced(name)

    def _body(self, block: str, piece: _Piece) -> bool:
        return self._looks_body(block[piece.start:piece.end])

    def _looks_body(self, name: str) -> bool:
        seen = self._memo.get(name)
        if seen is None:
            seen = self._memo[name] = self._registry.find(name) is not None or (
                1 < len(name) <= self._longest and _balanced(name) and self._rules.pattern("units.body.suffix").search(name) is not None
                and not self._rules.pattern("units.body.never").search(name))
        return seen

    def _complete(self, name: str) -> bool:
        """A name that can stand alone: registered, or a body by its looks with a level or 各 before it."""
        return self._registry.find(name) is not None or self._looks_body(name) and self._rules.pattern("units.body.strong").match(name) is not None

    def _strong(self, block: str, piece: _Piece) -> bool:
        return self._complete(block[piece.start:piece.end])

    def _ends_in_body(self, text: str) -> bool:
        """Does a text end in a body's name? Decided on its last stretch without punctuation."""
        tail = re.split(r"[、，,；;。：:\s]", text.rstrip(_BLANK))[-1]
        return any(self._registry.find(tail[i:], strict=True) is not None for i in range(max(0, len(tail) - 16), len(tail) - 1)) or (
            len(tail) > 2 and self._looks_body(tail))

    def _collective(self, name: str) -> bool:
        return self._rules.pattern("units.list.collective").search(name) is not None

    def _without_first_leads(self, block: str, start: int, end: int) -> tuple[str, bool]:
        """The text with a statement about the first-listed unit blanked out by separators, and whether there was one."""
        hit = self._rules.pattern("units.list.first_leads").search(block, start, end)
        if not hit:
            return block, False
        return block[:hit.start()] + "；" * (hit.end() - hit.start()) + block[hit.end():], True


class _Registry:
    """The registered bodies by every name they go by, and the places that may stand before a name."""

    def __init__(self, rulebook: Rulebook):
        self._by_name: dict[str, list[dict]] = {}
        for entry in rulebook.units:
            for name in (entry["name"], *entry.get("alias", ())):
                self._by_name.setdefault(name, []).append(entry)
        self.names = tuple(self._by_name)
        levels = {"provinces": "province", "cities": "city", "counties": "county", "towns": "town"}
        self._places: dict[str, str] = {}
        for kind in ("towns", "counties", "cities", "provinces"):
            for name in rulebook.places.get(kind, ()):
                self._places[name] = levels[kind]
                short = re.sub(r"(?:特别行政区|(?:壮族|回族|维吾尔)?自治区|[\u4e00-\u9fff]{1,6}族自治[州县]|省|市|县|区)$", "", name)
                if kind != "towns" and len(short) > 1:
                    self._places.setdefault(short, levels[kind])
        self._longest = max(map(len, self._places), default=0)
        self.find = lru_cache(maxsize=20000)(self._find)

    def _find(self, name: str, strict: bool = False) -> tuple[str, str, tuple[dict, ...]] | None:
        """Prefix, registered name, entries; None if unknown. `strict`: the prefix must be a level word or a listed place."""
        for whole in (name, _headless(name)):
            for i in range(len(whole)):
                entries = self._by_name.get(whole[i:])
                if entries:
                    fitting = tuple(entry for entry in entries if self._fits(whole[:i], whole[i:], entry, strict))
                    if fitting:
                        return whole[:i], whole[i:], fitting
        return None

    def _fits(self, prefix: str, core: str, entry: dict, strict: bool) -> bool:
        if not prefix:
            return True
        if prefix in self._places or prefix in _SYSTEM_PREFIXES:
            return True
        if entry["kind"] == "party" and _PARTY_PREFIX.fullmatch(prefix):
            place = _PARTY_PREFIX.fullmatch(prefix)["place"]
            return not place or place in _LEVEL_WORDS or place in self._places or not strict and len(place) < 9
        place = _PLACE_PREFIX.fullmatch(prefix)
        if place:
            return not place["place"] or place["place"] + place["level"] in self._places or not strict and len(prefix) < 10
        if core[0] in "省市县区州" and prefix + core[0] in self._places:
            return True  # 如皋 + 市委
        return not strict and entry["kind"] in ("institution", "enterprise", "vertical", "judicial", "office") and 2 <= len(prefix) <= 6 and prefix[-1] not in "委局厅部办"

    def canonical(self, name: str, shared: str = "") -> str | None:
        """Full name behind its prefix. `shared`: the prefix that the first of a list carries for those without one."""
        hit = self.find(name)
        if hit is None:
            return None
        prefix, _, entries = hit
        level = _level_of(prefix, self._places)
        entry = _current(_of_level(entries, level))
        if prefix:
            joint = "委" if entry["kind"] == "party" and prefix[-1] in "省市县区州旗" and level not in ("town", None) and not _SELF_PLACED.match(entry["name"]) else ""
            return prefix + joint + entry["name"]
        if shared:
            wanted = _level_of(shared, self._places)
            fitting = [e for e in entries if wanted in e["level"]]
            if fitting and entry["kind"] not in ("vertical", "enterprise") and not _SELF_PLACED.match(entry["name"]):
                entry = _current(tuple(fitting))
                return shared + ("委" if entry["kind"] == "party" else "") + entry["name"]
        return entry["name"]

    def place_prefix(self, name: str) -> str:
        """The level word that the first name of a list lends to the others: 市 of 市教育局, of 市委宣传部, of 市委."""
        hit = self.find(name)
        if hit is None:
            return ""
        prefix = hit[0].removesuffix("党工委").removesuffix("工委").removesuffix("党委").removesuffix("委") if hit[0] else ""
        return prefix if prefix in _LEVEL_WORDS or prefix in self._places else ""

    def level(self, name: str) -> str | None:
        each = re.match(r"(?:全?[省市县区])?各(?:级)?(?P<rest>.+)", name)
        if each:
            return _collective_level(each["rest"])
        hit = self.find(name)
        if hit is None:
            place = re.match(r"(?:国家|中国|中央|国务院)|.{0,10}?(?:省|市|县|区|旗|州|镇|乡|街道|村|社区)(?=.)", name)
            return _level_of(place.group(), self._places) if place else _level_of(name, self._places)
        prefix, core, entries = hit
        level = _level_of(prefix, self._places)
        if level:
            return level
        own = {known for entry in entries for known in entry["level"]}
        return next(iter(own)) if len(own) == 1 and own != {"any"} else None

    def obsolete(self, name: str, date: str | None) -> tuple[str, str, str] | None:
        hit = self.find(name)
        if hit is None:
            return None
        prefix, core, entries = hit
        level = _level_of(prefix, self._places)
        matching_level = tuple(entry for entry in entries if not level or level in entry["level"] or "any" in entry["level"])
        if not matching_level or any("valid_to" not in entry or date is not None and date <= entry["valid_to"] for entry in matching_level):
            return None
        entry = max(matching_level, key=lambda e: (e["valid_to"], e["name"]))
        place = prefix if level not in (None, "state") else ""
        today = "、".join(self._with_place(place, successor) for successor in entry.get("successor", ()))
        return entry.get("source", ""), today, entry["valid_to"]

    def _with_place(self, place: str, name: str) -> str:
        party = any(entry["kind"] == "party" for entry in self._by_name.get(name, ()))
        return place + ("委" if party and place and place[-1] in "省市县区州旗" else "") + name

    def prefix_before(self, block: str, at: int, word: str) -> int:
        """How many characters before a name belong to it: a listed place, a level word, 市委…"""
        low = max(0, at - self._longest - 3)
        before = block[low:at]
        hit = _PREFIX_BEFORE.search(before)
        length = len(hit.group()) if hit and any(self._fits(hit.group(), word, entry, False) for entry in self._by_name[word]) else 0
        lead = before[:len(before) - length] if length else before
        if length or word[0] in "省市县区州团":
            level = hit.group()[0] if length else word[0]
            for size in range(min(self._longest, len(lead)), 1, -1):
                if lead[-size:] + level in self._places:
                    return length + size
        if length and hit.group()[0] in "市省县区" and before[:-length].endswith("全"):
            return 0
        if not length:
            for size in range(min(self._longest, len(before)), 1, -1):
                if before[-size:] in self._places:
                    return size
        return length

    def has_place(self, word: str) -> bool:
        """Does the registered name itself say whose it is (国家税务总局, 团市委, 海关总署)?"""
        return _SELF_PLACED.match(word) is not None or all(entry["level"] == ["state"] for entry in self._by_name[word])


_LEVEL_WORDS = frozenset("省 市 县 区 州 旗 盟 镇 乡 街道 村 社区 自治区 开发区 高新区 园区 新区".split())
_SYSTEM_PREFIXES = frozenset("国家 中国 全国 中央 国务院 中华 国网 中共 中共中央 直属".split())
_PARTY_PREFIX = re.compile(r"(?:中共)?(?P<place>[\u4e00-\u9fff]{0,8}?)(?:党工委|党委|工委|委)|中央|中共中央")
_PLACE_PREFIX = re.compile(r"(?:[本我该]|原|驻)?(?P<place>[\u4e00-\u9fff]{0,8}?)(?P<level>省|市|县|区|州|旗|盟|镇|乡|街道|村|社区)(?:级|直|属)?(?:机关)?")
_PREFIX_BEFORE = re.compile(r"(?:国家|全国|中国|中央|中共中央|国务院|(?:中共)?[省市县区州旗镇乡](?:党工委|党委|委|工委)?|街道(?:党工委)?|党工委|村|社区)$")
_SELF_PLACED = re.compile(r"(?:国家|中国|中央|中华|全国|国务院|最高|共青团[省市县区州旗中自]|团[省市县区州旗中]|中共|[省市县区州]委$|自治区党委)")


def _level_of(prefix: str, places: dict[str, str]) -> str | None:
    prefix = prefix.removesuffix("党工委").removesuffix("党委").removesuffix("工委") if not prefix.endswith("委") or prefix.endswith(("党委", "工委")) else prefix[:-1]
    if not prefix:
        return None
    if prefix in places:
        return places[prefix]
    if prefix in _SYSTEM_PREFIXES:
        return "state"
    prefix = re.sub(r"(?:级|直|属)(?:机关)?$", "", prefix)
    for words, level in ((("街道", "镇", "乡"), "town"), (("社区", "村"), "village"), (("自治区", "省"), "province"), (("市", "州", "盟"), "city"), (("县", "区", "旗"), "county")):
        if prefix.endswith(words):
            return level
    return None


def _collective_level(rest: str) -> str | None:
    """The level that a collective (what follows 各) stands for, by its first level word."""
    words = (("省级", "province"), ("设区市", "city"), ("设区的市", "city"), ("地级", "city"), ("市直", "city"), ("区直", "county"), ("县直", "county"), ("区属", "county"), ("市属", "city"),
             ("乡镇", "town"), ("镇", "town"), ("乡", "town"), ("街道", "town"), ("村", "village"), ("社区", "village"), ("居", "village"), ("省", "province"), ("市", "city"), ("州", "city"),
             ("县", "county"), ("区", "county"), ("旗", "county"))
    for word, level in words:
        if rest.startswith(word):
            return level
    return None


def _of_level(entries: tuple[dict, ...], level: str | None) -> tuple[dict, ...]:
    fitting = tuple(entry for entry in entries if level in entry["level"])
    return fitting or entries


def _current(entries: tuple[dict, ...]) -> dict:
    """The entry to name a body by: one still valid, else the first."""
    return next((entry for entry in entries if "valid_to" not in entry), entries[0])


def _headless(name: str) -> str:
    """A name without the parenthesis at its end (the second sign on the door)."""
    if name and name[-1] in _CLOSE:
        for opening, closing in matching(name).items():
            if closing == len(name) - 1:
                return name[:opening]
    return name


def _balanced(name: str) -> bool:
    return sum(name.count(c) for c in _OPEN) == sum(name.count(c) for c in _CLOSE)


def _trimmed(block: str, start: int, end: int) -> tuple[int, int]:
    while start < end and block[start] in _TRIM:
        start += 1
    while start < end and block[end - 1] in _TRIM:
        end -= 1
    return start, end


def _blocks(text: str, spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Spans with only white space between them, as one."""
    low = high = None
    for start, end in spans:
        if high is not None and start >= high and not text[high:start].strip():
            high = end
            continue
        if low is not None:
            yield low, high
        low, high = start, end
    if low is not None:
        yield low, high
