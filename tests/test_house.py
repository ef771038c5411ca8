"""The house of style.md: which floor may call which, where a third-party type stops, and that nothing after ingest asks the clock."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PIPELINE = ROOT / "pipeline"
FILES = sorted(p for p in PIPELINE.rglob("*.py") if "_rules" not in p.parts)

# Who may import whom of ours: each line stands on those it names and on nothing else.
GROUND = {"errors", "model", "text", "numerals", "rulebook"}
STAGE = GROUND | {""}
ALLOWED = {
    "": set(),  # pipeline/__init__.py: the version
    "errors": set(),
    "model": set(),
    "text": set(),
    "numerals": {"text"},
    "cache": set(),
    "rulebook": {"", "cache", "errors", "text"},
    "ingest": GROUND | {"numerals", "store"},  # store: what a child process may send back
    "outline": GROUND,
    "extract": GROUND | {"outline"},  # the shape of an outline: labels and walks
    "graph": GROUND,
    "coverage": GROUND | {"extract", "outline"},
    "report": GROUND | {"", "decisions"},
    "flow": GROUND | {"ingest", "outline", "extract", "coverage"},
    "store": {"", "cache", "errors", "model"},
    "decisions": {"errors", "text"},
    "rounds": {"errors", "decisions"},
    "terminal": {"cache", "errors"},
    "many": {"", "batch", "cluster", "errors", "project", "report", "results", "terminal"},
    "project": {"errors"},
    "results": {"cache", "errors", "model"},
    "cluster": {"cache", "errors", "hands"},
    "hands": {"cache", "errors"},
    "batch": GROUND | {"", "cache", "coverage", "decisions", "flow", "handout", "hands", "project", "report", "results", "store"},
    "evaluate": GROUND | {"batch", "flow", "project"},
    "baselines": GROUND | {"evaluate", "extract"},
    "cli": GROUND | {"", "baselines", "batch", "cache", "deciding", "decisions", "evaluate", "extract", "flow", "graph", "handout", "ingest", "many", "printing", "report", "rounds", "store", "terminal", "web"},
    "web": GROUND | {"", "batch", "corrections", "coverage", "decisions", "flow", "handout", "report", "rounds", "store"},
    "review": {"decisions", "errors", "report"},
    "handout": GROUND | {"cache", "decisions", "graph", "report"},
    "printing": {"cache", "errors", "ingest"},
    "deciding": GROUND | {"cache", "decisions", "report", "review", "rounds", "terminal"},
    "corrections": GROUND,
}
# Where a library may be imported at all.
THIRD_PARTY = {
    "docx": {"ingest", "report"}, "pdfplumber": {"ingest"}, "pypdfium2": {"ingest"}, "pdfminer": {"ingest"}, "lxml": {"ingest", "report"}, "openpyxl": {"ingest", "review"},
    "xlsxwriter": {"report"}, "spacy": {"extract"}, "jieba": {"extract", "coverage"}, "sklearn": {"baselines"}, "bm25s": {"baselines"}, "rapidfuzz": {"baselines"}, "rjieba": {"extract", "coverage"}, "networkx": {"graph", "coverage", "report"},
    "numpy": {"rulebook", "extract", "coverage", "ingest", "baselines"}, "pydantic": {"rulebook"}, "yaml": {"rulebook", "decisions"}, "ahocorasick": {"rulebook"}, "click": {"cli", "deciding", "many", "terminal"}, "django": {"web"}, "waitress": {"web"},
    "ofdkit": {"ingest"}, "striprtf": {"ingest"}, "rapidocr": {"ingest"}, "PIL": {"ingest"}, "cv2": {"ingest"}, "re2": {"rulebook"}, "graphviz": {"graph", "report"},
    "pyarrow": {"report", "results"}, "duckdb": {"results"}, "dask": {"cluster"}, "distributed": {"cluster"}, "fsspec": {"cluster"},
}
CLOCK = {"time", "datetime", "random", "secrets", "uuid", "socket", "urllib", "http", "requests"}
PURE = ("outline", "extract", "graph", "coverage", "report", "model", "text", "numerals")


def package(path: Path) -> str:
    parts = path.relative_to(PIPELINE).with_suffix("").parts
    return "" if parts == ("__init__",) else parts[0]


def imports(path: Path) -> list[tuple[str, int]]:
    """Every module that a file imports, also inside functions, as written: (dotted name, line)."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            if node.module == "pipeline":
                found += [(f"pipeline.{alias.name}" if (PIPELINE / f"{alias.name}.py").exists() or (PIPELINE / alias.name).is_dir() else "pipeline", node.lineno) for alias in node.names]
            else:
                found.append((node.module or "", node.lineno))
    return found


