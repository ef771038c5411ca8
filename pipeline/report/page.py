"""The HTML report: one file that loads nothing from outside, for a screen of 1366 × 768, for paper, and for a keyboard.

`page_sections` writes everything that is read without a click (matrix, totals, findings, how it was checked); the script in `page_assets` only
opens the panel, moves and filters, and puts text into the page as text, never as HTML. A policy in the page's head lets no other script run.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from html import escape

from pipeline.errors import UnreadableFile
from pipeline.model import CoverageTrace, Finding, LowerCoverage, MeasureVerdict, TargetStatus, Task, TaskVerdict, Verdict
from pipeline.report import page_sections, words
from pipeline.report.compare import shared_runs, where_in
from pipeline.report.overview import pages
from pipeline.report.page_assets import SCRIPT, STYLE


def page(trace: CoverageTrace, unreadable: Iterable[UnreadableFile] = (), origins: Mapping[str, str] | None = None) -> str:
    """The report of a check as one HTML text.

    Args:
      unreadable: Inputs that could not be read; they are named, and nothing is said of them.
      origins: Rule id → "file:line", shown beside each rule.
    """
    title = f"{words.document_title(trace.upper)}落实情况核对报告"
    content = _payload(trace, origins or {})
    sections = [
        ("matrix", "覆盖矩阵", page_sections.matrix(trace)),
        ("findings", "问题清单", page_sections.findings(trace)),
        ("totals", "目标汇总", page_sections.totals(trace)),
        ("missed", "各地均未落实", page_sections.missed(trace)),
        ("duties", "责任分工", page_sections.duties(trace)),
        ("own", "自有任务", page_sections.own(trace)),
        ("method", "核对说明", page_sections.method(trace, tuple(unreadable))),
    ]
    tabs = "".join(f'<a href="#{id_}" data-tab="{id_}">{name}</a>' for id_, name, _ in sections)
    bodies = "\n".join(_section(*section) for section in sections)
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{_sha256(SCRIPT)}'; base-uri 'none'; form-action 'none'"
    return f"""<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="luoshi">
<title>{escape(title)}</title>
<style>{STYLE}{_colours()}</style>
</head>
<body>
<a class="skip" href="#matrix">跳到覆盖矩阵</a>
<header>
<h1>{escape(title)}</h1>
{page_sections.summary(trace)}
</header>
<nav aria-label="各部分">{tabs}</nav>
<div id="stage">
<main>
{bodies}
</main>
<aside id="panel" aria-label="原文比对" tabindex="-1" hidden></aside>
</div>
<noscript><p class="note">本页的点击查看和筛选需要允许脚本运行；不运行脚本时，逐条原文见同时生成的工作簿“明细”表。</p></noscript>
<script type="application/json" id="content">{_embedded(content)}</script>
<script>{SCRIPT}</script>
</body>
</html>
"""


def _section(id_: str, name: str, body: str) -> str:
    look = "grid" if id_ in ("matrix", "duties") else "text"  # a grid scrolls inside itself
    return f'<section id="{id_}" class="{look}" aria-labelledby="{id_}-h"><h2 id="{id_}-h">{name}</h2>\n{body}</section>'


def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def _embedded(content: dict) -> str:
    """JSON that can stand inside a script element: no markup, and no line ends that only JavaScript knows."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


def _colours() -> str:
    rules = [f".v-{verdict.value}{{background:{back};color:{ink}}}" for verdict, (back, ink) in words.VERDICT_COLOUR.items()]
    rules += [f".r-{role.value}{{background:{back};color:{ink}}}" for role, (back, ink) in words.ROLE_COLOUR.items()]
    return "".join(rules)


# ---------------------------------------------------------------- what the panel shows


