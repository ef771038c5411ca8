"""What people decided and what became of it: one YAML file of overrides and waivers, laid over the JSON of a check.

A decision is tied to a place, to a measure or task, and to the stamp of what it was decided on. It never overwrites what the program found:
it stands beside it, as `decision` of a measure or task and `decided` of a task.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pipeline import text
from pipeline.errors import LuoshiError

FIELDS = ("town", "measure", "task", "kind", "verdict", "reason", "owner", "expires", "due", "decided_on", "stamp")
KINDS = ("override", "waiver")
MEASURE_VERDICTS = ("covered", "missing", "not_applicable")
TASK_VERDICTS = ("covered", "partial", "missing", "not_applicable")
SLOTS = {"text": "文字", "numbers": "数字", "dates": "期限", "units": "单位", "evidence": "下级原句"}  # in the order of a stamp's parts
_BLANK = re.compile("[\\s\u200b\u200c\u200d\u2060\ufeff]+")


class DecisionError(LuoshiError):
    """A decisions file that cannot be used, or decisions that match nothing: every problem, a line each."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One entry. Exactly one of `measure` and `task` is given.

    Attributes:
      verdict: Of an override only, one of MEASURE_VERDICTS or TASK_VERDICTS.
      expires: Last day on which a waiver stands; None for one without end, and for overrides.
      stamp: As `stamp` gives it for what was decided on.
      where: "file:line" of the entry.
      due: Of an override only: the day by which the place is to mend it; it tells, and decides nothing.
    """

    town: str
    measure: str | None
    task: str | None
    kind: str
    verdict: str | None
    reason: str
    owner: str
    expires: date | None
    decided_on: date
    stamp: str
    where: str
    due: date | None = None


# ---------------------------------------------------------------- stamps


def stamp(duty: Mapping, measure: str | None, evidence: Iterable[str] = ()) -> str:
    """The slots that a decision rests on, eight hex digits each, in the order of SLOTS and joined by "-".

    White space and width do not count, everything else does. `duty` is an entry of `upper.duties`; without a measure the whole task is meant.
    """
    measures = [m for m in duty["measures"] if measure in (None, m["id"])]
    targets = [t for t in duty["targets"] if measure in (None, t["measure"])]
    worded = [squeezed(m["text"]) for m in measures] + ([squeezed(duty["title"])] if measure is None else [])
    units = sorted({squeezed(u) for m in measures for u in (m["units"] or duty["units"])} or {squeezed(u) for u in duty["units"]})
    numbers = [re.findall(r"\d+(?:\.\d+)?", wording) for wording in worded]
    numbers.append([squeezed(str(t[key])) for t in targets for key in ("value", "value_max", "unit", "comparator", "frequency")])
    dates = [str(t["deadline"]) for t in targets] + [str(duty["deadline"])]
    return "-".join(_short(slot) for slot in (worded, numbers, dates, units, [squeezed(e) for e in evidence]))


def changed_slots(old: str, new: str) -> list[str]:
    """The names of the slots in which two stamps differ; all of them where one is no stamp of this form."""
    parts = old.split("-"), new.split("-")
    if len(parts[0]) != len(SLOTS) or len(parts[1]) != len(SLOTS):
        return list(SLOTS)
    return [name for name, a, b in zip(SLOTS, *parts) if a != b]


def slot_words(slots: Iterable[str]) -> str:
    return "、".join(SLOTS[slot] for slot in slots) + "变了"


def squeezed(wording: str) -> str:
    """A wording as stamps see it: folded, and without white space."""
    return _BLANK.sub("", text.fold(wording))


def _short(slot: object) -> str:
    return hashlib.sha256(json.dumps(slot, ensure_ascii=False).encode()).hexdigest()[:8]


# ---------------------------------------------------------------- the file


def load(path: Path) -> tuple[list[Decision], int]:
    """The decisions of a file, in its order, and how many entries nobody has filled in yet (no reason and no owner): those decide nothing.

    Raises DecisionError with every problem of the file at once.
    """
    import yaml

    try:
        root = yaml.compose(path.read_text(encoding="utf-8-sig"), yaml.SafeLoader)
    except (OSError, UnicodeDecodeError) as error:
        raise DecisionError(f"{path}：决定文件读不出（{type(error).__name__}）；请检查路径，并存为 UTF-8 文本") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise DecisionError(f"{path}:{line}：不是正确的 YAML（{error.problem}）；请检查缩进、冒号和引号") from error
    except yaml.YAMLError as error:
        raise DecisionError(f"{path}：不是正确的 YAML，含有不能用的字符；请用文本编辑器另存为 UTF-8") from error
    if root is None:
        return [], 0
    if not isinstance(root, yaml.MappingNode) or [k.value for k, _ in root.value] != ["decisions"] or not isinstance(root.value[0][1], yaml.SequenceNode):
        raise DecisionError(f"{path}:{root.start_mark.line + 1}：最外层应当只有 decisions 一项，下面逐条列出决定；可用 luoshi decisions draft 起草")
    errors: list[str] = []
    found: list[Decision] = []
    blank = 0
    for node in root.value[0][1].value:
        where = f"{path}:{node.start_mark.line + 1}"
        if not isinstance(node, yaml.MappingNode):
            errors.append(f"{where}：一条决定应当是几行“名称: 内容”；请照 luoshi decisions draft 的样子写")
            continue
        entry, problems = _fields(path, node)
        if not problems and not entry.get("reason") and not entry.get("owner"):
            blank += 1
            continue
        decision = None if problems else _decision(entry, where, problems)
        errors += problems
        if decision:
            found.append(decision)
    seen: dict[tuple, str] = {}
    for decision in found:
        key = (decision.town, decision.measure, decision.task)
        if key in seen:
            errors.append(f"{decision.where}：{decision.town} {decision.measure or decision.task} 已在 {seen[key]} 决定过；请只留一条")
        seen.setdefault(key, decision.where)
    if errors:
        raise DecisionError("\n".join(errors))
    return found, blank


def entry_lines(path: Path) -> dict[tuple[str, str], tuple[int, int]]:
    """(town, measure) → the half-open span of lines (from 0) of that entry, filled in or not, in a file that `load` accepts; comments around it left out."""
    import yaml

    lines = path.read_text(encoding="utf-8-sig").splitlines()
    root = yaml.compose("\n".join(lines), yaml.SafeLoader)
    found = {}
    for node in root.value[0][1].value if root else ():
        entry, _ = _fields(path, node)
        start, end = node.start_mark.line, node.end_mark.line + (node.end_mark.column > 0)
        while end > start + 1 and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith(("#", "- "))):
            end -= 1
        if entry.get("measure"):
            found[entry.get("town", ""), entry["measure"]] = start, end
    return found


def _fields(path: Path, node) -> tuple[dict[str, str], list[str]]:
    """The scalars of one entry as they are written, so that `3.1` stays an id; null and ~ are empty."""
    entry: dict[str, str] = {}
    problems = []
    for key, value in node.value:
        where = f"{path}:{key.start_mark.line + 1}"
        if key.value not in FIELDS:
            problems.append(f"{where}：未知的名称 {key.value}；可用：{'、'.join(FIELDS)}")
        elif key.value in entry:
            problems.append(f"{where}：{key.value} 写了两次；请只留一个")
        elif not isinstance(value.value, str):
            problems.append(f"{where}：{key.value} 应当是一行文字或日期；请去掉下面的列表")
        else:
            entry[key.value] = "" if value.tag == "tag:yaml.org,2002:null" else value.value.strip()
    return entry, problems


def _decision(entry: dict[str, str], where: str, problems: list[str]) -> Decision | None:
    """One entry as a value; None, with what is wrong added to `problems`, where it cannot stand."""

    def wrong(problem: str) -> None:
        problems.append(f"{where}：{problem}")

    for key, advice in (("town", "请写地名，与报告里的一致"), ("reason", "请写明理由"), ("owner", "请写明由谁决定"),
                        ("stamp", "请用 luoshi decisions draft 起草，加 --all 可得全部举措的")):
        if not entry.get(key):
            wrong(f"缺 {key}；{advice}")
    if bool(entry.get("measure")) == bool(entry.get("task")):
        wrong("measure 和 task 要写且只写一个；measure 如 3.1.1-m2，task 如 3.1.1")
    kind, verdict = entry.get("kind", ""), entry.get("verdict") or None
    allowed = MEASURE_VERDICTS if entry.get("measure") else TASK_VERDICTS
    if kind not in KINDS:
        wrong(f"kind 应当是 override（改判）或 waiver（已说明），现在是“{kind}”；请改正")
    elif kind == "override" and verdict not in allowed:
        wrong(f"改判要写 verdict，可用：{'、'.join(allowed)}")
    elif kind == "waiver" and verdict:
        wrong("已说明（waiver）不写 verdict；要改判请把 kind 写成 override")
    if kind == "override" and entry.get("expires"):
        wrong("改判没有有效期；请去掉 expires，整改期限写在 due")
    if kind == "waiver" and entry.get("due"):
        wrong("已说明的不写整改期限；请去掉 due，有效期写在 expires")
    dates: dict[str, date | None] = {}
    for key in ("expires", "due", "decided_on"):
        try:
            dates[key] = parse_day(entry[key]) if entry.get(key) else None
        except ValueError:
            wrong(f"{key} 不是日期“{entry[key]}”；请写成 2025-06-30 的样子")
    if not entry.get("decided_on"):
        wrong("缺 decided_on；请写决定的日期，如 2025-06-30")
    if problems:
        return None
    return Decision(entry["town"], entry.get("measure") or None, entry.get("task") or None, kind, verdict, entry["reason"], entry["owner"],
                    dates["expires"], dates["decided_on"], entry["stamp"], where, dates["due"])


def parse_day(written: str) -> date:
    """YYYY-MM-DD and nothing else. Raises ValueError."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", written):
        raise ValueError(written)
    return date.fromisoformat(written)


