"""A made-up city plan and made-up town plans as values of `pipeline.model`, consistent in every offset: for the tests of the stages after coverage.

The places, offices and sentences are invented; which town covers what is a fixed pattern, so that each verdict and each finding occurs.
"""

from __future__ import annotations

from decimal import Decimal

from pipeline.model import (
    Aggregate,
    Baseline,
    CoverageTrace,
    Extraction,
    Factor,
    Finding,
    Frame,
    Goal,
    LowerCoverage,
    Measure,
    MeasureVerdict,
    Modality,
    Outline,
    Paragraph,
    PolicyDocument,
    Quote,
    Role,
    Section,
    Severity,
    Source,
    Span,
    Target,
    TargetStatus,
    Task,
    TaskVerdict,
    Unit,
    Verdict,
    Warning,
)

# chapter, title, sentences, units (* leads), indicator with value and unit or None
THEMES = (
    (
        "绿色出行",
        "建好慢行步道",
        ("沿河沿街建设慢行步道，2025年底前新增18公里。", "步道每500米设一处歇脚点，配齐座椅、照明和饮水。", "鼓励沿街单位开放院落，让步道连成环。"),
        ("*市住建局", "市公园管护中心", "各镇（街道）"),
        ("慢行步道", "18", "公里"),
    ),
    ("绿色出行", "管好共享单车", ("划定停放区，每周清理一次乱停车辆。", "企业投放数量不得超过核定总量。"), ("*市城管局", "市公安局"), None),
    (
        "绿色出行",
        "方便老人乘车",
        ("为65周岁以上老人办理免费乘车卡；", "在医院、菜场门口增设港湾式站台6处。"),
        ("*市交通局", "市卫健委", "市财政局"),
        ("港湾式站台", "6", "处"),
    ),
    (
        "社区养老",
        "办好老年食堂",
        ("每镇至少开办老年食堂1处，午餐价格不高于12元。", "对独居老人送餐上门。", "食堂每月公示一次原料来源。"),
        ("市民政局", "市市场监管局", "各镇（街道）"),
        ("老年食堂", "1", "处"),
    ),
    (
        "社区养老",
        "用好家庭床位",
        ("开展居家适老化改造，到2025年完成300户。", "家庭医生每季度上门一次。"),
        ("市民政局", "市卫健委"),
        ("适老化改造", "300", "户"),
    ),
    (
        "社区养老",
        "培训护理员",
        ("依托职校每年培训护理员200人次，持证上岗率达95%以上。",),
        ("*市人社局", "市民政局", "市教育局"),
        ("护理员培训", "200", "人次"),
    ),
    (
        "清洁水源",
        "清理河道",
        ("对镇级以上河道每月打捞一次漂浮物。", "严禁向河道倾倒垃圾。", "设立民间河长，公布姓名电话。"),
        ("*市水利局", "各镇（街道）"),
        None,
    ),
    (
        "清洁水源",
        "改造老旧水管",
        ("更换使用超过20年的供水管道40公里。", "改造期间提前三天告知用户，并备好应急供水车。"),
        ("市水务集团", "市住建局"),
        ("供水管道更换", "40", "公里"),
    ),
    (
        "文化惠民",
        "送戏下乡",
        ("全年送戏下乡120场，每村不少于1场。", "扶持本地剧团创作新戏2部。"),
        ("*市文旅局", "市财政局", "各镇（街道）"),
        ("送戏下乡", "120", "场"),
    ),
    ("文化惠民", "延长图书馆开放时间", ("市图书馆每周开放不少于72小时。", "在镇文化站设通借通还点。"), (), None),
)
TOWNS = ("云溪镇", "松坪镇", "南塘街道", "芦荻乡", "高岭镇", "双井镇", "北渡镇", "石门楼镇", "白鹭街道", "马鞍山经济技术开发区", "青莲镇", "铁炉镇")
PATTERN = "●◐●✕●●〇●◐●●–✕●◐●●？●●◐"


class _Writer:
    """Collects paragraphs and knows the offset of each."""

    def __init__(self, page_every: int | None):
        self.lines: list[str] = []
        self.length = 0
        self.page_every = page_every
        self.paragraphs: list[Paragraph] = []

    def add(self, line: str) -> int:
        start = self.length
        page = None if self.page_every is None else len(self.lines) // self.page_every + 1
        self.paragraphs.append(Paragraph(start, start + len(line), page))
        self.lines.append(line)
        self.length = start + len(line) + 1
        return start

    def document(self, name: str, format_: str, **fields) -> PolicyDocument:
        pages = self.paragraphs[-1].page
        return PolicyDocument(Source(name, f"{len(name):02d}" * 32, format_, pages), "\n".join(self.lines), tuple(self.paragraphs), **fields)


def _units(text: str, offset: int, names: tuple[str, ...]) -> tuple[Unit, ...]:
    led = any(name.startswith("*") for name in names)
    found = []
    for name in names:
        role = Role.RESPONSIBLE if not led else Role.LEAD if name.startswith("*") else Role.SUPPORT
        plain = name.lstrip("*")
        start = offset + text.index(plain)
        found.append(Unit(plain, plain, role, plain.startswith("各"), start, start + len(plain), "units.list"))
    return tuple(found)


