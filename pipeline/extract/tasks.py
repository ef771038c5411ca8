"""Sections become tasks: one a leaf heading, its body cut into measures, its brackets into units, its figures into targets."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import groupby

from pipeline.extract.annex import refined
from pipeline.extract.readers import Readers
from pipeline.extract.tables import table_tasks
from pipeline.extract.units import UnitGroup, union
from pipeline.model import Baseline, Extraction, Finding, Goal, Measure, Modality, Outline, Quote, Section, Severity, Span, Target, Task, Unit, Warning
from pipeline.outline.numbering import THIRD, read_label
from pipeline.outline.tree import leaves, walk
from pipeline.text import sentences

# Chapters of these kinds ask something of somebody.
DUTY_KINDS = ("duties", "guarantee", "division")
_PAST_KINDS = ("situation", "preface")
# The last year of each five-year plan.
_PLAN_END = {"三": "2020", "四": "2025", "五": "2030", "六": "2035", "七": "2040"}


def extract_tasks(outline: Outline, readers: Readers) -> Extraction:
    """One task per leaf heading of a chapter with duties, or per row of a task table; a task that names nobody is still a task.

    An item of a goal chapter is a task where it names who answers. What a heading with items says about units holds for the items that name none.
    A law (numbered by 第一条) hands out no tasks. An annex that repeats the text adds its units to the tasks of the text.
    """
    document = outline.document
    annual = readers.rulebook.pattern("extract.annual.title").match(outline.frame.title or "")
    due = annual["year"] if annual else None
    year = _year(outline, due)
    baselines: list[Baseline] = []
    warnings = list(outline.warnings)
    genre = _genre(outline, readers)
    sections = _asking(outline, genre, readers)
    if genre:
        warnings.append(Warning("no_plan", _NO_PLAN[genre], None, None))
    tasks, annexed = _section_tasks(outline, sections, readers, year, due, warnings)
    rows = table_tasks(outline, readers, year, due, {task.id for task in (*tasks, *annexed)}) if genre in (None, "report") else []
    tasks, annexed = (tasks, annexed + rows) if tasks else (annexed + rows, [])
    if genre is None and _tells(outline, [*tasks, *annexed], readers):
        warnings.append(Warning("no_plan", _NO_PLAN["story"], None, None))
        tasks, annexed = [], []
    tasks = _reach(refined(tasks, annexed), readers)
    goals, goal_targets = _goals(outline, readers, year, due, baselines, {task.start for task in tasks})
    asking = {section.id for section in sections}
    for section in walk(outline.sections):
        past = section.kind in _PAST_KINDS or section.kind in DUTY_KINDS and section.id not in asking
        if past or section.kind in DUTY_KINDS and not section.children:
            spans = _sentence_spans(document.text, _without_rows(outline, section))
            hopes = [s for s in spans if section.kind == "preface" and _hopes(document.text[s[0]:s[1]], readers)]
            baselines += readers.targets.read(document.text, [s for s in spans if s not in hopes], year=year, default_deadline=due, past=past)[1]
            baselines += readers.targets.read(document.text, hopes, year=year, default_deadline=due)[1]
    aims = [(goal.start, goal.end) for goal in goals]  # a goal in a preface tells of nothing past
    baselines = sorted({(b.start, b.end): b for b in baselines if not any(a <= b.start < e for a, e in aims)}.values(), key=lambda b: b.start)
    if not tasks and genre is None and not any(section.id for section in outline.sections) and not readers.rulebook.pattern("extract.genre.words").search(outline.frame.title or ""):
        goals, goal_targets = (), ()  # a piece of news about a plan
    findings = _findings(outline, readers, tasks, goal_targets)
    return Extraction(outline, tuple(tasks), goals, goal_targets, tuple(baselines), findings, tuple(warnings))


def _year(outline: Outline, due: str | None) -> int | None:
    """The year that 今年 and 年底前 mean: the date's, else the first of the plan's period, else the one in its title."""
    frame = outline.frame
    if frame.date:
        return int(frame.date[:4])
    if frame.period:
        return frame.period[0]
    held = [line for line in outline.document.text.split("\n", 4)[:4] if line.startswith("——")]  # ——2024年1月10日在…会议上
    titled = due or next(iter(re.findall(r"(20\d\d)年", "".join([frame.title or "", *held]))), None)
    return int(titled) if titled else None


def _due(titles: tuple[str, ...], readers: Readers) -> str | None:
    """The year that a chapter is for (二、2024年工作安排), None where the headings do not say."""
    hits = [hit for title in titles if (hit := readers.rulebook.pattern("extract.annual.chapter").search(title))]
    return hits[-1]["year"] if hits else None


def _genre(outline: Outline, readers: Readers) -> str | None:
    """Why a document hands out no tasks, by its title or first line: law, notice (公告, 名单…), report (what was done); None for a plan."""
    rules, title = readers.rulebook, outline.frame.title
    first = outline.document.text.split("\n", 1)[0].strip()
    head = title or (first if 5 <= len(first) <= 40 and not re.search("[>›»：:]", first) else "")
    labels = [section.label for section, _ in leaves(outline.sections) if section.label]
    articles = sum(re.match(r"第.{1,6}条", label) is not None for label in labels)
    if articles >= 3 and articles * 2 > len(labels) and (title is None or rules.pattern("extract.genre.law").search(title)):
        return "law"
    return next((genre for genre in ("notice", "report") if rules.pattern(f"extract.genre.{genre}").search(head)), None)


_NO_PLAN = {"law": "本文件是按条编写的法规制度，不是工作部署：不提取任务", "notice": "本文件是公告、名单、解读一类材料，不是工作部署：不提取任务",
            "story": "本文件没有文种、文号、主送机关和责任单位，句子也不像工作任务：不提取任务", "report": "本文件是总结、汇报一类材料：只从其中的下一步打算提取任务"}


def _tells(outline: Outline, tasks: list[Task], readers: Readers) -> bool:
    """Is a text without any mark of an official document (genre, number, recipients, units) one that tells rather than asks?"""
    frame = outline.frame
    if frame.number or frame.recipients or readers.rulebook.pattern("extract.genre.words").search(frame.title or "") or any(task.units for task in tasks):
        return False
    measures = [measure for task in tasks for measure in task.measures]
    asking = sum(m.modality is not Modality.DO or readers.rulebook.pattern("extract.title.duty").match(m.text) is not None for m in measures)
    return asking * 3 < len(measures)


def _asking(outline: Outline, genre: str | None, readers: Readers) -> tuple[Section, ...]:
    """The sections that may ask something of somebody, in reading order: of a report those under a heading about what comes next."""
    if genre in ("law", "notice"):
        return ()
    ahead = readers.rulebook.pattern("extract.genre.ahead")
    chapters = [s for s in outline.sections if genre is None or ahead.search(s.title)]
    return tuple(walk(tuple(chapters)))


def _section_tasks(outline: Outline, sections: tuple[Section, ...], readers: Readers, year: int | None, due: str | None, warnings: list[Warning]) -> tuple[list[Task], list[Task]]:
    """The tasks of the text, and those of an annex that hands out duties."""
    document = outline.document
    tasks: list[Task] = []
    annexed: list[Task] = []
    first_leads = False
    defaults: tuple[Unit, ...] = ()
    handed: dict[str, tuple[Unit, ...]] = {}  # id of a heading with items → units it names for them
    paths = {section.id: path for section, path in leaves(outline.sections)}
    for section in sections:
        goal = section.kind == "goals" and section.level > 1 and not section.children
        if not section.id or section.kind not in DUTY_KINDS and not goal:
            continue
        body = _without_rows(outline, section)
        found = readers.units.groups(document.text, [(span.start, span.end) for span in body], first_leads)
        if goal and not found:
            continue
        first_leads = first_leads or any(group.first_leads for group in found)
        default, default_span = _defaults(document.text, body, readers)
        if default:
            defaults = default
            inside = any(group.start <= default[0].start < group.end for group in found)  # a bracket that names others, too
            said = Span(default[0].start, default[-1].end) if inside else default_span
            quote = document.text[said.start : said.end]
            warnings.append(Warning("default_units", f"“{quote}”：以下各项任务均计入该单位", document.page_of(default_span.start), (document.paragraph_of(default_span.start) or 0) + 1))
            if not inside:
                body = tuple(span for span in body if span != default_span)
        above = handed.get(section.id.rpartition(".")[0], ())
        if section.headed and not found:
            above = readers.units.heading(document.text, section.start + len(section.label), section.end) or above
        if section.children:
            handed[section.id] = union([group.units for group in found if group.start < group.end]) or above
            continue
        task = _task(outline, readers, section, paths[section.id], body, found, year, _due((*paths[section.id], section.title), readers) or due)
        task = replace(task, units=union([task.units or above, defaults]))
        if task.measures or task.units:
            (annexed if section.kind == "division" else tasks).append(task)
    return tasks, annexed


def _without_rows(outline: Outline, section: Section) -> tuple[Span, ...]:
    """A section's body without table rows, which `tables` reads."""
    document = outline.document
    return tuple(span for span in section.body if document.paragraphs[document.paragraph_of(span.start) or 0].kind != "row")


