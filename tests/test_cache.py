"""Patterns that were compiled once are the same patterns when they come back, and a cache that is not ours changes nothing."""

from __future__ import annotations

import marshal
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline import cache
from pipeline.rulebook.load import load

ROOT = Path(__file__).resolve().parents[1]


def check(folder: Path, *before: str) -> bytes:
    """The JSON of a check in a process of its own, with its cache in `folder`."""
    run = subprocess.run([sys.executable, *before, "-m", "pipeline.cli", "check", "corpora/science/city.txt", "corpora/science/mazhaao.txt", "--format", "json"],
                         cwd=ROOT, env={**os.environ, "LUOSHI_CACHE": str(folder)}, capture_output=True, check=True)
    return run.stdout


def test_every_pattern_of_the_rules_comes_back_equal():
    patterns = [rule["pattern"] for rule in load().rules.values() if rule["kind"] == "regex"]
    assert len(patterns) > 100
    for pattern in patterns:
        made = re.compile(pattern)
        assert cache._made(pattern, *cache._numbers(made)) == made  # `re` compares the numbers themselves


@pytest.mark.parametrize("pattern, flags", [("甲|乙", 0), ("(?P<a>x)(?P<b>y)?", re.I), (b"\\d+", 0), ("(?i)[一-龥]+", 0), ("a.b", re.S | re.M), ("\\w", re.A), ("(a)(?:b)(?P<c>c)", re.X)])
def test_flags_and_names_of_groups_come_back(pattern, flags):
    made = re.compile(pattern, flags)
    again = cache._made(pattern, *cache._numbers(made))
    assert again == made and again.flags == made.flags and again.groupindex == made.groupindex and again.groups == made.groups


def test_a_second_run_compiles_next_to_nothing_and_says_the_same(tmp_path):
    first = check(tmp_path)
    (kept,) = (tmp_path / "luoshi").glob("patterns-*.marshal")
    written = kept.read_bytes()
    assert len(marshal.loads(written)) > 150
    assert check(tmp_path) == first and kept.read_bytes() == written


@pytest.mark.parametrize("content", [b"", b"\x00" * 100, marshal.dumps({"x": 1}), marshal.dumps({("甲", 0): (32, b"\xff" * 64, 0, {})}), marshal.dumps([1])])
def test_a_damaged_file_is_as_none(tmp_path, content, monkeypatch):
    monkeypatch.setenv("LUOSHI_CACHE", str(tmp_path))
    monkeypatch.setattr(cache.atexit, "register", lambda *args: None)
    cache.write_aside(cache.folder() / f"patterns-{sys.implementation.cache_tag}-{sys.hexversion:x}.marshal", content)
    assert cache.recall_patterns() == 0


def test_a_cache_that_cannot_be_written_harms_nothing(tmp_path):
    (tmp_path / "luoshi").write_text("a file where a folder should be")
    assert check(tmp_path).startswith(b"{")
