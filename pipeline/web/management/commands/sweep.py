"""`django-admin sweep`: takes away originals that no record names; the worker does the same at its start and every day."""

from django.core.management.base import BaseCommand

from pipeline.web import intake


class Command(BaseCommand):
    help = "清理没有记录的原件（上传中断留下的，超过一天的）"

    def handle(self, *args, **options) -> None:
        self.stdout.write(f"清理了{intake.sweep()}个没有记录的原件")