def _task(outline: Outline, readers: Readers, section: Section, path: tuple[str, ...], body, found: tuple[UnitGroup, ...], year: int | None, due: str | None) -> Task:
    text = outline.document.text
    groups = sorted(found, key=lambda group: group.start)
    # a signature that a crawler glued to the last line is no sentence
    closing = readers.rulebook.pattern("extract.sentence.closing")
    spans = [s for s in _sentence_spans(text, _cut(body, groups)) if text[s[0] : s[1]] != outline.frame.issuer and not closing.match(text[s[0] : s[1]])]
    if not spans and (groups or readers.rulebook.pattern("extract.title.duty").match(section.title) or _says_amount(outline, section, readers, year)):
        spans = _sentence_spans(text, [Span(section.start, section.end)])  # the title is all there is: it says the duty itself
    measures: list[Measure] = []
    owners = _owners(spans, groups)
    for number, (start, end) in enumerate(spans, 1):
        quote = text[start:end]
        measures.append(Measure(f"{section.id}-m{number}", quote, _modality(quote, readers), start, end, outline.document.page_of(start),
                                owners.get(start, ()), not _binds_other(quote, readers)))
    deadline = next((group.deadline for group in groups if group.deadline), None)
    title = readers.targets.named_by(section.title) if section.headed else ""
    targets = read_targets(text, section.id, measures, readers, year, due, {m.id: _own_deadline(m, groups, readers, year) for m in measures})
    targets = tuple(replace(t, indicator=title) if title and readers.targets.unnamed(t.indicator) else t for t in targets)
    end = max([section.end] + [span.end for span in body])
    return Task(section.id, path, section.title, union([group.units for group in groups]), any(group.open for group in groups), True,
                tuple(measures), targets, section.start, end, deadline)


