"""docx and xlsx → PDF by LibreOffice, where it is installed."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

from pipeline import cache
from pipeline.errors import LuoshiError
from pipeline.ingest import office

_SECONDS, _MORE, _BYTES = 60, 10, 2000  # seconds for the start and for each document, and bytes of docx for which one more is given


def print_all(folder: Path, names: Iterable[str]) -> list[str]:
    """Each docx among `names` (relative to `folder`) as `PDF/NAME.pdf`; returns those paths. One start of LibreOffice serves them all.

    Raises LuoshiError where LibreOffice is not there, or left a document unprinted.
    """
    wanted = [name for name in names if name.endswith(".docx")]
    program = office.program()
    if program is None:
        raise LuoshiError("生成 PDF 需要 LibreOffice，本机没有安装；其他报告已经写好，请安装 LibreOffice 后重试，或用 Word、WPS 打开后另存为 PDF")
    with tempfile.TemporaryDirectory(prefix="luoshi-print-") as work:
        # numbered copies: LibreOffice writes all its output into one folder, and two places may share a file name
        sources, seconds = [], float(_SECONDS)
        for number, name in enumerate(wanted):
            source = Path(work) / f"{number}.docx"
            source.write_bytes((folder / name).read_bytes())
            seconds += _MORE + source.stat().st_size / _BYTES
            sources.append(str(source))
        command = [program, f"-env:UserInstallation={(Path(work) / 'profile').as_uri()}", "--headless", "--norestore", "--nolockcheck", "--convert-to", "pdf",
                   "--outdir", str(Path(work) / "out"), *sources]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        try:
            process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL) if hasattr(os, "killpg") else process.kill()  # the program on the path is only a starter
            process.wait()
        written, failed = [], []
        for number, name in enumerate(wanted):
            made = Path(work) / "out" / f"{number}.pdf"
            if made.is_file():
                target = f"PDF/{name.removesuffix('.docx')}.pdf"
                cache.write_aside(folder / target, made.read_bytes())
                written.append(target)
            else:
                failed.append(name)
    if failed:
        raise LuoshiError(f"LibreOffice 没有转换成 PDF：{'、'.join(failed)}；请用 Word、WPS 打开后另存为 PDF")
    return written
