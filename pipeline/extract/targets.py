"""Targets and baselines out of sentences: which quantities somebody can be held to, by when, how often; which tell of the past."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pipeline import numerals
from pipeline.extract.quantities import DATE, Date, DateKind, Frequency, Quantity, QuantityReader
from pipeline.model import Baseline, Target
from pipeline.rulebook.load import Rulebook
from pipeline.text import narrow

_MARK = re.compile(r"[,;:。!?|()]")
_CLAUSE = re.compile(r"[,;:。!?|]")
_TRIM = " \t,、;:。\x00\x01"
_EDGE = " \t\r\n\v\f\u00a0,、;:。|"  # what evidence neither begins nor ends with
_DUE = (DateKind.DEADLINE, DateKind.GOAL)
_LONGEST = 1000  # characters: three times the longest sentence of the corpora
_SENTENCES = 2000  # read last, that are remembered: a lower plan's are read for its tasks, and again for its figures
_PLAIN = 14  # characters of a heading that says nothing but what is made
_PROPORTIONS = ("成", "倍", "番")
_RATES = ("%", "‰")
_AVERAGE = "targets.frequency.average"
_STOCK = re.compile(r"达到?\Z")
_CHANGED = re.compile("(?<=..)(?:提高|提升|增长|下降|降低|减少|增加)$")
_PAUSES = ("、", ",", ";", "。", ":", ")", "|", "")


@dataclass(frozen=True, slots=True)
class _Sentence:
    """One sentence, read. All offsets are into `text`.

    Attributes:
      start: Where it begins in the document.
      text: Narrow.
      blank: The same with names, dates and frequencies blanked out.
      clauses: Half-open spans between commas.
      marks: Where its time turns: (end, rule) of what tells of the past, (end, "") of what looks forward, in order.
    """

    start: int
    text: str
    blank: str
    dates: tuple[Date, ...]
    frequencies: tuple[Frequency, ...]
    quantities: tuple[Quantity, ...]
    clauses: tuple[tuple[int, int], ...]
    marks: tuple[tuple[int, str], ...]

    def clause(self, at: int) -> tuple[int, int]:
        return next(span for span in self.clauses if span[0] <= at < span[1])


class TargetReader:
    """Reads targets and baselines; built once, used for any number of documents."""

    def __init__(self, rulebook: Rulebook):
        self._reader = QuantityReader(rulebook)
        self._parts: dict[tuple[str, int | None], tuple] = {}
        pattern = rulebook.pattern
        self._gate = pattern("quantities.gate")
        self._duration = frozenset(rulebook.terms("quantities.duration"))
        self._process = pattern("quantities.process_time")
        self._doing, self._light, self._next_verb = pattern("targets.doing"), pattern("targets.light_verb"), pattern("targets.next_verb")
        self._preposition, self._lead = pattern("targets.preposition"), pattern("targets.lead")
        self._standard, self._attribute, self._not_name = pattern("targets.standard"), pattern("targets.attribute"), pattern("targets.not_name")
        self._change, self._proportion = pattern("targets.change"), pattern("targets.proportion")
        self._on_base = pattern("targets.on_base")
        self._object, self._distribute = pattern("targets.object"), pattern("targets.distribute")
        self._reach = pattern("targets.reach")
        self._hedge = pattern("targets.hedge")
        self._firm = pattern("targets.firm")
        self._each, self._whole = pattern("targets.scope.each"), pattern("targets.scope.whole")
        self._onwards, self._past_clause = pattern("targets.past.onwards"), pattern("targets.past.clause")
        self._unless, self._aspect = pattern("targets.past.unless_future"), pattern("targets.past.aspect")
        self._subsidy, self._part, self._threshold = pattern("targets.not.subsidy"), pattern("targets.not.part"), pattern("targets.not.threshold")
        self._from, self._starting_value = pattern("targets.not.from"), pattern("targets.not.starting_value")
        self._condition, self._rank, self._physical = pattern("targets.not.condition"), pattern("targets.not.rank"), pattern("quantities.physical")
        self._from_value = pattern("targets.from_value")
        self._stepping_stone, self._title = pattern("targets.not.stepping_stone"), re.compile("《[^《》]*》")
        self._join, self._compared, self._opening = pattern("quantities.joint"), pattern("targets.past.compared"), pattern("targets.opening")
        self._working_day, self._threshold_unit = pattern("quantities.working_day"), pattern("quantities.threshold_unit")
        self._event_unit, self._structure_unit = pattern("quantities.event_unit"), pattern("quantities.structure_unit")
        self._size, self._slogan, self._coverage = pattern("targets.not.size"), pattern("targets.not.slogan"), pattern("targets.coverage")
        self._lifespan, self._service, self._aged = pattern("quantities.lifespan"), pattern("quantities.service_time"), re.compile("岁$")
        self._at_rate, self._all = pattern("targets.at_rate"), pattern("targets.all")
        self._ranks, self._told = pattern("targets.rank"), pattern("targets.not.told")
        self._each_item, self._creates = pattern("targets.each_item"), pattern("targets.hanzi_creates")

    def named_by(self, title: str) -> str:
        """What a heading says is to be made (新建老年食堂), for a number below it that says nothing itself (年内建成12个); "" where it tells of more than one thing."""
        line = narrow(title).strip(_TRIM)
        plain = self._doing.match(line) and len(line) <= _PLAIN and not _CLAUSE.search(line) and not self._gate.search(line)
        return self._opened(line) if plain else ""

    def unnamed(self, indicator: str) -> bool:
        """Does an indicator say nothing but that something is done?"""
        return not indicator or self._doing.fullmatch(indicator) is not None or self._light.fullmatch(indicator) is not None

    def deadline(self, text: str, year: int | None = None) -> str | None:
        """The deadline that a short text states (a column 完成时限), the last of several; None for 长期坚持, 每年12月, 2024年3月起."""
        text = narrow(text)
        frequencies = self._reader.frequencies(text)
        days = [d.day for d in self._reader.dates(text, None) if d.kind in _DUE and d.day]
        if not days and not frequencies:
            days = [d.day for d in self._reader.dates(text, year) if d.kind in _DUE and d.day]
        return max(days, default=None) or self._reader.cell_date(text, year)

    def read(self, text: str, sentences: Sequence[tuple[int, int]], *, year: int | None = None, default_deadline: str | None = None,
             past: bool = False) -> tuple[tuple[Target, ...], tuple[Baseline, ...]]:
        """The targets and baselines of some sentences of a document.

        Args:
          text: The document's canonical text.
          sentences: Half-open spans in it, in reading order, of one body: a deadline that opens a paragraph holds for what follows in it.
          year: The document's year, for 今年 and 年底前, and to tell past years from coming ones.
          default_deadline: Holds where the text gives none (2025年目标：, a work report's year, a column of deadlines).
          past: The whole body tells of the past: every figure is a baseline.

        Returns:
          Targets with id "" and measure None, which the caller knows; `indicator` is "" where the text names none (in a table cell: the
          task's title says it).
        """
        targets: list[Target] = []
        baselines: list[Baseline] = []
        carried: Date | None = None
        told = False  # the paragraph has begun to tell of the past
        carry_end = 0
        for start, end in _pieces(text, sentences):
            if "\n" in text[carry_end:start]:
                carried, told = None, False
            if not self._gate.search(text, start, end):
                carry_end = end
                continue
            sentence = self._sentence(text, start, end, year)
            if sentence.quantities:
                loose = carried
                if carried is not None and text[carry_end - 1:carry_end] not in "；;" and any(f.rule != _AVERAGE for f in sentence.frequencies):
                    loose = carried = None
                self._decide(text, sentence, loose, default_deadline, past, told, targets, baselines)
            told = self._tells(sentence, told)
            last = sentence.dates[-1] if sentence.dates else None
            if last is not None:
                opens = last.kind is DateKind.DEADLINE and last.start == 0 and sentence.text[last.end:last.end + 1] in (",", "前")
                carried = last if (last.kind is DateKind.GOAL or opens) and last.day else None
            carry_end = end
        return tuple(targets), tuple(baselines)

    def _sentence(self, text: str, start: int, end: int, year: int | None) -> _Sentence:
        line = narrow(text[start:end])
        parts = self._parts.get((line, year))
        if parts is None:
            if len(self._parts) >= _SENTENCES:
                self._parts.clear()
            parts = self._parts[line, year] = self._taken_apart(line, year)
        return _Sentence(start, line, *parts)

    def _taken_apart(self, line: str, year: int | None) -> tuple:
        """The fields of a _Sentence after its text."""
        titles = [m.span() for m in self._title.finditer(line)]
        dates = [d for d in self._reader.dates(line, year) if not any(begin <= d.start < finish for begin, finish in titles)]
        frequencies = [f for f in self._reader.frequencies(line) if not any(d.start <= f.start < d.end for d in dates)]
        blank = self._reader.blank(line, dates, frequencies)
        quantities = sorted([*self._reader.quantities(blank), *self._covered(blank), *self._ranked(blank)], key=lambda q: q.number)
        marks = [(m.end(), "targets.past.onwards") for m in self._onwards.finditer(blank)] + [(m.end(), "") for m in self._firm.finditer(blank)]
        marks += [(d.end, d.rule if d.kind is DateKind.PAST else "") for d in dates if d.kind in (DateKind.PAST, *_DUE)]
        return blank, tuple(dates), tuple(frequencies), tuple(quantities), _clauses(blank), tuple(sorted(marks))

    def _covered(self, blank: str) -> list[Quantity]:
        """全覆盖 of what can be counted (行政村公交全覆盖) as 100 %."""
        if "全覆盖" not in blank:
            return []
        spans = [m.span("full") for m in self._coverage.finditer(blank)]
        return [Quantity(start, end, start, end, Decimal(100), None, "%", "=", False, None, False, "targets.coverage") for start, end in spans]

    def _ranked(self, blank: str) -> list[Quantity]:
        """进入全省前三 as a rank of 3 or better."""
        if "前" not in blank:
            return []
        return [Quantity(m.start(), m.end(), m.start("value"), m.end(), numerals.parse(m["value"]), None, m["unit"] or "位", "<=", True, None, False, "targets.rank")
                for m in self._ranks.finditer(blank)]

    # ------------------------------------------------------------ what a quantity is

    def _decide(self, text: str, s: _Sentence, carried: Date | None, default: str | None, past: bool, telling: bool,
                targets: list[Target], baselines: list[Baseline]) -> None:
        """Append what the quantities of one sentence come to."""
        read = []
        for group in self._groups(s):
            q, clause = group[0], s.clause(group[0].number)
            often = self._often(s, q)
            due = self._due(s, q, often, carried, default)
            rule = "targets.past.onwards" if past else self._past_rule(s, q, clause, due, often, telling)
            if self._counts(s, q, clause, often, told=rule is not None):
                read.append((group, clause, due, often, rule))
        groups = [group for group, *_ in read]
        told: list[tuple[int, int, str]] = []
        for index, (_, clause, due, often, rule) in enumerate(read):
            segment = self._segment(s, groups, index, clause)
            if rule is None:
                targets += self._targets(text, s, groups[index], segment, clause, due, often, targets)
            else:
                told.append((self._with_date(s, clause, clause[0]), segment[1], rule))
        for begin, end, rule in self._merged(s, told):
            begin, end = _trimmed(s.text, begin, end)
            baselines.append(Baseline(text[s.start + begin:s.start + end], s.start + begin, s.start + end, rule))

    def _merged(self, s: _Sentence, spans: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
        """Spans of one clause made one; a clause that compares (比“十二五”末提高…) goes with the one before it."""
        merged: list[tuple[int, int, str]] = []
        for begin, end, rule in spans:
            if merged and (begin < merged[-1][1] or begin - merged[-1][1] <= 1 and self._compared.search(s.text[begin:end])):
                merged[-1] = (merged[-1][0], end, merged[-1][2])
            else:
                merged.append((begin, end, rule))
        return merged

    def _tells(self, s: _Sentence, before: bool) -> bool:
        """Whether the sentences after this one go on telling of the past: it opens with a past date or word, and asks for nothing."""
        if self._firm.search(s.blank) or s.frequencies or any(d.kind in _DUE for d in s.dates):
            return False
        return before or any(d.kind is DateKind.PAST and d.start <= 2 for d in s.dates) or self._onwards.match(s.blank) is not None

    def _groups(self, s: _Sentence) -> list[list[Quantity]]:
        """Quantities of a sentence; those that 分别 hands out (65%和55%) together."""
        groups: list[list[Quantity]] = []
        for q in s.quantities:
            if groups:
                first, before = groups[-1][0], groups[-1][-1]
                joined = self._join.fullmatch(s.blank[before.end:q.start].strip())
                if joined and self._distribute.search(s.blank, s.clause(first.number)[0], first.number):
                    groups[-1].append(q)
                    continue
            groups.append([q])
        return groups

    def _due(self, s: _Sentence, q: Quantity, often: Frequency | None, carried: Date | None, default: str | None) -> str | None:
        """The date before a quantity, else one after it with none of its own (新建5处，2024年底前投入使用), else the paragraph's, else the default."""
        before = [d for d in s.dates if d.end <= q.number and d.kind in _DUE and d.day]
        if before:
            return before[-1].day
        after = next((d for d in s.dates if d.start >= q.number_end and d.kind in _DUE and d.day), None)
        if after is not None and often is None and s.text.count(",", q.end, after.start) <= 1:
            if not any(q.end <= other.number < s.clause(after.start)[1] for other in s.quantities):
                return after.day
        return carried.day if carried is not None else default

    def _often(self, s: _Sentence, q: Quantity) -> Frequency | None:
        if q.per:
            own = self._reader.frequencies(q.per)
            if own:
                return own[0]
        before = [f for f in s.frequencies if f.end <= q.number]
        if not before or any(before[-1].end <= d.start and d.end <= q.number and d.kind in _DUE for d in s.dates):
            return None
        start = s.clause(q.number)[0]
        if before[-1].end <= start and (before[-1].rule == _AVERAGE or q.unit not in _RATES and _STOCK.search(s.blank, start, q.start)):  # 每年创建3家，总数达到50家
            return None
        if q.unit in _RATES and before[-1].name != "annual" and before[-1].end <= s.clause(q.number)[0]:  # 每周接访1天，化解率达到95%
            return None
        return before[-1]

    def _past_rule(self, s: _Sentence, q: Quantity, clause: tuple[int, int], due: str | None, often: Frequency | None, telling: bool) -> str | None:
        """The rule by which a quantity tells of the past or of how things stand, None where it looks forward."""
        past = next((rule for end, rule in reversed(s.marks) if end <= q.number), None)
        if past is None and telling and not due and not often and not q.bounded:
            past = "targets.past.onwards"
        if past:
            return past
        if self._aspect.search(s.blank[clause[0]:q.start]):
            return "targets.past.aspect"
        if self._firm.search(s.blank, clause[0], q.number):
            return None
        if self._leads(self._past_clause, s, clause, q) and not any(d.kind is DateKind.GOAL and clause[0] <= d.start < q.number for d in s.dates):
            return "targets.past.clause"
        asked = q.bounded and q.comparator != "~" or due or often or self._each.search(s.text, clause[0], q.number)
        return "targets.past.unless_future" if not asked and self._leads(self._unless, s, clause, q) else None

    def _leads(self, pattern: re.Pattern[str], s: _Sentence, clause: tuple[int, int], q: Quantity) -> bool:
        """Whether a pattern stands in the clause before the number, which it may look ahead to."""
        return any(m.end() <= q.number for m in pattern.finditer(s.blank, clause[0], clause[1]))

    def _counts(self, s: _Sentence, q: Quantity, clause: tuple[int, int], often: Frequency | None, told: bool = False) -> bool:
        """Whether a quantity measures something at all, rather than naming, bounding or structuring it."""
        lead, rest = s.blank[clause[0]:q.start], s.blank[q.number_end:clause[1]]
        if q.unit in self._duration and often is None:
            limited = self._working_day.search(q.unit) or q.bounded and q.comparator == "<=" and not self._aged.search(q.unit)
            handled = limited and self._process.search(s.blank, clause[0], clause[1])
            served = q.bounded and q.comparator == ">=" and not self._aged.search(q.unit) and self._service.search(lead)
            if not (self._lifespan.search(lead) or handled or served):
                return False
        if lead.count("(") > lead.count(")"):  # a break-down in brackets after its sum
            bracket = clause[0] + lead.rindex("(")
            if any(clause[0] <= other.number and other.number_end <= bracket for other in s.quantities):
                return False
        if self._size.search(f"{lead}＃{rest}") or self._told.search(f"{lead}＃{rest}") or self._part.search(lead) or self._stepping_stone.match(rest) or self._starting_value.match(rest) and self._from.search(lead):
            return False
        if told:
            return not q.hanzi
        if q.rule != "targets.rank" and self._rank.search(lead) or self._sizes(s, q) or q.unit == "个" and self._slogan.match(rest):
            return False
        if q.unit.endswith("元") and self._subsidy.search(s.blank[:q.number]) or self._condition.match(f"{lead.lstrip()}＃{rest}"):
            return False
        if self._threshold_unit.search(q.unit) and self._threshold.match(rest) and not self._ends_doing(lead):
            return False
        if not q.hanzi or self._proportion.search(lead) and q.unit in _PROPORTIONS:
            return True
        near_often = often is not None and clause[0] <= often.start
        if q.bounded and q.comparator != "~" or near_often and self._event_unit.search(q.unit) or self._each_item.search(lead):
            return True
        each = self._each.search(s.text, clause[0], q.start)
        if each and each.group().startswith("每") and (each.end() == q.start or self._ends_doing(lead)):
            return True
        closes = s.blank[q.end:q.end + 1] in _PAUSES
        made = self._creates.search(lead) is not None
        if near_often and made:  # 每年创建一个
            return not self._structure_unit.search(q.unit)
        creates = made or closes and self._doing.search(lead) is not None and not self._ends_doing(lead)
        return q.value >= 2 and creates and not self._structure_unit.search(q.unit)

    def _sizes(self, s: _Sentence, q: Quantity) -> bool:
        """100亩连片基地3个: a size before the thing that is counted after it; or the number of those that get so much each."""
        after = next((other for other in s.quantities if other.number >= q.number_end), None)
        if after is None:
            return False
        between = s.blank[q.end:after.start]
        if not _CLAUSE.search(between) and "(" not in between and self._each_item.search(between):  # 3所学校各建1个社团; not 5所（小学、初中各1所）
            return True
        if not self._physical.search(q.unit):
            return False
        return bool(between) and not self._join.search(between) and not _CLAUSE.search(between) and DATE not in between and "(" not in between

    def _ends_doing(self, lead: str) -> bool:
        return any(m.end() == len(lead) for m in self._doing.finditer(lead))

    # ------------------------------------------------------------ how a target reads

    def _targets(self, text: str, s: _Sentence, group: list[Quantity], segment: tuple[int, int], clause: tuple[int, int], due: str | None,
                 often: Frequency | None, made: list[Target]) -> list[Target]:
        """The targets of one quantity, or of several that 分别 hands out; a nameless number takes its name from those `made` before."""
        first, last = group[0], group[-1]
        begin, end = segment
        indicator, uses_after = self._indicator(s, begin, first, last, end)
        if not indicator or self._light.fullmatch(indicator):
            indicator = self._from_earlier(s, clause, first, made) or indicator
        elif self._changes("指标", indicator):  # 达到1500人，比2020年增长五成
            indicator = self._from_earlier(s, clause, first, made) + indicator
        stop = end if uses_after or first.unit in self._duration else last.end
        opening = self._with_date(s, clause, begin)
        start, stop = _trimmed(s.text, opening, stop)
        scope = self._scope(s, clause, first)
        hedge = self._hedge.search(s.text, min(opening, clause[0]), first.number)
        bounded = next((q for q in group if q.bounded), first)
        names = _share(self._distribute.sub("", indicator), len(group)) if len(group) > 1 else [indicator]
        found = []
        for q, name, day in zip(group, names, self._days(s, group, due), strict=True):
            found.append(Target(
                id="", measure=None, indicator=name, value=q.value, value_max=q.value_max, unit=q.unit + self._per(q, often),
                comparator=q.comparator if q.bounded else bounded.comparator, frequency=often.name if often is not None else None, deadline=day,
                scope=scope, modality=hedge.group() if hedge else None, evidence=text[s.start + start:s.start + stop],
                start=s.start + start, end=s.start + stop, rule=q.rule))
        return found

    def _per(self, q: Quantity, often: Frequency | None) -> str:
        """What is left for the unit to say: 元/人 as written, 次/学期 where the frequency has no name of its own; nothing for 2次/年."""
        if q.per and not self._reader.frequencies(q.per):
            return q.per
        return f"/{often.per}" if often is not None and often.per else ""

    def _days(self, s: _Sentence, group: list[Quantity], due: str | None) -> list[str | None]:
        """A deadline each: 2024年、2025年分别完成50公里和80公里."""
        count = len(group)
        dates = [d for d in s.dates if d.end <= group[0].number and d.kind in _DUE][-count:]
        gaps = [s.text[a.end:b.start].strip() for a, b in zip(dates, dates[1:], strict=False)]
        listed = count > 1 and len(dates) == count and all(self._join.fullmatch(gap) for gap in gaps)
        return [d.day for d in dates] if listed else [due] * count

    def _segment(self, s: _Sentence, groups: list[list[Quantity]], index: int, clause: tuple[int, int]) -> tuple[int, int]:
        """The part of a clause that belongs to a quantity: between the joints (、和) to its neighbours."""
        group = groups[index]
        begin, end = clause[0], clause[1] - 1 if clause[1] <= len(s.blank) else len(s.blank)
        if index > 0 and groups[index - 1][-1].number >= clause[0]:
            begin = self._joint(s, groups[index - 1][-1], group[0], after=True)
        if index + 1 < len(groups) and groups[index + 1][0].number < clause[1]:
            end = self._joint(s, group[-1], groups[index + 1][0], after=False)
        return begin, max(end, group[-1].end)

    def _joint(self, s: _Sentence, left: Quantity, right: Quantity, after: bool) -> int:
        between = s.blank[left.end:right.start]
        joints = [m for m in self._join.finditer(between)]
        if not joints:
            return left.end
        joint = joints[0] if joints[0].start() == 0 else joints[-1]
        return left.end + (joint.end() if after else joint.start())

    def _indicator(self, s: _Sentence, begin: int, first: Quantity, last: Quantity, end: int) -> tuple[str, bool]:
        """What is counted, and whether its name follows the number (2000名高素质农民) or leads it (高素质农民2000名)."""
        named = self._cleaned(s, begin, first.start)
        tail = s.text[last.end:end].strip(_TRIM) if s.text[last.end:last.end + 1] not in _PAUSES else ""
        standard = self._standard.match(tail)
        if standard:  # 按照每百户不少于1名的标准配备村庄保洁员
            return self._opened(tail[standard.end():]) or named, True
        if not tail or self._not_name.match(tail) or (first.unit in _RATES or first.unit in self._duration) and len(named) > 2 and tail[0] != "的":
            return named, False
        cut = self._next_verb.search(tail)
        thing = (tail[:cut.start()] if cut else tail).removeprefix("的").strip(_TRIM)
        if first.unit in _RATES and cut:  # 100%的行政村建立健全分类机制
            return f"{tail[cut.start():]}的{thing}", True
        over = self._object.search(s.text[begin:first.start])
        return (self._opened(over["object"]) if over else "") + _unquoted(self._attribute.sub("", thing)), True

    def _cleaned(self, s: _Sentence, begin: int, end: int) -> str:
        """The words before a number without what only says when, how surely, how much, or that something is done."""
        words = list(s.text[begin:end])
        for span in (*s.dates, *s.frequencies):
            if isinstance(span, Frequency) and span.rule == _AVERAGE:  # 年均增长 names a target, 每年增长 does not
                continue
            compares = isinstance(span, Date) and span.kind is DateKind.REFERENCE  # 比例比2020年提高: 比例提高
            for i in range(max(span.start - compares, begin), min(span.end, end)):
                words[i - begin] = "" if compares else DATE
        bare = "".join(words).rstrip(_TRIM + "的")
        each = next((m for m in self._each.finditer(bare) if 0 < m.start() and m.end() == len(bare)), None)  # 分别提高到每人609元
        bare = self._at_rate.sub("", bare)
        bare = self._all.sub("", bare)
        bare = self._from_value.sub("", self._reach.sub("", bare[:each.start()] if each else bare))
        parts = [part.strip(_TRIM) for part in self._on_base.sub("", bare).split(DATE)]
        parts = [part for part in parts if part]
        if len(parts) > 1 and self._changes(parts[-2], parts[-1]):  # 近视率每年降低
            parts[-2:] = ["".join(parts[-2:])]
        if len(parts) > 1 and not self._doing.match(parts[-1]) and not self._each.match(parts[-1]):  # 机关干部每年科技类学习
            parts[-1] = self._opened(parts[-2]) + parts[-1]
        return self._opened(parts[-1]) if parts else ""

    def _changes(self, name: str, words: str) -> bool:
        """Whether words are nothing but the change of what stands before them."""
        change = self._change.search(name + words)
        return change is not None and change.start() == len(name)

    def _opened(self, words: str) -> str:
        """A name without the connectives, hedges, places and light verbs before it; 每个行政村 stays, the verb after it goes."""
        words = words.strip(_TRIM)
        while True:
            bare = words
            for pattern in (self._lead, self._hedge, self._firm, self._whole, self._preposition):
                m = pattern.match(bare)
                if m:
                    bare = bare[m.end():].strip(_TRIM)
            m = self._light.match(bare)
            if m and len(bare) - m.end() >= 2:
                bare = bare[m.end():].strip(_TRIM)
            if bare == words:
                break
            words = bare
        each = self._each.match(words)
        if each:
            rest = self._light.match(words, each.end())
            if each.end() == len(words):
                return ""
            if rest and rest.end() < len(words):
                words = each.group() + words[rest.end():]
        return _unquoted(words.removesuffix("的"))

    def _from_earlier(self, s: _Sentence, clause: tuple[int, int], q: Quantity, made: list[Target]) -> str:
        """A number without a name (其中2023年完成1800户): the last one counted in the same unit in this sentence, else what the clause before speaks of."""
        index = s.clauses.index(clause)
        before = s.clauses[index - 1] if index else clause
        for target in reversed(made):
            if target.start < s.start:
                break
            if target.unit == q.unit or target.end > s.start + before[0]:
                return self._change.sub("", target.indicator)
        stop = next((other.start for other in s.quantities if before[0] <= other.start < before[1]), before[1] - 1)
        return self._cleaned(s, before[0], stop) if index else ""

    def _with_date(self, s: _Sentence, clause: tuple[int, int], begin: int) -> int:
        """Where the evidence starts: with the clause before when that is only a date (到2025年，)."""
        if begin == clause[0] and begin > 0:
            earlier = s.clauses[s.clauses.index(clause) - 1]
            if self._opening.search(s.blank[earlier[0]:earlier[1] - 1].strip(_TRIM)):
                return earlier[0]
        return begin

    def _scope(self, s: _Sentence, clause: tuple[int, int], q: Quantity) -> str | None:
        each = self._each.search(s.text, clause[0], q.number)
        if each:
            return each.group()
        whole = self._whole.search(s.text, 0, q.number)
        return whole.group() if whole else None


def _pieces(text: str, sentences: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The sentences, those without end (a flattened table, a hostile file) cut at a comma: the work grows with the text, not with its square."""
    for start, end in sentences:
        while end - start > _LONGEST:
            cut = max(text.rfind("，", start, start + _LONGEST), text.rfind(",", start, start + _LONGEST)) + 1 or start + _LONGEST
            yield start, cut
            start = cut
        yield start, end


def _unquoted(name: str) -> str:
    return name[1:-1] if name[:1] == "“" and name.find("”") == len(name) - 1 else name


def _trimmed(text: str, begin: int, end: int) -> tuple[int, int]:
    end = min(end, len(text))
    while begin < end and text[begin] in _EDGE:
        begin += 1
    while begin < end and text[end - 1] in _EDGE:
        end -= 1
    return begin, end


def _clauses(blank: str) -> tuple[tuple[int, int], ...]:
    """The parts of a sentence between commas, each with its stop; a bracket hides its commas, and is a part of its own where it opens one."""
    clauses, begin, depth = [], 0, 0
    for m in _MARK.finditer(blank):
        i, char = m.start(), m.group()
        depth += (char == "(") - (char == ")")
        if depth <= 0 and char != "(" and (char != ")" or blank[begin:begin + 1] == "("):
            clauses.append((begin, i + 1))
            begin = i + 1
    return (*clauses, (begin, len(blank) + 1))


def _share(indicator: str, count: int) -> list[str]:
    """The names of 分别 one by one: 花生种植、收获机械化率 is 花生种植机械化率 and 花生收获机械化率.

    What the parts share hangs on the first (花生) and on the last (机械化率); a part in the middle shows how long the parts themselves
    are, without one it is two characters.
    """
    parts = re.split(r"[、和与及]", indicator)
    if len(parts) != count:
        return [indicator] * count
    if parts[0][-1:] == parts[-1][-1:]:
        return parts
    changed = _CHANGED.search(parts[-1])
    if changed and parts[-1][changed.start() - 2:changed.start()] == parts[0][-2:]:  # 甲用水量、乙用水量降低
        return [*(part + changed.group() for part in parts[:-1]), parts[-1]]
    own = len(parts[1]) if count > 2 else min(2, len(parts[0]), len(parts[-1]))
    head, tail = parts[0][:-own], parts[-1][own:]
    middle = [parts[0][-own:], *parts[1:-1], parts[-1][:own]]
    return [head + part + tail for part in middle]
