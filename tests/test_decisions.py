"""Decisions and rounds: what stands, what becomes suspect, what is an error, and what a second check makes of the first."""

from __future__ import annotations

import copy
import json
from datetime import date

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from plans import CORPORA
from support import make_trace

from pipeline import cli, decisions, rounds
from pipeline.errors import UnreadableFile
from pipeline.report import data

SETTINGS = {"coverage.task.covered_share": 0.6, "decisions.never_waived.findings": "contradiction", "decisions.never_waived.tasks": "无"}
CHECK = data.check_json(make_trace())
DUTIES = {duty["id"]: duty for duty in CHECK["upper"]["duties"]}


def places(verdict):
    """(lower, task) of a verdict."""
    return [(lower, task) for lower in CHECK["lowers"] for task in lower["tasks"] if task["verdict"] == verdict]


def entry(lower, task, measure=None, kind="waiver", **fields):
    """A decision as its file would give it, with the stamp of what stands there now."""
    measures = [m for m in task["measures"] if measure in (None, m["id"])]
    stamp = decisions.stamp(DUTIES[task["id"]], measure, [q["text"] for m in measures for q in m["evidence"]])
    values = {"verdict": None, "expires": None, "stamp": stamp, **fields}
    return decisions.Decision(lower["name"], measure, None if measure else task["id"], kind,
                              reason="已报备", owner="督查室", decided_on=date(2025, 1, 2), where="决定.yaml:3", **values)


def applied(*entries, check=CHECK, as_of=None, **settings):
    return decisions.apply(check, entries, {**SETTINGS, **settings}, as_of)


def found(result, lower, task):
    return next(t for x in result["lowers"] if x["name"] == lower["name"] for t in x["tasks"] if t["id"] == task["id"])


# ---------------------------------------------------------------- waivers and overrides


def test_a_task_of_which_every_gap_is_waived_is_justified_and_what_the_program_found_stays():
    lower, task = places("missing")[0]
    result = applied(*(entry(lower, task, m["id"]) for m in task["measures"]))
    after = found(result, lower, task)
    assert after["decided"] == "justified" and after["verdict"] == "missing" and all(m["decision"]["state"] == "standing" for m in after["measures"])
    assert [m["covered"] for m in after["measures"]] == [m["covered"] for m in task["measures"]]
    assert [x["score"] for x in result["lowers"]] == [x["score"] for x in CHECK["lowers"]]
    plain = applied()
    assert result["decisions"]["waived_gaps"] == len(task["measures"]) and plain["decisions"]["waived_gaps"] == 0
    assert result["decisions"]["open_gaps"] == plain["decisions"]["open_gaps"] - len(task["measures"])


def test_a_gap_that_nobody_waived_keeps_its_task_a_gap():
    lower, task = next((x, t) for x, t in places("missing") if len(t["measures"]) > 1)
    assert found(applied(entry(lower, task, task["measures"][0]["id"])), lower, task)["decided"] == "missing"


def test_a_waiver_of_a_task_waives_each_of_its_gaps():
    lower, task = places("partial")[0]
    result = applied(entry(lower, task))
    assert found(result, lower, task)["decided"] in ("justified", "covered")
    assert result["decisions"]["waived_gaps"] == sum(not m["covered"] for m in task["measures"])


def test_an_override_decides_the_measure_and_the_task_follows_the_same_share():
    lower, task = places("missing")[0]
    result = applied(*(entry(lower, task, m["id"], "override", verdict="covered") for m in task["measures"]))
    assert found(result, lower, task)["decided"] == "covered"
    lower, task = places("covered")[0]
    result = applied(*(entry(lower, task, m["id"], "override", verdict="missing") for m in task["measures"]))
    assert found(result, lower, task)["decided"] == "missing" and found(result, lower, task)["verdict"] == "covered"
    assert found(applied(entry(lower, task, kind="override", verdict="not_applicable")), lower, task)["decided"] == "not_applicable"


def test_a_page_that_nobody_read_is_no_open_gap_and_stays_undetermined():
    lower, task = places("undetermined")[0]
    after = applied(entry(lower, task, task["measures"][0]["id"]))
    assert found(after, lower, task)["decided"] == ("justified" if len(task["measures"]) == 1 else "undetermined")


