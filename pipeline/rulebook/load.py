"""Read, validate and self-test the rule packs; remember that they were good.

A rule that does not do what its own examples say does not load, in production as in tests. Checking a pack costs more than
a whole run, so the checked content is kept in the user's cache under the hash of every rule file and of this program's rule code:
a changed byte is a new check. Without a writable cache each run checks again.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from pipeline import __version__, cache
from pipeline.errors import RuleError
from pipeline.rulebook import match


# What the example sentences of the packs taught (pipeline/coverage/exemplars.py), below the rules folder.
EXEMPLARS = "domains/exemplars.npz"


def rules_folder() -> Path:
    """Where the rule packs lie: LUOSHI_RULES, else the installed data, else the checkout. The only place that knows."""
    named = os.environ.get("LUOSHI_RULES")
    if named:
        if not Path(named).is_dir():
            raise RuleError(f"{named}：规则目录不存在（环境变量 LUOSHI_RULES）；请改为含有 outline、extract、coverage 等子目录的文件夹")
        return Path(named)
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "_rules", package.parent / "rules"):
        if folder.is_dir():
            return folder
    raise RuleError(f"{package}：找不到规则目录 rules；请重新安装 luoshi，或用环境变量 LUOSHI_RULES 指明")


def use_rules(folder: Path) -> None:
    """From now on `rules_folder` of this process is this one: that of the process it works for."""
    os.environ["LUOSHI_RULES"] = str(folder)


@dataclass(frozen=True)
class Rulebook:
    """All packs, checked. Every list is sorted by file name and then as written.

    Attributes:
      rules: Rule id → the rule as a dict of schema.Rule with `pattern` already expanded.
      packed: `concepts` as marshal writes them: most runs get by with the indexes made of them.
      units: The registered bodies, dicts of schema.RegisteredUnit.
      settings: Setting id → value.
      places: Kind ("counties", "towns") → names.
      digest: Hash of all rule files: with it and a document's hash a result is known.
    """

    folder: Path
    digest: str
    rules: dict[str, dict]
    packed: bytes
    units: list[dict]
    settings: dict[str, float | str]
    places: dict[str, list[str]]
    origin: dict[str, str] = field(default_factory=dict)  # rule or concept id → "file:line"

    def group(self, prefix: str) -> list[dict]:
        """The rules whose id begins with `prefix.`, in order of file and line."""
        found = self._groups.get(prefix)
        if found is None:
            found = self._groups[prefix] = [rule for id_, rule in self.rules.items() if id_.startswith(prefix + ".")]
        return found

    def pattern(self, id_: str) -> re.Pattern[str]:
        """One regex rule, compiled once."""
        compiled = self._compiled.get(id_)
        if compiled is None:
            compiled = self._compiled[id_] = re.compile(self.rules[id_]["pattern"])
        return compiled

    def terms(self, id_: str) -> tuple[str, ...]:
        return tuple(self.rules[id_]["terms"])

    @cached_property
    def _groups(self) -> dict[str, list[dict]]:
        return {}

    @cached_property
    def _compiled(self) -> dict[str, re.Pattern[str]]:
        return {}

    @cached_property
    def concepts(self) -> dict[str, list[dict]]:
        """Domain → its concepts as dicts of schema.Concept. "general" is the domain that every theme shares."""
        return marshal.loads(self.packed)

    def index(self, domain: str) -> match.ConceptIndex:
        """The general concepts, with those of a domain unless it is "none"."""
        def make() -> match.ConceptIndex:
            return match.ConceptIndex([*self.concepts.get("general", []), *(self.concepts[domain] if domain != "none" else ())])

        return cache.kept("concepts", f"{self.digest[:32]}-{domain}", make, match.ConceptIndex.frozen, match.ConceptIndex.thawed)

    @cached_property
    def phrases(self) -> tuple[match.Words, dict[str, frozenset[str]]]:
        """The official phrases that name a matter: those of all concept packs but the general one, and by pack in order of name."""
        def make() -> tuple[match.Words, dict[str, frozenset[str]]]:
            of_pack = {name: frozenset(word for c in self.concepts[name] if c["slot"] == "matter" for word in c.get("any", ())) for name in sorted(self.concepts) if name != "general"}
            return match.Words(word for words in of_pack.values() for word in words), of_pack

        return cache.kept("phrases", self.digest[:32], make, lambda made: (made[0].frozen(), made[1]), lambda frozen: (match.Words.thawed(frozen[0]), frozen[1]))

    @cached_property
    def domains(self) -> tuple[str, ...]:
        """The names of the concept packs beside the general one."""
        return tuple(self.phrases[1])


def load(folder: Path | None = None) -> Rulebook:
    """The rule packs of `folder`, default `rules_folder()`.

    Raises:
      RuleError: A file that does not parse, an unknown or double key, a rule that breaks its own example: all of them in one message, a line each.
    """
    folder = folder or rules_folder()
    files = sorted(folder.rglob("*.yaml"))
    weights = [path for path in (folder / EXEMPLARS,) if path.is_file()]
    if not files:
        raise RuleError(f"{folder}：没有任何规则文件（*.yaml）；请检查 LUOSHI_RULES 或重新安装")
    contents = [(path.relative_to(folder).as_posix(), path.read_bytes()) for path in files]
    digest = hashlib.sha256()
    digest.update(__version__.encode())
    for code in ("schema.py", "load.py", "match.py"):
        digest.update((Path(__file__).parent / code).read_bytes())
    for name, raw in [*contents, *((path.name, path.read_bytes()) for path in weights)]:
        digest.update(name.encode() + b"\0" + hashlib.sha256(raw).digest())
    key = digest.hexdigest()
    checked = cache.kept("rules", key[:32], lambda: _check(contents), lambda checked: checked, _whole)
    return Rulebook(folder=folder, digest=key, **checked)


def _whole(checked: dict) -> dict:
    """Raises ValueError for what `_check` did not give."""
    if checked.keys() != {"rules", "packed", "units", "settings", "places", "origin"}:
        raise ValueError("not the checked rules")
    return checked


# ---------------------------------------------------------------- checking


def _check(contents: list[tuple[str, bytes]]) -> dict:
    """Parse, validate, expand and self-test every file."""
    from pydantic import ValidationError

    from pipeline.rulebook import schema

    errors: list[str] = []
    files: list[tuple[str, dict, object]] = []
    for name, raw in contents:
        try:
            content, node = _parse(raw)
            files.append((name, schema.RuleFile.model_validate(content).model_dump(by_alias=True, exclude_none=True), node))
        except ValidationError as error:
            for item in error.errors():
                errors.append(f"{name}:{_line(node, item['loc'])}：{_explain(item, schema)}")
        except ValueError as error:
            errors.append(f"{name}:{error}")
    macros: dict[str, str] = {}
    for name, content, _ in files:
        for key, value in content["macros"].items():
            if key in macros:
                errors.append(f"{name}：宏 {key} 重复定义")
            macros[key] = value if isinstance(value, str) else match.alternation(value)
    rules: dict[str, dict] = {}
    concepts: dict[str, list[dict]] = {}
    settings: dict[str, object] = {}
    places: dict[str, list[str]] = {}
    units: list[dict] = []
    origin: dict[str, str] = {}
    for name, content, node in files:
        for i, rule in enumerate(content["rules"]):
            where = f"{name}:{_line(node, ('rules', i))}"
            if rule["id"] in rules:
                errors.append(f"{where}：规则编号 {rule['id']} 重复，已见于 {origin[rule['id']]}")
                continue
            origin[rule["id"]] = where
            errors += [f"{where}：{rule['id']}：{problem}" for problem in match.expand(rule, macros)]
            rules[rule["id"]] = rule
        domain = name.split("/")[1] if name.startswith("domains/") and name.count("/") > 1 else None
        for i, concept in enumerate(content["concepts"]):
            where = f"{name}:{_line(node, ('concepts', i))}"
            if domain is None:
                errors.append(f"{where}：概念只能放在 rules/domains/<领域>/ 下")
                continue
            if concept["id"] in origin:
                errors.append(f"{where}：概念编号 {concept['id']} 重复，已见于 {origin[concept['id']]}")
                continue
            origin[concept["id"]] = where
            concepts.setdefault(domain, []).append(concept)
        for i, setting in enumerate(content["settings"]):
            where = f"{name}:{_line(node, ('settings', i))}"
            if setting["id"] in origin:
                errors.append(f"{where}：设置 {setting['id']} 重复，已见于 {origin[setting['id']]}")
                continue
            origin[setting["id"]] = where
            settings[setting["id"]] = setting["value"]
        for kind, names in content["places"].items():
            places.setdefault(kind, []).extend(names)
        units += content["units"]
    if not errors:
        for rule in rules.values():
            errors += [f"{origin[rule['id']]}：{rule['id']}：{problem}" for problem in match.self_test(rule)]
        for domain, members in concepts.items():
            known = {c["id"] for c in members} | {c["id"] for c in concepts.get("general", [])}
            for concept in members:
                errors += [f"{origin[concept['id']]}：{concept['id']}：{problem}" for problem in match.self_test_concept(concept)]
                errors += [f"{origin[concept['id']]}：{concept['id']}：implies 指向不存在的概念 {i}" for i in concept["implies"] if i not in known]
    if errors:
        raise RuleError("规则有误，未运行：\n" + "\n".join(errors[:40]) + (f"\n……另有{len(errors) - 40}处" if len(errors) > 40 else ""))
    lean = {domain: [match.fold_concept({k: v for k, v in c.items() if k in ("id", "name", "slot", "any", "all", "not", "implies") and v}) for c in members]
            for domain, members in concepts.items()}
    bones = {id_: {k: v for k, v in rule.items() if k not in ("examples", "counterexamples")} for id_, rule in rules.items()}
    return {"rules": bones, "packed": marshal.dumps(lean), "units": units, "settings": settings, "places": places, "origin": origin}


def _parse(raw: bytes) -> tuple[dict, object]:
    """YAML to plain values and to nodes that know their lines. ValueError: "line：what is wrong"."""
    import yaml

    class Loader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):
        def construct_mapping(self, node, deep=False):
            seen = set()
            for key, _ in node.value:
                if key.value in seen:
                    raise ValueError(f"{key.start_mark.line + 1}：键 {key.value} 重复")
                seen.add(key.value)
            return super().construct_mapping(node, deep)

    try:
        text = raw.decode("utf-8")
        content, node = yaml.load(text, Loader), yaml.compose(text, Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise ValueError(f"{mark.line + 1 if mark else 1}：不是合法的 YAML（{getattr(error, 'problem', error)}）") from error
    except UnicodeDecodeError as error:
        raise ValueError("1：不是 UTF-8 编码") from error
    if not isinstance(content, dict):
        raise ValueError("1：应是键值结构，首键为 about")
    return content, node


def _line(node, path) -> int:
    """The line of a value in a parsed file, as near as the path leads."""
    line = 1
    for step in path:
        line = node.start_mark.line + 1
        value = getattr(node, "value", None)
        if not isinstance(value, list):
            break
        if isinstance(step, int) and step < len(value):
            node = value[step]
        else:
            node = next((v for k, v in value if isinstance((k, v), tuple) and getattr(k, "value", None) == step), node) if value and isinstance(value[0], tuple) else node
        line = node.start_mark.line + 1
    return line


def _explain(item: dict, schema) -> str:
    key = ".".join(str(step) for step in item["loc"])
    if item["type"] == "extra_forbidden":
        model = schema.RuleFile
        nested = {"rules": schema.Rule, "concepts": schema.Concept, "units": schema.RegisteredUnit, "settings": schema.Setting,
                  "examples": schema.Example, "counterexamples": schema.Counterexample}
        for step in item["loc"][:-1]:
            model = nested.get(step, model)
        allowed = "、".join(f.alias or n for n, f in model.model_fields.items())
        return f"未知键 {item['loc'][-1]}；可用：{allowed}"
    return f"{key}：{item['msg']}"
