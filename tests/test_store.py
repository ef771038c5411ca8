"""What is kept between runs: values of the model and nothing that could run; whole files or none."""

from __future__ import annotations

import pickle
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plans import checked

from pipeline import store


class Runs:
    def __reduce__(self):
        return (exec, ("raise SystemExit('ran')",))


class Imports:
    def __reduce__(self):
        import os

        return (os.getcwd, ())


def test_the_coverage_of_a_town_comes_back_equal(tmp_path):
    value = checked()
    store.keep(tmp_path, "a", value)
    assert store.recall(tmp_path, "a") == value


@pytest.mark.parametrize("value", [Runs(), Imports(), {"x": Runs()}, print, Decimal, store.key, pickle.Unpickler])
def test_nothing_but_values_of_the_model_is_loaded(tmp_path, value):
    (tmp_path / "a.pickle").write_bytes(pickle.dumps(value))
    found = store.recall(tmp_path, "a")
    assert found is None or found is Decimal


@pytest.mark.parametrize("name", ["dataclass", "StrEnum", "annotations", "__builtins__", "__loader__"])
def test_what_the_model_only_imports_is_no_value_of_the_model(tmp_path, name):
    (tmp_path / "a.pickle").write_bytes(f"cpipeline.model\n{name}\n.".encode())
    assert store.recall(tmp_path, "a") is None


@given(st.binary(max_size=80))
@settings(max_examples=60)
def test_bytes_of_any_kind_are_a_value_or_none_and_never_an_error(tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("kept")
    (folder / "a.pickle").write_bytes(content)
    store.recall(folder, "a")


def test_a_kept_value_that_was_cut_off_is_none(tmp_path):
    store.keep(tmp_path, "a", checked())
    whole = (tmp_path / "a.pickle").read_bytes()
    for part in (0, 1, 10, len(whole) // 2, len(whole) - 1):
        (tmp_path / "a.pickle").write_bytes(whole[:part])
        assert store.recall(tmp_path, "a") is None


def test_what_was_never_kept_is_none(tmp_path):
    assert store.recall(tmp_path / "nowhere", "a") is None


def test_a_key_depends_on_every_part_and_on_where_one_ends():
    keys = {store.key("a", "b"), store.key("a", "c"), store.key("ab", ""), store.key("", "ab"), store.key("a", "b", "")}
    assert len(keys) == 5 and store.key("a", "b") == store.key("a", "b")


def test_a_write_that_fails_leaves_the_old_file_whole(tmp_path, monkeypatch):
    from pathlib import Path

    path = tmp_path / "report.txt"
    store.write_aside(path, b"old")
    real = Path.write_bytes

    def half(self, content):
        real(self, content[:2])
        raise OSError("disk full")

    monkeypatch.setattr(Path, "write_bytes", half)
    with pytest.raises(OSError):
        store.write_aside(path, b"new and longer")
    monkeypatch.undo()
    assert path.read_bytes() == b"old" and [p.name for p in tmp_path.iterdir()] == ["report.txt"]


def test_folders_are_made_and_nothing_else_is_left(tmp_path):
    store.write_aside(tmp_path / "a" / "b" / "报告.txt", b"x")
    assert [p.name for p in (tmp_path / "a" / "b").iterdir()] == ["报告.txt"]
