"""The desk: decisions that reach the reports and survive a new version, the queue, one measure over towns, answers, rounds, corrections, keys."""

from __future__ import annotations

import json
import zipfile
from datetime import timedelta
from io import BytesIO

import pytest
from web_office import DEMO, checked, emptied, key_of, new_campaign, office, person, sent, signed_in, upload, work_all

__all__ = ["checked", "emptied", "office"]  # fixtures


def report(client, campaign, name: str) -> bytes:
    return b"".join(client.get(f"/campaigns/{campaign.pk}/reports/{name}").streaming_content)


def lower_of(client, campaign, place: str) -> dict:
    return next(lower for lower in json.loads(report(client, campaign, "check.json"))["lowers"] if lower["name"] == place)


def task_of(plan, verdict: str) -> dict:
    plan.refresh_from_db()
    return next(task for task in plan.result.verdict["tasks"] if task["verdict"] == verdict)


def decide(client, plan, task: str, **fields):
    return client.post(f"/uploads/{plan.pk}/tasks/{task}/decide", fields)


# ---------------------------------------------------------------- decisions


def test_an_override_shows_at_once_and_reaches_the_reports_beside_what_the_program_found(checked):
    client, campaign, plan = checked
    task = task_of(plan, "missing")["id"]
    assert decide(client, plan, task, kind="override", verdict="covered", reason="第三章写了").status_code == 302
    page = client.get(f"/campaigns/{campaign.pk}").content.decode()
    assert f'href="/uploads/{plan.pk}/tasks/{task}" title="覆盖"' in page and "报告稍后更新" in page
    assert work_all() == 1
    found = next(t for t in lower_of(client, campaign, str(plan.place))["tasks"] if t["id"] == task)
    assert (found["verdict"], found["decided"], found["decision"]["owner"]) == ("missing", "covered", "officer")
    assert "第三章写了" in report(client, campaign, "核对报告.html").decode()


def test_a_decision_of_a_moment_ago_waits_for_more_and_an_upload_does_not(checked):
    from pipeline.web import work

    client, campaign, plan = checked
    decide(client, plan, task_of(plan, "missing")["id"], kind="override", verdict="covered", reason="有")
    assert not work.run_once()
    upload(client, campaign, DEMO / "yuwu.txt")
    assert work.run_once() and not work.run_once()


def test_a_decision_on_a_measure_counts_for_its_task(checked):
    client, _, plan = checked
    task = task_of(plan, "missing")
    for measure in task["measures"]:
        assert decide(client, plan, task["id"], measure=measure["id"], kind="override", verdict="covered", reason="写了").status_code == 302
    assert plan.cells.get(task=task["id"]).decided == "covered"
    assert decide(client, plan, task["id"], measure=task["measures"][0]["id"], kind="override", verdict="partial", reason="一半").status_code == 400


def test_agreeing_with_the_program_ends_an_earlier_override(checked):
    client, _, plan = checked
    task = task_of(plan, "missing")["id"]
    decide(client, plan, task, kind="override", verdict="covered", reason="有")
    decide(client, plan, task, kind="accept")
    cell = plan.cells.get(task=task)
    assert (cell.decided, cell.state) == ("missing", "accepted") and plan.decisions.count() == 2


def test_a_waiver_of_what_is_no_gap_is_refused_with_the_reason_and_leaves_nothing(checked):
    client, campaign, plan = checked
    from pipeline.web.models import Job

    before = Job.objects.count()
    task = next(t["id"] for t in plan.result.verdict["tasks"] if t["verdict"] == "covered" and not any(f["task"] == t["id"] for f in plan.result.verdict["findings"])
                and all(m["covered"] for m in t["measures"]))
    said = decide(client, plan, task, kind="waive", reason="另文", expires="2099-12-31")
    assert said.status_code == 400 and "已不是缺项" in said.content.decode() and plan.decisions.count() == 0 and Job.objects.count() == before


def test_a_waiver_ends_on_its_day_and_the_gap_comes_back_to_the_queue(checked):
    from pipeline.web import ledger
    from pipeline.web.models import Cell, Decision

    client, campaign, plan = checked
    task = task_of(plan, "missing")["id"]
    decide(client, plan, task, kind="waive", reason="另文", expires="2099-12-31")
    assert plan.cells.get(task=task).decided == "justified" and not ledger.expired()
    yesterday = ledger.today() - timedelta(days=1)
    super(type(Decision.objects.all()), Decision.objects.all()).update(expires=yesterday)  # a day passes
    Cell.objects.filter(task=task).update(expires=yesterday)
    assert ledger.expired() == [campaign]
    ledger.draw(plan)
    assert plan.cells.get(task=task).decided == "missing" and ledger.queue(campaign).first().task == task and not ledger.expired()


