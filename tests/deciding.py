"""A check of the made-up city with decisions of every kind laid over it: for the tests of the reports."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from support import make_trace

from pipeline import decisions
from pipeline.model import CoverageTrace
from pipeline.report import data

SETTINGS = {"coverage.task.covered_share": 0.6, "decisions.never_waived.findings": "contradiction", "decisions.never_waived.tasks": "无"}
AS_OF = date(2025, 7, 1)


def entry(check: dict, lower: dict, task: dict, measure: str | None = None, kind: str = "waiver", **fields) -> decisions.Decision:
    """A decision as its file would give it, with the stamp of what stands there now."""
    duty = next(d for d in check["upper"]["duties"] if d["id"] == task["id"])
    quotes = [q["text"] for m in task["measures"] if measure in (None, m["id"]) for q in m["evidence"]]
    values = {"verdict": None, "expires": None, "stamp": decisions.stamp(duty, measure, quotes), "reason": "已报备，另文安排", **fields}
    return decisions.Decision(lower["name"], measure, None if measure else task["id"], kind, owner="督查室", decided_on=date(2025, 1, 2), where="决定.yaml:3", **values)


@lru_cache(maxsize=1)
def decided() -> tuple[CoverageTrace, dict, list[decisions.Decision]]:
    """(trace, its JSON with decisions applied, the decisions): waivers of a task and of a measure, overrides three ways, one suspect, one expired, one answered finding."""
    trace = make_trace(6, 30)
    check = data.check_json(trace)
    found = {verdict: [(lower, task) for lower in check["lowers"] for task in lower["tasks"] if task["verdict"] == verdict] for verdict in ("missing", "partial", "covered")}
    taken = [found["missing"][0], found["missing"][1], found["missing"][2], found["missing"][3], found["partial"][0], found["partial"][1], found["covered"][0]]
    noted = next((lower, task) for lower in check["lowers"] for task in lower["tasks"] if any(f["task"] == task["id"] for f in lower["findings"])
                 and all((lower["name"], task["id"]) != (x["name"], t["id"]) for x, t in taken))
    entries = [
        entry(check, *taken[0]),
        entry(check, *taken[1], kind="override", verdict="covered"),
        entry(check, *taken[2], expires=date(2025, 6, 30)),
        entry(check, *taken[3], stamp="0-0-0-0-0"),
        entry(check, *taken[4], measure=next(m["id"] for m in taken[4][1]["measures"] if not m["covered"])),
        entry(check, *taken[5], kind="override", verdict="not_applicable"),
        entry(check, *taken[6], measure=taken[6][1]["measures"][0]["id"], kind="override", verdict="missing", due=date(2025, 9, 30)),
    ]
    entries.append(entry(check, *noted))
    keys = {(e.town, e.measure or e.task) for e in entries}
    assert len(keys) == len(entries)
    return trace, decisions.apply(check, entries, SETTINGS, AS_OF), entries
