"""Compare: what a covered measure lost or gained on its way down. Numbers, dates, force, copying, offices; each difference is a finding."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import add

from pipeline import numerals
from pipeline.coverage.statements import Standing, Statement
from pipeline.coverage.totals import additive, in_unit, plain_unit
from pipeline.extract.readers import Readers
from pipeline.model import Extraction, Finding, Measure, MeasureVerdict, Quote, Severity, Target, TargetStatus, Task
from pipeline.rulebook.load import Rulebook
from pipeline.text import bare

# Measure words that count the same kind of thing: a town may say 人 where the city says 名.
_SAME = {word: kind for kind, words in {"人": ("名", "位", "人"), "个": ("所", "家", "个", "处", "座", "间", "支", "块", "只", "门", "栋", "幢"),
                                        "场": ("场次", "场", "次", "期", "回", "趟", "遍", "轮", "讲", "堂")}.items() for word in words}
# Kinds that may stand for each other where nothing else in the sentence does.
_ALSO = {("人", "个"), ("人次", "人"), ("人次", "个"), ("个", "户")}
_CLAUSE = re.compile("[，；。：,;]")


@dataclass(frozen=True, slots=True)
class Carried:
    """One measure with its task, its verdict and the statements that carry it out (empty where it is not covered)."""

    task: Task
    measure: Measure
    verdict: MeasureVerdict
    statements: tuple[Statement, ...]


def quote(statement: Statement, page: int | None) -> Quote:
    return Quote(statement.text, statement.start, statement.end, page)


@lru_cache(maxsize=2000)
def copied_share(measure: str, evidence: str, run: int) -> float:
    """The share of a measure's characters that stand in runs of at least `run` characters word for word in the evidence."""
    left, right = bare(measure), bare(evidence)
    if len(left) < run:
        return 1.0 if left and left in right else 0.0
    marked = [False] * len(left)
    for i in range(len(left) - run + 1):
        if left[i : i + run] in right:
            marked[i : i + run] = [True] * run
    return sum(marked) / len(left)


# ---------------------------------------------------------------- targets


def denies(measure: str, evidence: str, rules: Rulebook) -> bool:
    """Does a clause of `evidence` deny a word that the measure affirms ("不作检测" of "经检测合格")? The word stands right behind the denial."""
    negated, rest, forbidding = (rules.pattern(name) for name in ("coverage.standing.negated", "coverage.standing.negated_rest", "extract.modality.forbid"))
    for clause in _CLAUSE.split(evidence):
        match = negated.search(clause)
        if match and not rest.search(clause):
            word = clause[match.end() : match.end() + 2]
            at = measure.find(word) if len(word) == 2 else -1
            if at >= 0 and not forbidding.search(measure[max(0, at - 8) : at]):
                return True
    return False


def read_lower_targets(lower: Extraction, statements: Sequence[Statement], readers: Readers) -> list[tuple[Target, Statement]]:
    """The figures that a lower document commits itself to, each with its statement; those of goal chapters too."""
    text = lower.document.text
    year = int(lower.outline.frame.date[:4]) if lower.outline.frame.date else None
    found = []
    for statement in statements:
        if statement.standing is Standing.COMMITS or statement.kind in ("goals", "guidance"):
            spans = [(statement.start, statement.end), *([(statement.figures.start, statement.figures.end)] if statement.figures else [])]
            targets, _ = readers.targets.read(text, spans, year=year, default_deadline=_row_year(statement))
            found += [(target, statement) for target in targets]
    return found


def _row_year(statement: Statement) -> str | None:
    m = re.search(r"20\d\d", statement.deadline or "")
    return m.group() if m else None


