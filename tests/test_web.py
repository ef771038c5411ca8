"""The office: every address behind its right, nothing half there, nothing lost or double, and document text that stays text."""

from __future__ import annotations

import re
from datetime import timedelta
from html import escape

import pytest
from web_office import DEMO, PASSWORD, checked, emptied, key_of, new_campaign, office, person, sent, signed_in, upload, work_all

__all__ = ["checked", "emptied", "office"]  # fixtures

# ---------------------------------------------------------------- rights

EXPECTED = {  # by hand, not from the table under test: who gets past the right of each address
    "first": "*", "login": "*", "health": "*", "openapi": "*",
    "logout": "officer reviewer town reader administrator", "home": "officer reviewer town reader administrator",
    "account": "officer reviewer town reader administrator",
    "people": "administrator", "new_campaign": "officer", "again": "officer", "cancel": "officer", "set_place": "officer", "correct": "officer",
    "campaign": "officer reviewer town reader", "state": "officer reviewer town reader", "upper": "officer reviewer town reader",
    "original": "officer reviewer town reader", "picture": "officer reviewer town reader", "letter": "officer reviewer town reader", "cell": "officer reviewer town reader",
    "compare": "officer reviewer town reader", "remark": "officer reviewer town", "queue": "officer reviewer", "decide_measure": "officer reviewer",
    "plan": "officer reviewer reader", "corrections": "officer reviewer reader", "log": "officer reviewer reader", "measure": "officer reviewer reader",
    "reports": "officer reviewer reader", "duties": "officer reviewer reader",
    "upload": "officer town", "report": "officer reviewer reader", "decide": "officer reviewer",
    "api_campaigns": "officer reviewer town reader", "api_campaign": "officer reviewer town reader", "api_plan": "officer reviewer town reader",
    "api_plans": "officer town", "api_decisions": "officer reviewer reader",
}


def test_every_address_is_open_to_exactly_the_roles_that_hold_its_right(checked):
    from django.test import Client
    from django.urls import get_resolver

    from pipeline.web import rights

    _, campaign, plan = checked
    plan.refresh_from_db()
    task = plan.result.verdict["tasks"][0]["id"]
    patterns = get_resolver().url_patterns
    assert {p.name for p in patterns} == set(EXPECTED) and len(patterns) == len(EXPECTED)
    roles = [role for role, _ in rights.ROLES]
    walked = 0
    for pattern in patterns:
        route = str(pattern.pattern).replace("<int:campaign>", str(campaign.pk)).replace("<int:upload>", str(plan.pk)).replace("<str:task>", task)
        address = "/" + route.replace("<path:name>", "check.json").replace("<str:measure>", f"{task}-m1").replace("<int:page>", "1")
        for role in [None, *roles]:
            by_key = pattern.name.startswith("api_")
            client = Client() if role is None or by_key else signed_in(rights_user(role, plan.place.name))
            headers = {"Authorization": f"Bearer {key_of(rights_user(role, plan.place.name))}"} if role and by_key else {}
            for method in (client.get, client.post):
                status = method(address, headers=headers).status_code
                allowed = EXPECTED[pattern.name] == "*" or role in EXPECTED[pattern.name].split()
                if role is None and not allowed:
                    assert status == (401 if by_key else 302), (address, role)
                else:
                    assert (status != 403) == allowed and status < 500, (address, role, status)
                walked += 1
    assert walked == len(EXPECTED) * 6 * 2


def rights_user(role: str, place: str):
    from pipeline.web.models import User

    return User.objects.filter(username=f"walk-{role}").first() or person(role, place if role == "town" else None, f"walk-{role}")


