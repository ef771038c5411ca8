"""Results as tables for questions over many towns: Parquet files, a part of a round each, and DuckDB over all of them.

Needs the extra [parquet]; without it a batch writes its reports all the same. Tables lie under OUT/results/<table>/<city>/<part>.parquet.
"""

from __future__ import annotations

import importlib.util
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pipeline.cache import write_aside
from pipeline.errors import LuoshiError
from pipeline.model import CoverageTrace

TEXT, WHOLE, REAL, YES_NO = "string", "int64", "float64", "bool_"
# Column → type. Every table begins with where its rows are from.
_PLACE = {"city": TEXT, "theme": TEXT, "county": TEXT, "level": TEXT, "place": TEXT, "file": TEXT}
TABLES: dict[str, dict[str, str]] = {
    "towns": {**_PLACE, "sha256": TEXT, "title": TEXT, "characters": WHOLE, "score": REAL, "findings": WHOLE, "unread_pages": WHOLE},
    "tasks": {**_PLACE, "task": TEXT, "title": TEXT, "verdict": TEXT, "share": REAL, "flags": TEXT},
    "measures": {**_PLACE, "task": TEXT, "measure": TEXT, "text": TEXT, "binds": YES_NO, "covered": YES_NO, "confidence": REAL, "review": YES_NO, "copied": REAL, "reason": TEXT,
                 "evidence": TEXT, "start": WHOLE, "end": WHOLE, "page": WHOLE},
    "targets": {**_PLACE, "task": TEXT, "target": TEXT, "indicator": TEXT, "required": TEXT, "unit": TEXT, "status": TEXT, "value": REAL, "deadline": TEXT},
    "findings": {**_PLACE, "rule": TEXT, "severity": TEXT, "task": TEXT, "measure": TEXT, "message": TEXT, "evidence": TEXT, "start": WHOLE, "end": WHOLE},
}


def available() -> bool:
    return importlib.util.find_spec("pyarrow") is not None


def write_part(folder: Path, city: str, part: str, theme: str, trace: CoverageTrace, where: Mapping[str, tuple[str, str]]) -> list[Path]:
    """The tables of one part, a row group each.

    Args:
      folder: OUT/results.
      where: Name of a lower document's place → (county, level).
    """
    import pyarrow
    from pyarrow import parquet

    rows: dict[str, list[tuple]] = {name: [] for name in TABLES}
    for table, row in _rows(trace, city, theme or trace.domain, where):
        rows[table].append(row)
    written = []
    for name, columns in TABLES.items():
        schema = pyarrow.schema([(column, getattr(pyarrow, kind)()) for column, kind in columns.items()])
        table = pyarrow.table([list(values) for values in zip(*rows[name])] or [[] for _ in columns], schema=schema)
        content = io.BytesIO()
        parquet.write_table(table, content, compression="zstd")
        path = folder / name / city / f"{part or '全部'}.parquet"
        write_aside(path, content.getvalue())
        written.append(path)
    return written


def _rows(trace: CoverageTrace, city: str, theme: str, where: Mapping[str, tuple[str, str]]) -> Iterator[tuple[str, tuple]]:
    """(table, row) in the order of the trace."""
    texts = {m.id: m.text for task in trace.upper.tasks for m in task.measures}
    titles = {task.id: task.title for task in trace.upper.tasks}
    targets = {t.id: t for task in trace.upper.tasks for t in task.targets}
    for lower in trace.lowers:
        document = lower.extraction.document
        place = (city, theme, *where.get(lower.name, ("", "")), lower.name, document.source.name)
        yield "towns", (*place, document.source.sha256, lower.extraction.outline.frame.title, len(document.text), lower.score, len(lower.findings), len(document.unread_pages))
        for task in lower.tasks:
            yield "tasks", (*place, task.id, titles[task.id], task.verdict.value, task.share, "、".join(task.flags))
            for m in task.measures:
                first = m.evidence[0] if m.evidence else None
                yield "measures", (*place, task.id, m.id, texts[m.id], m.binds, m.covered, m.confidence, m.review, m.copied, m.reason,
                                   "\n".join(quote.text for quote in m.evidence) or None, first and first.start, first and first.end, first and first.page)
            for answer in task.targets:
                asked = targets[answer.id]
                yield "targets", (*place, task.id, answer.id, asked.indicator, str(asked.value), asked.unit, answer.status, None if answer.value is None else float(answer.value), answer.deadline)
        for finding in lower.findings:
            quote = finding.evidence
            yield "findings", (*place, finding.rule, finding.severity.value, finding.task, finding.measure, finding.message, quote and quote.text, quote and quote.start, quote and quote.end)


