"""Units: brackets, lines, running text, cells, and the registry behind them. The cases in cases/units.yaml are the rules in a drafter's words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.extract.units import UnitReader
from pipeline.model import Role
from pipeline.rulebook.load import load, rules_folder

CASES = yaml.safe_load((Path(__file__).parent / "cases" / "units.yaml").read_text(encoding="utf-8"))
SHARED = Path(__file__).parents[2] / "shared" / "corpora"
MARK = {Role.LEAD: "*", Role.SUPPORT: "-", Role.RESPONSIBLE: ""}


@pytest.fixture(scope="module")
def reader() -> UnitReader:
    return UnitReader(load(rules_folder()))


def _groups(reader: UnitReader, text: str, first_leads: bool = False):
    spans, start = [], 0
    for line in text.split("\n"):
        spans.append((start, start + len(line)))
        start += len(line) + 1
    return reader.groups(text, spans, first_leads)


def _show(unit) -> str:
    return MARK[unit.role] + ("#" if unit.collective else "") + unit.name


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_case(reader, case):
    text = case["text"]
    groups = _groups(reader, text, case.get("given_first_leads", False))
    if case.get("none"):
        assert groups == ()
        return
    units = [unit for group in groups for unit in group.units]
    assert [_show(unit) for unit in units] == case["units"]
    assert len(groups) == case.get("groups", 1)
    assert any(group.open for group in groups) == case.get("open", False)
    assert groups[0].deadline == case.get("deadline")
    assert any(group.first_leads for group in groups) == case.get("first_leads", False)
    assert (groups[0].start == groups[0].end) == case.get("empty", False)
    assert all(text[unit.start:unit.end] == unit.name and unit.rule for unit in units)
    if "canonical" in case:
        assert [unit.canonical for unit in units] == case["canonical"]


def test_group_covers_bracket_with_its_brackets(reader):
    text = "办好科技节。〔责任单位：市教育局〕再办一届。"
    (group,) = _groups(reader, text)
    assert text[group.start:group.end] == "〔责任单位：市教育局〕"


def test_clause_of_a_measure_is_not_cut_out(reader):
    text = "建设步道，由市住建局牵头，市财政局配合。其他另行安排。"
    (group,) = _groups(reader, text)
    assert (group.start, group.end) == (text.index("其他"), text.index("其他"))


def test_first_leads_stays_in_force_within_one_call(reader):
    text = "甲。（财政部、商务部负责，排在第一位的部门为牵头部门，下同）乙。（科技部、教育部负责）"
    assert [_show(u) for g in _groups(reader, text) for u in g.units] == ["*财政部", "-商务部", "*科技部", "-教育部"]


def test_first_leads_in_a_sentence_of_its_own_counts_from_there_on(reader):
    text = "（科技部、教育部负责）以下责任单位中，列第一位的为牵头单位。办好科技节。（财政部、商务部负责）"
    assert [_show(u) for g in _groups(reader, text) for u in g.units] == ["科技部", "教育部", "*财政部", "-商务部"]


def test_every_unit_names_a_rule_that_exists(reader):
    rules = load(rules_folder()).rules
    texts = [case["text"] for case in CASES] + ["市教育局和市科协抓好落实。"]
    units = [u for text in texts for g in _groups(reader, text) for u in g.units] + [u for text in texts for u in reader.mentions(text, 0, len(text))]
    assert len(units) > 100 and {u.rule for u in units} <= set(rules)


def test_first_leads_is_found_outside_of_tasks(reader):
    text = "责任分工中，列在第一位的责任单位为牵头单位，其余为配合单位。"
    assert reader.states_first_leads(text, 0, len(text))
    text = "把安全生产摆在首位，党政主要负责人是第一责任人。"
    assert not reader.states_first_leads(text, 0, len(text))


@pytest.mark.parametrize("text, expected", [
    ("科协、团委、中心小学", ["科协", "团委", "中心小学"]),
    ("市教育局，市科协；市妇联", ["市教育局", "市科协", "市妇联"]),
    ("市教育局 市科协 团市委", ["市教育局", "市科协", "团市委"]),
    ("市教育局\n市科协\n各镇（街道）", ["市教育局", "市科协", "各镇（街道）"]),
    ("市教育局市科协团市委", ["市教育局", "市科协", "团市委"]),
    ("市委宣传部（市文明办）", ["市委宣传部（市文明办）"]),
    ("—", []),
    ("", []),
])
def test_cell_is_split_at_any_separator_or_none(reader, text, expected):
    units, is_open = reader.cell("|" + text + "|", 1, 1 + len(text), Role.SUPPORT)
    assert [unit.name for unit in units] == expected
    assert {unit.role for unit in units} <= {Role.SUPPORT} and not is_open


def test_cell_that_names_its_lead_overrules_the_column(reader):
    text = "市科协牵头，市教育局等配合"
    units, is_open = reader.cell(text, 0, len(text), Role.RESPONSIBLE)
    assert [_show(unit) for unit in units] == ["*市科协", "-市教育局"] and is_open


@pytest.mark.parametrize("name, full", [
    ("市教育局", "市教育局"), ("市发改委", "市发展和改革委员会"), ("市卫健委", "市卫生健康委员会"), ("团市委", "共青团市委"), ("市科协", "市科学技术协会"),
    ("县人社局", "县人力资源和社会保障局"), ("省住房城乡建设厅", "省住房和城乡建设厅"), ("市编办", "市委机构编制委员会办公室"), ("市委统战部", "市委统一战线工作部"),
    ("市委宣传部（市文明办）", "市委宣传部"), ("税务总局", "国家税务总局"), ("国家发展改革委", "国家发展和改革委员会"), ("人民银行西安分行", "中国人民银行西安分行"),
    ("人民银行省分行", "中国人民银行省分行"), ("金融监管总局江苏监管局", "国家金融监督管理总局江苏监管局"), ("中国证监会江苏监管局", "中国证券监督管理委员会江苏监管局"),
    ("镇党政办", "镇党政办公室"), ("市政府办", "市人民政府办公室"), ("云雾山茶叶推广专班", "云雾山茶叶推广专班"),
])
def test_canonical_keeps_the_place(reader, name, full):
    assert reader.canonical(name) == full


@pytest.mark.parametrize("name, full", [
    ("市委农办", "市委农村工作领导小组办公室"), ("县委农办", "县委农村工作领导小组办公室"), ("省委农办", "省委农村工作领导小组办公室"), ("市农办", "市委农村工作领导小组办公室"),
    ("镇农办", "镇农办"), ("市委外办", "市委外事工作委员会办公室"), ("市外办", "市外事办公室"), ("市委金融办", "市委金融委员会办公室"), ("市金融办", "市金融工作办公室"),
    ("市委军民融合办", "市委军民融合发展委员会办公室"),
])
def test_behind_a_committee_a_short_name_is_the_partys_behind_a_place_the_governments(reader, name, full):
    assert reader.canonical(name) == full


def test_no_full_name_of_a_party_organ_says_the_committee_twice(reader):
    organs = [name for entry in load(rules_folder()).units if entry["kind"] == "party" for name in (entry["name"], *entry.get("alias", ()))]
    assert len(organs) > 100 and not [name for name in organs if "委委" in reader.canonical("市委" + name)]


def test_two_offices_of_a_town_never_share_a_full_name(reader):
    offices = ["镇宣传办", "镇统战办", "镇组织办", "镇组织人事办", "镇经济发展办", "镇农业农村办", "镇应急办", "镇安监办", "镇文化站", "镇文化服务中心"]
    assert len({reader.canonical(office) for office in offices}) == len(offices)


def test_short_name_of_two_different_bodies_stays_as_written(reader):
    assert reader.canonical("市文体旅局") == "市文体旅局" and reader.known("市文体旅局")


@pytest.mark.parametrize("name, level", [
    ("海关总署", "state"), ("国家统计局", "state"), ("省财政厅", "province"), ("市财政局", "city"), ("区政务服务局", "county"), ("镇科协", "town"),
    ("街道党工委", "town"), ("村委会", "village"), ("各镇（区、街道）人民政府", "town"), ("各设区市政府", "city"), ("各村（居）", "village"), ("各嘎查", "village"), ("社会事业局", "town"), ("科协", None),
])
def test_level_by_prefix_and_registry(reader, name, level):
    assert reader.level(name) == level


@pytest.mark.parametrize("name", ["各有关部门", "市全民健身工作领导小组办公室", "县防汛抗旱指挥部"])
def test_collectives_and_leading_groups_need_no_register(reader, name):
    assert reader.known(name)


@pytest.mark.parametrize("name", ["人事科", "计划财务处", "局办公室", "机关党委", "市水务集团有限公司", "国家铁路集团"])
def test_inner_offices_and_firms_need_no_register(reader, name):
    assert reader.known(name)


def test_unknown_body_is_unknown(reader):
    assert not reader.known("市火星移民局局") and not reader.known("以下简称县教育局")


@pytest.mark.parametrize("name, date, today", [
    ("市文广新局", "2023-05-16", "市文化广电和旅游局"), ("市卫计委", "2022-01-01", "市卫生健康委员会"), ("市环保局", None, "市生态环境局"),
    ("银保监会", "2023-07-01", "国家金融监督管理总局"), ("国务院扶贫办", "2021-06-01", "农业农村部"), ("省国土资源厅", "2020-01-01", "省自然资源厅"),
    ("县乡村振兴局", "2025-03-01", "县农业农村局"), ("市地税局", "2019-01-01", "市税务局"),
])
def test_obsolete_names_reform_and_today(reader, name, date, today):
    reform, now, valid_to = reader.obsolete(name, date)
    assert "年" in reform and now == today and valid_to < (date or "9999")


@pytest.mark.parametrize("name, date", [("银保监会", "2018-12-29"), ("县乡村振兴局", "2023-05-01"), ("市教育局", None), ("镇安监办", "2023-01-01"), ("市农业农村委", None)])
def test_not_obsolete_at_its_time_or_at_another_level(reader, name, date):
    assert reader.obsolete(name, date) is None


@pytest.mark.parametrize("text, names", [
    ("要求市农业农村局、市自然资源和规划局抓好落实。", ["市农业农村局", "市自然资源和规划局"]),
    ("切实发挥财政部门、教育部门作用。", []),
    ("教育局长带队，科协会议研究，发挥科技部署作用。", []),
    ("由团市委和市妇联联合举办。", ["团市委", "市妇联"]),
    ("老科协讲师团进社区。", ["老科协"]),
    ("面向全市教育局系统开展。", []),
    ("市委宣传部组织，国家税务总局支持。", ["市委宣传部", "国家税务总局"]),
    ("各省、自治区、直辖市人民政府，国办发文，苏州工业园区管委会。", ["苏州工业园区管委会"]),
    ("成立领导小组办公室，加强公安工作，办好学校。", []),
])
def test_mentions_mind_word_boundaries(reader, text, names):
    assert [unit.name for unit in reader.mentions(text, 0, len(text))] == names


def test_mention_takes_the_whole_place_name(reader):
    text = "请南京市教育局指导。"
    assert [unit.name for unit in reader.mentions(text, 0, len(text))] == ["南京市教育局"]


@pytest.mark.parametrize("text, names, role", [
    ("以下均需各片区配合落实，不再列出。", ["各片区"], Role.SUPPORT),
    ("以下各项任务均需各镇（区、街道）落实，不再一一列出。", ["各镇（区、街道）"], Role.RESPONSIBLE),
    ("各县（市、区）均为以下任务的责任单位，不再逐一列出。", ["各县（市、区）"], Role.RESPONSIBLE),
    ("以下任务均需在年底前完成。", [], None),
    ("以下简称中心，不再说明。", [], None),
])
def test_default_units_are_stated_once(reader, text, names, role):
    units = reader.defaults(text, 0, len(text))
    assert [unit.name for unit in units] == names
    assert all(unit.role is role and unit.collective for unit in units)


NAMES = ("市教育局", "市科协", "团市委", "市委宣传部（市文明办）", "市自然资源和规划局", "市人力资源和社会保障局", "各镇（区、街道）人民政府（管委会、办事处）", "市供电公司", "县人民医院",
         "镇社会事业局", "海关总署", "工业和信息化部", "各有关部门", "市全民健身领导小组办公室", "各村（居）", "农业农村处")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(NAMES), min_size=1, max_size=8, unique=True), st.sampled_from("〔（(["),
       st.sampled_from(["、", "，", ",", "；", " "]), st.booleans())
def test_a_list_comes_back_as_written(reader, names, opening, separator, is_open):
    closing = {"〔": "〕", "（": "）", "(": ")", "[": "]"}[opening]
    text = "抓好落实。" + opening + "责任单位：" + separator.join(names) + ("等" if is_open else "") + closing
    (group,) = _groups(reader, text)
    assert [unit.name for unit in group.units] == names and group.open == is_open
    assert text[group.start] == opening and text[group.end - 1] == closing


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="市县镇各局委办部教育科技等和由牵头配合负责单位责任：:（）()〔〕、，。；\n 123年完成时限村居", max_size=60))
def test_any_text_is_read_without_overlap(reader, text):
    groups = _groups(reader, text)
    assert groups == _groups(reader, text)
    reach = 0
    for group in groups:
        assert reach <= group.start <= group.end <= len(text)
        reach = group.end
        assert all(text[unit.start:unit.end] == unit.name and unit.name.strip() == unit.name for unit in group.units)
    for unit in reader.mentions(text, 0, len(text)):
        assert text[unit.start:unit.end] == unit.name


def test_registry_has_no_name_with_two_endings_at_one_level():
    """The same name at the same level, once ended and once not, would make a body obsolete and not."""
    ended, standing = set(), set()
    entries = load(rules_folder()).units
    assert len(entries) > 1000
    for entry in entries:
        for level in entry["level"]:
            (ended if "valid_to" in entry else standing).add((entry["name"], level))
            assert "valid_to" not in entry or entry.get("successor") and entry.get("source")
    assert sorted(ended & standing) == []


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/corpora is not here")
@pytest.mark.parametrize("folder, name", [
    ("city", "rugao-science-literacy-2021-2035"), ("real", "state-2018-farm-machinery"), ("real", "state-2019-bonded-zones"),
    ("real", "suping-2023-rural-environment"),
])
def test_real_plans_give_every_unit_and_role(reader, folder, name):
    text = (SHARED / folder / f"{name}.txt").read_text(encoding="utf-8")
    truth = json.loads((SHARED / "truth" / f"{name}.json").read_text(encoding="utf-8"))
    expected = [[(u["name"], u["role"], u["collective"]) for u in task["units"]] for task in truth["tasks"]]
    found = [[(u.name, u.role.value, u.collective) for u in group.units] for group in _groups(reader, text)]
    assert expected and [units for units in found if units] == expected
