"""What a command does not need it does not import: heavy libraries cost more than the work of a short run."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from plans import CORPORA

from pipeline.rulebook.load import load

HEAVY = {"spacy", "jieba", "rjieba", "sklearn", "scipy", "numpy", "pandas", "pdfplumber", "pdfminer", "pypdfium2", "docx", "lxml", "networkx", "openpyxl", "xlsxwriter", "pydantic", "yaml", "ruamel",
         "django", "waitress", "dask", "distributed", "pyarrow", "duckdb", "rapidocr", "onnxruntime", "PIL", "bm25s", "rapidfuzz", "ofdkit", "concurrent", "multiprocessing", "asyncio", "ssl", "tomllib"}
SCIENCE = CORPORA / "science"
COMMANDS = {
    "--help": set(),
    "check --help": set(),
    "extract {science}/city.txt --format json": set(),
    "extract {science}/city.txt --format text": set(),
    "matrix {science}/city.txt --out {out}/matrix": {"xlsxwriter", "docx", "lxml"},
    "graph {science}/city.txt": {"networkx"},
    "check {science}/city.txt {science}/mazhaao.txt {science}/zhumuya.txt --format json": {"numpy"},  # compares by products of matrices
    "check {science}/city.txt {science}/mazhaao.txt": {"numpy"},
    "check {science}/city.txt {science}/mazhaao.txt --out {out}/check": {"xlsxwriter", "docx", "lxml", "networkx", "numpy"},  # the graph of the page
    "chain {science}/city.txt {science}/mazhaao.txt": {"numpy"},
    "rules explain coverage.task.covered_share": set(),
    "rules lint": set(),
    "doctor": {"lxml", "pypdfium2"},
}
# Says on its last line which modules a command loaded, whatever its exit code.
_RUN = """
import json, sys
before = set(sys.modules)  # what the interpreter itself loads here
from pipeline import cli
try:
    cli.main(sys.argv[1:])
except SystemExit:
    pass
print(json.dumps(sorted({name.partition(".")[0] for name in set(sys.modules) - before})), file=sys.stderr)
"""


def loaded(*arguments: str) -> set[str]:
    done = subprocess.run([sys.executable, "-c", _RUN, *arguments], cwd=CORPORA.parent, capture_output=True, text=True, check=True)
    return set(json.loads(done.stderr.splitlines()[-1]))


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_imports_nothing_that_it_does_not_need(command, tmp_path):
    load()  # the rules are checked once and kept: only that needs pydantic and YAML
    modules = loaded(*(word.format(science=SCIENCE, out=tmp_path) for word in command.split()))
    assert "click" in modules and modules & HEAVY == COMMANDS[command]


def test_help_imports_none_of_the_stages():
    code = "import sys; from pipeline import cli; print([m for m in sys.modules if m.startswith('pipeline.')])"
    said = subprocess.run([sys.executable, "-c", code], cwd=CORPORA.parent, capture_output=True, text=True, check=True).stdout
    assert set(eval(said)) <= {"pipeline.cli", "pipeline.deciding", "pipeline.many", "pipeline.terminal", "pipeline.errors"}