def test_without_decisions_every_task_is_decided_as_the_program_found():
    tasks = [t for lower in applied()["lowers"] for t in lower["tasks"]]
    assert len(tasks) > 100 and all(t["decided"] == t["verdict"] and t["decision"] is None for t in tasks)


# ---------------------------------------------------------------- what is refused


def test_a_waiver_that_matches_nothing_is_an_error_and_all_are_named_at_once():
    lower, task = places("missing")[0]
    there, fine = places("covered")[0]
    wrong = [entry({**lower, "name": "无此镇"}, task), entry(there, fine, fine["measures"][0]["id"])]
    other = decisions.Decision(lower["name"], "9.9.9-m1", None, "waiver", None, "理由", "某人", None, date(2025, 1, 2), "x", "决定.yaml:20")
    assert not [f for f in there["findings"] if f["task"] == fine["id"]]  # else there would be something to waive
    with pytest.raises(decisions.DecisionError) as error:
        applied(*wrong, other)
    lines = str(error.value).splitlines()
    assert len(lines) == 3 and all(line.startswith("决定.yaml:") for line in lines)
    assert "无此镇" in lines[0] and "已不是缺项" in lines[1] and "没有这一条" in lines[2]


def test_a_place_that_could_not_be_read_makes_no_error_of_its_decisions_but_names_them():
    lower, task = places("missing")[0]
    result = applied(entry({**lower, "name": "读不出镇"}, task), check={**CHECK, "errors": [{"name": "x.pdf", "problem": "", "advice": ""}]})
    assert result["decisions"]["unplaced"] == [f"读不出镇 {task['id']}"]


def test_what_the_rules_never_let_be_waived_is_an_error():
    lower, task = places("missing")[0]
    with pytest.raises(decisions.DecisionError, match="不得说明"):
        applied(entry(lower, task), **{"decisions.never_waived.tasks": f"别的、{task['id']}"})
    check = copy.deepcopy(CHECK)
    at = next(x for x in check["lowers"] if x["name"] == lower["name"])
    at["findings"].append({"rule": "contradiction", "severity": "high", "task": task["id"], "measure": task["measures"][0]["id"]})
    with pytest.raises(decisions.DecisionError, match="contradiction"):
        applied(entry(lower, task), check=check)


def test_a_waiver_stands_through_its_last_day_and_counts_as_a_gap_after_it():
    lower, task = places("missing")[0]
    waiver = entry(lower, task, expires=date(2025, 6, 30))
    assert found(applied(waiver, as_of=date(2025, 6, 30)), lower, task)["decided"] == "justified"
    late = applied(waiver, as_of=date(2025, 7, 1))
    assert found(late, lower, task)["decided"] == "missing" and late["decisions"]["expired"] == 1 and late["decisions"]["waived_gaps"] == 0
    with pytest.raises(decisions.DecisionError, match="--as-of"):
        applied(waiver)


# ---------------------------------------------------------------- stamps

BLANKS = st.sampled_from(["", " ", "\u3000", "\n", "\t", "\u00a0", "\u200b"])
WORDED = st.text(st.sampled_from("建设步道18公里，2025年底前完成50%（含）。abZ；"), min_size=1, max_size=40)


def duty(wording="新建步道18公里。", value=18, unit="公里", deadline="2025", units=("市住建局",)):
    return {"id": "1.1", "title": "步道", "units": list(units), "deadline": None, "measures": [{"id": "1.1-m1", "text": wording, "units": []}],
            "targets": [{"id": "1.1-t1", "measure": "1.1-m1", "indicator": "步道", "value": value, "value_max": None, "unit": unit,
                         "comparator": "=", "frequency": None, "deadline": deadline}]}


@given(WORDED, st.data())
def test_white_space_and_width_never_change_a_stamp(wording, draw):
    wide = str.maketrans({chr(0x21 + i): chr(0xFF01 + i) for i in range(94)})
    other = "".join(draw.draw(BLANKS) + (char.translate(wide) if draw.draw(st.booleans()) else char) for char in wording)
    assert decisions.stamp(duty(wording), "1.1-m1", [wording]) == decisions.stamp(duty(other), "1.1-m1", [other])


