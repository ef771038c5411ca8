"""The city plan as it was read, and what people put right in it before the towns are checked."""

from __future__ import annotations

import json

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from pipeline import corrections
from pipeline.errors import LuoshiError
from pipeline.web import intake, ledger
from pipeline.web.models import Campaign, Correction
from pipeline.web.views import campaign_of

_ROLES = {"lead": "（牵头）", "support": "（配合）", "responsible": ""}
COMPARATORS = {">=": "不少于", "<=": "不超过", ">": "超过", "<": "低于", "~": "约", "=": ""}


@require_GET
def plan(request: HttpRequest, campaign: int) -> HttpResponse:
    found = campaign_of(request, campaign)
    return render(request, "web/plan.html", _page(found))


def _page(found: Campaign) -> dict:
    log = found.corrections.select_related("made_by").order_by("-pk")
    return {"campaign": found, "tasks": [_task(task) for task in found.tasks], "log": [(entry, corrections.FIELDS[entry.field][0]) for entry in log],
            "dropped": [(c.about, _read(found, c.about, "counts")[1]) for c in ledger.corrected(found) if (c.field, c.value) == ("counts", "否")]}


def _task(task: dict) -> dict:
    names = {"about": task["id"], "units": "、".join(unit["name"] + _ROLES[unit["role"]] for unit in task["units"]), "binds": "是" if task["applies_to_lower"] else "否"}
    measures = [(m, "是" if m["binds_lower"] else "否", [t | {"sign": COMPARATORS[t["comparator"]]} for t in task["targets"] if t["measure"] == m["id"]]) for m in task["measures"]]
    return names | {"title": task["title"], "measures": measures}


def _read(found: Campaign, about: str, field: str) -> tuple[str, str] | None:
    """(a field as the check last had it, the sentence it stands in); None where the plan has no such thing."""
    if corrections.kind_of(about) not in corrections.FIELDS[field][1]:
        return None
    for task in found.tasks:
        if task["id"] == about:
            return _task(task)[field], task["title"]
        for measure in task["measures"]:
            if measure["id"] == about:
                return "是" if measure["binds_lower"] else "否", measure["text"]
        for target in task["targets"]:
            if target["id"] == about:
                sentence = next((m["text"] for m in task["measures"] if m["id"] == target["measure"]), target["evidence"])
                return "是" if field == "counts" else str(target[field] if target[field] is not None else ""), sentence
    known = found.corrections.filter(about=about, field="counts").order_by("-pk").first()  # a target that was struck out is in the plan no more
    return ("否", known.sentence) if known and field == "counts" else None


@require_POST
def correct(request: HttpRequest, campaign: int) -> HttpResponse:
    """The fields of one thing as a person wants them; those that are so already are no correction."""
    found, about = campaign_of(request, campaign), request.POST.get("about", "")
    problems, made = [], []
    for field in (field for field in corrections.FIELDS if field in request.POST):
        value, read = request.POST[field].strip(), _read(found, about, field)
        if read is None:
            problems.append(f"市级方案里没有 {about} 的{corrections.FIELDS[field][0]}；请刷新页面")
        elif value != read[0]:
            try:
                corrections.parsed(corrections.Correction(about, field, value))
                made.append(Correction(campaign=found, made_by=request.user, about=about, field=field, value=value[:1000], before=read[0], sentence=read[1]))
            except LuoshiError as error:
                problems.append(str(error))
    if problems:
        return render(request, "web/plan.html", _page(found) | {"problems": problems}, status=400)
    if made:
        with transaction.atomic():
            for entry in made:
                entry.save()
            intake.enqueue(found)
        messages.success(request, f"已更正 {about} 的{'、'.join(corrections.FIELDS[entry.field][0] for entry in made)}，正在重新核对")
    else:
        messages.warning(request, "与现在的一样，没有更正")
    return redirect("plan", found.pk)


@require_GET
def export(request: HttpRequest, campaign: int) -> HttpResponse:
    """Every correction with its sentence: examples for who writes rules."""
    found = campaign_of(request, campaign)
    entries = [{"about": c.about, "field": c.field, "before": c.before, "value": c.value, "sentence": c.sentence, "made_by": c.made_by.username,
                "made": timezone.localtime(c.made).isoformat(timespec="seconds")} for c in found.corrections.select_related("made_by").order_by("pk")]
    content = json.dumps({"schema": "luoshi/corrections/1", "plan": found.upper_name, "sha256": found.upper_sha256, "corrections": entries}, ensure_ascii=False, indent=1)
    return HttpResponse(content, content_type="application/octet-stream", headers={"Content-Disposition": 'attachment; filename="corrections.json"'})
