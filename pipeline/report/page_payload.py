"""What the script of the HTML report works on: what is always at hand, and the detail of each place, packed where the page would grow too large.

`v`, `d` and `k` of a place are strings with a character a task, in the order of the tasks: the program's verdict, the verdict with decisions applied ("" where no
decision changes one), and the marks of the cell as a digit of base 32 (the sum of MARKS). "-" is a task of which nothing was said.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence

from pipeline.model import CoverageTrace, Finding, LowerCoverage, MeasureVerdict, TargetStatus, Task, TaskVerdict, Verdict
from pipeline.report import words
from pipeline.report.carriers import carriers_of
from pipeline.report.compare import shared_runs, where_in
from pipeline.report.overview import pages
from pipeline.report.rulings import Rulings

CODES = {Verdict.COVERED: "c", Verdict.PARTIAL: "p", Verdict.MISSING: "m", Verdict.UNDETERMINED: "u", Verdict.JUSTIFIED: "j", Verdict.NOT_APPLICABLE: "n"}
MARKS = {"hollow": 1, "review": 2, "finding": 4, "decided": 8, "lapsed": 16}
_DIGITS = "0123456789abcdefghijklmnopqrstuv"
FULL, NO_RULES, OPEN_ONLY, MEASURES = range(4)  # how much detail: all; without the rules; texts only of what is open or close; no texts
_PLAIN = 900_000  # bytes of detail that stand in the page as they are
_PART = 1_500_000  # bytes of detail in a part that is unpacked at once
_SAMPLE = 24  # places whose packed detail tells how long that of all will be


def core(trace: CoverageTrace, origins: Mapping[str, str], rulings: Rulings) -> dict:
    """Tasks, units and places with the verdict of each cell, without texts of the lower documents."""
    upper = trace.upper
    rules = sorted({factor.rule for lower in trace.lowers for verdict in lower.tasks for m in verdict.measures for factor in m.factors} & set(origins))
    order = {task.id: k for k, task in enumerate(upper.tasks)}
    return {
        "verdicts": {v.value: [words.VERDICT_SYMBOL[v], words.VERDICT_NAME[v], words.VERDICT_MEANING[v]] for v in Verdict},
        "codes": {code: verdict.value for verdict, code in CODES.items()},
        "gaps": [v.value for v in words.GAPS],
        "origins": {rule: origins[rule] for rule in rules},
        "tasks": [
            {
                "id": task.id,
                "title": task.title,
                "path": list(task.heading_path),
                "units": words.all_units(task.units) + ("等" if task.units_open else ""),
                "deadline": words.task_deadline(task),
                "lower": task.applies_to_lower,
                "measures": [{"id": m.id, "text": m.text, "where": where_in(upper, m.start), "units": words.all_units(m.units)} for m in task.measures],
                "targets": [{"id": t.id, "text": words.target_words(t)} for t in task.targets],
            }
            for task in upper.tasks
        ],
        "units": [{"name": c.name, "many": c.collective, "roles": [[order[id_], role.value] for id_, role in c.roles.items()]} for c in carriers_of(upper)],
        "towns": [_town(trace, lower, rulings) for lower in trace.lowers],
    }


def _town(trace: CoverageTrace, lower: LowerCoverage, rulings: Rulings) -> dict:
    verdicts = {verdict.id: verdict for verdict in lower.tasks}
    row = [verdicts.get(task.id) for task in trace.upper.tasks]
    v = "".join(CODES[found.verdict] if found else "-" for found in row)
    d = "".join(CODES[rulings.verdict(lower.name, found)] if found else "-" for found in row)
    noted = {finding.task for i, finding in enumerate(lower.findings) if finding.rule != "hollow" and not rulings.is_waived(lower.name, i)}
    return {
        "name": lower.name,
        "title": words.document_title(lower.extraction),
        "file": lower.extraction.document.source.name,
        "score": words.percent(lower.score),
        "unread": pages(lower),
        "v": v,
        "d": d if d != v else "",
        "k": "".join(_DIGITS[sum(MARKS[mark] for mark in marks(lower, found, noted, rulings))] if found else "-" for found in row),
    }


def marks(lower: LowerCoverage, found: TaskVerdict, noted: set, rulings: Rulings) -> list[str]:
    """What is to be seen about a cell beside its verdict, the most telling first; `noted` are the tasks with findings."""
    review = found.verdict is not Verdict.NOT_APPLICABLE and any(m.review and m.binds for m in found.measures)
    states = {ruling.state for _, ruling in rulings.about(lower.name, found)}
    there = {"hollow": "hollow" in found.flags, "review": review, "finding": found.id in noted, "decided": "standing" in states, "lapsed": bool(states - {"standing"})}
    return [mark for mark in MARKS if there[mark]]


# ---------------------------------------------------------------- the detail of each place


def packed(trace: CoverageTrace, rulings: Rulings, room: int) -> tuple[int, int, list[str]]:
    """The detail of all places as base64 of deflated JSON: (how much of it, places a part, parts); the fullest that fits into `room` characters.

    A part is {cells: a list a task of the cells of its places, findings: …, own: …}: cells of one task stand together, since they are alike and deflate only
    looks back over 32 KB. Where there is no room for texts, it is {cells, rulings} as `_coded` gives them.
    """
    sample = trace.lowers[:: max(1, len(trace.lowers) // _SAMPLE)]
    for depth in (FULL, NO_RULES, OPEN_ONLY, MEASURES):
        per = max(1, _PART * len(sample) // len(_part(trace, sample, rulings, depth).encode()))
        guess = sum(len(_pack(_part(trace, sample[i : i + per], rulings, depth))) for i in range(0, len(sample), per))
        if guess * len(trace.lowers) > room * len(sample) * 1.1 and depth != MEASURES:  # one in ten for a sample that flatters
            continue
        parts, size = [], 0
        for start in range(0, len(trace.lowers), per):
            parts.append(_pack(_part(trace, trace.lowers[start : start + per], rulings, depth)))
            size += len(parts[-1])
            if size > room and depth != MEASURES:
                break
        else:
            return depth, per, parts
    raise AssertionError("the last depth always fits")


def _pack(part: str) -> str:
    return base64.b64encode(zlib.compress(part.encode(), 9)).decode("ascii")


def _part(trace: CoverageTrace, lowers: Sequence[LowerCoverage], rulings: Rulings, depth: int) -> str:
    if depth == MEASURES:
        coded = [_coded(trace, lower, rulings) for lower in lowers]
        return _json({"cells": list(zip(*(cells for cells, _ in coded))), "rulings": [told for _, told in coded]})
    details = [_detail(trace, lower, rulings, depth) for lower in lowers]
    return _json({"cells": list(zip(*(each["cells"] for each in details))), "findings": [each["findings"] for each in details], "own": [each["own"] for each in details]})


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def plain(trace: CoverageTrace, rulings: Rulings) -> list[dict] | None:
    """The detail of each place as it is; None where that is more than a page should hold unpacked."""
    found, size = [], 0
    for lower in trace.lowers:
        found.append(_detail(trace, lower, rulings, FULL))
        size += len(_json(found[-1]).encode())
        if size > _PLAIN:
            return None
    return found


def _detail(trace: CoverageTrace, lower: LowerCoverage, rulings: Rulings, depth: int) -> dict:
    """One place: its cells in the order of the tasks (null where nothing was said), its findings and what else it sets out to do."""
    verdicts = {verdict.id: verdict for verdict in lower.tasks}
    return {
        "cells": [_cell(lower, task, verdicts[task.id], rulings, depth) if task.id in verdicts else None for task in trace.upper.tasks],
        "findings": [_finding(lower, i, finding, rulings) for i, finding in enumerate(lower.findings)],
        "own": [quote.text for quote in lower.own],
    }


def _coded(trace: CoverageTrace, lower: LowerCoverage, rulings: Rulings) -> tuple[list[str], dict[str, str]]:
    """Each cell as a letter a measure (c covered, x not, n owed by somebody else; a capital where a person should look), and decisions by id."""
    verdicts = {verdict.id: verdict for verdict in lower.tasks}
    cells = ["".join(_letter(m) for m in verdicts[task.id].measures) if task.id in verdicts else "" for task in trace.upper.tasks]
    return cells, {id_: ruling.line for verdict in lower.tasks for id_, ruling in rulings.about(lower.name, verdict)}


def _letter(measure: MeasureVerdict) -> str:
    letter = "n" if not measure.binds else "c" if measure.covered else "x"
    return letter.upper() if measure.review else letter


def _cell(lower: LowerCoverage, task: Task, verdict: TaskVerdict, rulings: Rulings, depth: int) -> dict:
    texts = {measure.id: measure.text for measure in task.measures}
    targets = {target.id: words.target_words(target) for target in task.targets}
    whole = rulings.on(lower.name, verdict.id)
    return {
        "verdict": verdict.verdict.value,
        "flags": [words.finding_name(flag) for flag in verdict.flags],
        "units": "、".join(verdict.units),
        "ruling": whole.line if whole else "",
        "done": sum(m.covered for m in verdict.measures if m.binds),
        "of": sum(m.binds for m in verdict.measures),
        "measures": [_measure(lower, verdict, m, texts.get(m.id, ""), rulings, depth) for m in verdict.measures],
        "targets": [
            [s.id, targets.get(s.id, ""), words.TARGET_STATUS_NAME.get(s.status, s.status), _stated(s)] for s in verdict.targets
        ],
    }


def _stated(status: TargetStatus) -> str:
    """A lower document's own number in words, "" where it gives none."""
    if status.value is None:
        return ""
    day = words.date_words(status.deadline)
    return f"{words.COMPARATOR_NAME.get(status.comparator or '=', '')}{words.number(status.value)}{status.unit or ''}" + (f"（{day}）" if day else "")


