"""The gap report of one place as an official document.

It is a draft for an office to send: who sends it and when stand as blanks, and no number is put into anybody's mouth.
"""

from __future__ import annotations

from pipeline.model import CoverageTrace, Finding, LowerCoverage, Measure, MeasureVerdict, Task, TaskVerdict, Verdict
from pipeline.report import words
from pipeline.report.compare import where_in
from pipeline.report.official import BLANK, FIRST, add_paragraph, blank_document, finished, heading, ruled_table, signature, table_row, title


def gap_letter(trace: CoverageTrace, lower: LowerCoverage) -> bytes:
    """docx for one lower document of the trace: numbers, gaps, findings, what is open, a form to fill in, and the full comparison."""
    document = blank_document()
    plan = words.document_title(trace.upper)
    title(document, f"关于{lower.name}落实《{plan}》情况的核对报告")
    add_paragraph(document, "", indent=0)
    add_paragraph(document, f"{lower.extraction.outline.frame.issuer or lower.name}：", indent=0)
    tasks = {task.id: task for task in trace.upper.tasks}
    pairs = [(tasks[verdict.id], verdict) for verdict in lower.tasks if verdict.id in tasks]
    _opening(document, trace, lower, pairs)
    missing = [(task, verdict) for task, verdict in pairs if verdict.verdict is Verdict.MISSING]
    partial = [(task, verdict) for task, verdict in pairs if verdict.verdict is Verdict.PARTIAL]
    chapters = [
        ("未覆盖的任务", _gaps, missing),
        ("部分覆盖的任务", _gaps, partial),
        ("需修改的问题", _findings, lower.findings),
        ("待核事项", _open_points, _reviews(pairs)),
        ("请补充的内容", _form, missing + partial),
    ]
    for number, (name, write, content) in enumerate(chapters, 1):
        heading(document, 1, number, name)
        if name == "待核事项" and lower.extraction.document.unread_pages:
            unread = "、".join(map(str, lower.extraction.document.unread_pages))
            add_paragraph(document, f"{lower.name}文件第{unread}页未能读出文字，这些页不作“未覆盖”判断。请提供可复制文字的版本。")
        elif not content:
            add_paragraph(document, "无。")
        write(document, trace, lower, content)
    _closing(document)
    _annex(document, lower, pairs)
    return finished(document)


# ---------------------------------------------------------------- the parts


def _opening(document, trace: CoverageTrace, lower: LowerCoverage, pairs: list[tuple[Task, TaskVerdict]]) -> None:
    plan, number = words.document_title(trace.upper), trace.upper.outline.frame.number
    counts = {verdict: sum(v.verdict is verdict for _, v in pairs) for verdict in Verdict}
    counted = [m for _, v in pairs if v.verdict is not Verdict.NOT_APPLICABLE for m in v.measures if m.binds]
    numbered = f"（{number}）" if number else ""
    add_paragraph(document, f"我们将{lower.name}报送的《{words.document_title(lower.extraction)}》与《{plan}》{numbered}逐项核对，现将情况反馈如下。")
    add_paragraph(document, "总体情况", FIRST, keep=True)
    said = "，".join(f"{words.VERDICT_NAME[v]}{counts[v]}项" for v in Verdict if counts[v])
    high = sum(finding.severity.value == "high" for finding in lower.findings)
    add_paragraph(
        document,
        f"《{plan}》共有任务{len(trace.upper.tasks)}项。核对结果：{said}。涉及{lower.name}的举措{len(counted)}条，"
        f"已落实到方案的{sum(m.covered for m in counted)}条，举措覆盖率{words.percent(lower.score)}。"
        f"发现需修改的问题{len(lower.findings)}条{f'，其中级别高的{high}条' if high else ''}。",
    )
    hollow = [task.id for task, verdict in pairs if "hollow" in verdict.flags]
    if hollow:
        add_paragraph(
            document, f"已覆盖的任务中，{'、'.join(hollow)}等{len(hollow)}项照用上位文件的文字，没有本地的数量、时间、地点或责任科室，请写实。"
        )
    add_paragraph(document, "以上由程序对照原文得出，每条结论的原文见附件；如与实际不符，请说明依据，以人工复核为准。")


def _gaps(document, trace: CoverageTrace, lower: LowerCoverage, pairs: list[tuple[Task, TaskVerdict]]) -> None:
    for number, (task, verdict) in enumerate(pairs, 1):
        heading(document, 2, number, f"{task.title}（任务{task.id}）")
        for measure, said in _measures(task, verdict):
            if said.covered:
                quotes = "；".join(f"“{quote.text}”" for quote in said.evidence)
                add_paragraph(document, f"已有安排：{quotes}{_place(lower, said)}")
            elif said.binds:
                add_paragraph(document, f"上位文件要求：“{measure.text}”")
                add_paragraph(document, f"核对情况：{said.reason}")
        units = words.all_units(task.units) + ("等" if task.units_open else "")
        add_paragraph(document, f"上位文件责任单位：{units or '未写明'}。完成时限：{words.task_deadline(task) or '未写明'}。")


