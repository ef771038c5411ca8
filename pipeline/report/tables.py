"""A check's JSON as flat tables for other programs, decisions beside verdicts: CSV, or Parquet where pyarrow is installed (extra [parquet])."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

from pipeline import decisions
from pipeline.errors import LuoshiError

Table = tuple[tuple[str, ...], list[tuple]]  # column names, and rows of str, int, float, bool or None

_DECISION = ("decision", "decision_state", "decision_reason", "decision_owner", "decision_on", "decision_expires", "decision_due")


def tables(check: Mapping) -> dict[str, Table]:
    """verdicts (a row a place and task), measures (a place and measure), findings, totals, places; each in the order of the JSON."""
    tasks = {duty["id"]: duty for duty in check["upper"]["duties"]}
    wording = {m["id"]: m["text"] for duty in tasks.values() for m in duty["measures"]}
    verdicts, measures, findings, places = [], [], [], []
    for lower in check["lowers"]:
        name = lower["name"]
        places.append((name, lower["source"]["name"], lower["source"]["sha256"], lower["score"], len(lower["unread_pages"]), len(lower["findings"])))
        for task in lower["tasks"]:
            decided = task.get("decided", task["verdict"])
            title = tasks.get(task["id"], {}).get("title", "")
            verdicts.append((name, task["id"], title, task["verdict"], decided, task["share"], "hollow" in task["flags"], "、".join(task["units"]), *_decision(task)))
            for m in task["measures"]:
                quotes = m["evidence"]
                measures.append((name, task["id"], m["id"], wording.get(m["id"], ""), m["covered"], m["binds"], m["confidence"], m["review"], decisions.state(task, m),
                                 "".join(q["text"] for q in quotes), quotes[0]["start"] if quotes else None, quotes[0]["page"] if quotes else None,
                                 m["copied"], m["reason"], *_decision(m)))
        for f in lower["findings"]:
            findings.append((name, f["rule"], f["severity"], f["task"], f["measure"], f["message"], (f["evidence"] or {}).get("text"),
                             (f["upper_evidence"] or {}).get("text"), f.get("waived", False)))
    totals = [(t["target"], t["indicator"], t["required"], t["unit"], t["sum"], t["status"], len(t["stated_by"]), "、".join(t["silent"])) for t in check["aggregates"]]
    return {
        "places": (("place", "file", "sha256", "score", "unread_pages", "findings"), places),
        "verdicts": (("place", "task", "title", "verdict", "decided", "share", "hollow", "units", *_DECISION), verdicts),
        "measures": (("place", "task", "measure", "upper", "covered", "binds", "confidence", "review", "state", "lower", "start", "page", "copied", "reason", *_DECISION), measures),
        "findings": (("place", "rule", "severity", "task", "measure", "message", "lower", "upper", "waived"), findings),
        "totals": (("target", "indicator", "required", "unit", "sum", "status", "stated", "silent"), totals),
    }


def _decision(item: Mapping) -> tuple:
    told = item.get("decision")
    if not told:
        return (None,) * len(_DECISION)
    kind = "waiver" if told["kind"] == "waiver" else f"override:{told['verdict']}"
    return kind, told["state"], told["reason"], told["owner"], told["decided_on"], told["expires"], told.get("due")


def as_csv(table: Table) -> bytes:
    from pipeline.report.sheets import csv_bytes

    columns, rows = table
    return csv_bytes([list(columns), *(["" if cell is None else str(cell) for cell in row] for row in rows)])


def as_parquet(table: Table) -> bytes:
    """Raises LuoshiError where pyarrow is not installed."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise LuoshiError("写 Parquet 需要 pyarrow，本机没有安装；请运行 pip install 'luoshi[parquet]'，或改用 --format csv") from error
    columns, rows = table
    values: Sequence[Sequence] = list(zip(*rows)) or [()] * len(columns)
    arrays = [pyarrow.array(_even(cells)) for cells in values]
    written = io.BytesIO()
    parquet.write_table(pyarrow.Table.from_arrays(arrays, names=list(columns)), written)
    return written.getvalue()


def _even(cells: Sequence) -> Sequence:
    """A column of whole and broken numbers made one kind; a column of nothing but None stays text."""
    if any(isinstance(cell, float) for cell in cells):
        return [None if cell is None else float(cell) for cell in cells]
    return cells if any(cell is not None for cell in cells) else [None if cell is None else str(cell) for cell in cells]
