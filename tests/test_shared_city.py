"""The city plan and the four towns that everybody is measured on, where they lie beside the checkout: the lines that the project must keep."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipeline import cli

SHARED = Path(__file__).resolve().parents[2] / "shared"
CITY = SHARED / "corpora" / "city" / "rugao-science-literacy-2021-2035.txt"
TRUTH = SHARED / "corpora" / "truth" / "rugao-science-literacy-2021-2035.json"
TOWNS = sorted((SHARED / "corpora" / "towns").glob("*.txt"))
SCORER = SHARED / "eval" / "score.py"

pytestmark = pytest.mark.skipif(not SCORER.is_file(), reason="no ../shared beside the checkout: its city and towns are not part of this project")


def printed(*args) -> str:
    said = CliRunner().invoke(cli.main, [str(a) for a in args])
    assert said.exit_code == 0, said.stderr
    return said.stdout


def scores(tmp_path, *args) -> dict:
    return json.loads(subprocess.run([sys.executable, str(SCORER), *map(str, args), "--json"], capture_output=True, text=True, check=True).stdout)


@pytest.fixture(scope="module")
def checked(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("check") / "check.json"
    path.write_text(printed("check", CITY, *TOWNS, "--format", "json"), encoding="utf-8")
    return path


def test_the_city_plan_is_taken_apart_as_its_truth_says(tmp_path):
    out = tmp_path / "extract.json"
    out.write_text(printed("extract", CITY, "--format", "json"), encoding="utf-8")
    lines = scores(tmp_path, "extract", TRUTH, out)
    rated = {name: line["f1"] for name, line in lines.items() if isinstance(line, dict) and "f1" in line}
    assert len(rated) >= 8 and set(rated.values()) == {1.0}, rated


def test_the_four_towns_are_judged_well_enough(checked, tmp_path):
    truths = [p.with_suffix("").with_suffix(".truth.json") for p in TOWNS]
    assert len(truths) == 4 and all(t.is_file() for t in truths)
    lines = scores(tmp_path, "check", checked, *truths)
    flat = json.dumps(lines, ensure_ascii=False)
    assert lines["measure_macro_f1"] >= 0.82, flat
    assert lines["evidence_right"] >= 0.95, flat


def test_every_quote_of_the_towns_is_in_their_text(checked):
    result = json.loads(checked.read_text(encoding="utf-8"))
    assert len(result["lowers"]) == 4
    texts = {p.name: printed("extract", p, "--format", "text") for p in TOWNS}
    for lower in result["lowers"]:
        text = texts[lower["source"]["name"]]
        quotes = [q for t in lower["tasks"] for m in t["measures"] for q in m["evidence"]] + [f["evidence"] for f in lower["findings"] if f["evidence"]] + lower["own"]
        assert quotes and all(q["text"] in text and ("start" not in q or text[q["start"] : q["end"]] == q["text"]) for q in quotes)
