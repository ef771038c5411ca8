"""Who answers: units and roles out of brackets, label lines, running text and table cells, and the registry that knows the bodies.

Statements are found first (brackets, labels, sentences), `names` cuts their lists, then roles are given by labels, by the phrase that closes a run of
pieces, or by position. Recognition works on a character-for-character folded copy, so every `name` is the document's own text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.extract.names import BLANK, CLOSE, NEAR, OPEN, SEPARATORS, SPACE, TRIM, NameCutter, Piece, trimmed
from pipeline.extract.registry import BodyRegistry
from pipeline.model import Role, Unit
from pipeline.rulebook.load import Rulebook
from pipeline.rulebook.match import Words, alternation
from pipeline.text import matching

_SENTENCE = re.compile(r"(?P<body>[^。；;！!\n]+)(?P<stop>[。；;！!][”’]?)?")
_COMMA = re.compile("[，,]")
_BRACKETS = re.compile("[" + re.escape(OPEN + CLOSE) + "\n]")
_BRACKET = 1500  # characters; the longest lists of units in print have some 400
_DEPTH = 5  # brackets in brackets
_HEAD = 160  # characters; who does it takes no more at the head of a measure
_MARKS = "★☆*＊▲△●■◆※"


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
class _Claim:
    """A unit whose role is not settled. `role` None: nothing was said."""

    piece: Piece
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


_BLOCKS = 500  # of texts read last, of which is remembered what they state


class UnitReader:
    """Reads units with the rules `units.*`, the registry and the places of one rulebook."""

    def __init__(self, rulebook: Rulebook):
        self._rules = rulebook
        self._registry = BodyRegistry(rulebook)
        self._names = NameCutter(rulebook, self._registry)
        pairs = str(rulebook.settings["units.traditional"]) + str(rulebook.settings["units.brackets"])
        self._plain = str.maketrans(pairs[::2], pairs[1::2])
        self._share = float(rulebook.settings["units.bracket.body_share"])
        self._labels = [(rule["id"], rule.get("set", {}).get("role"), rulebook.pattern(rule["id"])) for rule in rulebook.group("units.label")]
        self._label_end = rulebook.pattern("units.gate.label_end")
        self._common = frozenset(rulebook.terms("units.mention.too_common"))
        self._label_gate = re.compile(alternation(rulebook.terms("units.gate.label")))
        self._phrase_gate = re.compile(alternation(rulebook.terms("units.gate.phrase")))
        self._modals = rulebook.terms("units.role.modal")
        self._words, self._ended = Words(self._registry.names), Words(self._registry.ended)
        self._read: dict[str, list[_Statement]] = {}

    # ------------------------------------------------------------ groups

    def groups(self, text: str, spans: Sequence[tuple[int, int]], first_leads: bool = False) -> tuple[UnitGroup, ...]:
        """The statements of one task, in reading order.

        Args:
          spans: The paragraphs of the task's body, in order.
          first_leads: An earlier task said that the first-listed unit leads.
        """
        found: list[UnitGroup] = []
        for low, high in _blocks(text, spans):
            block = _closed_alike(text[low:high].translate(self._plain))
            for statement in self._stated(block):
                first_leads = first_leads or statement.first_leads
                units = self._settle(text, low, statement.claims, first_leads)
                if units or statement.first_leads:
                    found.append(UnitGroup(low + statement.start, low + statement.end, units, statement.open, statement.deadline,
                                           statement.first_leads))
        if any(group.start < group.end and group.units for group in found):  # where brackets or lines say who answers, subjects of sentences add nobody
            found = [group for group in found if group.first_leads or not all(unit.rule == "units.role.joint_subject" for unit in group.units)]
        return tuple(found)

    def heading(self, text: str, start: int, end: int) -> tuple[Unit, ...]:
        """The units that a heading consists of (一、市教育局, 一、市教育局牵头工作（8项）), () where it says something else."""
        block = text[start:end].translate(self._plain)
        led = self._rules.pattern("units.role.heading_lead").search(block)
        pieces = [piece for piece in self._names.pieces(block, 0, led.start() if led else len(block)) if piece.start < piece.end]
        if not pieces or not all(self._names.strong(block, piece) for piece in pieces):
            return ()
        role, rule = (Role.LEAD, "units.role.heading_lead") if led else (None, "units.body.strong")
        return self._settle(text, start, [_Claim(piece, role, rule, False) for piece in pieces], False)

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
                claims = [_Claim(piece, role, rule["id"], False) for piece in self._names.pieces(block, 0, len(block)) if piece.start < piece.end]
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
        return self._names.known(self._folded(name))

    def level(self, name: str) -> str | None:
        """state, province, city, county, town or village; None where neither prefix nor registry tells."""
        return self._registry.level(self._folded(name))

    def obsolete(self, name: str, date: str | None) -> tuple[str, str, str] | None:
        """What became of a body that was abolished or renamed before `date` (None: at all): the reform, today's name, the last day of the old one."""
        return self._registry.obsolete(self._folded(name), date)

    def may_be_obsolete(self, text: str) -> bool:
        """Does a text name a body that `obsolete` might find gone? Told by its letters alone, quickly."""
        return bool(self._ended.among("".join(self._folded(text).split())))

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

    def _stated(self, block: str) -> list[_Statement]:
        """The statements of a block; those of the blocks read last are remembered, as a town's plan is read for its tasks and again for its sentences."""
        found = self._read.get(block)
        if found is None:
            if len(self._read) >= _BLOCKS:
                self._read.clear()
            found = self._read[block] = self._merge(block, self._statements(block))
        return found

    def _statements(self, block: str) -> list[_Statement]:
        """Brackets first, then labels outside of them, then sentences that only say who does it; sorted, not overlapping."""
        pairs = matching(block)
        found: list[_Statement] = []
        reach = 0
        around: list[int] = []  # where the brackets that this one stands in close
        for opening in sorted(pairs):
            while around and around[-1] < opening:
                around.pop()
            around.append(pairs[opening])
            if block[opening] in OPEN and opening >= reach and pairs[opening] - opening < _BRACKET and len(around) <= _DEPTH:
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
        if labels and not content[start:labels[0][0]].strip(TRIM):
            statement = self._labelled(content, start, end, labels)
        elif labels and labels[0][3] in ("deadline", "person"):  # 甲牵头，乙配合；完成时限：…
            statement = self._unlabelled(block, content, opening, closing, labels[0][0])
            beside = self._labelled(content, start, end, labels)
            statement = statement and replace(statement, deadline=statement.deadline or (beside.deadline if beside else None))
        else:
            statement = self._unlabelled(block, content, opening, closing, closing)
        if statement is None:
            return _Statement(opening, closing + 1, (), first_leads=True) if stated else None
        return replace(statement, start=opening, end=closing + 1, first_leads=stated)

    def _unlabelled(self, block: str, content: str, opening: int, closing: int, end: int) -> _Statement | None:
        """A bracket without a label: units if it says 负责, 牵头… at its `end`, or if it is a list of bodies behind a finished sentence."""
        pieces = self._names.pieces(content, opening + 1, end)
        names = [piece for piece in pieces if piece.start < piece.end]
        if not names or not self._names.body(content, names[0]):
            return None
        if any(piece.role or piece.mark for piece in pieces):
            dated = self._rules.pattern("units.list.deadline")
            told = [self._names.body(content, piece) for piece in names if not dated.match(content[piece.start:piece.end])]
            return self._claimed(content, pieces) if told and sum(told) / len(told) >= self._share else None
        before, after = block[max(0, opening - NEAR):opening].rstrip(SPACE), block[closing + 1:closing + NEAR].lstrip(SPACE)
        finished = not before or before[-1] in "。；;！!？?”\n"
        at_end = not after or after[0] in "\n。；;"
        if not (finished or at_end and before[-1:] not in CLOSE and not self._names.ends_in_body(before)):
            return None
        closed = finished and before and before[-1] in "。；;！!" and at_end  # …。（社会救助处、办公室）: offices of the house that wrote it
        fits = self._names.body if closed else self._names.strong
        return self._claimed(content, pieces) if all(fits(content, piece) for piece in names) else None

    def _label_lines(self, block: str, taken: list[tuple[int, int]], pairs: dict[int, int]) -> list[_Statement]:
        """Labels outside of brackets, each with its list up to the end of the line, a full stop or a glued heading."""
        labels = [hit for hit in self._label_hits(block, 0, len(block)) if not any(a <= hit[0] < b for a, b in taken)]
        opened = {b: a for a, b in pairs.items() if block[a] in OPEN}
        stop = self._rules.pattern("units.list.stop")
        found = []
        for number, (start, content, _, _) in enumerate(labels):
            limit = labels[number + 1][0] if number + 1 < len(labels) else len(block)
            limit = min([limit] + [a for a, _ in taken if a >= content])
            limit = next((i for i in range(content, limit) if opened.get(i, start) < start), limit)  # the bracket it stands in closes
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
            opening = start - 1 if start and block[start - 1] in OPEN and start - 1 not in pairs else start
            while opening and block[opening - 1] in _MARKS:
                opening -= 1
            if after < len(block) and block[after] in CLOSE:
                after += 1
            found.append(replace(statement, start=opening, end=after, first_leads=stated))
        return found

    def _line_end(self, block: str, start: int, limit: int) -> int:
        """Where the line of a label ends: behind a separator it runs on into a line that is all bodies, below an empty one into all such lines."""
        end = block.find("\n", start, limit)
        end = limit if end < 0 else end
        listed = not block[start:end].strip(BLANK)
        while end < limit and (listed or block[end - 1] in "、，,；;"):
            following = block.find("\n", end + 1, limit)
            following = limit if following < 0 else following
            names = [piece for piece in self._names.pieces(block, end + 1, following) if piece.start < piece.end]
            if not names or not all(self._names.strong(block, piece) if listed else self._names.body(block, piece) for piece in names):
                break
            end = following
        return end

    def _before_signature(self, block: str, start: int, end: int) -> int:
        """In a list that uses 、 a blank behind a complete name ends it: what follows is the issuer's signature."""
        if "、" not in block[start:end]:
            return end
        for i in range(start + 1, end - 1):
            if block[i] in SPACE and block[i - 1] not in SEPARATORS + BLANK + "：:" and block[i + 1] not in SEPARATORS + BLANK + "各":
                if self._names.ends_in_body(block[max(start, i - NEAR):i]):
                    return i
        return end

    def _running(self, block: str, taken: list[tuple[int, int]]) -> list[_Statement]:
        """Sentences, or their last clauses, that say who does it: 由甲牵头，乙配合。"""
        found = []
        for hit in _SENTENCE.finditer(block):
            start, end = trimmed(block, hit.start(), hit.end("body"))
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
                        break
                else:
                    statement = self._opening_clause(block, start, end) or self._jointly(block, start, end)
                if statement:
                    found.append(replace(statement, start=hit.end(), end=hit.end()))
            elif (dashed := block[hit.start():start].strip(BLANK)[:1] in tuple("—─")) or any(c in "、，," for c in block[start:end]) and block[hit.end("body") - 1] not in "：:":
                pieces = self._names.pieces(block, start, end)
                names = [piece for piece in pieces if piece.start < piece.end]
                if len(names) > (0 if dashed else 1) and all(self._names.strong(block, piece) for piece in names):
                    found.append(replace(self._claimed(block, pieces), start=start, end=end))
        return found

    def _clause(self, block: str, start: int, end: int, inside: bool = False) -> _Statement | None:
        """A stretch that is nothing but units and what they do. Inside a measure it must say 由…, or name known bodies with 牵头 or 按职责."""
        if not self._phrase_gate.search(block, max(start, end - 16), end):
            return None
        if not any(pattern.search(block[max(start, end - 24):end]) for *_, pattern in self._names.phrases):
            return None
        pieces = self._names.pieces(block, start, end)
        names = [piece for piece in pieces if piece.start < piece.end]
        if not names or not pieces[-1].role or not all(self._names.body(block, piece) for piece in names):
            return None
        led = self._rules.pattern("units.role.lead_in").match(block[start:end].lstrip(TRIM)) is not None
        demands = any(block.startswith(self._modals, piece.end) for piece in pieces if piece.role)  # 各部门要密切配合 is a measure
        if not led and (demands or not all(self._names.strong(block, piece) for piece in names)):
            return None
        if inside and not led and not any(piece.role is Role.LEAD or piece.rule == "units.role.duty" for piece in pieces):
            return None
        return self._claimed(block, pieces)

    def _jointly(self, block: str, start: int, end: int) -> _Statement | None:
        """The units of a measure whose subject they are: 甲会同乙、丙制定办法。"""
        joint = self._rules.pattern("units.role.joint_subject").search(block, start, min(end, start + _HEAD))
        if not joint:
            return None
        begin = max(start, block.rfind("，", start, joint.start()) + 1)
        left = [piece for piece in self._names.pieces(block, begin, joint.start()) if piece.start < piece.end]
        right, at = [], joint.end()
        while name_end := self._name_end(block, at, end):
            right.append(Piece(at, name_end, "、", name_end))
            at = name_end + (block[name_end:name_end + 1] in tuple("、和及与"))
        if not left or not right or end - at < 3 or not all(self._names.strong(block, piece) for piece in left):
            return None
        claims = [_Claim(piece, role, "units.role.joint_subject", False) for pieces, role in ((left, Role.LEAD), (right, Role.SUPPORT)) for piece in pieces]
        return _Statement(0, 0, tuple(claims))

    def _name_end(self, block: str, start: int, end: int) -> int | None:
        """Where the name that begins at `start` ends in running text: the longest registered one, else a collective (有关部门); None where there is none."""
        broken = self._rules.pattern("units.mention.broken_right")
        for stop in range(min(end, start + 24), start + 1, -1):
            if self._registry.find(block[start:stop], strict=True) and not broken.match(block, stop - 1):
                return stop
        group = self._rules.pattern("units.mention.collective").match(block, start, end)
        return group.end() if group else None

    def _opening_clause(self, block: str, start: int, end: int) -> _Statement | None:
        """The units of a measure that begins with them: 由甲牵头，乙、丙配合，开展排查；在甲指导下，由乙负责，开展排查。"""
        under = self._rules.pattern("units.role.under").match(block[start:end])
        claims: tuple[_Claim, ...] = ()
        if under:
            role = Role.LEAD if under["lead"] else Role.SUPPORT
            names = [piece for piece in self._names.pieces(block, start + under.start("units"), start + under.end("units")) if piece.start < piece.end]
            if not names or not all(self._names.strong(block, piece) for piece in names):
                return None
            claims = tuple(_Claim(piece, role, "units.role.under", False) for piece in names)
            start += under.end()
        if self._rules.pattern("units.role.lead_in").match(block[start:end]):
            for comma in reversed(list(_COMMA.finditer(block, start, min(end, start + _HEAD)))):
                statement = self._clause(block, start, comma.start(), inside=True)
                if statement:
                    return replace(statement, claims=claims + statement.claims)
        return _Statement(0, 0, claims) if claims else None

    def _merge(self, block: str, statements: list[_Statement]) -> list[_Statement]:
        """Neighbours with nothing between them are one statement: 牵头单位 / 参与单位 / 完成时限 on lines of their own."""
        merged: list[_Statement] = []
        for statement in statements:
            last = merged[-1] if merged else None
            touching = last and last.end <= statement.start and not block[last.end:statement.start].strip(TRIM)
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
                deadline = block[low:high].strip(TRIM) or deadline
            elif named != "person":
                pieces, told = self._cleaned(block, self._names.pieces(block, low, high))
                deadline = deadline or told
                is_open = is_open or any(piece.open for piece in pieces)
                claims += self._roles(pieces, Role(named), id_)
        if not claims and deadline is None and not any(named == "person" for *_, named in labels):
            return None
        return _Statement(start, end, tuple(claims), is_open, deadline)

    def _claimed(self, block: str, pieces: list[Piece]) -> _Statement:
        pieces, deadline = self._cleaned(block, pieces)
        return _Statement(0, 0, tuple(self._roles(pieces, None, "units.body.strong")), any(piece.open for piece in pieces), deadline)

    def _cleaned(self, block: str, pieces: list[Piece]) -> tuple[list[Piece], str | None]:
        """Pieces that cannot be units lose their name but keep their phrase; a date among them is a deadline."""
        kept, deadline = [], None
        for piece in pieces:
            name = block[piece.start:piece.end]
            if name and self._rules.pattern("units.list.deadline").match(name):
                deadline = deadline or block[piece.start:piece.stop]
                name = ""
            kept.append(piece if name and self._names.acceptable(block, piece) else replace(piece, end=piece.start))
        return kept, deadline

    def _roles(self, pieces: list[Piece], label: Role | None, rule: str) -> list[_Claim]:
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
            units.append(Unit(name, canonical, role, self._names.collective(folded), low + claim.piece.start, low + claim.piece.end, claim.rule))
        return tuple(units)

    def _without_first_leads(self, block: str, start: int, end: int) -> tuple[str, bool]:
        """The text with statements about the first-listed unit, and about who answers for everything below, blanked out by separators; whether there was one of the first."""
        if "不" in block[start:end]:
            for rule in self._rules.group("units.default"):
                for hit in self._rules.pattern(rule["id"]).finditer(block, start, end):
                    block = block[:hit.start()] + "；" * (hit.end() - hit.start()) + block[hit.end():]
        hit = self._rules.pattern("units.list.first_leads").search(block, start, end)
        if not hit:
            return block, False
        return block[:hit.start()] + "；" * (hit.end() - hit.start()) + block[hit.end():], True


def union(lists) -> tuple[Unit, ...]:
    """Units in order of first mention; a unit that leads anywhere leads."""
    merged: dict[str, Unit] = {}
    for units in lists:
        for unit in units:
            known = merged.get(unit.name)
            if known is None:
                merged[unit.name] = unit
            elif unit.role == "lead" and known.role != "lead":
                merged[unit.name] = unit
    return tuple(merged.values())


def _closed_alike(block: str) -> str:
    """A bracket that closes with another kind, （…〕, closed with its own; length kept."""
    pairs = matching(block)
    paired = {*pairs, *pairs.values()}
    chars, waiting = list(block), None
    for hit in _BRACKETS.finditer(block):
        if hit.start() in paired:
            continue
        if hit.group() in OPEN:
            waiting = hit
        elif hit.group() == "\n":
            waiting = None
        elif waiting:
            chars[hit.start()], waiting = CLOSE[OPEN.index(waiting.group())], None
    return "".join(chars)


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