def _measure(lower: LowerCoverage, verdict: TaskVerdict, measure: MeasureVerdict, text: str, rulings: Rulings, depth: int) -> dict:
    """`quotes` is null where the page has no room for them, `recognised` where it has none for the rules."""
    ruling = rulings.on(lower.name, measure.id)
    said = {
        "id": measure.id,
        "said": words.measure_words(measure, verdict),
        "covered": measure.covered,
        "confidence": f"{measure.confidence:.2f}",
        "review": measure.review,
        "copied": words.percent(measure.copied) if measure.copied >= 0.5 else "",
        "ruling": ruling.line if ruling else "",
    }
    if depth == OPEN_ONLY and measure.covered and not measure.review and not ruling:
        return {**said, "reason": "", "marks": [], "quotes": None, "recognised": None, "weighed": None}
    recognised, weighed = words.weighed(measure)
    marks_, quotes = [], []
    for quote in measure.evidence:
        upper_runs, lower_runs = shared_runs(text, quote.text)
        marks_ += upper_runs
        quotes.append([quote.text, where_in(lower.extraction, quote.start), lower_runs])
    return {
        **said,
        "reason": measure.reason,
        "marks": _merged(marks_),
        "quotes": quotes,
        "recognised": [[factor.rule, factor.text] for factor in recognised] if depth == FULL else None,
        "weighed": [[factor.rule, factor.text, f"{factor.weight:+.2f}"] for factor in weighed] if depth == FULL else None,
    }


def _merged(spans: Iterable[tuple[int, int]]) -> list[list[int]]:
    """Spans sorted, with overlapping and touching ones made one."""
    merged: list[list[int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    return merged


def _finding(lower: LowerCoverage, position: int, finding: Finding, rulings: Rulings) -> dict:
    return {
        "task": finding.task,
        "rule": finding.rule,
        "name": words.finding_name(finding.rule),
        "severity": words.SEVERITY_NAME[finding.severity],
        "message": finding.message,
        "waived": rulings.is_waived(lower.name, position),
        "lower": finding.evidence.text if finding.evidence else "",
        "where": where_in(lower.extraction, finding.evidence.start) if finding.evidence else "",
        "upper": finding.upper_evidence.text if finding.upper_evidence else "",
    }
