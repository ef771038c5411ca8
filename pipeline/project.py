"""What is to be checked: a PROJECT.toml, or folders laid out as `find_cities` says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from pipeline.errors import LuoshiError

PROJECT = "PROJECT.toml"
DECISIONS = "决定.yaml"  # beside a city.* it holds that city's decisions
_DOCUMENTS = (".txt", ".docx", ".doc", ".wps", ".rtf", ".odt", ".mht", ".pdf", ".html", ".htm", ".xlsx", ".ofd", ".png", ".jpg", ".jpeg", ".zip")


@dataclass(frozen=True)
class City:
    """One upper document and the lower ones that answer it.

    Attributes:
      folder: Lower documents are called by their path below it.
      name: Of its folder among the results, unique in a project.
      where: Lower document → (county, level), for questions over many towns; a zip's holds for all in it; "" where nobody said.
      theme: What the plan is about, for the same; "" means the concept pack's name.
    """

    folder: Path
    upper: Path
    lowers: tuple[Path, ...]
    name: str = ""
    domain: str = "auto"
    where: Mapping[Path, tuple[str, str]] = field(default_factory=dict)
    theme: str = ""
    decisions: Path | None = None
    as_of: date | None = None


@dataclass(frozen=True)
class Project:
    """Attributes:
    out: Folder of all results.
    rules: Folder of rule packs, None for those that are installed.
    rules_version: The beginning of the rules' digest that this project is bound to; "" for any.
    """

    name: str
    cities: tuple[City, ...]
    out: Path
    rules: Path | None = None
    rules_version: str = ""


def load(path: Path, out: Path | None = None, domain: str = "auto") -> Project:
    """A PROJECT.toml, a folder that holds one, or a folder of city folders; `out` and `domain` are for the last, and `out` goes before what the file says.

    Raises LuoshiError with the key and what to write instead.
    """
    if path.is_dir() and not (path / PROJECT).is_file():
        return Project(path.resolve().name, tuple(find_cities(path, domain)), out or Path("outputs"))
    return _read(path / PROJECT if path.is_dir() else path, out)


def find_cities(root: Path, domain: str = "auto") -> list[City]:
    """The city folders at or right under `root`, by name: each holds one upper document named `city.*` and the lower documents beside it.

    `*.truth.json`, README, hidden files and subfolders are no documents.
    """
    found = []
    for folder in [root, *sorted(p for p in root.iterdir() if p.is_dir())]:
        documents = sorted(p for p in folder.iterdir() if p.is_file() and p.suffix.lower() in _DOCUMENTS and not p.name.startswith((".", "~$")))
        upper = next((p for p in documents if p.stem == "city"), None)
        if upper is not None:
            decisions = folder / DECISIONS
            found.append(City(folder, upper, tuple(p for p in documents if p != upper), folder.resolve().name, domain, decisions=decisions if decisions.is_file() else None))
    if not found:
        raise LuoshiError(f"{root}：没有找到城市文件夹；每个文件夹里应有一份上位文件（city.txt、city.docx 或 city.pdf）和各镇方案，或写一份 {PROJECT}")
    return found


# ---------------------------------------------------------------- PROJECT.toml

_KEYS = {"": {"name": str, "out": str, "rules": str, "rules_version": str, "cities": list},
         "cities": {"name": str, "upper": str, "domain": str, "theme": str, "decisions": str, "as_of": date, "lowers": list},
         "lowers": {"files": list, "county": str, "level": str}}
_NEEDED = {"": ("cities",), "cities": ("upper", "lowers"), "lowers": ("files",)}
_CALLED = {str: "文字", list: "列表", date: "日期（如 2025-06-30）"}


def decided(project: Project, decisions: Path | None, as_of: date | None) -> Project:
    """The project with a decisions file, which only one city can have, and the day on which decisions are looked at."""
    if decisions is not None and len(project.cities) > 1:
        raise LuoshiError(f"有{len(project.cities)}个城市；请把各自的决定文件放进城市文件夹，名为“{DECISIONS}”，或写在 {PROJECT} 里")
    return replace(project, cities=tuple(replace(city, decisions=decisions or city.decisions, as_of=as_of or city.as_of) for city in project.cities))


def _read(path: Path, out: Path | None) -> Project:
    import tomllib

    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise LuoshiError(f"{path}：打不开；请检查路径") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LuoshiError(f"{path}：不是合法的 TOML（{error}）；文字要加引号，路径里的反斜杠改成 /") from error
    _require(path, "", content, "顶层")
    base = path.resolve().parent
    cities: list[City] = []
    for number, entry in enumerate(content["cities"], 1):
        where = f"第{number}个 [[cities]]"
        _require(path, "cities", entry, where)
        upper = base / entry["upper"]
        places: dict[Path, tuple[str, str]] = {}
        for lower in entry["lowers"]:
            _require(path, "lowers", lower, f"{where} 的 lowers")
            for pattern in lower["files"]:
                for document in _matched(path, base, pattern):
                    if document != upper:
                        places.setdefault(document, (lower.get("county", ""), lower.get("level", "")))
        name = entry.get("name") or upper.parent.name
        if any(city.name == name for city in cities) or name.strip(" .") != name or any(ch in '/\\:*?"<>|\n' for ch in name):
            raise LuoshiError(f"{path}：{where} 的 name“{name}”与前面重复，或不能作文件夹名；请另起一个")
        cities.append(City(base, upper, tuple(places), name, entry.get("domain", "auto"), places, entry.get("theme", ""),
                           base / entry["decisions"] if "decisions" in entry else None, entry.get("as_of")))
    return Project(content.get("name", base.name), tuple(cities), out or base / content.get("out", "outputs"),
                   base / content["rules"] if "rules" in content else None, content.get("rules_version", ""))


def _require(path: Path, kind: str, entry: object, where: str) -> None:
    """Only known keys, with values of their type, and those that must be there."""
    if not isinstance(entry, dict):
        raise LuoshiError(f"{path}：{where} 应是一张表，写成 {{ files = [\"…\"] }} 或 [[{kind}]]")
    for key, value in entry.items():
        wanted = _KEYS[kind].get(key)
        if wanted is None:
            raise LuoshiError(f"{path}：{where} 有未知键 {key}；可用：{'、'.join(_KEYS[kind])}")
        if not isinstance(value, wanted):
            raise LuoshiError(f"{path}：{where} 的 {key} 应是{_CALLED[wanted]}")
    for key in _NEEDED[kind]:
        if not entry.get(key):
            raise LuoshiError(f"{path}：{where} 缺少 {key}")


def _matched(path: Path, base: Path, pattern: object) -> list[Path]:
    """The documents of one entry of `files`: a file as it is, or a pattern with * and **, in order of name."""
    if not isinstance(pattern, str) or not pattern:
        raise LuoshiError(f"{path}：files 里应是路径文字，如 \"东县/*.docx\"")
    if (base / pattern).is_file():
        return [base / pattern]
    try:
        found = sorted(p for p in base.glob(pattern) if p.is_file() and p.suffix.lower() in _DOCUMENTS and not p.name.startswith((".", "~$")))
    except (ValueError, NotImplementedError) as error:
        raise LuoshiError(f"{path}：files 里的 {pattern} 不能用；请写相对于这个文件的路径，可用 * 和 **") from error
    if not found:
        raise LuoshiError(f"{path}：files 里的 {pattern} 没有对上任何文件；请检查路径（从 {base} 算起）")
    return found
