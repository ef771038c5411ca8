"""Many people at once on a real office on loopback, with or without kills: no test of the suite, a report with numbers.

    python tests/load/office.py --users 50 --seconds 300            load: errors, medians
    python tests/load/office.py --users 20 --seconds 300 --kills 20 server or worker killed at random moments; then everything is counted

Uses DATABASE_URL where it is set (an empty database), else SQLite in a folder of its own.
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import http.cookiejar
import json
import os
import random
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "corpora" / "demo"
PASSWORD = "long-enough-7Q"
ARRIVE = 25  # seconds in which the people come: to sign in takes a third of a second of the processor, which is meant to


class Office:
    """`luoshi serve` as a process that can be killed and started again."""

    def __init__(self, home: Path, port: int):
        self.home, self.port, self.process = home, port, None

    def start(self) -> None:
        command = [sys.executable, "-m", "pipeline.cli", "serve", "--home", str(self.home), "--port", str(self.port)]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=(self.home / "stderr").open("ab"), text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"})
        for line in self.process.stdout:
            if "已启动" in line:
                return
        raise SystemExit(f"server did not start: {(self.home / 'stderr').read_text()}")

    def seconds(self) -> float:
        """Processor time of the web server itself so far, its worker apart; 0 where there is no process table as files."""
        try:
            fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        except OSError:
            return 0.0

    def workers(self) -> list[int]:
        said = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True).stdout
        return [int(line) for line in said.split()]

    def kill(self) -> str:
        """The server (then started again) or its worker, by chance."""
        workers = self.workers()
        if workers and random.random() < 0.5:
            os.kill(workers[0], signal.SIGKILL)
            return "worker"
        self.process.kill()
        self.process.wait()
        self.start()
        return "server"


class Person(threading.Thread):
    """Somebody who works: pages, cells, uploads or decisions, with pauses; keeps times, errors and what was acknowledged."""

    def __init__(self, name: str, place: str | None, address: str, campaign: int, until: float, patient: bool, pause: float):
        super().__init__(daemon=True)
        self.name_, self.place, self.address, self.campaign, self.until, self.patient, self.pause = name, place, address, campaign, until, patient, pause
        self.times: dict[str, list[float]] = {}
        self.errors: list[str] = []
        self.sent: list[str] = []
        self.decided = 0
        self.version = 0
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def ask(self, what: str, path: str, content: bytes | None = None, headers: dict | None = None) -> str:
        """A page; in an office that is being killed a lost connection is tried again, as a person would."""
        while True:
            began = time.monotonic()
            try:
                with self.opener.open(urllib.request.Request(self.address + path, content, headers or {}), timeout=60) as answer:
                    body = answer.read().decode("utf-8", "replace")
                self.times.setdefault(what, []).append(time.monotonic() - began)
                return body
            except (OSError, http.client.HTTPException) as error:
                if self.patient and not isinstance(error, urllib.error.HTTPError):
                    time.sleep(0.3)
                    continue
                self.errors.append(f"{what}: {error}")
                raise

    def post(self, what: str, path: str, page: str, fields: dict) -> str:
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
        return self.ask(what, path, urllib.parse.urlencode(fields | {"csrfmiddlewaretoken": token}).encode())

    def run(self) -> None:
        self.post("sign in", "/login", self.ask("login page", "/login"), {"username": self.name_, "password": PASSWORD})
        while time.monotonic() < self.until:
            try:
                page = self.ask("campaign", f"/campaigns/{self.campaign}")
                cells = re.findall(r'href="(/uploads/\d+/tasks/[^"]+)"', page)
                if self.place:
                    self.upload(page)
                elif cells:
                    self.decide()
                for cell in random.sample(cells, min(3, len(cells))):
                    self.ask("cell", cell)
                    time.sleep(random.uniform(0.2, 1) * self.pause)
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(random.uniform(0.5, 2) * self.pause)

    def upload(self, page: str) -> None:
        self.version += 1
        text = (DEMO / "luting.txt").read_text("utf-8").replace("芦汀镇", self.place) + f"\n第{self.version}稿：每月开展{self.version}次检查，由镇村建办负责。\n"
        content = text.encode()
        token, border = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1], uuid.uuid4().hex
        body = (f'--{border}\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{token}\r\n--{border}\r\nContent-Disposition: form-data; name="plans"; '
                f'filename="v{self.version}.txt"\r\nContent-Type: text/plain\r\n\r\n').encode() + content + f"\r\n--{border}--\r\n".encode()
        said = self.ask("upload", f"/campaigns/{self.campaign}/upload", body, {"Content-Type": f"multipart/form-data; boundary={border}"})
        if "收到1份" in said or "未重复收取" in said:  # the second: its answer was lost in a kill, and it was sent again
            self.sent.append(hashlib.sha256(content).hexdigest())
        else:
            self.errors.append(f"upload not acknowledged: {re.findall('class=.message[^>]*>([^<]*)', said)}")

    def decide(self) -> None:
        items = re.findall(r'class="item" href="(/uploads/\d+/tasks/[^"]+)"', self.ask("queue", f"/campaigns/{self.campaign}/queue"))
        if items:
            cell = random.choice(items)
            said = self.post("decision", f"{cell}/decide", self.ask("cell", cell), {"kind": "accept"})
            self.decided += "已记录" in said


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--users", type=int, default=50)
    options.add_argument("--seconds", type=int, default=300)
    options.add_argument("--kills", type=int, default=0)
    options.add_argument("--pause", type=float, default=3.0, help="factor on the pauses between two things that a person does")
    options.add_argument("--seed", type=int, default=7)
    chosen = options.parse_args()
    random.seed(chosen.seed)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the office ends with us
    with tempfile.TemporaryDirectory(prefix="luoshi-load-") as folder:
        return _measure(chosen, Path(folder))


def _measure(chosen: argparse.Namespace, home: Path) -> int:
    os.environ["LUOSHI_HOME"], os.environ["DJANGO_SETTINGS_MODULE"] = str(home), "pipeline.web.settings"
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()
    from django.core.files.base import ContentFile
    from django.core.management import call_command

    from pipeline.web import intake
    from pipeline.web.models import Decision, Job, Place, Result, Upload, User

    call_command("migrate", interactive=False, verbosity=0)
    officer = User.objects.create_user("officer", password=PASSWORD, role="officer")
    towns = [f"第{number}镇" for number in range(chosen.users * 4 // 5)]
    campaign = intake.open_campaign("年度核查", None, towns, ContentFile((DEMO / "city.txt").read_bytes(), "city.txt"), officer)
    for number, town in enumerate(towns):
        User.objects.create_user(f"town{number}", password=PASSWORD, role="town", place=Place.objects.get(name=town))
    for number in range(chosen.users - len(towns)):
        User.objects.create_user(f"reviewer{number}", password=PASSWORD, role="reviewer")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    office = Office(home, port)
    office.start()
    killed: list[str] = []
    try:
        until = time.monotonic() + chosen.seconds
        names = [(f"town{n}", town) for n, town in enumerate(towns)] + [(f"reviewer{n}", None) for n in range(chosen.users - len(towns))]
        people = [Person(name, town, f"http://127.0.0.1:{port}", campaign.pk, until, bool(chosen.kills), chosen.pause) for name, town in names]
        for person in people:
            person.start()
            time.sleep(ARRIVE / len(people))
        for _ in range(chosen.kills):
            time.sleep(random.uniform(0.5, 1.5) * chosen.seconds / (chosen.kills + 1))
            killed.append(office.kill())
        for person in people:
            person.join()
        spent, loads = office.seconds(), os.getloadavg()
        patience = time.monotonic() + 900
        while Job.objects.filter(state__in=(Job.QUEUED, Job.RUNNING)).exists() and time.monotonic() < patience:
            time.sleep(1)
    finally:
        office.process.terminate()
        office.process.wait(60)
    sent = [sha256 for person in people for sha256 in person.sent]
    kept = list(campaign.uploads.values_list("sha256", flat=True))
    states = list(campaign.uploads.values_list("state", flat=True))
    times = {what: [t for person in people for t in person.times.get(what, ())] for what in sorted({what for person in people for what in person.times})}
    report = {
        "users": chosen.users, "seconds": chosen.seconds, "kills": {kind: killed.count(kind) for kind in ("server", "worker")},
        "load_average_at_the_end": [round(load, 1) for load in loads],
        "server_cpu_ms_a_request": None if killed else round(1000 * spent / max(1, sum(map(len, times.values())))),
        "errors": [error for person in people for error in person.errors][:20],
        "requests": {what: {"count": len(all_), "median_ms": round(statistics.median(all_) * 1000), "p95_ms": round(sorted(all_)[int(len(all_) * 0.95)] * 1000)} for what, all_ in times.items()},
        "uploads": {"acknowledged": len(sent), "lost": len(set(sent) - set(kept)), "double": len(kept) - len(set(kept)), "unasked": len(set(kept) - set(sent)),
                    "damaged": sum(hashlib.sha256(intake.original(sha256).read_bytes()).hexdigest() != sha256 for sha256 in set(kept)),
                    "states": {state: states.count(state) for state in sorted(set(states))}},
        "decisions": {"acknowledged": sum(person.decided for person in people), "kept": Decision.objects.count()},
        "checked_without_result": campaign.uploads.filter(state=Upload.CHECKED, result=None).count(), "results": Result.objects.count(),
        "jobs": {state: Job.objects.filter(state=state).count() for state in (Job.QUEUED, Job.RUNNING, Job.DONE, Job.FAILED)},
    }
    print(json.dumps(report, ensure_ascii=False, indent=1))
    bad = report["errors"] or report["uploads"]["lost"] or report["uploads"]["double"] or report["uploads"]["damaged"] or report["checked_without_result"]
    return 1 if bad or "waiting" in report["uploads"]["states"] or report["decisions"]["kept"] < report["decisions"]["acknowledged"] else 0


if __name__ == "__main__":
    sys.exit(main())
