"""The command line: help everywhere, pure output, exit codes, one Chinese line for what went wrong, and a start that loads nothing heavy."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner
from plans import CORPORA

from pipeline import cli

ROOT = CORPORA.parent
SCIENCE = CORPORA / "science"
HEAVY = ("spacy", "jieba", "rjieba", "pandas", "networkx", "docx", "numpy", "pdfplumber", "pydantic", "xlsxwriter", "lxml", "openpyxl")


def run(*args, **fields):
    return CliRunner().invoke(cli.main, [str(a) for a in args], **fields)


def commands(group=cli.main, path=()):
    for name, command in sorted(group.commands.items()):
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


COMMANDS = [((), cli.main), *commands()]


@pytest.mark.parametrize("path, command", COMMANDS, ids=[" ".join(p) or "luoshi" for p, _ in COMMANDS])
@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_stands_everywhere_in_chinese(path, command, flag):
    said = run(*path, flag)
    assert said.exit_code == 0 and re.search("[一-龥]{4}", said.stdout)


LEAVES = [(p, c) for p, c in COMMANDS if not isinstance(c, click.Group)]


@pytest.mark.parametrize("path, command", LEAVES, ids=[" ".join(p) for p, _ in LEAVES])
def test_every_command_shows_an_example_that_its_own_options_allow(path, command):
    examples = [shlex.split(line.strip().removeprefix("例：")) for line in (command.help or "").splitlines() if line.strip().removeprefix("例：").startswith("luoshi ")]
    assert examples
    for words in examples:
        assert tuple(words[1 : 1 + len(path)]) == path
        command.make_context("luoshi", words[1 + len(path) :]).close()


def test_the_commands_of_the_design_are_there_or_planned():
    assert {"extract", "matrix", "graph", "check", "batch", "rules", "eval", "doctor"} <= set(cli.main.commands)


def modules_after(*args: str) -> set[str]:
    code = ("import sys, io\nfrom pipeline import cli\nsys.argv = ['luoshi', *sys.argv[1:]]\n"
            "try:\n    cli.main()\nexcept SystemExit:\n    pass\nprint(*sys.modules, file=sys.stderr)")
    said = subprocess.run([sys.executable, "-c", code, *args], capture_output=True, text=True, cwd=ROOT, check=True)
    return {name.partition(".")[0] for name in said.stderr.split()} | {name for name in said.stderr.split() if name.startswith("pipeline.")}


def test_help_loads_nothing_but_click():
    loaded = modules_after("--help")
    assert "click" in loaded and not set(HEAVY) & loaded and not {"pipeline.flow", "pipeline.model", "pipeline.rulebook.load"} & loaded


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_check_of_text_loads_no_heavy_library(form):
    modules_after("check", "corpora/science/city.txt", "corpora/science/mazhaao.txt")  # fills the cache of rules
    loaded = modules_after("check", "corpora/science/city.txt", "corpora/science/mazhaao.txt", "--format", form)
    assert "pipeline.coverage" in loaded and set(HEAVY) & loaded == {"numpy"}  # it compares by products of matrices


def test_reports_load_the_writers_but_neither_spacy_nor_jieba(tmp_path):
    loaded = modules_after("check", "corpora/science/city.txt", "corpora/science/mazhaao.txt", "--out", str(tmp_path / "out"))
    assert "docx" in loaded and not {"spacy", "jieba", "pandas"} & loaded


def test_stdout_of_json_is_one_json_value_and_nothing_else():
    said = run("extract", SCIENCE / "city.txt", "--format", "json")
    assert said.exit_code == 0 and json.loads(said.stdout)["schema"] == "luoshi/extract/1"
    said = run("check", SCIENCE / "city.txt", SCIENCE / "mazhaao.txt", "--format", "json")
    assert said.exit_code == 0 and json.loads(said.stdout)["schema"] == "luoshi/check/1"


def test_stdout_stays_pure_where_a_file_could_not_be_read(tmp_path):
    said = run("check", SCIENCE / "city.txt", SCIENCE / "mazhaao.txt", tmp_path / "none.txt", "--format", "json", "--out", tmp_path / "out")
    assert said.exit_code == 3 and len(json.loads(said.stdout)["lowers"]) == 1 and "none.txt：" in said.stderr


def test_the_canonical_text_holds_the_offsets_of_the_json():
    text = run("extract", SCIENCE / "mazhaao.txt", "--format", "text").stdout
    tasks = json.loads(run("extract", SCIENCE / "mazhaao.txt", "--format", "json").stdout)["tasks"]
    measures = [m for t in tasks for m in t["measures"]]
    assert measures and all(text[m["start"] : m["end"]] == m["text"] for m in measures)


def test_no_colour_and_no_progress_where_output_is_no_terminal(tmp_path):
    for extra in ({}, {"NO_COLOR": "1"}):
        said = subprocess.run([sys.executable, "-m", "pipeline.cli", "check", "corpora/science/city.txt", "corpora/science/mazhaao.txt"],
                              capture_output=True, cwd=ROOT, env={**os.environ, **extra}, check=True)
        assert b"\x1b" not in said.stdout + said.stderr and said.stderr == b""


def test_NO_COLOR_changes_no_byte_even_under_a_forced_terminal():
    plain = run("check", SCIENCE / "city.txt", SCIENCE / "mazhaao.txt", color=True, env={"NO_COLOR": "1"}).stdout
    assert plain and "\x1b" not in plain


def test_exit_0_where_everything_was_read():
    assert run("check", SCIENCE / "city.txt", SCIENCE / "mazhaao.txt").exit_code == 0


def test_exit_1_where_something_reaches_fail_on_and_0_where_nothing_does(tmp_path):
    town = tmp_path / "town.txt"
    town.write_text("芦苇镇方案\n一、任务\n（一）修路。修好渡口石阶三十级。\n", encoding="utf-8")
    found = json.loads(run("check", SCIENCE / "city.txt", SCIENCE / "mazhaao.txt", "--format", "json").stdout)["lowers"][0]["findings"]
    assert found and run("check", SCIENCE / "city.txt", SCIENCE / "mazhaao.txt", "--fail-on", "low").exit_code == 1
    high = any(f["severity"] == "high" for f in found)
    assert run("check", SCIENCE / "city.txt", SCIENCE / "mazhaao.txt", "--fail-on", "high").exit_code == high


def test_exit_3_outranks_exit_1(tmp_path):
    assert run("check", SCIENCE / "city.txt", SCIENCE / "mazhaao.txt", tmp_path / "none", "--fail-on", "low").exit_code == 3


@pytest.mark.parametrize("args", [("check", "a"), ("check",), ("nothing",), ("extract", "a", "--format", "xml"), ("batch", "nowhere"), ("eval", "nowhere"), ("check", "a", "b", "--fail-on", "all")])
def test_wrong_usage_is_exit_2(args):
    assert run(*args).exit_code == 2


def test_an_unknown_domain_is_exit_2_with_the_allowed_names():
    said = run("check", SCIENCE / "city.txt", SCIENCE / "mazhaao.txt", "--domain", "gardening")
    assert said.exit_code == 2 and all(name in said.stderr for name in ("gardening", "auto", "none", "science_literacy")) and said.stdout == ""


def test_an_unknown_domain_of_a_batch_is_exit_2_too(tmp_path):
    said = run("batch", SCIENCE, "--out", tmp_path / "out", "--domain", "gardening", "--jobs", "1")
    assert said.exit_code == 2 and "gardening" in said.stderr and "science_literacy" in said.stderr


BAD = {"missing": None, "empty": b"", "binary": bytes(range(256)) * 40, "torn docx": b"PK\x03\x04" + b"\x00" * 200, "torn pdf": b"%PDF-1.7\n%torn", "spaces": b" \n \n"}


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("command", ["extract", "matrix", "graph", "check"])
def test_a_file_that_cannot_be_read_is_one_chinese_line_and_exit_3(tmp_path, kind, command):
    path = tmp_path / "坏文件.txt"
    if BAD[kind] is not None:
        path.write_bytes(BAD[kind])
    said = run(command, path, *([SCIENCE / "mazhaao.txt"] if command == "check" else []), *(["--out", tmp_path / "out"] if command == "matrix" else []))
    assert said.exit_code == 3 and said.stdout == ""
    (line,) = said.stderr.strip().splitlines()
    assert re.match(r".*坏文件\.txt：.+；.+", line) and "Traceback" not in line and "Error" not in line


def test_a_folder_is_no_file(tmp_path):
    said = run("extract", tmp_path)
    assert said.exit_code == 3 and "文件夹" in said.stderr


def test_a_broken_rule_pack_is_exit_2_and_names_file_and_line(tmp_path):
    (tmp_path / "bad.yaml").write_text("about: 甲\nrules:\n  - id: a.b\n    kind: regex\n    patern: 甲\n", encoding="utf-8")
    said = run("--rules", tmp_path, "extract", SCIENCE / "city.txt", env={"LUOSHI_RULES": ""})
    assert said.exit_code == 2 and "bad.yaml:" in said.stderr and "未知键 patern" in said.stderr


def test_rules_can_be_explained_by_any_id_of_a_report():
    book = __import__("plans").readers().rulebook
    for name in ("coverage.standing.past", book.concepts["general"][0]["id"], "coverage.task.covered_share"):
        said = run("rules", "explain", name)
        assert said.exit_code == 0 and ".yaml:" in said.stdout
    said = run("rules", "explain", "no.such")
    assert said.exit_code == 2 and "no.such" in said.stderr


def test_rules_lint_says_what_was_checked():
    said = run("rules", "lint")
    assert said.exit_code == 0 and re.search(r"规则 \d{2,} 条", said.stdout)


def test_doctor_says_what_is_there():
    said = run("doctor")
    assert said.exit_code == 0 and "pdfplumber" in said.stdout and re.search("^有 ", said.stdout, re.MULTILINE)


def test_the_graph_answers_for_one_unit_and_for_all():
    assert "承担的任务" in run("graph", SCIENCE / "city.txt", "--unit", "市科协").stdout
    assert "承担最多的单位" in run("graph", SCIENCE / "city.txt").stdout
    assert json.loads(run("graph", SCIENCE / "city.txt", "--format", "json").stdout)


def test_the_matrix_writes_four_files_and_names_them(tmp_path):
    said = run("matrix", SCIENCE / "city.txt", "--out", tmp_path)
    assert said.exit_code == 0 and len(said.stdout.split()) == 4 and all((tmp_path / name.rsplit("/", 1)[1]).is_file() for name in said.stdout.split())


def test_a_reader_that_goes_away_is_no_error():
    code = f"{shlex.quote(sys.executable)} -m pipeline.cli extract corpora/science/city.txt --format json | head -c 20"
    said = subprocess.run(["bash", "-c", f"set -o pipefail; {code}"], capture_output=True, text=True, cwd=ROOT, check=False)
    assert "Traceback" not in said.stderr and said.stdout.startswith("{")


def test_the_version_is_one_line():
    assert re.fullmatch(r"luoshi \d+\.\d+\.\d+\n", run("--version").stdout)