@given(WORDED, WORDED)
def test_other_words_give_another_stamp(one, two):
    same = decisions.squeezed(one) == decisions.squeezed(two)
    assert (decisions.stamp(duty(one), "1.1-m1") == decisions.stamp(duty(two), "1.1-m1")) == same


@pytest.mark.parametrize("changed, slots", [
    ({"wording": "新建步道28公里。", "value": 28}, ["text", "numbers"]),
    ({"unit": "千米"}, ["numbers"]), ({"deadline": "2026"}, ["dates"]),
    ({"units": ("市城管局",)}, ["units"]), ({"wording": "新建 步道１８公里。"}, [])])
def test_a_changed_number_date_or_unit_is_named_and_a_space_is_not(changed, slots):
    assert decisions.changed_slots(decisions.stamp(duty(), "1.1-m1"), decisions.stamp(duty(**changed), "1.1-m1")) == slots


def test_a_changed_sentence_of_the_place_makes_an_override_suspect_but_no_waiver():
    lower, task = places("partial")[0]
    measure = next(m for m in task["measures"] if m["covered"])
    check = copy.deepcopy(CHECK)
    found(check, lower, task)["measures"][task["measures"].index(measure)]["evidence"][0]["text"] = "改过的一句。"
    after = found(applied(entry(lower, task, measure["id"], "override", verdict="missing"), check=check), lower, task)
    told = after["measures"][task["measures"].index(measure)]["decision"]
    assert told["state"] == "suspect" and told["changed"] == ["evidence"] and after["decided"] == task["verdict"]
    assert found(applied(entry(lower, task), check=check), lower, task)["decision"]["state"] == "standing"


# ---------------------------------------------------------------- the file


def test_every_error_of_a_file_is_reported_at_once_with_its_line(tmp_path):
    path = tmp_path / "决定.yaml"
    path.write_text("decisions:\n  - town: 甲镇\n    measure: 1.1-m1\n    kind: pardon\n    reason: 理由\n    owner: 某人\n    decided_on: 2025-01-02\n    stamp: a\n"
                    "  - town: 乙镇\n    task: 1.10\n    kind: override\n    reason: 理由\n    owner: 某人\n    expires: 2025-13-01\n"
                    "    decided_on: 2025-01-02\n    stamp: a\n    who: 谁\n"
                    "  - 一句话\n", "utf-8")
    with pytest.raises(decisions.DecisionError) as error:
        decisions.load(path)
    lines = str(error.value).splitlines()
    assert [line.removeprefix(str(path)).split("：")[0] for line in lines] == [":2", ":17", ":18"]
    assert "pardon" in lines[0] and "who" in lines[1]
    path.write_text("decisions:\n  - {town: 乙镇, task: 1.10, kind: override, reason: 理由, owner: 某人, expires: 2025-13-01, decided_on: 昨天, stamp: a}\n", "utf-8")
    with pytest.raises(decisions.DecisionError) as error:
        decisions.load(path)
    assert len(str(error.value).splitlines()) == 4


def test_an_id_is_read_as_it_is_written_and_the_same_thing_is_decided_once(tmp_path):
    path = tmp_path / "决定.yaml"
    one = "  - {town: 乙镇, task: 1.10, kind: waiver, reason: 理由, owner: 某人, expires: ~, decided_on: 2025-01-02, stamp: a}\n"
    path.write_text("decisions:\n" + one, "utf-8")
    (entry_,), blank = decisions.load(path)
    assert (entry_.task, entry_.expires, blank) == ("1.10", None, 0)
    path.write_text("decisions:\n" + one + one, "utf-8")
    with pytest.raises(decisions.DecisionError, match=r":3：.*已在.*:2 决定过"):
        decisions.load(path)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"decisions: [", b"- a", b"decisions: 3", b"a: []", b"\x01"])
def test_what_is_no_decisions_file_is_refused_in_words(tmp_path, content):
    path = tmp_path / "决定.yaml"
    path.write_bytes(content)
    with pytest.raises(decisions.DecisionError, match="[；]"):
        decisions.load(path)


