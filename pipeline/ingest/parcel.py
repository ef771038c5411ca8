"""A zip of plans → one file a plan in a folder of ours. Names inside are only shown, never used as paths."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from pipeline.errors import UnreadableFile
from pipeline.ingest import detect, limits
from pipeline.ingest.blocks import clean

_ADVICE = "请核实文件来源，解压后逐个提交"
# What systems put beside documents: no plan, and no loss.
_LITTER = re.compile(r"(?:^|/)(?:__MACOSX/|\.(?!\.?/)|~\$|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)


def unpack(content: bytes, name: str, folder: Path) -> Iterator[tuple[str, Path | UnreadableFile]]:
    """Every document of a zip, by name: (what to call it, where it is or why it cannot be had). A zip inside is unpacked too, `limits.PARCEL_NESTING` deep.

    Args:
      folder: An empty folder, which the caller removes; files in it are numbered.
    """
    yield from _members(content, name, folder, [limits.PARCEL_BYTES], 1)


def _members(content: bytes, name: str, folder: Path, room: list[int], depth: int) -> Iterator[tuple[str, Path | UnreadableFile]]:
    """`room` holds one number, the bytes that may still be unpacked."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:  # `detect` has read its directory already
        members = sorted(((_decoded(info), info) for info in archive.infolist() if not info.filename.endswith("/")), key=lambda member: (member[0], member[1].header_offset))
        members = [(inner, info) for inner, info in members if not _LITTER.search(inner)]
        if not members:
            yield name, UnreadableFile(name, "压缩包里没有文件", "请检查压缩包，把各镇方案放进去后重新提交")
        for index, (inner, info) in enumerate(members):
            shown = f"{name}/{clean(inner) or '（无名文件）'}"
            if index == limits.PARCEL_MEMBERS:
                yield name, UnreadableFile(name, f"压缩包里有 {len(members)} 个文件，只读了前 {index} 个", "请分成几个压缩包提交")
                return
            try:
                unpacked = _unpacked(archive, info, inner, shown, room)
                nested = unpacked.startswith(b"PK\x03\x04") and detect.format_of(unpacked, shown) == "zip"
                if nested and depth == limits.PARCEL_NESTING:
                    raise UnreadableFile(shown, f"压缩包套压缩包超过 {limits.PARCEL_NESTING} 层", "请解压后提交")
            except UnreadableFile as error:
                yield shown, error
                continue
            if nested:
                yield from _members(unpacked, shown, folder, room, depth + 1)
                continue
            path = folder / f"{len(list(folder.iterdir()))}.plan"
            path.write_bytes(unpacked)
            yield shown, path


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo, inner: str, shown: str, room: list[int]) -> bytes:
    if inner.startswith("/") or ".." in inner.split("/") or re.match("[A-Za-z]:", inner):
        raise UnreadableFile(shown, "在压缩包里的路径指向压缩包之外，不予读取", _ADVICE)
    if info.flag_bits & 1:
        raise UnreadableFile(shown, "在压缩包里加了密码", "请去除密码后重新压缩")
    if info.file_size > limits.FILE_BYTES or info.file_size > limits.ZIP_RATIO_FROM_BYTES and info.file_size > limits.ZIP_RATIO * max(info.compress_size, 1):
        raise UnreadableFile(shown, f"解开后有 {info.file_size // 1024 // 1024} MB，远超正常文档，疑似压缩炸弹", _ADVICE)
    if info.file_size > room[0]:
        raise UnreadableFile(shown, f"压缩包解开后超过 {limits.PARCEL_BYTES // 1024 // 1024} MB，这一份没有读", "请分成几个压缩包提交")
    try:
        with archive.open(info) as stream:
            content = stream.read(info.file_size + 1)
    except Exception as error:  # zipfile, zlib, bz2 and lzma each raise kinds of their own
        raise UnreadableFile(shown, "在压缩包里已损坏（压缩数据读不出）", "请重新压缩后提交") from error
    room[0] -= len(content)
    return content


def _decoded(info: zipfile.ZipInfo) -> str:
    """A member's name. Without the mark for UTF-8 it is in whatever the office's system writes: UTF-8 or GBK."""
    name = info.orig_filename
    if not info.flag_bits & 0x800:
        raw = name.encode("cp437", "replace")
        for encoding in ("utf-8", "gb18030"):
            try:
                name = raw.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
    return name.partition("\0")[0].replace("\\", "/")
