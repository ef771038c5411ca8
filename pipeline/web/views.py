"""The pages. Rights are checked before a view runs (urls.py); here only which objects a person may know of: others are 404, like those that do not exist."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pipeline.errors import UnreadableFile
from pipeline.web import forms, intake, rights, work
from pipeline.web.models import Campaign, Job, Place, Upload, User

SYMBOLS = {"covered": "●", "partial": "◐", "missing": "✕", "undetermined": "？", "justified": "〇", "not_applicable": "–"}
WORDS = {**dict(forms.VERDICTS), "justified": "已说明"}


@require_http_methods(["GET", "POST"])
def first_start(request: HttpRequest) -> HttpResponse:
    if User.objects.exists():
        return redirect("login")
    form = forms.FirstStartForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            form.instance.role = rights.ADMINISTRATOR
            form.save()
        (settings.HOME / "first-start-code").unlink(missing_ok=True)
        messages.success(request, "管理员已建立，请登录，然后在“人员”中建立政策人员等账号")
        return redirect("login")
    return render(request, "web/form.html", {"title": "首次启动：建立管理员", "form": form, "button": "建立"})


@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    if not User.objects.exists():
        return redirect("first")
    form = forms.SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        login(request, form.cleaned_data["user"])
        target = request.GET.get("next", "")
        return redirect(target if url_has_allowed_host_and_scheme(target, {request.get_host()}) else "home")
    return render(request, "web/form.html", {"title": "登录", "form": form, "button": "登录"})


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("login")


@require_GET
def health(request: HttpRequest) -> HttpResponse:
    """For a monitor: the database answers, and how many jobs wait; nothing about anybody."""
    return JsonResponse({"ok": True, "waiting": Job.objects.filter(state__in=(Job.QUEUED, Job.RUNNING)).count()})


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    campaigns = rights.visible_campaigns(request.user, Campaign.objects.order_by("-pk")) if rights.may(request.user, "see") else ()
    return render(request, "web/home.html", {"campaigns": campaigns})


@require_http_methods(["GET", "POST"])
def people(request: HttpRequest) -> HttpResponse:
    form = forms.PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, f"已建立 {form.instance.username}")
        return redirect("people")
    return render(request, "web/people.html", {"people": User.objects.select_related("place").order_by("username"), "form": form})


@require_http_methods(["GET", "POST"])
def new_campaign(request: HttpRequest) -> HttpResponse:
    form = forms.CampaignForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = intake.open_campaign(form.cleaned_data["title"], form.cleaned_data["due"], form.cleaned_data["towns"], form.cleaned_data["upper"], request.user)
            return redirect("campaign", made.pk)
        except UnreadableFile as error:
            form.add_error("upper", str(error))
    return render(request, "web/form.html", {"title": "新建核查", "form": form, "button": "建立", "files": True})


@require_GET
def campaign(request: HttpRequest, campaign: int) -> HttpResponse:
    found = _campaign(request, campaign)
    uploads = list(rights.visible(request.user, found.uploads).select_related("place", "result", "sent_by").order_by("pk"))
    checked = [upload for upload in uploads if upload.state == Upload.CHECKED]
    titles = {task["id"]: task["title"] for task in found.tasks}
    by_task = [{task["id"]: task for task in upload.result.verdict["tasks"]} for upload in checked]
    decided = [_latest_decisions(upload) for upload in checked]
    rows = [(id_, title, [_cell_of(id_, upload, tasks, said) for upload, tasks, said in zip(checked, by_task, decided)]) for id_, title in titles.items()]
    sent = {upload.place_id for upload in uploads}
    silent = [place for place in found.places.order_by("pk") if place.pk not in sent] if rights.may(request.user, "see_all") else []
    return render(request, "web/campaign.html", {"campaign": found, "uploads": uploads, "checked": checked, "rows": rows, "silent": silent, "job": _last_job(found),
                                                 "file_limit": settings.FILE_LIMIT // 1048576, "files_limit": settings.FILES_LIMIT})


def _cell_of(id_: str, upload: Upload, tasks: dict[str, dict], said: dict) -> dict:
    verdict = tasks[id_]["verdict"] if id_ in tasks else "not_applicable"
    return {"upload": upload, "verdict": verdict, "symbol": SYMBOLS[verdict], "word": WORDS[verdict], "decision": said.get(id_)}


def _latest_decisions(upload: Upload) -> dict:
    return {decision.task: decision for decision in upload.decisions.order_by("pk")}


def _last_job(found: Campaign) -> Job | None:
    return found.jobs.order_by("-pk").first()


@require_GET
def state(request: HttpRequest, campaign: int) -> HttpResponse:
    """What the page's script asks: one word that changes when the page should be shown anew."""
    found = _campaign(request, campaign)
    job = _last_job(found)
    return JsonResponse({"state": f"{job.pk}-{job.state}" if job else "", "busy": bool(job) and job.state in (Job.QUEUED, Job.RUNNING)})


