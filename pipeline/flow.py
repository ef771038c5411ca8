"""The order of the stages; the only module that knows it. Everything after `read` is without I/O and clock."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline import ingest, outline
from pipeline.errors import LuoshiError, UnreadableFile
from pipeline.extract import extract
from pipeline.extract.readers import Readers, compile_readers
from pipeline.model import ChainRow, CoverageTrace, Extraction
from pipeline.rulebook.load import Rulebook, load


@dataclass(frozen=True)
class Line:
    """The whole line with its rules compiled, made once a process."""

    rulebook: Rulebook
    readers: Readers


def prepare(rules: Path | None = None) -> Line:
    """Raises RuleError where a rule pack cannot be used."""
    rulebook = load(rules)
    return Line(rulebook, compile_readers(rulebook))


def read_plan(line: Line, path: Path, name: str | None = None) -> Extraction:
    """bytes → text → outline → tasks. Raises UnreadableFile."""
    return extract(outline.build(ingest.read(path, name, line.rulebook.folder), line.rulebook), line.readers)


def place_name(extraction: Extraction) -> str:
    """The place that issued a lower document; where it does not say, the file's name without its ending."""
    return extraction.outline.frame.place or Path(extraction.document.source.name).stem


def read_plans(line: Line, paths: Iterable[Path]) -> tuple[list[Extraction], list[UnreadableFile]]:
    """Every plan that can be read, and why the others cannot; a zip counts for the plans in it. One bad file never stops the rest."""
    read, refused = [], []
    with tempfile.TemporaryDirectory(prefix="luoshi-zip-") as folder:
        documents = unpacked(paths, Path(folder))
        copies = prepared([path for _, path in documents if isinstance(path, Path)], Path(folder))
        for name, path in documents:
            try:
                if isinstance(path, UnreadableFile):
                    raise path
                read.append(read_plan(line, copies.get(path, path), name))
            except UnreadableFile as error:
                refused.append(error)
    return read, refused


def unpacked(paths: Iterable[Path], folder: Path) -> list[tuple[str, Path | UnreadableFile]]:
    """The plans of `paths`, those in zips among them: see `ingest.unpacked`."""
    return ingest.unpacked(paths, folder)


def prepared(paths: Iterable[Path], folder: Path) -> dict[Path, Path]:
    """Those of `paths` that LibreOffice must convert, converted in one start: see `ingest.prepared`."""
    return ingest.prepared(paths, folder)


def recognises() -> bool:
    """Can pictures be read here? See `ingest.recognises`."""
    return ingest.recognises()


def check_plans(line: Line, upper: Extraction, lowers: Sequence[Extraction], domain: str = "auto") -> CoverageTrace:
    """Coverage of every lower plan. Two plans of one place are told apart by their file names.

    Raises LuoshiError for a domain that no pack has.
    """
    from pipeline.coverage import check

    require_domain(line, domain)
    return check(upper, name_places(lowers), line.readers, domain)


def follow_duties(line: Line, levels: Sequence[Extraction], domain: str = "auto") -> tuple[ChainRow, ...]:
    """Each duty of the top plan down all levels. Raises LuoshiError for a domain that no pack has."""
    from pipeline.coverage.chain import chain

    require_domain(line, domain)
    return chain(levels, line.readers, domain)


def require_domain(line: Line, domain: str) -> None:
    """Raises LuoshiError, with the names there are, for a domain that no pack has."""
    if domain not in ("auto", "none", *line.rulebook.domains):
        raise LuoshiError(f"没有名为 {domain} 的领域概念包；可用：auto、none、{'、'.join(line.rulebook.domains)}")


def name_places(lowers: Sequence[Extraction]) -> list[tuple[str, Extraction]]:
    """(place, plan), in the order given; a name that occurs twice carries its file's name."""
    names = [place_name(extraction) for extraction in lowers]
    return [(f"{name}（{extraction.document.source.name}）" if names.count(name) > 1 else name, extraction) for name, extraction in zip(names, lowers)]


def members(line: Line, upper: Extraction, places: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Each collective of the upper document that names the level below (各镇…) → the places at hand, by name; the others stay unexpanded."""
    lower = line.rulebook.pattern("extract.binding.lower")
    names = {unit.canonical for task in upper.tasks for unit in task.units if unit.collective and lower.search(unit.name)}
    return {name: tuple(sorted(places)) for name in sorted(names)} if places else {}


def draft_domain(line: Line, upper: Extraction, name: str) -> str:
    """The draft of a concept pack `name` out of an upper plan, as the text of a rule file."""
    from pipeline.coverage.draft import draft

    return draft(upper, line.rulebook, name)