def make_extraction(tasks: int = 30, themes=THEMES, suffix: str = "") -> Extraction:
    """An upper document of `tasks` tasks under chapters 二、（一）…, the themes taken in turn; `suffix` is added to every sentence and title."""
    writer = _Writer(page_every=12)
    writer.add("关于办好民生实事的实施方案")
    intro = writer.add("到2025年，全市民生实事满意率达到90%以上。")
    chapter_start = writer.add("二、主要任务")
    made, groups = [], []
    for number in range(tasks):
        chapter, title, sentences, units, quantity = themes[number % len(themes)]
        round_ = number // len(themes) + 1
        name = chapter + (f"（第{round_}批）" if round_ > 1 else "")
        if not groups or groups[-1][0] != name:
            groups.append((name, writer.add(f"（{len(groups) + 1}）{name}"), []))
        id_ = f"2.{len(groups)}.{len(groups[-1][2]) + 1}"
        title += suffix
        start = writer.add(f"{len(groups[-1][2]) + 1}.{title}")
        measures, end = [], start
        for k, sentence in enumerate(sentences, 1):
            sentence += suffix
            at = writer.add(sentence)
            end = at + len(sentence)
            force = Modality.FORBID if "严禁" in sentence else Modality.ENCOURAGE if "鼓励" in sentence else Modality.DO
            measures.append(Measure(f"{id_}-m{k}", sentence, force, at, end, writer.paragraphs[-1].page))
        named: tuple[Unit, ...] = ()
        if units:
            line = "（责任单位：" + "、".join(unit.lstrip("*") for unit in units) + "）"
            named = _units(line, writer.add(line), units)
        targets = ()
        if quantity:
            measure = next(m for m in measures if quantity[1] in m.text)
            targets = (
                Target(
                    f"{id_}-t1",
                    measure.id,
                    quantity[0],
                    Decimal(quantity[1]),
                    None,
                    quantity[2],
                    ">=" if "不少于" in measure.text else "=",
                    "annual" if "每年" in measure.text else None,
                    "2025-12" if "2025" in measure.text else None,
                    None,
                    None,
                    measure.text,
                    measure.start,
                    measure.end,
                    "targets.number",
                ),
            )
        task = Task(id_, ("二、主要任务", f"（{len(groups)}）{name}"), title, named, False, number % 11 != 10, tuple(measures), targets, start, end)
        made.append(task)
        groups[-1][2].append(task)
    document = writer.document("city.docx", "docx")
    children = tuple(
        Section(
            f"2.{i}",
            2,
            f"（{i}）",
            name,
            "duties",
            at,
            at + len(f"（{i}）{name}"),
            (),
            tuple(
                Section(
                    t.id,
                    3,
                    t.id.rsplit(".", 1)[1] + ".",
                    t.title,
                    "duties",
                    t.start,
                    t.start + len(t.title) + 2,
                    tuple(Span(m.start, m.end) for m in t.measures),
                )
                for t in members
            ),
        )
        for i, (name, at, members) in enumerate(groups, 1)
    )
    root = Section("2", 1, "二、", "主要任务", "duties", chapter_start, chapter_start + 6, (), children)
    frame = Frame(title="关于办好民生实事的实施方案", number="虚政发〔2024〕3号", issuer="虚构市人民政府", date="2024-02-01", period=(2024, 2025))
    goal = Goal(document.text[intro : document.text.index("\n", intro)], "2025", intro, document.text.index("\n", intro))
    percent = Target(
        "goal-t1", None, "民生实事满意率", Decimal(90), None, "%", ">=", None, "2025", "全市", None, goal.text, goal.start, goal.end, "targets.reach"
    )
    return Extraction(Outline(document, frame, (root,)), tuple(made), (goal,), (percent,), (Baseline("去年建成12公里", 0, 7, "targets.past"),))


def make_trace(towns: int = 6, tasks: int = 30, suffix: str = "", names: tuple[str, ...] = TOWNS) -> CoverageTrace:
    """A trace in which every verdict occurs (given enough towns and tasks); the last town has a page that could not be read."""
    upper = make_extraction(tasks, suffix=suffix)
    lowers = []
    for t in range(towns):
        name = names[t] if t < len(names) else f"第{t + 1}镇"
        lowers.append(_lower(upper, name, t, last=t == towns - 1, suffix=suffix))
    lowers.sort(key=lambda lower: lower.name)
    aggregates = []
    for i, task in enumerate(task for task in upper.tasks if task.targets):
        target = task.targets[0]
        stated = {x.name: s.value for x in lowers for v in x.tasks if v.id == task.id for s in v.targets if s.value is not None}
        total = sum(stated.values(), Decimal(0)) if stated else None
        status = (
            "not-additive" if i % 4 == 3 else "short" if total is None or total < target.value else "met" if total == target.value else "exceeded"
        )
        aggregates.append(
            Aggregate(
                target.id,
                target.indicator,
                target.value,
                target.unit,
                total,
                tuple(stated),
                tuple(x.name for x in lowers if x.name not in stated),
                status,
            )
        )
    return CoverageTrace(upper, tuple(lowers), tuple(aggregates), "none")


