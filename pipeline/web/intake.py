"""Bytes in: the original under its hash, its record and the job that will read it stand or fall together."""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.utils import timezone

from pipeline import store
from pipeline.errors import UnreadableFile
from pipeline.web.models import Campaign, Job, Place, Upload, User

_SWEPT = 24 * 3600  # seconds that bytes without a record are left alone


def original(sha256: str) -> Path:
    return settings.HOME / "originals" / sha256[:2] / sha256


def keep_original(file) -> tuple[str, int]:
    """Write an uploaded file under its hash: (sha256, size). Raises UnreadableFile for one that is empty or too large."""
    if not file.size:
        raise UnreadableFile(file.name, "文件是空的（0字节）", "请检查后重新上传")
    if file.size > settings.FILE_LIMIT:
        raise UnreadableFile(file.name, f"文件过大（{file.size / 1048576:.1f} MB，上限{settings.FILE_LIMIT // 1048576} MB）", "请压缩图片后重新上传")
    content = file.read()
    sha256 = hashlib.sha256(content).hexdigest()
    try:
        os.utime(original(sha256))  # young again, before its record is made: see `sweep`
    except FileNotFoundError:
        store.write_aside(original(sha256), content)
    return sha256, len(content)


def sweep(now: float | None = None) -> int:
    """Take away originals that no record names: an upload that was killed, or whose transaction failed, leaves its bytes. Returns how many.

    Only what is older than a day: a record follows its bytes within seconds. A file is put aside before it is looked at for the last time, since the same
    bytes may come in again just now; an office that is killed in between finds it there next time, and puts it back where a record names it.

    Args:
      now: Seconds since the epoch, None for the clock's.
    """
    home, aside = settings.HOME / "originals", settings.HOME / "originals" / ".sweeping"
    young = (time.time() if now is None else now) - _SWEPT
    aside.mkdir(parents=True, exist_ok=True)
    named = _named()
    for path in sorted(home.glob("[0-9a-f][0-9a-f]/*")):
        if path.name not in named and path.stat().st_mtime < young:
            path.rename(aside / path.name)
    named, gone = _named(), 0
    for path in sorted(aside.iterdir()):
        if path.name in named or path.stat().st_mtime >= young:
            original(path.name).parent.mkdir(exist_ok=True)
            path.rename(original(path.name))
        else:
            path.unlink()
            gone += 1
    return gone


def _named() -> set[str]:
    return {*Upload.objects.values_list("sha256", flat=True), *Campaign.objects.values_list("upper_sha256", flat=True)}


def open_campaign(title: str, due, towns: list[str], file, user: User, domain: str = "auto") -> Campaign:
    """Raises UnreadableFile for a city plan that cannot be taken."""
    sha256, _ = keep_original(file)
    with transaction.atomic():
        campaign = Campaign.objects.create(title=title, due=due, upper_name=file.name, upper_sha256=sha256, created_by=user, domain=domain)
        campaign.places.set([Place.objects.get_or_create(name=name)[0] for name in towns])
        enqueue(campaign)
    return campaign


def take(campaign: Campaign, files, user: User) -> tuple[list[Upload], list[UnreadableFile], list[str]]:
    """Town plans in, those in zips one by one: (taken, refused with reason, names of files that are here already). One bad file never stops the rest."""
    taken, refused, known = [], [], []
    for file in files:
        if file.name.lower().endswith(".zip") and 0 < file.size <= settings.ZIP_LIMIT:
            with tempfile.TemporaryDirectory(prefix="luoshi-zip-") as folder:
                _take_each(campaign, _unpacked(file, Path(folder)), user, taken, refused, known)
        else:
            _take_each(campaign, [file], user, taken, refused, known)
    return taken, refused, known


def _unpacked(file, folder: Path) -> Iterator[File | UnreadableFile]:
    """The plans of an uploaded zip, under its name and theirs. A name inside is only shown, never used as a path; bombs and passwords are refused in words."""
    from pipeline import flow

    whole = folder / "zip"
    with whole.open("wb") as kept:
        for chunk in file.chunks():
            kept.write(chunk)
    inside = folder / "inside"
    inside.mkdir()
    for name, found in flow.unpacked([whole], inside):
        shown = file.name + name.removeprefix(str(whole))
        if isinstance(found, UnreadableFile):
            yield UnreadableFile(shown, found.problem, found.advice)
            continue
        with found.open("rb") as stream:
            yield File(stream, shown)


def _take_each(campaign: Campaign, files: Iterable, user: User, taken: list, refused: list, known: list) -> None:
    for file in files:
        try:
            if isinstance(file, UnreadableFile):
                raise file
            sha256, size = keep_original(file)
        except UnreadableFile as error:
            refused.append(error)
            continue
        name = file.name[-255:]
        with transaction.atomic():
            Campaign.objects.select_for_update().only("pk").get(pk=campaign.pk)  # two uploads of the same bytes: the second waits and finds the first
            same = campaign.uploads.filter(sha256=sha256).exclude(state=Upload.REPLACED)
            if (same.filter(place=user.place) if user.place_id else same).exists():
                known.append(name)
                continue
            taken.append(Upload.objects.create(campaign=campaign, place=user.place, name=name, sha256=sha256, size=size, sent_by=user))
            enqueue(campaign)


def enqueue(campaign: Campaign, seconds: int = 0) -> None:
    """One queued job a campaign is enough: it reads whatever is there when it starts. Call inside the transaction of what it is for."""
    due = timezone.now() + timedelta(seconds=seconds)
    waiting = campaign.jobs.filter(state=Job.QUEUED)
    if not waiting.exists():
        Job.objects.create(campaign=campaign, due=due)
    else:
        waiting.filter(due__gt=due).update(due=due)
