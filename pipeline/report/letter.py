"""The gap report of one place as an official document (GB/T 9704—2012): A4, margins 37/35/28/26 mm, 22 lines of 28 characters a page.

It is a draft for an office to send: who sends it and when stand as blanks, and no number is put into anybody's mouth.
"""

from __future__ import annotations

import io
import zipfile
from datetime import datetime

import docx
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from pipeline.model import CoverageTrace, Finding, LowerCoverage, Measure, MeasureVerdict, Task, TaskVerdict, Verdict
from pipeline.report import words
from pipeline.report.compare import where_in
from pipeline.text import printable

# The standard's typefaces, and what stands in for them on a machine that lacks them.
_TITLE, _BODY, _FIRST, _SECOND, _PLAIN = "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312", "宋体"
_INSTEAD = {_TITLE: "宋体", _BODY: "仿宋", _FIRST: "SimHei", _SECOND: "楷体", _PLAIN: "SimSun"}
_WESTERN = "Times New Roman"
_NUMBER_2, _NUMBER_3, _NUMBER_4, _NUMBER_5 = 22, 16, 14, 10.5  # 二号, 三号, 四号, 五号 in points
_LINE = 28.95  # 22 lines in 225 mm
_ORDINALS = "一二三四五六七八九十"
_CREATED = datetime(2000, 1, 1)  # a fixed day: the bytes must not tell when they were written
_BLANK = "＿＿＿＿＿＿"


def gap_letter(trace: CoverageTrace, lower: LowerCoverage) -> bytes:
    """docx for one lower document of the trace: numbers, gaps, findings, what is open, a form to fill in, and the full comparison."""
    document = docx.Document()
    _set_up(document)
    plan = words.document_title(trace.upper)
    _paragraph(document, f"关于{lower.name}落实《{plan}》情况的核对报告", _TITLE, _NUMBER_2, WD_ALIGN_PARAGRAPH.CENTER, indent=0, line=36)
    _paragraph(document, "", indent=0)
    _paragraph(document, f"{lower.extraction.outline.frame.issuer or lower.name}：", indent=0)
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
    for number, (name, write, content) in enumerate(chapters):
        _paragraph(document, f"{_ORDINALS[number]}、{name}", _FIRST, keep=True)
        if name == "待核事项" and lower.extraction.document.unread_pages:
            unread = "、".join(map(str, lower.extraction.document.unread_pages))
            _paragraph(document, f"{lower.name}文件第{unread}页未能读出文字，这些页不作“未覆盖”判断。请提供可复制文字的版本。")
        elif not content:
            _paragraph(document, "无。")
        write(document, trace, lower, content)
    _closing(document)
    _annex(document, lower, pairs)
    written = io.BytesIO()
    document.save(written)
    return _settled(written.getvalue())


# ---------------------------------------------------------------- the parts


def _opening(document, trace: CoverageTrace, lower: LowerCoverage, pairs: list[tuple[Task, TaskVerdict]]) -> None:
    plan, number = words.document_title(trace.upper), trace.upper.outline.frame.number
    counts = {verdict: sum(v.verdict is verdict for _, v in pairs) for verdict in Verdict}
    counted = [m for _, v in pairs if v.verdict is not Verdict.NOT_APPLICABLE for m in v.measures if m.binds]
    numbered = f"（{number}）" if number else ""
    _paragraph(document, f"我们将{lower.name}报送的《{words.document_title(lower.extraction)}》与《{plan}》{numbered}逐项核对，现将情况反馈如下。")
    _paragraph(document, "总体情况", _FIRST, keep=True)
    said = "，".join(f"{words.VERDICT_NAME[v]}{counts[v]}项" for v in Verdict if counts[v])
    high = sum(finding.severity.value == "high" for finding in lower.findings)
    _paragraph(
        document,
        f"《{plan}》共有任务{len(trace.upper.tasks)}项。核对结果：{said}。涉及{lower.name}的举措{len(counted)}条，"
        f"已落实到方案的{sum(m.covered for m in counted)}条，举措覆盖率{words.percent(lower.score)}。"
        f"发现需修改的问题{len(lower.findings)}条{f'，其中级别高的{high}条' if high else ''}。",
    )
    hollow = [task.id for task, verdict in pairs if "hollow" in verdict.flags]
    if hollow:
        _paragraph(
            document, f"已覆盖的任务中，{'、'.join(hollow)}等{len(hollow)}项照用上位文件的文字，没有本地的数量、时间、地点或责任科室，请写实。"
        )
    _paragraph(document, "以上由程序对照原文得出，每条结论的原文见附件；如与实际不符，请说明依据，以人工复核为准。")