# ---------------------------------------------------------------- laid over a check


def apply(check: dict, decisions: Iterable[Decision], settings: Mapping, as_of: date | None = None) -> dict:
    """A check's JSON with `decision` and `decided` beside what the program found, `waived` on findings, and `decisions` with the counts.

    Entries for a place of which nothing is known because some input could not be read (`errors` of the check) are left aside, named under
    `decisions.unplaced`.

    Raises DecisionError with every decision that matches nothing, is not allowed, or has an expiry where `as_of` is None.
    """
    decisions = list(decisions)
    lowers = {lower["name"]: lower for lower in check["lowers"]}
    duties = {duty["id"]: duty for duty in check["upper"]["duties"]}
    errors, unplaced, placed = [], [], {}
    for d in decisions:
        lower, task = lowers.get(d.town), d.task or d.measure.rpartition("-m")[0]
        if lower is None and check["errors"]:
            unplaced.append(f"{d.town} {d.measure or d.task}")
            continue
        problem = (f"expires {d.expires} 要与日期相比；请加 --as-of，如 --as-of 2025-06-30" if d.expires and as_of is None
                   else f"这次核对里没有{d.town}；请改正 town，或删去这一条" if lower is None
                   else _unmatched(d, duties.get(task), next((t for t in lower["tasks"] if t["id"] == task), None), lower, settings))
        if problem:
            errors.append(f"{d.where}：{d.town} {d.measure or d.task}：{problem}")
        else:
            placed[d.town, d.measure or d.task] = d
    if errors:
        raise DecisionError("\n".join(errors))
    share = float(settings["coverage.task.covered_share"])
    made = [_decided_lower(lower, placed, duties, as_of, share) for lower in check["lowers"]]
    states = [x["decision"]["state"] for lower in made for t in lower["tasks"] for x in (t, *t["measures"]) if x["decision"]]
    return {**check, "lowers": made, "decisions": {
        "as_of": as_of.isoformat() if as_of else None, **{state: states.count(state) for state in ("standing", "suspect", "expired")},
        **{key: sum(lower[key] for lower in made) for key in ("waived_gaps", "open_gaps")}, "unplaced": unplaced}}


