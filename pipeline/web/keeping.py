"""`luoshi backup` and `luoshi restore`: everything the office keeps in one file, independent of the database behind it.

The file is a tar: tables.json (Django's own serialisation), the secret, the originals by hash. Reports are not in it: they are made again.
"""

from __future__ import annotations

import io
import os
import re
import tarfile
import tempfile
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pipeline.web.settings")

import django  # noqa: E402

from pipeline.errors import LuoshiError  # noqa: E402

_ORIGINAL = re.compile(r"originals/[0-9a-f]{2}/[0-9a-f]{64}")
_PASSING = ("sessions", "contenttypes", "auth.permission", "web.job", "web.cell")  # made anew where the office starts


def backup(target: Path) -> int:
    """Write everything into `target`, also while the office serves; returns how many originals are in it.

    The tables come first: a file uploaded meanwhile is at most one more than they know of.
    """
    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection, transaction

    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(f".{target.name}.{os.getpid()}")
    count = 0
    try:
        with tempfile.TemporaryDirectory(prefix="luoshi-backup-") as folder, aside.open("xb") as file, tarfile.open(fileobj=file, mode="w") as archive:
            tables = Path(folder) / "tables.json"
            with transaction.atomic():
                if connection.vendor == "postgresql":
                    connection.cursor().execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                call_command("dumpdata", exclude=list(_PASSING), output=str(tables), verbosity=0)
            archive.add(tables, "tables.json")
            archive.add(settings.HOME / "secret", "secret")
            for original in sorted((settings.HOME / "originals").glob("??/*")):
                if _ORIGINAL.fullmatch(name := original.relative_to(settings.HOME).as_posix()):
                    archive.add(original, name)
                    count += 1
        os.chmod(aside, 0o600)
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)
    return count


def restore(source: Path) -> int:
    """Put a backup into an empty office; returns how many originals came back. Every campaign is checked again, so that its reports are there.

    Raises LuoshiError where the office is not empty or the file is no backup.
    """
    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import transaction

    from pipeline import store
    from pipeline.web import intake
    from pipeline.web.models import Campaign, User

    call_command("migrate", interactive=False, verbosity=0)
    if User.objects.exists():
        raise LuoshiError(f"{settings.HOME}：这里已经有账号和核查，没有恢复；请换一个空的数据文件夹（--home），PostgreSQL 请换一个空库")
    count = 0
    try:
        with tarfile.open(source) as archive, tempfile.TemporaryDirectory(prefix="luoshi-restore-") as folder:
            members = {member.name: member for member in archive.getmembers() if member.isfile()}
            tables = Path(folder) / "tables.json"
            tables.write_bytes(archive.extractfile(members["tables.json"]).read())
            for name, member in members.items():
                if _ORIGINAL.fullmatch(name):
                    content = archive.extractfile(member).read()
                    store.write_aside(settings.HOME / name, content)
                    count += 1
            with transaction.atomic():
                call_command("loaddata", str(tables), verbosity=0)
                for campaign in Campaign.objects.all():
                    intake.enqueue(campaign)
            store.write_aside(settings.HOME / "secret", archive.extractfile(members["secret"]).read())
            os.chmod(settings.HOME / "secret", 0o600)
    except (OSError, KeyError, tarfile.TarError, io.UnsupportedOperation) as error:
        raise LuoshiError(f"{source}：不是 luoshi backup 写的备份，或已损坏（{type(error).__name__}）；没有恢复") from error
    return count
