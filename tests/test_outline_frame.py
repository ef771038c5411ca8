"""Header and footer: title, number, issuer, date, recipients, cc, period, place, also where they stand in odd places."""

from __future__ import annotations

import pytest
from plans import outlined

HEAD = ("云岫市人民政府办公室文件", "云政办发〔2023〕18号", "云岫市人民政府办公室", "关于印发《云岫市慢行步道建设实施方案（2023—2025年）》的通知",
        "各镇（街道）人民政府（办事处），市各有关部门：", "《云岫市慢行步道建设实施方案（2023—2025年）》已经研究同意，现印发给你们。",
        "云岫市人民政府办公室", "2023年5月6日", "云岫市慢行步道建设实施方案", "（2023—2025年）")
BODY = ("为建好步道，制定本方案。", "一、主要任务", "（一）沿河建步道", "沿河新建步道18公里。", "（二）建好歇脚点", "每500米设一处。")
FOOT = ("抄送：市委各部门，市人大常委会办公室，市政协办公室。", "云岫市人民政府办公室　　　2023年5月8日印发")


def frame(*lines):
    return outlined(*lines).frame


def test_a_whole_frame_is_read():
    found = frame(*HEAD, *BODY, *FOOT)
    assert found.title == "云岫市慢行步道建设实施方案（2023—2025年）"
    assert found.number == "云政办发〔2023〕18号" and found.issuer == "云岫市人民政府办公室" and found.date == "2023-05-06"
    assert found.recipients == ("各镇（街道）人民政府（办事处）", "市各有关部门")
    assert found.cc == ("市委各部门", "市人大常委会办公室", "市政协办公室")
    assert found.period == (2023, 2025)


def test_what_stands_in_the_frame_stands_in_no_section():
    from pipeline.outline.tree import walk

    outline = outlined(*HEAD, *BODY, *FOOT)
    text = "".join(outline.document.text[b.start : b.end] for s in walk(outline.sections) for b in s.body)
    assert "沿河新建步道18公里。" in text and not any(line in text for line in ("抄送", "云政办发", "印发", "市各有关部门"))


def test_the_title_is_the_plan_s_and_not_its_covering_notice_s():
    assert frame(*HEAD, *BODY).title.startswith("云岫市慢行步道") and "通知" not in frame(*HEAD, *BODY).title


def test_a_notice_alone_lends_the_title_of_the_plan_it_names():
    assert frame(*HEAD[:8], *BODY).title == "云岫市慢行步道建设实施方案（2023—2025年）"


def test_a_title_may_run_over_several_lines():
    assert frame("芦苇镇人民政府", "关于建设慢行步道的", "实施方案", *BODY).title.endswith("关于建设慢行步道的实施方案")


def test_a_document_without_a_title_has_none():
    assert frame(*BODY).title is None and frame("甲乙丙丁。").title is None


@pytest.mark.parametrize("number", ["云政办发〔2023〕18号", "云政办发[2023]18号", "云政办发（2023）18号", "云政办发〔2023〕 18 号", "云政办发【2023】第18号", "云岫市人民政府令第18号"])
def test_a_number_is_a_line_of_its_own_in_any_brackets(number):
    assert frame(number, *HEAD[2:], *BODY).number == number.replace(" ", "")


def test_a_number_that_is_only_cited_is_not_the_document_s():
    assert frame("芦苇镇慢行步道建设实施方案", "根据《云岫市慢行步道建设实施方案》（云政办发〔2023〕18号），制定本方案。", *BODY).number is None


def test_a_number_may_share_its_line_with_the_signer():
    assert frame("云政发〔2023〕9号　　　签发人：甲某某", *HEAD[2:], *BODY).number == "云政发〔2023〕9号"


def test_cited_documents_keep_their_numbers():
    found = frame("芦苇镇慢行步道建设实施方案", "根据《云岫市慢行步道建设实施方案》（云政办发〔2023〕18号）和《河道条例》，制定本方案。", *BODY)
    assert found.cites == (("云岫市慢行步道建设实施方案", "云政办发〔2023〕18号", "city"), ("河道条例", None, None))


@pytest.mark.parametrize("date", ["2023年5月6日", "二〇二三年五月六日", "二○二三年五月六日", "2023 年 5 月 6 日"])
def test_a_date_is_read_in_both_scripts(date):
    assert frame("芦苇镇慢行步道建设实施方案", *BODY, "芦苇镇人民政府", date).date == "2023-05-06"


def test_signature_at_the_end_gives_issuer_and_date():
    found = frame("慢行步道建设实施方案", *BODY, "芦苇镇人民政府", "2023年5月6日")
    assert (found.issuer, found.date, found.place) == ("芦苇镇人民政府", "2023-05-06", "芦苇镇")


def test_signer_and_date_may_share_a_line():
    found = frame("慢行步道建设实施方案", *BODY, "芦苇镇人民政府　2023年5月6日")
    assert (found.issuer, found.date) == ("芦苇镇人民政府", "2023-05-06")


def test_a_date_in_the_running_text_dates_nothing():
    assert frame("慢行步道建设实施方案", *BODY, "步道应在2024年9月30日前完工并开放。").date is None


