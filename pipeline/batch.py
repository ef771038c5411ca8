"""Many documents: every city of a project, its towns side by side in processes, and only what has changed.

What one town came to is kept under the hash of both documents, the rules and the program (`store`). Reports are made by parts of at most fifty towns, each under a
stamp of all it rests on; a city of more towns gets a summary over its parts besides. Everything is written aside and renamed: a run that is killed goes on where it
stopped, and ends with the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pipeline import flow, handout, results, store
from pipeline.cache import write_aside
from pipeline.errors import LuoshiError, RuleError, UnreadableFile
from pipeline.hands import Alone, Hands, Processes
from pipeline.model import CoverageTrace, LowerCoverage
from pipeline.project import City, Project

PART = 50  # towns of one report: a matrix that a person can still read
_TOGETHER = 1000  # towns of several cities that are planned and judged together
Refusal = tuple[str, str, str]  # of a file: its name, what is wrong, what to do


@dataclass(frozen=True)
class Outcome:
    """What a run over one city came to.

    Attributes:
      trace: None where the city was one of a project.
      checked: Documents that were judged anew.
      files: Relative to the output folder.
      lines: A summary for a terminal.
      problem: Why nothing could be done for the city (its upper document, its decisions), None where all went well.
      parts: How many reports it has; `remade` of them were written anew.
    """

    city: City
    trace: CoverageTrace | None
    refused: tuple[UnreadableFile, ...]
    checked: tuple[str, ...]
    files: tuple[str, ...]
    lines: tuple[str, ...] = ()
    problem: LuoshiError | None = None
    parts: int = 1
    remade: int = 1


# ---------------------------------------------------------------- what is to be done


@dataclass(frozen=True)
class _Town:
    """One lower document. `sha256` is "" where it cannot even be opened.

    `key` is that of its result; `partial` takes its place where some page could not be read: once the part that reads pictures is installed, it is read again.
    """

    name: str
    path: Path
    sha256: str
    key: str
    partial: str
    county: str
    level: str


@dataclass(frozen=True)
class _Duty:
    """What towns are judged by; a process makes it ready once. `digest` is that of the rules and of the program that planned the work.

    `copy` is where LibreOffice's conversion of `upper` lies, None where there is none.
    """

    upper: Path
    sha256: str
    domain: str
    rules: Path | None
    digest: str
    copy: Path | None = None


@dataclass(frozen=True)
class _Part:
    """Some towns of a city with one set of reports in `folder`; `name` is "" where they are all."""

    name: str
    folder: Path
    towns: tuple[_Town, ...]


@dataclass(frozen=True)
class _Plan:
    """One city with its towns looked at. `refused` are files of zips that are no documents."""

    city: City
    duty: _Duty
    output: Path
    parts: tuple[_Part, ...]
    refused: tuple[Refusal, ...]

    @property
    def kept(self) -> Path:
        return self.output / ".kept"


def _plan(city: City, output: Path, line: flow.Line, rules: Path | None, unzipped: Path, most: int | None) -> _Plan:
    """Look at every document of a city, without reading any.

    Args:
      unzipped: Where what is in zips may be put; it must be there until the city is done.
      most: Towns of a part, None for all in one.
    """
    flow.require_domain(line, city.domain)
    duty = _Duty(city.upper, _sha256(city.upper), city.domain, rules, line.rulebook.digest)
    towns, refused = [], []
    for given in city.lowers:
        county, level = city.where.get(given, ("", ""))
        for shown, path in flow.unpacked([given], unzipped):
            name = Path(shown).relative_to(city.folder).as_posix() if Path(shown).is_relative_to(city.folder) else Path(shown).as_posix()
            if isinstance(path, UnreadableFile):
                refused.append((name, path.problem, path.advice))
            else:
                sha256 = _sha256(path)
                key = store.key(duty.sha256, sha256, duty.digest, duty.domain, name)
                towns.append(_Town(name, path, sha256, key, store.key(key, str(flow.recognises())), county, level))
    return _Plan(city, duty, output, _parts(towns, output, most), tuple(refused))


def _parts(towns: Sequence[_Town], output: Path, most: int | None) -> tuple[_Part, ...]:
    """One part for few towns; else one a county, in order of name, each cut into as many as it needs."""
    if most is None or len(towns) <= most:
        return (_Part("", output, tuple(towns)),)
    by_county: dict[str, list[_Town]] = {}
    for town in towns:
        by_county.setdefault(town.county, []).append(town)
    parts = []
    for county in sorted(by_county):
        members = by_county[county]
        digits = len(str(-(-len(members) // most)))
        for number, at in enumerate(range(0, len(members), most), 1):
            name = f"{county}第{number:0{digits}}册" if len(members) > most else county or "其他"
            parts.append(_Part(handout.file_name(name), output / handout.file_name(name), tuple(members[at : at + most])))
    return tuple(parts)


def _sha256(path: Path) -> str:
    """Of a file's bytes; "" where it cannot be opened: whoever reads it says why."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except (OSError, ValueError):
        return ""