def _is_open(task: Mapping, measure: Mapping) -> bool:
    """Whether the program itself found a measure that a place owes and does not carry out; what was not read is open too."""
    return measure["binds"] and not measure["covered"] and task["verdict"] not in ("not_applicable", "justified")


def _unmatched(d: Decision, duty: dict | None, task: dict | None, lower: dict, settings: Mapping) -> str | None:
    """Why a decision matches nothing, or may not be taken; None where it fits."""
    measures = [] if task is None else [m for m in task["measures"] if d.task or m["id"] == d.measure]
    if duty is None or task is None or (d.measure and not measures):
        return "上位文件没有这一条；请对照任务清单改正编号，或删去这一条"
    if d.kind == "override":
        return None
    findings = [f for f in lower["findings"] if f["task"] == task["id"] and (d.task or f["measure"] == d.measure)]
    if not findings and not any(_is_open(task, m) for m in measures):
        return "已不是缺项，也没有问题要说明；请删去这一条"
    never = set(_listed(settings["decisions.never_waived.findings"]))
    barred = sorted({f["rule"] for f in findings} & never)
    if barred:
        return f"有规则定为不得说明的问题（{'、'.join(barred)}）；请删去这一条，按要求整改"
    words = [w for w in _listed(settings["decisions.never_waived.tasks"]) if w == duty["id"] or w in duty["title"]]
    return f"这项任务的缺项规则定为不得说明（{'、'.join(words)}）；请删去这一条，按要求整改" if words else None