@pytest.mark.parametrize("by_task", [False, True])
def test_a_draft_that_is_filled_in_justifies_every_gap_and_one_that_is_not_decides_nothing(tmp_path, by_task):
    path = tmp_path / "决定.yaml"
    path.write_text(decisions.draft(CHECK, by_task), "utf-8")
    entries, blank = decisions.load(path)
    assert entries == [] and blank > 20
    path.write_text(path.read_text("utf-8").replace("reason: ''", "reason: 条件不具备").replace("owner: ''", "owner: 督查室")
                    .replace("decided_on:", "decided_on: 2025-01-02"), "utf-8")
    entries, none = decisions.load(path)
    result = applied(*entries)
    assert none == 0 and len(entries) == blank == result["decisions"]["standing"] and result["decisions"]["open_gaps"] == 0
    assert "missing" not in {t["decided"] for lower in result["lowers"] for t in lower["tasks"]}
    assert "decisions: []" in decisions.draft(result, by_task)


# ---------------------------------------------------------------- rounds


def test_each_measure_is_told_once_by_what_became_of_it():
    new = copy.deepcopy(CHECK)
    lower, task = places("partial")[0]
    gap = next(m for m in found(new, lower, task)["measures"] if not m["covered"])
    gap.update(covered=True, copied=0.2, evidence=[{"text": "由镇里办。", "start": 0, "end": 5, "page": None}])
    pasted_at = places("missing")[0]
    pasted = found(new, *pasted_at)["measures"][0]
    pasted.update(covered=True, copied=0.9)
    broken_at = places("covered")[0]
    found(new, *broken_at).update(verdict="partial")
    broken = found(new, *broken_at)["measures"][0]
    broken.update(covered=False, evidence=[])
    result = rounds.diff(CHECK, new, 0.8)
    told = {(i["town"], i["measure"]): i for i in result["items"]}
    assert told[lower["name"], gap["id"]]["status"] == "fixed" and told[lower["name"], gap["id"]]["new_evidence"] == ["由镇里办。"]
    assert told[pasted_at[0]["name"], pasted["id"]]["status"] == "pasted"
    item = told[broken_at[0]["name"], broken["id"]]
    assert item["status"] == "broken" and item["old_evidence"] and item["upper"]
    assert len(told) == len(result["items"]) and result["counts"]["open"] > 10 and not result["changed"] and not result["dropped"]
    assert "新出现的缺项1条" in rounds.diff_lines(result)[0]


def test_measures_that_moved_are_paired_by_their_words_and_a_changed_number_is_named():
    new = json.loads(json.dumps(CHECK, ensure_ascii=False).replace("2.1.1-", "2.1.91-").replace('"2.1.1"', '"2.1.91"'))
    moved = rounds.diff(CHECK, new, 0.8)
    assert moved["changed"] == moved["dropped"] == [] and moved["counts"]["new"] == 0
    new = json.loads(json.dumps(CHECK, ensure_ascii=False).replace("新增18公里", "新增28公里"))
    changed = rounds.diff(CHECK, new, 0.8)["changed"]
    assert changed and all(c["slots"] == ["text", "numbers"] and "28" in c["new_text"] and "18" in c["old_text"] for c in changed)


def test_a_decision_whose_ground_moved_is_listed_with_why():
    lower, task = places("missing")[0]
    waiver = entry(lower, task)
    new = copy.deepcopy(CHECK)
    next(d for d in new["upper"]["duties"] if d["id"] == task["id"])["deadline"] = "2030"
    (told,) = rounds.diff(applied(waiver), decisions.apply(new, [waiver], SETTINGS), 0.8)["suspect"]
    assert told["slots"] == ["dates"] and (told["town"], told["task"]) == (lower["name"], task["id"])


def test_a_gap_of_a_new_place_is_new_and_places_that_came_or_went_are_named():
    old = {**CHECK, "lowers": CHECK["lowers"][1:]}
    result = rounds.diff(old, {**CHECK, "lowers": CHECK["lowers"][:-1]}, 0.8)
    assert result["towns_added"] == [CHECK["lowers"][0]["name"]] and result["towns_gone"] == [CHECK["lowers"][-1]["name"]] and result["counts"]["new"] > 0


@pytest.mark.parametrize("content", [None, b"x", b"[]", b'{"schema": "luoshi/check/1", "upper": {}}'])
def test_what_is_no_check_is_refused_in_words(tmp_path, content):
    path = tmp_path / "a.json"
    if content:
        path.write_bytes(content)
    with pytest.raises(UnreadableFile):
        rounds.read_check(path)


