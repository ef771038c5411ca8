"""Every address with the right that it needs. What is not in this table is not served (but for the assets, which hold nothing of anybody)."""

from django.urls import path

from pipeline.web import rights, views

ADDRESSES = (
    ("first", views.first_start, "anyone", "first"),
    ("login", views.sign_in, "anyone", "login"),
    ("health", views.health, "anyone", "health"),
    ("logout", views.sign_out, "leave", "logout"),
    ("", views.home, "leave", "home"),
    ("people", views.people, "people", "people"),
    ("campaigns/new", views.new_campaign, "manage", "new_campaign"),
    ("campaigns/<int:campaign>", views.campaign, "see", "campaign"),
    ("campaigns/<int:campaign>/state", views.state, "see", "state"),
    ("campaigns/<int:campaign>/upload", views.upload, "upload", "upload"),
    ("campaigns/<int:campaign>/again", views.again, "manage", "again"),
    ("campaigns/<int:campaign>/reports/<path:name>", views.report, "see_all", "report"),
    ("campaigns/<int:campaign>/upper", views.upper_original, "see", "upper"),
    ("uploads/<int:upload>/original", views.original, "see", "original"),
    ("uploads/<int:upload>/letter", views.letter, "see", "letter"),
    ("uploads/<int:upload>/place", views.set_place, "manage", "set_place"),
    ("uploads/<int:upload>/tasks/<str:task>", views.cell, "see", "cell"),
    ("uploads/<int:upload>/tasks/<str:task>/decide", views.decide, "decide", "decide"),
)
urlpatterns = [path(route, rights.guard(right, view), name=name) for route, view, right, name in ADDRESSES]
