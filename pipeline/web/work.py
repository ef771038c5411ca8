"""The worker: takes jobs from the database, runs each in a bounded child, records what came of it.

A killed worker loses nothing: its job shows no sign of life for a while and is taken again; results are recorded in one transaction, by the
holder of the job only, so nothing is there twice.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
import uuid
from collections import Counter
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from pipeline import store
from pipeline.web import intake, ledger
from pipeline.web.models import Campaign, Job, Place, Result, Upload

CLOSING = threading.Event()  # the office is being shut: a job that runs goes back into the queue, with what it has judged kept
_LOG = logging.getLogger("luoshi.work")
_SILENT = timedelta(seconds=30)  # a worker gives a sign every two seconds
_TRIES = 3  # a document that kills its worker twice will do so again


def take_job(holder: str) -> Job | None:
    """The oldest job that waits or whose worker is dead, now ours; None where there is none or another worker was faster."""
    free = Q(state=Job.QUEUED, due__lte=timezone.now()) | Q(state=Job.RUNNING, alive__lt=timezone.now() - _SILENT)
    job = Job.objects.filter(free).order_by("pk").first()
    if job is None:
        return None
    if job.tries >= _TRIES:
        Job.objects.filter(free, pk=job.pk).update(state=Job.FAILED, problem=f"核对程序连续{_TRIES}次中断；请查看最近上传的文件，移除有问题的一份后重试")
        return None
    ours = Job.objects.filter(free, pk=job.pk).update(state=Job.RUNNING, holder=holder, alive=timezone.now(), tries=job.tries + 1)
    return Job.objects.get(pk=job.pk) if ours else None


def run_once() -> bool:
    """Work one job to its end; False where there was none."""
    job = take_job(uuid.uuid4().hex)
    if job is None:
        return False
    uploads = _to_read(job.campaign)
    paths = lay_out(job.campaign, uploads)
    problem = _run_child(job, write_order(job.campaign, paths))
    _LOG.info("job %d of campaign %d: %d plans, try %d, %s", job.pk, job.campaign_id, len(uploads), job.tries, "failed" if problem else "checked")
    if problem is None:
        record(job, {paths[upload].name: upload for upload in uploads})
    else:
        Job.objects.filter(pk=job.pk, holder=job.holder).update(state=Job.FAILED, problem=problem)
    return True


def _to_read(campaign: Campaign) -> list[Upload]:
    """What stands and what waits; of several that wait for one place only the newest, since the others would be put aside as soon as they are read."""
    uploads = list(campaign.uploads.exclude(state__in=(Upload.REPLACED, Upload.REFUSED)).select_related("place").order_by("pk"))
    newest = {upload.place_id: upload.pk for upload in uploads if upload.state == Upload.WAITING and upload.place_id is not None}
    return [upload for upload in uploads if upload.state == Upload.CHECKED or newest.get(upload.place_id, upload.pk) == upload.pk]


def progress(campaign: Campaign) -> str:
    """What the child last said of itself, "" where there is none."""
    try:
        return (folder(campaign) / "in" / "progress").read_text("utf-8")
    except OSError:
        return ""


def folder(campaign: Campaign) -> Path:
    return settings.HOME / "campaigns" / str(campaign.pk)


def lay_out(campaign: Campaign, uploads: list[Upload]) -> dict[Upload | None, Path]:
    """The documents under the names their senders gave them; None is the city plan. A name that occurs twice carries the upload's number."""
    inbox = folder(campaign) / "in"
    shutil.rmtree(inbox, ignore_errors=True)
    (inbox / "upper").mkdir(parents=True)
    (inbox / "lower").mkdir()
    paths: dict[Upload | None, Path] = {None: inbox / "upper" / _file_name(campaign.upper_name)}
    shutil.copyfile(intake.original(campaign.upper_sha256), paths[None])
    times = Counter(_file_name(upload.name) for upload in uploads)
    for upload in uploads:
        name = _file_name(upload.name)
        paths[upload] = inbox / "lower" / (f"{upload.pk}-{name}" if times[name] > 1 else name)
        shutil.copyfile(intake.original(upload.sha256), paths[upload])
    return paths


def _file_name(name: str) -> str:
    """A name that any file system takes: no path, no control characters, at most 60 characters before the ending."""
    clean = "".join("＿" if ch in '/\\:*?"<>|' or not ch.isprintable() else ch for ch in name).lstrip(".-") or "文件"
    stem, dot, ending = clean.rpartition(".")
    return f"{stem[:60]}{dot}{ending[:8]}" if dot else ending[:60]


def write_order(campaign: Campaign, paths: dict[Upload | None, Path]) -> Path:
    """What the child is to do: documents, and what people said of them by file name. Returns the order's path."""
    uploads = {upload: path.name for upload, path in paths.items() if upload is not None}
    order = {"upper": str(paths[None]), "lowers": [str(paths[upload]) for upload in uploads], "out": str(folder(campaign) / "out"), "memory": settings.JOB_MEMORY, "domain": campaign.domain,
             "as_of": ledger.today().isoformat(), "places": {name: upload.place.name for upload, name in uploads.items() if upload.place_id},
             "corrections": [[c.about, c.field, c.value] for c in ledger.corrected(campaign)],
             "decisions": {name: ledger.said(ledger.latest(upload)) for upload, name in uploads.items()}}
    path = folder(campaign) / "in" / "order.json"
    store.write_aside(path, json.dumps(order, ensure_ascii=False).encode())
    return path