def _gaps(document, trace: CoverageTrace, lower: LowerCoverage, pairs: list[tuple[Task, TaskVerdict]]) -> None:
    for number, (task, verdict) in enumerate(pairs, 1):
        _paragraph(document, f"（{_chinese(number)}）{task.title}（任务{task.id}）", _SECOND, keep=True)
        for measure, said in _measures(task, verdict):
            if said.covered:
                quotes = "；".join(f"“{quote.text}”" for quote in said.evidence)
                _paragraph(document, f"已有安排：{quotes}{_place(lower, said)}")
            elif said.binds:
                _paragraph(document, f"上位文件要求：“{measure.text}”")
                _paragraph(document, f"核对情况：{said.reason}")
        units = words.all_units(task.units) + ("等" if task.units_open else "")
        _paragraph(document, f"上位文件责任单位：{units or '未写明'}。完成时限：{words.task_deadline(task) or '未写明'}。")


def _findings(document, trace: CoverageTrace, lower: LowerCoverage, findings: tuple[Finding, ...]) -> None:
    titles = {task.id: task.title for task in trace.upper.tasks}
    ordered = sorted(findings, key=lambda finding: words.SEVERITY_ORDER[finding.severity])
    for number, finding in enumerate(ordered, 1):
        about = f"：{titles[finding.task]}（任务{finding.task}）" if finding.task in titles else ""
        _paragraph(document, f"（{_chinese(number)}）{words.finding_name(finding.rule)}{about}", _SECOND, keep=True)
        _paragraph(document, finding.message)
        if finding.evidence:
            where = where_in(lower.extraction, finding.evidence.start)
            _paragraph(document, f"{lower.name}方案：“{finding.evidence.text}”{f'（{where}）' if where else ''}")
        if finding.upper_evidence:
            _paragraph(document, f"上位文件：“{finding.upper_evidence.text}”")


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
        _paragraph(document, f"{number}．{task.title}（任务{task.id}）：“{measure.text}”程序初判为{judged}。{why}请确认。")


def _form(document, trace: CoverageTrace, lower: LowerCoverage, pairs: list[tuple[Task, TaskVerdict]]) -> None:
    """A table to fill in, a line a measure that is not carried out."""
    lines = [(task, measure) for task, verdict in pairs for measure, said in _measures(task, verdict) if said.binds and not said.covered]
    if not lines:
        return
    _paragraph(document, "请对下列举措逐条补充本地安排；不涉及的，写明理由和依据。")
    table = _table(document, ["任务", "上位文件要求", "本地举措", "责任科室", "数量", "完成时限"], [16, 52, 34, 20, 14, 20])
    for task, measure in lines:
        _table_row(table, [task.id, measure.text, "", "", "", ""])


def _closing(document) -> None:
    _paragraph(document, f"请于{_BLANK}前将补充修改后的方案报{_BLANK}。联系人：{_BLANK}，电话：{_BLANK}。")
    _paragraph(document, "附件：逐项对照表")
    _paragraph(document, "", indent=0)
    _paragraph(document, "（署名）", align=WD_ALIGN_PARAGRAPH.RIGHT, indent=0, right=4)
    _paragraph(document, "　　年　　月　　日", align=WD_ALIGN_PARAGRAPH.RIGHT, indent=0, right=4)


def _annex(document, lower: LowerCoverage, pairs: list[tuple[Task, TaskVerdict]]) -> None:
    _paragraph(document, "附件", _FIRST, indent=0, break_before=True)
    _paragraph(document, "逐项对照表", _TITLE, _NUMBER_2, WD_ALIGN_PARAGRAPH.CENTER, indent=0, line=36)
    table = _table(document, ["任务", "上位文件举措", "结论", "本地原文和出处"], [28, 50, 18, 60])
    for task, verdict in pairs:
        for position, (measure, said) in enumerate(_measures(task, verdict)):
            name = f"{task.id} {task.title}\n{words.VERDICT_SYMBOL[verdict.verdict]} {words.VERDICT_NAME[verdict.verdict]}" if position == 0 else ""
            mark = words.VERDICT_SYMBOL[Verdict.COVERED] if said.covered else ""
            quotes = "\n".join(f"“{quote.text}”" for quote in said.evidence) + _place(lower, said) or "—"
            if verdict.verdict is Verdict.NOT_APPLICABLE:
                quotes = words.VERDICT_MEANING[verdict.verdict]
            _table_row(table, [name, measure.text, f"{mark}{words.measure_words(said, verdict)}{'（待核）' if said.review else ''}", quotes])


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


def _chinese(number: int) -> str:
    """1 → 一, 12 → 十二, 30 → 三十; beyond 99 in digits."""
    if number > 99:
        return str(number)
    tens, ones = divmod(number, 10)
    return ("" if tens == 0 else "十" if tens == 1 else _ORDINALS[tens - 1] + "十") + (_ORDINALS[ones - 1] if ones else "")


# ---------------------------------------------------------------- official form


