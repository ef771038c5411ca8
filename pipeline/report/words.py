"""What people read: a Chinese word, a symbol and a colour for each value of the closed lists of `model`, and quantities in words.

Symbol and colour say the same thing twice, since reports are printed in black and white.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from pipeline.model import Extraction, Factor, MeasureVerdict, Modality, Role, Severity, Target, Task, TaskVerdict, Unit, Verdict

VERDICT_NAME = {
    Verdict.COVERED: "覆盖",
    Verdict.PARTIAL: "部分覆盖",
    Verdict.MISSING: "未覆盖",
    Verdict.UNDETERMINED: "待核",
    Verdict.JUSTIFIED: "已说明",
    Verdict.NOT_APPLICABLE: "不适用",
}
VERDICT_SYMBOL = {
    Verdict.COVERED: "●",
    Verdict.PARTIAL: "◐",
    Verdict.MISSING: "✕",
    Verdict.UNDETERMINED: "？",
    Verdict.JUSTIFIED: "〇",
    Verdict.NOT_APPLICABLE: "–",
}
VERDICT_MEANING = {
    Verdict.COVERED: "本级方案以自己的安排落实了任务的多数举措",
    Verdict.PARTIAL: "落实了一部分举措",
    Verdict.MISSING: "全文已读，未见落实任一举措的内容",
    Verdict.UNDETERMINED: "文件未能全部读出，或把握不足，须人工核对",
    Verdict.JUSTIFIED: "未安排，已书面说明理由",
    Verdict.NOT_APPLICABLE: "任务不涉及本地",
}
# background, ink: what is covered recedes, what is missing stands out; every pair keeps a contrast of 4.5 : 1 (WCAG 2.1, 1.4.3), also with the
# dark blue in which some spreadsheet programs show any link
VERDICT_COLOUR = {
    Verdict.COVERED: ("#CFE8D5", "#14532D"),
    Verdict.PARTIAL: ("#FFE29A", "#5C3B00"),
    Verdict.MISSING: ("#F08C84", "#3D0703"),
    Verdict.UNDETERMINED: ("#D9CFF2", "#2B1F4D"),
    Verdict.JUSTIFIED: ("#CFE3F5", "#14304A"),
    Verdict.NOT_APPLICABLE: ("#F1F3F5", "#565D66"),
}
GAPS = (Verdict.MISSING, Verdict.PARTIAL, Verdict.UNDETERMINED)

ROLE_NAME = {Role.LEAD: "牵头", Role.SUPPORT: "配合", Role.RESPONSIBLE: "责任"}
ROLE_COLOUR = {Role.LEAD: ("#1F4E79", "#FFFFFF"), Role.RESPONSIBLE: ("#9DC3E6", "#10283D"), Role.SUPPORT: ("#E4EEF8", "#10283D")}
MODALITY_NAME = {Modality.MUST: "必须", Modality.DO: "开展", Modality.ENCOURAGE: "鼓励", Modality.FORBID: "禁止"}
SEVERITY_NAME = {Severity.HIGH: "高", Severity.MEDIUM: "中", Severity.LOW: "低"}
SEVERITY_ORDER = {Severity.HIGH: 0, Severity.MEDIUM: 1, Severity.LOW: 2}

FINDING_NAME = {
    "deadline_later": "时限晚于上位文件",
    "deadline_dropped": "未写完成时限",
    "unit_missing": "未明确责任单位",
    "modality_weakened": "要求弱化",
    "copied_not_localised": "照抄未本地化",
    "target_escalated": "层层加码",
    "contradiction": "与上位文件相反",
    "hollow": "空泛",
    "unit_obsolete": "机构名称已废止",
    "target_unquantified": "指标未量化",
    "aggregate_short": "合计不足",
    "numbering_slip": "编号有误",
    "unit_unknown": "单位名称待核",
    "number_conflict": "数值前后不一",
    "place_mismatch": "照搬他处地名",
    "over_length": "篇幅超限",
}
# how a sentence of a lower document stands, as the coverage stage says of the sentence that it weighed
STANDING_NAME = {"commits": "承诺要做", "tells": "叙述过去或现状", "preaches": "讲原则、认识、口号", "lists": "只列题目", "negates": "明确不做", "leads": "段首点题"}
DOMAIN_NAME = {"rural_environment": "农村人居环境", "science_literacy": "科学素质"}  # a pack of the office's own goes by its file name
MISSED_BY_ALL_MEANING = (
    "参加核对的各地（至少两地）都没有落实的举措。可能本来是上一级部门自己的事，可能是上位文件写得不够具体、没有明确由谁落实，也可能是程序没有认出换了说法的安排；"
    "请先核对上位文件和待核项，再向各地反馈。只有一份下位文件时不列。"
)
BY_PROGRAM = "以上由程序对照原文得出，供参考，以人工复核为准；逐条原文见核对报告网页和覆盖矩阵“明细”表。"
BY_PROGRAM_SHORT = "以上由程序对照原文得出，以人工复核为准。"
# what a leader is asked, in the steps of supervision: 立项 交办 反馈 催办 办结
DECIDE_FILE = "立项：任务{tasks}是否列为督查事项。"
DECIDE_ASSIGN = "交办：差距报告是否交办各地，于{blank}前反馈。"
DECIDE_URGE = "催办：逾期未反馈的由谁催办、如何通报。"
DECIDE_REWRITE = "各地均未落实的{count}条举措，是否请牵头单位说明。"
DECIDE_CLOSE = "办结：是否以缺口消除或已书面说明理由为准。"
NEXT_STEPS = (
    "交办：人工复核后，将差距报告发各地，请于{blank}前反馈。",
    "催办：到期未反馈的，逐地催办并记录。",
    "办结：收到修改后的方案重新核对；缺口消除或已书面说明理由的办结，其余继续督办。",
)
# what is urged after a second round, by the status of `rounds.diff`
URGED = {"open": "仍未落实", "pasted": "只照抄了上位文件的话，没有本地安排", "broken": "原已安排，现方案中没有了", "new": "本次新查出"}
TARGET_STATUS_NAME = {"stated": "有自定数值", "unquantified": "已安排、未量化", "absent": "未提及"}
AGGREGATE_NAME = {"met": "持平", "short": "不足", "exceeded": "超出", "not-additive": "不可相加"}
# the reviewer's columns of the detail sheet, which `luoshi review import` reads back; the last one is hidden
REVIEW_HEAD = ("人工结论", "人工理由", "决定人", "期限", "决定日期", "决定状态", "印记")
REVIEW_VERDICT = {"覆盖": "covered", "未覆盖": "missing", "不适用": "not_applicable", "已说明": None}
REVIEW_NOTE = (
    "黄色各列供复核人填写：人工结论从下拉表中选，人工理由、决定人必填；期限对“已说明”是有效期，对改判是整改期限；填好用 luoshi review import 读回；机器结论不因此改动"
)
COMPARATOR_NAME = {"=": "", ">=": "不少于", "<=": "不超过", ">": "超过", "<": "低于", "~": "约"}
FREQUENCY_NAME = {"annual": "每年", "semiannual": "每半年", "quarterly": "每季度", "monthly": "每月", "weekly": "每周"}


def domain_name(domain: str) -> str:
    """The concept pack in Chinese; as it is called where this program's words do not know it."""
    return DOMAIN_NAME.get(domain, domain)