def ours(name: str) -> str | None:
    head, _, rest = name.partition(".")
    return rest.partition(".")[0] if head == "pipeline" else None


EVERY = [(path, name, line) for path in FILES for name, line in imports(path)]


def test_this_looks_at_the_whole_house():
    assert len(FILES) > 40 and {package(p) for p in FILES} >= {"model", "ingest", "outline", "extract", "graph", "coverage", "report", "flow", "batch", "cli"}
    assert sum(ours(name) is not None for _, name, _ in EVERY) > 150


def test_every_package_has_its_line_in_the_table():
    assert {package(p) for p in FILES} <= set(ALLOWED)


def test_imports_only_go_down():
    wrong = [f"{path.relative_to(ROOT)}:{line} imports {name}" for path, name, line in EVERY
             if (target := ours(name)) is not None and target != package(path) and target not in ALLOWED[package(path)]]
    assert wrong == []


def test_the_table_itself_has_no_circle():
    def above(name: str, seen: tuple[str, ...] = ()) -> None:
        assert name not in seen, f"{' → '.join((*seen, name))}"
        for lower in ALLOWED[name]:
            above(lower, (*seen, name))

    for name in ALLOWED:
        above(name)


def test_a_third_party_type_stops_at_the_boundary_of_its_stage():
    wrong = []
    for path, name, line in EVERY:
        head = name.partition(".")[0]
        if head in sys.stdlib_module_names or head in ("pipeline", "__future__"):
            continue
        if package(path) not in THIRD_PARTY.get(head, set()):
            wrong.append(f"{path.relative_to(ROOT)}:{line} imports {name}")
    assert wrong == []


def test_no_stage_after_ingest_asks_the_clock_the_dice_or_the_net():
    wrong = [f"{path.relative_to(ROOT)}:{line} imports {name}" for path, name, line in EVERY if package(path) in PURE and name.partition(".")[0] in CLOCK]
    assert [w for w in wrong if not _zip_time(w)] == []


def _zip_time(line: str) -> bool:
    """A writer of office files sets a fixed date: it imports the type, and calls nothing that asks for now."""
    path, _, rest = line.partition(":")
    source = (ROOT / path).read_text(encoding="utf-8")
    return rest.endswith("imports datetime") and not any(call in source for call in ("now(", "today(", "utcnow("))


def test_nothing_of_ours_is_named_data_info_util_manager_or_helper():
    names = {part for p in FILES for part in p.relative_to(PIPELINE).with_suffix("").parts}
    assert names and not names & {"info", "util", "utils", "manager", "helper", "helpers", "common", "misc"}


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(PIPELINE).as_posix())
def test_no_file_is_longer_than_600_lines_and_every_one_says_what_it_is_for(path):
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    assert ast.get_docstring(tree)
    # a page's style and script are one asset, not code; the registry reads no other way either
    assert source.count("\n") <= 600 or all(isinstance(node, (ast.Assign, ast.Expr, ast.ImportFrom)) for node in tree.body)


def test_no_vocabulary_file_holds_code_and_no_code_finds_the_rules_on_its_own():
    """Beside rules in YAML: example sentences, and the weights that were learned of them."""
    others = [p for p in (ROOT / "rules").rglob("*") if p.is_file() and p.suffix != ".yaml" and p.name not in ("README.md", "exemplars.tsv")]
    assert [p.name for p in others] == ["exemplars.npz"]
    finders = [p.relative_to(ROOT).as_posix() for p in FILES if "LUOSHI_RULES" in p.read_text(encoding="utf-8")]
    assert set(finders) <= {"pipeline/rulebook/load.py", "pipeline/cli.py"} and "pipeline/rulebook/load.py" in finders


def test_no_test_waits_and_none_asks_the_net():
    tests = sorted(Path(__file__).parent.glob("test_*.py"))
    assert len(tests) > 20
    assert [p.name for p in tests if {n.partition(".")[0] for n, _ in imports(p)} & {"requests", "socket", "http"}] == []
