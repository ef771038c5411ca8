"""A rule pack that is wrong anywhere does not load, and says where and what is allowed; one that was checked is not checked again until a byte changes."""

from __future__ import annotations

import marshal
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.errors import RuleError
from pipeline.rulebook import load as loading
from pipeline.rulebook.load import load, rules_folder

GOOD = """about: 试验
rules:
  - id: trial.tree
    kind: regex
    pattern: '栽(?P<value>\\d+)棵'
    set: {unit: 棵}
    examples:
      - text: 今年栽30棵。
        expect: [{value: '30', unit: 棵}]
    counterexamples:
      - {text: 今年栽树。, why: 没有数}
"""
CONCEPT = """about: 试验
concepts:
  - id: trial.lamp
    name: 路灯
    slot: matter
    any: [路灯, 灯杆]
    examples: [安装路灯。]
    counterexamples: [{text: 安装护栏。, why: 不是灯}]
"""


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("LUOSHI_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("LUOSHI_RULES", raising=False)
    return tmp_path / "cache"


def pack(tmp_path: Path, content: str, name: str = "extract/trial.yaml") -> Path:
    folder = tmp_path / "rules"
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(content, encoding="utf-8")
    return folder


def refusal(folder: Path) -> str:
    with pytest.raises(RuleError) as caught:
        load(folder)
    return str(caught.value)


def test_a_good_pack_loads_and_knows_where_its_rules_stand(tmp_path):
    book = load(pack(tmp_path, GOOD))
    assert book.origin == {"trial.tree": "extract/trial.yaml:3"}
    assert book.pattern("trial.tree").search("栽7棵")["value"] == "7"


def test_every_rule_of_the_project_loads():
    book = load()
    assert len(book.rules) > 50 and book.settings and book.units and book.domains


def test_an_unknown_key_is_named_with_its_line_and_the_allowed_keys(tmp_path):
    message = refusal(pack(tmp_path, GOOD.replace("    pattern:", "    patern:")))
    assert "extract/trial.yaml:" in message and "未知键 patern" in message
    assert all(key in message for key in ("id", "kind", "pattern", "examples", "counterexamples"))
    line = int(message.split("extract/trial.yaml:")[1].split("：")[0])
    assert line in (3, 5)


def test_an_unknown_key_of_a_counterexample_is_offered_the_keys_of_a_counterexample(tmp_path):
    message = refusal(pack(tmp_path, GOOD.replace("why: 没有数", "why: 没有数, reason: 无")))
    assert "未知键 reason；可用：text、why" in message


def test_an_unknown_key_at_the_top_is_offered_the_keys_of_a_file(tmp_path):
    message = refusal(pack(tmp_path, GOOD + "ruls: []\n"))
    assert "extract/trial.yaml:12：未知键 ruls；可用：about" in message and "settings" in message


def test_a_double_key_is_named_with_its_line(tmp_path):
    message = refusal(pack(tmp_path, GOOD.replace("    kind: regex\n", "    kind: regex\n    kind: terms\n")))
    assert "extract/trial.yaml:5：键 kind 重复" in message


def test_a_broken_example_is_quoted(tmp_path):
    message = refusal(pack(tmp_path, GOOD.replace("今年栽30棵", "今年种30棵")))
    assert "extract/trial.yaml:3：trial.tree" in message and "今年种30棵" in message


def test_an_example_with_another_value_is_quoted_with_what_came_out(tmp_path):
    message = refusal(pack(tmp_path, GOOD.replace("value: '30'", "value: '31'")))
    assert "'31'" in message and "'30'" in message


def test_a_counterexample_that_matches_is_quoted_with_its_reason(tmp_path):
    message = refusal(pack(tmp_path, GOOD.replace("今年栽树。", "去年栽5棵。")))
    assert "反例被匹配：去年栽5棵。（没有数）" in message


@pytest.mark.parametrize("missing", ["examples", "counterexamples"])
def test_a_rule_without_example_or_counterexample_does_not_load(tmp_path, missing):
    kept, skip = [], False
    for line in GOOD.splitlines():
        skip = line.startswith(f"    {missing}:") or (skip and line.startswith("      "))
        kept += [] if skip else [line]
    message = refusal(pack(tmp_path, "\n".join(kept)))
    assert "extract/trial.yaml:" in message and missing in message


def test_a_counterexample_says_why(tmp_path):
    assert "why" in refusal(pack(tmp_path, GOOD.replace(", why: 没有数", "")))


def test_a_pattern_that_is_no_regex_is_named(tmp_path):
    message = refusal(pack(tmp_path, GOOD.replace("棵'", "棵('", 1)))
    assert "extract/trial.yaml:3" in message and "正则表达式有误" in message


def test_an_unknown_macro_is_named_with_the_known_ones(tmp_path):
    message = refusal(pack(tmp_path, "macros: {plant: [栽, 种]}\n" + GOOD.replace("'栽", "'$plnt")))
    assert "extract/trial.yaml:4" in message and "未知的宏 $plnt" in message and "plant" in message.split("可用")[1]


def test_macros_may_use_macros(tmp_path):
    book = load(pack(tmp_path, "macros: {verb: '$plant', plant: [栽, 种]}\n" + GOOD.replace("'栽", "'$verb")))
    assert book.pattern("trial.tree").search("种9棵")


def test_macros_that_chase_each_other_are_refused(tmp_path):
    assert "宏" in refusal(pack(tmp_path, "macros: {a: '$b', b: '$a'}\n" + GOOD.replace("'栽", "'$a")))


def test_an_implied_concept_must_exist(tmp_path):
    message = refusal(pack(tmp_path, CONCEPT.replace("    any:", "    implies: [trial.light]\n    any:"), "domains/lights/trial.yaml"))
    assert "domains/lights/trial.yaml:3" in message and "trial.light" in message


def test_a_concept_of_another_domain_is_not_there_to_be_implied(tmp_path):
    pack(tmp_path, CONCEPT.replace("trial.lamp", "other.lamp"), "domains/other/trial.yaml")
    assert "other.lamp" in refusal(pack(tmp_path, CONCEPT.replace("    any:", "    implies: [other.lamp]\n    any:"), "domains/lights/trial.yaml"))


def test_concepts_stand_in_the_folder_of_a_domain(tmp_path):
    assert "extract/trial.yaml:3" in refusal(pack(tmp_path, CONCEPT))


def test_a_concept_keeps_its_promises_or_does_not_load(tmp_path):
    assert "例句未触发" in refusal(pack(tmp_path, CONCEPT.replace("安装路灯。", "安装电灯。"), "domains/lights/trial.yaml"))
    assert "反例被触发" in refusal(pack(tmp_path, CONCEPT.replace("安装护栏。", "安装灯杆。"), "domains/lights/trial.yaml"))


def test_an_id_is_used_once(tmp_path):
    pack(tmp_path, GOOD, "extract/again.yaml")
    message = refusal(pack(tmp_path, GOOD))
    assert "extract/trial.yaml:3：规则编号 trial.tree 重复，已见于 extract/again.yaml:3" in message


def test_a_setting_is_given_once(tmp_path):
    pack(tmp_path, "about: 甲\nsettings:\n  - {id: trial.limit, value: 1, about: 上限}\n", "a.yaml")
    message = refusal(pack(tmp_path, "about: 乙\nsettings:\n  - {id: trial.limit, value: 2, about: 上限}\n", "b.yaml"))
    assert "b.yaml:3" in message and "trial.limit" in message


def test_yaml_words_that_are_no_text_are_refused(tmp_path):
    assert "extract/trial.yaml" in refusal(pack(tmp_path, GOOD.replace("why: 没有数", "why: no")))


def test_all_errors_come_at_once(tmp_path):
    pack(tmp_path, "rules: [", "a.yaml")
    pack(tmp_path, GOOD.replace("    pattern:", "    patern:"), "b.yaml")
    (tmp_path / "rules" / "c.yaml").write_bytes(b"about: \xff\xfe")
    message = refusal(pack(tmp_path, "- 1\n", "d.yaml"))
    assert all(f"{name}.yaml:" in message for name in "abcd")


def test_an_empty_folder_is_no_rulebook(tmp_path):
    (tmp_path / "empty").mkdir()
    assert "没有任何规则文件" in refusal(tmp_path / "empty")


def test_a_checked_pack_is_not_checked_again(tmp_path, monkeypatch):
    folder = pack(tmp_path, GOOD)
    first = load(folder)
    monkeypatch.setattr(loading, "_check", lambda contents: pytest.fail("checked again"))
    again = load(folder)
    assert again.rules == first.rules and again.digest == first.digest


def test_a_changed_byte_is_a_new_check(tmp_path):
    folder = pack(tmp_path, GOOD)
    first = load(folder)
    pack(tmp_path, GOOD.replace("今年栽30棵", "今年种30棵"))
    refusal(folder)
    pack(tmp_path, GOOD + "#\n")
    assert load(folder).digest != first.digest


def test_the_name_of_a_file_counts_too(tmp_path):
    folder = pack(tmp_path, GOOD)
    first = load(folder).digest
    (folder / "extract" / "trial.yaml").rename(folder / "extract" / "other.yaml")
    book = load(folder)
    assert book.digest != first and book.origin["trial.tree"] == "extract/other.yaml:3"


def test_a_broken_cache_is_made_again(tmp_path, cache):
    folder = pack(tmp_path, GOOD)
    first = load(folder)
    (kept,) = (cache / "luoshi").glob("rules-*.marshal")
    kept.write_bytes(b"{")
    assert load(folder).rules == first.rules
    kept.write_bytes(marshal.dumps({"rules": {}}))
    assert load(folder).rules == first.rules


def test_rules_load_without_a_writable_cache(tmp_path, monkeypatch):
    closed = tmp_path / "file"
    closed.write_text("not a folder", encoding="utf-8")
    monkeypatch.setenv("LUOSHI_CACHE", str(closed / "below"))
    assert load(pack(tmp_path, GOOD)).rules


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_rules_load_beside_a_cache_that_may_not_be_written(tmp_path, cache):
    cache.mkdir()
    cache.chmod(stat.S_IRUSR | stat.S_IXUSR)
    assert load(pack(tmp_path, GOOD)).rules


def test_LUOSHI_RULES_names_the_rules(tmp_path, monkeypatch):
    folder = pack(tmp_path, GOOD)
    monkeypatch.setenv("LUOSHI_RULES", str(folder))
    assert rules_folder() == folder and set(load().rules) == {"trial.tree"}


def test_LUOSHI_RULES_that_names_no_folder_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("LUOSHI_RULES", str(tmp_path / "nowhere"))
    with pytest.raises(RuleError, match="nowhere.*LUOSHI_RULES"):
        rules_folder()


def test_checked_rules_start_without_pydantic_and_yaml(tmp_path):
    load()
    code = "import sys; from pipeline.rulebook.load import load; load(); print('pydantic' in sys.modules, 'yaml' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1])
    assert said.stdout.split() == ["False", "False"]