def test_a_town_sees_its_own_plan_and_not_another_towns_by_guessing_addresses(checked):
    _, campaign, plan = checked
    plan.refresh_from_db()
    task = plan.result.verdict["tasks"][0]["id"]
    own, other, none = signed_in(person("town", plan.place.name)), signed_in(person("town", "鹤栖镇")), signed_in(person("town", "外地镇"))
    for address in (f"/uploads/{plan.pk}/original", f"/uploads/{plan.pk}/letter", f"/uploads/{plan.pk}/tasks/{task}"):
        assert own.get(address).status_code == 200 and other.get(address).status_code == 404
    page = other.get(f"/campaigns/{campaign.pk}").content.decode()
    assert plan.name not in page and plan.place.name not in page
    assert none.get(f"/campaigns/{campaign.pk}").status_code == 404 and upload(none, campaign, DEMO / "yuwu.txt").status_code == 404
    assert own.get(f"/campaigns/{campaign.pk}/reports/check.json").status_code == 403


def test_a_form_without_its_token_is_refused():
    client = signed_in(person("officer"), enforce_csrf_checks=True)
    assert client.post("/campaigns/new", {"title": "x"}).status_code == 403


# ---------------------------------------------------------------- first start and signing in


def test_the_first_start_asks_for_an_administrator_and_only_who_started_the_office_can_be_it(office):
    from django.test import Client

    from pipeline.web import server
    from pipeline.web.models import User

    client = Client()
    assert client.get("/login").headers["Location"] == "/first" and not User.objects.exists()
    code = server.first_start_code(office.HOME)
    fields = {"username": "管理员甲", "password1": PASSWORD, "password2": PASSWORD}
    assert "首次启动码不对" in client.post("/first", {**fields, "code": "guess"}).content.decode() and not User.objects.exists()
    assert client.post("/first", {**fields, "code": code}).status_code == 302
    assert User.objects.get().role == "administrator" and client.get("/first").headers["Location"] == "/login"
    client.post("/first", {**fields, "username": "另一人", "code": code})
    assert User.objects.count() == 1


@pytest.mark.parametrize("name", ["officer", "nobody"])
def test_five_wrong_tries_lock_a_name_whether_it_exists_or_not(name):
    from django.test import Client
    from django.utils import timezone

    from pipeline.web.models import Lockout

    person("officer")
    client = Client()
    said = [client.post("/login", {"username": name, "password": "wrong"}).content.decode() for _ in range(6)]
    assert all("用户名或密码不对" in page for page in said[:5]) and "已暂停登录" in said[5]
    assert "已暂停登录" in client.post("/login", {"username": name, "password": PASSWORD}).content.decode()
    Lockout.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert (client.post("/login", {"username": name, "password": PASSWORD}).status_code == 302) == (name == "officer")


def test_signing_in_leads_to_no_foreign_site():
    from django.test import Client

    person("officer")
    assert Client().post("/login?next=https://example.org/", {"username": "officer", "password": PASSWORD}).headers["Location"] == "/"


# ---------------------------------------------------------------- from upload to cell


def test_a_plan_goes_from_upload_to_heat_map_to_evidence_to_letter(checked):
    client, campaign, plan = checked
    plan.refresh_from_db()
    assert plan.state == "checked" and plan.place.name == plan.result.verdict["name"]
    page = client.get(f"/campaigns/{campaign.pk}").content.decode()
    assert page.count('href="/uploads/%d/tasks/' % plan.pk) == len(plan.result.verdict["tasks"]) > 5
    task = next(t for t in plan.result.verdict["tasks"] if any(m["evidence"] for m in t["measures"]))
    measure = next(m for m in task["measures"] if m["evidence"])
    cell = client.get(f"/uploads/{plan.pk}/tasks/{task['id']}").content.decode()
    assert escape(measure["reason"]) in cell
    for quote in (quote for m in task["measures"] for quote in m["evidence"]):
        assert f'href="#e{quote["start"]}"' in cell and f'<mark id="e{quote["start"]}">{quote["text"][:2]}' in cell
    letter = client.get(f"/uploads/{plan.pk}/letter")
    assert b"".join(letter.streaming_content)[:2] == b"PK" and "attachment" in letter.headers["Content-Disposition"]
    original = b"".join(client.get(f"/uploads/{plan.pk}/original").streaming_content)
    assert original == (DEMO / "luting.txt").read_bytes()
    campaign.refresh_from_db()
    assert "核对报告.html" in campaign.reports
    for name in campaign.reports:
        assert client.get(f"/campaigns/{campaign.pk}/reports/{name}").headers["Content-Type"] == "application/octet-stream"
    for name in ("texts.json", "../in/lower/luting.txt", "..%2f..%2f..%2fsecret", "/etc/passwd"):
        assert client.get(f"/campaigns/{campaign.pk}/reports/{name}").status_code == 404