def test_a_decision_goes_on_to_the_next_version_where_the_text_says_the_same_and_is_suspect_where_not(checked):
    from pipeline.web.models import Upload

    client, campaign, plan = checked
    kept = task_of(plan, "missing")["id"]
    quoted = next(t for t in plan.result.verdict["tasks"] if t["verdict"] == "covered" and t["measures"][0]["evidence"])
    quote = quoted["measures"][0]["evidence"][0]["text"]
    decide(client, plan, kept, kind="waive", reason="另文", expires="2099-12-31")
    decide(client, plan, quoted["id"], kind="override", verdict="missing", reason="只是口号")
    text = (DEMO / "luting.txt").read_text("utf-8")
    assert quote in text
    client.post(f"/campaigns/{campaign.pk}/upload", {"plans": sent("luting-2.txt", text.replace(quote, quote.replace("，", "，切实", 1) or quote).encode())})
    work_all()
    second = campaign.uploads.get(state=Upload.CHECKED)
    assert second.pk != plan.pk
    assert (second.cells.get(task=kept).decided, second.cells.get(task=kept).state) == ("justified", "standing")
    cell = second.cells.get(task=quoted["id"])
    assert (cell.decided, cell.state, cell.doubt) == ("covered", "suspect", 1.0)
    assert "请重新确认" in client.get(f"/uploads/{second.pk}/tasks/{quoted['id']}").content.decode()


def test_a_place_put_right_by_hand_is_the_name_in_every_report(checked):
    client, campaign, plan = checked
    assert client.post(f"/uploads/{plan.pk}/place", {"place": "更名镇"}).status_code == 302
    work_all()
    assert lower_of(client, campaign, "更名镇")["source"]["name"] == "luting.txt"
    campaign.refresh_from_db()
    assert "差距报告/更名镇.docx" in campaign.reports and "更名镇" in report(client, campaign, "覆盖矩阵.csv").decode("utf-8-sig")


def test_a_plan_put_aside_by_another_towns_counts_again_when_that_is_put_right(checked):
    client, campaign, plan = checked
    town = str(plan.place)
    text = (DEMO / "yuwu.txt").read_text("gb18030").replace("榆坞镇", town)
    client.post(f"/campaigns/{campaign.pk}/upload", {"plans": sent("认错.txt", text.encode())})
    work_all()
    plan.refresh_from_db()
    wrong = campaign.uploads.get(name="认错.txt")
    assert (plan.state, wrong.state, str(wrong.place)) == ("replaced", "checked", town)
    client.post(f"/uploads/{wrong.pk}/place", {"place": "榆坞镇"})
    work_all()
    assert dict(campaign.uploads.values_list("place__name", "state")) == {town: "checked", "榆坞镇": "checked"}
    assert {lower["name"] for lower in json.loads(report(client, campaign, "check.json"))["lowers"]} == {town, "榆坞镇"}


# ---------------------------------------------------------------- queue, bulk, answers, rounds


def test_the_queue_holds_what_is_close_least_sure_first_and_a_decision_leads_to_the_next(checked):
    client, campaign, _ = checked
    from pipeline.web import ledger

    upload(client, campaign, *(DEMO / f"{town}.txt" for town in ("fengpu", "yuwu")))
    work_all()
    line = list(ledger.queue(campaign))
    assert len(line) > 1 and [c.doubt for c in line] == sorted((c.doubt for c in line), reverse=True)
    page = client.get(f"/campaigns/{campaign.pk}/queue").content.decode()
    places = [page.index(f'href="/uploads/{c.upload_id}/tasks/{c.task}"') for c in line]
    assert places == sorted(places)
    said = decide(client, line[0].upload, line[0].task, kind="accept", queue="1")
    assert said.headers["Location"] == f"/uploads/{line[1].upload_id}/tasks/{line[1].task}"
    assert [(c.upload_id, c.task) for c in ledger.queue(campaign)] == [(c.upload_id, c.task) for c in line[1:]]