def _says_amount(outline: Outline, section: Section, readers: Readers, year: int | None) -> bool:
    """Is an item nothing but its heading line, and that line a target (3.每村有1条以上宣传标语)?"""
    if section.body or section.children:
        return False
    start = section.start + len(section.label)
    return bool(readers.targets.read(outline.document.text, [(start, section.end)], year=year)[0])


def _own_deadline(measure: Measure, groups: list[UnitGroup], readers: Readers, year: int | None) -> str | None:
    """The date that the next bracket or line behind a measure gives, else the last one before it."""
    told = [group for group in groups if group.deadline]
    group = next((group for group in told if group.start >= measure.end), told[-1] if told else None)
    return readers.targets.deadline(group.deadline, year) if group else None


def _owners(spans: list[tuple[int, int]], groups: list[UnitGroup]) -> dict[int, tuple[Unit, ...]]:
    """Start of a sentence → the units of the bracket behind it. Empty where one bracket, or lines one below the other, answer for the whole task."""
    runs: list[list[UnitGroup]] = []
    for group in groups:
        between = runs and any(runs[-1][-1].end <= start < group.start for start, _ in spans)
        if runs and not between:
            runs[-1].append(group)
        else:
            runs.append([group])
    if len(runs) < 2:
        return {}
    owners: dict[int, tuple[Unit, ...]] = {}
    for start, end in spans:
        run = next((run for run in runs if run[-1].start > start), None)
        if run is not None and (run[0].start < run[-1].end or run[0].start <= end):  # units of a clause answer for their own sentence only
            owners[start] = union([group.units for group in run])
    return owners


def _cut(body, groups: list[UnitGroup]) -> list[Span]:
    """The spans of a body with the brackets of units taken out."""
    pieces: list[Span] = []
    for span in body:
        begin = span.start
        for group in groups:
            if group.end <= begin or group.start >= span.end:
                continue
            if group.start > begin:
                pieces.append(Span(begin, group.start))
            begin = group.end
        if begin < span.end:
            pieces.append(Span(begin, span.end))
    return pieces


