"""A drafted concept pack: it loads, it knows its own plan's matters, and it says what people must add."""

from __future__ import annotations

import shutil

import pytest
from click.testing import CliRunner
from plans import CORPORA, extracted, readers

from pipeline import flow
from pipeline.cli import main
from pipeline.coverage.draft import draft
from pipeline.extract.readers import compile_readers
from pipeline.rulebook.load import load, rules_folder


@pytest.fixture(scope="module")
def pack(tmp_path_factory):
    """The rules with a pack drafted out of the demo city beside the others: (rulebook, text of the draft)."""
    folder = tmp_path_factory.mktemp("rules") / "rules"
    shutil.copytree(rules_folder(), folder)
    line = flow.prepare()
    text = flow.draft_domain(line, flow.read_plan(line, CORPORA / "demo" / "city.txt"), "village")
    (folder / "domains" / "village").mkdir()
    (folder / "domains" / "village" / "draft.yaml").write_text(text, encoding="utf-8")
    return load(folder), text


def test_a_draft_loads_with_its_own_examples_and_counterexamples(pack):
    book, text = pack
    assert len(book.concepts["village"]) > 15 and text.count("待补：乡镇会怎样说") == len(book.concepts["village"])


def test_a_draft_names_the_matters_of_the_plan_and_not_its_verbs(pack):
    words = {word for concept in pack[0].concepts["village"] for word in concept["any"]}
    assert {"陈年垃圾", "清淤疏浚", "小手拉大手"} <= words and not {"推进", "开展", "完善", "落实"} & words


def test_a_task_without_a_word_of_its_own_is_listed_not_lost(pack):
    book, text = pack
    line = flow.prepare()
    titles = [task.title for task in flow.read_plan(line, CORPORA / "demo" / "city.txt").tasks if task.measures]
    named = [concept["name"] for concept in book.concepts["village"]]
    assert named and all(title in named or f"未起草：{title}\n" in text for title in titles)


def test_a_plan_can_be_checked_with_its_drafted_pack(pack):
    line = flow.Line(pack[0], compile_readers(pack[0]))
    upper = flow.read_plan(line, CORPORA / "demo" / "city.txt")
    trace = flow.check_plans(line, upper, [flow.read_plan(line, CORPORA / "demo" / "luting.txt")], "village")
    assert trace.domain == "village" and any(factor.rule.startswith("village.draft.") for task in trace.lowers[0].tasks for m in task.measures for factor in m.factors)


def test_text_of_a_plan_cannot_break_out_of_the_draft():
    upper = extracted("某市实施方案", "一、主要任务", '1.整治"乱\\堆": [。到2025年整治堆放点30处。堆放点要逐处登记。', "2.修缮渡口。每年修缮渡口2处。渡口要挂牌。")
    text = draft(upper, readers().rulebook, "village")
    assert '\\"' in text or "乱" not in text.partition("concepts:")[2]


@pytest.mark.parametrize("name", ["auto", "none", "general", "Village", "村庄", "a-b"])
def test_a_pack_cannot_take_a_name_that_means_something_else(name):
    result = CliRunner().invoke(main, ["rules", "new-domain", str(CORPORA / "demo" / "city.txt"), "--name", name])
    assert result.exit_code == 2 and "概念包不能叫" in result.output


def test_a_document_without_tasks_gives_no_pack(tmp_path):
    (tmp_path / "news.txt").write_text("今天天气很好。\n", encoding="utf-8")
    result = CliRunner().invoke(main, ["rules", "new-domain", str(tmp_path / "news.txt"), "--name", "village"])
    assert result.exit_code != 0 and "没有读到任务" in result.output + str(result.exception or "")
