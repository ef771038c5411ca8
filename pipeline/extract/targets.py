"""Targets and baselines out of sentences: which quantities somebody can be held to, by when, how often; which tell of the past."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.extract.quantities import DATE, NAME, Date, DateKind, Frequency, Quantity, QuantityReader
from pipeline.model import Baseline, Target
from pipeline.rulebook.load import Rulebook
from pipeline.text import narrow

_GATE = re.compile(r"[0-9０-９〇○]|[百千]分之|[一二两三四五六七八九十]五[”\"]?(?:末|期|时)|目标|[一二两三四五六七八九十][百千]?(?:次|人|名|场|个|家|所|处|座|支|期|届|轮|遍|项|亩|户|批|堂|万|亿)")
_CLAUSE = re.compile(r"[,;:。!?|]")
_JOIN = re.compile(r"、|和(?!谐|平|美|睦)|以及|及(?!时|其)|并(?!网|轨|购)|与")
_TRIM = " ,、;:。\x00\x01"
_RATES = ("%", "‰")
_PAUSES = ("、", ",", ";", "。", ":", ")", "|", "")


@dataclass(frozen=True, slots=True)
class _Sentence:
    """One sentence, read: `text` is narrow, `blank` has names, dates and frequencies blanked, `clauses` are half-open spans between commas."""

    start: int
    text: str
    blank: str
    dates: tuple[Date, ...]
    frequencies: tuple[Frequency, ...]
    quantities: tuple[Quantity, ...]
    clauses: tuple[tuple[int, int], ...]

    def clause(self, at: int) -> tuple[int, int]:
        return next(span for span in self.clauses if span[0] <= at < span[1])


class TargetReader:
    """Reads targets and baselines; built once, used for any number of documents."""

    def __init__(self, rulebook: Rulebook):
        self._reader = QuantityReader(rulebook)
        pattern = rulebook.pattern
        self._duration = frozenset(rulebook.terms("quantities.duration"))
        self._process = pattern("quantities.process_time")
        self._doing, self._light, self._next_verb = pattern("targets.doing"), pattern("targets.light_verb"), pattern("targets.next_verb")
        self._preposition, self._lead = pattern("targets.preposition"), pattern("targets.lead")
        self._standard, self._attribute, self._not_name = pattern("targets.standard"), pattern("targets.attribute"), pattern("targets.not_name")
        self._object, self._distribute = pattern("targets.object"), pattern("targets.distribute")
        self._reach = pattern("targets.reach")
        self._hedge = pattern("targets.hedge")
        self._firm = pattern("targets.firm")
        self._each, self._whole = pattern("targets.scope.each"), pattern("targets.scope.whole")
        self._onwards, self._past_clause = pattern("targets.past.onwards"), pattern("targets.past.clause")
        self._unless, self._aspect = pattern("targets.past.unless_future"), pattern("targets.past.aspect")
        self._subsidy, self._sum, self._threshold = pattern("targets.not.subsidy"), pattern("targets.not.sum"), pattern("targets.not.threshold")
        self._stepping_stone, self._title = pattern("targets.not.stepping_stone"), re.compile("《[^》]*》")
        self._each_item, self._creates = pattern("targets.each_item"), pattern("targets.hanzi_creates")

    def deadline(self, text: str, year: int | None = None) -> str | None:
        """The deadline that a short text states (a table column 完成时限), None for 长期坚持, 每年12月, 2024年3月起. The last one where it states several."""
        text = narrow(text)
        frequencies = self._reader.frequencies(text)
        days = [d.day for d in self._reader.dates(text, None) if d.kind in (DateKind.DEADLINE, DateKind.GOAL) and d.day]
        if not days and not frequencies:
            days = [d.day for d in self._reader.dates(text, year) if d.kind in (DateKind.DEADLINE, DateKind.GOAL) and d.day]
        return max(days, default=None)

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
          Targets with id "" and measure None, which the caller knows; `indicator` is "" where the text names none (a table cell: the task's title says it).
        """
        targets: list[Target] = []
        baselines: list[Baseline] = []
        carried: Date | None = None
        told = False  # the paragraph has begun to tell of the past
        carry_end = 0
        for start, end in sentences:
            if "\n" in text[carry_end:start]:
                carried, told = None, False
            if not _GATE.search(text, start, end):
                carry_end = end
                continue
            sentence = self._sentence(text, start, end, year)
            if sentence.quantities:
                loose = carried
                if carried is not None and text[carry_end - 1:carry_end] not in "；;" and any("每" in sentence.text[f.start:f.end] for f in sentence.frequencies):
                    loose = carried = None
                self._decide(text, sentence, loose, default_deadline, past, told, targets, baselines)
            told = self._tells(sentence, told)
            last = sentence.dates[-1] if sentence.dates else None
            if last is not None:
                carried = last if last.kind is DateKind.GOAL and last.day else None
            carry_end = end
        return tuple(targets), tuple(baselines)

    def _sentence(self, text: str, start: int, end: int, year: int | None) -> _Sentence:
        line = narrow(text[start:end])
        titles = [m.span() for m in self._title.finditer(line)]
        dates = [d for d in self._reader.dates(line, year) if not any(begin <= d.start < finish for begin, finish in titles)]
        frequencies = [f for f in self._reader.frequencies(line) if not any(d.start <= f.start < d.end for d in dates)]
        blank = self._reader.blank(line, dates, frequencies)
        quantities = self._reader.quantities(blank)
        clauses, begin, depth = [], 0, 0
        for i, char in enumerate(blank):
            depth += (char == "(") - (char == ")")
            if depth <= 0 and (_CLAUSE.match(char) or char == ")" and blank[begin:begin + 1] == "("):
                clauses.append((begin, i + 1))
                begin = i + 1
        clauses.append((begin, len(blank) + 1))
        return _Sentence(start, line, blank, tuple(dates), tuple(frequencies), tuple(quantities), tuple(clauses))

    # ------------------------------------------------------------ what a quantity is

    def _decide(self, text: str, s: _Sentence, carried: Date | None, default: str | None, past: bool, telling: bool, targets: list[Target], baselines: list[Baseline]) -> None:
        read = []
        for group in self._groups(s):
            q, clause = group[0], s.clause(group[0].number)
            due, often = self._due(s, q, carried, default), self._often(s, q)
            rule = "targets.past.onwards" if past else self._past_rule(s, q, clause, due, often, telling)
            if self._counts(s, q, clause, often, told=rule is not None):
                read.append((group, clause, due, often, rule))
        groups = [group for group, *_ in read]
        told: list[tuple[int, int, str]] = []
        for group, clause, due, often, rule in read:
            if rule is None:
                targets += self._targets(text, s, group, groups, clause, due, often, targets)
            else:
                told.append((self._with_date(s, clause, clause[0]), self._segment(s, group, groups, clause)[1], rule))
        for begin, end, rule in _merged(s, told):
            begin, end = _trimmed(s.text, begin, end)
            baselines.append(Baseline(text[s.start + begin:s.start + end], s.start + begin, s.start + end, rule))

    def _tells(self, s: _Sentence, before: bool) -> bool:
        """Whether the sentences after this one go on telling of the past: it opens with a past date or word, and asks for nothing."""
        if self._firm.search(s.blank) or s.frequencies or any(d.kind in (DateKind.DEADLINE, DateKind.GOAL) for d in s.dates):
            return False
        first = s.clauses[0][1]
        return before or any(d.kind is DateKind.PAST and d.start < first for d in s.dates) or self._onwards.search(s.blank, 0, first) is not None

    def _groups(self, s: _Sentence) -> list[list[Quantity]]:
        """Quantities of a sentence; those that 分别 hands out (65%和55%) together."""
        groups: list[list[Quantity]] = []
        for q in s.quantities:
            if groups:
                before = groups[-1][-1]
                between = s.blank[before.end:q.start]
                if re.fullmatch(r"\s*(?:、|和|与|及|以及|/)\s*", between) and self._distribute.search(s.blank, s.clause(groups[-1][0].number)[0], groups[-1][0].number):
                    groups[-1].append(q)
                    continue
            groups.append([q])
        return groups

    def _due(self, s: _Sentence, q: Quantity, carried: Date | None, default: str | None) -> str | None:
        before = [d for d in s.dates if d.end <= q.number and d.kind in (DateKind.DEADLINE, DateKind.GOAL) and d.day]
        if before:
            return before[-1].day
        after = [d for d in s.dates if d.start >= q.number_end and d.kind in (DateKind.DEADLINE, DateKind.GOAL) and d.day]
        if after and s.text[q.end:after[0].start].count(",") <= 1 and not any(q.end <= other.number < after[0].start for other in s.quantities):
            return after[0].day
        return carried.day if carried is not None else default

    def _often(self, s: _Sentence, q: Quantity) -> Frequency | None:
        if q.per:
            own = self._reader.frequencies(q.per)
            if own:
                return own[0]
        before = [f for f in s.frequencies if f.end <= q.number]
        if not before or any(before[-1].end <= d.start and d.end <= q.number and d.kind in (DateKind.DEADLINE, DateKind.GOAL) for d in s.dates):
            return None
        return before[-1]

    def _past_rule(self, s: _Sentence, q: Quantity, clause: tuple[int, int], due: str | None, often: Frequency | None, telling: bool) -> str | None:
        """The rule by which a quantity tells of the past or of how things stand, None where it looks forward."""
        lead = s.blank[:q.start]
        marks = [(m.end(), "targets.past.onwards") for m in self._onwards.finditer(lead)]
        marks += [(d.end, d.rule) for d in s.dates if d.kind is DateKind.PAST and d.end <= q.number]
        marks += [(m.end(), "") for m in self._firm.finditer(lead)]
        marks += [(d.end, "") for d in s.dates if d.kind in (DateKind.DEADLINE, DateKind.GOAL) and d.end <= q.number]
        if telling and not due and not often and not q.bounded:
            marks.append((0, "targets.past.onwards"))
        if marks and max(marks)[1]:
            return max(marks)[1]
        near = s.blank[clause[0]:q.number]
        if self._aspect.search(near):
            return "targets.past.aspect"
        forward = bool(self._firm.search(near))
        if not forward and self._past_clause.search(near) and not any(d.kind is DateKind.GOAL and clause[0] <= d.start < q.number for d in s.dates):
            return "targets.past.clause"
        if not forward and not q.bounded and not due and not often and not self._each.search(near) and self._unless.search(near):
            return "targets.past.unless_future"
        if q.comparator == "~" and not forward and not due and not often and self._unless.search(s.blank[clause[0]:q.start]):
            return "targets.past.unless_future"
        return None

    def _counts(self, s: _Sentence, q: Quantity, clause: tuple[int, int], often: Frequency | None, told: bool = False) -> bool:
        """Whether a quantity measures something at all, rather than naming, bounding or structuring it."""
        lead, rest = s.blank[clause[0]:q.start], s.blank[q.number_end:clause[1]]
        if q.unit in self._duration and not (often is not None or "工作日" in q.unit and self._process.search(s.blank[clause[0]:clause[1]])):
            return False
        if lead.count("(") > lead.count(")") and any(other.number_end <= clause[0] + lead.rindex("(") for other in s.quantities if clause[0] <= other.number):
            return False  # a break-down in brackets after its sum
        if self._sum.search(lead) or self._stepping_stone.match(rest):
            return False
        if told:
            return not q.hanzi
        if q.unit.endswith("元") and self._subsidy.search(lead):
            return False
        if q.unit[-1:] in "元人户名米亩吨里头" and self._threshold.match(rest) and not self._ends_doing(lead):
            return False
        if not q.hanzi:
            return True
        near_often = often is not None and clause[0] <= often.start
        if q.bounded and q.comparator != "~" or near_often and q.unit[0] in "次场期轮遍批堂节人名届" or self._each_item.search(lead):
            return True
        closes = re.match(r"\s*(?:[,、;。|)]|$)", s.blank[q.end:]) is not None
        return q.value >= 2 and (self._creates.search(lead) is not None and q.unit not in ("项", "类", "种", "支") or closes and q.unit not in ("期", "轮", "届", "层") and bool(self._doing.search(lead)) and not self._ends_doing(lead))

    def _ends_doing(self, lead: str) -> bool:
        return any(m.end() == len(lead) for m in self._doing.finditer(lead))

    # ------------------------------------------------------------ how a target reads

    def _targets(self, text: str, s: _Sentence, group: list[Quantity], groups: list[list[Quantity]], clause: tuple[int, int], due: str | None,
                 often: Frequency | None, made: list[Target]) -> list[Target]:
        first, last = group[0], group[-1]
        begin, end = self._segment(s, group, groups, clause)
        indicator, uses_after = self._indicator(s, begin, first, last, end)
        if not indicator:
            indicator = self._from_earlier(s, clause, first, made)
        stop = end if uses_after else last.end
        start = self._with_date(s, clause, begin)
        start, stop = _trimmed(s.text, start, stop)
        scope = self._scope(s, clause, first)
        hedge = self._hedge.search(s.text, clause[0], first.number)
        names = _share(indicator, len(group)) if len(group) > 1 else [indicator]
        found = []
        for q, name in zip(group, names):
            per = q.per if q.per and (often is None or often.name is None and not often.per) else f"/{often.per}" if often is not None and often.name is None else ""
            found.append(Target(id="", measure=None, indicator=name, value=q.value, value_max=q.value_max, unit=q.unit + per,
                               comparator=q.comparator, frequency=often.name if often is not None else None, deadline=due, scope=scope,
                               modality=hedge.group() if hedge else None, evidence=text[s.start + start:s.start + stop],
                               start=s.start + start, end=s.start + stop, rule=q.rule))
        return found

    def _segment(self, s: _Sentence, group: list[Quantity], groups: list[list[Quantity]], clause: tuple[int, int]) -> tuple[int, int]:
        """The part of a clause that belongs to a quantity: between the joints (、和) to its neighbours."""
        index = groups.index(group)
        begin, end = clause[0], clause[1] - 1 if clause[1] <= len(s.blank) else len(s.blank)
        if index > 0 and groups[index - 1][-1].number >= clause[0]:
            begin = self._joint(s, groups[index - 1][-1], group[0])
        if index + 1 < len(groups) and groups[index + 1][0].number < clause[1]:
            end = self._joint(s, group[-1], groups[index + 1][0])
        return begin, max(end, group[-1].end)

    def _joint(self, s: _Sentence, left: Quantity, right: Quantity) -> int:
        between = s.blank[left.end:right.start]
        joints = [m for m in _JOIN.finditer(between)]
        if not joints:
            return left.end
        return left.end + (joints[0] if joints[0].start() == 0 else joints[-1]).start()

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
        return (over["object"] if over else "") + _unquoted(self._attribute.sub("", thing)), True

    def _cleaned(self, s: _Sentence, begin: int, end: int) -> str:
        """The words before a number without what only says when, how surely, how much, or that something is done."""
        words = list(s.text[begin:end])
        for span in (*s.dates, *s.frequencies):
            if s.text[span.start:span.end] != "年均":  # 年均增长 names a target, 每年增长 does not
                for i in range(max(span.start, begin), min(span.end, end)):
                    words[i - begin] = DATE
        parts = [part.strip(_TRIM) for part in self._reach.sub("", "".join(words).rstrip(_TRIM)).split(DATE)]
        parts = [part for part in parts if part]
        if len(parts) > 1 and not self._doing.match(parts[-1]) and not self._each.match(parts[-1]):  # 机关干部每年科技类学习
            parts[-1] = self._opened(parts[-2]) + parts[-1]
        return self._opened(parts[-1]) if parts else ""

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
        """A number without a name (其中2023年完成1800户): the last one counted in the same unit in this sentence, else the clause before."""
        for target in reversed(made):
            if target.start < s.start:
                break
            if target.unit == q.unit:
                return target.indicator
        index = s.clauses.index(clause)
        return self._cleaned(s, s.clauses[index - 1][0], s.clauses[index - 1][1] - 1) if index else ""

    def _with_date(self, s: _Sentence, clause: tuple[int, int], begin: int) -> int:
        """Where the evidence starts: with the clause before when that is only a date (到2025年，)."""
        if begin == clause[0] and begin > 0:
            earlier = s.clauses[s.clauses.index(clause) - 1]
            if s.blank[earlier[0]:earlier[1] - 1].strip(_TRIM) in ("", "到", "力争", "力争到"):
                return earlier[0]
        return begin

    def _scope(self, s: _Sentence, clause: tuple[int, int], q: Quantity) -> str | None:
        each = self._each.search(s.text, clause[0], q.number)
        if each:
            return each.group()
        whole = self._whole.search(s.text, 0, q.number)
        return whole.group() if whole else None


