"""What goes out and what stays: pages of originals with the evidence marked, reports in their places, who answers for what, rules by version, originals without a record."""

from __future__ import annotations

import hashlib
import io
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from web_office import DEMO, checked, emptied, new_campaign, office, person, signed_in, upload, work_all

__all__ = ["checked", "emptied", "office"]  # fixtures
ROOT = Path(__file__).resolve().parents[1]


# ---------------------------------------------------------------- pages of the original


def picture_of(client, address: str):
    from PIL import Image

    said = client.get(address)
    assert said.status_code == 200 and said.headers["Content-Type"] == "image/png", said.status_code
    return Image.open(io.BytesIO(b"".join(said.streaming_content))).convert("RGB")


def yellow(picture) -> list[tuple[int, int]]:
    """Where a picture is yellow, in pixels."""
    wide, values = picture.width, picture.tobytes()
    return [(i // 3 % wide, i // 3 // wide) for i in range(0, len(values), 3) if values[i] > 200 and values[i + 1] > 180 and values[i + 2] < 190]


def test_the_evidence_is_marked_on_the_page_of_a_pdf_where_it_stands():
    client = signed_in(person("officer"))
    campaign = new_campaign(client)
    upload(client, campaign, DEMO / "qinghuang.pdf")
    work_all()
    plan = campaign.uploads.get()
    task = next(t for t in plan.result.verdict["tasks"] if any(m["evidence"] for m in t["measures"]))
    page = client.get(f"/uploads/{plan.pk}/tasks/{task['id']}").content.decode()
    (address, *_) = re.findall(r'src="(/uploads/\d+/tasks/[^"]+/pages/\d+)"', page)
    number = int(address.rpartition("/")[2])
    found = yellow(picture := picture_of(client, address))
    boxes = [box for m in task["measures"] for q in m["evidence"] for at, *box in plan.result.places[f"{q['start']}-{q['end']}"] if at == number]
    assert boxes and len(found) > 500
    for x, y in found[:: len(found) // 200]:
        assert any(left - 0.01 <= x / picture.width <= right + 0.01 and top - 0.01 <= y / picture.height <= bottom + 0.01 for left, top, right, bottom in boxes)
    assert picture_of(client, address).tobytes() == picture.tobytes()  # the second time it is the kept one
    assert client.get(address.rpartition("/")[0] + "/99").status_code == 404
    other = signed_in(person("town", "别的镇"))
    assert other.get(address).status_code == 404


def scanned(plan, content: bytes, box: tuple[float, ...]) -> str:
    """Make a checked plan one that came as a picture, as its recognition would have: returns a task with evidence."""
    from pipeline.web import intake

    sha256, size = intake.keep_original(type("File", (), {"size": len(content), "name": "a.png", "read": lambda self: content})())
    type(plan).objects.filter(pk=plan.pk).update(sha256=sha256, size=size, name="扫描.png")
    result = plan.result
    result.verdict["source"]["format"] = "image"
    result.verdict["source"]["ocr"] = True
    task = next(t for t in result.verdict["tasks"] if any(m["evidence"] for m in t["measures"]))
    result.places = {f"{q['start']}-{q['end']}": [[1, *box]] for m in task["measures"] for q in m["evidence"]}
    result.save()
    return task["id"]


def test_the_evidence_is_marked_on_a_scan_too(checked):
    from PIL import Image

    client, _, plan = checked
    content = io.BytesIO()
    Image.new("L", (1240, 1754), 255).save(content, "PNG")
    task = scanned(plan, content.getvalue(), (0.2, 0.3, 0.6, 0.33))
    page = client.get(f"/uploads/{plan.pk}/tasks/{task}").content.decode()
    assert "扫描件，文字由程序识别" in page
    picture = picture_of(client, f"/uploads/{plan.pk}/tasks/{task}/pages/1")
    found = yellow(picture)
    left, right = min(x for x, _ in found) / picture.width, max(x for x, _ in found) / picture.width
    top, bottom = min(y for _, y in found) / picture.height, max(y for _, y in found) / picture.height
    assert (left, top, right, bottom) == pytest.approx((0.2, 0.3, 0.6, 0.33), abs=0.01)


@pytest.mark.parametrize("content", [b"%PDF-1.7 broken", b"\x89PNG\r\n\x1a\n broken", b"no picture at all"])
def test_an_original_that_cannot_be_drawn_leaves_the_text(checked, content):
    client, _, plan = checked
    task = scanned(plan, content, (0.1, 0.1, 0.2, 0.2))
    assert client.get(f"/uploads/{plan.pk}/tasks/{task}/pages/1").status_code == 404
    assert "<mark" in client.get(f"/uploads/{plan.pk}/tasks/{task}").content.decode()


def test_a_format_without_pages_offers_none(checked):
    client, _, plan = checked
    task = next(t["id"] for t in plan.result.verdict["tasks"] if any(m["evidence"] for m in t["measures"]))
    assert "/pages/" not in client.get(f"/uploads/{plan.pk}/tasks/{task}").content.decode()
    assert client.get(f"/uploads/{plan.pk}/tasks/{task}/pages/1").status_code == 404


# ---------------------------------------------------------------- reports and duties


def test_every_report_of_the_campaign_stands_on_its_page_and_can_be_had(checked):
    client, campaign, plan = checked
    campaign.refresh_from_db()
    page = client.get(f"/campaigns/{campaign.pk}/reports").content.decode()
    links = re.findall(r'href="(/campaigns/\d+/reports/[^"]+)"', page)
    assert len(links) == len(campaign.reports) > 40
    for folder in ("全部镇街", "差距报告（1）", "责任单位（"):
        assert f"<h2>{folder}" in page
    for link in links:
        said = client.get(link)
        assert said.status_code == 200 and said.headers["Content-Disposition"].startswith("attachment"), link


def test_a_unit_has_its_list_with_how_the_towns_fare_and_a_document_of_it(checked):
    import docx

    client, campaign, plan = checked
    campaign.refresh_from_db()
    task = next(t for t in campaign.tasks if t["units"] and plan.cells.filter(task=t["id"], decided="missing").exists())
    unit = task["units"][0]["canonical"]
    page = client.get(f"/campaigns/{campaign.pk}/duties", {"unit": unit}).content.decode()
    owned = [t for t in campaign.tasks if any(u["canonical"] == unit for u in t["units"])]
    table = page.partition("各镇落实情况</th>")[2].partition("</table>")[0]
    assert table.count("<tr>") == len(owned) and all(f"{t['id']} {t['title']}" in table for t in owned) and "✕ 缺失 1" in table
    (link,) = re.findall(r'href="(/campaigns/\d+/reports/[^"]+)">下载', page)
    document = docx.Document(io.BytesIO(b"".join(client.get(link).streaming_content)))
    rows = document.tables[0].rows[1:]
    assert [row.cells[1].text.partition(" ")[0] for row in rows] == [t["id"] for t in owned]
    assert plan.place.name in next(row for row in rows if row.cells[1].text.startswith(task["id"] + " ")).cells[7].text


def test_the_graph_holds_every_unit_and_task_and_an_edge_a_duty(checked):
    client, campaign, _ = checked
    campaign.refresh_from_db()
    page = client.get(f"/campaigns/{campaign.pk}/duties").content.decode()
    pairs = {(u["canonical"], t["id"]): {x["role"] for x in t["units"] if x["canonical"] == u["canonical"]} for t in campaign.tasks for u in t["units"]}
    assert page.count('<path class="edge') == sum(roles != {"support"} for roles in pairs.values()) > 0
    assert page.count('href="?task=') == len(campaign.tasks) and page.count("<text") == len(campaign.tasks) + len({unit for unit, _ in pairs})
    task = campaign.tasks[0]["id"]
    assert client.get(f"/campaigns/{campaign.pk}/duties", {"task": task}).content.decode().count('<path class="edge') == sum(id_ == task for _, id_ in pairs)
    for wrong in ({"unit": "没有的局"}, {"task": "99"}):
        assert client.get(f"/campaigns/{campaign.pk}/duties", wrong).status_code == 404


def test_hostile_names_of_units_stay_text(checked):
    client, campaign, _ = checked
    campaign.refresh_from_db()
    name = "</text><script>x</script>局"
    campaign.tasks[0]["units"] = [{"name": name, "canonical": name, "role": "lead", "collective": False}]
    campaign.save()
    for query in ({}, {"unit": name}):
        assert "<script>x" not in client.get(f"/campaigns/{campaign.pk}/duties", query).content.decode()


# ---------------------------------------------------------------- rules by version


def test_the_page_says_by_which_rules_it_was_checked_and_asks_again_when_they_changed(checked, monkeypatch):
    from pipeline.web import ledger

    client, campaign, plan = checked
    campaign.refresh_from_db()
    assert campaign.rules == ledger.rulebook().digest and campaign.domain_used
    page = client.get(f"/campaigns/{campaign.pk}").content.decode()
    assert f"规则版本 {campaign.rules[:12]}" in page and "有了新版本" not in page
    type(campaign).objects.filter(pk=campaign.pk).update(rules="0" * 64)
    assert "请点“重新核对”" in client.get(f"/campaigns/{campaign.pk}").content.decode()
    assert "请政策人员重新核对" in signed_in(person("reader")).get(f"/campaigns/{campaign.pk}").content.decode()
    client.post(f"/campaigns/{campaign.pk}/again")
    work_all()
    assert "有了新版本" not in client.get(f"/campaigns/{campaign.pk}").content.decode()


def test_the_concept_pack_can_be_chosen_and_no_other_than_those_there_are():
    from web_office import sent

    from pipeline.web import ledger
    from pipeline.web.models import Campaign

    client = signed_in(person("officer"))
    fields = {"title": "年度核查", "towns": "芦汀镇"}
    city = (DEMO / "city.txt").read_bytes()
    assert client.post("/campaigns/new", {**fields, "domain": "没有的包", "upper": sent("city.txt", city)}).status_code == 200 and not Campaign.objects.exists()
    assert client.post("/campaigns/new", {**fields, "domain": "none", "upper": sent("city.txt", city)}).status_code == 302
    campaign = Campaign.objects.get()
    upload(client, campaign, DEMO / "luting.txt")
    work_all()
    campaign.refresh_from_db()
    assert (campaign.domain, campaign.domain_used) == ("none", "none") and ledger.rulebook().domains
    assert "概念包没有用" in client.get(f"/campaigns/{campaign.pk}").content.decode()


# ---------------------------------------------------------------- originals without a record


DAY = 24 * 3600


def left_over(content: bytes) -> Path:
    from pipeline import store
    from pipeline.web import intake

    path = intake.original(hashlib.sha256(content).hexdigest())
    store.write_aside(path, content)
    return path


def test_only_old_originals_that_no_record_names_are_swept(checked):
    from pipeline.web import intake

    _, campaign, plan = checked
    intake.sweep(time.time() + 2 * DAY)  # of the tests before
    orphan = left_over(b"an upload that was killed")
    assert intake.sweep() == 0 and orphan.exists()  # young: its record may be under way
    assert intake.sweep(time.time() + 2 * DAY) == 1 and not orphan.exists()
    assert intake.original(plan.sha256).read_bytes() == (DEMO / "luting.txt").read_bytes() and intake.original(campaign.upper_sha256).exists()
    assert intake.sweep(time.time() + 2 * DAY) == 0


def test_bytes_that_come_in_again_while_they_are_swept_stay(checked, monkeypatch):
    from pipeline.web import intake

    _, campaign, _ = checked
    content = b"sent again just now"
    path = left_over(content)
    os.utime(path, (1, 1))
    rename = Path.rename

    def sent_meanwhile(self, target):
        if self == path:
            monkeypatch.setattr(Path, "rename", rename)
            intake.keep_original(type("File", (), {"size": len(content), "name": "a.txt", "read": lambda self: content})())  # its record will follow
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", sent_meanwhile)
    assert intake.sweep() == 0 and path.read_bytes() == content


@pytest.mark.skipif("DATABASE_URL" in os.environ, reason="the killed process looks at the folder's own tables")
def test_a_sweep_that_is_killed_in_the_middle_loses_nothing(checked, office):
    from pipeline.web import intake

    _, campaign, plan = checked
    kept = {path: path.read_bytes() for path in (intake.original(plan.sha256), intake.original(campaign.upper_sha256))}
    orphans = [left_over(f"orphan {number}".encode()) for number in range(5)]
    for path in (*kept, *orphans):
        os.utime(path, (1, 1))
    # killed when some are put aside; one that has got a record by then is among them
    code = ("import os, signal, django; django.setup()\nfrom pathlib import Path\nfrom pipeline.web import intake\nrename, done = Path.rename, []\n"
            "def dying(self, target):\n    rename(self, target); done.append(self)\n    if len(done) == 3: os.kill(os.getpid(), signal.SIGKILL)\n"
            "Path.rename = dying\nintake.sweep()")
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=os.environ | {"LUOSHI_HOME": str(office.HOME), "DJANGO_SETTINGS_MODULE": "pipeline.web.settings"}, timeout=60)
    assert said.returncode == -signal.SIGKILL and sum(path.exists() for path in orphans) == 2
    recorded = next(path for path in orphans if not path.exists())
    campaign.uploads.create(name="后来记的.txt", sha256=recorded.name, size=8, sent_by=campaign.created_by)
    assert intake.sweep() == 4 and recorded.exists()
    assert {path: path.read_bytes() for path in kept} == kept


def test_the_sweep_is_a_command(checked):
    from django.core.management import call_command

    from pipeline.web import intake

    intake.sweep(time.time() + 2 * DAY)
    os.utime(left_over(b"one more"), (1, 1))
    said = io.StringIO()
    call_command("sweep", stdout=said)
    assert "清理了1个" in said.getvalue()


