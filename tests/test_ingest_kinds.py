"""What offices send, measured: every file of ../shared by its manifest, hostile ones by time and memory, scores beside those of the text."""

from __future__ import annotations

import difflib
import json
import os
import subprocess
import sys
import time
import unicodedata
from pathlib import Path

import pytest

from pipeline.ingest import ocr, office

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "corpora"
pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/corpora is not here")
# Share of characters in order, and by how much a score may differ from that of the text.
BOUNDS = {"pdf": (0.995, 0.01), "scan": (0.98, 0.03)}
TEXT = (0.999, 0.01)
SECONDS, MEMORY = 20.0, 1536.0


def squeezed(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def entries(folder: str) -> list[dict]:
    manifest = SHARED / folder / "MANIFEST.json"
    return json.loads(manifest.read_text(encoding="utf-8"))["files"] if manifest.is_file() else []


def kind(entry: dict) -> str:
    return "scan" if "OCR" in entry["expect"] else Path(entry["file"]).suffix[1:]


def readable(entry: dict) -> bool:
    """Is what this file needs installed here?"""
    return not (kind(entry) == "scan" and not ocr.installed() or kind(entry) in ("doc", "wps", "rtf") and office.program() is None)


def luoshi(*arguments: str | Path) -> subprocess.CompletedProcess:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, "-m", "pipeline.cli", *map(str, arguments)], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def in_order(wanted: str, found: str) -> float:
    """Share of characters that stand in both in the same order, of the longer one."""
    same = sum(block.size for block in difflib.SequenceMatcher(None, wanted, found, autojunk=False).get_matching_blocks())
    return same / max(len(wanted), len(found), 1)


@pytest.mark.parametrize("entry", [entry for entry in entries("files") if "expected" in entry], ids=lambda entry: entry["file"])
def test_every_kind_of_file_gives_the_characters_of_its_text_in_order(entry):
    if not readable(entry):
        pytest.skip("the part that reads this is not installed")
    said = luoshi("extract", SHARED / "files" / entry["file"], "--format", "text")
    assert said.returncode == 0, said.stderr
    found, wanted = squeezed(said.stdout), squeezed((SHARED / "files" / entry["expected"]).read_text(encoding="utf-8"))
    for note in map(squeezed, entry.get("also", [])):
        found = found.replace(note, "", 1)
    share = in_order(wanted, found)
    print(f"{entry['file']}: {share:.4%}")
    assert share >= BOUNDS.get(kind(entry), TEXT)[0]
    assert not [text for text in entry.get("must_not_contain", []) if squeezed(text) in found]


@pytest.mark.parametrize("entry", entries("hostile"), ids=lambda entry: entry["file"])
def test_hostile_files_cost_twenty_seconds_and_little_memory_at_most(entry):
    """The child that reads is the largest process; what it used is known when it has ended."""
    import resource

    before = time.monotonic()
    said = luoshi("extract", SHARED / "hostile" / entry["file"], "--format", "text")
    took = time.monotonic() - before
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024  # of the largest child so far: more than this one used at worst
    print(f"{entry['file']}: {took:.1f} s, {peak:.0f} MB at most")
    assert took < SECONDS and "Traceback" not in said.stderr
    assert said.returncode in {"refuse": (3,), "read": (0,)}.get(entry["expect"], (0, 3))
    if said.returncode:
        assert said.stderr.count("\n") == 1 and entry["file"] in said.stderr and not said.stdout
    assert not [text for text in entry.get("must_not_contain", []) if squeezed(text) in squeezed(said.stdout)]
    if "scan" not in str(entry):
        assert peak < MEMORY or ocr.installed()


def scores(lower: Path, truth: Path) -> dict[str, float]:
    """What the scorer of the project says of one town plan against the city plan."""
    upper = SHARED / "city" / "rugao-science-literacy-2021-2035.txt"
    said = luoshi("check", upper, lower, "--format", "json")
    assert said.returncode == 0, said.stderr
    printed = lower.name + ".check.json"
    folder = Path(os.environ["LUOSHI_SCORES"])
    (folder / printed).write_text(said.stdout, encoding="utf-8")
    scored = subprocess.run([sys.executable, SHARED.parent / "eval" / "score.py", "check", folder / printed, truth, "--json"], capture_output=True, text=True, check=True)
    return json.loads(scored.stdout)


@pytest.mark.parametrize("entry", [entry for entry in entries("files") if "towns/" in entry.get("made_from", "") and not entry["file"].endswith(".txt")],
                         ids=lambda entry: entry["file"])
def test_coverage_scores_are_those_of_the_text_whatever_the_format(entry, tmp_path, monkeypatch):
    if not readable(entry):
        pytest.skip("the part that reads this is not installed")
    monkeypatch.setenv("LUOSHI_SCORES", str(tmp_path))
    town = SHARED / "towns" / Path(entry["made_from"]).name
    truth = town.with_name(f"{town.stem}.truth.json")
    of_text, of_file = scores(town, truth), scores(SHARED / "files" / entry["file"], truth)
    print(entry["file"], {name: (of_text[name], of_file[name]) for name in ("measure_macro_f1", "task_macro_f1", "evidence_right")})
    for name in ("measure_macro_f1", "task_macro_f1", "evidence_right"):
        assert of_file[name] == pytest.approx(of_text[name], abs=BOUNDS.get(kind(entry), TEXT)[1]), name


@pytest.mark.parametrize("entry", [entry for entry in entries("files") if "city/" in entry.get("made_from", "") or entry["file"].startswith("rugao")],
                         ids=lambda entry: entry["file"])
def test_extraction_scores_are_those_of_the_text_whatever_the_format(entry, tmp_path):
    if not readable(entry):
        pytest.skip("the part that reads this is not installed")
    upper = SHARED / "city" / "rugao-science-literacy-2021-2035.txt"
    truth, found = SHARED / "truth" / "rugao-science-literacy-2021-2035.json", {}
    for path in (upper, SHARED / "files" / entry["file"]):
        printed = tmp_path / f"{path.name}.json"
        printed.write_text(luoshi("extract", path, "--format", "json").stdout, encoding="utf-8")
        scored = subprocess.run([sys.executable, SHARED.parent / "eval" / "score.py", "extract", truth, printed, "--json"], capture_output=True, text=True, check=True)
        found[path] = json.loads(scored.stdout)
    of_text, of_file = found.values()
    print(entry["file"], {name: (score["f1"], of_file[name]["f1"]) for name, score in of_text.items()})
    assert [name for name, score in of_text.items() if abs(score["f1"] - of_file[name]["f1"]) > TEXT[1]] == []