# ---------------------------------------------------------------- the work, in any process

# The line and the duties of the last upper document, made for its first town and used for all that follow.
_LINES: dict[Path | None, flow.Line] = {}
_MADE: dict[_Duty, Any] = {}


def _line(rules: Path | None) -> flow.Line:
    if rules not in _LINES:
        _LINES[rules] = flow.prepare(rules)
    return _LINES[rules]


def _duties(duty: _Duty):
    from pipeline.coverage import Duties

    if duty not in _MADE:
        line = _line(duty.rules)
        if line.rulebook.digest != duty.digest:
            raise RuleError("这里的程序或规则与布置核对的机器不同；请在集群的每台机器上装同一版 luoshi，用同一个规则文件夹")
        last = next(iter(_MADE.values()), None)
        made = Duties(flow.read_plan(line, duty.copy or duty.upper, str(duty.upper)), line.readers, duty.domain, last)
        _MADE.clear()
        _MADE[duty] = made
    return _MADE[duty]


def _judge(duty: _Duty, town: _Town, kept: Path) -> LowerCoverage | UnreadableFile:
    """One town against its duties; kept at once, so that nothing done is lost."""
    duties = _duties(duty)
    try:
        extraction = flow.read_plan(_line(duty.rules), town.path, town.name)
    except UnreadableFile as error:
        return error
    value = duties.check(extraction, flow.place_name(extraction))
    store.keep(kept, town.partial if extraction.document.unread_pages else town.key, value)
    return value


def _name(kept: Path, town: _Town) -> str:
    """The key under which a town's result is kept, or will be."""
    return town.key if store.has(kept, town.key) else town.partial


def _stale(plan: _Plan) -> list[_Town]:
    return [town for part in plan.parts for town in part.towns if not store.has(plan.kept, _name(plan.kept, town))]


def _converted(todo: list[tuple[_Plan, list[_Town]]], folder: Path) -> list[tuple[_Plan, list[_Town]]]:
    """The same work with what LibreOffice must convert converted in one start, in a folder that is there until it is done."""
    copies = flow.prepared([path for plan, towns in todo if towns for path in (plan.duty.upper, *(town.path for town in towns))], folder)
    return [(replace(plan, duty=replace(plan.duty, copy=copies.get(plan.duty.upper))), [replace(town, path=copies.get(town.path, town.path)) for town in towns])
            for plan, towns in todo]


@dataclass(frozen=True)
class _Chunk:
    """Some towns that are judged one after the other, and the folder in which each result is kept. A `hands.Portable`."""

    duty: _Duty
    kept: Path
    towns: tuple[_Town, ...]

    def reads(self) -> tuple[Path, ...]:
        return self.duty.upper, *((self.duty.copy,) if self.duty.copy else ()), *(town.path for town in self.towns)

    def leaves(self) -> tuple[Path, ...]:
        return tuple(store.file(self.kept, key) for town in self.towns for key in (town.key, town.partial))

    def moved(self, place: Callable[[Path], Path]) -> "_Chunk":
        duty = replace(self.duty, upper=place(self.duty.upper), copy=place(self.duty.copy) if self.duty.copy else None)
        return _Chunk(duty, place(self.kept), tuple(replace(town, path=place(town.path)) for town in self.towns))


def _judge_some(chunk: _Chunk) -> list[Refusal] | LuoshiError:
    """Judge and keep some towns; returns those that cannot be read, or why the duties themselves cannot be had."""
    try:
        _duties(chunk.duty)
        values = ((town, _judge(chunk.duty, town, chunk.kept)) for town in chunk.towns)
        return [(town.name, value.problem, value.advice) for town, value in values if isinstance(value, UnreadableFile)]
    except RuleError:
        raise
    except LuoshiError as error:
        return error


