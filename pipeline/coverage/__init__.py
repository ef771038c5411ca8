"""Coverage: an upper and some lower documents become a verdict for every duty and every place.

First `link` (which statements might answer a measure), then `judge` (do they), then `compare` (what was lost on the way), then `totals`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property, lru_cache

from pipeline.coverage import compare, judge, totals
from pipeline.coverage.concepts import Lexicon, Profile, Said, choose_domain
from pipeline.coverage.explain import reason, short
from pipeline.coverage.link import Links, Measures, kinship, link
from pipeline.coverage.place import Walk
from pipeline.coverage.statements import Standing, Statement, read_statements
from pipeline.extract.readers import Readers
from pipeline.model import CoverageTrace, Extraction, Factor, LowerCoverage, Measure, MeasureVerdict, Modality, Quote, Target, Task, TaskVerdict, Verdict
from pipeline.text import bare, fold


# Two titles that share a run of this many characters, set phrases apart, name the same work ("农村人居环境").
_THEME = 5


class Duties:
    """An upper document to be compared with any number of lower ones; what that takes is made with the first of them."""

    def __init__(self, upper: Extraction, readers: Readers, domain: str = "auto", like: "Duties | None" = None):
        """Raises KeyError for a domain that no pack has.

        Args:
          like: Another upper document's duties: where readers and domain are the same, its lexicon serves both.
        """
        self.upper, self.readers = upper, readers
        self.pairs: list[tuple[Task, Measure]] = [(task, measure) for task in upper.tasks for measure in task.measures]
        self.domain = choose_domain(readers.rulebook, [measure.text for _, measure in self.pairs], domain)
        self._like = like if like is not None and like.domain == self.domain and like.readers is readers else None

    @cached_property
    def lexicon(self) -> Lexicon:
        return self._like.lexicon if self._like is not None else Lexicon(self.readers.rulebook, self.domain)

    @cached_property
    def weights(self) -> judge.Weights:
        return judge.weights(self.readers.rulebook, self.domain)

    @cached_property
    def walk(self) -> Walk:
        return Walk([task.id for task, _ in self.pairs])

    @cached_property
    def measures(self) -> list[Profile]:
        counted: dict[str, list[str]] = {}
        for task in self.upper.tasks:
            for target in task.targets:
                counted.setdefault(target.measure, []).append(target.unit)
        return self.lexicon.profiles([Said(fold_width(m.text), _titles(task), "", counted.get(m.id, ())) for task, m in self.pairs], clauses=True)

    @cached_property
    def compared(self) -> Measures:
        titled = [task for task in self.upper.tasks if task.measures]
        titles = dict(zip([task.id for task in titled], self.lexicon.profiles([Said(task.title, tuple(_bare_heading(h) for h in task.heading_path)) for task in titled])))
        return Measures(self.measures, [titles[task.id] for task, _ in self.pairs], self.lexicon)

    def check(self, lower: Extraction, name: str) -> LowerCoverage:
        """One lower document against the duties. Depends on nothing but the two documents and the rules."""
        settings = self.readers.rulebook.settings
        statements, profiles, links, kin, figures = self.linked(lower)
        judged, likely = judge.judge(links, statements, self.walk, self.weights, kin)
        adopted = next((s for s in statements if self.readers.rulebook.pattern("coverage.standing.direct").search(s.text)), None)
        carried = []
        used: set[int] = set()
        for (task, measure), profile, verdict in zip(self.pairs, self.measures, judged):
            carried.append(self._carried(task, measure, profile, verdict, statements, profiles, lower, adopted, settings))
            used.update(s.order for s in carried[-1].statements)
        status = compare.match_targets(carried, figures, lower.document.page_of, self.readers.rulebook)
        denied = self._denied(statements, profiles, carried)
        findings = compare.find(self.upper, lower, carried, statements, status, denied, self.readers)
        verdicts = self._tasks(carried, status, lower, settings)
        hollow = [self._hollow(v, carried, lower) for v in verdicts]
        findings = sorted([*findings, *(f for f in hollow if f)], key=lambda f: ((f.evidence.start if f.evidence else -1), f.rule, f.measure or ""))
        verdicts = tuple(replace(v, flags=self._flags(v, findings, f is not None)) for v, f in zip(verdicts, hollow))
        binding = [m for v in verdicts if v.verdict is not Verdict.NOT_APPLICABLE for m in v.measures if m.binds]
        score = sum(m.covered for m in binding) / len(binding) if binding else 0.0
        return LowerCoverage(name, lower, round(score, 4), verdicts, (*findings, *lower.findings), self._own(statements, likely, used, lower, settings), lower.document.warnings)

    def linked(self, lower: Extraction) -> tuple[tuple[Statement, ...], list[Profile], Links, float, list[tuple[Target, Statement]]]:
        """All that the judge looks at: the statements with their profiles, what they have in common with the measures, the kinship of the two documents; and the lower figures."""
        statements = read_statements(lower.outline, self.readers)
        figures = compare.read_lower_targets(lower, statements, self.readers)
        counted: dict[int, list[str]] = {}
        for target, statement in figures:
            counted.setdefault(statement.order, []).append(target.unit)
        profiles = self.lexicon.profiles([Said(fold_width(s.text), s.headings, s.topic, counted.get(s.order, ())) for s in statements])
        commits = [s.standing is Standing.COMMITS for s in statements]
        links = link(self.compared, profiles, commits, [s.paragraph for s in statements])
        return statements, profiles, links, judge.kinship_of(self.related(lower), kinship(self.compared, profiles, commits)), figures

    def related(self, lower: Extraction) -> bool:
        """Does a lower document name the upper one, by number or title, or bear its theme in its own title?"""
        frame = self.upper.outline.frame
        text = bare(lower.document.text)
        if any(name and bare(name) in text for name in (frame.number, frame.title)):
            return True
        generic = self.readers.rulebook.pattern("coverage.title.generic")
        theirs = lower.outline.frame.title or ""
        return any(part[i : i + _THEME] in theirs for part in generic.split(frame.title or "") for i in range(len(part) - _THEME + 1))

    def _carried(self, task, measure, profile: Profile, judged: judge.Judgement, statements, profiles, lower: Extraction, adopted: Statement | None, settings) -> compare.Carried:
        binds = task.applies_to_lower and measure.binds_lower
        denied = judged.link is not None and compare.denies(measure.text, statements[judged.link.statement].text, self.readers.rulebook)
        covered = not denied and judged.link is not None and judged.probability >= float(settings["coverage.measure.threshold"])
        confidence = max(judged.probability, 1 - judged.probability)
        chosen: list[Statement] = []
        rule = "judge"
        if covered:
            chosen.append(statements[judged.link.statement])
            if judged.second is not None:
                chosen.append(statements[judged.second.statement])
        elif adopted is not None and binds:
            covered, confidence, rule = True, 0.75, "coverage.standing.direct"
            chosen.append(adopted)
        unread = not covered and bool(lower.document.unread_pages)
        near = statements[judged.link.statement] if judged.link is not None else None
        why = reason(profile, profiles[near.order] if near else None, near, covered, self.lexicon, rule == "coverage.standing.direct", unread, judged.link.kinds if judged.link is not None else ())
        if denied and near is not None:
            why = f"“{short(near.text)}”写明不做，与本举措相反。"
        page_of = lower.document.page_of
        factors = tuple([_weighed(name, round(value, 2), value < 0, round(weight, 2)) for name, value, weight in judged.factors])
        if near is not None:
            factors = (_factor(near.rule, near.standing.value, 0.0), *[_factor(c, self.lexicon.name[c], 0.0) for c in judged.link.shared], *factors)
        copied = max((compare.copied_share(measure.text, s.text, int(settings["coverage.copy.run"])) for s in chosen), default=0.0)
        verdict = MeasureVerdict(measure.id, covered, 0.5 if unread else round(min(0.99, confidence), 2), binds and (unread or confidence < float(settings["coverage.measure.review"])),
                                 binds, tuple(compare.quote(s, page_of(s.start)) for s in chosen), why, factors, round(copied, 2))
        return compare.Carried(task, measure, verdict, tuple(chosen))

    def _denied(self, statements, profiles, carried) -> list[tuple[compare.Carried, Statement]]:
        """Statements that say of a measure's matter that it will not be done, each with the measure it speaks of most."""
        rules = self.readers.rulebook
        negating = [s.standing is Standing.NEGATES for s in statements]
        asked = [n or (s.standing is Standing.COMMITS and bool(rules.pattern("coverage.standing.negated").search(s.text))) for s, n in zip(statements, negating)]
        if not any(asked):
            return []
        judged, _ = judge.judge(link(self.compared, profiles, asked, [s.paragraph for s in statements]), statements, self.walk, self.weights, 1.0)
        floor = float(rules.settings["coverage.denial.probability"])
        best: dict[int, tuple[float, int]] = {}
        for i, verdict in enumerate(judged):
            if verdict.link is None or not carried[i].verdict.binds or verdict.probability < floor:
                continue
            at, measure = verdict.link.statement, carried[i].measure
            # to say no to what is forbidden is to obey
            if (negating[at] and measure.modality is not Modality.FORBID) or compare.denies(measure.text, statements[at].text, rules):
                best[at] = max(best.get(at, (0.0, 0)), (verdict.probability, -i))
        return [(carried[-i], statements[j]) for j, (_, i) in sorted(best.items())]

    def _tasks(self, carried, status, lower: Extraction, settings) -> list[TaskVerdict]:
        by_task: dict[str, list[compare.Carried]] = {}
        for c in carried:
            by_task.setdefault(c.task.id, []).append(c)
        found = []
        for task in self.upper.tasks:
            mine = by_task.get(task.id, [])
            counting = [c.verdict for c in mine if c.verdict.binds]
            share = sum(v.covered for v in counting) / len(counting) if counting else 0.0
            if not counting:
                verdict = Verdict.NOT_APPLICABLE
            elif share >= float(settings["coverage.task.covered_share"]):
                verdict = Verdict.COVERED
            elif lower.document.unread_pages:
                verdict = Verdict.UNDETERMINED
            else:
                verdict = Verdict.MISSING if share == 0 else Verdict.PARTIAL
            units = tuple(dict.fromkeys(u for c in mine for s in c.statements for u in s.units))
            targets = tuple(status[t.id] for t in task.targets if t.id in status)
            found.append(TaskVerdict(task.id, verdict, round(share, 4), (), units, tuple(c.verdict for c in mine), targets))
        return found

    def _hollow(self, verdict: TaskVerdict, carried, lower: Extraction):
        """A finding where a task is covered in copied words alone, without a number, date, place or office of the town's own."""
        from pipeline.model import Finding, Severity

        mine = [c for c in carried if c.task.id == verdict.id and c.verdict.covered and c.verdict.binds]
        if verdict.verdict is not Verdict.COVERED or not mine:
            return None
        limit = float(self.readers.rulebook.settings["coverage.copy.share"])
        own = self.readers.rulebook.pattern("findings.own_mark")
        if any(c.verdict.copied < limit or any(own.search(_without(s.text, c.measure.text)) for s in c.statements) or any(s.units_here for s in c.statements) for c in mine):
            return None
        first = mine[0]
        quote = compare.quote(first.statements[0], lower.document.page_of(first.statements[0].start))
        return Finding("hollow", Severity.MEDIUM, "只是重复市级原文，没有本地的数量、时间、地点或责任单位；请写出本地怎么做", verdict.id, first.measure.id, quote,
                       Quote(first.measure.text, first.measure.start, first.measure.end, first.measure.page))

    @staticmethod
    def _flags(verdict: TaskVerdict, findings, hollow: bool) -> tuple[str, ...]:
        kinds = {f.rule for f in findings if f.task == verdict.id}
        names = {"modality_weakened": "weakened", "deadline_later": "late", "target_escalated": "escalated", "copied_not_localised": "copied", "contradiction": "contradicted"}
        return (("hollow",) if hollow else ()) + tuple(flag for rule, flag in names.items() if rule in kinds)

    def _own(self, statements, likely: dict[int, float], used: set[int], lower: Extraction, settings) -> tuple[Quote, ...]:
        """Commitments that answer no duty: the town's own work."""
        limit = float(settings["coverage.own.probability"])
        floor = math.log(limit / (1 - limit))
        return tuple(compare.quote(s, lower.document.page_of(s.start)) for s in statements
                     if s.standing is Standing.COMMITS and s.order not in used and len(s.text) >= 10 and likely.get(s.order, -9.0) < floor)


