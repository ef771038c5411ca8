"""doc, wps, rtf, odt, flat Word XML → docx and xls → xlsx by LibreOffice, where it is installed; then read as those."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
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
    converter = program()
    if converter is None:
        raise UnreadableFile(name, f"是{_FORMAT_NAMES[kind]}，读取它需要 LibreOffice，本机没有安装", f"请用 Office 或 WPS 另存为 .{_target(kind)} 后重试，或安装 LibreOffice")
    with tempfile.TemporaryDirectory(prefix="luoshi-office-") as folder:
        converted = _converted(converter, content, kind, Path(folder), name)
    reading = (xlsx if kind == "xls" else docx).read(converted, name)
    reading.format = kind if kind in ("doc", "rtf", "odt", "xls") else "doc"
    return reading


def _converted(converter: str, content: bytes, kind: str, folder: Path, name: str) -> bytes:
    """The docx or xlsx that LibreOffice makes of a file. A profile of its own keeps it apart from an office that is open; a success without output is a failure."""
    source, target = folder / f"source.{'xml' if kind == 'wordml' else kind}", folder / "out" / f"source.{_target(kind)}"
    source.write_bytes(content)
    command = [converter, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--norestore", "--nolockcheck",
               "--convert-to", _FILTERS[_target(kind)], "--outdir", str(target.parent), str(source)]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        process.wait(timeout=limits.OFFICE_SECONDS)
    except subprocess.TimeoutExpired as error:
        _stop(process)
        raise UnreadableFile(name, f"LibreOffice 在 {limits.OFFICE_SECONDS} 秒内没有转换完", f"请用 Office 或 WPS 打开，另存为 .{_target(kind)} 后重试") from error
    if not target.is_file():
        raise UnreadableFile(name, "LibreOffice 转换不了这个文件，可能已损坏或有密码", f"请用 Office 或 WPS 打开，另存为 .{_target(kind)} 后重试")
    return target.read_bytes()


def _target(kind: str) -> str:
    return "xlsx" if kind == "xls" else "docx"


def _stop(process: subprocess.Popen) -> None:
    """End LibreOffice with its children: the program on the path is only a starter."""
    if hasattr(os, "killpg"):
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()