def _unquoted(name: str) -> str:
    return name[1:-1] if name[:1] == "“" and name.find("”") == len(name) - 1 else name


def _trimmed(text: str, begin: int, end: int) -> tuple[int, int]:
    end = min(end, len(text))
    while begin < end and text[begin] in " ,、;:。|":
        begin += 1
    while begin < end and text[end - 1] in " ,、;:。|":
        end -= 1
    return begin, end


def _merged(s: _Sentence, spans: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Spans of one clause made one; a clause that compares (比“十二五”末提高…) goes with the one before it."""
    merged: list[tuple[int, int, str]] = []
    for begin, end, rule in spans:
        if merged and (begin < merged[-1][1] or begin - merged[-1][1] <= 1 and s.text[begin:begin + 1] in ("比", "较")):
            merged[-1] = (merged[-1][0], end, merged[-1][2])
        else:
            merged.append((begin, end, rule))
    return merged


def _share(indicator: str, count: int) -> list[str]:
    """The names of 分别 one by one: 花生种植、收获机械化率 is 花生种植机械化率 and 花生收获机械化率.

    What the parts share hangs on the first (花生) and on the last (机械化率); a part in the middle shows how long the parts themselves are, else two characters.
    """
    parts = re.split(r"[、和与及]", indicator)
    if len(parts) != count:
        return [indicator] * count
    if parts[0][-1:] == parts[-1][-1:]:
        return parts
    own = len(parts[1]) if count > 2 else min(2, len(parts[0]), len(parts[-1]))
    head, tail = parts[0][:-own], parts[-1][own:]
    middle = [parts[0][-own:], *parts[1:-1], parts[-1][:own]]
    return [head + part + tail for part in middle]