@lru_cache(maxsize=20_000)
def _factor(rule: str, text: str, weight: float) -> Factor:
    """Verdicts have two dozen each, and most of them are alike."""
    return Factor(rule, text, weight)


@lru_cache(maxsize=20_000)
def _weighed(name: str, value: float, below: bool, weight: float) -> Factor:
    """`below`: whether the value is below zero, which -0.0 does not say of itself."""
    return Factor(f"judge.{name}", str(value), weight)


def check(upper: Extraction, lowers: Sequence[tuple[str, Extraction]], readers: Readers, domain: str = "auto") -> CoverageTrace:
    """All lower documents, sorted by name, against one upper document; `lowers` are (place name, extraction)."""
    duties = Duties(upper, readers, domain)
    return assemble(duties, [duties.check(extraction, name) for name, extraction in lowers])


def assemble(duties: Duties, lowers: Sequence[LowerCoverage]) -> CoverageTrace:
    """The trace of lower documents that were checked one by one; the order in which they come does not matter."""
    ordered = tuple(sorted(lowers, key=lambda lower: (lower.name, lower.extraction.document.source.sha256)))
    aggregates = totals.total(duties.upper, ordered)
    upper = replace(duties.upper, findings=(*duties.upper.findings, *(totals.shortfalls(duties.upper, aggregates) if ordered else ())))
    return CoverageTrace(upper, ordered, aggregates, duties.domain)


def fold_width(text: str) -> str:
    """As the concept index folds it; kept here so that both sides are folded alike."""
    return fold(text)


def _titles(task: Task) -> tuple[str, ...]:
    return tuple(_bare_heading(h) for h in task.heading_path) + (task.title,)


def _bare_heading(heading: str) -> str:
    """A heading of `Task.heading_path` without its ordinal."""
    from pipeline.outline.numbering import read_label

    label = read_label(heading)
    return heading[label.end :] if label is not None else heading


def _without(text: str, copied: str) -> str:
    """What a sentence has beyond another one: its characters outside common runs of eight."""
    kept = [True] * len(text)
    for i in range(len(text) - 7):
        if text[i : i + 8] in copied:
            kept[i : i + 8] = [False] * 8
    return "".join(ch for ch, keep in zip(text, kept) if keep)