def _trace(duty: _Duty, kept: Path, towns: Sequence[_Town]) -> tuple[CoverageTrace, dict[str, _Town]]:
    """The kept results of some towns put together, and the name of each place → its document."""
    from pipeline.coverage import assemble

    values = [(town, store.recall(kept, _name(kept, town)) or _judge(duty, town, kept)) for town in towns]
    lowers = [(town, value) for town, value in values if isinstance(value, LowerCoverage)]
    names = _places([(flow.place_name(lower.extraction), town) for town, lower in lowers])
    return assemble(_duties(duty), [replace(lower, name=name) for name, (_, lower) in zip(names, lowers)]), dict(zip(names, (town for town, _ in lowers)))


def _places(named: Sequence[tuple[str, _Town]]) -> list[str]:
    """What to call each document: its place; of those of one name each with its county, file or path, by the first that tells them all apart."""
    names = [place for place, _ in named]
    for more in (lambda town: town.county, lambda town: Path(town.name).name, lambda town: town.name):
        called = [f"{place}（{more(town)}）" if names.count(place) > 1 and more(town) else place for place, town in named]
        if len(set(called)) == len(called):
            break
    return called


def _write_part(task: tuple[_Plan, _Part, tuple[Refusal, ...], str, Path | None]) -> LuoshiError | None:
    """All reports of one part and its manifest; returns why the duties or the decisions cannot be used."""
    plan, part, refused, stamp, tables = task
    bad = {name for name, _, _ in refused}
    try:
        _write_part_of(plan, part, *_trace(plan.duty, plan.kept, [town for town in part.towns if town.name not in bad]), refused, stamp, tables)
        return None
    except RuleError:
        raise
    except LuoshiError as error:
        return error


def _write_part_of(plan: _Plan, part: _Part, trace: CoverageTrace, places: dict[str, _Town], refused: Sequence[Refusal], stamp: str, tables: Path | None) -> dict:
    from pipeline.report.round import tally

    line = _line(plan.duty.rules)
    before = _read_json(part.folder / "manifest.json").get("files", ())
    errors = [UnreadableFile(*refusal) for refusal in refused]
    check, decided = _decided(plan.city, part, trace, errors, line)
    files = write_reports(trace, errors, part.folder, line.rulebook.origin, check)
    where = {name: (town.county, town.level) for name, town in places.items()}
    if tables is not None:
        results.write_part(tables, plan.output.name, part.name, plan.city.theme, trace, where)
    manifest = {"city": plan.city.upper.name, "upper_sha256": plan.duty.sha256, "rules": line.rulebook.digest, "domain": trace.domain,
                "read": sorted(({"file": town.name, "sha256": town.sha256, "place": flow.place_name(lower.extraction)} for lower in trace.lowers for town in [places[lower.name]]),
                               key=lambda read: read["file"]),
                "refused": [{"file": name, "problem": problem, "advice": advice} for name, problem, advice in refused],
                "files": files, "stamp": stamp, "tally": tally(trace, where)}
    if not part.name:
        from pipeline.report import overview

        manifest["summary"] = overview.summary_lines(trace) + decided
    _remove(part.folder, set(before) - set(files))
    _write_json(part.folder / "manifest.json", manifest)
    return manifest


def _decided(city: City, part: _Part, trace: CoverageTrace, errors: Sequence[UnreadableFile], line: flow.Line) -> tuple[dict | None, list[str]]:
    """The check's JSON with the city's decisions laid over it, and what they came to; None where it has none. A part takes those about its own towns."""
    if city.decisions is None:
        return None, []
    from pipeline import decisions
    from pipeline.report import data

    entries, blank = decisions.load(city.decisions)
    here = {lower.name for lower in trace.lowers}
    check = decisions.apply(data.check_json(trace, errors), [entry for entry in entries if not part.name or entry.town in here], line.rulebook.settings, city.as_of)
    return check, decisions.summary_lines(check, blank)


# ---------------------------------------------------------------- the run


