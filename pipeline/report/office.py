"""The office's report on the whole round: two pages for the leader, and task by task and place by place for the sections (the third depth: `lists`).

Both are drafts: what is to be decided, by whom and by when stands as a question or a blank.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from pipeline.errors import UnreadableFile
from pipeline.model import CoverageTrace, Severity, Verdict
from pipeline.report import words
from pipeline.report.official import BLANK, add_paragraph, blank_document, finished, heading, ruled_table, signature, table_row, title
from pipeline.report.rulings import NONE, Rulings
from pipeline.report.tally import MissedByAll, Standing, missed_by_all, standings, verdict_counts, weakest_places, weakest_tasks

_MOST = 3  # items of a kind on the leader's two pages; the rest is counted
_SHORT, _LONG = 14, 32  # characters of a title and of a sentence on the leader's pages


def leader_report(trace: CoverageTrace, unreadable: Iterable[UnreadableFile] = (), rulings: Rulings = NONE, template: bytes | None = None) -> bytes:
    """docx of two pages: what was checked, the result in numbers, the weakest tasks and places, what every place misses, what to decide."""
    document = blank_document(template)
    missed, weak = missed_by_all(trace), weakest_tasks(trace, rulings)
    places = [lower for lower in weakest_places(trace) if lower.score < 1]
    short = [total for total in trace.aggregates if total.status == "short"]
    title(document, f"关于《{words.shortened(words.document_title(trace.upper), 40)}》落实情况的报告")
    heading(document, 1, 1, "核对情况")
    add_paragraph(document, _checked(trace) + _unread(trace, tuple(unreadable), names=False))
    heading(document, 1, 2, "总体结果")
    add_paragraph(document, _result(trace, _MOST) + _with_decisions(trace, rulings))
    heading(document, 1, 3, "主要差距")
    parts = [
        ("落实较弱的任务", [f"{_task(standing.task, _SHORT)}：{_counts(standing)}" for standing in weak]),
        ("覆盖率较低的地方", [f"{words.shortened(x.name, _SHORT)}：{words.percent(x.score)}，问题{len(x.findings)}条" for x in places]),
        ("各地均未落实的举措", [f"任务{each.task.id}：“{words.shortened(each.measure.text, _LONG)}”" for each in missed]),
        ("各地合计不足的指标", [f"{words.shortened(x.indicator, _SHORT)}：{_against(x)}" for x in short]),
    ]
    for number, (name, items) in enumerate(parts, 1):
        counted = f"（共{len(items)}项，列{_MOST}项）" if len(items) > _MOST else ""
        heading(document, 2, number, f"{name}{counted}。", ("；".join(items[:_MOST]) or "没有") + "。")
    heading(document, 1, 4, "请决定的事项")
    for position, question in enumerate(_questions(weak, missed, bool(places)), 1):
        heading(document, 3, position, question)
    add_paragraph(document, words.BY_PROGRAM_SHORT)
    signature(document)
    return finished(document)


def section_report(trace: CoverageTrace, unreadable: Iterable[UnreadableFile] = (), rulings: Rulings = NONE, template: bytes | None = None) -> bytes:
    """docx for those who work on it: every task with its gaps, every place with its findings, what every place misses, the targets."""
    document = blank_document(template)
    title(document, f"关于《{words.document_title(trace.upper)}》落实情况的报告（科室版）")
    heading(document, 1, 1, "总体情况")
    for said in situation(trace, tuple(unreadable), rulings):
        add_paragraph(document, said)
    heading(document, 1, 2, "分任务情况")
    _tasks(document, trace, rulings)
    heading(document, 1, 3, "分地方情况")
    _places(document, trace, rulings)
    heading(document, 1, 4, "各地均未落实的举措")
    add_paragraph(document, words.MISSED_BY_ALL_MEANING)
    missed = missed_by_all(trace)
    if missed:
        table = ruled_table(document, ["任务", "上位文件举措", "未落实的", "未能判定的"], [30, 70, 28, 28])
        for each in missed:
            near = f"（其中{each.review}份待核）" if each.review else ""
            table_row(table, [f"{each.task.id} {each.task.title}", each.measure.text, f"{len(each.places)}份{near}", "、".join(each.not_judged) or "—"])
    else:
        add_paragraph(document, "没有。")
    heading(document, 1, 5, "目标汇总")
    if trace.aggregates:
        table = ruled_table(document, ["指标", "上位要求", "各地合计", "结论", "没写数值的"], [46, 24, 24, 20, 42])
        for total in trace.aggregates:
            required, said = f"{words.number(total.required)}{total.unit}", words.AGGREGATE_NAME.get(total.status, total.status)
            table_row(table, [total.indicator, required, words.number(total.sum) if total.sum is not None else "—", said, "、".join(total.silent) or "—"])
    else:
        add_paragraph(document, "上位文件没有可以与各地合计比较的指标。")
    heading(document, 1, 6, "下一步工作")
    for position, step in enumerate(words.NEXT_STEPS, 1):
        heading(document, 3, position, step.format(blank=BLANK))
    add_paragraph(document, words.BY_PROGRAM)
    signature(document)
    return finished(document)


# ---------------------------------------------------------------- sentences of both


def situation(trace: CoverageTrace, unreadable: tuple[UnreadableFile, ...], rulings: Rulings) -> list[str]:
    """The whole round in a few paragraphs: what was checked, the result, and what people decided."""
    said = [_checked(trace) + _unread(trace, unreadable, names=True), _result(trace)]
    return said + ([_with_decisions(trace, rulings)] if rulings.made else [])


def _checked(trace: CoverageTrace) -> str:
    upper, number = trace.upper, trace.upper.outline.frame.number
    binding, measures = sum(task.applies_to_lower for task in upper.tasks), sum(len(task.measures) for task in upper.tasks)
    numbered = f"（{number}）" if number else ""
    return (
        f"以该文件{numbered}为上位文件，对{len(trace.lowers)}份下位文件逐项核对。"
        f"上位文件有任务{len(upper.tasks)}项（涉及下级{binding}项）、举措{measures}条。"
    )


def _unread(trace: CoverageTrace, unreadable: tuple[UnreadableFile, ...], names: bool) -> str:
    """What nothing is said of: files that could not be read, and pages; by name or only counted."""
    pages = [lower.name for lower in trace.lowers if lower.extraction.document.unread_pages]
    failed = [error.name for error in unreadable]
    said = f"另有{len(failed)}份文件未能读出，不作结论{_named(failed, names)}。" if failed else ""
    return said + (f"{len(pages)}份文件有未读出的页，这些页不作“未覆盖”判断{_named(pages, names)}。" if pages else "")


def _result(trace: CoverageTrace, most: int | None = None) -> str:
    if not trace.lowers:
        return "没有可核对的下位文件。"
    counts = verdict_counts(trace)
    verdicts = "，".join(f"{words.VERDICT_NAME[v]}{counts[v]}项次" for v in Verdict if counts[v])
    findings = [finding for lower in trace.lowers for finding in lower.findings]
    high = sum(finding.severity is Severity.HIGH for finding in findings)
    kinds = sorted(Counter(finding.rule for finding in findings).items(), key=lambda pair: (-pair[1], pair[0]))
    said = f"：{_listed([f'{words.finding_name(rule)}{n}条' for rule, n in kinds], most)}" if kinds else ""
    review = sum(measure.review for lower in trace.lowers for verdict in lower.tasks for measure in verdict.measures)
    return (
        f"举措平均覆盖率{words.percent(sum(lower.score for lower in trace.lowers) / len(trace.lowers))}。按任务逐地计，{verdicts}。"
        f"发现问题{len(findings)}条，其中级别高{high}条{said}。" + (f"另有{review}条举措把握不足，待人工核对。" if review else "")
    )


def _with_decisions(trace: CoverageTrace, rulings: Rulings) -> str:
    """What people decided, counted apart; "" where nobody did."""
    if not rulings.made:
        return ""
    counts = rulings.counts(trace)
    verdicts = "，".join(f"{words.VERDICT_NAME[v]}{counts[v]}项次" for v in Verdict if counts[v])
    answered = sum(rulings.is_waived(lower.name, i) for lower in trace.lowers for i in range(len(lower.findings)))
    return f"{rulings.summary}计入人工决定后，{verdicts}；问题中已说明{answered}条。"


def _counts(standing: Standing) -> str:
    return "，".join(f"{standing.count(v)}份{words.VERDICT_NAME[v]}" for v in words.GAPS if standing.count(v))


def _task(task, most: int | None = None) -> str:
    return f"{words.shortened(task.title, most) if most else task.title}（任务{task.id}）"


def _against(total) -> str:
    stated = f"合计{words.number(total.sum)}{total.unit}" if total.sum is not None else "各地均未写数值"
    return f"要求{words.number(total.required)}{total.unit}，{stated}"


def _named(names: list[str], wanted: bool) -> str:
    return f"：{'、'.join(names)}" if wanted else ""


def _listed(items: list[str], most: int | None) -> str:
    """All items, or the first ones and how many there are."""
    cut = items[:most]
    return "、".join(cut) + (f"等{len(items)}项" if len(cut) < len(items) else "")


# ---------------------------------------------------------------- the leader's part


def _questions(weak: list[Standing], missed: list[MissedByAll], gaps: bool) -> list[str]:
    """What only the leader can decide, in the steps of supervision; a step that has no object is left out."""
    asked = []
    if weak:
        asked.append(words.DECIDE_FILE.format(tasks="、".join(standing.task.id for standing in weak[:_MOST])))
    if gaps:
        asked += [words.DECIDE_ASSIGN.format(blank=BLANK), words.DECIDE_URGE]
    if missed:
        asked.append(words.DECIDE_REWRITE.format(count=len(missed)))
    return [*asked, words.DECIDE_CLOSE]


# ---------------------------------------------------------------- the sections' parts


def _tasks(document, trace: CoverageTrace, rulings: Rulings) -> None:
    """Tasks with a gap one by one; the others in one sentence at the end."""
    missing: dict[tuple[str, str], list[str]] = {}
    waived: dict[tuple[str, str], list[str]] = {}
    for lower in trace.lowers:
        for verdict in lower.tasks:
            for measure in verdict.measures:
                state = rulings.state(lower.name, verdict, measure)
                if state == "gap" and rulings.verdict(lower.name, verdict) in (Verdict.MISSING, Verdict.PARTIAL):
                    missing.setdefault((verdict.id, measure.id), []).append(lower.name)
                elif state == "waived":
                    waived.setdefault((verdict.id, measure.id), []).append(lower.name)
    rest, number = [], 0
    for standing in standings(trace, rulings):
        task = standing.task
        if not any(standing.count(verdict) for verdict in (*words.GAPS, *([Verdict.JUSTIFIED] if rulings.made else []))):
            rest.append(task.id)
            continue
        number += 1
        heading(document, 2, number, _task(task))
        units = words.all_units(task.units) + ("等" if task.units_open else "")
        add_paragraph(document, f"责任单位：{units or '未写明'}。完成时限：{words.task_deadline(task) or '未写明'}。")
        for verdict in (*words.GAPS, *([Verdict.JUSTIFIED] if rulings.made else [])):
            if standing.count(verdict):
                add_paragraph(document, f"{words.VERDICT_NAME[verdict]}（{standing.count(verdict)}份）：{'、'.join(standing.places[verdict])}。")
        gaps = [(measure, missing[task.id, measure.id]) for measure in task.measures if (task.id, measure.id) in missing]
        for position, (measure, names) in enumerate(gaps, 1):
            answered = waived.pop((task.id, measure.id), [])
            heading(document, 3, position, f"“{measure.text}”未落实的：{'、'.join(names)}。" + (f"已说明的：{'、'.join(answered)}。" if answered else ""))
        for measure in task.measures:
            if (task.id, measure.id) in waived:
                add_paragraph(document, f"“{measure.text}”已说明的：{'、'.join(waived[task.id, measure.id])}。")
    if rest:
        add_paragraph(document, f"其余任务没有缺口：{'、'.join(rest)}。")


def _places(document, trace: CoverageTrace, rulings: Rulings) -> None:
    for number, lower in enumerate(weakest_places(trace), 1):
        heading(document, 2, number, f"{lower.name}（举措覆盖率{words.percent(lower.score)}）")
        counts = Counter(verdict.verdict for verdict in lower.tasks)
        decided = Counter(rulings.verdict(lower.name, verdict) for verdict in lower.tasks)
        said = _verdicts(counts) + "。"
        add_paragraph(document, said + (f"计入人工决定后：{_verdicts(decided)}。" if decided != counts else ""))
        for verdict in (*words.GAPS, *([Verdict.JUSTIFIED] if rulings.made else [])):
            ids = [each.id for each in lower.tasks if rulings.verdict(lower.name, each) is verdict]
            if ids:
                add_paragraph(document, f"{words.VERDICT_NAME[verdict]}的任务：{'、'.join(ids)}。")
        add_paragraph(document, f"需修改的问题{len(lower.findings)}条{'：' if lower.findings else '。'}")
        ordered = sorted(enumerate(lower.findings), key=lambda pair: words.SEVERITY_ORDER[pair[1].severity])
        for position, (i, finding) in enumerate(ordered, 1):
            about = f"（任务{finding.task}）" if finding.task else ""
            heading(document, 3, position, f"{words.finding_name(finding.rule)}{about}：{finding.message}" + ("（已说明）" if rulings.is_waived(lower.name, i) else ""))


def _verdicts(counts: Counter[Verdict]) -> str:
    return "，".join(f"{words.VERDICT_NAME[v]}{counts[v]}项" for v in Verdict if counts[v])
