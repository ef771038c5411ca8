"""The chain: a duty is followed from level to level as far as it goes, and what it loses on the way is named."""

from __future__ import annotations

import csv
import io
import json

from click.testing import CliRunner
from plans import CITY, document, extracted, readers, town, town_lines, write_small_city

from pipeline import outline
from pipeline.cli import main
from pipeline.coverage.chain import chain
from pipeline.extract import extract
from pipeline.report.chain import chain_csv, chain_json, chain_lines

UPPER = extracted(*CITY, name="city.txt")
VILLAGE = ("枣林村民生实事实施方案", "一、重点任务", *town_lines({3: None, 6: "（五）改造路灯。更换节能路灯10盏。（责任人：村委会主任）"})[3:-2], "枣林村民委员会", "2023年7月1日")


def rows_of(*levels):
    return {row.measure: row for row in chain(levels, readers(), "none")}


def test_a_duty_goes_down_as_far_as_it_is_carried_out():
    rows = rows_of(UPPER, town(), extracted(*VILLAGE, name="village.txt"))
    assert [step.carried for step in rows["1.2-m1"].steps] == [True, True, True]
    assert [step.carried for step in rows["1.3-m1"].steps] == [True, True, False]


def test_below_the_level_where_a_duty_ends_nobody_is_asked():
    rows = rows_of(UPPER, town({3: None}), extracted(*VILLAGE, name="village.txt"))
    assert [step.carried for step in rows["1.3-m1"].steps] == [True, False]


def test_what_is_lost_is_named_at_the_level_that_lost_it():
    rows = rows_of(UPPER, town({2: "（二）办好老年食堂。在枣林村新建老年食堂。食堂每月公示一次原料来源，接受监督。村里对独居老人实行送餐上门。（责任单位：社会事务办公室）"}))
    assert "target_unquantified" in rows["1.2-m1"].steps[1].lost and "deadline_dropped" in rows["1.2-m1"].steps[1].lost
    assert rows["1.2-m1"].steps[0].lost == ()


def test_a_level_that_was_not_read_whole_cannot_say_and_never_says_missing():
    half = extract(outline.build(document(*town_lines({3: None}), unread=(2,)), readers().rulebook), readers())
    row = rows_of(UPPER, half)["1.3-m1"]
    assert row.steps[1].carried is None and not any("中断" in line and line.startswith("1.3-m1") for line in chain_lines([row], ["市", "镇"]))


def test_a_duty_that_binds_somebody_else_has_no_row():
    rows = rows_of(UPPER, town())
    assert rows and not any(id_.startswith("1.5") for id_ in rows)


def test_every_quote_stands_in_its_document():
    levels = (UPPER, town(), extracted(*VILLAGE, name="village.txt"))
    steps = [(level, q) for row in chain(levels, readers(), "none") for level, step in zip(levels, row.steps) for q in step.quotes]
    assert len(steps) > 15 and all(level.document.text[q.start : q.end] == q.text for level, q in steps)


def test_table_and_json_say_the_same():
    rows = chain((UPPER, town({3: None})), readers(), "none")
    table = list(csv.reader(io.StringIO(chain_csv(rows, ["市", "镇"]).decode("utf-8-sig"))))
    said = chain_json(rows, ["市", "镇"])["rows"]
    assert len(table) == len(said) + 1 > 8 and {len(line) for line in table} == {5}
    assert [line[4].startswith("未见落实") for line in table[1:]] == [row["steps"][1]["carried"] is False for row in said]


def test_the_command_follows_files_and_wants_two_levels(tmp_path):
    write_small_city(tmp_path)
    files = [str(tmp_path / name) for name in ("city.txt", "luwei.txt")]
    said = CliRunner().invoke(main, ["chain", *files, "--format", "json"])
    assert said.exit_code == 0 and json.loads(said.stdout)["levels"] == ["云岫市", "芦苇镇"]
    assert CliRunner().invoke(main, ["chain", files[0]]).exit_code == 2
    assert CliRunner().invoke(main, ["chain", files[0], str(tmp_path / "none.txt")]).exit_code == 3
