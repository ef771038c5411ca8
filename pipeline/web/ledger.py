"""Decisions between the database and `pipeline.decisions`: which count, what they come to, and the cells that the heat-map and the queue are drawn from."""

from __future__ import annotations

import functools
import time
from collections.abc import Iterable, Mapping
from datetime import date

from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from pipeline import corrections, decisions
from pipeline.rulebook.load import Rulebook, load
from pipeline.web import checking, rights
from pipeline.web.models import Campaign, Cell, Correction, Decision, Remark, Upload

_KINDS = {Decision.OVERRIDE: "override", Decision.WAIVE: "waiver"}


@functools.lru_cache(maxsize=1)
def _rulebook(minute: int) -> Rulebook:
    return load()


def rulebook() -> Rulebook:
    """The rules as they are now: looked at once a minute, since an office may put in others while it serves."""
    return _rulebook(int(time.monotonic() // 60))


def today() -> date:
    return timezone.localdate()


def theirs(log: type[Model], upload: Upload) -> QuerySet:
    """The lines of a log about a plan: on this version of its place's plan and those before it."""
    same = Q(upload=upload) if upload.place_id is None else Q(upload__place_id=upload.place_id, upload__campaign_id=upload.campaign_id)
    return log.objects.filter(same, upload__pk__lte=upload.pk)


def latest(upload: Upload) -> list[Decision]:
    """The decisions that count for a plan: the last on each task and measure."""
    return list({(made.task, made.measure): made for made in theirs(Decision, upload).select_related("made_by").order_by("pk")}.values())


def said(made: Iterable[Decision]) -> list[dict]:
    """Decisions as an order to the check writes them. Agreeing with the program changes nothing there: it only ends what was decided before."""
    return [{"number": d.pk, "task": d.task, "measure": d.measure, "kind": _KINDS[d.kind], "verdict": d.verdict, "reason": d.reason, "owner": d.made_by.username,
             "expires": d.expires.isoformat() if d.expires else "", "decided_on": timezone.localdate(d.made).isoformat(), "stamp": d.stamp}
            for d in made if d.kind in _KINDS]


def laid_over(upload: Upload, made: Iterable[Decision], task: str | None = None) -> tuple[dict, dict[str, str]]:
    """A plan's result (check/1 `lowers`) with decisions laid over it, and why some fit no more, by "#number". With `task` of that task alone."""
    lower = upload.result.verdict
    if task is not None:
        lower = lower | {"tasks": [verdict for verdict in lower["tasks"] if verdict["id"] == task]}
    check = {"upper": {"duties": upload.campaign.duties}, "lowers": [lower], "errors": []}
    entries = [checking.entry(entry, lower["name"]) for entry in said(d for d in made if task in (None, d.task))]
    applied, unfit = checking.lay_over(check, entries, rulebook().settings, today())
    return applied["lowers"][0], unfit


def stamp(upload: Upload, task: str, measure: str) -> str:
    """Of what is decided on: the city's words, numbers, dates and units, and the town's sentences."""
    duty = next(duty for duty in upload.campaign.duties if duty["id"] == task)
    verdict = next(verdict for verdict in upload.result.verdict["tasks"] if verdict["id"] == task)
    return decisions.stamp(duty, measure or None, [q["text"] for m in verdict["measures"] if measure in ("", m["id"]) for q in m["evidence"]])


def draw(upload: Upload) -> None:
    """The cells of a plan made anew from its result, its decisions and its town's answers. Call inside the transaction that changed one of them."""
    made = latest(upload)
    lower, _ = laid_over(upload, made)
    agreed = {d.task for d in made if d.kind == Decision.ACCEPT}
    decided = {d.task: d.made for d in sorted(made, key=lambda d: d.pk)}
    answers = dict(theirs(Remark, upload).filter(made_by__role=rights.TOWN).order_by("pk").values_list("task", "made"))
    answered = {task for task, when in answers.items() if task not in decided or when > decided[task]}
    upload.cells.all().delete()
    Cell.objects.bulk_create(_cell(upload, number, task, agreed, task["id"] in answered) for number, task in enumerate(lower["tasks"]))


def _cell(upload: Upload, number: int, task: Mapping, agreed: set[str], answered: bool) -> Cell:
    told = [thing["decision"] for thing in (task, *task["measures"]) if thing["decision"]]
    states = {entry["state"] for entry in told}
    state = next((state for state in ("suspect", "expired", "standing") if state in states), "accepted" if task["id"] in agreed else "")
    ends = [date.fromisoformat(entry["expires"]) for entry in told if entry["state"] == "standing" and entry["expires"]]
    return Cell(upload=upload, task=task["id"], order=number, judged=task, machine=task["verdict"], decided=task["decided"], state=state, expires=min(ends, default=None),
                answered=answered, doubt=1.0 if state in ("suspect", "expired") else 0.95 if answered else _doubt(task))


def _doubt(task: Mapping) -> float:
    """How much a person should look: the less sure the least sure of the measures that are close, the more. What could not be read comes after all
    close calls: a plan without text would fill the queue, and asks for a better copy first."""
    if task["verdict"] == "undetermined":
        return 0.05
    close = [measure["confidence"] for measure in task["measures"] if measure["review"] and measure["binds"]]
    return max(0.1, round(1 - min(close), 4)) if close and task["verdict"] not in ("not_applicable", "justified") else 0.0


def queue(campaign: Campaign) -> QuerySet:
    """The cells that a person should look at: decisions that no longer fit their text, then a town's answers, then close calls that nobody has decided."""
    open_ = Q(state__in=("", "suspect", "expired"), doubt__gt=0) | Q(answered=True)
    return Cell.objects.filter(open_, upload__campaign=campaign, upload__state=Upload.CHECKED).defer("judged").order_by("-doubt", "upload_id", "order")


def expired() -> list[Campaign]:
    """The campaigns in which a waiver has ended since its cell was drawn."""
    return list(Campaign.objects.filter(uploads__cells__expires__lt=today(), uploads__state=Upload.CHECKED).distinct())


def corrected(campaign: Campaign) -> list[corrections.Correction]:
    """What was put right in the city plan, the latest of each field, oldest first."""
    last = {(entry.about, entry.field): entry for entry in Correction.objects.filter(campaign=campaign).order_by("pk")}
    return [corrections.Correction(entry.about, entry.field, entry.value) for entry in last.values()]


def slots(changed: Iterable[str]) -> str:
    return decisions.slot_words(changed).removesuffix("变了")
