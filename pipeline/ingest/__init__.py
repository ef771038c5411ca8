"""Ingest: bytes → `PolicyDocument`, text with places.

`detect` names the format, one module a format reads it into blocks, `blocks.assemble` makes the canonical text.
"""

from __future__ import annotations

import hashlib
import importlib.util
import tempfile
from collections.abc import Iterable
from pathlib import Path

from pipeline.errors import UnreadableFile
from pipeline.ingest import detect, limits
from pipeline.ingest.blocks import assemble
from pipeline.model import PolicyDocument, Source, Warning

# What a suffix promises. Kingsoft's .wps is a .doc, and both may hold what LibreOffice reads for them.
_NAMED = {"docx": ("docx",), "doc": ("doc", "wordml"), "wps": ("doc", "wordml"), "rtf": ("rtf",), "pdf": ("pdf",), "txt": ("txt",), "html": ("html",), "htm": ("html",),
          "xlsx": ("xlsx",), "xls": ("xls",), "et": ("xls",), "ofd": ("ofd",)}


def read(path: Path, name: str | None = None, rules: Path | None = None) -> PolicyDocument:
    """Read one document.

    Args:
      name: What to call the file in messages, where `path` is not what the user typed (an upload).
      rules: The folder of the rule packs, default that of `rulebook.load`.

    Raises:
      UnreadableFile: The file cannot be turned into text; nothing else is raised for any bytes. A scan is no error: it comes back with `unread_pages`.
    """
    shown, path = name or str(path), Path(path)
    converted = _conversion(path)
    return read_bytes(_content(path, shown), shown, converted.read_bytes() if path.suffix == ".office" and converted.is_file() else None, rules)


def unpacked(paths: Iterable[Path], folder: Path) -> list[tuple[str, Path | UnreadableFile]]:
    """The documents of `paths` in order, a zip of plans replaced by what is in it: (what to call it, where it is or why it cannot be had).

    Args:
      folder: An empty folder for what is in the zips; the caller removes it when all is read.
    """
    found: list[tuple[str, Path | UnreadableFile]] = []
    for path in paths:
        try:
            content = _content(path, str(path)) if _zipped(path) else b""
            if content and detect.format_of(content, str(path)) == "zip":
                from pipeline.ingest import parcel

                found += parcel.unpack(content, str(path), folder)
                continue
        except UnreadableFile:
            pass  # `read` says the same when its turn comes
        found.append((str(path), path))
    return found


def prepared(paths: Iterable[Path], folder: Path) -> dict[Path, Path]:
    """Copies of those files of `paths` that LibreOffice must convert, each with its conversion beside it, which `read` then takes: one start for all.

    What cannot be converted with the others is left out; `read` tries it alone, and says what is wrong.

    Args:
      folder: A folder for copies and conversions; the caller removes it when all is read.
    """
    found: dict[Path, tuple[str, bytes]] = {}
    for path in paths:
        try:
            with path.open("rb") as stream:
                foreign = stream.read(5).startswith((b"\xd0\xcf\x11\xe0", b"{\\rtf", b"<?xml", b"PK\x03\x04"))
            if foreign and detect.READERS.get(kind := detect.format_of(content := _content(path, str(path)), str(path))) == detect.READERS["doc"]:
                found[path] = kind, content
        except (UnreadableFile, OSError, ValueError):
            continue  # `read` says why when its turn comes
    if len(found) < 2:
        return {}
    from pipeline.ingest import office

    if office.program() is None:
        return {}
    copies = {}
    own, files = Path(tempfile.mkdtemp(dir=folder)), list(found.items())
    for at in range(0, len(files), limits.OFFICE_FILES):
        several = files[at:at + limits.OFFICE_FILES]
        for (path, (_, content)), converted in zip(several, office.convert([file for _, file in several])):
            if converted is not None:
                copies[path] = own / f"{len(copies)}.office"
                copies[path].write_bytes(content)
                _conversion(copies[path]).write_bytes(converted)
    return copies


def recognises() -> bool:
    """Is the part installed that reads pictures? What was read without it may say more with it."""
    return importlib.util.find_spec("rapidocr") is not None


def _conversion(path: Path) -> Path:
    return path.with_name(f"{path.name}.converted")


def _zipped(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            return stream.read(4) in (b"PK\x03\x04", b"PK\x05\x06")
    except (OSError, ValueError):
        return False


def read_bytes(content: bytes, name: str, converted: bytes | None = None, rules: Path | None = None) -> PolicyDocument:
    """`read` for bytes that are in memory already.

    Args:
      converted: What LibreOffice made of them, where that was done before (see `prepared`).
    """
    if not content:
        raise UnreadableFile(name, "文件是空的（0 字节）", "请检查文件是否保存完整，重新提供")
    kind = detect.format_of(content, name)
    if kind == "zip":
        return _only_plan(content, name, rules)
    if kind in detect.REFUSED:
        raise detect.refuse(kind, name)
    if kind == "txt":  # plain text meets no parser but ours: a run over text alone starts no child
        return document_of(kind, detect.READERS[kind], content, name)
    from pipeline.ingest import apart

    return apart.read(kind, detect.READERS[kind], content, name, converted, rules)


def _only_plan(content: bytes, name: str, rules: Path | None) -> PolicyDocument:
    """A zip that holds one plan is that plan; one with several is for those who read several."""
    from pipeline.ingest import parcel

    with tempfile.TemporaryDirectory(prefix="luoshi-zip-") as folder:
        found = list(parcel.unpack(content, name, Path(folder)))
        if len(found) != 1:
            raise detect.refuse("zip", name)
        ((inner, path),) = found
        if isinstance(path, UnreadableFile):
            raise path
        return read(path, inner, rules)


def document_of(kind: str, module: str, content: bytes, name: str, converted: bytes | None = None) -> PolicyDocument:
    """The document that one reader makes of a file; called in the child process for everything but plain text."""
    reader = importlib.import_module(module)
    reading = reader.read(content, name) if converted is None else reader.read_converted(kind, converted, name)
    source = Source(name.replace("\\", "/").rsplit("/", 1)[-1], hashlib.sha256(content).hexdigest(), reading.format, reading.pages, reading.ocr)
    suffix = source.name.rpartition(".")[2].lower()
    if suffix in _NAMED and kind not in _NAMED[suffix]:
        reading.warnings.insert(0, Warning("format_mismatch", f"文件名以 .{suffix} 结尾，内容其实是 {kind} 格式，已按内容读取"))
    document = assemble(reading, source)
    if not document.paragraphs and not document.unread_pages:
        raise UnreadableFile(name, "文件里没有文字", "请检查文件内容；若是图片，请提供可复制文字的版本")
    return document


def _content(path: Path, name: str) -> bytes:
    try:
        if not path.exists():
            raise UnreadableFile(name, "找不到这个文件", "请检查路径和文件名")
        if not path.is_file():
            raise UnreadableFile(name, "不是文件（是文件夹或设备）", "请指定一个文件")
        size = path.stat().st_size
        if size > limits.FILE_BYTES:
            raise UnreadableFile(name, f"文件有 {size // 1024 // 1024} MB，超过上限 {limits.FILE_BYTES // 1024 // 1024} MB", "请压缩其中的图片，或拆分后再试")
        return path.read_bytes()
    except (OSError, ValueError) as error:
        raise UnreadableFile(name, "打不开这个文件（没有权限，或文件名无效）", "请检查权限和路径后重试") from error