def run_city(city: City, output: Path, domain: str, jobs: int, progress: Callable[[str], None]) -> Outcome:
    """Check one city and write its reports under `output`, all towns in one part.

    Raises UnreadableFile where the upper document cannot be read, RuleError where the rules cannot be used, LuoshiError for a domain that no pack has.
    """
    hands = Processes(jobs)
    with tempfile.TemporaryDirectory(prefix="luoshi-zip-") as folder:
        plan = _plan(replace(city, domain=domain), output, _line(None), None, Path(folder), None)
        ((plan, stale),) = todo = _converted([(plan, _stale(plan))], Path(folder))
        (refused,) = _judge_all(todo, hands, progress)
        if isinstance(refused, LuoshiError):
            raise refused
        bad = {name for name, _, _ in refused}
        trace, places = _trace(plan.duty, plan.kept, [town for town in plan.parts[0].towns if town.name not in bad])
        refused = (*plan.refused, *refused)
        manifest = _write_part_of(plan, plan.parts[0], trace, places, refused, "", None)
    return Outcome(city, trace, tuple(UnreadableFile(*r) for r in refused), tuple(town.name for town in stale), (*manifest["files"], "manifest.json"), tuple(manifest["summary"]))


def run_project(project: Project, hands: Hands, progress: Callable[[str], None]) -> Iterator[Outcome]:
    """Check every city of a project, in order, and write its reports under `project.out`; at the end the manifest of the run.

    Raises RuleError where the rules cannot be used or are not those that the project is bound to, LuoshiError where another run writes there or a domain is unknown.
    """
    rules = project.rules.resolve() if project.rules else None
    line = _line(rules)
    if not line.rulebook.digest.startswith(project.rules_version):
        raise RuleError(f"规则版本不符：项目写明 rules_version = \"{project.rules_version}\"，现有规则是 {line.rulebook.digest[:12]}；请换回原来的规则，或改写 rules_version 后重新核对")
    for city in project.cities:
        flow.require_domain(line, city.domain)
    project = replace(project, out=project.out.absolute())  # also where the work is done by others
    project.out.mkdir(parents=True, exist_ok=True)
    with Alone(project.out):
        records = []
        tables = project.out / "results" if results.available() else None
        for cities in _together(project.cities):
            with tempfile.TemporaryDirectory(prefix=".zip-", dir=project.out) as folder:
                plans = [_plan(city, project.out / handout.file_name(city.name), line, rules, Path(folder), PART) for city in cities]
                todo = _converted([(plan, _stale(plan)) for plan in plans], Path(folder))
                plans = [plan for plan, _ in todo]
                refusals = _judge_all(todo, hands, progress)
                for (plan, stale), refused, made in zip(todo, refusals, _write_all(plans, refusals, hands, tables, line, progress)):
                    outcome, record = _close(plan, stale, refused, made)
                    records.append(record)
                    yield outcome
        _write_run(project, line, records)


def _together(cities: Sequence[City]) -> Iterator[list[City]]:
    """Cities in order, as many at a time as have together some thousand towns."""
    group: list[City] = []
    for city in cities:
        if group and sum(len(c.lowers) for c in group) + len(city.lowers) > _TOGETHER:
            yield group
            group = []
        group.append(city)
    if group:
        yield group


def _judge_all(todo: Sequence[tuple[_Plan, Sequence[_Town]]], hands: Hands, progress: Callable[[str], None]) -> list[tuple[Refusal, ...] | LuoshiError]:
    """Judge what is not kept yet. Per city the files that cannot be read, in order of name, or why its duties cannot be had."""
    chunks = [(number, plan, towns[at : at + hands.chunk]) for number, (plan, towns) in enumerate(todo) for at in range(0, len(towns), hands.chunk)]
    found: list[list[Refusal]] = [[] for _ in todo]
    problems: dict[int, LuoshiError] = {}
    total, done, began = sum(len(towns) for _, towns in todo), 0, time.monotonic()
    for index, result in hands.each(_judge_some, [_Chunk(plan.duty, plan.kept, tuple(towns)) for _, plan, towns in chunks]):
        number, _, towns = chunks[index]
        if isinstance(result, LuoshiError):
            problems[number] = result
        else:
            found[number] += result
        done += len(towns)
        progress(f"已核对 {done}／{total} 份{_left((time.monotonic() - began) / done * (total - done))}：{towns[-1].name}")
    return [problems.get(number) or tuple(sorted(refused)) for number, refused in enumerate(found)]


def _left(seconds: float) -> str:
    """How long it will take still, in words; "" where that is next to nothing."""
    minutes = round(seconds / 60)
    return "" if seconds < 5 else f"，约剩 {round(seconds)} 秒" if seconds < 90 else f"，约剩 {minutes} 分钟" if minutes < 90 else f"，约剩 {minutes / 60:.1f} 小时"