def finding_name(rule: str) -> str:
    """The Chinese name of a finding's kind; the kind itself where this program's words do not know it yet."""
    return FINDING_NAME.get(rule, rule)


def number(value: Decimal) -> str:
    """A number as written, without an exponent: 1.20 stays 1.20, 1E+3 becomes 1000."""
    return format(value, "f")


def date_words(day: str | None) -> str:
    """ "2025-06-30" → "2025年6月30日", "2025" → "2025年", None → ""."""
    if not day:
        return ""
    return "".join(f"{int(part)}{mark}" for part, mark in zip(day.split("-"), "年月日"))


def quantity(target: Target) -> str:
    """A target in words: "每年不少于2场（2025年底前）" without its indicator."""
    upper = "" if target.value_max is None else f"—{number(target.value_max)}"
    words = FREQUENCY_NAME.get(target.frequency or "", "") + (target.modality or "")
    return f"{words}{COMPARATOR_NAME.get(target.comparator, target.comparator)}{number(target.value)}{upper}{target.unit}"


def target_words(target: Target) -> str:
    """A target as one phrase for a table cell: indicator, quantity, deadline."""
    day = date_words(target.deadline)
    return f"{target.indicator}{'：' if target.indicator else ''}{quantity(target)}{f'（{day}）' if day else ''}"


def units_of(task: Task, role: Role) -> str:
    """The units of one role as a list with 、, as written; ends in 等 where the document's list is open and this is its last role."""
    named = [unit.name for unit in task.units if unit.role is role]
    text = "、".join(dict.fromkeys(named))
    return text + "等" if named and task.units_open and task.units[-1].role is role else text


def all_units(units: Iterable[Unit]) -> str:
    """Units with their roles, lead first: "市教育局（牵头）、市科协（配合）"; roles stay unsaid where nobody leads or supports."""
    named = sorted({(unit.name, unit.role): None for unit in units}, key=lambda pair: pair[1] is not Role.LEAD)
    if all(role is Role.RESPONSIBLE for _, role in named):
        return "、".join(name for name, _ in named)
    return "、".join(f"{name}（{ROLE_NAME[role]}）" for name, role in named)


def task_deadline(task: Task) -> str:
    """When a task is due: what it says itself, else the dates of its targets, each once, in order."""
    if task.deadline:
        return date_words(task.deadline)
    return "、".join(date_words(day) for day in sorted({t.deadline for t in task.targets if t.deadline}))


def document_title(extraction: Extraction) -> str:
    """The document's title; the file's name without its suffix where it has none."""
    name = extraction.document.source.name
    return extraction.outline.frame.title or name.rsplit(".", 1)[0]


def percent(share: float) -> str:
    return f"{share * 100:.0f}%"


def measure_words(measure: MeasureVerdict, task: TaskVerdict) -> str:
    """What is said of one measure: "not found" is never said where the document was not fully read."""
    if not measure.binds or task.verdict is Verdict.NOT_APPLICABLE:
        return "不计"
    if measure.covered:
        return "覆盖"
    return {Verdict.UNDETERMINED: "未能判定", Verdict.JUSTIFIED: "已说明"}.get(task.verdict, "未覆盖")


def weighed(measure: MeasureVerdict) -> tuple[list[Factor], list[Factor]]:
    """A measure's factors in two lists: what was recognised (weight 0, as given), and what was weighed (the heaviest first)."""
    recognised = [replace(factor, text=STANDING_NAME.get(factor.text, factor.text)) for factor in measure.factors if not factor.weight]
    return recognised, sorted((factor for factor in measure.factors if factor.weight), key=lambda factor: -abs(factor.weight))


def chapter(task: Task) -> str:
    return task.heading_path[-1] if task.heading_path else ""


def shortened(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
