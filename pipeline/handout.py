"""Everything that is handed on after a round, written under one folder: one file after the other, so that never more than one is in memory.

`reports` makes the files, `write` puts them down. Decisions come in with the check's JSON, over which `decisions.apply` laid them.
"""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from pipeline import cache
from pipeline.errors import UnreadableFile
from pipeline.model import CoverageTrace, Verdict

_GATHERED = 20  # files after which memory is tidied: some 15 MB each
_FOLDERS = ("差距报告", "复核", "分镇网页", "催办通知", "办结告知", "责任单位")  # a file a place, or a unit; what is left there from a round before is taken away


def write(trace: CoverageTrace, refused: Iterable[UnreadableFile], output: Path, origins: Mapping[str, str], check: dict | None = None,
          template: bytes | None = None, changes: Mapping | None = None) -> list[str]:
    """Every report of a check under `output`; returns their paths relative to it, in the order in which a reader opens them.

    Args:
      check: Its JSON, with decisions laid over it where there are any; made from the trace where it is None.
      template: An office's own docx, for letters and reports on portrait pages: see `report.official.blank_document`.
      changes: What `rounds.diff` says since the round before; then places get a 催办 or a 办结 as well.
    """
    written = []
    # A docx in memory is a circle of objects with megabytes behind it that Python does not count, so it would let hundreds gather. What was there before is set
    # aside, so that looking for circles does not look through a whole province each time.
    gc.freeze()
    try:
        for name, content in reports(trace, tuple(refused), origins, check, template, changes):
            cache.write_aside(output / name, content)
            written.append(name)
            if len(written) % _GATHERED == 0:
                gc.collect()
    finally:
        gc.unfreeze()
    known = set(written)
    for folder in _FOLDERS:
        for old in sorted((output / folder).glob("*.*")) if (output / folder).is_dir() else ():
            if f"{folder}/{old.name}" not in known:
                old.unlink()
    return written


def reports(trace: CoverageTrace, refused: tuple[UnreadableFile, ...], origins: Mapping[str, str], check: dict | None = None,
            template: bytes | None = None, changes: Mapping | None = None) -> Iterator[tuple[str, bytes]]:
    """(path, content) of each report."""
    from pipeline.graph import build
    from pipeline.graph import write as graph
    from pipeline.report import coverage_matrix, data, detail, letter, lists, matrix, office, page, tally
    from pipeline.report import rulings as office_rulings
    from pipeline.report.carriers import carriers_of

    check = check or data.check_json(trace, refused)
    rulings = office_rulings.read(check)
    large = coverage_matrix.is_large(trace)
    names = _file_names([lower.name for lower in trace.lowers])
    beside = {lower.name: f"分镇网页/{name}.html" for lower, name in zip(trace.lowers, names)} if large else {}
    yield "核对报告.html", page.page(trace, refused, origins, rulings, beside).encode()
    yield "覆盖矩阵.xlsx", coverage_matrix.coverage_workbook(trace, rulings)
    yield "覆盖矩阵.csv", coverage_matrix.coverage_csv(trace, rulings)
    yield "任务分解表.xlsx", matrix.task_workbook(trace.upper)
    yield "任务分解表.docx", lists.task_document(trace.upper)
    yield "督查立项清单.docx", lists.filing_list(trace, rulings)
    yield "领导版报告.docx", office.leader_report(trace, refused, rulings, template)
    yield "科室版报告.docx", office.section_report(trace, refused, rulings, template)
    if not large:
        yield "明细报告.docx", lists.detail_report(trace, refused, rulings, template)
    yield "任务清单.csv", matrix.task_csv(trace.upper)
    yield "责任矩阵.csv", matrix.duty_csv(trace.upper)
    network = build.build(trace.upper)
    yield "责任图.graphml", graph.graphml(network).encode()
    yield "责任图.json", graph.node_link(network).encode()
    carriers, fared = carriers_of(trace.upper), {standing.task.id: standing for standing in tally.standings(trace, rulings)}
    for carrier, name in zip(carriers, _file_names([carrier.name for carrier in carriers])):
        yield f"责任单位/{name}.docx", lists.unit_list(trace, carrier, fared)
    items = defaultdict(list)
    for item in changes["items"] if changes else ():
        items[item["town"]].append(item)
    for lower, name in zip(trace.lowers, names):
        yield f"差距报告/{name}.docx", letter.gap_letter(trace, lower, rulings, template)
        if large:
            yield f"复核/{name}.xlsx", detail.review_workbook(trace, lower, rulings)
            yield beside[lower.name], page.page(replace(trace, lowers=(lower,)), (), origins, rulings).encode()
        mine = items[lower.name]
        if any(item["status"] in letter.URGENT for item in mine):
            yield f"催办通知/{name}.docx", letter.reminder(trace, lower, mine, rulings, template)
        elif mine and not any(rulings.verdict(lower.name, verdict) is Verdict.UNDETERMINED for verdict in lower.tasks):
            yield f"办结告知/{name}.docx", letter.closing(trace, lower, mine, rulings, template)
    yield "check.json", data.dumps(check).encode()
    yield "extract.json", data.dumps(data.extract_json(trace.upper)).encode()


def file_name(name: str) -> str:
    """A name that any file system takes."""
    return "".join("＿" if ch in '/\\:*?"<>|\n' else ch for ch in name)[:80]


def _file_names(names: list[str]) -> list[str]:
    """The same for several, each once."""
    made: dict[str, None] = {}
    for number, name in enumerate(names, 1):
        plain = file_name(name)
        made[f"{plain}（{number}）" if plain in made else plain] = None
    return list(made)