def _write_all(plans: Sequence[_Plan], refusals: Sequence[tuple[Refusal, ...] | LuoshiError], hands: Hands, tables: Path | None, line: flow.Line, progress: Callable[[str], None]
               ) -> list[list[tuple[_Part, bool]] | LuoshiError]:
    """Write the reports of every part whose stamp has changed. Per city its parts, and whether each was written anew; or what hindered it."""
    made: list[list[tuple[_Part, bool]] | LuoshiError] = []
    tasks, owners = [], []
    for number, (plan, refused) in enumerate(zip(plans, refusals)):
        if isinstance(refused, LuoshiError):
            made.append(refused)
            continue
        made.append([])
        for position, part in enumerate(plan.parts):
            names = {town.name for town in part.towns}
            mine = tuple(r for r in refused if r[0] in names) + (plan.refused if position == 0 else ())
            stamp = _stamp(plan, part, mine, tables, line)
            fresh = _is_fresh(part.folder, stamp, [tables / table / plan.output.name / f"{part.name or '全部'}.parquet" for table in results.TABLES] if tables else [])
            made[number].append((part, not fresh))
            if not fresh:
                tasks.append((replace(plan, parts=(), city=replace(plan.city, lowers=(), where={})), part, mine, stamp, tables))
                owners.append(number)
    for done, (index, result) in enumerate(hands.each(_write_part, tasks), 1):
        if isinstance(result, LuoshiError):
            before = made[owners[index]]  # of several parts whose decisions fit nothing, all are told
            made[owners[index]] = type(result)(f"{before}\n{result}") if isinstance(before, LuoshiError) and not isinstance(result, UnreadableFile) else result
        progress(f"已写报告 {done}／{len(tasks)} 册：{tasks[index][0].output.name} {tasks[index][1].name}".rstrip())
    return made


def _stamp(plan: _Plan, part: _Part, refused: Sequence[Refusal], tables: Path | None, line: flow.Line) -> str:
    """Of all that the reports of a part rest on."""
    city = plan.city
    decided = (_sha256(city.decisions), str(city.as_of)) if city.decisions else ()
    return store.key(plan.duty.sha256, line.rulebook.digest, city.name, city.theme, city.upper.name, *decided, str(tables is not None), part.name,
                     *(f"{_name(plan.kept, town)} {town.county} {town.level}" for town in part.towns), *("\n".join(refusal) for refusal in refused))


def _is_fresh(folder: Path, stamp: str, tables: Sequence[Path]) -> bool:
    """Are the reports there, all of them, under this stamp?"""
    manifest = _read_json(folder / "manifest.json")
    return manifest.get("stamp") == stamp and all((folder / name).is_file() for name in manifest["files"]) and all(path.is_file() for path in tables)


def _close(plan: _Plan, stale: Sequence[_Town], refused: Any, made: list[tuple[_Part, bool]] | LuoshiError) -> tuple[Outcome, dict]:
    """The summary over a city's parts, old reports out of the way, and the city's line in the manifest of the run."""
    record = {"city": plan.city.name, "upper": plan.city.upper.name, "upper_sha256": plan.duty.sha256}
    if isinstance(made, LuoshiError):
        return Outcome(plan.city, None, tuple(UnreadableFile(*r) for r in plan.refused), (), (), problem=made), {**record, "problem": str(made)}
    whole, problem = not made[0][0].name, None
    if whole:
        manifest = _read_json(plan.output / "manifest.json")
        lines = manifest["summary"]
    else:
        manifest, lines = _summarise(plan, (*plan.refused, *refused))
        problem = _unplaced(plan, manifest["refused"])
    _clear(plan, {part.name for part, _ in made if part.name})
    store.forget(plan.kept, [_name(plan.kept, town) for part in plan.parts for town in part.towns])
    record |= {"domain": manifest["domain"], "folder": plan.output.name, "parts": [part.name for part, _ in made if part.name],
               "towns": [{"file": town["file"], "sha256": town["sha256"], "place": town["place"]} for part, _ in made for town in _read_json(part.folder / "manifest.json")["read"]],
               "refused": manifest["refused"], "files": manifest["files"], "summary": lines, **({"problem": str(problem)} if problem else {})}
    errors = tuple(UnreadableFile(r["file"], r["problem"], r["advice"]) for r in manifest["refused"])
    return Outcome(plan.city, None, errors, tuple(town.name for town in stale), tuple(manifest["files"]), tuple(lines), problem, len(made), sum(anew for _, anew in made)), record


