"""Many documents: every city folder, its towns side by side in processes, and only what has changed.

A city folder holds one upper document named `city.*` (or the name given) and the lower documents beside it; `*.truth.json`, README and subfolders are no documents.
A result is kept under the hash of both documents, the rules and the program, written aside and renamed: a run that is killed goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from pipeline import flow, store
from pipeline.errors import LuoshiError, UnreadableFile
from pipeline.model import CoverageTrace, LowerCoverage

_DOCUMENTS = (".txt", ".docx", ".doc", ".wps", ".rtf", ".odt", ".mht", ".pdf", ".html", ".htm", ".xlsx", ".ofd", ".png", ".jpg", ".jpeg", ".zip")


@dataclass(frozen=True)
class City:
    """One folder's documents, by file name."""

    folder: Path
    upper: Path
    lowers: tuple[Path, ...]


@dataclass(frozen=True)
class Outcome:
    """What a run over one city came to. `checked` are the documents that were judged anew; files are relative to the output folder."""

    city: City
    trace: CoverageTrace | None
    refused: tuple[UnreadableFile, ...]
    checked: tuple[str, ...]
    files: tuple[str, ...]


def find_cities(root: Path) -> list[City]:
    """The city folders at or right under `root`, by name."""
    found = []
    for folder in [root, *sorted(p for p in root.iterdir() if p.is_dir())]:
        documents = sorted(p for p in folder.iterdir() if p.is_file() and p.suffix.lower() in _DOCUMENTS and not p.name.startswith((".", "~$")))
        upper = next((p for p in documents if p.stem == "city"), None)
        if upper is not None:
            found.append(City(folder, upper, tuple(p for p in documents if p != upper)))
    if not found:
        raise LuoshiError(f"{root}：没有找到城市文件夹；每个文件夹里应有一份上位文件（city.txt、city.docx 或 city.pdf）和各镇方案")
    return found


def run_city(city: City, output: Path, domain: str, jobs: int, progress: Callable[[str], None]) -> Outcome:
    """Check one city and write its reports under `output`.

    Raises UnreadableFile where the upper document cannot be read, RuleError where the rules cannot be used, LuoshiError for a domain that no pack has.
    """
    with tempfile.TemporaryDirectory(prefix="luoshi-zip-") as folder:
        return _run_city(city, flow.unpacked(city.lowers, Path(folder)), output, domain, jobs, progress)


def _run_city(city: City, documents: list[tuple[str, Path | UnreadableFile]], output: Path, domain: str, jobs: int, progress: Callable[[str], None]) -> Outcome:
    """`run_city` with the zips among the lower documents unpacked."""
    line = flow.prepare()
    flow.require_domain(line, domain)
    kept = output / ".kept"
    upper_hash = _hash(city.upper)
    names = {path: Path(name).relative_to(city.folder).as_posix() for name, path in documents if isinstance(path, Path)}
    keys = {path: store.key(upper_hash, _hash(path), line.rulebook.digest, domain, name) for path, name in names.items()}
    known: dict[Path, LowerCoverage | UnreadableFile] = {}
    todo: list[Path] = []
    for path in names:
        value = store.recall(kept, keys[path])
        if isinstance(value, LowerCoverage):
            known[path] = value
        else:
            todo.append(path)
    workers = min(jobs, len(todo))
    tasks = [(city.upper, path, names[path], domain, kept, keys[path]) for path in todo]
    if workers > 1:
        with ProcessPoolExecutor(workers) as pool:
            for path, value in zip(todo, pool.map(_judge, tasks)):
                known[path] = value
                progress(f"{names[path]} 已核对")
    else:
        for path, task in zip(todo, tasks):
            known[path] = _judge(task)
            progress(f"{names[path]} 已核对")
    results = [UnreadableFile(Path(name).relative_to(city.folder).as_posix(), path.problem, path.advice) if isinstance(path, UnreadableFile) else known[path]
               for name, path in documents]
    refused = tuple(value for value in results if isinstance(value, UnreadableFile))
    lowers = [value for value in results if isinstance(value, LowerCoverage)]
    trace = _assemble(line, city, domain, lowers)
    files = tuple(write_reports(trace, refused, output, line.rulebook.origin))
    manifest = {"city": city.upper.name, "upper_sha256": upper_hash, "rules": line.rulebook.digest, "domain": trace.domain,
                "read": [{"file": name, "sha256": _hash(p), "place": known[p].name} for p, name in names.items() if isinstance(known[p], LowerCoverage)],
                "refused": [{"file": e.name, "problem": e.problem, "advice": e.advice} for e in refused], "files": list(files)}
    store.write_aside(output / "manifest.json", (json.dumps(manifest, ensure_ascii=False, indent=1) + "\n").encode())
    return Outcome(city, trace, refused, tuple(names[p] for p in todo), (*files, "manifest.json"))


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


