"""What other programs read: SARIF, JUnit and flat tables agree with the JSON; a round before narrows what counts."""

from __future__ import annotations

import copy
import csv
import io
import json
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from deciding import decided
from plans import CORPORA

from pipeline import cli, rounds
from pipeline.errors import LuoshiError
from pipeline.report import machine, tables

TRACE, CHECK, ENTRIES = decided()
GAPS = ("missing", "partial")
TASKS = [(lower, task) for lower in CHECK["lowers"] for task in lower["tasks"]]


def run(*args):
    return CliRunner().invoke(cli.main, [str(a) for a in args], catch_exceptions=False)


def test_sarif_has_a_result_a_finding_and_a_gap_and_suppresses_what_is_accepted():
    (made,) = machine.sarif(CHECK)["runs"]
    findings = [(lower, f) for lower in CHECK["lowers"] for f in lower["findings"]]
    tasks = [r for r in made["results"] if r["ruleId"].startswith("task_")]
    open_tasks = [r for r in tasks if "suppressions" not in r]
    assert len(made["results"]) - len(tasks) == len(findings) + len(CHECK["upper"]["findings"])
    assert len(open_tasks) == sum(task["decided"] in GAPS for _, task in TASKS)
    assert len(tasks) - len(open_tasks) == sum(task["verdict"] in GAPS and task["decided"] not in GAPS for _, task in TASKS) > 0
    waived = [r for r in made["results"] if "suppressions" in r and not r["ruleId"].startswith("task_")]
    assert len(waived) == sum(f["waived"] for _, f in findings) > 0 and all("督查室" in r["suppressions"][0]["justification"] for r in waived)
    assert {r["ruleId"] for r in made["results"]} == {rule["id"] for rule in made["tool"]["driver"]["rules"]}


def test_sarif_points_at_the_sentence_in_the_canonical_text():
    texts = {lower.extraction.document.source.name: lower.extraction.document.text for lower in TRACE.lowers}
    seen = 0
    for result in machine.sarif(CHECK)["runs"][0]["results"]:
        place = result["locations"][0]["physicalLocation"]
        if "region" in place:
            region, name = place["region"], bytes_of(place["artifactLocation"]["uri"])
            assert texts[name][region["charOffset"] : region["charOffset"] + region["charLength"]] == region["snippet"]["text"]
            seen += 1
    assert seen > 5


def bytes_of(uri):
    from urllib.parse import unquote

    return unquote(uri)


def test_sarif_says_what_is_new_since_the_round_before():
    old = copy.deepcopy(CHECK)
    gone = next(lower for lower in old["lowers"] if lower["findings"])["findings"].pop()
    changes = rounds.diff(old, CHECK, 0.8)
    results = machine.sarif(CHECK, rounds.newness(old, CHECK, changes))["runs"][0]["results"]
    fresh = [r for r in results if r.get("baselineState") == "new"]
    assert [r["ruleId"] for r in fresh] == [gone["rule"]] and sum(r.get("baselineState") == "unchanged" for r in results) > 10


def test_junit_has_a_case_a_place_and_task_and_counts_what_it_holds():
    root = ElementTree.fromstring(machine.junit({**CHECK, "errors": [{"name": "坏.pdf", "problem": "打不开", "advice": "请<重交>"}]}))
    suites = {suite.get("name"): suite for suite in root}
    assert set(suites) == {lower["name"] for lower in CHECK["lowers"]} | {"坏.pdf"}
    for lower in CHECK["lowers"]:
        suite = suites[lower["name"]]
        failed, skipped = suite.findall("testcase/failure"), suite.findall("testcase/skipped")
        assert len(suite) == len(lower["tasks"]) == int(suite.get("tests"))
        assert len(failed) == int(suite.get("failures")) == sum(task["decided"] in GAPS for task in lower["tasks"])
        assert len(skipped) == int(suite.get("skipped")) == sum(task["decided"] in ("undetermined", "justified", "not_applicable") for task in lower["tasks"])
    assert suites["坏.pdf"].find("testcase/error").text == "请<重交>"