def _findings(document, trace: CoverageTrace, lower: LowerCoverage, findings: tuple[Finding, ...]) -> None:
    titles = {task.id: task.title for task in trace.upper.tasks}
    ordered = sorted(findings, key=lambda finding: words.SEVERITY_ORDER[finding.severity])
    for number, finding in enumerate(ordered, 1):
        about = f"：{titles[finding.task]}（任务{finding.task}）" if finding.task in titles else ""
        heading(document, 2, number, f"{words.finding_name(finding.rule)}{about}")
        add_paragraph(document, finding.message)
        if finding.evidence:
            where = where_in(lower.extraction, finding.evidence.start)
            add_paragraph(document, f"{lower.name}方案：“{finding.evidence.text}”{f'（{where}）' if where else ''}")
        if finding.upper_evidence:
            add_paragraph(document, f"上位文件：“{finding.upper_evidence.text}”")


def _reviews(pairs: list[tuple[Task, TaskVerdict]]) -> list[tuple[Task, Measure, MeasureVerdict, TaskVerdict]]:
    """Measures that are close, and all of a task whose verdict is open; without those that do not count."""
    return [
        (task, measure, said, verdict)
        for task, verdict in pairs
        if verdict.verdict not in (Verdict.NOT_APPLICABLE, Verdict.JUSTIFIED)
        for measure, said in _measures(task, verdict)
        if said.binds and (said.review or (verdict.verdict is Verdict.UNDETERMINED and not said.covered))
    ]


def _open_points(document, trace: CoverageTrace, lower: LowerCoverage, content: list) -> None:
    for number, (task, measure, said, verdict) in enumerate(content, 1):
        quotes = "；".join(f"“{quote.text}”" for quote in said.evidence)
        judged = words.measure_words(said, verdict)
        why = f"所见原文：{quotes}{_place(lower, said)}。" if quotes else "" if verdict.verdict in (Verdict.MISSING, Verdict.PARTIAL) else said.reason
        add_paragraph(document, f"{number}．{task.title}（任务{task.id}）：“{measure.text}”程序初判为{judged}。{why}请确认。")


def _form(document, trace: CoverageTrace, lower: LowerCoverage, pairs: list[tuple[Task, TaskVerdict]]) -> None:
    """A table to fill in, a line a measure that is not carried out."""
    lines = [(task, measure) for task, verdict in pairs for measure, said in _measures(task, verdict) if said.binds and not said.covered]
    if not lines:
        return
    add_paragraph(document, "请对下列举措逐条补充本地安排；不涉及的，写明理由和依据。")
    table = ruled_table(document, ["任务", "上位文件要求", "本地举措", "责任科室", "数量", "完成时限"], [16, 52, 34, 20, 14, 20])
    for task, measure in lines:
        table_row(table, [task.id, measure.text, "", "", "", ""])


def _closing(document) -> None:
    add_paragraph(document, f"请于{BLANK}前将补充修改后的方案报{BLANK}。联系人：{BLANK}，电话：{BLANK}。")
    add_paragraph(document, "附件：逐项对照表")
    signature(document)


def _annex(document, lower: LowerCoverage, pairs: list[tuple[Task, TaskVerdict]]) -> None:
    add_paragraph(document, "附件", FIRST, indent=0, break_before=True)
    title(document, "逐项对照表")
    table = ruled_table(document, ["任务", "上位文件举措", "结论", "本地原文和出处"], [28, 50, 18, 60])
    for task, verdict in pairs:
        for position, (measure, said) in enumerate(_measures(task, verdict)):
            name = f"{task.id} {task.title}\n{words.VERDICT_SYMBOL[verdict.verdict]} {words.VERDICT_NAME[verdict.verdict]}" if position == 0 else ""
            mark = words.VERDICT_SYMBOL[Verdict.COVERED] if said.covered else ""
            quotes = "\n".join(f"“{quote.text}”" for quote in said.evidence) + _place(lower, said) or "—"
            if verdict.verdict is Verdict.NOT_APPLICABLE:
                quotes = words.VERDICT_MEANING[verdict.verdict]
            table_row(table, [name, measure.text, f"{mark}{words.measure_words(said, verdict)}{'（待核）' if said.review else ''}", quotes])


def _measures(task: Task, verdict: TaskVerdict) -> list[tuple[Measure, MeasureVerdict]]:
    said = {measure.id: measure for measure in verdict.measures}
    return [(measure, said[measure.id]) for measure in task.measures if measure.id in said]


def _place(lower: LowerCoverage, said: MeasureVerdict) -> str:
    """Page and paragraph of the evidence: "（第2页第14段）"; without headings, which would be longer than the quote."""
    document = lower.extraction.document
    places = []
    for quote in said.evidence:
        paragraph = document.paragraph_of(quote.start)
        places.append((f"第{quote.page}页" if quote.page is not None else "") + (f"第{paragraph + 1}段" if paragraph is not None else ""))
    named = "；".join(dict.fromkeys(place for place in places if place))
    return f"（{named}）" if named else ""
