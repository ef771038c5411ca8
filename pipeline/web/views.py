"""The pages. Rights are checked before a view runs (urls.py); here only which objects a person may know of: others are 404, like those that do not exist."""

from __future__ import annotations

import secrets
import shutil
from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.core.paginator import Paginator
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pipeline.errors import UnreadableFile
from pipeline.report.words import domain_name
from pipeline.web import forms, intake, ledger, rights, work
from pipeline.web.models import Campaign, Cell, Decision, Job, Place, Token, Upload, User

SYMBOLS = {"covered": "●", "partial": "◐", "missing": "✕", "undetermined": "？", "justified": "〇", "not_applicable": "–"}
WORDS = {**dict(forms.VERDICTS), "undetermined": "待核", "justified": "已说明"}
_NO_CELL = '<td class="not_applicable">–</td>'
TOWNS_A_PAGE = 60  # columns of a heat-map


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
    """For a monitor: the database answers, the worker takes jobs, there is room for files; nothing about anybody."""
    now = timezone.now()
    waiting = Job.objects.filter(state=Job.QUEUED, due__lte=now)
    stuck = waiting.filter(due__lt=now - timedelta(minutes=2)).exists() and not Job.objects.filter(state=Job.RUNNING, alive__gt=now - timedelta(minutes=1)).exists()
    free = shutil.disk_usage(settings.HOME).free // 1048576
    ok = not stuck and free > 500
    return JsonResponse({"ok": ok, "waiting": waiting.count(), "stuck": stuck, "free_mb": free}, status=200 if ok else 503)


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
    form = forms.CampaignForm(request.POST or None, request.FILES or None, domains=[(name, domain_name(name)) for name in ledger.rulebook().domains])
    if request.method == "POST" and form.is_valid():
        try:
            made = intake.open_campaign(*(form.cleaned_data[field] for field in ("title", "due", "towns", "upper")), request.user, form.cleaned_data["domain"])
            return redirect("campaign", made.pk)
        except UnreadableFile as error:
            form.add_error("upper", str(error))
    return render(request, "web/form.html", {"title": "新建核查", "form": form, "button": "建立", "files": True})


