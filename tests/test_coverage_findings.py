"""One test per kind of finding: does it arise, and only then?"""

from __future__ import annotations

import pytest
from plans import CITY, checked, duties, extracted, readers, town

from pipeline.coverage import Duties, check
from pipeline.coverage.compare import denies
from pipeline.model import Severity


def kinds(coverage) -> set[str]:
    return {f.rule for f in coverage.findings}


def one(coverage, rule: str):
    (finding,) = [f for f in coverage.findings if f.rule == rule]
    return finding


# kind → (task, what the town writes instead, the measure the finding is about)
PLANTED = {
    "deadline_later": (2, "（二）办好老年食堂。2026年6月底前在枣林村新建老年食堂2处。食堂每月公示一次原料来源，接受监督。村里对独居老人实行送餐上门。（责任单位：社会事务办公室）", "1.2-m1"),
    "deadline_dropped": (2, "（二）办好老年食堂。在枣林村新建老年食堂2处。食堂每月公示一次原料来源，接受监督。村里对独居老人实行送餐上门。（责任单位：社会事务办公室）", "1.2-m1"),
    "modality_weakened": (2, "（二）办好老年食堂。2024年10月底前在枣林村新建老年食堂2处。食堂每月公示一次原料来源，接受监督。有条件的村可对独居老人实行送餐上门。（责任单位：社会事务办公室）", "1.2-m3"),
    "target_escalated": (6, "（五）改造路灯。年内更换节能路灯800盏。（责任单位：村镇建设办公室）", "1.6-m1"),
    "target_unquantified": (6, "（五）改造路灯。年内更换一批节能路灯。（责任单位：村镇建设办公室）", "1.6-m1"),
    "unit_missing": (6, "（五）改造路灯。年内更换节能路灯60盏。", "1.6-m1"),
    "contradiction": (2, "（二）办好老年食堂。2024年10月底前在枣林村新建老年食堂2处。食堂每月公示一次原料来源，接受监督。本镇不再对独居老人实行送餐上门。（责任单位：社会事务办公室）", "1.2-m3"),
}


@pytest.mark.parametrize("rule", PLANTED)
def test_a_planted_finding_arises_alone_and_in_its_place(rule):
    task, line, measure = PLANTED[rule]
    coverage = checked({task: line})
    finding = one(coverage, rule)
    assert kinds(coverage) == {rule} and (finding.task, finding.measure) == (f"1.{task}", measure)
    text = coverage.extraction.document.text
    assert text[finding.evidence.start : finding.evidence.end] == finding.evidence.text
    assert finding.upper_evidence is not None and finding.upper_evidence.text in duties().upper.document.text


def test_nothing_is_found_in_a_town_that_did_everything_right():
    assert kinds(checked()) == set()


@pytest.mark.parametrize("date", ["2024年底前", "2024年10月底前", "2023年底前", "2024年12月31日前"])
def test_a_date_that_still_meets_the_city_s_is_not_late(date):
    assert kinds(checked({2: PLANTED["deadline_later"][1].replace("2026年6月底前", date)})) == set()


@pytest.mark.parametrize("date", ["2025年1月底前", "2025年底前", "2026年前"])
def test_a_date_behind_the_city_s_is_late(date):
    coverage = checked({2: PLANTED["deadline_later"][1].replace("2026年6月底前", date)})
    assert one(coverage, "deadline_later").severity is Severity.HIGH


def test_the_deadline_in_the_row_of_a_table_counts_as_the_town_s_date():
    head = ("工作任务", "具体举措", "责任单位", "完成时限")
    row = ("办好老年食堂", "在枣林村新建老年食堂2处；食堂每月公示一次原料来源；村里对独居老人实行送餐上门。", "社会事务办公室", "2024年底")
    assert not {"deadline_dropped", "deadline_later"} & kinds(checked({2: None}, after=(head, row)))
    assert "deadline_later" in kinds(checked({2: None}, after=(head, (*row[:3], "2026年底"))))


def test_what_the_city_does_not_date_cannot_be_late():
    assert not {"deadline_later", "deadline_dropped"} & kinds(checked({3: "（三）清理河道。2029年起镇水利站每周打捞一次河道漂浮物。严禁向河道倾倒垃圾。（责任单位：农业农村办公室）"}))


def test_nothing_is_missing_a_unit_where_the_town_names_no_units_at_all():
    from plans import TOWN

    assert "unit_missing" not in kinds(checked({k: line.partition("（责任单位")[0] for k, line in TOWN.items()}))


def test_an_office_in_the_sentence_is_an_office():
    assert kinds(checked({6: "（五）改造路灯。由镇村建办负责，年内更换节能路灯60盏。"})) == set()


