"""Every address with the right that it needs. What is not in these tables is not served (but for the assets, which hold nothing of anybody)."""

from django.urls import path

from pipeline.web import api, city, desk, duties, rights, views

ADDRESSES = (
    ("first", views.first_start, "anyone", "first"),
    ("login", views.sign_in, "anyone", "login"),
    ("health", views.health, "anyone", "health"),
    ("api/openapi.json", api.openapi, "anyone", "openapi"),
    ("logout", views.sign_out, "leave", "logout"),
    ("", views.home, "leave", "home"),
    ("account", views.account, "leave", "account"),
    ("people", views.people, "people", "people"),
    ("campaigns/new", views.new_campaign, "manage", "new_campaign"),
    ("campaigns/<int:campaign>", views.campaign, "see", "campaign"),
    ("campaigns/<int:campaign>/state", views.state, "see", "state"),
    ("campaigns/<int:campaign>/upload", views.upload, "upload", "upload"),
    ("campaigns/<int:campaign>/again", views.again, "manage", "again"),
    ("campaigns/<int:campaign>/cancel", views.cancel, "manage", "cancel"),
    ("campaigns/<int:campaign>/reports", duties.reports, "see_all", "reports"),
    ("campaigns/<int:campaign>/reports/<path:name>", views.report, "see_all", "report"),
    ("campaigns/<int:campaign>/duties", duties.duties, "see_all", "duties"),
    ("campaigns/<int:campaign>/upper", views.upper_original, "see", "upper"),
    ("campaigns/<int:campaign>/plan", city.plan, "see_all", "plan"),
    ("campaigns/<int:campaign>/plan/correct", city.correct, "manage", "correct"),
    ("campaigns/<int:campaign>/plan/corrections", city.export, "see_all", "corrections"),
    ("campaigns/<int:campaign>/queue", desk.queue, "decide", "queue"),
    ("campaigns/<int:campaign>/log", views.log, "see_all", "log"),
    ("campaigns/<int:campaign>/measures/<str:measure>", desk.measure, "see_all", "measure"),
    ("campaigns/<int:campaign>/measures/<str:measure>/decide", desk.decide_measure, "decide", "decide_measure"),
    ("uploads/<int:upload>/original", views.original, "see", "original"),
    ("uploads/<int:upload>/letter", views.letter, "see", "letter"),
    ("uploads/<int:upload>/compare", desk.compare, "see", "compare"),
    ("uploads/<int:upload>/place", views.set_place, "manage", "set_place"),
    ("uploads/<int:upload>/tasks/<str:task>", desk.cell, "see", "cell"),
    ("uploads/<int:upload>/tasks/<str:task>/pages/<int:page>", desk.picture, "see", "picture"),
    ("uploads/<int:upload>/tasks/<str:task>/decide", desk.decide, "decide", "decide"),
    ("uploads/<int:upload>/tasks/<str:task>/remark", desk.remark, "remark", "remark"),
)
API_ADDRESSES = (
    ("api/campaigns", api.campaigns, "see", "api_campaigns"),
    ("api/campaigns/<int:campaign>", api.campaign, "see", "api_campaign"),
    ("api/campaigns/<int:campaign>/plans", api.plans, "upload", "api_plans"),
    ("api/campaigns/<int:campaign>/decisions", api.decisions, "see_all", "api_decisions"),
    ("api/plans/<int:upload>", api.plan, "see", "api_plan"),
)
urlpatterns = [path(route, rights.guard(right, view), name=name) for route, view, right, name in ADDRESSES]
urlpatterns += [path(route, rights.guard_key(right, view), name=name) for route, view, right, name in API_ADDRESSES]
handler403, handler404, handler500 = views.refused, views.unknown, views.broken