@require_GET
def campaign(request: HttpRequest, campaign: int) -> HttpResponse:
    found = campaign_of(request, campaign)
    uploads = list(rights.visible(request.user, found.uploads).select_related("place", "sent_by").order_by("pk"))
    checked = [upload for upload in uploads if upload.state == Upload.CHECKED]
    pages = Paginator(checked, TOWNS_A_PAGE)
    shown = pages.get_page(request.GET.get("towns"))
    drawn = Cell.objects.filter(upload__in=[upload.pk for upload in shown]).values_list("upload_id", "task", "decided", "state")
    cells = {(upload, task): _drawn(upload, task, decided, state) for upload, task, decided, state in drawn}
    rows = [format_html('<tr><th scope="row">{} {}</th>{}</tr>', task["id"], task["title"], mark_safe("".join(cells.get((upload.pk, task["id"]), _NO_CELL) for upload in shown)))
            for task in found.tasks]
    sent = {upload.place_id for upload in uploads if upload.state != Upload.REFUSED}
    silent = [place for place in found.places.order_by("pk") if place.pk not in sent] if rights.may(request.user, "see_all") else []
    queue = ledger.queue(found).count() if rights.may(request.user, "decide") else 0
    older = {upload.place_id for upload in uploads if upload.state == Upload.REPLACED}
    return render(request, "web/campaign.html", {
        "campaign": found, "uploads": uploads, "checked": shown, "rows": rows, "silent": silent, "queue": queue, "now": _now(found, request.user),
        "second": {upload.pk for upload in checked if upload.place_id in older},  # those that can be compared with the version before
        "file_limit": settings.FILE_LIMIT // 1048576, "files_limit": settings.FILES_LIMIT, "renewed": _renewed(found), "pack": domain_name(found.domain_used)})


def _drawn(upload: int, task: str, decided: str, state: str) -> str:
    """One cell of the heat-map as HTML, made here: thousands of them through a template take a tenth of a second. Nothing in it but ids and our own words."""
    mark, id_ = "!" if state in ("suspect", "expired") else "*" if state else "", escape(task)
    return (f'<td class="{decided}"><a href="/uploads/{upload}/tasks/{id_}" title="{WORDS[decided]}" aria-label="{id_}：{WORDS[decided]}">'
            f"{SYMBOLS[decided]}{mark}</a></td>")


def _renewed(found: Campaign) -> bool:
    """Were the rules or the program changed since the campaign was checked?"""
    return bool(found.rules) and found.rules != ledger.rulebook().digest


def _last_job(found: Campaign) -> Job | None:
    return found.jobs.order_by("-pk").first()


def _now(found: Campaign, user: User) -> dict:
    """What the page's script asks: `state` is a word that changes when the page should be shown anew, `said` what is going on, files named to the office only."""
    job = _last_job(found)
    if job is None:
        return {"state": "", "busy": False, "said": "未开始"}
    said = job.get_state_display() + (f"：{job.problem}" if job.problem else "")
    if job.state == Job.QUEUED and job.due > timezone.now():
        said = "有新的意见，报告稍后更新"
    elif job.state == Job.RUNNING and rights.may(user, "see_all") and (done := work.progress(found)):
        said += f"（{done}）"
    return {"state": f"{job.pk}-{job.state}", "busy": job.state in (Job.QUEUED, Job.RUNNING), "said": said}


@require_GET
def state(request: HttpRequest, campaign: int) -> HttpResponse:
    return JsonResponse(_now(campaign_of(request, campaign), request.user))


@require_POST
def upload(request: HttpRequest, campaign: int) -> HttpResponse:
    found = campaign_of(request, campaign)
    taken, refused, known = intake.take(found, request.FILES.getlist("plans"), request.user)
    if taken:
        messages.success(request, f"收到{len(taken)}份，已排队核对")
    for error in refused:
        messages.error(request, str(error))
    for name in known:
        messages.warning(request, f"{name}：内容相同的文件已经上传过，未重复收取")
    if not taken and not refused and not known:
        messages.error(request, "没有选文件；请先选择方案文件")
    if request.headers.get("X-Requested-With"):  # the page's script shows the page anew, and with it what was said
        return HttpResponse(status=204)
    return redirect("campaign", found.pk)


@require_POST
def cancel(request: HttpRequest, campaign: int) -> HttpResponse:
    """Nobody holds the job any more: its worker ends the child at its next sign of life."""
    found = campaign_of(request, campaign)
    ended = found.jobs.filter(state__in=(Job.QUEUED, Job.RUNNING)).update(state=Job.FAILED, holder="", problem="已取消；点“重新核对”可以再来")
    if not ended:
        messages.warning(request, "没有正在进行的核对")
    return redirect("campaign", found.pk)


@require_POST
def again(request: HttpRequest, campaign: int) -> HttpResponse:
    """Check once more, the refused files too (a reader may have been installed since)."""
    found = campaign_of(request, campaign)
    with transaction.atomic():
        found.uploads.filter(state=Upload.REFUSED).update(state=Upload.WAITING, problem="")
        intake.enqueue(found)
    return redirect("campaign", found.pk)


@require_GET
def report(request: HttpRequest, campaign: int, name: str) -> HttpResponse:
    found = campaign_of(request, campaign)
    if name not in found.reports:
        raise Http404
    return attachment(work.folder(found) / "out" / name, name.rpartition("/")[2])


@require_GET
def upper_original(request: HttpRequest, campaign: int) -> HttpResponse:
    found = campaign_of(request, campaign)
    return attachment(intake.original(found.upper_sha256), found.upper_name)


@require_GET
def original(request: HttpRequest, upload: int) -> HttpResponse:
    found = upload_of(request, upload)
    return attachment(intake.original(found.sha256), found.name)


@require_GET
def letter(request: HttpRequest, upload: int) -> HttpResponse:
    found = upload_of(request, upload)
    if found.state != Upload.CHECKED or not found.result.letter:
        raise Http404
    return attachment(work.folder(found.campaign) / "out" / found.result.letter, found.result.letter.rpartition("/")[2])


@require_POST
def set_place(request: HttpRequest, upload: int) -> HttpResponse:
    """Whose plan it is, put right by hand; it may have stood in for another town's, which counts again."""
    found, name = upload_of(request, upload), request.POST.get("place", "").strip()[:80]
    if not name:
        messages.error(request, "请写镇街名称")
        return redirect("campaign", found.campaign_id)
    with transaction.atomic():
        before, found.place = found.place, Place.objects.get_or_create(name=name)[0]
        found.save(update_fields=["place"])
        again = work.stand_again(found.campaign, before) if before and before != found.place else None
        work.replace_older(found.campaign)
        for upload in (found, again):
            if upload is not None and upload.state == Upload.CHECKED:
                ledger.draw(upload)  # what was decided for its place counts for it now
        intake.enqueue(found.campaign)
    return redirect("campaign", found.campaign_id)


@require_GET
def log(request: HttpRequest, campaign: int) -> HttpResponse:
    """Who decided what and when, newest first."""
    found = campaign_of(request, campaign)
    made = Decision.objects.filter(upload__campaign=found).select_related("upload__place", "made_by").order_by("-pk")
    return render(request, "web/log.html", {"campaign": found, "page": Paginator(made, 200).get_page(request.GET.get("page")), "verdicts": WORDS})


@require_http_methods(["GET", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """One's own password and keys for other programs; a key is shown once."""
    form = PasswordChangeForm(request.user)
    if request.method == "POST" and "key" in request.POST:
        name = request.POST["key"].strip()[:80] or "未命名"
        key = secrets.token_urlsafe(32)
        Token.objects.create(user=request.user, name=name, sha256=rights.key_hash(key))
        return render(request, "web/account.html", {"form": form, "tokens": request.user.tokens.order_by("pk"), "key": key})
    if request.method == "POST" and "revoke" in request.POST:
        request.user.tokens.filter(pk=request.POST["revoke"] if request.POST["revoke"].isdecimal() else 0).delete()
        return redirect("account")
    if request.method == "POST":
        form = PasswordChangeForm(request.user, request.POST)
        if form.is_valid():
            update_session_auth_hash(request, form.save())
            messages.success(request, "密码已更改")
            return redirect("account")
    return render(request, "web/account.html", {"form": form, "tokens": request.user.tokens.order_by("pk")})


def refused(request: HttpRequest, exception=None, reason: str = "") -> HttpResponse:
    return render(request, "web/error.html", {"title": "没有权限", "advice": "这一页不对您的角色开放，或页面放得太久；请回到首页重新登录，需要时请管理员调整角色。"}, status=403)


def unknown(request: HttpRequest, exception=None) -> HttpResponse:
    return render(request, "web/error.html", {"title": "没有这一页", "advice": "地址不对，或内容与您无关。"}, status=404)


def broken(request: HttpRequest) -> HttpResponse:
    return render(request, "web/error.html", {"title": "出错了", "advice": "没有完成，也没有留下一半；请再试一次，仍不成功时请管理员查看日志 office.log。"}, status=500)


def campaign_of(request: HttpRequest, pk: int) -> Campaign:
    return get_object_or_404(rights.visible_campaigns(request.user, Campaign.objects.all()), pk=pk)


def upload_of(request: HttpRequest, pk: int) -> Upload:
    return get_object_or_404(rights.visible(request.user, Upload.objects.select_related("campaign", "place")), pk=pk)


def attachment(path, name: str) -> FileResponse:
    """Always saved, never shown: a foreign document must not run in the office's name."""
    if not path.is_file():
        raise Http404
    return FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type="application/octet-stream")
