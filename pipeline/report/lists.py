"""Lists as official documents: 任务分解表 of a plan, a unit's own list, 督查事项立项清单 of a round, and the report in full detail (明细)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pipeline.errors import UnreadableFile
from pipeline.model import CoverageTrace, Extraction, Role, Verdict
from pipeline.report import words
from pipeline.report.carriers import Carrier, carriers_of
from pipeline.report.compare import where_in
from pipeline.report.matrix import owed_row, task_row
from pipeline.report.office import situation
from pipeline.report.official import BLANK, FIRST, add_paragraph, blank_document, finished, heading, ruled_table, signature, table_row, title
from pipeline.report.rulings import NONE, Rulings
from pipeline.report.tally import Standing, standings

_NAMED = 12  # places named in one cell; the rest is counted


def task_document(extraction: Extraction) -> bytes:
    """docx, landscape: 任务分解表 (a line a task), and what each unit leads, answers for and supports."""
    document = blank_document(landscape=True)
    title(document, f"《{words.document_title(extraction)}》任务分解表")
    add_paragraph(document, f"共{len(extraction.tasks)}项任务、{sum(len(t.measures) for t in extraction.tasks)}条举措。")
    table = ruled_table(document, ["序号", "任务", "举措", "目标", "牵头单位", "责任单位", "配合单位", "完成时限"], [11, 32, 76, 40, 24, 24, 24, 16])
    for number, task in enumerate(extraction.tasks, 1):
        row = task_row(number, task)
        table_row(table, [row[0], f"{task.id} {task.title}", *row[4:]])
    title(document, "责任单位任务清单")
    table = ruled_table(document, ["单位", "牵头", "责任", "配合", "牵头的任务", "负责的任务", "配合的任务"], [40, 12, 12, 12, 57, 57, 57])
    for carrier in carriers_of(extraction):
        roles = (Role.LEAD, Role.RESPONSIBLE, Role.SUPPORT)
        listed = ["、".join(id_ for id_, role in carrier.roles.items() if role is wanted) or "—" for wanted in roles]
        table_row(table, [carrier.name, *(str(carrier.count(role)) for role in roles), *listed])
    return finished(document)


def filing_list(trace: CoverageTrace, rulings: Rulings = NONE) -> bytes:
    """docx, landscape: the tasks with gaps as matters of supervision (立项), each with whom it is assigned to and when it is closed; numbers and days are blanks."""
    document = blank_document(landscape=True)
    title(document, f"《{words.document_title(trace.upper)}》督查事项立项清单")
    listed = [standing for standing in standings(trace, rulings) if any(standing.count(verdict) for verdict in (Verdict.MISSING, Verdict.PARTIAL))]
    add_paragraph(document, f"下列{len(listed)}项任务有缺项，建议立项督查。{rulings.summary}立项编号、交办日期、反馈时限由督查部门填写。")
    head = ["立项编号", "督查事项", "市级责任单位", "完成时限", "存在的问题", "交办对象", "反馈时限", "办结标准"]
    table = ruled_table(document, head, [20, 40, 38, 18, 30, 55, 20, 26])
    for standing in listed:
        said, task = _counted(standing, (Verdict.MISSING, Verdict.PARTIAL)), standing.task
        units = words.all_units(task.units) + ("等" if task.units_open else "")
        table_row(table, ["", f"{task.id} {task.title}", units or "未写明", words.task_deadline(task) or "未写明", said, _lagging(standing), "", "缺项补齐，或书面说明理由"])
    if not listed:
        add_paragraph(document, "没有需要立项的任务。")
    return finished(document)


def _counted(standing: Standing, verdicts: Iterable[Verdict]) -> str:
    return "，".join(f"{standing.count(v)}地{words.VERDICT_NAME[v]}" for v in verdicts if standing.count(v))


def _lagging(standing: Standing) -> str:
    """The places that miss a task wholly or in part, by name; "" where there is none."""
    places = [*standing.places.get(Verdict.MISSING, ()), *standing.places.get(Verdict.PARTIAL, ())]
    return "、".join(places[:_NAMED]) + (f"等{len(places)}地" if len(places) > _NAMED else "")


def unit_list(trace: CoverageTrace, carrier: Carrier, fared: Mapping[str, Standing]) -> bytes:
    """docx, landscape: what one unit of the upper document owes, and how the places fare with it.

    Args:
      fared: The standing of each task, by its id: see `tally.standings`.
    """
    document = blank_document(landscape=True)
    title(document, f"{carrier.name}任务清单")
    roles = "，".join(f"{words.ROLE_NAME[role]}{carrier.count(role)}项" for role in (Role.LEAD, Role.RESPONSIBLE, Role.SUPPORT) if carrier.count(role))
    add_paragraph(document, f"《{words.document_title(trace.upper)}》中共{len(carrier.roles)}项任务，{roles}。各地落实情况按{len(trace.lowers)}份下位文件的核对结果，{words.BY_PROGRAM_SHORT.removeprefix('以上')}")
    table = ruled_table(document, ["承担", "任务", "举措", "目标", "完成时限", "其他责任单位", "各地落实情况", "要督促的地方"], [12, 32, 76, 34, 17, 26, 22, 28])
    for task in trace.upper.tasks:
        if task.id in carrier.roles:
            _, role, id_, name, measures, targets, due, others = owed_row(task, carrier.name, carrier.roles[task.id])
            table_row(table, [role, f"{id_} {name}", measures, targets or "—", due or "未写明", others or "—", _counted(fared[id_], Verdict) or "—", _lagging(fared[id_]) or "—"])
    return finished(document)


def detail_report(trace: CoverageTrace, unreadable: Iterable[UnreadableFile] = (), rulings: Rulings = NONE, template: bytes | None = None) -> bytes:
    """docx: place by place, every measure with the verdict, both texts, the reason and what people decided."""
    document = blank_document(template)
    title(document, f"关于《{words.document_title(trace.upper)}》落实情况的报告（明细）")
    heading(document, 1, 1, "总体情况")
    for said in situation(trace, tuple(unreadable), rulings):
        add_paragraph(document, said)
    heading(document, 1, 2, "逐地逐条情况")
    tasks = {task.id: task for task in trace.upper.tasks}
    for number, lower in enumerate(trace.lowers, 1):
        heading(document, 2, number, f"{lower.name}（举措覆盖率{words.percent(lower.score)}）")
        table = ruled_table(document, ["任务和举措", "结论", "本地原文和出处", "理由、人工决定" if rulings.made else "理由"], [54, 16, 46, 40])
        for verdict in lower.tasks:
            task = tasks.get(verdict.id)
            if task is None:
                continue
            texts = {measure.id: measure.text for measure in task.measures}
            whole = rulings.on(lower.name, verdict.id)
            decided = rulings.verdict(lower.name, verdict)
            mark = f"{words.VERDICT_SYMBOL[verdict.verdict]} {words.VERDICT_NAME[verdict.verdict]}"
            mark += f"\n人工：{words.VERDICT_NAME[decided]}" if decided is not verdict.verdict else ""
            flags = "、".join(words.finding_name(flag) for flag in verdict.flags)
            table_row(table, [f"{task.id} {task.title}", mark, flags, f"人工：{whole.line}" if whole else ""], FIRST)
            for said in verdict.measures:
                quotes = "\n".join(f"“{quote.text}”（{where_in(lower.extraction, quote.start)}）" for quote in said.evidence)
                ruling = rulings.on(lower.name, said.id)
                why = said.reason + (f"\n人工：{ruling.line}" if ruling else "")
                judged = words.measure_words(said, verdict) + ("（待核）" if said.review else "")
                table_row(table, [texts.get(said.id, ""), judged, quotes or "—", why])
        for i, finding in enumerate(lower.findings):
            about = f"（任务{finding.task}）" if finding.task else ""
            heading(document, 3, i + 1, f"{words.finding_name(finding.rule)}{about}：{finding.message}" + ("（已说明）" if rulings.is_waived(lower.name, i) else ""))
    add_paragraph(document, words.BY_PROGRAM_SHORT + f"报送单位：{BLANK}。")
    signature(document)
    return finished(document)
