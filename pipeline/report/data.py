"""The JSON of the contract: what other programs read. Keys stand in a fixed order, so that the same values give the same bytes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal

from pipeline.errors import UnreadableFile
from pipeline.model import (
    Aggregate,
    CoverageTrace,
    Extraction,
    Finding,
    Frame,
    LowerCoverage,
    MeasureVerdict,
    PolicyDocument,
    Quote,
    Target,
    TargetStatus,
    Task,
    TaskVerdict,
    Unit,
    Warning,
)
from pipeline.report.tally import MissedByAll, missed_by_all


def extract_json(extraction: Extraction) -> dict:
    """`luoshi extract --format json` of one document."""
    document, outline = extraction.document, extraction.outline
    return {
        "schema": "luoshi/extract/1",
        "source": _source(document),
        "document": _frame(outline.frame),
        "goals": {
            "statements": [{"text": g.text, "deadline": g.deadline, "start": g.start, "end": g.end} for g in extraction.goals],
            "targets": [_target(t) for t in extraction.goal_targets],
        },
        "tasks": [_task(task) for task in extraction.tasks],
        "baselines": [{"text": b.text, "start": b.start, "end": b.end, "rule": b.rule} for b in extraction.baselines],
        "findings": [_finding(finding) for finding in extraction.findings],
        "unread_pages": list(document.unread_pages),
        "warnings": _warnings(document.warnings + outline.warnings + extraction.warnings),
    }


def check_json(trace: CoverageTrace, unreadable: Iterable[UnreadableFile] = ()) -> dict:
    """`luoshi check --format json`. Inputs that could not be read stand under `errors`: of them nothing is said."""
    upper = trace.upper
    return {
        "schema": "luoshi/check/1",
        "domain": trace.domain,
        "upper": {
            "name": upper.document.source.name,
            "title": upper.outline.frame.title,
            "source": _source(upper.document),
            "tasks": len(upper.tasks),
            "binding_tasks": sum(task.applies_to_lower for task in upper.tasks),
            "measures": sum(len(task.measures) for task in upper.tasks),
            "duties": [duty_json(task) for task in upper.tasks],
            "findings": [_finding(finding) for finding in upper.findings],
            "warnings": _warnings(upper.document.warnings + upper.outline.warnings + upper.warnings),
        },
        "lowers": [_lower(lower) for lower in trace.lowers],
        "aggregates": [_aggregate(aggregate) for aggregate in trace.aggregates],
        "missed_by_all": [_missed(missed) for missed in missed_by_all(trace)],
        "errors": [{"name": e.name, "problem": e.problem, "advice": e.advice} for e in unreadable],
    }


def dumps(value: dict | list) -> str:
    """JSON text for files and stdout: Chinese as it is, one line (indenting takes ten times as long), a line break at the end."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False) + "\n"


