"""doc, wps, rtf, odt, flat Word XML → docx and xls → xlsx by LibreOffice, where it is installed; then read as those."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from pipeline.errors import UnreadableFile
from pipeline.ingest import docx, limits, xlsx
from pipeline.ingest.blocks import Reading
from pipeline.ingest.detect import format_of

_PROGRAMS = ("soffice", "libreoffice")
_FORMAT_NAMES = {"doc": "旧版 Word 文件（.doc/.wps）", "rtf": "RTF 文件", "wordml": "Word 2003 XML 文件", "odt": "OpenDocument 文件", "xls": "旧版 Excel 文件（.xls/.et）"}

_FILTERS = {"docx": "docx:MS Word 2007 XML", "xlsx": "xlsx:Calc MS Excel 2007 XML"}


def program() -> str | None:
    """The path of LibreOffice, None where it is not installed."""
    return next(filter(None, map(shutil.which, _PROGRAMS)), None)


def read(content: bytes, name: str) -> Reading:
    kind = format_of(content, name)
    if program() is None:
        raise UnreadableFile(name, f"是{_FORMAT_NAMES[kind]}，读取它需要 LibreOffice，本机没有安装", f"请用 Office 或 WPS 另存为 .{_target(kind)} 后重试，或安装 LibreOffice")
    (converted,) = convert([(kind, content)])
    if converted is None:
        raise UnreadableFile(name, f"LibreOffice 在 {limits.OFFICE_SECONDS} 秒内转换不了这个文件，可能已损坏或有密码", f"请用 Office 或 WPS 打开，另存为 .{_target(kind)} 后重试")
    return read_converted(kind, converted, name)


def read_converted(kind: str, converted: bytes, name: str) -> Reading:
    """What `convert` made of a file of a format, read."""
    reading = (xlsx if kind == "xls" else docx).read(converted, name)
    reading.format = kind if kind in ("doc", "rtf", "odt", "xls") else "doc"
    return reading


def convert(files: Sequence[tuple[str, bytes]]) -> list[bytes | None]:
    """The docx or xlsx that LibreOffice makes of each file (format, content), in one start for all; None where it makes none.

    A profile of its own keeps it apart from an office that is open. Its exit code says nothing: what counts is whether the output exists.
    """
    with tempfile.TemporaryDirectory(prefix="luoshi-office-") as name:
        folder = Path(name)
        for target in _FILTERS:
            sources = []
            for number, (kind, content) in enumerate(files):
                if _target(kind) == target:
                    sources.append(folder / f"{number}.{'xml' if kind == 'wordml' else kind}")
                    sources[-1].write_bytes(content)
            if sources:
                _run(["--convert-to", _FILTERS[target], "--outdir", str(folder / "out"), *map(str, sources)], folder, limits.OFFICE_SECONDS + limits.OFFICE_SECONDS_MORE * (len(sources) - 1))
        made = [folder / "out" / f"{number}.{_target(kind)}" for number, (kind, _) in enumerate(files)]
        return [path.read_bytes() if path.is_file() and path.stat().st_size <= limits.FILE_BYTES else None for path in made]


def _run(arguments: list[str], folder: Path, seconds: float) -> None:
    """LibreOffice with a profile in a folder, within a time and, where a shell can say so, a memory."""
    command = [program(), f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--norestore", "--nolockcheck", *arguments]
    if os.name == "posix":
        command = ["/bin/sh", "-c", f'ulimit -v {limits.OFFICE_MEMORY // 1024}; exec "$@"', "sh", *command]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        pass
    finally:
        _stop(process)


def _target(kind: str) -> str:
    return "xlsx" if kind == "xls" else "docx"


def _stop(process: subprocess.Popen) -> None:
    """End LibreOffice with its children, also those that it left behind: the program on the path is only a starter."""
    try:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    except ProcessLookupError:
        pass  # it ended by itself, with all its children
    process.wait()
