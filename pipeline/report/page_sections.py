"""What the HTML report shows without a click, one function a section. Every text out of a document goes through `escape`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from html import escape

from pipeline.errors import UnreadableFile
from pipeline.model import Aggregate, CoverageTrace, Finding, LowerCoverage, Role, Task, TaskVerdict, Verdict
from pipeline.report import page_payload, words
from pipeline.report.carriers import STRONGEST_FIRST, carriers_of
from pipeline.report.compare import where_in
from pipeline.report.rulings import Rulings
from pipeline.report.tally import missed_by_all, verdict_counts, weakest_places

_CELLS = 6000  # cells in a table of the page: beyond it the script draws the matrix
_LISTED = 500  # findings listed in the page
_NAMED = 40  # places named in one cell
_PAPER = 960  # pixels across A4 within its margins, less a little for borders
_SCREEN = 1260  # pixels for the matrix on a screen of 1366
_AGGREGATE_LOOK = {"short": ("v-missing", "▼ "), "met": ("v-covered", "＝ "), "exceeded": ("v-partial", "▲ ")}


def _verdict(verdict: Verdict) -> str:
    return f"{words.VERDICT_SYMBOL[verdict]} {words.VERDICT_NAME[verdict]}"


def is_drawn(trace: CoverageTrace) -> bool:
    """Whether the script draws the matrix, a screenful at a time: more cells than this are too many for a table in a page."""
    return len(trace.lowers) * len(trace.upper.tasks) > _CELLS


def summary(trace: CoverageTrace, rulings: Rulings) -> str:
    counts = verdict_counts(trace)
    measures = sum(len(task.measures) for task in trace.upper.tasks)
    tiles = [("下位文件", f"{len(trace.lowers)}份", ""), ("任务", f"{len(trace.upper.tasks)}项", ""), ("举措", f"{measures}条", "")]
    if trace.lowers:
        tiles.append(("举措平均覆盖率", words.percent(sum(lower.score for lower in trace.lowers) / len(trace.lowers)), ""))
    tiles += [(_verdict(v), str(counts[v]), f"v-{v.value}") for v in Verdict if counts[v]]
    tiles.append(("问题", f"{sum(len(lower.findings) for lower in trace.lowers)}条", ""))
    shown = _tiles(tiles)
    if rulings.made:
        decided = rulings.counts(trace)
        total = rulings.total
        answered = sum(rulings.is_waived(lower.name, i) for lower in trace.lowers for i in range(len(lower.findings)))
        tiles = [("计入人工决定后", f"按{rulings.as_of}计" if rulings.as_of else "", "lead")]
        tiles += [(_verdict(v), str(decided[v]), f"v-{v.value}") for v in Verdict if decided[v] or counts[v]]
        tiles += [("决定有效", f"{total['standing']}项", ""), ("存疑", f"{total['suspect']}项", ""), ("过期", f"{total['expired']}项", "")]
        tiles += [("缺项已说明", f"{total['waived_gaps']}条", ""), ("缺项未说明", f"{total['open_gaps']}条", ""), ("问题已说明", f"{answered}条", "")]
        shown += _tiles(tiles)
    return shown


def _tiles(tiles: list[tuple[str, str, str]]) -> str:
    return '<dl class="tiles">' + "".join(f'<div class="{look}"><dt>{name}</dt><dd>{value}</dd></div>' for name, value, look in tiles) + "</dl>"


# ---------------------------------------------------------------- the matrix


def matrix(trace: CoverageTrace, rulings: Rulings) -> str:
    """Tasks by place, grouped by chapter, with filters and legend; where there are too many cells, a table for the script to draw, places by task."""
    if is_drawn(trace):
        return f"""{_filters(trace, rulings, True)}
{_legend(rulings)}
<p class="note paper">单元格过多，不在纸上列出：请打印“分镇情况”，或用覆盖矩阵.xlsx。</p>
<div class="scroll" id="window"><table class="heat drawn" id="heat"><thead></thead><tbody></tbody></table></div>
"""
    lowers = trace.lowers
    head = "".join(_town_head(i, lower.name) for i, lower in enumerate(lowers))
    scores = "".join(_score(i, lower.score) for i, lower in enumerate(lowers))
    by_task = [{verdict.id: verdict for verdict in lower.tasks} for lower in lowers]
    noted = [{f.task for n, f in enumerate(lower.findings) if f.rule != "hollow" and not rulings.is_waived(lower.name, n)} for lower in lowers]
    rows, chapter = [], None
    for k, task in enumerate(trace.upper.tasks):
        if task.heading_path != chapter:
            chapter = task.heading_path
            path = escape(" › ".join(chapter))
            rows.append(f'<tr class="chapter"><th colspan="{len(lowers) + 1}" scope="colgroup"><span>{path}</span></th></tr>')
        button = f'<button class="task" data-task="{k}"><span class="id">{escape(task.id)}</span> {escape(task.title)}</button>'
        cells = "".join(_cell(i, k, lower, task, by_task[i].get(task.id), noted[i], rulings) for i, lower in enumerate(lowers))
        rows.append(f'<tr data-k="{k}"><th scope="row">{button}</th>{cells}</tr>')
    return f"""{_filters(trace, rulings, False)}
{_legend(rulings)}
<div class="scroll"><table class="heat" id="heat" style="{_widths(len(lowers))}">
<thead><tr><th class="corner" scope="col">任务</th>{head}</tr>
<tr class="scores"><th scope="row">举措覆盖率</th>{scores}</tr></thead>
<tbody>{"".join(rows)}</tbody>
</table></div>
"""


def _filters(trace: CoverageTrace, rulings: Rulings, drawn: bool) -> str:
    verdicts = _select("by-verdict", [(v.value, _verdict(v)) for v in Verdict])
    told = [("8", "有人工决定"), ("16", "决定存疑或过期")] if rulings.made else []
    shown = _select("by-mark", [("1", "空泛"), ("2", "有待核举措"), ("4", "有问题"), *told])
    order = '<label>排列 <select id="by-order"><option value="">按名称</option><option value="score">覆盖率低的在前</option><option value="gaps">缺口多的在前</option></select></label>'
    place = '<input type="search" id="by-place" size="10" placeholder="名称">' if drawn else _select("by-town", _towns(trace))
    return f"""<form class="filters" id="filters" aria-label="筛选">