def test_the_same_bytes_are_taken_once_and_a_new_version_replaces_the_old(checked):
    client, campaign, _ = checked
    assert "未重复收取" in upload(client, campaign, DEMO / "luting.txt").content.decode() and campaign.uploads.count() == 1
    changed = (DEMO / "luting.txt").read_bytes() + "\n补充：每年开展两次检查。\n".encode()
    client.post(f"/campaigns/{campaign.pk}/upload", {"plans": sent("luting-2.txt", changed)})
    assert work_all() == 2
    states = dict(campaign.uploads.values_list("name", "state"))
    assert states == {"luting.txt": "replaced", "luting-2.txt": "checked"}


def test_of_several_versions_that_wait_only_the_newest_is_read_and_an_older_one_stands_in_where_it_cannot_be(office):
    campaign = new_campaign(signed_in(person("officer")))
    town = signed_in(person("town", "芦汀镇"))
    text = (DEMO / "luting.txt").read_bytes()
    for number, content in enumerate((text, text + "\n二稿。\n".encode(), text + "\n三稿。\n".encode())):
        town.post(f"/campaigns/{campaign.pk}/upload", {"plans": sent(f"v{number}.txt", content)})
    assert work_all() == 1
    assert dict(campaign.uploads.values_list("name", "state")) == {"v0.txt": "replaced", "v1.txt": "replaced", "v2.txt": "checked"}
    for name, content in (("v3.txt", text + "\n四稿。\n".encode()), ("v4.docx", b"PK\x03\x04 broken")):
        town.post(f"/campaigns/{campaign.pk}/upload", {"plans": sent(name, content)})
    work_all()
    states = dict(campaign.uploads.values_list("name", "state"))
    assert (states["v2.txt"], states["v3.txt"], states["v4.docx"]) == ("replaced", "checked", "refused")


def test_one_bad_file_is_refused_in_words_and_the_rest_is_checked(office):
    client = signed_in(person("officer"))
    campaign = new_campaign(client)
    files = [sent("空.txt", b""), sent("坏.docx", b"PK\x03\x04 broken"), sent("yuwu.txt", (DEMO / "yuwu.txt").read_bytes())]
    assert "0字节" in client.post(f"/campaigns/{campaign.pk}/upload", {"plans": files}, follow=True).content.decode()
    work_all()
    assert dict(campaign.uploads.values_list("name", "state")) == {"坏.docx": "refused", "yuwu.txt": "checked"}
    assert "；" in campaign.uploads.get(name="坏.docx").problem


def test_a_file_over_the_limit_is_refused_and_leaves_nothing(office, monkeypatch):
    client = signed_in(person("officer"))
    campaign = new_campaign(client)
    monkeypatch.setattr(office, "FILE_LIMIT", 10)
    before = sorted((office.HOME / "originals").rglob("*"))
    assert "文件过大" in upload(client, campaign, DEMO / "luting.txt").content.decode()
    assert campaign.uploads.count() == 0 and sorted((office.HOME / "originals").rglob("*")) == before


def test_record_and_job_of_an_upload_stand_or_fall_together(office, monkeypatch):
    from pipeline.web import intake
    from pipeline.web.models import Job

    user = person("officer")
    campaign = new_campaign(signed_in(user))
    Job.objects.all().delete()

    def broken(campaign):
        raise RuntimeError("disk full")

    monkeypatch.setattr(intake, "enqueue", broken)
    file = sent("a.txt", b"text")
    file.size = 4
    with pytest.raises(RuntimeError):
        intake.take(campaign, [file], user)
    assert campaign.uploads.count() == 0 and Job.objects.count() == 0