# One line and one set of duties a process: made for its first document, used for all that follow.
_MADE: dict[tuple[Path, str], tuple[flow.Line, object]] = {}


def _judge(task: tuple[Path, Path, str, str, Path, str]) -> LowerCoverage | UnreadableFile:
    """One lower document against its upper one; kept at once, so that nothing done is lost."""
    from pipeline.coverage import Duties

    upper, path, shown, domain, kept, name = task
    made = _MADE.get((upper, domain))
    if made is None:
        line = flow.prepare()
        made = _MADE[upper, domain] = (line, Duties(flow.read_plan(line, upper), line.readers, domain))
    line, duties = made
    try:
        extraction = flow.read_plan(line, path, shown)
    except UnreadableFile as error:
        return error
    value = duties.check(extraction, flow.place_name(extraction))
    store.keep(kept, name, value)
    return value


def _assemble(line: flow.Line, city: City, domain: str, lowers: Sequence[LowerCoverage]) -> CoverageTrace:
    from dataclasses import replace

    from pipeline.coverage import Duties, assemble

    made = _MADE.get((city.upper, domain))
    duties = made[1] if made else Duties(flow.read_plan(line, city.upper), line.readers, domain)
    names = [name for name, _ in flow.name_places([lower.extraction for lower in lowers])]
    return assemble(duties, [replace(lower, name=name) for lower, name in zip(lowers, names)])


def write_reports(trace: CoverageTrace, refused: Iterable[UnreadableFile], output: Path, origins: dict[str, str], check: dict | None = None) -> list[str]:
    """Every report of a check under `output`; returns their paths relative to it, in the order in which a reader opens them.

    `check` is its JSON where decisions were laid over it, else it is made from the trace.
    """
    from pipeline.report import coverage_matrix, data, letter, matrix, office, page

    refused = tuple(refused)
    files: dict[str, bytes] = {
        "核对报告.html": page.page(trace, refused, origins).encode(),
        "覆盖矩阵.xlsx": coverage_matrix.coverage_workbook(trace),
        "覆盖矩阵.csv": coverage_matrix.coverage_csv(trace),
        "任务分解表.xlsx": matrix.task_workbook(trace.upper),
        "领导版报告.docx": office.leader_report(trace, refused),
        "科室版报告.docx": office.section_report(trace, refused),
        "任务清单.csv": matrix.task_csv(trace.upper),
        "责任矩阵.csv": matrix.duty_csv(trace.upper),
        **{f"差距报告/{_file_name(lower.name)}.docx": letter.gap_letter(trace, lower) for lower in trace.lowers},
        "check.json": data.dumps(check or data.check_json(trace, refused)).encode(),
        "extract.json": data.dumps(data.extract_json(trace.upper)).encode(),
    }
    letters = output / "差距报告"
    for old in sorted(letters.glob("*.docx")) if letters.is_dir() else ():
        if f"差距报告/{old.name}" not in files:
            old.unlink()
    for name, content in files.items():
        store.write_aside(output / name, content)
    return list(files)


def _file_name(name: str) -> str:
    return "".join("＿" if ch in '/\\:*?"<>|\n' else ch for ch in name)[:80]


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