<label class="strong"><input type="checkbox" id="only-gaps"> 只看缺口</label>
<label>镇街 {place}</label>
<label>结论 {verdicts}</label>
<label>标记 {shown}</label>
<label>任务 <input type="search" id="by-text" size="10" placeholder="编号、名称"></label>
{order if drawn else ""}
<button type="reset">清除</button> <button type="button" id="export">导出所见</button> <output id="shown" aria-live="polite"></output>
</form>"""


def _legend(rulings: Rulings) -> str:
    chips = " ".join(f'<span class="chip v-{v.value}" title="{words.VERDICT_MEANING[v]}">{_verdict(v)}</span>' for v in Verdict)
    told = "　右下角：人工决定（<b>○●✕–</b> 改为该结论，<b>决</b> 结论不变，<b>疑</b> 存疑或过期）" if rulings.made else ""
    return f"""<p class="legend">{chips} <span>右上角：<b>空</b> 空泛　<b>核</b> 有举措待核　<b>!</b> 有问题{told}</span>
<span class="screen">点击单元格或按回车，看两边原文、理由和规则；方向键移动，Esc 关闭</span></p>"""


def _widths(towns: int) -> str:
    """Widths of titles and cells: few places leave room for whole titles."""
    cell = max(20, min(34, 700 // max(1, towns)))
    paper = max(220, min(480, _PAPER - cell * towns))
    return f"--task:{max(300, min(560, _SCREEN - 32 * towns))}px;--print-task:{paper}px;--print-cell:{cell}px"


def _town_head(i: int, name: str) -> str:
    name = escape(name)
    return f'<th scope="col" data-t="{i}" data-name="{name}"><button class="town" data-town="{i}" title="{name}"><span>{name}</span></button></th>'


def _score(i: int, score: float) -> str:
    bar = f'<span class="bar"><i style="height:{score * 100:.0f}%"></i></span>'
    return f'<td data-t="{i}"><span class="score">{words.percent(score)}</span>{bar}</td>'


_MARK = {"hollow": ("空", "空泛"), "review": ("核", "有举措待核"), "finding": ("!", "有问题")}


def _cell(i: int, k: int, lower: LowerCoverage, task: Task, verdict: TaskVerdict | None, noted: set, rulings: Rulings) -> str:
    """One button: symbol and colour of the program's verdict, the most telling of its marks, and what people decided. Empty where nothing was said."""
    if verdict is None:
        return f'<td data-t="{i}"></td>'
    there = [mark for mark in page_payload.marks(lower, verdict, noted, rulings) if mark in _MARK]
    name = verdict.verdict.value
    told = rulings.about(lower.name, verdict)
    said = [words.VERDICT_NAME[verdict.verdict], *(_MARK[mark][1] for mark in there), *(f"人工（{id_}）{ruling.line}" for id_, ruling in told)]
    label = escape(f"{lower.name} {task.id} " + "，".join(said))
    sign = f"<sup>{_MARK[there[0]][0]}</sup>" if there else ""
    sign += f"<sub>{_decided_sign(rulings, lower, verdict)}</sub>" if told else ""
    return (
        f'<td data-t="{i}"><button class="cell v-{name}{" noted" if sign else ""}" tabindex="-1" data-c="{i},{k}" data-v="{name}"'
        f' aria-label="{label}" title="{label}">{words.VERDICT_SYMBOL[verdict.verdict]}{sign}</button></td>'
    )