def _sentence_spans(text: str, spans) -> list[tuple[int, int]]:
    """Sentences of several spans; a label of a point (（1）, ①, ——) and stray punctuation are not part of one."""
    found = []
    for span in spans:
        start = span.start
        label = read_label(text[span.start : span.end])
        if label is not None:
            start += label.end
        for begin, end in sentences(text, start, span.end):
            while begin < end and text[begin] in "。；;，,、 　":
                begin += 1
            inner = read_label(text[begin : begin + 8]) if begin > start else None
            if inner is not None and inner.rank >= THIRD and begin + inner.end < end:  # …。2.…。 in one paragraph
                begin += inner.end
            if end - begin >= 4 and re.search(r"[一-龥]{2}", text[begin:end]):
                found.append((begin, end))
    return found


def _modality(quote: str, readers: Readers) -> Modality:
    for modality in (Modality.FORBID, Modality.ENCOURAGE, Modality.MUST):
        if readers.rulebook.pattern(f"extract.modality.{modality.value}").search(quote):
            if modality is Modality.FORBID and readers.rulebook.pattern("extract.modality.ordering").match(quote):
                continue
            return modality
    return Modality.DO


def _binds_other(quote: str, readers: Readers) -> bool:
    """Does a sentence bind somebody by name who is not the level below?"""
    if readers.rulebook.pattern("extract.binding.other").match(quote):
        return True
    head = re.match(r"^(?:由|请)?(.{2,14}?)(?=要|将|负责|牵头|会同|发挥|统筹|应|具体|做好|定期)", quote)
    return bool(head) and readers.units.known(head[1]) and not readers.rulebook.pattern("extract.binding.lower").search(head[1])


def read_targets(text: str, task: str, measures: list[Measure], readers: Readers, year: int | None, due: str | None = None,
                 own: dict[str, str | None] | None = None) -> tuple[Target, ...]:
    """The targets of a task's measures, with their ids. `due`: holds where the text gives no date; `own`: the same for one measure, by its id."""
    found: list[Target] = []
    for default, run in groupby(measures, key=lambda m: (own or {}).get(m.id) or due):
        listed = list(run)
        targets, _ = readers.targets.read(text, [(m.start, m.end) for m in listed], year=year, default_deadline=default)
        for target in targets:
            owner = next((m.id for m in listed if m.start <= target.start < m.end), None)
            found.append(replace(target, id=f"{task}-t{len(found) + 1}", measure=owner))
    return tuple(found)


def _reach(tasks: list[Task], readers: Readers) -> list[Task]:
    """Which tasks bind the level below: those whose units name it as a collective, or whose sentences call on it; all, where no task of the plan names it."""
    lower = readers.rulebook.pattern("extract.binding.lower")

    def names_lower(task: Task) -> bool:
        return any(lower.search(unit.name) for unit in task.units)

    if not any(names_lower(task) for task in tasks):
        return tasks
    return [replace(task, applies_to_lower=names_lower(task) or not task.units) for task in tasks]


def _defaults(text: str, body, readers: Readers) -> tuple[tuple[Unit, ...], Span | None]:
    for span in body:
        units = readers.units.defaults(text, span.start, span.end)
        if units:
            return units, span
    return (), None


def _goals(outline: Outline, readers: Readers, year: int | None, due: str | None, baselines: list[Baseline], handed) -> tuple[tuple[Goal, ...], tuple[Target, ...]]:
    """Goal statements and their targets: every sentence of a goal chapter, and in guiding chapters those that say by when.

    `handed`: where the tasks start; a goal that somebody answers for is one of them.
    """
    text = outline.document.text
    statement, closing = readers.rulebook.pattern("extract.goal.statement"), readers.rulebook.pattern("extract.sentence.closing")
    goals: list[Goal] = []
    targets: list[Target] = []
    led: dict[str, str | None] = {}  # id of a section → the deadline of the line that opens its items (到2030年实现：)
    for section in walk(outline.sections):
        leading = section.kind in ("guidance", "preface") or (section.kind in DUTY_KINDS and section.children)
        if section.kind != "goals" and not leading or section.start in handed:
            continue
        said = [Span(section.start, section.end)] if section.kind == "goals" and _says_amount(outline, section, readers, year) else section.body
        spans = [s for s in _sentence_spans(text, said) if _committed(text, s, readers, year, section.kind == "goals")]
        in_goal = section.kind == "goals"
        plan = re.search(r"“?十([三四五六七])五”?(?:时期|期间|规划)", section.title)
        deadline = _PLAN_END[plan[1]] if plan else _due((section.title,), readers) or led.get(section.id.rpartition(".")[0]) or due
        shared: str | None = None  # the deadline that a sentence leaves to those after it in its paragraph
        for start, end in spans:
            quote = text[start:end]
            if closing.match(quote):
                continue
            says = statement.match(quote) or section.kind == "preface" and _hopes(quote, readers)
            opens = next((span for span in section.body if span.start <= start < span.start + 12), None)
            dashed = opens is not None and text[max(0, opens.start - 2) : opens.start].strip()[-1:] in ("—", "─")  # ——某体系加快完善。: a point of the goal before it
            if says:
                in_goal = True
                m = re.match(r"\D{0,12}(20\d\d)", quote)
                deadline = m[1] if m else deadline
            elif section.kind != "goals" and opens is not None and not dashed:
                in_goal = False
            if opens is not None:
                shared = None
            if not in_goal:
                continue
            if quote[-1:] in "：:":
                led[section.id] = deadline
            own = re.match(r"(?:到|至)?(20\d\d)年", quote)
            goals.append(Goal(quote, own[1] if own else deadline, start, end))
            found, told = readers.targets.read(text, [(start, end)], year=year, default_deadline=shared or deadline)
            targets += found
            baselines += told
            aims = re.findall(r"(?:[到至]|^)(20\d\d)年(?=[，,底末前])|[到至](20\d\d)年(?!以来)", quote)
            shared = "".join(aims[-1]) if aims else shared
            if text[end : end + 2] == "其中" and found:  # 2024年改造130个小区。其中市区52个
                shared = found[-1].deadline or shared
    numbered = [replace(target, id=f"goal-t{i}") for i, target in enumerate(targets, 1)]
    return tuple(goals), tuple(numbered)


