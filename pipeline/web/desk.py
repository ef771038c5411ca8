"""The desk of who reviews: a cell with both texts, the queue of doubtful ones, one measure over all towns, answers, rounds."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import threading

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from pipeline import rounds
from pipeline.web import forms, intake, ledger, rights, work
from pipeline.web.models import Cell, Decision, Remark, Upload
from pipeline.web.views import SYMBOLS, WORDS, campaign_of, upload_of

_DRAWING = threading.Semaphore(2)  # pages drawn at a time: a child each
_DRAWN = ("pdf", "image")  # formats whose pages can be drawn from the original
_KEPT = (Upload.CHECKED, Upload.REPLACED)  # what can be looked at; only what is current can be decided on


@require_GET
def cell(request: HttpRequest, upload: int, task: str) -> HttpResponse:
    found = upload_of(request, upload)
    return render(request, "web/cell.html", _cell_page(request, found, task))


def _cell_page(request: HttpRequest, found: Upload, task: str) -> dict:
    if found.state not in _KEPT or not hasattr(found, "result") or not found.campaign.duties:
        raise Http404
    made = ledger.latest(found)
    lower, unfit = ledger.laid_over(found, made, task)
    duty = next((duty for duty in found.campaign.tasks if duty["id"] == task), None)
    verdict = next((verdict for verdict in lower["tasks"] if verdict["id"] == task), None)
    if duty is None or verdict is None:
        raise Http404
    judged = {measure["id"]: measure for measure in verdict["measures"]}
    spans = sorted({(quote["start"], quote["end"]) for measure in verdict["measures"] for quote in measure["evidence"]})
    decisions = ledger.theirs(Decision, found).filter(task=task).select_related("made_by", "upload").order_by("-pk")
    remarks = ledger.theirs(Remark, found).filter(task=task).select_related("made_by").order_by("pk")
    told = {entry.pk: unfit.get(f"#{entry.pk}") for entry in made}
    return {
        "pages": _pages(found, verdict), "upload": found, "duty": duty, "verdict": verdict, "machine": WORDS[verdict["verdict"]], "word": WORDS[verdict["decided"]], "symbol": SYMBOLS[verdict["decided"]],
        "measures": [(measure, judged.get(measure["id"])) for measure in duty["measures"]], "pieces": marked(found.result.text, spans), "words": WORDS,
        "decisions": [(entry, entry.pk in told, told.get(entry.pk)) for entry in decisions], "suspect": _suspect(verdict),
        "remarks": remarks if rights.may(request.user, "see_all") else remarks.filter(internal=False),
        "findings": [finding for finding in lower["findings"] if finding["task"] == task], "current": found.state == Upload.CHECKED,
        "form": forms.DecisionForm(measures=_choices(verdict)), "remark": forms.RemarkForm(auto_id="remark_%s"),
        **(_neighbours(found, task) if rights.may(request.user, "decide") else {})}


@require_GET
def picture(request: HttpRequest, upload: int, task: str, page: int) -> HttpResponse:
    """A page of a PDF, a scan or a picture with a task's evidence marked, drawn once by a bounded child."""
    found = upload_of(request, upload)
    if found.state not in _KEPT or not hasattr(found, "result"):
        raise Http404
    boxes = _pages(found, next((verdict for verdict in found.result.verdict["tasks"] if verdict["id"] == task), None)).get(page)
    if boxes is None:
        raise Http404
    places = json.dumps(boxes)
    drawn = work.folder(found.campaign) / "pages" / f"{found.sha256[:16]}-{page}-{hashlib.sha256(places.encode()).hexdigest()[:16]}.png"
    if not drawn.exists():
        command = [sys.executable, "-m", "pipeline.ingest.picture", str(intake.original(found.sha256)), str(page), str(drawn)]
        with _DRAWING:
            try:
                subprocess.run(command, input=places, text=True, timeout=60, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            except subprocess.SubprocessError as error:
                raise Http404 from error
    return FileResponse(drawn.open("rb"), content_type="image/png")


def _choices(verdict: dict) -> list[tuple[str, str]]:
    return [(measure["id"], f"举措 {measure['id'].rpartition('-m')[2]}") for measure in verdict["measures"]]


def _suspect(verdict: dict) -> list[str]:
    """Why decisions on this task do not count now."""
    told = [(thing["id"], thing["decision"]) for thing in (verdict, *verdict["measures"]) if thing["decision"]]
    return [f"{id_} 的意见{'已于' + entry['expires'] + '到期' if entry['state'] == 'expired' else '所依据的内容变了（' + ledger.slots(entry['changed']) + '）'}，暂不作数；请重新确认"
            for id_, entry in told if entry["state"] in ("expired", "suspect")]


def _pages(found: Upload, verdict: dict | None) -> dict[int, list]:
    """The pages that can be shown, in order, each with the boxes of a task's evidence: see `Result.places`."""
    if verdict is None or found.result.verdict["source"]["format"] not in _DRAWN:
        return {}
    spans = {f"{quote['start']}-{quote['end']}" for measure in verdict["measures"] for quote in measure["evidence"]}
    pages: dict[int, list] = {}
    for page, *box in sorted(place for span in spans for place in found.result.places.get(span, ())):
        pages.setdefault(page, []).append(box)
    return pages


def _neighbours(found: Upload, task: str) -> dict:
    """The cells before and after this one in the queue; for a cell that is not in it, the queue's first."""
    line = list(ledger.queue(found.campaign).values_list("upload_id", "task"))
    here = line.index((found.pk, task)) if (found.pk, task) in line else None
    following = line[here + 1] if here is not None and here + 1 < len(line) else line[0] if here is None and line else None
    return {"next": _address(following), "previous": _address(line[here - 1] if here else None), "queue_place": None if here is None else here + 1, "queue_length": len(line)}


def _address(place: tuple[int, str] | None) -> str:
    return reverse("cell", args=place) if place else ""


def marked(text: str, spans: list[tuple[int, int]]) -> list[tuple[str, int | None]]:
    """The text cut into (piece, its offset where it is evidence, else None); spans are half-open and may overlap, each begins a piece."""
    cuts = sorted({0, len(text), *(offset for span in spans for offset in span)})
    return [(text[a:b], a if any(start <= a < end for start, end in spans) else None) for a, b in zip(cuts, cuts[1:])]


@require_POST
def decide(request: HttpRequest, upload: int, task: str) -> HttpResponse:
    found = upload_of(request, upload)
    page = _cell_page(request, found, task)
    if not page["current"]:
        messages.error(request, "这一版已有新版本；请在新版本上记意见")
        return redirect("cell", found.pk, task)
    form = forms.DecisionForm(request.POST, measures=_choices(page["verdict"]))
    if form.is_valid():
        problem = _record(form, found, task, form.cleaned_data["measure"], request.user)
        if problem is None:
            messages.success(request, f"已记录：{found.place or found.name} {task} {form.instance.get_kind_display()}")
            return redirect(page["next"] or reverse("queue", args=[found.campaign_id]) if "queue" in request.POST and page["queue_place"] else reverse("cell", args=[found.pk, task]))
        form.add_error(None, problem)
    return render(request, "web/cell.html", page | {"form": form}, status=400)


def _record(form: forms.DecisionForm, upload: Upload, task: str, measure: str, user) -> str | None:
    """A decision into the log and onto the cells, the reports to follow; nothing and a reason in words where it does not fit."""
    made = Decision(upload=upload, task=task, measure=measure, made_by=user, stamp=ledger.stamp(upload, task, measure),
                    **{field: form.cleaned_data[field] or None if field == "expires" else form.cleaned_data[field] for field in ("kind", "verdict", "reason", "expires")})
    with transaction.atomic():
        made.save()
        _, unfit = ledger.laid_over(upload, [made], task)
        if problem := unfit.get(f"#{made.pk}"):
            transaction.set_rollback(True)
            return problem.replace("请删去这一条", "不必记")
        ledger.draw(upload)
        intake.enqueue(upload.campaign, settings.DECISION_DELAY)
    form.instance = made
    return None


@require_POST
def remark(request: HttpRequest, upload: int, task: str) -> HttpResponse:
    """A town answers a gap; the office comments, for itself where it says so."""
    found = upload_of(request, upload)
    page = _cell_page(request, found, task)
    form = forms.RemarkForm(request.POST, auto_id="remark_%s")
    if not form.is_valid():
        return render(request, "web/cell.html", page | {"remark": form}, status=400)
    form.instance.upload, form.instance.task, form.instance.made_by = found, task, request.user
    form.instance.internal = "internal" in request.POST and rights.may(request.user, "see_all")
    with transaction.atomic():
        form.save()
        if page["current"]:
            ledger.draw(found)
    messages.success(request, "已记录")
    return redirect("cell", found.pk, task)


@require_GET
def queue(request: HttpRequest, campaign: int) -> HttpResponse:
    found = campaign_of(request, campaign)
    titles = {task["id"]: task["title"] for task in found.tasks}
    cells = ledger.queue(found).select_related("upload__place")
    line = [(cell, titles.get(cell.task, ""), WORDS[cell.decided], SYMBOLS[cell.decided], _why(cell)) for cell in cells[:300]]
    return render(request, "web/queue.html", {"campaign": found, "line": line, "length": cells.count()})


def _why(cell) -> str:
    if cell.state in ("suspect", "expired"):
        return {"suspect": "意见所依据的内容变了", "expired": "说明已到期"}[cell.state]
    if cell.answered:
        return "镇街有答复"
    return "有读不出的部分" if cell.decided == "undetermined" else f"拿不准（把握{round((1 - cell.doubt) * 100)}%）"


@require_GET
def measure(request: HttpRequest, campaign: int, measure: str) -> HttpResponse:
    """One measure over all towns."""
    found = campaign_of(request, campaign)
    return render(request, "web/measure.html", _measure_page(found, measure) | {"form": forms.DecisionForm()})


def _measure_page(found, measure: str) -> dict:
    task, wording = next(((task, m["text"]) for task in found.tasks for m in task["measures"] if m["id"] == measure), (None, ""))
    if task is None:
        raise Http404
    rows = []
    for drawn in Cell.objects.filter(task=task["id"], upload__campaign=found, upload__state=Upload.CHECKED).select_related("upload__place").order_by("upload_id"):
        drawn.upload.campaign = found  # not joined: a city plan is long, and would be read for every town
        judged = next((m for m in drawn.judged.get("measures", ()) if m["id"] == measure), None)
        if judged is not None and judged["binds"] and drawn.machine != "not_applicable":
            rows.append((drawn.upload, judged, judged["decision"] or drawn.judged["decision"]))
    return {"campaign": found, "duty": task, "measure": measure, "wording": wording, "rows": rows, "words": WORDS}


@require_POST
def decide_measure(request: HttpRequest, campaign: int, measure: str) -> HttpResponse:
    """The same word on one measure for several towns: a line of the log each, those it does not fit named."""
    found = campaign_of(request, campaign)
    page = _measure_page(found, measure)
    form = forms.DecisionForm(request.POST)
    chosen = [upload for upload, _, _ in page["rows"] if str(upload.pk) in request.POST.getlist("uploads")]
    if form.is_valid() and not chosen:
        form.add_error(None, "没有选镇街；请在表中勾选")
    if not form.is_valid():
        return render(request, "web/measure.html", page | {"form": form}, status=400)
    for upload in chosen:
        if problem := _record(form, upload, page["duty"]["id"], measure, request.user):
            messages.error(request, f"{upload.place or upload.name}：{problem}")
        else:
            messages.success(request, f"{upload.place or upload.name}：已记录")
    return redirect("measure", found.pk, measure)


@require_GET
def compare(request: HttpRequest, upload: int) -> HttpResponse:
    """This version of a place's plan against the one before it: what is fixed, what is open, what broke."""
    found = upload_of(request, upload)
    versions = found.campaign.uploads.filter(place_id=found.place_id, place__isnull=False, pk__lt=found.pk, result__isnull=False)
    before = versions.select_related("campaign", "place", "result").order_by("-pk").first()
    if before is None or not hasattr(found, "result"):
        raise Http404
    checks = []
    for version in (before, found):
        lower, _ = ledger.laid_over(version, ledger.latest(version))
        checks.append({"upper": {"duties": found.campaign.duties}, "lowers": [lower | {"name": str(found.place)}]})
    result = rounds.diff(*checks, float(ledger.rulebook().settings["coverage.copy.share"]))
    wording = {m["id"]: m["text"] for duty in found.campaign.duties for m in duty["measures"]}
    items = [(rounds.STATUS[item["status"]], item, wording[item["measure"]]) for item in result["items"]]
    counts = [(name, result["counts"][status]) for status, name in rounds.STATUS.items()]
    return render(request, "web/compare.html", {"upload": found, "before": before, "items": items, "counts": counts})
