"""A round over more places than one matrix can hold: what it came to, out of the tallies of its parts.

A tally is plain JSON, kept beside the reports of each part, so that a round of ten thousand places is put together without reading one of them again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from pipeline.model import CoverageTrace, Extraction, Severity, Verdict
from pipeline.report import words
from pipeline.report.sheets import HEAD_FONT, Looks, close, csv_bytes, lay_out, upright_height, workbook, write, write_row

_ALL = tuple(Verdict)
_EXCEEDED = Decimal("1.5")  # as in coverage.totals: beyond this the sum is a sign of 加码


def tally(trace: CoverageTrace, where: Mapping[str, tuple[str, str]]) -> dict:
    """What one part came to.

    Args:
      where: Name of a lower document's place → (county, level).
    """
    towns = []
    for lower in trace.lowers:
        by_task = {verdict.id: verdict.verdict for verdict in lower.tasks}
        county, level = where.get(lower.name, ("", ""))
        towns.append({"name": lower.name, "county": county, "level": level, "score": lower.score,
                      "verdicts": "".join(words.VERDICT_SYMBOL[by_task[task.id]] if task.id in by_task else " " for task in trace.upper.tasks),
                      "findings": len(lower.findings), "high": sum(f.severity is Severity.HIGH for f in lower.findings),
                      "review": sum(m.review for v in lower.tasks for m in v.measures), "unread": bool(lower.extraction.document.unread_pages)})
    kinds = Counter(finding.rule for lower in trace.lowers for finding in lower.findings)
    return {"domain": trace.domain, "towns": towns, "kinds": dict(sorted(kinds.items())),
            "targets": [[a.target, None if a.sum is None else str(a.sum), len(a.stated_by), len(a.silent)] for a in trace.aggregates]}


class Round:
    """The tallies of all parts, added up one after the other."""

    def __init__(self, upper: Extraction):
        self.upper = upper
        self.domain = "none"
        self.towns = self.findings = self.high = self.review = self.unread = 0
        self.score = 0.0
        self.verdicts: list[Counter[str]] = [Counter() for _ in upper.tasks]
        self.missed_by_county: list[Counter[str]] = [Counter() for _ in upper.tasks]
        self.counties: dict[str, int] = {}
        self.kinds: Counter[str] = Counter()
        self.sums: dict[str, list] = {}

    def add(self, part: dict) -> None:
        self.domain = part["domain"]
        self.kinds.update(part["kinds"])
        for town in part["towns"]:
            self.towns += 1
            self.score += town["score"]
            self.findings, self.high = self.findings + town["findings"], self.high + town["high"]
            self.review, self.unread = self.review + town["review"], self.unread + town["unread"]
            self.counties[town["county"]] = self.counties.get(town["county"], 0) + 1
            for task, symbol in enumerate(town["verdicts"]):
                self.verdicts[task][symbol] += 1
                if symbol == words.VERDICT_SYMBOL[Verdict.MISSING]:
                    self.missed_by_county[task][town["county"]] += 1
        for target, amount, stated, silent in part["targets"]:
            total = self.sums.setdefault(target, [Decimal(0), 0, 0])
            total[0] = None if amount is None else total[0] + Decimal(amount)
            total[1:] = total[1] + stated, total[2] + silent

    def lines(self) -> list[str]:
        """For a terminal, as `overview.summary_lines` of a round in one part."""
        upper = self.upper
        counts = sum(self.verdicts, Counter())
        missed = sorted(range(len(upper.tasks)), key=lambda k: (-self._count(k, Verdict.MISSING), k))[:3]
        lines = [f"上位文件：{words.document_title(upper)}（任务{len(upper.tasks)}项，举措{sum(len(t.measures) for t in upper.tasks)}条；"
                 + (f"专题概念包“{words.domain_name(self.domain)}”）" if self.domain != "none" else "通用规则，未用专题概念包）"),
                 f"下位文件：{self.towns}份，举措平均覆盖率{words.percent(self.score / self.towns) if self.towns else '—'}",
                 "任务结论：" + "  ".join(f"{words.VERDICT_SYMBOL[v]} {words.VERDICT_NAME[v]} {counts[words.VERDICT_SYMBOL[v]]}" for v in _ALL if counts[words.VERDICT_SYMBOL[v]])]
        if any(self._count(k, Verdict.MISSING) for k in missed):
            lines.append("缺得最多：" + "、".join(f"{upper.tasks[k].id} {upper.tasks[k].title}（{self._count(k, Verdict.MISSING)}份未覆盖）" for k in missed if self._count(k, Verdict.MISSING)))
        if self.findings:
            lines.append(f"问题：{self.findings}条，其中级别高{self.high}条；" + "、".join(f"{words.finding_name(kind)} {n}" for kind, n in sorted(self.kinds.items(), key=lambda x: (-x[1], x[0]))[:5]))
        if self.review:
            lines.append(f"待人工核对：{self.review}条举措，把握不足")
        return lines

    def _count(self, task: int, verdict: Verdict) -> int:
        return self.verdicts[task][words.VERDICT_SYMBOL[verdict]]


def round_workbook(total: Round, parts: Iterable[tuple[str, dict]]) -> bytes:
    """xlsx: 各地 (a line a place, a column a task), 任务, 各县 (where a place has one), 目标.

    Args:
      parts: (name of the part, its tally), in order; each is read once and let go.
    """
    book, written = workbook(words.document_title(total.upper) + "落实情况汇总", constant_memory=True)
    look = Looks(book)
    _places(look, book.add_worksheet("各地"), total, parts)
    _tasks(look, book.add_worksheet("任务"), total)
    if len(total.counties) > 1:
        _counties(look, book.add_worksheet("各县"), total)
    _targets(look, book.add_worksheet("目标"), total)
    book.close()
    return written.getvalue()


def round_csv(total: Round, parts: Iterable[tuple[str, dict]]) -> bytes:
    """各地 as CSV, verdicts as symbols."""
    rows = [[*_HEAD, *(task.id for task in total.upper.tasks)]]
    rows += [[*cells, words.percent(town["score"]), *(str(town[count]) for count in _COUNTS), *town["verdicts"]] for cells, town in _town_rows(parts)]
    return csv_bytes(rows)


_HEAD = ("县（市、区）", "层级", "地方", "所在分册", "举措覆盖率", "问题", "高", "待核")
_COUNTS = ("findings", "high", "review")


def _town_rows(parts: Iterable[tuple[str, dict]]) -> Iterable[tuple[list[str], dict]]:
    for name, part in parts:
        for town in part["towns"]:
            yield [town["county"], town["level"], town["name"], name], town


def _places(look: Looks, sheet, total: Round, parts: Iterable[tuple[str, dict]]) -> None:
    tasks = total.upper.tasks
    legend = "  ".join(f"{words.VERDICT_SYMBOL[v]} {words.VERDICT_NAME[v]}" for v in _ALL)
    lay_out(sheet, words.document_title(total.upper) + "落实情况汇总", [14, 8, 20, 16, 11, 7, 7, 7, *[5.5] * len(tasks)], look, legend, head=3)
    titles = [words.shortened(task.title, 24) for task in tasks]
    write_row(sheet, 2, ["" for _ in _HEAD] + [task.id for task in tasks], look.head)
    sheet.set_row(3, upright_height(titles))
    write_row(sheet, 3, list(_HEAD), look.head)
    for column, title in enumerate(titles, len(_HEAD)):
        write(sheet, 3, column, title, look.upright)
    symbols = {words.VERDICT_SYMBOL[v]: look.verdict(v) for v in _ALL} | {" ": look.centre}
    text, share, count, first = look.text, look(align="center", num_format="0%"), look.centre, len(_HEAD)
    row = 3
    for row, (cells, town) in enumerate(_town_rows(parts), 4):
        write_row(sheet, row, cells, text)
        sheet.write_number(row, 4, town["score"], share)
        for column, name in enumerate(_COUNTS, 5):
            sheet.write_number(row, column, town[name], count)
        for column, symbol in enumerate(town["verdicts"], first):
            sheet.write_string(row, column, symbol, symbols[symbol])
    close(sheet, 4, 3, row - 3, first + len(tasks))


def _tasks(look: Looks, sheet, total: Round) -> None:
    lay_out(sheet, "各项任务的落实情况", [10, 60, *[10] * len(_ALL), 12], look, "未覆盖比例只计应落实的地方")
    write_row(sheet, 2, ["编号", "任务", *(f"{words.VERDICT_SYMBOL[v]} {words.VERDICT_NAME[v]}" for v in _ALL), "未覆盖比例"], look.head)
    for k, task in enumerate(total.upper.tasks):
        counts = [total._count(k, v) for v in _ALL]
        due = sum(n for v, n in zip(_ALL, counts) if v is not Verdict.NOT_APPLICABLE)
        write_row(sheet, k + 3, [task.id, task.title], look.text)
        for column, n in enumerate(counts, 2):
            sheet.write_number(k + 3, column, n, look.centre)
        write(sheet, k + 3, 2 + len(_ALL), words.percent(total._count(k, Verdict.MISSING) / due) if due else "—", look.centre)
    close(sheet, 3, 2, len(total.upper.tasks), 3 + len(_ALL))


def _counties(look: Looks, sheet, total: Round) -> None:
    counties = sorted(total.counties)
    lay_out(sheet, "各县（市、区）未覆盖的地方数", [10, 50, *[9] * len(counties)], look, "括号内为该县参加核对的份数")
    names = [f"{county or '（未注明）'}（{total.counties[county]}）" for county in counties]
    sheet.set_row(2, upright_height(names))
    write_row(sheet, 2, ["编号", "任务"], look.head)
    for column, name in enumerate(names, 2):
        write(sheet, 2, column, name, look.upright)
    shade = look(align="center", bg_color="#F6D5D0", font_name=HEAD_FONT)
    for k, task in enumerate(total.upper.tasks):
        write_row(sheet, k + 3, [task.id, task.title], look.text)
        for column, county in enumerate(counties, 2):
            n = total.missed_by_county[k][county]
            sheet.write_number(k + 3, column, n, shade if 2 * n >= total.counties[county] else look.centre)
    close(sheet, 3, 2, len(total.upper.tasks), 2 + len(counties))


def _targets(look: Looks, sheet, total: Round) -> None:
    lay_out(sheet, "指标汇总", [10, 40, 44, 12, 8, 12, 10, 10, 12], look, "各地数字相加与全市要求比较；比率、每地数、上限不相加")
    write_row(sheet, 2, ["编号", "任务", "指标", "要求", "单位", "各地合计", "写数份数", "未写份数", "结论"], look.head)
    row = 2
    for task in total.upper.tasks:
        for target in task.targets:
            if target.id not in total.sums:
                continue
            row += 1
            amount, stated, silent = total.sums[target.id]
            said = "不相加" if amount is None else "不足" if amount < target.value else "超出" if amount > target.value * _EXCEEDED else "达到"
            write_row(sheet, row, [task.id, task.title, target.indicator, words.number(target.value), target.unit, "—" if amount is None else words.number(amount), "", "", said], look.text)
            for column, number in ((6, stated), (7, silent)):
                sheet.write_number(row, column, number, look.centre)
    close(sheet, 3, 2, row - 2, 9)


def failures(refused: Sequence[tuple[str, str, str]]) -> bytes:
    """What could not be read, with the reason and what to do, as CSV."""
    return csv_bytes([["文件", "原因", "建议"], *map(list, refused)])