def match_targets(carried: Sequence[Carried], lower_targets: Sequence[tuple[Target, Statement]], page_of, rules: Rulebook) -> dict[str, TargetStatus]:
    """Upper target id → how the lower document answers it. A lower figure answers one upper target, the one whose indicator it shares most of."""
    figures = [*lower_targets, *_in_passing(carried, lower_targets, rules)]
    by_statement: dict[int, list[int]] = {}
    for n, (_, statement) in enumerate(figures):
        by_statement.setdefault(statement.order, []).append(n)
    candidates: dict[tuple[str, int], float] = {}
    wanted = [(c, [t for t in c.task.targets if t.measure == c.measure.id]) for c in carried]
    for c, targets in wanted:
        kinds = [_unit(t.unit) for t in targets]
        for statement in c.statements:
            here = sorted(by_statement.get(statement.order, ()), key=lambda n: figures[n][0].start)
            in_step = len(kinds) > 1 and [_unit(figures[n][0].unit) for n in here] == kinds  # as many figures, of the same kinds in the same order
            for place, target in enumerate(targets):
                kind = kinds[place]
                same: list[int] = []  # of the same kind, else of one that may stand for it; said as a target, else in passing
                for kinds_of in ({kind}, {other for one, other in _ALSO if one == kind}):
                    for as_target in (True, False):
                        same = same or [n for n in here if (n < len(lower_targets)) is as_target and _unit(figures[n][0].unit) in kinds_of]
                for n in same:
                    alike = _alike(target.indicator, figures[n][0].indicator)
                    single = kinds.count(kind) == 1 and len(same) == 1  # alone of its kind on both sides: the same figure under another name
                    stepping = in_step and here[place] == n
                    if alike >= 0.25 or single or stepping:
                        candidates[target.id, n] = 1.0 + alike + (0.5 if single or stepping else 0.0)
        for target in targets:
            for n, (mine, _) in enumerate(lower_targets):
                if mine.frequency == target.frequency and _unit(mine.unit) == _unit(target.unit) and (alike := _alike(target.indicator, mine.indicator)) >= 0.6:
                    candidates.setdefault((target.id, n), alike)
    status: dict[str, TargetStatus] = {}
    taken: set[int] = set()
    for _, n, id_ in sorted((-weight, n, id_) for (id_, n), weight in candidates.items()):
        if id_ in status or n in taken:
            continue
        taken.add(n)
        mine = figures[n][0]
        status[id_] = TargetStatus(id_, "stated", mine.value, mine.unit, mine.comparator, mine.deadline, Quote(mine.evidence, mine.start, mine.end, page_of(mine.start)))
    for c, targets in wanted:
        for target in targets:
            status.setdefault(target.id, TargetStatus(target.id, "unquantified" if c.verdict.covered else "absent"))
    return status


def _in_passing(carried: Sequence[Carried], read: Sequence[tuple[Target, Statement]], rules: Rulebook) -> list[tuple[Target, Statement]]:
    """Figures that the sentences which carry a measure out say in passing ("办够九个"), beside those that were read as targets."""
    found = []
    for statement in {s.order: s for c in carried for s in c.statements}.values():
        for m in rules.pattern("findings.figure").finditer(statement.text):
            start, end = statement.start + m.start(), statement.start + m.end()
            value = numerals.parse(m["value"])
            if value is not None and not any(t.start < end and start < t.end for t, s in read if s.order == statement.order):
                found.append((Target("", None, "", value, None, m["unit"], "=", None, None, None, None, m.group(), start, end, "findings.figure"), statement))
    return found


@lru_cache(maxsize=1000)
def _unit(unit: str) -> str:
    """What a measure word counts: 万人次, 名 and 位 all count people."""
    _, plain = plain_unit(unit)
    return _SAME.get(plain, plain)


def _alike(left: str, right: str) -> float:
    """Shared character pairs of two indicators, against the shorter one."""
    a, b = _pairs(left), _pairs(right)
    return len(a & b) / min(len(a), len(b)) if a and b else 0.0


@lru_cache(maxsize=2000)
def _pairs(text: str) -> frozenset[str]:
    plain = bare(text)
    return frozenset(map(add, plain, plain[1:]))


# ---------------------------------------------------------------- findings