def _hopes(quote: str, readers: Readers) -> bool:
    """Does a sentence of a preface say what is to be reached?"""
    return any(readers.rulebook.pattern(f"extract.goal.{rule}").search(quote) for rule in ("statement", "inside"))


def _committed(text: str, span: tuple[int, int], readers: Readers, year: int | None, goal: bool) -> bool:
    """Does a sentence tell of nothing past? In a chapter of goals a figure looks forward unless a word or a date says otherwise (产值占比重达到20%左右)."""
    return not readers.targets.read(text, [span], year=year, default_deadline=str(year) if goal and year else None)[1] or bool(re.match(r"(?:力争|确保)?到?20\d\d", text[span[0] : span[1]]))


def _figure(target: Target) -> str:
    return f"{target.value}{'' if target.value_max is None else f'—{target.value_max}'}{target.unit}"


def _findings(outline: Outline, readers: Readers, tasks: list[Task], goal_targets: tuple[Target, ...]) -> tuple[Finding, ...]:
    """What a reviewer of this document alone should look at."""
    document = outline.document
    found: list[Finding] = []
    for warning in outline.warnings:
        if warning.code == "numbering_slip" and warning.paragraph:
            paragraph = document.paragraphs[warning.paragraph - 1]
            end = min(paragraph.end, paragraph.start + 40)
            found.append(Finding("numbering_slip", Severity.LOW, warning.message, None, None, Quote(document.text[paragraph.start : end], paragraph.start, end, paragraph.page)))
    seen: set[str] = set()
    for task in tasks:
        for unit in task.units:
            if unit.name not in seen and not unit.collective and not readers.units.known(unit.name):
                seen.add(unit.name)
                found.append(Finding("unit_unknown", Severity.LOW, f"“{unit.name}”未列入单位名录：请核对名称是否准确、是否已更名；准确无误的不必修改", task.id, None,
                                     Quote(unit.name, unit.start, unit.end, document.page_of(unit.start))))
    by_indicator: dict[tuple, Target] = {}
    for target in [*goal_targets, *(t for task in tasks for t in task.targets)]:
        if not target.indicator:  # nobody knows whether two nameless numbers count the same
            continue
        key = (re.sub(r"\s", "", target.indicator), target.unit, (target.deadline or "")[:4], target.frequency, target.scope)
        other = by_indicator.setdefault(key, target)
        if other.measure is not None and other.measure == target.measure:  # 完成30条，其中6月底前15条
            continue
        if (other.value, other.value_max) != (target.value, target.value_max) and other.start != target.start:
            found.append(Finding("number_conflict", Severity.MEDIUM, f"“{target.indicator}”前后两处数值不同（{_figure(other)}、{_figure(target)}）：请核对",
                                 target.id.rsplit("-", 1)[0] if target.measure else None, target.measure,
                                 Quote(target.evidence, target.start, target.end, document.page_of(target.start)),
                                 Quote(other.evidence, other.start, other.end, document.page_of(other.start))))
    return tuple(found)
