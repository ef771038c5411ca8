"""Running the office: backup and restore, the log, the health page, what Django says of a server that faces the net."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from web_office import DEMO, PASSWORD, checked, emptied, office, person

__all__ = ["checked", "emptied", "office"]  # fixtures
ROOT = Path(__file__).resolve().parents[1]


def run(*words: str, **environment: str) -> subprocess.CompletedProcess:
    own = {key: value for key, value in os.environ.items() if key not in ("DJANGO_SETTINGS_MODULE", "LUOSHI_HOME")}
    return subprocess.run([sys.executable, "-m", *words], cwd=ROOT, env=own | environment, capture_output=True, text=True, timeout=300)


def tables(home: Path) -> list:
    said = run("django", "dumpdata", "web", "--exclude=web.job", "--exclude=web.cell", LUOSHI_HOME=str(home), DJANGO_SETTINGS_MODULE="pipeline.web.settings")
    assert said.returncode == 0, said.stderr
    return json.loads(said.stdout)


@pytest.mark.skipif("DATABASE_URL" in os.environ, reason="two offices on one database")
def test_a_backup_brings_everything_back_into_an_empty_office_and_into_no_other(checked, tmp_path, office):
    from pipeline.web.models import Job

    client, campaign, plan = checked
    task = next(t["id"] for t in plan.result.verdict["tasks"] if t["verdict"] == "missing")
    client.post(f"/uploads/{plan.pk}/tasks/{task}/decide", {"kind": "override", "verdict": "covered", "reason": "有"})
    client.post(f"/uploads/{plan.pk}/tasks/{task}/remark", {"text": "记一笔"})
    kept, fresh = tmp_path / "备份.tar", tmp_path / "新"
    said = run("pipeline.cli", "backup", str(kept), "--home", str(office.HOME))
    assert said.returncode == 0 and "已备份" in said.stdout and kept.stat().st_mode & 0o077 == 0, said.stderr
    said = run("pipeline.cli", "restore", str(kept), "--home", str(fresh))
    assert said.returncode == 0 and "已恢复" in said.stdout, said.stderr
    before, after = tables(office.HOME), tables(fresh)
    assert before == after and {row["model"] for row in after} >= {"web.decision", "web.remark", "web.upload", "web.result", "web.user"}
    for row in after:
        if row["model"] == "web.upload":
            sha256 = row["fields"]["sha256"]
            assert (fresh / "originals" / sha256[:2] / sha256).read_bytes() == (DEMO / "luting.txt").read_bytes()
    assert (fresh / "secret").read_text() == (office.HOME / "secret").read_text()
    again = run("pipeline.cli", "restore", str(kept), "--home", str(fresh))
    assert again.returncode != 0 and "没有恢复" in again.stderr + again.stdout
    assert Job.objects.filter(campaign=campaign).exists()


def test_what_is_no_backup_is_refused_in_words(tmp_path):
    for name, content in (("a.tar", b"no tar"), ("b.tar", b"")):
        (tmp_path / name).write_bytes(content)
        said = run("pipeline.cli", "restore", str(tmp_path / name), "--home", str(tmp_path / "home"))
        assert said.returncode != 0 and "不是 luoshi backup 写的备份" in said.stderr + said.stdout and "Traceback" not in said.stderr


def test_django_finds_nothing_to_say_of_an_office_behind_https(tmp_path):
    said = run("django", "check", "--deploy", "--fail-level", "WARNING", LUOSHI_HOME=str(tmp_path), DJANGO_SETTINGS_MODULE="pipeline.web.settings",
               LUOSHI_HTTPS="1", LUOSHI_HOSTS="luoshi.example")
    assert said.returncode == 0 and "no issues" in said.stdout, said.stderr


def test_the_migrations_are_those_of_the_models(tmp_path):
    said = run("django", "makemigrations", "--check", "--dry-run", LUOSHI_HOME=str(tmp_path), DJANGO_SETTINGS_MODULE="pipeline.web.settings")
    assert said.returncode == 0, said.stdout + said.stderr


def test_the_log_tells_who_asked_for_what_and_quotes_no_document(checked, office, monkeypatch):
    from django.test import Client

    from pipeline.web import desk

    client, campaign, plan = checked
    task = plan.result.verdict["tasks"][0]["id"]

    def broken(*_):
        raise ValueError(plan.result.text[:50])

    monkeypatch.setattr(desk, "marked", broken)
    failing = Client(raise_request_exception=False)
    failing.force_login(campaign.created_by)
    said = failing.get(f"/uploads/{plan.pk}/tasks/{task}")
    assert said.status_code == 500 and "出错了" in said.content.decode()
    for handler in logging.getLogger("luoshi").handlers:
        handler.flush()
    log = (office.HOME / "office.log").read_text("utf-8")
    assert "GET cell 500" in log and f"user {campaign.created_by.pk}" in log and "ValueError" in log and "desk.py" in log and "POST upload 302" in log
    assert plan.result.text[:20] not in log and "luting" not in log and "年度核查" not in log


def test_the_health_page_says_when_nobody_takes_the_jobs(checked):
    from django.test import Client
    from django.utils import timezone

    from pipeline.web import intake
    from pipeline.web.models import Job

    _, campaign, _ = checked
    assert Client().get("/health").json()["ok"] is True
    intake.enqueue(campaign)
    Job.objects.filter(state=Job.QUEUED).update(due=timezone.now() - timedelta(minutes=5))
    said = Client().get("/health")
    assert said.status_code == 503 and said.json()["stuck"] is True


def test_wrong_tries_that_come_at_once_all_count():
    from django.db import connection
    from django.test import Client

    from pipeline.web.models import Lockout

    person("officer")
    said = []

    def attempt():
        try:
            said.append(Client().post("/login", {"username": "officer", "password": "wrong"}).content.decode())
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(said) == 20 and sum("用户名或密码不对" in page for page in said) == 5
    assert Lockout.objects.get().until is not None
    assert "已暂停登录" in Client().post("/login", {"username": "officer", "password": PASSWORD}).content.decode()