def _listed(value: object) -> list[str]:
    return [] if value == "无" else re.split(r"[、，,\s]+", str(value).strip())


def _decided_lower(lower: dict, placed: Mapping, duties: Mapping, as_of: date | None, share: float) -> dict:
    tasks = []
    excused: set[tuple[str, str | None]] = set()  # (task, measure) whose findings do not count; None stands for every measure of the task
    for task in lower["tasks"]:
        duty = duties[task["id"]]
        quotes = {m["id"]: [q["text"] for q in m["evidence"]] for m in task["measures"]}
        measures = [{**m, "decision": _told(placed.get((lower["name"], m["id"])), duty, quotes[m["id"]], as_of)} for m in task["measures"]]
        whole = _told(placed.get((lower["name"], task["id"])), duty, [text for texts in quotes.values() for text in texts], as_of)
        made = {**task, "measures": measures, "decision": whole}
        excused |= {(task["id"], id_) for id_, told in ((None, whole), *((m["id"], m["decision"]) for m in measures))
                    if standing(told) and (told["kind"] == "waiver" or told["verdict"] == "not_applicable")}
        tasks.append({**made, "decided": _decided(made, share)})
    states = [state(task, m) for task in tasks for m in task["measures"]]
    findings = [{**f, "waived": (f["task"], f["measure"]) in excused or (f["task"], None) in excused} for f in lower["findings"]]
    return {**lower, "tasks": tasks, "findings": findings, "waived_gaps": states.count("waived"), "open_gaps": states.count("gap")}


def _told(d: Decision | None, duty: dict, evidence: list[str], as_of: date | None) -> dict | None:
    """A decision as the JSON tells it, with its state and, where suspect, the slots that changed."""
    if d is None:
        return None
    changed = changed_slots(d.stamp, stamp(duty, d.measure, evidence))
    if d.kind == "waiver":  # rests on what is asked for, not on what the place wrote
        changed = [slot for slot in changed if slot != "evidence"]
    state = "expired" if d.expires and as_of > d.expires else "suspect" if changed else "standing"
    return {"kind": d.kind, "verdict": d.verdict, "reason": d.reason, "owner": d.owner, "expires": d.expires.isoformat() if d.expires else None,
            "due": d.due.isoformat() if d.due else None, "decided_on": d.decided_on.isoformat(), "state": state, "changed": changed}


def standing(told: Mapping | None) -> Mapping | None:
    """A decision of the JSON if it stands, else None."""
    return told if told and told["state"] == "standing" else None


def state(task: Mapping, measure: Mapping) -> str:
    """What a measure of a check's JSON came to, decisions applied where there are any.

    covered; gap; waived; unread (not found, in a document that was not read well enough to say so); out (owed by nobody here).
    """
    own, whole = standing(measure.get("decision")), standing(task.get("decision"))
    if own and own["kind"] == "override":
        return {"covered": "covered", "missing": "gap", "not_applicable": "out"}[own["verdict"]]
    if not measure["binds"] or task["verdict"] in ("not_applicable", "justified"):
        return "out"
    if whole and whole["verdict"] in ("covered", "not_applicable"):
        return "covered" if whole["verdict"] == "covered" else "out"
    if measure["covered"]:
        return "covered"
    if own or (whole and whole["kind"] == "waiver"):
        return "waived"
    return "unread" if task["verdict"] == "undetermined" else "gap"