def test_the_same_word_on_one_measure_over_towns_is_a_line_of_the_log_each(office):
    from pipeline.web.models import Decision

    client = signed_in(person("officer"))
    campaign = new_campaign(client)
    upload(client, campaign, DEMO / "luting.txt", DEMO / "yuwu.txt", DEMO / "fengpu.txt")
    work_all()
    plans = list(campaign.uploads.order_by("pk"))
    open_ = [{m["id"] for t in p.result.verdict["tasks"] if t["verdict"] != "not_applicable" for m in t["measures"] if m["binds"] and not m["covered"]} for p in plans]
    measure = sorted(open_[0] & open_[1])[0]
    address = f"/campaigns/{campaign.pk}/measures/{measure}"
    assert client.get(address).content.decode().count('name="uploads"') == 3
    assert "没有选镇街" in client.post(f"{address}/decide", {"kind": "accept"}).content.decode()
    said = client.post(f"{address}/decide", {"kind": "waive", "reason": "市里统一办", "expires": "2099-12-31", "uploads": [plans[0].pk, plans[1].pk]})
    assert said.status_code == 302
    assert [(d.upload_id, d.measure, d.kind) for d in Decision.objects.order_by("pk")] == [(plans[0].pk, measure, "waive"), (plans[1].pk, measure, "waive")]
    assert client.get(address).content.decode().count("市里统一办") == 2


def test_a_town_answers_its_gap_the_office_is_asked_to_look_and_its_own_comments_stay_inside(checked):
    from pipeline.web import ledger

    client, campaign, plan = checked
    task = task_of(plan, "missing")["id"]
    town = signed_in(person("town", str(plan.place)))
    decide(client, plan, task, kind="accept")
    address = f"/uploads/{plan.pk}/tasks/{task}"
    assert town.post(f"{address}/remark", {"text": ""}).status_code == 400
    assert town.post(f"{address}/remark", {"text": "本镇没有<b>河道</b>", "internal": "1"}).status_code == 302
    assert client.post(f"{address}/remark", {"text": "请核实是否属实", "internal": "on"}).status_code == 302
    first = ledger.queue(campaign).first()
    assert (first.task, first.answered) == (task, True) and "镇街有答复" in client.get(f"/campaigns/{campaign.pk}/queue").content.decode()
    theirs, ours = town.get(address).content.decode(), client.get(address).content.decode()
    assert "本镇没有&lt;b&gt;河道" in theirs and "请核实是否属实" not in theirs
    assert "本镇没有&lt;b&gt;河道" in ours and "请核实是否属实" in ours
    decide(client, plan, task, kind="waive", reason="属实", expires="2099-12-31")
    assert not plan.cells.get(task=task).answered and plan.remarks.count() == 2


def test_two_versions_of_a_towns_plan_are_compared_and_the_old_one_can_still_be_read(checked):
    from pipeline.web.models import Upload

    client, campaign, plan = checked
    task = task_of(plan, "covered")
    quote = task["measures"][0]["evidence"][0]["text"]
    text = (DEMO / "luting.txt").read_text("utf-8").replace(quote, "")
    town = signed_in(person("town", str(plan.place)))
    town.post(f"/campaigns/{campaign.pk}/upload", {"plans": sent("luting-2.txt", text.encode())})
    work_all()
    second = campaign.uploads.get(state=Upload.CHECKED)
    assert f'href="/uploads/{second.pk}/compare"' in town.get(f"/campaigns/{campaign.pk}").content.decode()
    page = town.get(f"/uploads/{second.pk}/compare").content.decode()
    assert "新出现的缺项" in page and quote[:10] in page
    assert client.get(f"/uploads/{plan.pk}/compare").status_code == 404  # nothing came before it
    old = client.get(f"/uploads/{plan.pk}/tasks/{task['id']}").content.decode()
    assert "已有新版本" in old and 'id="decide"' not in old
    assert decide(client, plan, task["id"], kind="accept").status_code == 302 and plan.decisions.count() == 0


# ---------------------------------------------------------------- the city plan