def _set_up(document) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = Mm(37), Mm(35), Mm(28), Mm(26)
    section.footer_distance = Mm(25)
    style = document.styles["Normal"]
    style.font.size = Pt(_NUMBER_3)
    _set_fonts(style.element.get_or_add_rPr(), _BODY)
    document.settings.odd_and_even_pages_header_footer = True
    _page_number(section.footer, WD_ALIGN_PARAGRAPH.RIGHT)
    _page_number(section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT)
    core = document.core_properties
    core.author = core.last_modified_by = "luoshi"
    core.title, core.comments, core.revision = "落实情况核对报告", "", 1
    core.created = core.modified = _CREATED


def _set_fonts(properties, name: str) -> None:
    """Name the typeface for Chinese text, and a western one for letters and digits."""
    fonts = properties.find(qn("w:rFonts"))
    if fonts is None:
        fonts = OxmlElement("w:rFonts")
        properties.insert(0, fonts)
    for attribute, value in (("w:ascii", _WESTERN), ("w:hAnsi", _WESTERN), ("w:cs", _WESTERN), ("w:eastAsia", name), ("w:hint", "eastAsia")):
        fonts.set(qn(attribute), value)


def _paragraph(
    document,
    text: str,
    font: str = _BODY,
    size: float = _NUMBER_3,
    align=WD_ALIGN_PARAGRAPH.LEFT,
    indent: int = 2,
    line: float = _LINE,
    keep: bool = False,
    right: int = 0,
    break_before: bool = False,
):
    """One paragraph; `indent` and `right` in characters."""
    paragraph = document.add_paragraph()
    form = paragraph.paragraph_format
    form.alignment = align
    form.space_before = form.space_after = Pt(0)
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(line)
    form.keep_with_next, form.page_break_before = keep, break_before
    form.first_line_indent, form.right_indent = Pt(indent * size), Pt(right * size)
    _write(paragraph, text, font, size)
    return paragraph


def _write(paragraph, text: str, font: str, size: float) -> None:
    run = paragraph.add_run(printable(text))
    run.font.size = Pt(size)
    _set_fonts(run._element.get_or_add_rPr(), font)


def _page_number(footer, align) -> None:
    """— 1 — in 四号, at the outer edge, one character in."""
    footer.is_linked_to_previous = False
    paragraph = footer.paragraphs[0]
    paragraph.alignment = align
    side = "left_indent" if align == WD_ALIGN_PARAGRAPH.LEFT else "right_indent"
    setattr(paragraph.paragraph_format, side, Pt(_NUMBER_4))
    _write(paragraph, "— ", _PLAIN, _NUMBER_4)
    for kind, text in (("begin", None), (None, "PAGE"), ("separate", None), (None, "1"), ("end", None)):
        run = paragraph.add_run()
        run.font.size = Pt(_NUMBER_4)
        _set_fonts(run._element.get_or_add_rPr(), _PLAIN)
        if kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark = OxmlElement("w:instrText" if text == "PAGE" else "w:t")
            mark.text = text
        run._element.append(mark)
    _write(paragraph, " —", _PLAIN, _NUMBER_4)


def _table(document, head: list[str], widths: list[int]):
    """A ruled table of 五号 with its head on every page; widths in millimetres, together 156."""
    table = document.add_table(rows=1, cols=len(head))
    table.style, table.alignment, table.autofit = "Table Grid", WD_TABLE_ALIGNMENT.CENTER, False
    for column, width in zip(table.columns, widths):
        column.width = Mm(width)
    for cell, text, width in zip(table.rows[0].cells, head, widths):
        cell.width = Mm(width)
        _cell(cell, text, _FIRST, WD_ALIGN_PARAGRAPH.CENTER)
    repeat = OxmlElement("w:tblHeader")
    repeat.set(qn("w:val"), "true")
    table.rows[0]._tr.get_or_add_trPr().append(repeat)
    return table


def _table_row(table, texts: list[str]) -> None:
    row = table.add_row()
    whole = OxmlElement("w:cantSplit")
    whole.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(whole)
    for cell, text, column in zip(row.cells, texts, table.columns):
        cell.width = column.width
        _cell(cell, text, _BODY, WD_ALIGN_PARAGRAPH.LEFT)


def _cell(cell, text: str, font: str, align) -> None:
    for position, line in enumerate(text.split("\n")):
        paragraph = cell.paragraphs[0] if position == 0 else cell.add_paragraph()
        form = paragraph.paragraph_format
        form.alignment = align
        form.space_before = form.space_after = Pt(0)
        form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(15)
        _write(paragraph, line, font, _NUMBER_5)


# ---------------------------------------------------------------- bytes


def _settled(raw: bytes) -> bytes:
    """The same package with fixed times in its directory, and with the stand-ins of its typefaces named."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "word/fontTable.xml":
                fonts = "".join(
                    f'<w:font w:name="{font}"><w:altName w:val="{other}"/><w:charset w:val="86"/></w:font>' for font, other in _INSTEAD.items()
                )
                content = content.replace(b"</w:fonts>", fonts.encode("utf-8") + b"</w:fonts>")
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, content)
    return written.getvalue()
