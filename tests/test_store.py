"""What is kept between runs: values of the model and nothing that could run; whole files or none."""

from __future__ import annotations

import pickle
import zlib
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


def kept(folder, content: bytes):
    """Bytes laid where a kept value would be; returns what to recall."""
    packed = zlib.compress(content)
    (folder / "a").mkdir(exist_ok=True)
    (folder / "a" / "a.kept").write_bytes(len(packed).to_bytes(8, "big") + packed)
    return folder, "a"


def test_the_coverage_of_a_town_comes_back_equal(tmp_path):
    value = checked()
    store.keep(tmp_path, "a", value)
    assert store.recall(tmp_path, "a") == value


@pytest.mark.parametrize("value", [Runs(), Imports(), {"x": Runs()}, print, Decimal, store.key, pickle.Unpickler])
def test_nothing_but_values_of_the_model_is_loaded(tmp_path, value):
    found = store.recall(*kept(tmp_path, pickle.dumps(value)))
    assert found is None or found is Decimal


@pytest.mark.parametrize("name", ["dataclass", "StrEnum", "annotations", "__builtins__", "__loader__"])
def test_what_the_model_only_imports_is_no_value_of_the_model(tmp_path, name):
    assert store.recall(*kept(tmp_path, f"cpipeline.model\n{name}\n.".encode())) is None


@given(st.binary(max_size=80))
@settings(max_examples=60)
def test_bytes_of_any_kind_are_a_value_or_none_and_never_an_error(tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("kept")
    store.recall(*kept(folder, content))
    (folder / "a" / "a.kept").write_bytes(content)
    store.recall(folder, "a")


def test_a_kept_value_that_was_cut_off_is_none(tmp_path):
    store.keep(tmp_path, "a", checked())
    file = tmp_path / "a" / "a.kept"
    whole = file.read_bytes()
    assert store.has(tmp_path, "a") and not store.has(tmp_path, "b")
    for part in (0, 1, 10, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:part])
        assert store.recall(tmp_path, "a") is None and not store.has(tmp_path, "a")


def test_what_is_no_longer_asked_for_is_let_go(tmp_path):
    for name in ("ab1", "ab2", "cd3"):
        store.keep(tmp_path, name, ())
    store.forget(tmp_path, ["ab2"])
    assert [store.has(tmp_path, name) for name in ("ab1", "ab2", "cd3")] == [False, True, False]