def test_what_was_read_from_the_city_plan_is_put_right_before_the_towns_are_judged(checked):
    client, campaign, plan = checked
    campaign.refresh_from_db()
    task = next(t for t in campaign.tasks if t["targets"] and t["applies_to_lower"])
    target, other = task["targets"][0]["id"], next(t for t in campaign.tasks if t["applies_to_lower"] and t is not task)["id"]
    address = f"/campaigns/{campaign.pk}/plan"
    for about, field, value in ((target, "value", "12345"), (target, "deadline", "2031-06"), (task["id"], "units", "市水利局（牵头）、市财政局（配合）"), (other, "binds", "否")):
        assert client.post(f"{address}/correct", {"about": about, field: value}).status_code == 302
    work_all()
    campaign.refresh_from_db()
    read = next(t for t in campaign.tasks if t["id"] == task["id"])
    assert [(u["name"], u["role"]) for u in read["units"]] == [("市水利局", "lead"), ("市财政局", "support")]
    assert (read["targets"][0]["value"], read["targets"][0]["deadline"]) == (12345, "2031-06")
    assert next(t for t in lower_of(client, campaign, str(plan.place))["tasks"] if t["id"] == other)["verdict"] == "not_applicable"
    assert "12345" in client.get(address).content.decode()
    exported = json.loads(client.get(f"{address}/corrections").content)
    assert [c["value"] for c in exported["corrections"]][0] == "12345" and all(c["sentence"] for c in exported["corrections"])
    assert client.post(f"{address}/correct", {"about": target, "counts": "否"}).status_code == 302
    work_all()
    campaign.refresh_from_db()
    assert target not in [t["id"] for t in next(t for t in campaign.tasks if t["id"] == task["id"])["targets"]]
    assert client.post(f"{address}/correct", {"about": target, "counts": "是"}).status_code == 302  # and back again


def test_units_are_split_outside_their_own_parentheses_and_a_role_is_one_only_at_the_end():
    from pipeline.corrections import Correction, parsed

    written = "市水利局（牵头）、各镇（区、街道）人民政府（管委会、办事处），市财政局(配合)"
    assert parsed(Correction("3.1", "units", written)) == ("市水利局（牵头）", "各镇（区、街道）人民政府（管委会、办事处）", "市财政局(配合)")


@pytest.mark.parametrize(("about", "field", "value"), [("2.1.1", "units", " "), ("2.1.1", "binds", "也许"), ("2.1.1-t1", "value", "很多"), ("2.1.1-t1", "value", "NaN"),
                                                       ("2.1.1-t1", "deadline", "年底"), ("2.1.1-m1", "value", "3"), ("9.9.9", "units", "市水利局")])
def test_a_correction_that_makes_no_sense_is_refused_in_words(checked, about, field, value):
    client, campaign, _ = checked
    said = client.post(f"/campaigns/{campaign.pk}/plan/correct", {"about": about, field: value})
    assert said.status_code == 400 and "alert" in said.content.decode() and campaign.corrections.count() == 0


# ---------------------------------------------------------------- zip, cancel


def zipped(**members: bytes) -> bytes:
    whole = BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return whole.getvalue()


def test_a_zip_is_taken_plan_by_plan_and_what_is_wrong_in_it_is_said(office):
    client = signed_in(person("officer"))
    campaign = new_campaign(client)
    whole = zipped(**{"芦汀/方案.txt": (DEMO / "luting.txt").read_bytes(), "渔坞/方案.txt": (DEMO / "yuwu.txt").read_bytes(), "../../外.txt": b"x", "bomb.txt": b"\0" * 300_000_000})
    page = client.post(f"/campaigns/{campaign.pk}/upload", {"plans": sent("各镇.zip", whole)}, follow=True).content.decode()
    assert "收到2份" in page and "指向压缩包之外" in page and "压缩炸弹" in page
    work_all()
    assert sorted(campaign.uploads.values_list("name", "state")) == [("各镇.zip/渔坞/方案.txt", "checked"), ("各镇.zip/芦汀/方案.txt", "checked")]
    assert len({u.place_id for u in campaign.uploads.all()}) == 2
    again = client.post(f"/campaigns/{campaign.pk}/upload", {"plans": sent("各镇.zip", whole)}, follow=True).content.decode()
    assert again.count("未重复收取") == 2


def test_a_cancelled_job_records_nothing(checked):
    from pipeline.web import intake, work
    from pipeline.web.models import Job

    client, campaign, plan = checked
    intake.enqueue(campaign)
    job = work.take_job("worker")
    assert client.post(f"/campaigns/{campaign.pk}/cancel").status_code == 302
    plan.result.delete()
    work.record(job, {plan.name: plan})
    plan.refresh_from_db()
    assert not hasattr(plan, "result") and Job.objects.get(pk=job.pk).state == "failed"
    assert "已取消" in client.get(f"/campaigns/{campaign.pk}/state").json()["said"]


