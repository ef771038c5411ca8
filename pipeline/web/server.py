"""`luoshi serve`: tables up to date, the first start's code, the worker beside the web server; one process tree, ended together."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import threading
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pipeline.web.settings")

from django.core.wsgi import get_wsgi_application  # noqa: E402

application = get_wsgi_application()


def serve(host: str, port: int, say) -> None:
    """Serve until interrupted. `say` prints one line for people."""
    import waitress
    from django.conf import settings
    from django.core.management import call_command

    from pipeline.web.models import User

    call_command("migrate", interactive=False, verbosity=0)
    if not User.objects.exists():
        say(f"首次启动：打开 http://{host}:{port}/first 建立管理员，首次启动码 {first_start_code(settings.HOME)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # a service manager says so: end as on Ctrl+C, with the worker
    closing = threading.Event()
    keeper = threading.Thread(target=_keep_worker, args=(closing,), daemon=True)
    keeper.start()
    try:
        listening = waitress.create_server(application, host=host, port=port, threads=8, ident=None, max_request_body_size=settings.FILE_LIMIT * 20)
        say(f"落实已启动：http://{host}:{port}/　数据文件夹 {settings.HOME}　按 Ctrl+C 结束")
        listening.run()
    finally:
        closing.set()
        keeper.join()


def first_start_code(home: Path) -> str:
    """The code that the first administrator must type; kept until it is used."""
    path = home / "first-start-code"
    if not path.exists():
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_hex(8))
    return path.read_text()


def _keep_worker(closing: threading.Event) -> None:
    """A worker as long as we serve; one that died is started again. It ends when its standard input closes, so also when we are killed."""
    while not closing.is_set():
        worker = subprocess.Popen([sys.executable, "-m", "pipeline.web.server"], stdin=subprocess.PIPE, env=os.environ | {"LUOSHI_LOG": "worker.log"})
        while worker.poll() is None and not closing.wait(1):
            pass
        if worker.poll() is None:
            worker.stdin.close()
            worker.wait()
        closing.wait(1)


def _work() -> None:
    """The worker's life: jobs as they come, a look at the queue every second, until standard input closes."""
    from django.db import close_old_connections

    from pipeline.web import intake, ledger, work

    closing = work.CLOSING
    for asked in (signal.SIGTERM, signal.SIGINT):
        signal.signal(asked, lambda *_: closing.set())
    threading.Thread(target=lambda: (sys.stdin.read(), closing.set()), daemon=True).start()
    looked = None
    while not closing.is_set():
        close_old_connections()
        if work.run_once():
            continue
        if looked != ledger.today():
            looked = ledger.today()
            for campaign in ledger.expired():
                intake.enqueue(campaign)  # a waiver ended overnight: its gap is a gap again
            intake.sweep()
        closing.wait(1)


if __name__ == "__main__":
    _work()