# ---------------------------------------------------------------- the worker


def test_a_killed_worker_loses_nothing_and_what_it_still_says_counts_no_more(checked):
    from django.utils import timezone

    from pipeline.web import intake, work
    from pipeline.web.models import Job, Result

    _, campaign, plan = checked
    intake.enqueue(campaign)
    dead = work.take_job("dead")
    assert dead is not None and work.take_job("other") is None  # held by a living worker
    Job.objects.filter(pk=dead.pk).update(alive=timezone.now() - timedelta(minutes=5))
    second = work.take_job("second")
    assert second.pk == dead.pk and second.tries == 2
    Result.objects.all().delete()
    work.record(dead, {plan.name: plan})
    assert Result.objects.count() == 0
    work.record(second, {plan.name: plan})
    work.record(second, {plan.name: plan})
    assert Result.objects.count() == 1 and Job.objects.get(pk=second.pk).state == "done"


def test_a_job_that_kills_every_worker_ends_with_words(checked):
    from django.utils import timezone

    from pipeline.web import intake, work
    from pipeline.web.models import Job

    _, campaign, _ = checked
    intake.enqueue(campaign)
    for _ in range(3):
        job = work.take_job("dead")
        Job.objects.filter(pk=job.pk).update(alive=timezone.now() - timedelta(minutes=5))
    assert work.take_job("next") is None
    job = Job.objects.get(pk=job.pk)
    assert job.state == "failed" and "重试" in job.problem


def test_a_child_over_its_memory_ends_and_the_office_says_so(office, monkeypatch):
    client = signed_in(person("officer"))
    campaign = new_campaign(client)
    monkeypatch.setattr(office, "JOB_MEMORY", 40 * 1024**2)
    work_all()
    job = campaign.jobs.get()
    assert job.state == "failed" and "重试" in job.problem


# ---------------------------------------------------------------- decisions and foreign text


def test_a_decision_needs_its_reason_and_is_never_changed_or_erased(checked):
    from pipeline.web.models import Decision

    client, _, plan = checked
    plan.refresh_from_db()
    task = next(t["id"] for t in plan.result.verdict["tasks"] if t["verdict"] == "missing")
    address = f"/uploads/{plan.pk}/tasks/{task}/decide"
    for fields in ({"kind": "override"}, {"kind": "override", "verdict": "covered"}, {"kind": "waive", "reason": "另文"}, {"kind": "accept", "verdict": "covered"}):
        assert client.post(address, fields).status_code == 400
    assert client.post(address, {"kind": "override", "verdict": "covered", "reason": "另一章写了"}).status_code == 302
    assert client.post(address, {"kind": "waive", "reason": "另有专项方案", "expires": "2027-12-31"}).status_code == 302
    made = list(Decision.objects.order_by("pk"))
    assert [d.kind for d in made] == ["override", "waive"] and made[0].made_by.username == "officer"
    with pytest.raises(ValueError):
        made[0].save()
    with pytest.raises(ValueError):
        made[0].delete()
    with pytest.raises(ValueError):
        Decision.objects.update(reason="")
    with pytest.raises(ValueError):
        Decision.objects.filter(pk=made[0].pk).delete()


def test_text_of_a_document_and_its_name_stay_text(office):
    client = signed_in(person("officer"))
    evil = "<script>alert(1)</script>"
    campaign = new_campaign(client)
    text = (DEMO / "luting.txt").read_text("utf-8").replace("。", f"{evil}。", 40)
    client.post(f"/campaigns/{campaign.pk}/upload", {"plans": sent("a<img src=x onerror=alert(1)>.txt", text.encode())})
    work_all()
    plan = campaign.uploads.get()
    pages = [client.get(f"/campaigns/{campaign.pk}").content.decode()]
    pages += [client.get(f"/uploads/{plan.pk}/tasks/{t['id']}").content.decode() for t in plan.result.verdict["tasks"][:3]]
    assert any("&lt;script&gt;" in page for page in pages)
    for page in pages:
        assert evil not in page and "<img" not in page


