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

from pipeline.extract.registry import BodyRegistry
from pipeline.model import Role, Unit
from pipeline.rulebook.load import Rulebook
from pipeline.rulebook.match import Words, alternation
from pipeline.text import matching

_OPEN, _CLOSE = "（(〔【[", "）)〕】]"
_SEPARATORS = "、，,；;/／|\t。"
_SPACE = " \u3000\u00a0"
_BLANK = _SPACE + "\n"
_TRIM = _BLANK + "\t、，,；;。.：:/／|*＊★▲\""
_OPENING, _CLOSING = re.compile(r"[（(〔【\[]"), re.compile(r"[）)〕】\]]")
_SENTENCE = re.compile(r"(?P<body>[^。；;！!\n]+)(?P<stop>[。；;！!][”’]?)?")
_COMMA = re.compile("[，,]")
_BRACKET = 1500  # characters; the longest lists of units in print have some 400
_LIST = 300  # characters; names that run into each other without a separator make no longer a list than this
_NEAR = 64  # characters that decide what stands beside a bracket or a blank; longer than any name
_MARKS = "★☆*＊▲△●■◆※"
_PUNCTUATION = re.compile(r"[、，,；;。：:\s]")


@dataclass(frozen=True, slots=True)
class UnitGroup:
    """One statement of who answers, for the sentences since the one before it.

    Attributes:
      start, end: What to cut out of the task's text: the bracket with its brackets, the line, or the sentence that says nothing else. Empty
        (start == end, just behind a sentence) where the units stand in a clause of a sentence that is itself a measure.
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
    stop: int = 0  # where the unpeeled piece ends
    role: Role | None = None  # of the phrase that closes the run of pieces up to here
    mark: Role | None = None  # of this piece alone: 市科技局（牵头）
    rule: str = ""
    sole: bool = False  # the phrase makes a lead of its units where all others only support: 甲负责，乙配合
    open: bool = False
    joint: bool = False  # followed by 会同


@dataclass(frozen=True, slots=True)
class _Claim:
    """A unit whose role is not settled. `role` None: nothing was said."""

    piece: _Piece
    role: Role | None
    rule: str
    sole: bool


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
        self._registry = BodyRegistry(rulebook)
        pairs = str(rulebook.settings.get("units.traditional", ""))
        self._plain = str.maketrans(pairs[::2], pairs[1::2])
        self._share = float(rulebook.settings["units.bracket.body_share"])
        self._longest = int(rulebook.settings["units.name.longest"])
        self._labels = [(rule["id"], rule.get("set", {}).get("role"), rulebook.pattern(rule["id"])) for rule in rulebook.group("units.label")]
        self._phrases = [(Role(rule["set"]["role"]), rule["id"], "sole" in rule["set"], rulebook.pattern(rule["id"]))
                         for rule in rulebook.group("units.role") if "role" in rule.get("set", {})]
        self._label_end, self._glued = rulebook.pattern("units.gate.label_end"), rulebook.pattern("units.list.glued")
        self._joiners = rulebook.terms("units.list.joiners")
        self._common = frozenset(rulebook.terms("units.mention.too_common"))
        self._label_gate = re.compile(alternation(rulebook.terms("units.gate.label")))
        self._phrase_gate = re.compile(alternation(rulebook.terms("units.gate.phrase")))
        self._modals = rulebook.terms("units.role.modal")
        self._words = Words(self._registry.names)
        self._looks_body = lru_cache(maxsize=20000)(self._body_by_looks)
        self._split_name = lru_cache(maxsize=20000)(self._split)

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
                    found.append(UnitGroup(low + statement.start, low + statement.end, units, statement.open, statement.deadline,
                                           statement.first_leads))
        return tuple(found)

    def states_first_leads(self, text: str, start: int, end: int) -> bool:
        """Does a text say that the first-listed unit leads? For sentences outside of any task."""
        return self._rules.pattern("units.list.first_leads").search(text, start, end) is not None

    def cell(self, text: str, start: int, end: int, role: Role, first_leads: bool = False) -> tuple[tuple[Unit, ...], bool]:
        """The units of a table cell under a column that means `role`, and whether the list ends in 等."""
        block = text[start:end].translate(self._plain)
        statement = self._labelled(block, 0, len(block), self._label_hits(block, 0, len(block)), "units.label." + role.value, role)
        if statement is None:
            return (), False
        return self._settle(text, start, statement.claims, first_leads and role is Role.RESPONSIBLE), statement.open

    def defaults(self, text: str, start: int, end: int) -> tuple[Unit, ...]:
        """The units that a sentence names for everything below it (以下均需各片区配合落实，不再列出), () if it is no such sentence."""
        for rule in self._rules.group("units.default"):
            hit = self._rules.pattern(rule["id"]).search(text, start, end)
            if hit:
                block = hit["units"].translate(self._plain)
                role = Role.SUPPORT if hit["support"] else Role.RESPONSIBLE
                claims = [_Claim(piece, role, rule["id"], False) for piece in self._pieces(block, 0, len(block)) if piece.start < piece.end]
                return self._settle(text, hit.start("units"), claims, False)
        return ()

    # ------------------------------------------------------------ the registry

    def canonical(self, name: str) -> str:
        """The registered full name with its place prefix kept; an unknown name as it is."""
        return self._registry.canonical(self._folded(name)) or name

    def _folded(self, name: str) -> str:
        """A name as the registry writes it: simplified characters, no white space. Not length-keeping."""
        return "".join(name.translate(self._plain).split())

    def known(self, name: str) -> bool:
        """Is it a registered body, or one that needs no register: a collective (各镇（街道）), a leading group, a town?"""
        folded = self._folded(name)
        return self._registry.find(folded) is not None or self._collective(folded) or any(
            self._rules.pattern(rule).search(folded) for rule in ("units.list.ad_hoc", "units.list.territorial"))

    def level(self, name: str) -> str | None:
        """state, province, city, county, town or village; None where neither prefix nor registry tells."""
        return self._registry.level(self._folded(name))

    def obsolete(self, name: str, date: str | None) -> tuple[str, str, str] | None:
        """What became of a body that was abolished or renamed before `date` (None: at all): the reform, today's name, the last day of the old one."""
        return self._registry.obsolete(self._folded(name), date)

    def mentions(self, text: str, start: int, end: int) -> tuple[Unit, ...]:
        """Registered bodies in running text, left to right, the longest of overlapping ones."""
        block = text[start:end].translate(self._plain)
        broken, bare = self._rules.pattern("units.mention.broken_right"), self._rules.pattern("units.mention.bare_left")
        hits = []
        for low, high, word in self._words.find(block):
            if broken.match(block, high - 1):
                continue
            begin = low - self._registry.prefix_before(block, low, word)
            if begin == low and not self._registry.says_whose(word):
                if word in self._common or (len(word) < 4 and not bare.search(block[max(0, low - 1):low])):
                    continue
            hits.append((begin, high))
        found, taken = [], 0
        for begin, high in sorted(set(hits), key=lambda hit: (hit[0], -hit[1])):
            if begin >= taken:
                name = text[start + begin:start + high]
                found.append(Unit(name, self.canonical(name), Role.RESPONSIBLE, False, start + begin, start + high, "units.mention.bare_left"))
                taken = high
        return tuple(found)

    # ------------------------------------------------------------ finding statements

    def _statements(self, block: str) -> list[_Statement]:
        """Brackets first, then labels outside of them, then sentences that only say who does it; sorted, not overlapping."""
        pairs = matching(block)
        found: list[_Statement] = []
        reach = 0
        for opening in sorted(pairs):
            if block[opening] in _OPEN and opening >= reach and pairs[opening] - opening < _BRACKET:
                statement = self._bracket(block, opening, pairs[opening])
                if statement:
                    found.append(statement)
                    reach = pairs[opening] + 1
        taken = [(s.start, s.end) for s in found]
        found += self._label_lines(block, taken, pairs)
        taken = [(s.start, s.end) for s in found]
        found += self._running(block, taken)
        hit = self._rules.pattern("units.list.first_leads").search(block)
        if hit and not any(s.start <= hit.start() < s.end for s in found):
            begin = max([block.rfind(stop, 0, hit.start()) + 1 for stop in "。；;\n"] + [s.end for s in found if s.end <= hit.start()])
            found.append(_Statement(begin, begin, (), first_leads=True))
        return sorted(found, key=lambda s: (s.start, s.end))

    def _bracket(self, block: str, opening: int, closing: int) -> _Statement | None:
        """The statement of one bracket, None if it is about something else."""
        start, end = opening + 1, closing
        content, stated = self._without_first_leads(block, start, end)
        inner = matching(content, start, end)
        labels = [hit for hit in self._label_hits(content, start, end) if not any(low < hit[0] < high for low, high in inner.items())]
        if labels and not content[start:labels[0][0]].strip(_TRIM):
            statement = self._labelled(content, start, end, labels)
        else:
            statement = self._unlabelled(block, content, opening, closing)
        if statement is None:
            return _Statement(opening, closing + 1, (), first_leads=True) if stated else None
        return replace(statement, start=opening, end=closing + 1, first_leads=stated)

    def _unlabelled(self, block: str, content: str, opening: int, closing: int) -> _Statement | None:
        """A bracket without a label: units if it says 负责, 牵头… at its end, or if it is a list of bodies behind a finished sentence."""
        pieces = self._pieces(content, opening + 1, closing)
        names = [piece for piece in pieces if piece.start < piece.end]
        if not names or not self._body(content, names[0]):
            return None
        if any(piece.role or piece.mark for piece in pieces):
            dated = self._rules.pattern("units.list.deadline")
            told = [self._body(content, piece) for piece in names if not dated.match(content[piece.start:piece.end])]
            return self._claimed(content, pieces) if told and sum(told) / len(told) >= self._share else None
        before, after = block[max(0, opening - _NEAR):opening].rstrip(_SPACE), block[closing + 1:closing + _NEAR].lstrip(_SPACE)
        finished = not before or before[-1] in "。；;！!？?”\n"
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
            while opening and block[opening - 1] in _MARKS:
                opening -= 1
            if after < len(block) and block[after] in _CLOSE:
                after += 1
            found.append(replace(statement, start=opening, end=after, first_leads=stated))
        return found

    def _line_end(self, block: str, start: int, limit: int) -> int:
        """Where the line of a label ends: behind a separator it runs on into a line that is all bodies, below an empty one into all such lines."""
        end = block.find("\n", start, limit)
        end = limit if end < 0 else end
        listed = not block[start:end].strip(_BLANK)
        while end < limit and (listed or block[end - 1] in "、，,；;"):
            following = block.find("\n", end + 1, limit)
            following = limit if following < 0 else following
            names = [piece for piece in self._pieces(block, end + 1, following) if piece.start < piece.end]
            if not names or not all(self._strong(block, piece) if listed else self._body(block, piece) for piece in names):
                break
            end = following
        return end

    def _before_signature(self, block: str, start: int, end: int) -> int:
        """In a list that uses 、 a blank behind a complete name ends it: what follows is the issuer's signature."""
        if "、" not in block[start:end]:
            return end
        for i in range(start + 1, end - 1):
            if block[i] in _SPACE and block[i - 1] not in _SEPARATORS + _BLANK + "：:" and block[i + 1] not in _SEPARATORS + _BLANK + "各":
                if self._ends_in_body(block[max(start, i - _NEAR):i]):
                    return i
        return end

    def _running(self, block: str, taken: list[tuple[int, int]]) -> list[_Statement]:
        """Sentences, or their last clauses, that say who does it: 由甲牵头，乙配合。"""
        found = []
        for hit in _SENTENCE.finditer(block):
            start, end = _trimmed(block, hit.start(), hit.end("body"))
            if start == end or any(a < hit.end() and start < b for a, b in taken):
                continue
            if hit["stop"]:
                statement = self._clause(block, start, end)
                if statement:
                    found.append(replace(statement, start=start, end=hit.end()))
                    continue
                for comma in _COMMA.finditer(block, start, end):
                    statement = self._clause(block, comma.end(), end, inside=True)
                    if statement:
                        found.append(replace(statement, start=hit.end(), end=hit.end()))
                        break
            elif any(c in "、，," for c in block[start:end]) and block[hit.end("body") - 1] not in "：:":
                pieces = self._pieces(block, start, end)
                names = [piece for piece in pieces if piece.start < piece.end]
                if len(names) > 1 and all(self._strong(block, piece) for piece in names):
                    found.append(replace(self._claimed(block, pieces), start=start, end=end))
        return found

    def _clause(self, block: str, start: int, end: int, inside: bool = False) -> _Statement | None:
        """A stretch that is nothing but units and what they do. Inside a measure it must say 由…, or name known bodies with 牵头 or 按职责."""
        if not self._phrase_gate.search(block, max(start, end - 16), end):
            return None
        if not any(pattern.search(block[max(start, end - 24):end]) for *_, pattern in self._phrases):
            return None
        pieces = self._pieces(block, start, end)
        names = [piece for piece in pieces if piece.start < piece.end]
        if not names or not pieces[-1].role or not all(self._body(block, piece) for piece in names):
            return None
        led = self._rules.pattern("units.role.lead_in").match(block[start:end].lstrip(_TRIM)) is not None
        demands = any(block.startswith(self._modals, piece.end) for piece in pieces if piece.role)  # 各部门要密切配合 is a measure
        if not led and (demands or not all(self._strong(block, piece) for piece in names)):
            return None
        if inside and not led and not any(piece.role is Role.LEAD or piece.rule == "units.role.duty" for piece in pieces):
            return None
        return self._claimed(block, pieces)

    def _merge(self, block: str, statements: list[_Statement]) -> list[_Statement]:
        """Neighbours with nothing between them are one statement: 牵头单位 / 参与单位 / 完成时限 on lines of their own."""
        merged: list[_Statement] = []
        for statement in statements:
            last = merged[-1] if merged else None
            touching = last and last.end <= statement.start and not block[last.end:statement.start].strip(_TRIM)
            if touching and last.start < last.end and statement.start < statement.end:
                merged[-1] = _Statement(last.start, statement.end, last.claims + statement.claims, last.open or statement.open,
                                        last.deadline or statement.deadline, last.first_leads or statement.first_leads)
            else:
                merged.append(statement)
        return [s for s in merged if s.claims or s.first_leads]

    # ------------------------------------------------------------ reading a list

    def _label_hits(self, block: str, start: int, end: int) -> list[tuple[int, int, str, str | None]]:
        """Labels: start, where its list begins, rule, role; person and deadline are roles of their own here."""
        hits = []
        for colon in self._label_end.finditer(block, start, end):
            low, high = max(start, colon.start() - 24), min(end, colon.end() + 1)
            if not self._label_gate.search(block, low, colon.start()):
                continue
            for id_, role, pattern in self._labels:
                for hit in pattern.finditer(block, low, high):
                    named = role or next((key for key, value in hit.groupdict().items() if value), "responsible")
                    hits.append((hit.start(), hit.end(), id_, named))
        kept, reach = [], start
        for hit in sorted(hits, key=lambda hit: (hit[0], -hit[1], hit[2])):
            if hit[0] >= reach:
                kept.append(hit)
                reach = hit[1]
        return kept

    def _labelled(self, block: str, start: int, end: int, labels: list, rule: str = "", role: Role | None = None) -> _Statement | None:
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
                pieces, told = self._cleaned(block, self._pieces(block, low, high))
                deadline = deadline or told
                is_open = is_open or any(piece.open for piece in pieces)
                claims += self._roles(pieces, Role(named), id_)
        if not claims and deadline is None and not any(named == "person" for *_, named in labels):
            return None
        return _Statement(start, end, tuple(claims), is_open, deadline)

    def _claimed(self, block: str, pieces: list[_Piece]) -> _Statement:
        pieces, deadline = self._cleaned(block, pieces)
        return _Statement(0, 0, tuple(self._roles(pieces, None, "units.body.strong")), any(piece.open for piece in pieces), deadline)

    def _cleaned(self, block: str, pieces: list[_Piece]) -> tuple[list[_Piece], str | None]:
        """Pieces that cannot be units lose their name but keep their phrase; a date among them is a deadline."""
        kept, deadline = [], None
        for piece in pieces:
            name = block[piece.start:piece.end]
            if name and self._rules.pattern("units.list.deadline").match(name):
                deadline = deadline or block[piece.start:piece.stop]
                name = ""
            kept.append(piece if name and self._acceptable(block, piece) else replace(piece, end=piece.start))
        return kept, deadline

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
                claims[run:] = [c if c.role else replace(c, role=role, rule=piece.rule, sole=piece.sole) for c in claims[run:]]
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
                    role = Role.LEAD if claim.sole else Role.RESPONSIBLE
                elif first_leads:
                    role = Role.SUPPORT if units else Role.LEAD
                else:
                    role = Role.RESPONSIBLE
            if name in seen:
                if role is Role.LEAD:
                    units[seen[name]] = replace(units[seen[name]], role=role)
                continue
            seen[name] = len(units)
            folded = self._folded(name)
            shared = shared or (self._registry.place_prefix(folded) if not units else "")
            canonical = self._registry.canonical(folded, shared) or name
            units.append(Unit(name, canonical, role, self._collective(folded), low + claim.piece.start, low + claim.piece.end, claim.rule))
        return tuple(units)

    def _pieces(self, block: str, start: int, end: int) -> list[_Piece]:
        """The list cut at its separators, at joining words between bodies, and where names run into each other; peeled."""
        start, end = _trimmed(block, start, end)
        if start < end and block[start] in _OPEN and matching(block, start, end).get(start) == end - 1:
            start, end = _trimmed(block, start + 1, end - 1)
        raw = [self._peel(block, *cut) for cut in self._cuts(block, start, end)]
        joined = self._join_levels(block, [piece for part in raw for piece in part])
        split: list[_Piece] = []
        for piece in joined:
            parts = self._split_name(block[piece.start:piece.end]) if piece.start < piece.end else ()
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
        """A blank or a line's end parts two names if what stands before it is a complete one; else it is noise inside a name."""
        before, after = block[max(begin, at - _NEAR):at].strip(_TRIM), block[at:min(end, at + _NEAR)].lstrip(_BLANK)
        if not before or not after or after[0] in _SEPARATORS + _OPEN:
            return False
        following = _PUNCTUATION.split(after)[0]
        broken = self._registry.find(_PUNCTUATION.split(before)[-1] + following, strict=True) is not None
        return len(following) > 1 and not broken and self._ends_in_body(before)

    def _peel(self, block: str, start: int, end: int, separator: str) -> list[_Piece]:
        """Take from a piece what is no name. Two pieces where it says 甲会同乙 or 甲等各乙."""
        start, end = _trimmed(block, start, end)
        stop = end
        if end - start > _LIST:
            return [_Piece(start, end, separator, stop)]
        while hit := self._rules.pattern("units.role.lead_in").match(block[start:end]):
            if not hit.end():
                break
            start, end = _trimmed(block, start + hit.end(), end)
        if end > start and block[end - 1] in _CLOSE:
            opening = next((i for i, closing in matching(block, start, end).items() if closing == end - 1), start)
            if opening > start and self._rules.pattern("units.body.never").search(block, opening, end):
                start, end = _trimmed(block, start, opening)  # 市教育局（联系人：某某）
        role = mark = None
        rule, sole, is_open = "", False, False
        hit = self._rules.pattern("units.role.mark").search(block[start:end])
        if hit:
            mark, rule = (Role.LEAD if hit["lead"] else Role.SUPPORT), "units.role.mark"
            start, end = _trimmed(block, start, start + hit.start())
        else:
            phrases = [(hit.start(), order) for order, (*_, pattern) in enumerate(self._phrases) if (hit := pattern.search(block[start:end]))]
            if phrases:
                cut, order = min(phrases)
                role, rule, sole, _ = self._phrases[order]
                start, end = _trimmed(block, start, start + cut)
        name = block[start:end]
        joint = self._rules.pattern("units.role.joint").search(name)
        if joint and self._ends_in_body(name[:joint.start()]):
            left = self._peel(block, start, start + joint.start(), separator)
            right = self._peel(block, start + joint.end(), end, "、")
            left[-1] = replace(left[-1], joint=True)
            right[-1] = replace(right[-1], role=role or right[-1].role, mark=mark, rule=rule or right[-1].rule, sole=sole)
            return left + right
        hit = self._rules.pattern("units.list.open").search(name)
        if hit:
            is_open = True
            start, end = _trimmed(block, start, start + hit.start())
        else:
            inner = self._rules.pattern("units.list.open_inside").search(name)
            if inner and inner.start() and self._ends_in_body(name[:inner.start()]):
                left = self._peel(block, start, start + inner.start(), separator)
                left[-1] = replace(left[-1], open=True)
                right = self._peel(block, start + inner.end(), end, "、")
                right[-1] = replace(right[-1], role=role or right[-1].role, mark=mark, rule=rule or right[-1].rule, sole=sole)
                return left + right
        return [_Piece(start, end, separator, stop, role, mark, rule, sole, is_open)]

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
        if hit:
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

    # ------------------------------------------------------------ is it a body?

    def _acceptable(self, block: str, piece: _Piece) -> bool:
        """Behind a label nearly everything is a unit; not what no name holds, nor what is too long for one."""
        name = block[piece.start:piece.end]
        if not name or self.known(name):
            return bool(name)
        return 1 < len(name) <= self._longest and not self._rules.pattern("units.body.never").search(name) and _balanced(name)

    def _body(self, block: str, piece: _Piece) -> bool:
        return self._looks_body(block[piece.start:piece.end])

    def _body_by_looks(self, name: str) -> bool:
        """Registered, or with the ending of a body and nothing that no name holds."""
        return self._registry.find(name) is not None or (
            1 < len(name) <= self._longest and _balanced(name) and self._rules.pattern("units.body.suffix").search(name) is not None
            and not self._rules.pattern("units.body.never").search(name))

    def _complete(self, name: str) -> bool:
        """A name that can stand alone: registered, or a body by its looks with a level or 各 before it."""
        return self._registry.find(name) is not None or self._looks_body(name) and self._rules.pattern("units.body.strong").match(name) is not None

    def _strong(self, block: str, piece: _Piece) -> bool:
        return self._complete(block[piece.start:piece.end])

    def _ends_in_body(self, text: str) -> bool:
        """Does a text end in a body's name? Decided on its last stretch without punctuation."""
        text = text.rstrip(_BLANK)
        if text and text[-1] in _CLOSE:
            opening = next((i for i, closing in matching(text).items() if closing == len(text) - 1), 0)
            text = text[:opening]
        tail = _PUNCTUATION.split(text)[-1]
        return any(self._registry.find(tail[i:], strict=True) is not None for i in range(max(0, len(tail) - 16), len(tail) - 1)) or (
            len(tail) > 2 and self._looks_body(tail) or len(tail) > 1 and self._collective(tail))

    def _collective(self, name: str) -> bool:
        return self._rules.pattern("units.list.collective").search(name) is not None

    def _without_first_leads(self, block: str, start: int, end: int) -> tuple[str, bool]:
        """The text with a statement about the first-listed unit blanked out by separators, and whether there was one."""
        hit = self._rules.pattern("units.list.first_leads").search(block, start, end)
        if not hit:
            return block, False
        return block[:hit.start()] + "；" * (hit.end() - hit.start()) + block[hit.end():], True


def _balanced(name: str) -> bool:
    return len(_OPENING.findall(name)) == len(_CLOSING.findall(name))


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
