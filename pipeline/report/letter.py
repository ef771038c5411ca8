"""The letters of a round as official documents: the gap report that a place is handed (交办), and after the next round the reminder (催办) or the closing (办结).

They are drafts for an office to send: who sends it and when stand as blanks, and no number is put into anybody's mouth.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pipeline.model import CoverageTrace, Finding, LowerCoverage, Measure, MeasureVerdict, Task, TaskVerdict, Verdict
from pipeline.report import words
from pipeline.report.compare import where_in
from pipeline.report.official import BLANK, FIRST, add_paragraph, blank_document, finished, heading, ruled_table, signature, table_row, title
from pipeline.report.rulings import NONE, Rulings

URGENT = tuple(words.URGED)
_FORM_HEAD, _FORM_WIDTHS = ["任务", "上位文件要求", "本地举措", "责任科室", "数量", "完成时限"], [16, 52, 34, 20, 14, 20]


def gap_letter(trace: CoverageTrace, lower: LowerCoverage, rulings: Rulings = NONE, template: bytes | None = None) -> bytes:
    """docx for one lower document of the trace: numbers, gaps, findings, what is open, a form to fill in, and the full comparison.

    Gaps that people accepted or overruled are not asked for again: they stand in a chapter of their own.
    """
    document = blank_document(template)
    plan = words.document_title(trace.upper)
    title(document, f"关于{lower.name}落实《{plan}》情况的核对报告")
    add_paragraph(document, "", indent=0)
    add_paragraph(document, f"{lower.extraction.outline.frame.issuer or lower.name}：", indent=0)
    pairs = _pairs(trace, lower)
    _opening(document, trace, lower, pairs, rulings)
    missing = [(task, verdict) for task, verdict in pairs if rulings.verdict(lower.name, verdict) is Verdict.MISSING]
    partial = [(task, verdict) for task, verdict in pairs if rulings.verdict(lower.name, verdict) is Verdict.PARTIAL]
    titles = {task.id: task.title for task, _ in pairs}
    findings = [(finding, titles.get(finding.task or "", "")) for i, finding in enumerate(lower.findings) if not rulings.is_waived(lower.name, i)]
    chapters = [
        ("未覆盖的任务", _gaps, missing),
        ("部分覆盖的任务", _gaps, partial),
        ("需修改的问题", _findings, findings),
        ("待核事项", _open_points, _reviews(lower, pairs, rulings)),
        ("请补充的内容", _form, _asked(lower, pairs, rulings)),
    ]
    if rulings.made:
        chapters.append(("人工决定的事项", _decided, [(task, verdict) for task, verdict in pairs if rulings.about(lower.name, verdict)]))
    for number, (name, write, content) in enumerate(chapters, 1):
        heading(document, 1, number, name)
        if name == "待核事项" and lower.extraction.document.unread_pages:
            unread = "、".join(map(str, lower.extraction.document.unread_pages))
            add_paragraph(document, f"{lower.name}文件第{unread}页未能读出文字，这些页不作“未覆盖”判断。请提供可复制文字的版本。")
        elif not content:
            add_paragraph(document, "无。")
        write(document, lower, content, rulings)
    _closing(document)
    _annex(document, lower, pairs, rulings)
    return finished(document)


def reminder(trace: CoverageTrace, lower: LowerCoverage, items: Iterable[Mapping], rulings: Rulings = NONE, template: bytes | None = None) -> bytes:
    """催办: what is still open after a second round. `items` are those of this place in the JSON of a diff (`rounds.diff`)."""
    document = blank_document(template)
    by_status = _by_status(items)
    tasks = {measure.id: task for task in trace.upper.tasks for measure in task.measures}
    plan = words.document_title(trace.upper)
    title(document, f"关于{lower.name}落实《{plan}》有关事项的催办通知")
    add_paragraph(document, "", indent=0)
    add_paragraph(document, f"{lower.extraction.outline.frame.issuer or lower.name}：", indent=0)
    still = [item for status in words.URGED for item in by_status.get(status, ())]
    add_paragraph(document, f"前次交办的事项，你单位已报送修改后的方案。经再次核对，已整改{len(by_status.get('fixed', ()))}条，已说明{len(by_status.get('waived', ()))}条，"
                            f"仍需办理{len(still)}条。现予催办，请抓紧办理并按时反馈。")
    heading(document, 1, 1, "仍需办理的事项")
    number = 0
    for status, name in words.URGED.items():
        for item in by_status.get(status, ()):
            number += 1
            task = tasks.get(item["measure"])
            heading(document, 2, number, f"{task.title if task else item['task']}（任务{item['task']}）：{name}")
            add_paragraph(document, f"上位文件要求：“{item['upper']}”")
            if item["new_evidence"]:
                add_paragraph(document, f"现报方案：“{'”；“'.join(item['new_evidence'])}”")
            if task:
                add_paragraph(document, f"上位文件责任单位：{_units(task)}。完成时限：{words.task_deadline(task) or '未写明'}。")
    heading(document, 1, 2, "办理要求")
    add_paragraph(document, f"请于{BLANK}前反馈办理结果，填写下表；确有原因不能办理的，书面说明理由和依据。逾期仍未反馈的，按规定通报。")
    table = ruled_table(document, _FORM_HEAD, _FORM_WIDTHS)
    for item in still:
        table_row(table, [item["task"], item["upper"], "", "", "", ""])
    add_paragraph(document, f"联系人：{BLANK}，电话：{BLANK}。")
    signature(document)
    return finished(document)


def closing(trace: CoverageTrace, lower: LowerCoverage, items: Iterable[Mapping], rulings: Rulings = NONE, template: bytes | None = None) -> bytes:
    """办结: nothing is open after a second round. `items` as in `reminder`."""
    document = blank_document(template)
    by_status = _by_status(items)
    plan = words.document_title(trace.upper)
    title(document, f"关于{lower.name}落实《{plan}》有关事项的办结告知")
    add_paragraph(document, "", indent=0)
    add_paragraph(document, f"{lower.extraction.outline.frame.issuer or lower.name}：", indent=0)
    fixed, waived = by_status.get("fixed", ()), by_status.get("waived", ())
    add_paragraph(document, f"前次交办的事项，经再次核对，已整改{len(fixed)}条，已书面说明理由{len(waived)}条，没有仍需办理的缺项，予以办结。办结的是方案中的缺项，实施情况另行督查。")
    for number, (name, listed) in enumerate([("已整改的事项", fixed), ("已说明的事项", waived)], 1):
        heading(document, 1, number, name)
        if not listed:
            add_paragraph(document, "无。")
        for position, item in enumerate(listed, 1):
            told = rulings.on(lower.name, item["measure"]) or rulings.on(lower.name, item["task"])
            quotes = f"现报方案：“{'”；“'.join(item['new_evidence'])}”" if item["new_evidence"] else told.line if told else ""
            heading(document, 3, position, f"任务{item['task']}：“{item['upper']}”{quotes}")
    signature(document)
    return finished(document)


def _by_status(items: Iterable[Mapping]) -> dict[str, list[Mapping]]:
    found: dict[str, list[Mapping]] = {}
    for item in items:
        found.setdefault(item["status"], []).append(item)
    return found


# ---------------------------------------------------------------- the parts


def _pairs(trace: CoverageTrace, lower: LowerCoverage) -> list[tuple[Task, TaskVerdict]]:
    tasks = {task.id: task for task in trace.upper.tasks}
    return [(tasks[verdict.id], verdict) for verdict in lower.tasks if verdict.id in tasks]


def _opening(document, trace: CoverageTrace, lower: LowerCoverage, pairs: list[tuple[Task, TaskVerdict]], rulings: Rulings) -> None:
    plan, number = words.document_title(trace.upper), trace.upper.outline.frame.number
    counts = {verdict: sum(v.verdict is verdict for _, v in pairs) for verdict in Verdict}
    counted = [m for _, v in pairs if v.verdict is not Verdict.NOT_APPLICABLE for m in v.measures if m.binds]
    numbered = f"（{number}）" if number else ""
    add_paragraph(document, f"我们将{lower.name}报送的《{words.document_title(lower.extraction)}》与《{plan}》{numbered}逐项核对，现将需要办理的事项交办如下，请按时反馈。")
    add_paragraph(document, "总体情况", FIRST, keep=True)
    high = sum(finding.severity.value == "high" for finding in lower.findings)
    add_paragraph(
        document,
        f"《{plan}》共有任务{len(trace.upper.tasks)}项。核对结果：{_counted(counts)}。涉及{lower.name}的举措{len(counted)}条，"
        f"已落实到方案的{sum(m.covered for m in counted)}条，举措覆盖率{words.percent(lower.score)}。"
        f"发现需修改的问题{len(lower.findings)}条{f'，其中级别高的{high}条' if high else ''}。",
    )
    if rulings.made:
        decided = {verdict: sum(rulings.verdict(lower.name, v) is verdict for _, v in pairs) for verdict in Verdict}
        waived = sum(rulings.state(lower.name, v, m) == "waived" for _, v in pairs for m in v.measures)
        answered = sum(rulings.is_waived(lower.name, i) for i in range(len(lower.findings)))
        add_paragraph(document, f"计入人工决定后：{_counted(decided)}；缺项中已说明{waived}条，问题中已说明{answered}条，不再要求补充。")
    hollow = [task.id for task, verdict in pairs if "hollow" in verdict.flags]
    if hollow:
        add_paragraph(
            document, f"已覆盖的任务中，{'、'.join(hollow)}等{len(hollow)}项照用上位文件的文字，没有本地的数量、时间、地点或责任科室，请写实。"
        )
    add_paragraph(document, "以上由程序对照原文得出，每条结论的原文见附件；如与实际不符，请说明依据，以人工复核为准。")


def _counted(counts: Mapping[Verdict, int]) -> str:
    return "，".join(f"{words.VERDICT_NAME[v]}{counts[v]}项" for v in Verdict if counts[v])


def _gaps(document, lower: LowerCoverage, pairs: list[tuple[Task, TaskVerdict]], rulings: Rulings) -> None:
    for number, (task, verdict) in enumerate(pairs, 1):
        heading(document, 2, number, f"{task.title}（任务{task.id}）")
        whole = rulings.on(lower.name, verdict.id)
        if whole:
            add_paragraph(document, f"人工决定（整项任务）：{whole.line}。")
        for measure, said in _measures(task, verdict):
            state = rulings.state(lower.name, verdict, said)
            if state == "gap":
                add_paragraph(document, f"上位文件要求：“{measure.text}”")
                ruling = rulings.on(lower.name, said.id)
                add_paragraph(document, f"核对情况：{said.reason}" + (f"人工决定：{ruling.line}。" if ruling else ""))
            elif said.covered:
                quotes = "；".join(f"“{quote.text}”" for quote in said.evidence)
                add_paragraph(document, f"已有安排：{quotes}{_place(lower, said)}")
        add_paragraph(document, f"上位文件责任单位：{_units(task)}。完成时限：{words.task_deadline(task) or '未写明'}。")


def _units(task: Task) -> str:
    return words.all_units(task.units) + ("等" if task.units_open else "") or "未写明"


def _findings(document, lower: LowerCoverage, findings: list[tuple[Finding, str]], rulings: Rulings) -> None:
    """Each finding with the title of its task, the gravest first."""
    ordered = sorted(findings, key=lambda pair: words.SEVERITY_ORDER[pair[0].severity])
    for number, (finding, name) in enumerate(ordered, 1):
        about = f"：{name}（任务{finding.task}）" if name else ""
        heading(document, 2, number, f"{words.finding_name(finding.rule)}{about}")
        add_paragraph(document, finding.message)
        if finding.evidence:
            where = where_in(lower.extraction, finding.evidence.start)
            add_paragraph(document, f"{lower.name}方案：“{finding.evidence.text}”{f'（{where}）' if where else ''}")
        if finding.upper_evidence:
            add_paragraph(document, f"上位文件：“{finding.upper_evidence.text}”")


def _reviews(lower: LowerCoverage, pairs: list[tuple[Task, TaskVerdict]], rulings: Rulings) -> list[tuple[Task, Measure, MeasureVerdict, TaskVerdict]]:
    """Measures that are close, and all of a task whose verdict is open; without those that do not count or that people decided."""
    return [
        (task, measure, said, verdict)
        for task, verdict in pairs
        if verdict.verdict not in (Verdict.NOT_APPLICABLE, Verdict.JUSTIFIED)
        for measure, said in _measures(task, verdict)
        if said.binds and (lower.name, said.id) not in rulings.settled and (said.review or (verdict.verdict is Verdict.UNDETERMINED and not said.covered))
    ]


def _open_points(document, lower: LowerCoverage, content: list, rulings: Rulings) -> None:
    for number, (task, measure, said, verdict) in enumerate(content, 1):
        quotes = "；".join(f"“{quote.text}”" for quote in said.evidence)
        judged = words.measure_words(said, verdict)
        why = f"所见原文：{quotes}{_place(lower, said)}。" if quotes else "" if verdict.verdict in (Verdict.MISSING, Verdict.PARTIAL) else said.reason
        add_paragraph(document, f"{number}．{task.title}（任务{task.id}）：“{measure.text}”程序初判为{judged}。{why}请确认。")


def _asked(lower: LowerCoverage, pairs: list[tuple[Task, TaskVerdict]], rulings: Rulings) -> list[tuple[Task, Measure]]:
    """The gaps of tasks that are missed wholly or in part, in the order of the upper document: the missed ones first."""
    return [
        (task, measure)
        for wanted in (Verdict.MISSING, Verdict.PARTIAL)
        for task, verdict in pairs
        if rulings.verdict(lower.name, verdict) is wanted
        for measure, said in _measures(task, verdict)
        if rulings.state(lower.name, verdict, said) == "gap"
    ]


def _form(document, lower: LowerCoverage, lines: list[tuple[Task, Measure]], rulings: Rulings) -> None:
    """A table to fill in, a line a measure that is not carried out."""
    if not lines:
        return
    add_paragraph(document, "请对下列举措逐条补充本地安排；不涉及的，写明理由和依据。")
    table = ruled_table(document, _FORM_HEAD, _FORM_WIDTHS)
    for task, measure in lines:
        table_row(table, [task.id, measure.text, "", "", "", ""])


def _decided(document, lower: LowerCoverage, pairs: list[tuple[Task, TaskVerdict]], rulings: Rulings) -> None:
    number = 0
    for task, verdict in pairs:
        for id_, ruling in rulings.about(lower.name, verdict):
            number += 1
            heading(document, 3, number, f"{task.title}（{'任务' if id_ == task.id else '举措'}{id_}，程序结论：{words.VERDICT_NAME[verdict.verdict]}）：{ruling.line}。")


def _closing(document) -> None:
    add_paragraph(document, f"请于{BLANK}前将补充修改后的方案报{BLANK}。逾期未反馈的将予催办；补齐或书面说明理由的予以办结。联系人：{BLANK}，电话：{BLANK}。")
    add_paragraph(document, "附件：逐项对照表")
    signature(document)


def _annex(document, lower: LowerCoverage, pairs: list[tuple[Task, TaskVerdict]], rulings: Rulings) -> None:
    add_paragraph(document, "附件", FIRST, indent=0, break_before=True)
    title(document, "逐项对照表")
    table = ruled_table(document, ["任务", "上位文件举措", "结论", "本地原文和出处"], [28, 50, 18, 60])
    for task, verdict in pairs:
        whole = rulings.on(lower.name, verdict.id)
        for position, (measure, said) in enumerate(_measures(task, verdict)):
            name = f"{task.id} {task.title}\n{words.VERDICT_SYMBOL[verdict.verdict]} {words.VERDICT_NAME[verdict.verdict]}" if position == 0 else ""
            name += f"\n人工：{whole.line}" if whole and position == 0 else ""
            mark = words.VERDICT_SYMBOL[Verdict.COVERED] if said.covered else ""
            quotes = "\n".join(f"“{quote.text}”" for quote in said.evidence) + _place(lower, said) or "—"
            if verdict.verdict is Verdict.NOT_APPLICABLE:
                quotes = words.VERDICT_MEANING[verdict.verdict]
            ruling = rulings.on(lower.name, said.id)
            quotes += f"\n人工：{ruling.line}" if ruling else ""
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