def _run_child(job: Job, order: Path) -> str | None:
    """None where the check is written; else one line for people. The child ends itself when we are killed: its standard input closes."""
    with (order.parent / "said").open("wb") as said:
        child = subprocess.Popen([sys.executable, "-m", "pipeline.web.checking", str(order)], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said,
                                 start_new_session=True)
    seconds = 0
    try:
        while True:
            try:
                child.wait(timeout=2)
                break
            except subprocess.TimeoutExpired:
                seconds += 2
                ours = Job.objects.filter(pk=job.pk, holder=job.holder)
                if CLOSING.is_set():
                    ours.update(state=Job.QUEUED, holder="", tries=F("tries") - 1)
                    return "办公室停机，启动后接着做"
                if not ours.update(alive=timezone.now()):
                    return "已由另一核对进程接手"
                if seconds >= settings.JOB_SECONDS:
                    return f"核对超过{settings.JOB_SECONDS // 60}分钟仍未完成；请查看最近上传的文件，分批上传后重试"
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        child.stdin.close()
    if child.returncode == 0:
        return None
    lines = (order.parent / "said").read_text(errors="replace").strip().splitlines()
    return lines[-1] if child.returncode == 3 and lines else "核对程序出错退出；请重试，仍不成功时把该文件交给管理员"


def record(job: Job, uploads: dict[str, Upload]) -> None:
    """Results of a check into the database, all or none. `uploads` by the file names that the check saw."""
    out = folder(job.campaign) / "out"
    check, manifest, extract, texts = (json.loads((out / name).read_bytes()) for name in ("check.json", "manifest.json", "extract.json", "texts.json"))
    places = manifest["places"]
    letters = [name for name in manifest["files"] if name.startswith("差距报告/")]
    with transaction.atomic():
        if not Job.objects.filter(pk=job.pk, holder=job.holder, state=Job.RUNNING).update(state=Job.DONE, problem=""):
            return
        Campaign.objects.filter(pk=job.campaign_id).update(
            tasks=extract["tasks"], duties=check["upper"]["duties"], reports=manifest["files"], rules=manifest["rules"], domain_used=manifest["domain"])
        for number, lower in enumerate(check["lowers"]):
            name = lower["source"]["name"]
            upload = Upload.objects.select_for_update().get(pk=uploads[name].pk)  # its place may have been corrected since the job began
            letter = letters[number] if len(letters) == len(check["lowers"]) else ""
            Result.objects.update_or_create(upload=upload, defaults={"verdict": lower, "letter": letter, **texts[name]})
            said = places[name]
            if upload.place_id is None and said != Path(name).stem:
                upload.place = Place.objects.get_or_create(name=said[:80])[0]
            upload.state = Upload.CHECKED
            upload.save(update_fields=["place", "state"])
            ledger.draw(Upload.objects.select_related("campaign", "result").get(pk=upload.pk))
        for refusal in manifest["refused"]:
            Upload.objects.filter(pk=uploads[refusal["file"]].pk).update(state=Upload.REFUSED, problem=f"{refusal['problem']}；{refusal['advice']}")
        replaced = replace_older(job.campaign)
        # The reports still hold the old versions; or an older version waits whose newer one was refused. What is checked already is not checked again.
        if replaced or job.campaign.uploads.filter(state=Upload.WAITING).exists():
            intake.enqueue(job.campaign)


def replace_older(campaign: Campaign) -> int:
    """Of several plans of one place the newest that is checked stands; returns how many checked ones were put aside, with those that waited and are older."""
    newest: dict[int, int] = {}
    for place, pk in campaign.uploads.filter(state=Upload.CHECKED, place__isnull=False).order_by("pk").values_list("place_id", "pk"):
        newest[place] = pk
    count = 0
    for place, pk in newest.items():
        older = campaign.uploads.filter(place_id=place, pk__lt=pk)
        count += older.filter(state=Upload.CHECKED).update(state=Upload.REPLACED)
        older.filter(state=Upload.WAITING).update(state=Upload.REPLACED)
    return count


def stand_again(campaign: Campaign, place: Place) -> Upload | None:
    """The newest plan of a place that was put aside, current again where the place has none: a plan that was another town's had taken its place."""
    if campaign.uploads.filter(place=place, state__in=(Upload.CHECKED, Upload.WAITING)).exists():
        return None
    last = campaign.uploads.filter(place=place, state=Upload.REPLACED).order_by("-pk").first()
    if last is not None:
        last.state = Upload.CHECKED if hasattr(last, "result") else Upload.WAITING
        last.save(update_fields=["state"])
    return last