def test_the_printing_line_dates_a_document_that_has_no_signature():
    found = frame("慢行步道建设实施方案", *BODY, "云岫市人民政府办公室　　2023年5月8日印发")
    assert (found.issuer, found.date) == ("云岫市人民政府办公室", "2023-05-08")


def test_the_organ_before_关于_issued_it_where_nobody_signs():
    assert frame("云岫市人民政府关于建设慢行步道的意见", *BODY).issuer == "云岫市人民政府"


def test_recipients_are_split_outside_brackets_only():
    assert frame("慢行步道建设实施方案", "各村（社区、居委会），镇各办公室、站所：", *BODY).recipients == ("各村（社区、居委会）", "镇各办公室、站所")


def test_a_document_to_nobody_has_no_recipients():
    assert frame("慢行步道建设实施方案", *BODY).recipients == ()


def test_a_line_of_units_is_no_list_of_recipients():
    assert frame("慢行步道建设实施方案", "责任单位：市住建局、各镇", *BODY).recipients == ()


def test_cc_may_run_over_two_lines():
    assert frame(*HEAD, *BODY, "抄送：市委各部门，市人大常委会办公室，", "市政协办公室。").cc == ("市委各部门", "市人大常委会办公室", "市政协办公室")


@pytest.mark.parametrize("title, period", [("步道建设方案（2023—2025年）", (2023, 2025)), ("步道建设方案（2023-2025年）", (2023, 2025)), ("步道建设方案（2023年至2025年）", (2023, 2025)),
                                           ("2023～2025年步道建设方案", (2023, 2025)), ("步道建设方案", None)])
def test_a_period_is_read_from_the_title(title, period):
    assert frame(title, *BODY).period == period


@pytest.mark.parametrize("issuer, place", [("芦苇镇人民政府", "芦苇镇"), ("云岫市人民政府白鹭街道办事处", "白鹭街道"), ("云岫市芦苇镇人民政府", "芦苇镇"), ("中共芦苇镇委员会", "芦苇镇"),
                                           ("松坪乡人民政府", "松坪乡"), ("云岫经济开发区管理委员会", "云岫经济开发区")])
def test_the_place_is_the_one_that_issued_it_without_those_above(issuer, place):
    assert frame("慢行步道建设实施方案", *BODY, issuer, "2023年5月6日").place == place


def test_the_title_names_the_place_where_nobody_signs():
    assert frame("芦苇镇慢行步道建设实施方案", *BODY).place == "芦苇镇"


def test_cited_documents_say_which_level_they_are_of():
    found = frame("云岫市慢行步道建设实施方案", "根据《国务院关于步道的意见》《江苏省步道条例》（苏政发〔2020〕1号）、县政府《步道办法》和《步道指南》，制定本方案。", *BODY)
    assert [(title, level) for title, _, level in found.cites] == [("国务院关于步道的意见", "state"), ("江苏省步道条例", "province"), ("步道办法", "county"), ("步道指南", None)]


def test_a_title_may_begin_on_the_line_before_its_genre():
    assert frame("云岫市慢行步道建设", "三年行动方案（2023—2025年）", *BODY).title == "云岫市慢行步道建设三年行动方案（2023—2025年）"


@pytest.mark.parametrize("issuer, place", [("金乡县人民政府", "金乡县"), ("沁县人民政府办公室", "沁县"), ("江苏省镇江市人民政府", "镇江市"),
                                            ("北京市石景山区人民政府办公室", "石景山区"), ("中共黟县县委", "黟县"), ("泗县刘圩镇人民政府", "刘圩镇")])
def test_the_place_is_the_lowest_one_of_the_issuer_s_name(issuer, place):
    assert frame("慢行步道建设实施方案", *BODY, issuer, "2023年5月6日").place == place


def test_fields_of_a_page_may_be_parted_by_strokes():
    found = frame("文 号: | 云政办发〔2023〕18号 | 成文日期: | 2023-05-06 |", "发布机构 | 云岫市人民政府办公室 |", "慢行步道建设实施方案", *BODY)
    assert (found.number, found.date, found.issuer) == ("云政办发〔2023〕18号", "2023-05-06", "云岫市人民政府办公室")


def test_a_day_that_lost_its_signs_counts_where_it_can_be_only_one():
    assert frame("慢行步道建设实施方案", *BODY, "芦苇镇人民政府", "2024227").date == "2024-02-27"
    assert frame("慢行步道建设实施方案", *BODY, "芦苇镇人民政府", "2024111").date is None


def test_a_work_report_names_its_government_and_day():
    found = frame("政府工作报告", "——在云岫县人民代表大会上", "云岫县人民政府县长　某某", "（2022年1月5日）", *BODY)
    assert (found.issuer, found.date, found.place) == ("云岫县人民政府", "2022-01-05", "云岫县")


def test_the_day_may_stand_behind_the_number():
    assert frame("云政发〔2023〕9号 2023年5月6日", "慢行步道建设实施方案", *BODY).date == "2023-05-06"