# ---------------------------------------------------------------- the commands

CITY = "虚川市关于便民服务的实施方案\n二、主要任务\n（一）办好食堂\n1.新建老年食堂。2025年底前新建老年食堂12处。对独居老人送餐上门。（责任单位：市民政局，各镇）\n2.修好步道。新建慢行步道18公里。（责任单位：市住建局，各镇）\n"
TOWN = "云溪镇便民服务工作方案\n二、主要任务\n1.新建老年食堂。2026年底前在镇区新建老年食堂2处，由社会事务办负责。\n"


def run(*args):
    return CliRunner().invoke(cli.main, [str(a) for a in args], catch_exceptions=False)


def test_a_round_trip_by_command_stands_after_other_spacing_and_is_suspect_after_another_number(tmp_path):
    city, town, first, file = (tmp_path / name for name in ("city.txt", "town.txt", "first", "决定.yaml"))
    city.write_text(CITY, "utf-8")
    town.write_text(TOWN, "utf-8")
    assert run("check", city, town, "--out", first).exit_code == 0
    assert run("decisions", "draft", first / "check.json", "--out", file).exit_code == 0
    assert run("decisions", "draft", first / "check.json", "--out", file).exit_code == 2  # never over one that may be filled in
    filled = file.read_text("utf-8").replace("reason: ''", "reason: 另文安排").replace("owner: ''", "owner: 督查室").replace("decided_on:", "decided_on: 2025-01-02")
    file.write_text(filled.replace("expires:", "expires: 2025-12-31"), "utf-8")
    assert run("check", city, town, "--decisions", file).exit_code == 2
    city.write_text(CITY.replace("步道18公里", "步道 １８ 公里"), "utf-8")
    said = run("check", city, town, "--decisions", file, "--as-of", "2025-06-30", "--format", "json")
    total = json.loads(said.stdout)["decisions"]
    assert said.exit_code == 0 and total["standing"] >= 1 and total["suspect"] == 0 and total["open_gaps"] == 0
    city.write_text(CITY.replace("步道18公里", "步道28公里"), "utf-8")
    said = run("check", city, town, "--decisions", file, "--as-of", "2025-06-30", "--out", tmp_path / "second")
    assert "存疑1项" in said.stdout and "存疑：云溪镇" in said.stdout and "数字" in said.stdout
    said = run("diff", first / "check.json", tmp_path / "second/check.json", "--fail-on", "open")
    assert said.exit_code == 1 and "决定存疑：云溪镇" in said.stdout and "28公里" in said.stdout
    assert run("diff", first / "check.json", tmp_path / "second/check.json", "--fail-on", "broken", "--format", "json").exit_code == 0
    assert run("diff", first / "none.json", first / "check.json").exit_code == 3


def test_fail_on_does_not_count_what_is_waived(tmp_path):
    city, town, file = CORPORA / "demo/city.txt", CORPORA / "demo/luting.txt", tmp_path / "决定.yaml"
    said = run("check", city, town, "--format", "json", "--fail-on", "low")
    assert said.exit_code == 1
    check = json.loads(said.stdout)
    (lower,) = check["lowers"]
    lines = ["decisions:"]
    for id_ in dict.fromkeys(f["task"] for f in lower["findings"]):
        task = next(t for t in lower["tasks"] if t["id"] == id_)
        stamp = decisions.stamp(next(d for d in check["upper"]["duties"] if d["id"] == id_), None, [q["text"] for m in task["measures"] for q in m["evidence"]])
        lines.append(f"  - {{town: {lower['name']}, task: {id_}, kind: waiver, reason: 已报备, owner: 督查室, decided_on: 2025-01-02, stamp: {stamp}}}")
    file.write_text("\n".join(lines[:-1]) + "\n", "utf-8")
    assert len(lines) > 3 and run("check", city, town, "--decisions", file, "--fail-on", "low").exit_code == 1
    file.write_text("\n".join(lines) + "\n", "utf-8")
    assert run("check", city, town, "--decisions", file, "--fail-on", "low").exit_code == 0