@require_POST
def upload(request: HttpRequest, campaign: int) -> HttpResponse:
    found = _campaign(request, campaign)
    taken, refused, known = intake.take(found, request.FILES.getlist("plans"), request.user)
    if taken:
        messages.success(request, f"收到{len(taken)}份，已排队核对")
    for error in refused:
        messages.error(request, str(error))
    for name in known:
        messages.warning(request, f"{name}：内容相同的文件已经上传过，未重复收取")
    if not taken and not refused and not known:
        messages.error(request, "没有选文件；请先选择方案文件")
    return redirect("campaign", found.pk)


@require_POST
def again(request: HttpRequest, campaign: int) -> HttpResponse:
    """Check once more, the refused files too (a reader may have been installed since)."""
    found = _campaign(request, campaign)
    with transaction.atomic():
        found.uploads.filter(state=Upload.REFUSED).update(state=Upload.WAITING, problem="")
        intake.enqueue(found)
    return redirect("campaign", found.pk)


@require_GET
def report(request: HttpRequest, campaign: int, name: str) -> HttpResponse:
    found = _campaign(request, campaign)
    if name not in found.reports:
        raise Http404
    return _attachment(work.folder(found) / "out" / name, name.rpartition("/")[2])


@require_GET
def upper_original(request: HttpRequest, campaign: int) -> HttpResponse:
    found = _campaign(request, campaign)
    return _attachment(intake.original(found.upper_sha256), found.upper_name)


@require_GET
def original(request: HttpRequest, upload: int) -> HttpResponse:
    found = _upload(request, upload)
    return _attachment(intake.original(found.sha256), found.name)


@require_GET
def letter(request: HttpRequest, upload: int) -> HttpResponse:
    found = _upload(request, upload)
    if found.state != Upload.CHECKED or not found.result.letter:
        raise Http404
    return _attachment(work.folder(found.campaign) / "out" / found.result.letter, found.result.letter.rpartition("/")[2])


@require_POST
def set_place(request: HttpRequest, upload: int) -> HttpResponse:
    found, name = _upload(request, upload), request.POST.get("place", "").strip()[:80]
    if name:
        found.place = Place.objects.get_or_create(name=name)[0]
        found.save(update_fields=["place"])
    else:
        messages.error(request, "请写镇街名称")
    return redirect("campaign", found.campaign_id)


@require_GET
def cell(request: HttpRequest, upload: int, task: str) -> HttpResponse:
    found = _upload(request, upload)
    return render(request, "web/cell.html", _cell_page(found, task) | {"form": forms.DecisionForm()})


def _cell_page(found: Upload, task: str) -> dict:
    if found.state != Upload.CHECKED:
        raise Http404
    duty = next((duty for duty in found.campaign.tasks if duty["id"] == task), None)
    verdict = next((verdict for verdict in found.result.verdict["tasks"] if verdict["id"] == task), None)
    if duty is None or verdict is None:
        raise Http404
    judged = {measure["id"]: measure for measure in verdict["measures"]}
    measures = [(measure, judged.get(measure["id"])) for measure in duty["measures"]]
    spans = sorted({(quote["start"], quote["end"]) for measure in verdict["measures"] for quote in measure["evidence"]})
    return {"upload": found, "duty": duty, "verdict": verdict, "word": WORDS[verdict["verdict"]], "symbol": SYMBOLS[verdict["verdict"]], "measures": measures,
            "pieces": marked(found.result.text, spans), "decisions": found.decisions.filter(task=task).select_related("made_by").order_by("-pk"),
            "findings": [finding for finding in found.result.verdict["findings"] if finding["task"] == task], "verdicts": WORDS}


def marked(text: str, spans: list[tuple[int, int]]) -> list[tuple[str, int | None]]:
    """The text cut into (piece, its offset where it is evidence, else None); spans are half-open and may overlap, each begins a piece."""
    cuts = sorted({0, len(text), *(offset for span in spans for offset in span)})
    return [(text[a:b], a if any(start <= a < end for start, end in spans) else None) for a, b in zip(cuts, cuts[1:])]


@require_POST
def decide(request: HttpRequest, upload: int, task: str) -> HttpResponse:
    found = _upload(request, upload)
    page = _cell_page(found, task)
    form = forms.DecisionForm(request.POST)
    if not form.is_valid():
        return render(request, "web/cell.html", page | {"form": form}, status=400)
    form.instance.upload, form.instance.task, form.instance.made_by = found, task, request.user
    form.save()
    messages.success(request, "意见已记录")
    return redirect("cell", found.pk, task)


def _campaign(request: HttpRequest, pk: int) -> Campaign:
    return get_object_or_404(rights.visible_campaigns(request.user, Campaign.objects.all()), pk=pk)


def _upload(request: HttpRequest, pk: int) -> Upload:
    return get_object_or_404(rights.visible(request.user, Upload.objects.select_related("campaign", "place", "result")), pk=pk)


def _attachment(path, name: str) -> FileResponse:
    """Always saved, never shown: a foreign document must not run in the office's name."""
    if not path.is_file():
        raise Http404
    return FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type="application/octet-stream")
