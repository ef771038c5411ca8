"""A check's JSON for pipelines: SARIF 2.1.0 (findings and gaps with their places) and JUnit (a test case a place and task)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from xml.sax.saxutils import escape, quoteattr

from pipeline import __version__, decisions
from pipeline.report import words
from pipeline.text import printable

_LEVEL = {"high": "error", "medium": "warning", "low": "note"}
_GAPS = {"missing": ("未覆盖", "error"), "partial": ("部分覆盖", "warning")}


def sarif(check: Mapping, is_new: Callable[[str, Mapping], bool] | None = None) -> dict:
    """One result a finding, and one a task with a gap; what people accepted is suppressed, with their reason.

    Args:
      is_new: (place, finding or task) → whether the round before did not have it; None where there is no round before.
    """
    titles = {duty["id"]: duty["title"] for duty in check["upper"]["duties"]}
    results, used = [], {}
    for finding in check["upper"]["findings"]:
        used[finding["rule"]] = words.finding_name(finding["rule"])
        results.append(_result(finding["rule"], finding["severity"], finding["message"], check["upper"]["source"]["name"], finding["evidence"]))
    for lower in check["lowers"]:
        file = lower["source"]["name"]
        told = {item["id"]: item["decision"] for task in lower["tasks"] for item in (task, *task["measures"]) if item.get("decision")}
        for finding in lower["findings"]:
            used[finding["rule"]] = words.finding_name(finding["rule"])
            made = _result(finding["rule"], finding["severity"], f"{lower['name']}：{finding['message']}", file, finding["evidence"])
            if finding.get("waived"):
                made["suppressions"] = [_suppression(told.get(finding["measure"]) or told.get(finding["task"]))]
            results.append(_dated(made, is_new, lower["name"], finding))
        for task in lower["tasks"]:
            decided = task.get("decided", task["verdict"])
            for verdict, (name, level) in _GAPS.items():
                if verdict in (decided, task["verdict"]) and (verdict == decided or decided not in _GAPS):
                    used[f"task_{verdict}"] = f"任务{name}"
                    wanted = [m["reason"] for m in task["measures"] if decisions.state(task, m) in ("gap", "waived")]
                    said = f"{lower['name']}：任务{task['id']} {titles.get(task['id'], '')}{name}。{''.join(wanted[:3])}"
                    made = _result(f"task_{verdict}", level, said, file, None)
                    if decided not in _GAPS:
                        whole = task.get("decision") or next((m["decision"] for m in task["measures"] if m.get("decision")), None)
                        made["suppressions"] = [_suppression(whole)]
                    results.append(_dated(made, is_new, lower["name"], task))
    rules = [{"id": id_, "name": id_, "shortDescription": {"text": name}} for id_, name in sorted(used.items())]
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "luoshi", "version": __version__, "language": "zh-CN", "rules": rules}},
            "columnKind": "unicodeCodePoints",
            "results": results,
            "invocations": [{"executionSuccessful": not check["errors"], "toolExecutionNotifications": [
                {"level": "error", "message": {"text": f"{e['name']}：{e['problem']}；{e['advice']}"}} for e in check["errors"]]}],
        }],
    }


def _result(rule: str, level: str, message: str, file: str, evidence: Mapping | None) -> dict:
    place: dict = {"artifactLocation": {"uri": _uri(file)}}
    if evidence:  # offsets into the canonical text, which `luoshi extract FILE --format text` prints
        place["region"] = {"charOffset": evidence["start"], "charLength": evidence["end"] - evidence["start"], "snippet": {"text": evidence["text"]}}
    return {"ruleId": rule, "level": _LEVEL.get(level, level), "message": {"text": message}, "locations": [{"physicalLocation": place}]}


def _uri(name: str) -> str:
    """A file's name as a relative reference (RFC 3986): everything but letters, digits and a few marks as %XX."""
    return "".join(chr(byte) if chr(byte).isalnum() and byte < 128 or byte in b"-._~/" else f"%{byte:02X}" for byte in printable(name).encode())


def _suppression(told: Mapping | None) -> dict:
    return {"kind": "external", "status": "accepted", **({"justification": f"{told['reason']}（{told['owner']}，{told['decided_on']}）"} if told else {})}


def _dated(made: dict, is_new: Callable | None, place: str, item: Mapping) -> dict:
    return made if is_new is None else {**made, "baselineState": "new" if is_new(place, item) else "unchanged"}


def junit(check: Mapping) -> str:
    """A suite a place, a case a task: a gap fails, what nobody could read or people accepted or does not apply is skipped, an unreadable file is an error."""
    titles = {duty["id"]: duty["title"] for duty in check["upper"]["duties"]}
    suites = []
    for lower in check["lowers"]:
        cases, failed, skipped = [], 0, 0
        for task in lower["tasks"]:
            decided = task.get("decided", task["verdict"])
            name = f"{task['id']} {titles.get(task['id'], '')}"
            said = words.VERDICT_NAME[decided] + (f"（程序：{words.VERDICT_NAME[task['verdict']]}）" if decided != task["verdict"] else "")
            body = ""
            if decided in _GAPS:
                failed += 1
                why = "\n".join(f"{m['id']}：{m['reason']}" for m in task["measures"] if decisions.state(task, m) == "gap")
                body = f"<failure message={_attribute(said)} type={_attribute(decided)}>{_text(why)}</failure>"
            elif decided != "covered":
                skipped += 1
                body = f"<skipped message={_attribute(said)}/>"
            cases.append(f"<testcase classname={_attribute(lower['name'])} name={_attribute(name)}>{body}</testcase>")
        suites.append(f"<testsuite name={_attribute(lower['name'])} tests=\"{len(cases)}\" failures=\"{failed}\" errors=\"0\" skipped=\"{skipped}\">{''.join(cases)}</testsuite>")
    for error in check["errors"]:
        case = f"<testcase classname=\"luoshi\" name=\"读取\"><error message={_attribute(error['problem'])}>{_text(error['advice'])}</error></testcase>"
        suites.append(f"<testsuite name={_attribute(error['name'])} tests=\"1\" failures=\"0\" errors=\"1\" skipped=\"0\">{case}</testsuite>")
    return '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="luoshi">\n' + "\n".join(suites) + "\n</testsuites>\n"


def _attribute(text: str) -> str:
    return quoteattr(printable(text))


def _text(text: str) -> str:
    return escape(printable(text))