def _decided(task: dict, share: float) -> str:
    """The verdict of a task with the standing decisions applied: the program's own where none stands."""
    whole = standing(task["decision"])
    if whole and whole["kind"] == "override":
        return whole["verdict"]
    if not whole and not any(standing(m["decision"]) for m in task["measures"]):
        return task["verdict"]
    states = [s for m in task["measures"] if (s := state(task, m)) != "out"]
    if not states:
        return "not_applicable"
    if states.count("covered") >= share * len(states):
        return "covered"
    if "unread" in states:
        return "undetermined"
    if "gap" not in states:
        return "justified"
    return "partial" if "covered" in states else "missing"


def summary_lines(check: Mapping, blank: int) -> list[str]:
    """What the decisions came to, for a terminal; the suspect and the expired by name, since somebody has to look at them again."""
    total = check["decisions"]
    lines = [f"决定：有效{total['standing']}项，存疑{total['suspect']}项，过期{total['expired']}项；缺项中已说明{total['waived_gaps']}条，未说明{total['open_gaps']}条"]
    for lower in check["lowers"]:
        for task in lower["tasks"]:
            for item in (task, *task["measures"]):
                told = item["decision"]
                if told and told["state"] == "suspect":
                    lines.append(f"存疑：{lower['name']} {item['id']} {slot_words(told['changed'])}，这项决定暂不作数；请重新确认")
                elif told and told["state"] == "expired":
                    lines.append(f"过期：{lower['name']} {item['id']} 已于{told['expires']}到期，重新计为缺项；请整改或另行说明")
    lines += [f"未用：{name}，这次有文件读不出，这项决定没有对上" for name in total["unplaced"]]
    return lines + ([f"未填：{blank}条没有写理由和决定人，不起作用"] if blank else [])


# ---------------------------------------------------------------- a draft to fill in


def draft(check: Mapping, by_task: bool = False, every: bool = False) -> str:
    """A decisions file to fill in, an entry a gap on which no decision stands, or a task that has some; stamps are filled in, who and why are left to people.

    Args:
      every: Also what is carried out, for those who want to overrule the program there.
    """
    lines = ["# 决定文件。填好 reason（理由）、owner（谁决定）、decided_on（决定日期，如 2025-06-30）才起作用；不填的不起作用，也可删去。",
             "# kind: waiver 为已说明，可填 expires（有效期至）；override 为改判，另写 verdict: covered（覆盖）、missing（未覆盖）或 not_applicable（不适用）。",
             "# stamp 是所依据内容的印记，不要改：文字、数字、期限、单位变了，决定自动转为存疑；只变空格和全半角不受影响。"]
    duties = {duty["id"]: duty for duty in check["upper"]["duties"]}
    entries: list[str] = []
    for lower in check["lowers"]:
        for task in lower["tasks"]:
            duty = duties[task["id"]]
            for measures in ([task["measures"]] if by_task else [[m] for m in task["measures"]]):
                gaps = [m for m in measures if _is_open(task, m)]
                if not (gaps or every) or standing(task.get("decision")) or (not by_task and standing(measures[0].get("decision"))):
                    continue
                id_ = None if by_task else measures[0]["id"]
                wording = [m["text"] for m in duty["measures"] if any(m["id"] == x["id"] for x in gaps or measures)]
                reason = (gaps or measures)[0]["reason"] if measures else "没有举措"
                entries += ["", f"  # {_one_line(duty['title'])}：{_one_line(' '.join(wording))}", f"  # 程序的理由：{_one_line(reason)}",
                            f"  - town: {json.dumps(lower['name'], ensure_ascii=False)}", f"    {'task' if by_task else 'measure'}: {id_ or task['id']}",
                            *(["    kind: waiver"] if gaps else ["    kind: override", "    verdict: missing"]), "    reason: ''", "    owner: ''",
                            *(["    expires:"] if gaps else []), "    decided_on:",
                            f"    stamp: {stamp(duty, id_, [q['text'] for m in measures for q in m['evidence']])}"]
    return "\n".join([*lines, "decisions:" if entries else "decisions: []", *entries]) + "\n"


def _one_line(wording: str) -> str:
    return " ".join(text.printable(wording).split())[:200]
