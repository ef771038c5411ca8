"""Two checks of the same places, one after the other: what is fixed, what stays open, what broke, what was only pasted.

Measures are paired by their wording first and by their id second, so that a plan in which items moved still compares.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from pipeline import decisions
from pipeline.errors import UnreadableFile

STATUS = {"broken": "新出现的缺项", "pasted": "只照抄了上级原句", "new": "首次查出的缺项", "open": "仍未落实", "waived": "已说明", "fixed": "已整改"}


def read_check(path: Path) -> dict:
    """The JSON that `luoshi check --format json` wrote. Raises UnreadableFile."""
    try:
        check = json.loads(path.read_bytes())
    except OSError as error:
        raise UnreadableFile(str(path), "打不开", "请检查路径和权限") from error
    except ValueError as error:
        raise UnreadableFile(str(path), "不是 JSON", "请给出 luoshi check 写的 check.json") from error
    if not isinstance(check, dict) or check.get("schema") != "luoshi/check/1":
        raise UnreadableFile(str(path), "不是核对结果", "请给出 luoshi check 写的 check.json")
    if "duties" not in check["upper"]:
        raise UnreadableFile(str(path), "是旧版程序写的，里面没有上位文件的原句", "请用现在的程序重新核对一次")
    return check


def diff(old: Mapping, new: Mapping, copied_share: float) -> dict:
    """`luoshi diff --format json`. A measure "fixed" with at least `copied_share` of its words pasted from the upper sentence is `pasted`."""
    pairs, changed = _pair(old["upper"]["duties"], new["upper"]["duties"])
    before = {lower["name"]: lower for lower in old["lowers"]}
    texts = {side: {m["id"]: m["text"] for duty in check["upper"]["duties"] for m in duty["measures"]} for side, check in (("old", old), ("new", new))}
    items, suspect = [], []
    for lower in new["lowers"]:
        known = _standings(before[lower["name"]]) if lower["name"] in before else {}
        for id_, (task, measure) in _standings(lower).items():
            was = known.get(pairs.get(id_, ""))
            status = _status(was, (task, measure), copied_share)
            if status:
                items.append({"status": status, "town": lower["name"], "task": task["id"], "measure": id_, "old_measure": pairs.get(id_), "upper": texts["new"][id_],
                              "old_evidence": [q["text"] for q in was[1]["evidence"]] if was else [], "new_evidence": [q["text"] for q in measure["evidence"]],
                              "copied": measure["copied"]})
            slots = next((c["slots"] for c in changed if c["measure"] == id_), [])
            told = measure.get("decision")
            if told and told["state"] == "suspect":
                suspect.append(_suspect(lower, task, id_, told, told["changed"]))
            elif not told and was and slots and decisions.standing(was[1].get("decision")):
                suspect.append(_suspect(lower, task, id_, was[1]["decision"], slots))
        for task in lower["tasks"]:
            told = task.get("decision")
            if told and told["state"] == "suspect":
                suspect.append(_suspect(lower, task, None, told, told["changed"]))
    names = {lower["name"] for lower in new["lowers"]}
    order = list(STATUS)
    gone = [id_ for id_ in texts["old"] if id_ not in set(pairs.values())]
    return {
        "schema": "luoshi/diff/1",
        "counts": {status: sum(item["status"] == status for item in items) for status in STATUS},
        "items": sorted(items, key=lambda item: order.index(item["status"])),
        "changed": [{**c, "old_text": texts["old"][c["old_measure"]], "new_text": texts["new"][c["measure"]]} for c in changed],
        "dropped": [{"measure": id_, "text": texts["old"][id_]} for id_ in gone],
        "suspect": suspect,
        "towns_added": sorted(names - before.keys()),
        "towns_gone": sorted(before.keys() - names),
    }


def newness(old: Mapping, new: Mapping, changes: Mapping) -> Callable[[str, Mapping], bool]:
    """(place, finding or task of `new`) → whether `old` did not have it; `changes` is their diff.

    A finding is the same where kind and sentence are (spaces do not count); a task is new where a gap in it is.
    """
    known = {(lower["name"], _finding_key(finding)) for lower in old["lowers"] for finding in lower["findings"]}
    opened = {(item["town"], item["task"]) for item in changes["items"] if item["status"] in ("broken", "pasted", "new")}
    return lambda place, item: (place, _finding_key(item)) not in known if "rule" in item else (place, item["id"]) in opened


def _finding_key(finding: Mapping) -> tuple[str, str]:
    return finding["rule"], decisions.squeezed(finding["evidence"]["text"] if finding["evidence"] else finding["message"])


def diff_lines(result: Mapping) -> list[str]:
    """A diff for people: the counts, then every item with its sentences, the most urgent first."""
    lines = ["两轮比较：" + "，".join(f"{name}{result['counts'][status]}条" for status, name in STATUS.items())]
    for key, name in (("towns_added", "本轮新增"), ("towns_gone", "本轮没有")):
        if result[key]:
            lines.append(f"{name}：{'、'.join(result[key])}")
    for c in result["changed"]:
        lines.append(f"上位文件有改动：{c['measure']} {decisions.slot_words(c['slots'])}，有关结论和决定请重新看；原为“{c['old_text']}”，现为“{c['new_text']}”")
    lines += [f"上位文件已删去：{c['measure']} “{c['text']}”" for c in result["dropped"]]
    lines += [f"决定存疑：{s['town']} {s['measure'] or s['task']} {decisions.slot_words(s['slots'])}；原决定人{s['owner']}，请重新确认" for s in result["suspect"]]
    for item in result["items"]:
        lines.append(f"{STATUS[item['status']]}：{item['town']} {item['measure']}")
        lines.append(f"    上位：{item['upper']}")
        lines += [f"    上轮：{text}" for text in item["old_evidence"]] + [f"    本轮：{text}" for text in item["new_evidence"]]
    return lines


def _pair(old: list[dict], new: list[dict]) -> tuple[dict[str, str], list[dict]]:
    """New measure id → old one; and the pairs in which something that a decision rests on changed."""
    stamps = [{m["id"]: decisions.stamp(duty, m["id"]) for duty in duties for m in duty["measures"]} for duties in (old, new)]
    pairs = {id_: id_ for id_, made in stamps[1].items() if stamps[0].get(id_, "").partition("-")[0] == made.partition("-")[0]}
    left = [id_ for id_ in stamps[0] if id_ not in pairs]
    for id_, made in stamps[1].items():
        twin = id_ not in pairs and next((o for o in left if stamps[0][o].partition("-")[0] == made.partition("-")[0]), None)
        if twin:
            pairs[id_] = twin
            left.remove(twin)
    for id_ in stamps[1]:
        if id_ not in pairs and id_ in left:
            pairs[id_] = id_
            left.remove(id_)
    changed = [{"measure": id_, "old_measure": pairs[id_], "slots": slots} for id_, made in stamps[1].items()
               if id_ in pairs and (slots := decisions.changed_slots(stamps[0][pairs[id_]], made))]
    return pairs, changed


def _standings(lower: Mapping) -> dict[str, tuple[dict, dict]]:
    return {measure["id"]: (task, measure) for task in lower["tasks"] for measure in task["measures"]}


def _status(was: tuple[dict, dict] | None, now: tuple[dict, dict], copied_share: float) -> str | None:
    """One of STATUS; None where there is nothing to tell: fine before and now, or not read well enough to say."""
    before, after = decisions.state(*was) if was else None, decisions.state(*now)
    if after == "waived":
        return "waived"
    if after == "gap":
        return {"gap": "open", "waived": "open", "covered": "broken"}.get(before, "new")
    if after == "covered" and before in ("gap", "waived"):
        return "pasted" if now[1]["covered"] and now[1]["copied"] >= copied_share else "fixed"
    return None


def _suspect(lower: Mapping, task: Mapping, measure: str | None, told: Mapping, slots: list[str]) -> dict:
    return {"town": lower["name"], "task": task["id"], "measure": measure, "kind": told["kind"], "owner": told["owner"], "reason": told["reason"], "slots": slots}