def test_no_page_holds_script_or_style_of_its_own_or_asks_another_machine(checked):
    client, campaign, plan = checked
    task = campaign.uploads.get().result.verdict["tasks"][0]["id"]
    for address in ("/", "/campaigns/new", f"/campaigns/{campaign.pk}", f"/campaigns/{campaign.pk}/reports", f"/campaigns/{campaign.pk}/duties", f"/uploads/{plan.pk}/tasks/{task}"):
        said = client.get(address)
        page, policy = said.content.decode(), said.headers["Content-Security-Policy"]
        assert said.status_code == 200 and "unsafe" not in policy and "default-src 'none'" in policy and said.headers["X-Content-Type-Options"] == "nosniff"
        assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=|https?://", page)


def test_the_evidence_is_marked_on_the_page_of_a_pdf_and_only_its_town_sees_it(office):
    from io import BytesIO

    from PIL import Image

    client = signed_in(person("officer"))
    campaign = new_campaign(client, towns="青篁镇\n鹤栖街道")
    upload(client, campaign, DEMO / "qinghuang.pdf")
    work_all()
    plan = campaign.uploads.get()
    task, quote = next((t["id"], q) for t in plan.result.verdict["tasks"] for m in t["measures"] for q in m["evidence"])
    address = f"/uploads/{plan.pk}/tasks/{task}/pages/{quote['page']}"
    assert f'src="{address}"' in client.get(f"/uploads/{plan.pk}/tasks/{task}").content.decode()
    said = client.get(address)
    assert said.headers["Content-Type"] == "image/png" and said.headers["X-Content-Type-Options"] == "nosniff"
    picture = Image.open(BytesIO(b"".join(said.streaming_content))).convert("RGB")
    yellow = sum(count for count, (red, _, blue) in picture.getcolors(picture.width * picture.height) if red > 200 and blue < 190)
    assert picture.width > 800 and yellow > 500 * len(quote["text"]) ** 0.5
    assert client.get(f"/uploads/{plan.pk}/tasks/{task}/pages/99").status_code == 404
    assert signed_in(person("town", "鹤栖街道")).get(address).status_code == 404


def test_marked_text_is_the_text():
    from pipeline.web.desk import marked

    text = "甲乙丙丁戊"
    assert marked(text, [(0, 2), (1, 3), (4, 5)]) == [("甲", 0), ("乙", 1), ("丙", 2), ("丁", None), ("戊", 4)]
    assert marked(text, []) == [(text, None)]


def test_every_field_has_a_name_for_who_does_not_see_it_and_every_table_its_heads(checked):
    from lxml import html

    client, campaign, plan = checked
    administrator, task = signed_in(person("administrator")), plan.result.verdict["tasks"][0]["id"]
    pages = [administrator.get("/people")] + [client.get(address) for address in (
        "/account", "/campaigns/new", f"/campaigns/{campaign.pk}", f"/campaigns/{campaign.pk}/plan", f"/campaigns/{campaign.pk}/queue", f"/campaigns/{campaign.pk}/log", f"/campaigns/{campaign.pk}/reports", f"/campaigns/{campaign.pk}/duties",
        f"/campaigns/{campaign.pk}/measures/{task}-m1", f"/uploads/{plan.pk}/tasks/{task}")]
    fields = 0
    for page in pages:
        assert page.status_code == 200
        tree = html.fromstring(page.content)
        assert tree.get("lang") == "zh-CN" and tree.xpath("//main//h1") and len(tree.xpath("//*/@id")) == len(set(tree.xpath("//*/@id")))
        labelled = set(tree.xpath("//label/@for"))
        for field in tree.xpath("//input[not(@type='hidden')] | //select | //textarea"):
            assert field.get("id") in labelled or field.get("aria-label") or field.xpath("ancestor::label"), html.tostring(field)
            fields += 1
        assert not tree.xpath("//th[not(@scope)]") and not tree.xpath("//a[not(@href)]") and not tree.xpath("//*[@tabindex > 0]")
    assert fields > 50