def _lower(upper: Extraction, name: str, seed: int, last: bool, suffix: str) -> LowerCoverage:
    writer = _Writer(page_every=9 if seed % 2 == 0 else None)
    title = f"{name}办好民生实事工作安排"
    writer.add(title)
    heading = writer.add("一、工作安排")
    by_symbol = {
        "●": Verdict.COVERED,
        "◐": Verdict.PARTIAL,
        "✕": Verdict.MISSING,
        "？": Verdict.UNDETERMINED,
        "〇": Verdict.JUSTIFIED,
        "–": Verdict.NOT_APPLICABLE,
    }
    verdicts, findings = [], []
    for i, task in enumerate(upper.tasks):
        verdict = by_symbol[PATTERN[(i * 3 + seed * 5 + i // 4) % len(PATTERN)]]
        if not task.applies_to_lower:
            verdict = Verdict.NOT_APPLICABLE
        measures = []
        for k, measure in enumerate(task.measures):
            covered = verdict is Verdict.COVERED or (verdict is Verdict.PARTIAL and k == 0)
            quotes: tuple[Quote, ...] = ()
            if covered:
                line = (
                    f"由{name}{('建设办', '社会事业办', '农业农村办')[seed % 3]}负责，"
                    + measure.text.replace("全市", "全镇").replace("市", "镇")
                    + suffix
                )
                at = writer.add(line)
                quotes = (Quote(line, at, at + len(line), writer.paragraphs[-1].page),)
            close = (i + k + seed) % 9 == 4
            reason = f"两处都讲“{measure.text[:4]}”，对象、做法一致。" if covered else f"全文未见与“{measure.text[:6]}”相应的安排。"
            factors = (
                (Factor("link.words", f"共有词：{measure.text[:4]}", 1.25), Factor("standing.duties", "位于任务章节", 0.0))
                if covered
                else (Factor("link.none", "没有候选句", -2.0),)
            )
            measures.append(
                MeasureVerdict(
                    measure.id, covered, 0.62 if close else 0.93, close, True, quotes, reason, factors, 0.8 if (i + seed) % 5 == 0 else 0.1
                )
            )
        share = sum(m.covered for m in measures) / len(measures)
        targets = []
        for target in task.targets:
            measure = next(m for m in measures if m.id == target.measure)
            if measure.covered and (i + seed) % 3:
                targets.append(TargetStatus(target.id, "stated", Decimal(seed + 2), target.unit, "=", "2025", measure.evidence[0]))
            else:
                targets.append(TargetStatus(target.id, "unquantified" if measure.covered else "absent"))
        flags = ("hollow",) if verdict is Verdict.COVERED and (i + seed) % 5 == 0 else ()
        offices = (f"{name}建设办",) if share else ()
        verdicts.append(TaskVerdict(task.id, verdict, share, flags, offices, tuple(measures), tuple(targets)))
        proof = next((m for m in measures if m.evidence), None)
        if proof and (i + seed) % 7 == 2:
            rule, severity, message = (
                ("deadline_later", Severity.HIGH, "上位文件要求2025年底前完成，本方案写到2026年；请改为2025年底前。"),
                ("unit_missing", Severity.MEDIUM, "已安排任务但没有写责任科室；请补上责任科室。"),
                ("hollow", Severity.LOW, "照用上位文件的话，没有本地的数量、时间、地点；请写实。"),
            )[i % 3]
            source = next(m for m in task.measures if m.id == proof.id)
            findings.append(
                Finding(rule, severity, message, task.id, proof.id, proof.evidence[0], Quote(source.text, source.start, source.end, source.page))
            )
    own = writer.add("本镇自办“晒谷场夜校”一期。" + suffix)
    document = writer.document(
        f"{name}.pdf" if seed % 2 == 0 else f"{name}.docx",
        "pdf" if seed % 2 == 0 else "docx",
        unread_pages=(3, 4) if last else (),
        warnings=(Warning("page_without_text", "第3、4页没有文字层，未能读出；请换可复制文字的版本。", 3),) if last else (),
    )
    section = Section("1", 1, "一、", "工作安排", "duties", heading, heading + 6, tuple(Span(p.start, p.end) for p in document.paragraphs[2:]))
    reading = Extraction(
        Outline(document, Frame(title=title, issuer=f"{name}人民政府" if seed % 2 else None, place=name), (section,)), (), (), (), ()
    )
    binding = [m for v in verdicts for m in v.measures if v.verdict is not Verdict.NOT_APPLICABLE]
    score = sum(m.covered for m in binding) / len(binding) if binding else 0.0
    return LowerCoverage(
        name, reading, score, tuple(verdicts), tuple(findings), (Quote(document.text[own:], own, len(document.text), document.page_of(own)),)
    )
