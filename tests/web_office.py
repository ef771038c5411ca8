"""The office for its tests: tables in a folder of their own, empty before each test; people, files, a checked campaign."""

from __future__ import annotations

import io
import os
import socket
from pathlib import Path

import pytest
from plans import CORPORA

pytest.importorskip("django", reason="网页版需要 pip install 'luoshi[web]'")
pytest.importorskip("whitenoise", reason="网页版需要 pip install 'luoshi[web]'")

DEMO = CORPORA / "demo"
PASSWORD = "long-enough-7Q"


@pytest.fixture(scope="module", autouse=True)
def office(tmp_path_factory):
    """The office with its tables in a folder of its own."""
    import django
    from django.conf import settings

    if not settings.configured:  # the first module of this process: Django takes its settings once
        os.environ["LUOSHI_HOME"] = str(tmp_path_factory.mktemp("office"))
        os.environ["DJANGO_SETTINGS_MODULE"] = "pipeline.web.settings"
        django.setup()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    from django.core.management import call_command
    from django.test.utils import setup_test_environment, teardown_test_environment

    setup_test_environment()
    call_command("migrate", interactive=False, verbosity=0)
    yield settings
    teardown_test_environment()


@pytest.fixture(autouse=True)
def emptied(office):
    """Each test starts with empty tables."""
    from django.core.management import call_command

    call_command("flush", interactive=False, verbosity=0)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def person(role: str, place: str | None = None, name: str | None = None):
    from pipeline.web.models import Place, User

    town = Place.objects.get_or_create(name=place)[0] if place else None
    return User.objects.create_user(name or f"{role}{place or ''}", password=PASSWORD, role=role, place=town)


def signed_in(user, **options):
    from django.test import Client

    client = Client(**options)
    client.force_login(user)
    return client


def key_of(user) -> str:
    """A key for programs that may what the user may."""
    from pipeline.web import rights
    from pipeline.web.models import Token

    key = f"key-of-{user.pk}"
    Token.objects.get_or_create(user=user, sha256=rights.key_hash(key))
    return key


def sent(name: str, content: bytes):
    file = io.BytesIO(content)
    file.name = name
    return file


def new_campaign(client, city: Path = DEMO / "city.txt", towns: str = "芦汀镇\n鹤栖镇"):
    from pipeline.web.models import Campaign

    said = client.post("/campaigns/new", {"title": "年度核查", "towns": towns, "upper": sent(city.name, city.read_bytes())})
    assert said.status_code == 302, said.content.decode()
    return Campaign.objects.latest("pk")


def upload(client, campaign, *paths: Path):
    return client.post(f"/campaigns/{campaign.pk}/upload", {"plans": [sent(p.name, p.read_bytes()) for p in paths]}, follow=True)


def work_all() -> int:
    """Every job that waits, also those that wait for more decisions; returns how many."""
    from django.utils import timezone

    from pipeline.web import work
    from pipeline.web.models import Job

    Job.objects.filter(state=Job.QUEUED).update(due=timezone.now())
    count = 0
    while work.run_once():
        count += 1
    return count


@pytest.fixture
def checked(emptied):
    """A campaign with one checked plan of the demo city: (officer's client, campaign, upload)."""
    client = signed_in(person("officer"))
    campaign = new_campaign(client)
    upload(client, campaign, DEMO / "luting.txt")
    work_all()
    return client, campaign, campaign.uploads.get()
