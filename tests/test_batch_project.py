"""A project of many towns: parts by county with a summary over them, only what changed made anew, and nothing lost whatever is killed."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from plans import CITY, CORPORA, town_lines

from pipeline import batch, cli, project
from pipeline.errors import LuoshiError, RuleError

ROOT = CORPORA.parent
COUNTIES = {"东县": ("芦苇镇", "松坪镇", "白石镇"), "西县": ("芦苇镇", "青 山乡")}


@pytest.fixture()
def province(tmp_path, monkeypatch) -> Path:
    """Five towns in two counties, two of one name; parts hold two towns."""
    monkeypatch.setattr(batch, "PART", 2)
    folder = tmp_path / "省 里"
    folder.mkdir()
    (folder / "city.txt").write_text("\n".join(CITY) + "\n", encoding="utf-8")
    for county, towns in COUNTIES.items():
        (folder / county).mkdir()
        for number, town in enumerate(towns):
            (folder / county / f"{town} 实施方案（{number}）.txt").write_text("\n".join(town_lines({number + 1: None}, town.replace(" ", ""))) + "\n", encoding="utf-8")
    lowers = "\n".join(f'[[cities.lowers]]\ncounty = "{county}"\nlevel = "镇"\nfiles = ["{county}/*"]' for county in COUNTIES)
    (folder / "PROJECT.toml").write_text(f'[[cities]]\nname = "云岫市"\nupper = "city.txt"\ntheme = "民生"\n{lowers}\n', encoding="utf-8")
    return folder


def run(folder: Path, jobs: int = 1, out: str = "outputs") -> batch.Outcome:
    batch._MADE.clear()
    (outcome,) = batch.run_project(project.load(folder, folder / out), batch.Processes(jobs), lambda text: None)
    return outcome


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def times_of(folder: Path) -> dict[str, int]:
    return {p.relative_to(folder).as_posix(): p.stat().st_mtime_ns for p in sorted(folder.rglob("*")) if p.is_file()}


def test_a_county_has_its_own_reports_and_the_city_a_summary(province):
    outcome = run(province)
    city = province / "outputs" / "云岫市"
    assert sorted(p.name for p in city.iterdir() if p.is_dir() and p.name != ".kept") == ["东县第1册", "东县第2册", "西县"]
    assert all((city / part / "核对报告.html").is_file() and (city / part / "差距报告").is_dir() for part in ("东县第1册", "东县第2册", "西县"))
    assert {"汇总.xlsx", "汇总.csv", "manifest.json"} <= {p.name for p in city.iterdir()} and outcome.parts == 3
    lines = (city / "汇总.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 6 and sum(line.startswith("东县,镇,") for line in lines) == 3 and "5份" in outcome.lines[1]


def test_the_summary_says_what_the_parts_say(province):
    run(province)
    city = province / "outputs" / "云岫市"
    parts = [json.loads((city / part / "check.json").read_text(encoding="utf-8")) for part in ("东县第1册", "东县第2册", "西县")]
    verdicts = [task["verdict"] for part in parts for lower in part["lowers"] for task in lower["tasks"]]
    import openpyxl

    book = openpyxl.load_workbook(city / "汇总.xlsx")
    assert book.sheetnames == ["各地", "任务", "各县", "目标"]
    rows = list(book["任务"].iter_rows(min_row=4, values_only=True))
    assert sum(row[2] for row in rows) == verdicts.count("covered") > 0 and sum(row[4] for row in rows) == verdicts.count("missing") > 0
    (users,) = [row for row in book["目标"].iter_rows(min_row=4, values_only=True) if row[3] == "300"]
    sums = [next(a["sum"] for a in part["aggregates"] if a["required"] == 300) for part in parts]
    assert users[5] == str(sum(sums))


def test_an_unchanged_second_run_writes_nothing_at_all(province):
    run(province)
    before = times_of(province / "outputs")
    again = run(province)
    after = times_of(province / "outputs")
    changed = {name for name in after if before.get(name) != after[name]}
    assert again.checked == () and again.remade == 0 and all(name.startswith("run-") for name in changed) and set(before) == set(after)


def test_an_edited_town_costs_one_town_and_one_part(province):
    run(province)
    before = times_of(province / "outputs")
    plan = next((province / "西县").glob("青*"))
    plan.write_text(plan.read_text(encoding="utf-8").replace("更换节能路灯60盏", "更换节能路灯66盏"), encoding="utf-8")
    again = run(province)
    after = times_of(province / "outputs")
    assert len(again.checked) == 1 and again.remade == 1
    assert not [name for name in after if "东县" in name and before[name] != after[name]]


def test_a_report_that_somebody_deleted_is_written_again(province):
    run(province)
    written = bytes_of(province / "outputs")
    (province / "outputs" / "云岫市" / "西县" / "核对报告.html").unlink()
    (province / "outputs" / "云岫市" / "汇总.xlsx").unlink()
    assert run(province).remade == 1 and bytes_of(province / "outputs") == written


def test_one_process_and_two_write_the_same_bytes(province):
    run(province)
    run(province, 2, "zwei")
    assert bytes_of(province / "outputs") == bytes_of(province / "zwei")


def test_towns_of_one_name_in_two_counties_keep_apart(province, monkeypatch):
    monkeypatch.setattr(batch, "PART", 50)
    run(province)
    letters = [p.name for p in sorted((province / "outputs" / "云岫市" / "差距报告").iterdir())]
    assert len(letters) == 5 and {"芦苇镇（东县）.docx", "芦苇镇（西县）.docx"} <= set(letters)


def test_fewer_towns_become_one_part_and_leave_nothing_of_the_others(province, monkeypatch):
    run(province)
    monkeypatch.setattr(batch, "PART", 50)
    run(province)
    run(province, out="fresh")
    assert {name for name in bytes_of(province / "outputs") if not name.startswith("run-")} == {name for name in bytes_of(province / "fresh") if not name.startswith("run-")}


def test_the_manifest_of_the_run_says_what_was_read_by_what_with_which_result(province):
    (province / "西县" / "坏 文件.docx").write_bytes(b"PK\x03\x04 torn")
    outcome = run(province, 2)
    (path,) = (province / "outputs").glob("run-*/manifest.json")
    said = json.loads(path.read_text(encoding="utf-8"))
    (city,) = said["cities"]
    assert said["program"] and len(said["rules"]) == 64 and len(city["towns"]) == 5 and all(len(t["sha256"]) == 64 for t in city["towns"])
    assert [r["file"] for r in city["refused"]] == ["西县/坏 文件.docx"] == [e.name for e in outcome.refused] and city["refused"][0]["advice"]
    assert "坏 文件.docx" in (province / "outputs" / "云岫市" / "读不出的文件.csv").read_text(encoding="utf-8-sig")
    run(province)
    assert len([*(province / "outputs").glob("run-*")]) == 1  # the same input is the same run


def test_a_file_without_permission_or_that_left_is_a_refusal_and_no_crash(province):
    planned = project.load(province, province / "outputs")
    planned.cities[0].lowers[0].unlink()
    (outcome,) = batch.run_project(planned, batch.Processes(1), lambda text: None)
    assert len(outcome.refused) == 1 and outcome.problem is None


def test_rules_of_another_version_stop_the_project(province):
    path = province / "PROJECT.toml"
    path.write_text('rules_version = "0000000"\n' + path.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(RuleError, match="规则版本不符.*0000000"):
        run(province)


def test_progress_says_how_many_of_how_many(province):
    said: list[str] = []
    list(batch.run_project(project.load(province, province / "outputs"), batch.Processes(1), said.append))
    assert any("5／5 份" in text for text in said) and "已写报告 3／3 册" in said[-1]
    assert [batch._left(s) for s in (3, 44.4, 600, 9000)] == ["", "，约剩 44 秒", "，约剩 10 分钟", "，约剩 2.5 小时"]


def test_the_command_reads_a_project_and_ends_with_3_where_a_file_cannot_be_read(province):
    (province / "西县" / "空.txt").write_bytes(b"")
    said = CliRunner().invoke(cli.main, ["batch", str(province / "PROJECT.toml"), "--jobs", "1"])
    assert said.exit_code == 3 and "西县/空.txt：" in said.stderr and "汇总.xlsx" in said.stdout


def test_decisions_reach_the_towns_of_each_part(province):
    run(province)
    check = province / "outputs" / "云岫市" / "西县" / "check.json"
    draft = CliRunner().invoke(cli.main, ["decisions", "draft", str(check)]).stdout
    filled = draft.replace('reason: ""', 'reason: "另有安排"').replace('owner: ""', 'owner: "办公室"')
    assert "芦苇镇" in filled
    (province / "决定.yaml").write_text(filled, encoding="utf-8")
    path = province / "PROJECT.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('theme =', 'decisions = "决定.yaml"\ntheme ='), encoding="utf-8")
    outcome = run(province)
    assert outcome.problem is None and outcome.checked == () and "decisions" in json.loads(check.read_text(encoding="utf-8"))


def test_a_decision_for_a_place_of_no_part_is_an_error_of_the_whole_project(province):
    run(province)
    check = province / "outputs" / "云岫市" / "西县" / "check.json"
    draft = CliRunner().invoke(cli.main, ["decisions", "draft", str(check)]).stdout
    filled = draft.replace('reason: ""', 'reason: "另有安排"').replace("reason: ''", "reason: 另有安排").replace("owner: ''", "owner: 办公室").replace("decided_on:", "decided_on: 2025-01-02")
    (province / "决定.yaml").write_text(filled.replace("青山乡", "没有的乡"), encoding="utf-8")
    path = province / "PROJECT.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('theme =', 'decisions = "决定.yaml"\ntheme ='), encoding="utf-8")
    said = CliRunner().invoke(cli.main, ["batch", str(path), "--jobs", "1", "--as-of", "2025-01-03"])
    assert said.exit_code == 2 and "这次核对里没有没有的乡" in said.stderr and "决定.yaml" in said.stderr and "Traceback" not in said.stderr
    assert said.stderr.count("没有的乡；请改正") == filled.count("青山乡") > 0
    (province / "西县" / "空.txt").write_bytes(b"")  # it may be the place's
    said = CliRunner().invoke(cli.main, ["batch", str(path), "--jobs", "1", "--as-of", "2025-01-03"])
    assert said.exit_code == 3 and "没有的乡" not in said.stderr


# ---------------------------------------------------------------- what is killed


def _dies_once(task: tuple[str, str]) -> str:
    name, marker = task
    if name == "b" and not Path(marker).exists():
        Path(marker).write_text("died")
        os.kill(os.getpid(), signal.SIGKILL)
    return name.upper()


def _always_dies(task: str) -> str:
    os.kill(os.getpid(), signal.SIGKILL)
    return task


def test_a_worker_that_is_killed_takes_nothing_with_it(tmp_path):
    tasks = [(name, str(tmp_path / "marker")) for name in "abcdef"]
    assert sorted(batch.Processes(2).each(_dies_once, tasks)) == list(enumerate("ABCDEF"))


def test_workers_that_always_die_end_the_run_in_words():
    with pytest.raises(LuoshiError, match="--jobs 1"):
        list(batch.Processes(2).each(_always_dies, ["a", "b"]))


def test_two_runs_do_not_write_into_one_folder(province):
    pytest.importorskip("fcntl")
    (province / "outputs").mkdir()
    with batch.Alone(province / "outputs"):
        with pytest.raises(LuoshiError, match="另一次核对正在写"):
            run(province)
    run(province)


# Kills its own process in the middle of the n-th file that it writes: half of the bytes are there, the new name is not.
_KILLED = """
import os, signal, sys
from pathlib import Path
from pipeline import batch, cache, project, results, store
left, whole = int(sys.argv[2]), cache.write_aside
def torn(path, content):
    global left
    left -= 1
    if left == 0:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_name(f".{path.name}.{os.getpid()}{cache.ASIDE}").write_bytes(content[: len(content) // 2])
        os.kill(os.getpid(), signal.SIGKILL)
    whole(path, content)
for module in (batch, store, results):
    module.write_aside = torn
batch.PART = 2
list(batch.run_project(project.load(Path(sys.argv[1])), batch.Processes(1), lambda text: None))
"""


def test_killed_at_twenty_points_it_ends_with_the_bytes_of_an_undisturbed_run(province):
    run(province, out="undisturbed")
    dice = random.Random(20)
    killed = 0
    for _ in range(20):
        done = subprocess.run([sys.executable, "-c", _KILLED, str(province), str(dice.randint(1, 9))], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True)
        killed += done.returncode == -signal.SIGKILL
        if done.returncode == 0:
            break
    assert killed >= 10
    run(province)
    assert bytes_of(province / "outputs") == bytes_of(province / "undisturbed")


@pytest.mark.skipif(sys.platform == "win32", reason="no kill -9 there")
def test_a_killed_run_with_several_processes_leaves_none_behind_and_its_folder_free(province):
    code = ("import sys; from pathlib import Path; from pipeline import batch, project\n"
            "batch.PART = 2; batch.Processes.chunk = 1\n"
            "def say(text): print(text, flush=True)\n"
            "list(batch.run_project(project.load(Path(sys.argv[1])), batch.Processes(2), say))")
    process = subprocess.Popen([sys.executable, "-c", code, str(province)], cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert "／5 份" in process.stdout.readline()
    process.kill()
    process.wait()
    assert process.stdout.read() is not None  # ends when the last worker, who holds the same pipe, has ended
    run(province, 2)
    run(province, out="undisturbed")
    assert bytes_of(province / "outputs") == bytes_of(province / "undisturbed")


# ---------------------------------------------------------------- questions


def test_questions_are_answered_over_all_towns(province):
    pytest.importorskip("pyarrow")
    pytest.importorskip("duckdb")
    from pipeline import results

    run(province)
    heads, rows = results.ask(province / "outputs" / "results", "missed", ["county"])
    assert heads[:4] == ["county", "城市", "任务", "名称"] and {row[0] for row in rows} == {"东县", "西县"}
    checks = [json.loads(p.read_text(encoding="utf-8")) for p in (province / "outputs" / "云岫市").glob("*/check.json")]
    missing = sum(task["verdict"] == "missing" for check in checks for lower in check["lowers"] for task in lower["tasks"])
    assert sum(row[4] for row in rows) == missing > 0
    assert results.ask(province / "outputs" / "results", "select count(*) as n from towns where theme = '民生'")[1] == [(5,)]
    for question in results.QUESTIONS:
        for by in ((), ("county",), ("theme", "level")):
            assert results.ask(province / "outputs" / "results", question, by)[0]


def test_a_question_that_is_wrong_or_has_nothing_to_ask_is_said(province, tmp_path):
    pytest.importorskip("duckdb")
    pytest.importorskip("pyarrow")
    nothing = CliRunner().invoke(cli.main, ["ask", "missed", "--results", str(tmp_path / "leer")])
    assert nothing.exit_code == 2 and "没有结果表" in nothing.stderr
    assert "可用：missed" in CliRunner().invoke(cli.main, ["ask", "unsinn", "--results", str(tmp_path)]).stderr
    run(province)
    wrong = CliRunner().invoke(cli.main, ["ask", "select x from towns", "--results", str(province / "outputs")])
    assert wrong.exit_code == 2 and "问句有误" in wrong.stderr
