"""The application as Django knows it."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "pipeline.web"
    label = "web"
    verbose_name = "落实"
    default_auto_field = "django.db.models.BigAutoField"
