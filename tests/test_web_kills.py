"""The worker as a process of its own, killed and shut while it works: nothing is lost, nothing is there twice, nobody runs on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from web_office import DEMO, emptied, new_campaign, office, person, signed_in, upload

__all__ = ["emptied", "office"]  # fixtures
pytestmark = pytest.mark.skipif(not Path("/proc").is_dir(), reason="process table as files: Linux")
ROOT = Path(__file__).resolve().parents[1]


def worker(home: Path) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-m", "pipeline.web.server"], cwd=ROOT, env=os.environ | {"LUOSHI_HOME": str(home)}, stdin=subprocess.PIPE)


def until(true) -> None:
    """Looks ten times a second whether something has come true; fails after two minutes."""
    end = time.monotonic() + 120
    while not true():
        assert time.monotonic() < end, "it never came true"
        threading.Event().wait(0.1)


def children(home: Path) -> list[int]:
    """Living checks of this office."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdecimal() and f"{home}/campaigns".encode() in (words := (folder / "cmdline").read_bytes()) and b"pipeline.web.checking" in words:
                found.append(int(folder.name))
        except OSError:
            continue
    return found


@pytest.fixture
def running(office):
    """(a campaign with three plans, the worker that is at it)."""
    campaign = new_campaign(signed_in(person("officer")))
    upload(signed_in(campaign.created_by), campaign, DEMO / "luting.txt", DEMO / "yuwu.txt", DEMO / "fengpu.txt")
    process = worker(office.HOME)
    until(lambda: children(office.HOME))
    yield campaign, process
    process.kill()
    process.wait()


def all_checked(campaign) -> bool:
    return set(campaign.uploads.values_list("state", flat=True)) == {"checked"} and not campaign.jobs.filter(state__in=("queued", "running")).exists()


def test_a_check_ends_with_its_killed_worker_and_the_next_worker_takes_over(running, office):
    from django.utils import timezone

    from pipeline.web.models import Job, Result

    campaign, process = running
    process.kill()
    process.wait()
    until(lambda: not children(office.HOME))
    assert campaign.jobs.get().state == "running" and campaign.uploads.count() == 3
    Job.objects.update(alive=timezone.now() - timedelta(minutes=1))  # half a minute without a sign of life
    second = worker(office.HOME)
    try:
        until(lambda: all_checked(campaign))
    finally:
        second.stdin.close()
        second.wait(30)
    assert Result.objects.count() == campaign.uploads.count() == 3 and campaign.jobs.get().tries == 2


@pytest.mark.parametrize("how", ["its server is gone", "a service manager says so"])
def test_a_worker_that_is_shut_puts_its_job_back_at_once(running, office, how):
    campaign, process = running
    if how == "its server is gone":
        process.stdin.close()
    else:
        process.send_signal(signal.SIGTERM)
    process.wait(30)
    until(lambda: not children(office.HOME))
    job = campaign.jobs.get()
    assert (job.state, job.tries, job.holder) == ("queued", 0, "") or all_checked(campaign)  # or it was done just then
