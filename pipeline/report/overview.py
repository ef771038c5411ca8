"""A check in a few lines for a terminal."""

from __future__ import annotations

from collections import Counter

from pipeline.model import CoverageTrace, LowerCoverage, Severity, Verdict
from pipeline.report import words

_LISTED = 5  # places or tasks named in one line; the rest is counted


def summary_lines(trace: CoverageTrace) -> list[str]:
    """What a check came to: ten lines at most, most urgent first where there is a choice."""
    upper, lowers = trace.upper, trace.lowers
    binding = sum(task.applies_to_lower for task in upper.tasks)
    measures = sum(len(task.measures) for task in upper.tasks)
    domain = "通用规则，未用专题概念包" if trace.domain == "none" else f"专题概念包“{words.domain_name(trace.domain)}”"
    lines = [f"上位文件：{words.document_title(upper)}（任务{len(upper.tasks)}项，涉及下级{binding}项，举措{measures}条；{domain}）"]
    if not lowers:
        return [*lines, "下位文件：没有可核对的文件"]
    counts = Counter(verdict.verdict for lower in lowers for verdict in lower.tasks)
    lines.append(f"下位文件：{len(lowers)}份，举措平均覆盖率{words.percent(sum(lower.score for lower in lowers) / len(lowers))}")
    lines.append("任务结论：" + "  ".join(f"{words.VERDICT_SYMBOL[v]} {words.VERDICT_NAME[v]} {counts[v]}" for v in Verdict if counts[v]))
    lines.append(
        "覆盖率较低："
        + _listed([f"{lower.name} {words.percent(lower.score)}" for lower in sorted(lowers, key=lambda lower: (lower.score, lower.name))])
    )
    missed = Counter(verdict.id for lower in lowers for verdict in lower.tasks if verdict.verdict is Verdict.MISSING)
    titles = {task.id: task.title for task in upper.tasks}
    order = {task.id: i for i, task in enumerate(upper.tasks)}
    most = sorted(missed, key=lambda id_: (-missed[id_], order.get(id_, len(order))))
    if most:
        lines.append("缺得最多：" + _listed([f"{id_} {titles.get(id_, '')}（{missed[id_]}份未覆盖）" for id_ in most], 3))
    findings = [finding for lower in lowers for finding in lower.findings]
    if findings:
        kinds = Counter(finding.rule for finding in findings)
        high = sum(finding.severity is Severity.HIGH for finding in findings)
        lines.append(
            f"问题：{len(findings)}条，其中级别高{high}条；"
            + _listed([f"{words.finding_name(rule)} {n}" for rule, n in sorted(kinds.items(), key=lambda x: (-x[1], x[0]))])
        )
    short = [a for a in trace.aggregates if a.status == "short"]
    if short:
        lines.append(
            "合计不足："
            + _listed([f"{a.indicator} {words.number(a.sum) if a.sum is not None else '无数值'}／{words.number(a.required)}{a.unit}" for a in short])
        )
    review = sum(measure.review for lower in lowers for verdict in lower.tasks for measure in verdict.measures)
    if review:
        lines.append(f"待人工核对：{review}条举措，把握不足")
    unread = [lower for lower in lowers if lower.extraction.document.unread_pages]
    if unread:
        lines.append("未能读出：" + _listed([f"{lower.name} {pages(lower)}" for lower in unread]) + "，这些页不作“未覆盖”判断")
    return lines


def pages(lower: LowerCoverage) -> str:
    """The pages of a document that nobody could read: "第3、4页"; "" where all were read."""
    unread = lower.extraction.document.unread_pages
    return f"第{'、'.join(str(page) for page in unread)}页" if unread else ""


def _listed(items: list[str], most: int = _LISTED) -> str:
    return "、".join(items[:most]) + (f" 等{len(items)}项" if len(items) > most else "")