def find(upper: Extraction, lower: Extraction, carried: Sequence[Carried], statements: Sequence[Statement], status: dict[str, TargetStatus],
         denied: Sequence[tuple[Carried, Statement]], readers: Readers) -> list[Finding]:
    """Every finding about one lower document, sorted by place.

    Args:
      denied: Measures beside the statements that say the opposite.
    """
    found: list[Finding] = []
    rules = readers.rulebook
    page_of = lower.document.page_of
    year = int(lower.outline.frame.date[:4]) if lower.outline.frame.date else None
    per_paragraph = _names_offices(statements)
    for c, statement in denied:
        found.append(Finding("contradiction", Severity.HIGH, f"与市级要求相反：“{_short(statement.text)}”；请改正，或说明理由", c.task.id, c.measure.id,
                             quote(statement, page_of(statement.start)), _upper(c)))
    missing_units: set[int] = set()
    for c in carried:
        if not c.verdict.covered or not c.statements:
            continue
        for statement in c.statements[:1]:
            where = dict(task=c.task.id, measure=c.measure.id, evidence=quote(statement, page_of(statement.start)), upper_evidence=_upper(c))
            found += _dates(c, statement, year, readers, where)
            found += _force(c, statement, rules, where)
            if statement.paragraph not in missing_units and _no_office(statement, per_paragraph, readers, lower):
                missing_units.add(statement.paragraph)
                found.append(Finding("unit_missing", Severity.MEDIUM, "这项工作没有写明由哪个办（局、站所）负责，而本方案其他工作写了；请补上责任单位", **where))
            found += _copying(c, statement, rules, where)
        found += _figures(c, status, page_of)
    found += _obsolete(lower, statements, readers)
    limit = int(rules.settings["coverage.length.limit"])
    length = sum(1 for ch in lower.document.text if "一" <= ch <= "鿿")
    if length > limit:
        found.append(Finding("over_length", Severity.LOW, f"全文约{length}字，超过专项方案一般不超过{limit}字的要求；请精简"))
    return sorted(found, key=lambda f: ((f.evidence.start if f.evidence else -1), f.rule, f.measure or ""))


def _upper(c: Carried) -> Quote:
    return Quote(c.measure.text, c.measure.start, c.measure.end, c.measure.page)


def _short(text: str, length: int = 40) -> str:
    return text if len(text) <= length else text[:length] + "……"


def _dates(c: Carried, statement: Statement, year: int | None, readers: Readers, where: dict) -> list[Finding]:
    own = [t.deadline for t in c.task.targets if t.measure == c.measure.id and t.deadline]
    due = readers.targets.deadline(c.measure.text) or (own[0] if own else None) or (_year_of(c.task.deadline) if c.task.deadline else None)
    if not due:
        return []
    mine = readers.targets.deadline(statement.text, year) or (readers.targets.deadline(statement.deadline, year) or _year_of(statement.deadline) if statement.deadline else None)
    if mine is None:
        return [Finding("deadline_dropped", Severity.LOW, f"市级要求{_day(due)}完成，这里没有写时限；请补上", **where)]
    if _last_day(mine) > _last_day(due):
        return [Finding("deadline_later", Severity.HIGH, f"时限晚于市级要求：市级为{_day(due)}，这里为{_day(mine)}；请改为不晚于市级时限", **where)]
    return []


def _year_of(text: str | None) -> str | None:
    m = re.search(r"20\d\d", text or "")
    return m.group() if m else None


def _last_day(date: str) -> str:
    """A date as a comparable day: 2025 is its last day, 2025-06 the last of June."""
    return {4: date + "-12-31", 7: date + "-31"}.get(len(date), date)


def _day(date: str) -> str:
    parts = date.split("-")
    return "".join(f"{int(p)}{w}" for p, w in zip(parts, "年月日"))


def _force(c: Carried, statement: Statement, rules, where: dict) -> list[Finding]:
    weak = rules.pattern("findings.weak").search(statement.text)
    if weak and not any(rules.pattern(id_).search(c.measure.text) for id_ in ("findings.weak", "findings.conditional")):
        return [Finding("modality_weakened", Severity.MEDIUM, f"市级是硬任务，这里写成“{weak.group()}”；请改为明确的安排", **where)]
    soft = rules.pattern("findings.weak_verb")
    if soft.match(statement.text) and not _softly(_CLAUSE.split(statement.text)[0], c.measure.text, rules.pattern("findings.soft_upper")):
        return [Finding("modality_weakened", Severity.MEDIUM, f"市级是硬任务，这里只是“{soft.match(statement.text).group().strip('，；')}”；请改为明确的安排", **where)]
    return []


def _softly(clause: str, measure: str, soft: re.Pattern) -> bool:
    """Does the upper measure itself ask softly for what a clause says: in its first clause, or in one that speaks of the same?"""
    first, *others = _CLAUSE.split(measure)
    return bool(soft.search(first)) or any(soft.search(other) and _alike(clause, other) >= 0.3 for other in others)


def _names_offices(statements: Sequence[Statement]) -> bool | None:
    """How a document names its offices: True once a paragraph, False once a heading, None where it mostly names none."""
    committing = [s for s in statements if s.standing is Standing.COMMITS]
    if not committing:
        return None
    paragraphs: dict[int, bool] = {}
    for s in committing:
        paragraphs[s.paragraph] = paragraphs.get(s.paragraph, False) or s.units_here
    if sum(paragraphs.values()) >= 0.6 * len(paragraphs):
        return True
    if sum(bool(s.units) for s in committing) >= 0.5 * len(committing):
        return False
    return None


