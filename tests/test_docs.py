"""The README and the guides under test: every command, path, rule id and output line that they show exists."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from pipeline.cli import main
from pipeline.rulebook.load import load

ROOT = Path(__file__).resolve().parents[1]
PAGES = ("README.md", "docs/用户指南.md", "docs/rules.md", "docs/judge.md")
OPERATION = "docs/网页版运行.md"  # shows commands, names no path of the repository
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")

# A block that shows a command with its output begins with "$ command"; every other line of the block was printed by it.
SHOWN = tuple((page, block) for page in PAGES for block in re.findall(r"^ *```\n( *\$ .*?)^ *```$", (ROOT / page).read_text("utf-8"), re.MULTILINE | re.DOTALL))


def written(page: str) -> str:
    return (ROOT / page).read_text("utf-8")


def command_lines(page: str) -> list[str]:
    """Every `luoshi …` and `make …` shown in a block of plain commands or in running text, without prompt and comment."""
    text = written(page)
    blocks = "\n".join(re.findall(r"^ *```\w*\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL))
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"^ *```.*?^ *```$", "", text, flags=re.MULTILINE | re.DOTALL))
    found = []
    for line in (*blocks.splitlines(), *spans):
        line = re.sub(r"\s+#.*$", "", line.strip().removeprefix("$ "))
        line = re.sub(r"^(?:[A-Z_]+=\S+ )+", "", line).removeprefix(".venv/bin/")
        if re.match(r"(?:luoshi|make)(?: |$)", line):
            found.append(line)
    return found


def without_numbers(text: str) -> str:
    return re.sub(r"\d+(?:\.\d+)?", "0", text.strip())


def check_luoshi(words: list[str]) -> None:
    """Walks click's own tree; raises click's error for an unknown command, option or choice."""
    command: click.Command = main
    context = click.Context(main, info_name="luoshi")
    while True:
        values, rest, _ = command.make_parser(context).parse_args(args=list(words))
        for parameter in command.params:
            value = values.get(parameter.name)
            if isinstance(parameter.type, click.Choice) and isinstance(value, str):
                parameter.type.convert(value, parameter, context)
        if not isinstance(command, click.Group) or not rest:
            assert not rest, f"left over: {rest}"
            return
        found = command.get_command(context, rest[0])
        assert found is not None, f"no command {rest[0]}"
        command, words, context = found, rest[1:], click.Context(found, info_name=rest[0], parent=context)


def check_make(words: list[str]) -> None:
    for word in words:
        variable = re.match(r"([A-Z]+)=", word)
        if variable:
            assert f"$({variable[1]})" in MAKEFILE, f"no variable {variable[1]}"
        else:
            assert re.search(rf"^{re.escape(word)}:", MAKEFILE, re.MULTILINE), f"no target {word}"


@pytest.mark.parametrize("page", (*PAGES, OPERATION))
def test_every_command_shown_names_an_existing_command_option_or_target(page):
    wrong = []
    for line in command_lines(page):
        words = shlex.split(line)
        words = words[: words.index(">")] if ">" in words else words
        try:
            (check_luoshi if words[0] == "luoshi" else check_make)(words[1:])
        except (click.ClickException, AssertionError) as error:
            wrong.append(f"{line}: {error}")
    assert not wrong


def test_the_pages_show_commands_and_a_wrong_one_is_noticed():
    assert len(command_lines("README.md")) >= 8 and len(command_lines("docs/用户指南.md")) >= 20
    assert any(line.startswith("luoshi ") for page in PAGES for line in command_lines(page)) and "make demo" in command_lines("README.md")
    check_luoshi(["check", "a.txt", "b.txt", "--fail-on", "high"])
    for words in (["publish"], ["check", "a.txt", "b.txt", "--ocr"], ["rules", "train"], ["check", "a.txt", "b.txt", "--fail-on", "grave"]):
        with pytest.raises((click.ClickException, AssertionError)):
            check_luoshi(words)
    for words in (["publish"], ["check", "MIDDLE=x"]):
        with pytest.raises(AssertionError):
            check_make(words)


# ---------------------------------------------------------------- what a run prints


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> tuple[Path, list[str]]:
    """The demo city checked: its output folder, and the lines on the screen as a run into `outputs` prints them."""
    out = tmp_path_factory.mktemp("demo")
    result = CliRunner().invoke(main, ["batch", str(ROOT / "corpora/demo"), "--out", str(out)], catch_exceptions=False)
    assert result.exit_code == 0
    return out / "demo", result.stdout.replace(str(out), "outputs").splitlines()


def test_the_demo_output_in_the_readme_is_what_a_run_prints(demo):
    block = next(block for page, block in SHOWN if page == "README.md" and block.startswith("$ make demo\n"))
    shown = block.strip().splitlines()[1:]
    real = {without_numbers(line) for line in demo[1]}
    assert len(shown) == len(demo[1]) >= 8
    stale = [line for line in shown if without_numbers(line) not in real]
    assert not stale, "run `make demo` and put its output into README.md"


def test_every_other_output_shown_is_what_the_command_prints(monkeypatch):
    monkeypatch.chdir(ROOT)
    seen = 0
    for page, block in SHOWN:
        command, *shown = [line for line in block.strip().splitlines() if line.strip()]
        words = shlex.split(command.removeprefix("$ ").removeprefix(".venv/bin/"))
        if words[0] == "make":
            continue
        result = CliRunner().invoke(main, words[1:], catch_exceptions=False)
        assert result.exit_code == 0 and shown, command
        real = {without_numbers(line) for line in result.stdout.splitlines()}
        assert not [line for line in shown if without_numbers(line) not in real], f"{page}: {command}"
        seen += len(shown)
    assert seen >= 15


def test_every_finding_that_the_readme_quotes_is_found(demo):
    check = json.loads((demo[0] / "check.json").read_text("utf-8"))
    real = {(finding["rule"], lower["name"], (finding["evidence"] or {}).get("text", "")) for lower in check["lowers"] for finding in lower["findings"]}
    quoted = re.findall(r"^\| `([a-z_]+)` \| ([一-龥]+) \| ([^|]+?) \|", written("README.md"), re.MULTILINE)
    assert len(quoted) >= 5
    assert not [row for row in quoted if not any((rule, town) == row[:2] and text.startswith(row[2].rstrip("…")) for rule, town, text in real)]


# ---------------------------------------------------------------- what is named


@pytest.mark.parametrize("page", PAGES)
def test_every_path_mentioned_exists(page, demo):
    text = written(page)
    paths = set(re.findall(r"(?<![\w./-])(?:(?:pipeline|rules|corpora|tests|docs|outputs/demo)/[\w./*-]*|Makefile|setup\.cfg|README\.md)", text))
    paths |= {str((ROOT / page).parent.joinpath(link).resolve().relative_to(ROOT)) for link in re.findall(r"\]\(([^)#:]+)\)", text)}
    assert len(paths) >= 5
    missing = []
    for path in sorted(paths):
        name = path.rstrip("./")
        place = demo[0] / name.removeprefix("outputs/demo/") if name.startswith("outputs/demo/") else ROOT / name
        if not (place.exists() or list(place.parent.glob(place.name))):
            missing.append(path)
    assert not missing


@pytest.mark.parametrize("page", PAGES)
def test_every_rule_concept_or_setting_named_exists(page):
    book = load()
    known = {*book.rules, *book.settings, *(c["id"] for members in book.concepts.values() for c in members)}
    fronts = {id_.split(".")[0] for id_ in known}
    named = {span for span in re.findall(r"`([a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+)`", written(page)) if span.split(".")[0] in fronts and not (span.endswith((".py", ".yaml")))}
    named |= set(re.findall(r"rules explain ([a-z][a-z0-9_.]+)", written(page)))
    assert not named - known


def test_the_guide_names_every_finding_as_the_reports_do():
    from pipeline.report import words

    guide = written("docs/用户指南.md")
    kinds = set(re.findall(r'Finding\(\s*"([a-z_]+)"', "\n".join(p.read_text("utf-8") for p in sorted((ROOT / "pipeline").rglob("*.py")))))
    assert len(kinds) >= 12
    assert not [kind for kind in kinds if kind in words.FINDING_NAME and f"| {words.FINDING_NAME[kind]} |" not in guide]


def test_the_guide_says_what_to_do_about_every_format_that_is_refused():
    from pipeline.ingest.detect import EXTRAS, REFUSED

    guide = written("docs/用户指南.md")
    openings = {re.split("[，、]", problem)[0] for problem, _ in (*REFUSED.values(), *EXTRAS.values())}
    assert openings >= {"是图片", "是压缩包", "是演示文稿", "是加密的 Office 文件"}
    assert not [opening for opening in openings if opening not in guide]


def test_the_readme_stays_short():
    assert len(written("README.md").splitlines()) < 220