def _decided_sign(rulings: Rulings, lower: LowerCoverage, verdict: TaskVerdict) -> str:
    decided = rulings.verdict(lower.name, verdict)
    if decided is not verdict.verdict:
        return words.VERDICT_SYMBOL[decided]
    return "决" if any(ruling.state == "standing" for _, ruling in rulings.about(lower.name, verdict)) else "疑"


def towns(trace: CoverageTrace, rulings: Rulings) -> str:
    """Places with their counts, the weakest first."""
    names = [words.VERDICT_NAME[v] for v in Verdict]
    head = ["地方", "举措覆盖率", *names, "问题", *([f"决定后{name}" for name in names] + ["问题已说明"] if rulings.made else [])]
    order = {lower.name: i for i, lower in enumerate(trace.lowers)}
    rows = []
    for lower in weakest_places(trace):
        found = Counter(verdict.verdict for verdict in lower.tasks)
        numbers = [*(found[v] for v in Verdict), len(lower.findings)]
        if rulings.made:
            decided = Counter(rulings.verdict(lower.name, verdict) for verdict in lower.tasks)
            numbers += [*(decided[v] for v in Verdict), sum(rulings.is_waived(lower.name, i) for i in range(len(lower.findings)))]
        link = f'<button class="link" data-town="{order[lower.name]}">{escape(lower.name)}</button>'
        rows.append(f'<tr><td>{link}<td class="n">{words.percent(lower.score)}' + "".join(f'<td class="n">{n or ""}' for n in numbers))
    return f'<p class="note">覆盖率低的在前；数字是任务项数。</p>{_table(head, "".join(rows), "counts", "town-list")}'


# ---------------------------------------------------------------- findings and totals


def findings(trace: CoverageTrace, rulings: Rulings) -> str:
    """Findings of the upper document and of all lower ones: what nobody has answered for first, and the gravest first."""
    listed = [("", None, finding, False) for finding in trace.upper.findings]
    listed += [(str(i), lower, finding, rulings.is_waived(lower.name, n)) for i, lower in enumerate(trace.lowers) for n, finding in enumerate(lower.findings)]
    if not listed:
        return '<p class="note">没有发现需要修改的问题。</p>'
    listed.sort(key=lambda item: (item[3], words.SEVERITY_ORDER[item[2].severity]))
    order = {task.id: k for k, task in enumerate(trace.upper.tasks)}
    shown = listed[:_LISTED]
    rows = "".join(_finding(i, lower, finding, waived, order.get(finding.task or ""), rulings) for i, lower, finding, waived in shown)
    kinds = sorted({finding.rule for _, _, finding, _ in shown}, key=words.finding_name)
    counted = f"共{len(listed)}条" + (f"，其中已说明{sum(waived for _, _, _, waived in listed)}条" if rulings.made else "")
    counted += f"；这里列{len(shown)}条（级别高的在前），其余见镇街面板和覆盖矩阵.xlsx“问题清单”" if len(shown) < len(listed) else ""
    present = [(str(i), lower.name) for i, lower in enumerate(trace.lowers) if any(lower is each for _, each, _, _ in shown)] if is_drawn(trace) else _towns(trace)
    return f"""<form class="filters" id="finding-filters" aria-label="筛选问题">
<label>镇街 {_select("f-town", present)}</label>
<label>问题 {_select("f-rule", [(kind, words.finding_name(kind)) for kind in kinds])}</label>
<button type="reset">清除</button> <output id="f-shown" aria-live="polite">{counted}</output></form>
{_table(["级别", "地方", "问题", "任务", "说明、建议和原文"], rows, id_="finding-list")}
"""