def _summarise(plan: _Plan, refused: Sequence[Refusal]) -> tuple[dict, list[str]]:
    """The files over all parts of a city, written where a part has changed since; returns the city's manifest and its summary."""
    from pipeline.report import matrix, round as writer

    def parts() -> Iterator[tuple[str, dict]]:
        for part in plan.parts:
            yield part.name, _read_json(part.folder / "manifest.json")["tally"]

    stamp = store.key(*(_read_json(part.folder / "manifest.json")["stamp"] for part in plan.parts), _sha256(plan.city.decisions) if plan.city.decisions else "")
    known = _read_json(plan.output / "manifest.json")
    if _is_fresh(plan.output, stamp, ()):
        return known, known["summary"]
    upper = _duties(plan.duty).upper
    total = writer.Round(upper)
    for _, part in parts():
        total.add(part)
    summary = total.lines()
    files = {"汇总.xlsx": writer.round_workbook(total, parts()), "汇总.csv": writer.round_csv(total, parts()), "任务分解表.xlsx": matrix.task_workbook(upper),
             **({"读不出的文件.csv": writer.failures(refused)} if refused else {})}
    for name, content in files.items():
        write_aside(plan.output / name, content)
    manifest = {"city": plan.city.upper.name, "upper_sha256": plan.duty.sha256, "domain": total.domain, "parts": [part.name for part in plan.parts],
                "refused": [{"file": name, "problem": problem, "advice": advice} for name, problem, advice in refused],
                "files": list(files), "stamp": stamp, "summary": summary}
    _remove(plan.output, set(known.get("files", ())) - set(files))
    _write_json(plan.output / "manifest.json", manifest)
    return manifest, manifest["summary"]


def _unplaced(plan: _Plan, refused: Sequence[dict]) -> LuoshiError | None:
    """Why decisions for places that are in no part cannot be used, a line each; None where all are in one, or where a file that could not be read may be the place's."""
    if plan.city.decisions is None or refused:
        return None
    from pipeline import decisions

    places = {town["name"] for part in plan.parts for town in _read_json(part.folder / "manifest.json")["tally"]["towns"]}
    unknown = [entry for entry in decisions.load(plan.city.decisions)[0] if entry.town not in places]
    lines = [f"{entry.where}：{entry.town} {entry.measure or entry.task}：这次核对里没有{entry.town}；请改正 town，或删去这一条" for entry in unknown]
    return decisions.DecisionError("\n".join(lines)) if lines else None


def _clear(plan: _Plan, parts: set[str]) -> None:
    """Remove the reports and tables of parts that are no more, each by its own manifest: nothing that we did not write."""
    for manifest in sorted(plan.output.glob("*/manifest.json")):
        if manifest.parent.name not in parts and "stamp" in _read_json(manifest):
            _remove(manifest.parent, [*_read_json(manifest).get("files", ()), "manifest.json"])
    expected = {f"{name}.parquet" for name in parts or {"全部"}}
    for table in sorted((plan.output.parent / "results").glob(f"*/{plan.output.name}/*.parquet")):
        if table.name not in expected:
            table.unlink()


def _remove(folder: Path, names: Iterable[str]) -> None:
    for name in names:
        path = folder / name
        path.unlink(missing_ok=True)
        for parent in (path.parent, folder):
            if parent.is_dir() and not any(parent.iterdir()):
                parent.rmdir()


def _write_run(project: Project, line: flow.Line, records: list[dict]) -> None:
    """OUT/run-<what it rests on>/manifest.json: what was read, by what, with which result. The same input is the same run."""
    from pipeline import __version__

    manifest = {"project": project.name, "program": __version__, "rules": line.rulebook.digest, "cities": records}
    content = (json.dumps(manifest, ensure_ascii=False, indent=1) + "\n").encode()
    write_aside(project.out / f"run-{hashlib.sha256(content).hexdigest()[:12]}" / "manifest.json", content)


def _write_json(path: Path, content: dict) -> None:
    write_aside(path, (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode())


def _read_json(path: Path) -> dict:
    """{} where there is none or it is not ours."""
    try:
        content = json.loads(path.read_bytes())
        return content if isinstance(content, dict) else {}
    except (OSError, ValueError):
        return {}


# ---------------------------------------------------------------- reports


def write_reports(trace: CoverageTrace, refused: Iterable[UnreadableFile], output: Path, origins: dict[str, str], check: dict | None = None) -> list[str]:
    """Every report of a check under `output`, with the decisions in its JSON where it has some: see `handout.write`."""
    return handout.write(trace, refused, output, origins, check)


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
