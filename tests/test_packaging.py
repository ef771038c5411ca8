"""What is installed: every package of the house, and the rules as data."""

import configparser
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def _setup() -> configparser.ConfigParser:
    parsed = configparser.ConfigParser()
    assert parsed.read(ROOT / "setup.cfg", "utf-8")
    return parsed


def test_every_package_is_installed():
    named = set(_setup()["options"]["packages"].split())
    found = {".".join(p.parent.relative_to(ROOT).parts) for p in (ROOT / "pipeline").rglob("__init__.py")}
    assert found and named == found | {"pipeline._rules"}


def test_every_rule_file_is_installed():
    patterns = [p.strip() for p in _setup()["options.package_data"]["pipeline._rules"].split(",")]
    files = {*(ROOT / "rules").rglob("*.yaml"), *(ROOT / "rules").rglob("*.npz")}  # not the example sentences, of which the weights are made
    assert files and files == {f for pattern in patterns for f in (ROOT / "rules").glob(pattern)}
