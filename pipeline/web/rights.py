"""Who may do what: the only place that says so. An address names its right in urls.py; nothing is served without one."""

from __future__ import annotations

import functools
import hashlib

from django.core.exceptions import PermissionDenied
from django.http import Http404, JsonResponse
from django.views.decorators.csrf import csrf_exempt

OFFICER, REVIEWER, TOWN, READER, ADMINISTRATOR = "officer", "reviewer", "town", "reader", "administrator"
ROLES = ((OFFICER, "政策人员"), (REVIEWER, "核对人员"), (TOWN, "镇街用户"), (READER, "查阅人员"), (ADMINISTRATOR, "管理员"))

# right → the roles that hold it. A town user holds a right for its own town only: see `visible`.
RIGHTS = {
    "anyone": None,  # signing in, the first start, the health page: no session needed
    "see": {OFFICER, REVIEWER, TOWN, READER},  # campaigns and plans, their results, originals and letters
    "see_all": {OFFICER, REVIEWER, READER},  # reports that name every town
    "upload": {OFFICER, TOWN},
    "decide": {OFFICER, REVIEWER},
    "remark": {OFFICER, REVIEWER, TOWN},  # a town answers a gap, the office comments
    "manage": {OFFICER},  # campaigns: city plan, towns, due date; run again
    "people": {ADMINISTRATOR},
    "leave": {OFFICER, REVIEWER, TOWN, READER, ADMINISTRATOR},  # signing out, the first page, one's own password and keys
}


def may(user, right: str) -> bool:
    holders = RIGHTS[right]
    return holders is None or (user.is_authenticated and user.is_active and user.role in holders)


def guard(right: str, view):
    """The view behind its right: strangers are asked to sign in, the others get 403. Raises KeyError at start for a right that is not in the table."""
    if RIGHTS[right] is None:
        return view
    from django.contrib.auth.views import redirect_to_login  # needs the models, which need this table

    @functools.wraps(view)
    def guarded(request, *args, **fields):
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not may(request.user, right):
            raise PermissionDenied
        return view(request, *args, **fields)

    return guarded


def key_hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def guard_key(right: str, view):
    """The view behind its right, for programs: who they are says the key they send, never a browser's session. Raises KeyError at start like `guard`."""
    RIGHTS[right]

    @csrf_exempt
    @functools.wraps(view)
    def guarded(request, *args, **fields):
        from pipeline.web.models import Token

        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        token = Token.objects.select_related("user").filter(sha256=key_hash(key.strip())).first() if scheme.lower() == "bearer" else None
        if token is None or not token.user.is_active:
            return JsonResponse({"error": "没有密钥或密钥无效"}, status=401, headers={"WWW-Authenticate": "Bearer"})
        request.user = token.user
        if not may(token.user, right):
            return JsonResponse({"error": "没有权限"}, status=403)
        try:
            return view(request, *args, **fields)
        except Http404:
            return JsonResponse({"error": "没有，或与您无关"}, status=404)

    return guarded


def visible(user, uploads):
    """The uploads that a person may know of: all, or those of its own town. A town user without a town sees none."""
    return uploads if may(user, "see_all") else uploads.filter(place_id=user.place_id, place__isnull=False)


def visible_campaigns(user, campaigns):
    """A town user sees the campaigns that ask its town."""
    return campaigns if may(user, "see_all") else campaigns.filter(places=user.place_id)


def in_templates(request) -> dict:
    user = getattr(request, "user", None)
    return {"may": {right: user is not None and may(user, right) for right in RIGHTS}}


def strict_headers(get_response):
    """Nothing from elsewhere, no script or style in the page; what a page shows is not kept by the browser."""
    policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

    def respond(request):
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return respond