def _no_office(statement: Statement, per_paragraph: bool | None, readers: Readers, lower: Extraction) -> bool:
    if per_paragraph is None or (statement.units_here if per_paragraph else statement.units):
        return False
    text = lower.document.text
    line = lower.document.paragraphs[statement.paragraph]
    offices = [u for u in readers.units.mentions(text, line.start, line.end) if not u.name.endswith(("公司", "企业", "协会", "商会", "超市", "合作社"))]
    return not offices and not readers.rulebook.pattern("findings.doer").search(statement.text)


def _copying(c: Carried, statement: Statement, rules, where: dict) -> list[Finding]:
    share = copied_share(c.measure.text, statement.text, 8)
    if share < 0.5:
        return []
    plain = statement.text
    for m in rules.pattern("findings.upper_scope").finditer(plain):
        opens = m.start() == 0 or plain[m.start() - 1] in "，；"  # a body of the upper level as the doer
        kept = opens or m.group()[0] in "全我本" or plain[m.start() : m.start() + 6] in c.measure.text
        if kept and not rules.pattern("findings.upper_help").search(plain[: m.start()]):
            return [Finding("copied_not_localised", Severity.HIGH, f"照抄市级原文，主语没有换成本地的：“{_short(plain[m.start():], 14)}”；请改成本镇（街道）由谁做、怎么做", **where)]
    return []


def _figures(c: Carried, status: dict[str, TargetStatus], page_of) -> list[Finding]:
    found = []
    for target in c.task.targets:
        if target.measure != c.measure.id:
            continue
        answer = status[target.id]
        if answer.status == "unquantified" and c.statements:
            found.append(Finding("target_unquantified", Severity.MEDIUM, f"市级定了数（{target.indicator}：{target.value}{target.unit}），这里没有数；请写明本地的指标", c.task.id,
                                 c.measure.id, quote(c.statements[0], page_of(c.statements[0].start)), Quote(target.evidence, target.start, target.end)))
        if answer.status == "stated" and answer.value is not None and additive(target):
            if in_unit(answer.value, answer.unit or target.unit, target.unit) > (target.value_max or target.value) and (answer.deadline or "")[:4] <= (target.deadline or "9999")[:4]:
                found.append(Finding("target_escalated", Severity.MEDIUM, f"一地的指标（{answer.value}{answer.unit}）超过全市的总数（{target.value}{target.unit}），疑似层层加码；请核实", c.task.id,
                                     c.measure.id, answer.evidence, Quote(target.evidence, target.start, target.end)))
    return found


def _obsolete(lower: Extraction, statements: Sequence[Statement], readers: Readers) -> list[Finding]:
    """Bodies that a reform abolished or renamed before the document's date, named as doers or in unit lists; each once."""
    text, date = lower.document.text, lower.outline.frame.date
    found, seen = [], set()
    named = [u for s in statements if s.standing is Standing.COMMITS and readers.units.may_be_obsolete(s.text) for u in readers.units.mentions(text, s.start, s.end)]
    listed = []
    for paragraph in lower.document.paragraphs:
        if not readers.units.may_be_obsolete(text[paragraph.start : paragraph.end]):
            continue
        if paragraph.cells:
            for cell in paragraph.cells:
                listed += readers.units.mentions(text, cell.start, cell.end)
        else:
            listed += [u for g in readers.units.groups(text, [(paragraph.start, paragraph.end)]) for u in g.units]
    for unit in sorted([*named, *listed], key=lambda u: u.start):
        parent = re.match(r"(.{3,}?(?:委员会|局|办公室|厅))(?=.{2,})", unit.name)  # a station of the body
        gone = readers.units.obsolete(unit.name, date) or (parent and readers.units.obsolete(parent[1], date))
        if gone is None or unit.name in seen:
            continue
        seen.add(unit.name)
        reform, today, _ = gone
        found.append(Finding("unit_obsolete", Severity.MEDIUM, f"“{unit.name}”已不存在：{reform}；现为{today}，请改正", None, None,
                             Quote(text[unit.start : unit.end], unit.start, unit.end, lower.document.page_of(unit.start))))
    return found