def test_a_soft_duty_of_the_city_may_stay_soft():
    upper = extracted(*[line.replace("对独居老人实行送餐上门。", "鼓励对独居老人实行送餐上门。") for line in CITY], name="city.txt")
    soft = {2: PLANTED["modality_weakened"][1].replace("有条件的村可对独居老人", "鼓励各村对独居老人")}
    assert "modality_weakened" not in kinds(Duties(upper, readers(), "none").check(town(soft), "芦苇镇"))
    assert "modality_weakened" in kinds(checked(soft))


@pytest.mark.parametrize("number, escalated", [(60, False), (500, False), (501, True)])
def test_a_town_escalates_where_its_number_alone_exceeds_the_city_s_total(number, escalated):
    assert ("target_escalated" in kinds(checked({6: f"（五）改造路灯。年内更换节能路灯{number}盏。（责任单位：村镇建设办公室）"}))) is escalated


def test_a_higher_share_than_the_city_s_is_no_escalation():
    assert "target_escalated" not in kinds(checked({4: "（四）培训护理员。每年组织培训护理员20人次，护理员持证上岗率达到98%以上。（责任单位：社会事务办公室）"}))


def test_text_copied_with_its_subjects_left_standing_is_not_localised():
    city = [line.replace("食堂每月公示一次原料来源。", "全市老年食堂每月公示一次原料来源和供货名单。") for line in CITY]
    copied = {2: "（二）办好老年食堂。2024年10月底前在枣林村新建老年食堂2处。全市老年食堂每月公示一次原料来源和供货名单。村里对独居老人实行送餐上门。（责任单位：社会事务办公室）"}
    judge = Duties(extracted(*city, name="city.txt"), readers(), "none")
    assert kinds(judge.check(town(copied), "芦苇镇")) == {"copied_not_localised"}
    copied[2] = copied[2].replace("全市老年食堂", "全镇老年食堂")
    assert kinds(judge.check(town(copied), "芦苇镇")) == set()


COPIED = ("深入开展讲文明树新风活动引导广大群众自觉养成爱护公共环境的良好习惯。", "加强公共场所文明劝导营造人人爱护公共环境的浓厚社会氛围。")


def _hollow(*lines):
    city = [*CITY[:-2], f"7.倡导文明习惯。{''.join(COPIED)}（责任单位：市文明办、各镇（街道））", *CITY[-2:]]
    return Duties(extracted(*city, name="city.txt"), readers(), "none").check(town(after=lines), "芦苇镇")


def test_a_task_covered_in_copied_words_alone_is_hollow():
    coverage = _hollow("（六）倡导文明习惯", *COPIED)
    finding = one(coverage, "hollow")
    assert finding.task == "1.7" and next(t for t in coverage.tasks if t.id == "1.7").flags == ("hollow",)
    assert next(t for t in coverage.tasks if t.id == "1.7").verdict.value == "covered"


@pytest.mark.parametrize("own", ["每季度办一场。", "由枣林村先行。", "2024年5月完成。"])
def test_a_number_a_date_or_a_place_of_its_own_makes_it_solid(own):
    assert "hollow" not in kinds(_hollow("（六）倡导文明习惯", COPIED[0].replace("。", "，") + own, COPIED[1].replace("。", "，") + own))


def test_an_office_of_its_own_makes_it_solid():
    assert "hollow" not in kinds(_hollow("（六）倡导文明习惯", *(line + "（责任单位：党群工作办公室）" for line in COPIED)))


def test_a_body_that_a_reform_abolished_is_obsolete_with_the_reform_and_today_s_name():
    coverage = checked({6: "（五）改造路灯。年内更换节能路灯60盏。（责任单位：市国土资源局）"})
    finding = one(coverage, "unit_obsolete")
    assert "市国土资源局" in finding.message and "自然资源" in finding.message and "2018" in finding.message and finding.evidence.text == "市国土资源局"


def test_a_body_of_today_is_not_obsolete():
    assert "unit_obsolete" not in kinds(checked({6: "（五）改造路灯。年内更换节能路灯60盏。（责任单位：市自然资源局）"}))


def test_an_abolished_body_is_named_once():
    line = "（五）改造路灯。年内更换节能路灯60盏。（责任单位：市国土资源局）"
    assert one(checked({6: line}, after=("（六）整修渡口。", "整修渡口一处，铺上石阶。（责任单位：市国土资源局）")), "unit_obsolete")


def test_the_sum_of_all_towns_under_the_city_s_total_is_short():
    trace = check(duties().upper, [("芦苇镇", town()), ("松坪镇", town(name="松坪镇"))], readers(), "none")
    short = {f.task for f in trace.upper.findings if f.rule == "aggregate_short"}
    assert short == {"1.1", "1.2", "1.4", "1.6"}