def _finding(i: str, lower: LowerCoverage | None, finding: Finding, waived: bool, k: int | None, rulings: Rulings) -> str:
    name = escape(lower.name if lower else "上位文件")
    task = escape(finding.task or "")
    link = f'<button class="link" data-c="{i},{k}">{task}</button>' if lower and k is not None else task
    quotes = ""
    if finding.evidence:
        where = escape(where_in(lower.extraction, finding.evidence.start)) if lower else ""
        quotes += f"<blockquote>{escape(finding.evidence.text)}<cite>{name} {where}</cite></blockquote>"
    if finding.upper_evidence:
        quotes += f'<blockquote class="upper">{escape(finding.upper_evidence.text)}<cite>上位文件</cite></blockquote>'
    kind = escape(finding.rule)
    if waived and lower:
        told = rulings.on(lower.name, finding.measure or "") or rulings.on(lower.name, finding.task or "")
        quotes = f'<p class="ruling">人工：{escape(told.line) if told else "已说明"}</p>' + quotes
    look = ' class="waived"' if waived else ""
    return (
        f'<tr data-t="{i}" data-rule="{kind}"{look}><td class="s-{finding.severity.value}">{words.SEVERITY_NAME[finding.severity]}</td>'
        f"<td>{name}</td><td><b>{escape(words.finding_name(finding.rule))}</b><br><code>{kind}</code></td>"
        f"<td>{link}</td><td>{escape(finding.message)}{quotes}</td></tr>"
    )


def totals(trace: CoverageTrace) -> str:
    """Targets of the upper document against the sum over all lower ones."""
    if not trace.aggregates:
        return '<p class="note">上位文件没有可以与各地合计比较的指标。</p>'
    owners = {target.id: (k, task) for k, task in enumerate(trace.upper.tasks) for target in task.targets}
    rows = "".join(_total(total, *owners.get(total.target, (None, None))) for total in trace.aggregates)
    head = ["任务", "指标", "上位要求", "各地合计", "结论", "写了数值的", "没写数值的"]
    return f"""<p class="note">各地写明的数值相加，与上位文件的要求比较。“不可相加”的（比率、每户每村的数量等）不求和；
没写数值的地方列在最后，合计不足时先请它们补充。</p>
{_table(head, rows, "totals")}
"""


def _total(total: Aggregate, k: int | None, task: Task | None) -> str:
    link = f'<button class="link" data-task="{k}">{escape(task.id)} {escape(task.title)}</button>' if task else "总体目标"
    look, sign = _AGGREGATE_LOOK.get(total.status, ("v-not_applicable", ""))
    said = sign + words.AGGREGATE_NAME.get(total.status, total.status)
    stated, silent = (escape(_named(names)) or "—" for names in (total.stated_by, total.silent))
    return (
        f'<tr><td>{link}</td><td>{escape(total.indicator)}</td><td class="n">{words.number(total.required)}{escape(total.unit)}</td>'
        f'<td class="n">{words.number(total.sum) if total.sum is not None else "—"}</td>'
        f'<td><span class="chip {look}">{escape(said)}</span></td><td>{stated}</td><td>{silent}</td></tr>'
    )


def _named(names: tuple[str, ...]) -> str:
    """Names in a cell: all, or the first ones and how many there are."""
    return "、".join(names) if len(names) <= _NAMED else f"{'、'.join(names[:_NAMED])}等{len(names)}地"


def missed(trace: CoverageTrace) -> str:
    """Measures that no place carries out: the fault may lie in how the upper document says them."""
    order = {task.id: k for k, task in enumerate(trace.upper.tasks)}
    rows = "".join(
        f'<tr><td><button class="link" data-task="{order[each.task.id]}">{escape(each.task.id)} {escape(each.task.title)}</button></td>'
        f"<td>{escape(each.measure.id)}</td><td>{escape(each.measure.text)}</td>"
        f'<td class="n">{len(each.places)}</td><td>{escape(_named(each.not_judged)) or "—"}</td><td class="n">{each.review or "—"}</td></tr>'
        for each in missed_by_all(trace)
    )
    note = f'<p class="note">{words.MISSED_BY_ALL_MEANING}</p>'
    head = ["任务", "举措", "上位文件原文", "未落实的份数", "未能判定的", "其中待核"]
    return note + (_table(head, rows, id_="missed-list") if rows else '<p class="note">没有。</p>')