def _payload(trace: CoverageTrace, origins: Mapping[str, str]) -> dict:
    upper = trace.upper
    tasks = []
    for task in upper.tasks:
        tasks.append(
            {
                "id": task.id,
                "title": task.title,
                "path": list(task.heading_path),
                "units": words.all_units(task.units) + ("等" if task.units_open else ""),
                "deadline": words.task_deadline(task),
                "lower": task.applies_to_lower,
                "measures": [
                    {
                        "id": m.id,
                        "text": m.text,
                        "where": where_in(upper, m.start),
                        "units": words.all_units(m.units),
                    }
                    for m in task.measures
                ],
                "targets": [{"id": t.id, "text": words.target_words(t)} for t in task.targets],
            }
        )
    rules = sorted(
        {factor.rule for lower in trace.lowers for verdict in lower.tasks for m in verdict.measures for factor in m.factors} & set(origins)
    )
    return {
        "verdicts": {v.value: [words.VERDICT_SYMBOL[v], words.VERDICT_NAME[v], words.VERDICT_MEANING[v]] for v in Verdict},
        "gaps": [v.value for v in words.GAPS],
        "origins": {rule: origins[rule] for rule in rules},
        "tasks": tasks,
        "towns": [_town(trace, lower) for lower in trace.lowers],
    }


def _town(trace: CoverageTrace, lower: LowerCoverage) -> dict:
    """One place: its cells in the order of the tasks (null where nothing was said), and its findings."""
    verdicts = {verdict.id: verdict for verdict in lower.tasks}
    return {
        "name": lower.name,
        "title": words.document_title(lower.extraction),
        "file": lower.extraction.document.source.name,
        "score": words.percent(lower.score),
        "unread": pages(lower),
        "cells": [_cell(lower, task, verdicts[task.id]) if task.id in verdicts else None for task in trace.upper.tasks],
        "findings": [_finding(lower, finding) for finding in lower.findings],
    }


def _cell(lower: LowerCoverage, task: Task, verdict: TaskVerdict) -> dict:
    texts = {measure.id: measure.text for measure in task.measures}
    targets = {target.id: words.target_words(target) for target in task.targets}
    return {
        "verdict": verdict.verdict.value,
        "flags": [words.finding_name(flag) for flag in verdict.flags],
        "units": "、".join(verdict.units),
        "done": sum(m.covered for m in verdict.measures if m.binds),
        "of": sum(m.binds for m in verdict.measures),
        "measures": [_measure(lower, verdict, m, texts.get(m.id, "")) for m in verdict.measures],
        "targets": [
            [s.id, targets.get(s.id, ""), words.TARGET_STATUS_NAME.get(s.status, s.status), _stated(s), s.evidence.text if s.evidence else ""]
            for s in verdict.targets
        ],
    }


def _stated(status: TargetStatus) -> str:
    """A lower document's own number in words, "" where it gives none."""
    if status.value is None:
        return ""
    day = words.date_words(status.deadline)
    return f"{words.COMPARATOR_NAME.get(status.comparator or '=', '')}{words.number(status.value)}{status.unit or ''}" + (f"（{day}）" if day else "")


def _measure(lower: LowerCoverage, verdict: TaskVerdict, measure: MeasureVerdict, text: str) -> dict:
    recognised, weighed = words.weighed(measure)
    marks, quotes = [], []
    for quote in measure.evidence:
        upper_runs, lower_runs = shared_runs(text, quote.text)
        marks += upper_runs
        quotes.append([quote.text, where_in(lower.extraction, quote.start), lower_runs])
    return {
        "id": measure.id,
        "said": words.measure_words(measure, verdict),
        "covered": measure.covered,
        "confidence": f"{measure.confidence:.2f}",
        "review": measure.review,
        "reason": measure.reason,
        "copied": words.percent(measure.copied) if measure.copied >= 0.5 else "",
        "marks": _merged(marks),
        "quotes": quotes,
        "recognised": [[factor.rule, factor.text] for factor in recognised],
        "weighed": [[factor.rule, factor.text, f"{factor.weight:+.2f}"] for factor in weighed],
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


def _finding(lower: LowerCoverage, finding: Finding) -> dict:
    return {
        "task": finding.task,
        "measure": finding.measure,
        "rule": finding.rule,
        "name": words.finding_name(finding.rule),
        "severity": words.SEVERITY_NAME[finding.severity],
        "message": finding.message,
        "lower": finding.evidence.text if finding.evidence else "",
        "where": where_in(lower.extraction, finding.evidence.start) if finding.evidence else "",
        "upper": finding.upper_evidence.text if finding.upper_evidence else "",
    }