def test_a_sum_that_reaches_the_total_is_not_short():
    line = "（五）改造路灯。年内更换节能路灯250盏。（责任单位：村镇建设办公室）"
    trace = check(duties().upper, [(n, town({6: line}, n)) for n in ("芦苇镇", "松坪镇")], readers(), "none")
    assert "1.6" not in {f.task for f in trace.upper.findings if f.rule == "aggregate_short"}


def test_a_document_over_the_limit_on_paper_is_too_long():
    long = tuple(f"第{i}村的渡口{'整修石阶栏杆' * 60}。" for i in range(12))
    assert "over_length" in kinds(checked(after=("（六）整修渡口", *long))) and "over_length" not in kinds(checked())


def test_numbering_and_unknown_units_of_the_town_are_among_its_findings():
    coverage = checked({6: "（四）改造路灯。年内更换节能路灯60盏。（责任单位：镇蜻蜓观测蜂窝局）"})
    assert {"numbering_slip", "unit_unknown"} <= kinds(coverage)


def test_every_message_is_chinese_and_says_what_to_do_with_the_place():
    import re

    for task, line, _ in PLANTED.values():
        for finding in checked({task: line}).findings:
            assert "；请" in finding.message and not re.search(r"[A-Za-z_]{3,}", finding.message)


def test_findings_are_in_reading_order():
    coverage = checked({task: line for task, line, _ in (PLANTED["deadline_later"], PLANTED["target_escalated"])}, after=("（六）整修渡口。", "整修渡口一处。（责任单位：市国土资源局）"))
    places = [f.evidence.start for f in coverage.findings if f.rule in ("deadline_later", "target_escalated", "unit_obsolete")]
    assert len(places) == 3 and places == sorted(places)


FLAGS = {"modality_weakened": "weakened", "deadline_later": "late", "target_escalated": "escalated", "contradiction": "contradicted"}


@pytest.mark.parametrize("rule", FLAGS)
def test_a_flag_stands_beside_the_verdict_and_never_replaces_it(rule):
    task, line, _ = PLANTED[rule]
    assert next(t for t in checked({task: line}).tasks if t.id == f"1.{task}").flags == (FLAGS[rule],)


@pytest.mark.parametrize("measure, sentence, denied", [
    ("清理出的垃圾经称重登记后外运。", "清理出的垃圾直接填埋，不作称重，由村里自行处理。", True),
    ("食堂每月公示一次原料来源。", "食堂原料不再公示。", True),
    ("食堂每月公示一次原料来源。", "食堂每月公示原料来源，不再加收押金。", False),  # what is denied is not what the city asks for
    ("不得公示个人住址。", "名单不予公示。", False),  # the city forbids it too
    ("食堂每月公示一次原料来源。", "不管客人多少，食堂都要公示原料来源。", False),  # a concession, no denial
])
def test_a_sentence_denies_a_measure_where_it_says_no_to_a_word_the_measure_affirms(measure, sentence, denied):
    assert denies(measure, sentence, readers().rulebook) is denied


def test_a_sentence_that_denies_what_the_measure_asks_carries_nothing_out():
    coverage = checked({2: "（二）办好老年食堂。2024年10月底前在枣林村新建老年食堂2处。食堂每月不再公示原料来源。村里对独居老人实行送餐上门。（责任单位：社会事务办公室）"})
    assert not {m.id: m for t in coverage.tasks for m in t.measures}["1.2-m2"].covered and one(coverage, "contradiction").measure == "1.2-m2"


@pytest.mark.parametrize("old, today", [("镇卫生和计划生育办公室", "卫生健康办公室"), ("镇工商行政管理所", "市场监督管理所"), ("镇安全生产监督管理局", "应急管理局"), ("国土资源所", "自然资源所")])
def test_a_town_office_that_the_reform_renamed_is_named_with_its_name_today(old, today):
    finding = one(checked({6: f"（五）改造路灯。年内更换节能路灯60盏。（责任单位：{old}）"}), "unit_obsolete")
    assert finding.evidence.text == old and today in finding.message


@pytest.mark.parametrize("line, value", [
    ("（二）办好老年食堂。2024年10月底前把枣林村的老屋腾出来，新建老年食堂，到时办够九处。（责任单位：社会事务办公室）", 9),
    ("（二）办好老年食堂。2024年10月底前在枣林村新建一批老年食堂，掌勺的一人一证。（责任单位：社会事务办公室）", None),
])
def test_a_figure_said_in_passing_answers_the_city_s(line, value):
    targets = {t.id: t for t in next(t for t in checked({2: line}).tasks if t.id == "1.2").targets}
    assert targets["1.2-t1"].value == value and targets["1.2-t1"].status == ("stated" if value else "unquantified")