# ---------------------------------------------------------------- who answers, what else, how


def duties(trace: CoverageTrace) -> str:
    """Units by load against tasks in order, each in its strongest role."""
    tasks = trace.upper.tasks
    carriers = carriers_of(trace.upper)
    if not carriers:
        return '<p class="note">上位文件没有写责任单位。</p>'
    head = "".join(_task_head(k, task) for k, task in enumerate(tasks))
    rows = []
    for carrier in carriers:
        counts = "".join(f'<td class="n">{carrier.count(role) or ""}</td>' for role in STRONGEST_FIRST)
        cells = "".join(_duty(carrier.name, k, task, carrier.roles.get(task.id)) for k, task in enumerate(tasks))
        name = f'<th scope="row"><span class="unit">{escape(carrier.name)}</span></th>'
        rows.append(f'<tr>{name}<td class="n"><b>{len(carrier.roles)}</b></td>{counts}{cells}</tr>')
    nobody = [task.id for task in tasks if not task.units]
    missing = f'<p class="note">没有写责任单位的任务：{escape("、".join(nobody))}</p>' if nobody else ""
    counted = "".join(f'<th scope="col">{name}</th>' for name in ("合计", *(words.ROLE_NAME[role] for role in STRONGEST_FIRST)))
    return f"""<p class="legend"><span class="chip r-lead">牵 牵头</span> <span class="chip r-responsible">责 责任（未分牵头、配合）</span>
<span class="chip r-support">配 配合</span> <span>按任务数排列；点击看任务原文</span></p>{missing}
<div class="scroll"><table class="heat duty" id="duty">
<thead><tr><th class="corner" scope="col">单位</th>{counted}{head}</tr></thead>
<tbody>{"".join(rows)}</tbody></table></div>
"""


def _task_head(k: int, task: Task) -> str:
    id_ = escape(task.id)
    return f'<th scope="col"><button class="town" data-task="{k}" title="{id_} {escape(task.title)}"><span class="up">{id_}</span></button></th>'


def _duty(name: str, k: int, task: Task, role: Role | None) -> str:
    if role is None:
        return "<td></td>"
    said = words.ROLE_NAME[role]
    label = escape(f"{name} {task.id} {task.title}：{said}")
    return f'<td><button class="cell r-{role.value}" data-task="{k}" data-unit="{escape(name)}" title="{label}">{said[0]}</button></td>'


def own(trace: CoverageTrace) -> str:
    """What lower documents set out to do that answers no duty."""
    parts, left = [], 0
    for lower in trace.lowers:
        if len(parts) >= _LISTED // 5:
            left += bool(lower.own)
            continue
        items = "".join(f"<li>{escape(quote.text)} <cite>{escape(where_in(lower.extraction, quote.start))}</cite></li>" for quote in lower.own)
        if items:
            parts.append(f"<details><summary>{escape(lower.name)}（{len(lower.own)}条）</summary><ul>{items}</ul></details>")
    note = '<p class="note">下位文件中自己提出、不对应上位文件任何任务的内容，供了解地方特色和核对漏判。</p>'
    note += f'<p class="note">其余{left}地的见镇街面板。</p>' if left else ""
    return note + ("".join(parts) or '<p class="note">没有。</p>')


GRAPH = f"""<form class="filters" id="graph-filters" aria-label="责任图">
<label>看 <select id="g-focus"><option value="">全部（牵头；没有牵头的画责任）</option></select></label>
<label><input type="checkbox" id="g-support"> 画出配合单位</label>
<label><input type="checkbox" id="g-towns" checked> 点选后画出镇街</label>
<button type="reset">回到全部</button> <output id="g-shown" aria-live="polite"></output></form>
<p class="legend"><svg width="34" height="10"><path class="e-lead" d="M1 5H33"/></svg>牵头 <svg width="34" height="10"><path class="e-responsible" d="M1 5H33"/></svg>责任
<svg width="34" height="10"><path class="e-support" d="M1 5H33"/></svg>配合 {" ".join(f'<span><svg width="34" height="10"><path class="t-{v.value}" d="M1 5H33"/></svg>{_verdict(v)}</span>' for v in (Verdict.COVERED, *words.GAPS))}
<span class="screen">点单位、任务或镇街，只看与它有关的；再点一次或按 Esc 回到全部；双击任务看原文</span></p>
<div class="scroll" id="graph-window"><svg id="graph-picture" role="img" aria-label="责任图：单位、任务、镇街三层"></svg></div>
"""