def test_flat_tables_hold_a_row_a_thing_with_decisions_beside_verdicts():
    made = tables.tables(CHECK)
    columns, rows = made["verdicts"]
    assert [(row[0], row[1], row[3], row[4]) for row in rows] == [(lower["name"], task["id"], task["verdict"], task["decided"]) for lower, task in TASKS]
    at = columns.index("decision")
    assert sum(row[at] is not None for row in rows) == sum(entry.task is not None for entry in ENTRIES)
    assert len(made["measures"][1]) == sum(len(task["measures"]) for _, task in TASKS)
    assert sum(row[-1] for row in made["findings"][1]) == sum(f["waived"] for lower in CHECK["lowers"] for f in lower["findings"])
    for columns, rows in made.values():
        assert all(len(row) == len(columns) for row in rows)


def test_csv_and_parquet_say_the_same():
    pyarrow = pytest.importorskip("pyarrow", reason="needs the extra [parquet]")
    from pyarrow import parquet

    for name, table in tables.tables(CHECK).items():
        read = parquet.read_table(io.BytesIO(tables.as_parquet(table)))
        assert isinstance(read, pyarrow.Table) and read.num_rows == len(table[1]) and tuple(read.column_names) == table[0], name
        lines = list(csv.reader(io.StringIO(tables.as_csv(table).decode("utf-8-sig"))))
        assert len(lines) == read.num_rows + 1
        assert read.column(0).to_pylist() == [row[0] for row in table[1]]


def test_parquet_without_its_library_says_what_to_install(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(LuoshiError, match="luoshi\\[parquet\\]"):
        tables.as_parquet((("a",), [(1,)]))


# ---------------------------------------------------------------- the commands

CITY, TOWN = CORPORA / "demo/city.txt", CORPORA / "demo/luting.txt"


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    out = tmp_path_factory.mktemp("first")
    assert run("check", CITY, TOWN, "--out", out).exit_code == 0
    return out


def test_fail_on_gap_and_a_baseline_that_has_it_all(first):
    assert run("check", CITY, TOWN, "--fail-on", "gap").exit_code == 1
    said = run("check", CITY, TOWN, "--fail-on", "gap", "--baseline", first / "check.json")
    assert said.exit_code == 0 and "仍未落实" in said.stdout and "新出现的问题0条" in said.stdout
    assert run("check", CITY, TOWN, "--fail-on", "low").exit_code == 1
    assert run("check", CITY, TOWN, "--fail-on", "low", "--baseline", first / "check.json").exit_code == 0


def test_with_a_baseline_what_broke_counts(first, tmp_path):
    old = json.loads((first / "check.json").read_bytes())
    task = next(t for t in old["lowers"][0]["tasks"] if t["verdict"] in GAPS)
    for measure in task["measures"]:
        measure["covered"] = True
    (tmp_path / "old.json").write_text(json.dumps(old), "utf-8")
    said = run("check", CITY, TOWN, "--fail-on", "gap", "--baseline", tmp_path / "old.json")
    assert said.exit_code == 1 and "新出现的缺项0条" not in said.stdout


@pytest.mark.parametrize("form", ["sarif", "junit"])
def test_stdout_holds_the_machine_form_and_nothing_else(form):
    said = run("check", CITY, TOWN, "--format", form)
    assert said.exit_code == 0
    assert json.loads(said.stdout)["version"] == "2.1.0" if form == "sarif" else ElementTree.fromstring(said.stdout).tag == "testsuites"


def test_export_writes_a_file_a_table(first, tmp_path):
    said = run("export", first / "check.json", "--out", tmp_path)
    assert said.exit_code == 0 and sorted(p.name for p in tmp_path.iterdir()) == ["findings.csv", "measures.csv", "places.csv", "totals.csv", "verdicts.csv"]


def test_a_batch_lays_the_decisions_of_its_city_over_it(tmp_path):
    city = tmp_path / "plans" / "city"
    city.mkdir(parents=True)
    for path in (CITY, TOWN):
        (city / path.name).write_bytes(path.read_bytes())
    out = tmp_path / "out"
    assert run("batch", tmp_path / "plans", "--out", out, "--jobs", "1").exit_code == 0
    draft = run("decisions", "draft", out / "city/check.json").stdout
    filled = draft.replace("reason: ''", "reason: 另文安排", 1).replace("owner: ''", "owner: 督查室", 1).replace("decided_on:", "decided_on: 2025-01-02", 1)
    (city / "决定.yaml").write_text(filled, "utf-8")
    said = run("batch", tmp_path / "plans", "--out", out, "--jobs", "1")
    assert said.exit_code == 0 and "决定：有效1项" in said.stdout and "另文安排" in (out / "city/核对报告.html").read_text("utf-8")
    assert json.loads((out / "city/check.json").read_bytes())["decisions"]["standing"] == 1