# ---------------------------------------------------------------- questions

GROUPS = {"county": "county", "theme": "theme", "level": "level"}
_OWED = "verdict <> 'not_applicable'"
# Question → (what it asks, SQL with {by}: the columns to group by, each followed by a comma).
QUESTIONS: dict[str, tuple[str, str]] = {
    "missed": ("哪项任务缺得最多", f"""
        select {{by}} city as 城市, task as 任务, any_value(title) as 名称, count(*) filter (verdict = 'missing') as 未覆盖, count(*) as 应落实, round(100.0 * 未覆盖 / 应落实, 1) as "未覆盖%"
        from tasks where {_OWED} group by {{by}} city, task having 未覆盖 > 0 order by {{by}} 未覆盖 desc, "未覆盖%" desc, city, task"""),
    "weakest": ("哪些地方覆盖率低", """
        select {by} place as 地方, file as 文件, round(100 * score, 1) as "覆盖率%", findings as 问题 from towns order by {by} score, place, file"""),
    "findings": ("哪类问题最多", """
        select {by} rule as 问题, severity as 级别, count(*) as 条数, count(distinct file) as 份数 from findings group by {by} rule, severity order by {by} 条数 desc, rule, severity"""),
    "targets": ("哪些指标没有写数", """
        select {by} city as 城市, target as 指标, any_value(indicator) as 名称, any_value(required) as 要求, any_value(unit) as 单位, count(*) filter (status = 'stated') as 写了数,
               count(*) filter (status = 'unquantified') as 落实而无数, count(*) filter (status = 'absent') as 未落实
        from targets group by {by} city, target order by {by} 写了数, city, target"""),
    "review": ("哪些举措要人看", """
        select {by} place as 地方, measure as 举措, text as 原文, confidence as 把握, reason as 理由 from measures where review order by {by} confidence, city, place, measure"""),
}


def ask(folder: Path, question: str, by: Sequence[str] = ()) -> tuple[list[str], list[tuple]]:
    """Heads and rows of the answer.

    Args:
      folder: OUT/results.
      question: A key of QUESTIONS, or SQL over the tables of TABLES (one select).
      by: Keys of GROUPS.

    Raises LuoshiError where DuckDB is not installed, nothing is there to ask, or the SQL is wrong.
    """
    if importlib.util.find_spec("duckdb") is None:
        raise LuoshiError("提问需要 DuckDB；安装：pip install 'luoshi[parquet]'")
    import duckdb

    files = {name: sorted(str(p) for p in (folder / name).glob("*/*.parquet")) for name in TABLES}
    if not all(files.values()):
        raise LuoshiError(f"{folder}：没有结果表；请先安装 pip install 'luoshi[parquet]' 再运行 luoshi batch，或用 --results 指明输出文件夹")
    sql = QUESTIONS[question][1].format(by="".join(f"{GROUPS[b]}, " for b in by)) if question in QUESTIONS else question
    with duckdb.connect(":memory:") as connection:
        for name, paths in files.items():
            connection.read_parquet(paths).create_view(name)
        try:
            answer = connection.sql(sql)
            return ([], []) if answer is None else (list(answer.columns), answer.fetchall())
        except duckdb.Error as error:
            raise LuoshiError(f"问句有误：{str(error).splitlines()[0]}；可问的表：{'、'.join(TABLES)}") from error