def method(trace: CoverageTrace, unreadable: tuple[UnreadableFile, ...], rulings: Rulings) -> str:
    """What was checked and how, what was read, and what could not be."""
    domain = f"通用规则和专题概念包“{escape(words.domain_name(trace.domain))}”"
    if trace.domain == "none":
        domain = "只用通用规则（没有合适的专题概念包，换一种说法的落实较容易漏判，请多看待核项）"
    told = f"<li>{escape(rulings.summary)}人工决定列在程序结论旁边，不改动程序结论；存疑、过期的决定暂不作数。</li>" if rulings.made else ""
    told += "".join(f"<li>未用的决定：{escape(name)}（有文件读不出，没有对上）</li>" for name in rulings.unplaced)
    meanings = "".join(f'<tr><td><span class="chip v-{v.value}">{_verdict(v)}</span></td><td>{words.VERDICT_MEANING[v]}</td></tr>' for v in Verdict)
    inputs = [("上位文件", trace.upper, ()), *((lower.name, lower.extraction, lower.warnings) for lower in trace.lowers)]
    failed = "".join(f"<li>{escape(error.name)}：{escape(error.problem)}；{escape(error.advice)}</li>" for error in unreadable)
    if failed:
        failed = f'<h3>没有读成的文件</h3><ul>{failed}</ul><p class="note">以上文件没有参加核对，报告不对它们作任何结论。</p>'
    return f"""<ul class="method">
<li>上位文件的每一句举措，与下位文件的每一句安排比对：说的是不是同一件事、同一群人，是不是写了要做。使用{domain}。</li>
<li>过去的成绩、情况描述、指导思想、口号不算落实；只有一个词相同不算落实。</li>
<li>每个结论都附原文、出处、理由和起作用的规则（见单元格面板）；“置信度”从0.5到1，接近0.5的标“待核”。</li>
<li>没有读出的页不作“未覆盖”判断，写“待核”。机器结论供参考，以人工复核为准。</li>
<li>核对的是方案怎么写，不是工作怎么做；没有核对的：实施进度、经费是否到位、附件里的图片和没有读出的页。</li>
{told}</ul>
{_table(["结论", "含义"], meanings, "narrow")}
<h3>读了哪些文件</h3>
{_table(["地方", "文件", "页数", "未读出的页", "提示", "校验码"], "".join(_input(*each) for each in inputs))}
{failed}"""


def _input(name: str, reading, more: tuple) -> str:
    document = reading.document
    source = document.source
    notes = dict.fromkeys(w.message for w in (*document.warnings, *reading.outline.warnings, *reading.warnings, *more))
    unread = f"第{'、'.join(map(str, document.unread_pages))}页" if document.unread_pages else "无"
    file = escape(source.name) + ("（文字识别）" if source.ocr else "")
    return (
        f"<tr><td>{escape(name)}</td><td>{file}</td><td>{source.pages or '—'}</td><td>{unread}</td>"
        f'<td>{"<br>".join(escape(note) for note in notes) or "无"}</td><td><code title="{source.sha256}">{source.sha256[:12]}</code></td></tr>'
    )


# ---------------------------------------------------------------- pieces


def _towns(trace: CoverageTrace) -> list[tuple[str, str]]:
    return [(str(i), lower.name) for i, lower in enumerate(trace.lowers)]


def _select(id_: str, options: Iterable[tuple[str, str]]) -> str:
    listed = "".join(f'<option value="{escape(value)}">{escape(name)}</option>' for value, name in options)
    return f'<select id="{id_}"><option value="">全部</option>{listed}</select>'


def _table(head: list[str], rows: str, look: str = "", id_: str = "") -> str:
    named = f' id="{id_}"' if id_ else ""
    columns = "".join(f"<th>{name}</th>" for name in head)
    return f'<table class="list {look}"{named}><thead><tr>{columns}</tr></thead><tbody>{rows}</tbody></table>'
