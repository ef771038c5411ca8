"""The same for other programs: JSON, a key in `Authorization: Bearer …` that may what its person may. /api/openapi.json describes it."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from pipeline import __version__
from pipeline.web import intake, ledger, rights
from pipeline.web.models import Campaign, Cell, Decision, Upload
from pipeline.web.views import campaign_of, upload_of


@require_GET
def campaigns(request: HttpRequest) -> JsonResponse:
    found = rights.visible_campaigns(request.user, Campaign.objects.order_by("pk"))
    return JsonResponse({"campaigns": [{"id": c.pk, "title": c.title, "due": c.due, "created": c.created} for c in found]})


@require_GET
def campaign(request: HttpRequest, campaign: int) -> JsonResponse:
    """Every plan with its verdicts, those of the program and those that count."""
    found = campaign_of(request, campaign)
    uploads = list(rights.visible(request.user, found.uploads).select_related("place").order_by("pk"))
    cells: dict[int, list] = {}
    for cell in Cell.objects.filter(upload__in=[upload.pk for upload in uploads]).defer("judged").order_by("upload_id", "order"):
        cells.setdefault(cell.upload_id, []).append({"id": cell.task, "machine": cell.machine, "decided": cell.decided, "decision": cell.state or None, "doubt": cell.doubt})
    return JsonResponse({"id": found.pk, "title": found.title, "due": found.due, "tasks": [{"id": t["id"], "title": t["title"]} for t in found.tasks],
                         "plans": [_plan(upload) | {"tasks": cells.get(upload.pk, [])} for upload in uploads]})


def _plan(upload: Upload) -> dict:
    return {"id": upload.pk, "name": upload.name, "place": str(upload.place) if upload.place else None, "state": upload.state, "problem": upload.problem or None,
            "sha256": upload.sha256, "sent": upload.sent}


@require_GET
def plan(request: HttpRequest, upload: int) -> JsonResponse:
    """One plan's result as check/1 has it in `lowers`, decisions laid over."""
    found = upload_of(request, upload)
    result = ledger.laid_over(found, ledger.latest(found))[0] if hasattr(found, "result") else None
    return JsonResponse(_plan(found) | {"result": result})


@require_POST
def plans(request: HttpRequest, campaign: int) -> JsonResponse:
    """Town plans in, like the page takes them."""
    taken, refused, known = intake.take(campaign_of(request, campaign), request.FILES.getlist("plans"), request.user)
    return JsonResponse({"taken": [_plan(upload) for upload in taken], "refused": [str(error) for error in refused], "known": known}, status=201 if taken else 200)


@require_GET
def decisions(request: HttpRequest, campaign: int) -> JsonResponse:
    """The log, oldest first; `after` gives only what is newer than a number."""
    after = request.GET.get("after", "0")
    made = Decision.objects.filter(upload__campaign=campaign_of(request, campaign), pk__gt=int(after) if after.isdecimal() else 0)
    return JsonResponse({"decisions": [
        {"id": d.pk, "plan": d.upload_id, "place": str(d.upload.place) if d.upload.place else None, "task": d.task, "measure": d.measure or None, "kind": d.kind,
         "verdict": d.verdict or None, "reason": d.reason, "expires": d.expires, "made": timezone.localtime(d.made), "made_by": d.made_by.username}
        for d in made.select_related("upload__place", "made_by").order_by("pk")]})


# ---------------------------------------------------------------- description

_TEXT, _NUMBER, _MAYBE = {"type": "string"}, {"type": "integer"}, {"type": ["string", "null"]}
_DAY, _TIME = {"type": ["string", "null"], "format": "date"}, {"type": "string", "format": "date-time"}


def _object(**properties: dict) -> dict:
    return {"type": "object", "required": list(properties), "properties": properties}


def _list(of: dict) -> dict:
    return {"type": "array", "items": of}


_VERDICT = {"type": "string", "enum": ["covered", "partial", "missing", "undetermined", "justified", "not_applicable"]}
_PLAN = _object(id=_NUMBER, name=_TEXT, place=_MAYBE, state={"type": "string", "enum": [Upload.WAITING, Upload.CHECKED, Upload.REFUSED, Upload.REPLACED]}, problem=_MAYBE,
                sha256=_TEXT, sent=_TIME)
_JUDGED = _object(id=_TEXT, machine=_VERDICT, decided=_VERDICT, decision={"type": ["string", "null"], "enum": ["accepted", "standing", "suspect", "expired", None]},
                  doubt={"type": "number"})
_DECISION = _object(id=_NUMBER, plan=_NUMBER, place=_MAYBE, task=_TEXT, measure=_MAYBE, kind={"type": "string", "enum": ["accept", "override", "waive"]}, verdict=_MAYBE,
                    reason=_TEXT, expires=_DAY, made=_TIME, made_by=_TEXT)


def _extended(schema: dict, **properties: dict) -> dict:
    return _object(**schema["properties"], **properties)


# address name → (method, what it is for, what it answers)
DESCRIBED = {
    "api_campaigns": ("get", "核查列表", _object(campaigns=_list(_object(id=_NUMBER, title=_TEXT, due=_DAY, created=_TIME)))),
    "api_campaign": ("get", "一次核查：任务、各镇方案和结论", _object(id=_NUMBER, title=_TEXT, due=_DAY, tasks=_list(_object(id=_TEXT, title=_TEXT)),
                                                    plans=_list(_extended(_PLAN, tasks=_list(_JUDGED))))),
    "api_plans": ("post", "上传镇方案（multipart，字段 plans，可多份）", _object(taken=_list(_PLAN), refused=_list(_TEXT), known=_list(_TEXT))),
    "api_plan": ("get", "一份方案的完整结果（check/1 的 lowers 一项，含人工意见）", _extended(_PLAN, result={"type": ["object", "null"]})),
    "api_decisions": ("get", "意见记录，按时间先后；after=编号 只取其后的", _object(decisions=_list(_DECISION))),
}


@require_GET
def openapi(request: HttpRequest) -> JsonResponse:
    from pipeline.web.urls import API_ADDRESSES

    paths: dict[str, dict] = {}
    for route, _, _, name in API_ADDRESSES:
        method, summary, schema = DESCRIBED[name]
        parameters = [{"name": part[5:-1], "in": "path", "required": True, "schema": _NUMBER} for part in route.split("/") if part.startswith("<int:")]
        if name == "api_decisions":
            parameters.append({"name": "after", "in": "query", "schema": _NUMBER})
        body = {"requestBody": {"content": {"multipart/form-data": {"schema": _object(plans=_list({"type": "string", "format": "binary"}))}}}} if method == "post" else {}
        answers = {"200": {"description": "成功", "content": {"application/json": {"schema": schema}}},
                   **({"201": {"description": "已收到新的方案", "content": {"application/json": {"schema": schema}}}} if method == "post" else {}),
                   "401": {"description": "没有密钥或密钥无效"}, "403": {"description": "没有权限"}, "404": {"description": "没有，或与您无关"}}
        paths["/" + route.replace("<int:", "{").replace(">", "}")] = {method: {"summary": summary, "operationId": name, "parameters": parameters, **body, "responses": answers}}
    return JsonResponse({"openapi": "3.1.0", "info": {"title": "落实", "version": __version__}, "paths": paths, "security": [{"key": []}],
                         "components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}}})