def plain_number(value: Decimal | None) -> int | float | None:
    """A JSON number that prints as the document says: 2 not 2.0, 1.2 not 1.1999999."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


# ---------------------------------------------------------------- extract


def _source(document: PolicyDocument) -> dict:
    source = document.source
    return {"name": source.name, "sha256": source.sha256, "format": source.format, "pages": source.pages, "ocr": source.ocr}


def _frame(frame: Frame) -> dict:
    return {
        "title": frame.title,
        "number": frame.number,
        "issuer": frame.issuer,
        "date": frame.date,
        "recipients": list(frame.recipients),
        "cc": list(frame.cc),
        "period": {"from": frame.period[0], "to": frame.period[1]} if frame.period else None,
        "place": frame.place,
        "cites": [{"title": title, "number": number, "level": level} for title, number, level in frame.cites],
    }


def _unit(unit: Unit) -> dict:
    return {
        "name": unit.name,
        "canonical": unit.canonical,
        "role": unit.role.value,
        "collective": unit.collective,
        "start": unit.start,
        "end": unit.end,
        "rule": unit.rule,
    }


def _target(target: Target) -> dict:
    return {
        "id": target.id,
        "measure": target.measure,
        "indicator": target.indicator,
        "value": plain_number(target.value),
        "value_max": plain_number(target.value_max),
        "unit": target.unit,
        "comparator": target.comparator,
        "frequency": target.frequency,
        "deadline": target.deadline,
        "scope": target.scope,
        "modality": target.modality,
        "evidence": target.evidence,
        "start": target.start,
        "end": target.end,
        "rule": target.rule,
    }


def _task(task: Task) -> dict:
    return {
        "id": task.id,
        "heading_path": list(task.heading_path),
        "title": task.title,
        "units": [_unit(unit) for unit in task.units],
        "units_open": task.units_open,
        "applies_to_lower": task.applies_to_lower,
        "deadline": task.deadline,
        "measures": [
            {
                "id": m.id,
                "text": m.text,
                "modality": m.modality.value,
                "start": m.start,
                "end": m.end,
                "page": m.page,
                "units": [_unit(unit) for unit in m.units],
                "binds_lower": m.binds_lower,
            }
            for m in task.measures
        ],
        "targets": [_target(target) for target in task.targets],
        "start": task.start,
        "end": task.end,
    }


def _warnings(warnings: tuple[Warning, ...]) -> list[dict]:
    """Each warning once: a stage may hand on those of the stage before it."""
    return [{"code": w.code, "message": w.message, "where": {"page": w.page, "paragraph": w.paragraph}} for w in dict.fromkeys(warnings)]


# ---------------------------------------------------------------- check


def duty_json(task: Task) -> dict:
    """What a task asks for, as far as a decision on it can rest on: sentences, numbers, dates, units."""
    return {
        "id": task.id,
        "title": task.title,
        "units": [unit.canonical for unit in task.units],
        "deadline": task.deadline,
        "measures": [{"id": m.id, "text": m.text, "units": [unit.canonical for unit in m.units]} for m in task.measures],
        "targets": [{key: value for key, value in _target(t).items() if key in _DUTY_TARGET} for t in task.targets],
    }


_DUTY_TARGET = ("id", "measure", "indicator", "value", "value_max", "unit", "comparator", "frequency", "deadline")


def _quote(quote: Quote | None) -> dict | None:
    return None if quote is None else {"text": quote.text, "start": quote.start, "end": quote.end, "page": quote.page}


def _finding(finding: Finding) -> dict:
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "task": finding.task,
        "measure": finding.measure,
        "message": finding.message,
        "evidence": _quote(finding.evidence),
        "upper_evidence": _quote(finding.upper_evidence),
    }


def _lower(lower: LowerCoverage) -> dict:
    extraction = lower.extraction
    document = extraction.document
    return {
        "name": lower.name,
        "source": _source(document),
        "document": _frame(extraction.outline.frame),
        "score": round(lower.score, 4),
        "tasks": [_task_verdict(verdict) for verdict in lower.tasks],
        "findings": [_finding(finding) for finding in lower.findings],
        "own": [_quote(quote) for quote in lower.own],
        "unread_pages": list(document.unread_pages),
        "warnings": _warnings(document.warnings + extraction.outline.warnings + extraction.warnings + lower.warnings),
    }


def _task_verdict(verdict: TaskVerdict) -> dict:
    return {
        "id": verdict.id,
        "verdict": verdict.verdict.value,
        "share": round(verdict.share, 4),
        "flags": list(verdict.flags),
        "units": list(verdict.units),
        "measures": [_measure_verdict(measure) for measure in verdict.measures],
        "targets": [_target_status(status) for status in verdict.targets],
    }


def _measure_verdict(measure: MeasureVerdict) -> dict:
    return {
        "id": measure.id,
        "covered": measure.covered,
        "confidence": round(measure.confidence, 4),
        "review": measure.review,
        "binds": measure.binds,
        "evidence": [_quote(quote) for quote in measure.evidence],
        "reason": measure.reason,
        "copied": round(measure.copied, 4),
        "factors": [{"rule": f.rule, "text": f.text, "weight": round(f.weight, 4)} for f in measure.factors],
    }


def _target_status(status: TargetStatus) -> dict:
    return {
        "id": status.id,
        "status": status.status,
        "value": plain_number(status.value),
        "unit": status.unit,
        "comparator": status.comparator,
        "deadline": status.deadline,
        "evidence": _quote(status.evidence),
    }


def _aggregate(aggregate: Aggregate) -> dict:
    return {
        "target": aggregate.target,
        "indicator": aggregate.indicator,
        "required": plain_number(aggregate.required),
        "unit": aggregate.unit,
        "sum": plain_number(aggregate.sum),
        "stated_by": list(aggregate.stated_by),
        "silent": list(aggregate.silent),
        "status": aggregate.status,
    }


def _missed(missed: MissedByAll) -> dict:
    return {
        "task": missed.task.id,
        "measure": missed.measure.id,
        "text": missed.measure.text,
        "missed_by": list(missed.places),
        "not_judged": list(missed.not_judged),
        "review": missed.review,
    }