def test_a_town_learns_no_file_name_of_another_from_the_progress(checked):
    from pipeline.web import intake, work

    _, campaign, _ = checked
    intake.enqueue(campaign)
    work.take_job("worker")
    (work.folder(campaign) / "in" / "progress").write_text("新核对1份，共2份；别镇的方案.txt 已核对", "utf-8")
    town, reader = signed_in(person("town", "芦汀镇")), signed_in(person("reader"))
    assert "别镇" in reader.get(f"/campaigns/{campaign.pk}/state").json()["said"]
    assert "别镇" not in town.get(f"/campaigns/{campaign.pk}/state").content.decode()
    assert "别镇" not in town.get(f"/campaigns/{campaign.pk}").content.decode()


# ---------------------------------------------------------------- keys and the API


def test_another_program_sends_plans_and_reads_verdicts_and_decisions_with_a_key(checked):
    from django.test import Client

    client, campaign, plan = checked
    officer = campaign.created_by
    program = Client(headers={"Authorization": f"Bearer {key_of(officer)}"}, enforce_csrf_checks=True)
    assert [c["id"] for c in program.get("/api/campaigns").json()["campaigns"]] == [campaign.pk]
    said = program.post(f"/api/campaigns/{campaign.pk}/plans", {"plans": [sent("yuwu.txt", (DEMO / "yuwu.txt").read_bytes()), sent("空.txt", b"")]})
    assert said.status_code == 201 and said.json()["taken"][0]["state"] == "waiting" and "0字节" in said.json()["refused"][0]
    work_all()
    task = task_of(plan, "missing")["id"]
    decide(client, plan, task, kind="override", verdict="covered", reason="有")
    whole = program.get(f"/api/campaigns/{campaign.pk}").json()
    assert {p["state"] for p in whole["plans"]} == {"checked"}
    told = next(t for t in whole["plans"][0]["tasks"] if t["id"] == task)
    assert (told["machine"], told["decided"], told["decision"]) == ("missing", "covered", "standing")
    assert next(t for t in program.get(f"/api/plans/{plan.pk}").json()["result"]["tasks"] if t["id"] == task)["decided"] == "covered"
    made = program.get(f"/api/campaigns/{campaign.pk}/decisions").json()["decisions"]
    assert [d["reason"] for d in made] == ["有"] and program.get(f"/api/campaigns/{campaign.pk}/decisions?after={made[0]['id']}").json() == {"decisions": []}


def test_a_key_is_shown_once_kept_as_a_hash_ends_when_revoked_and_a_session_is_no_key(checked):
    from django.test import Client

    from pipeline.web.models import Token

    client, _, _ = checked
    page = client.post("/account", {"key": "督查系统"}).content.decode()
    key = page.partition('<code id="key">')[2].partition("<")[0]
    assert len(key) > 40 and key not in client.get("/account").content.decode() and key not in str(Token.objects.values())
    assert Client(headers={"Authorization": f"Bearer {key}"}).get("/api/campaigns").status_code == 200
    assert client.get("/api/campaigns").status_code == 401
    client.post("/account", {"revoke": str(Token.objects.get().pk)})
    assert Client(headers={"Authorization": f"Bearer {key}"}).get("/api/campaigns").status_code == 401


def test_the_description_of_the_api_names_every_address_and_every_field_of_its_answers(checked):
    from django.test import Client

    from pipeline.web.urls import API_ADDRESSES

    client, campaign, plan = checked
    decide(client, plan, task_of(plan, "missing")["id"], kind="accept")
    described = Client().get("/api/openapi.json").json()
    assert len(described["paths"]) == len(API_ADDRESSES) >= 5
    program = Client(headers={"Authorization": f"Bearer {key_of(campaign.created_by)}"})
    looked = 0
    for route, methods in described["paths"].items():
        for method, told in methods.items():
            answer = getattr(program, method)(route.replace("{campaign}", str(campaign.pk)).replace("{upload}", str(plan.pk))).json()
            _fits(answer, told["responses"]["200"]["content"]["application/json"]["schema"])
            looked += 1
    assert looked == len(API_ADDRESSES)


def _fits(value, schema) -> None:
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    names = {dict: "object", list: "array", str: "string", int: "integer", float: "number", type(None): "null", bool: "boolean"}
    assert names[type(value)] in kinds or (type(value) is int and "number" in kinds), (value, schema)
    assert "enum" not in schema or value in schema["enum"]
    if isinstance(value, dict) and "properties" in schema:
        assert set(value) == set(schema["properties"])
        for key, inner in value.items():
            _fits(inner, schema["properties"][key])
    for item in value if isinstance(value, list) else ():
        _fits(item, schema["items"])
