"""Which format a file has: by its first bytes, never by its name (offices rename .doc to .docx and .html to .doc)."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Callable

from pipeline.errors import UnreadableFile
from pipeline.ingest import limits

# Format → module with `read(content, name) -> Reading`. A new format is one module and one line here.
READERS = {
    "txt": "pipeline.ingest.plain",
    "html": "pipeline.ingest.html",
    "mhtml": "pipeline.ingest.html",
    "docx": "pipeline.ingest.docx",
    "doc": "pipeline.ingest.office",
    "rtf": "pipeline.ingest.office",
    "wordml": "pipeline.ingest.office",
    "odt": "pipeline.ingest.office",
    "pdf": "pipeline.ingest.pdf",
    "image": "pipeline.ingest.ocr",
    "ofd": "pipeline.ingest.ofd",
    "xlsx": "pipeline.ingest.xlsx",
    "xls": "pipeline.ingest.office",
}

# Formats that are known and not read: what they are, and what to do.
REFUSED = {
    "pptx": ("是演示文稿，不是文件正文", "请提供 Word、PDF 或文本格式的正文"),
    "archive": ("是压缩包，不是文件正文", "请先解压，再逐个提交其中的文件"),
    "zip": ("是压缩包，不是一份文件", "各镇方案可以整包交给 check 和 batch；其他命令请先解压"),
    "encrypted-office": ("是加密的 Office 文件，没有密码无法读取", "请去除打开密码后重新保存"),
    "ole": ("是旧版 Office 格式，但里面没有 Word 正文", "请用 Word 或 WPS 打开，另存为 .docx 后重试"),
    "program": ("是程序或音视频文件，不是文件正文", "请检查是否选错了文件"),
}

# Formats whose reader needs an extra: what is said where it is not installed.
EXTRAS = {
    "ofd": ("是 OFD 版式文件，没有安装读取 OFD 的部件", "请安装（pip install 'luoshi[ofd]'）后重试，或用 OFD 阅读器导出为 PDF 或 Word"),
    "image": ("是图片，没有安装识别图片中文字的部件", "请安装（pip install 'luoshi[ocr]'）后重试，或提供 Word、PDF、文本格式的正文"),
}

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"{\\rtf", "rtf"),
    (b"\x89PNG\r\n\x1a\n", "image"), (b"\xff\xd8\xff", "image"), (b"GIF87a", "image"), (b"GIF89a", "image"), (b"II*\0", "image"), (b"MM\0*", "image"),
    (b"Rar!\x1a\x07", "archive"), (b"7z\xbc\xaf\x27\x1c", "archive"), (b"\x1f\x8b\x08", "archive"), (b"BZh", "archive"), (b"\xfd7zXZ\0", "archive"),
    (b"\x7fELF", "program"), (b"MZ\x90\0", "program"), (b"ID3", "program"), (b"\0asm", "program"), (b"SQLite format 3\0", "program"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HTML = re.compile(rb"(?:\s|<\?xml[^>]*>|<!--.*?-->)*<(?:!doctype\s+html|html|head|body|meta|title|div|table|p|span|script|style)\b", re.IGNORECASE | re.DOTALL)


def format_of(content: bytes, name: str) -> str:
    """The format of a file's bytes, a key of READERS or REFUSED. Whatever is nothing else counts as "txt"; `plain` then judges it.

    Raises:
      UnreadableFile: An archive whose directory is broken.
    """
    for magic, kind in _MAGIC:
        if content.startswith(magic):
            return kind
    if content.startswith(b"BM") and content[6:10] == b"\0\0\0\0" and len(content) > 26:
        return "image"
    if content.startswith(b"RIFF") and content[8:12] in (b"WEBP", b"WAVE", b"AVI "):
        return "image" if content[8:12] == b"WEBP" else "program"
    if content[4:12] in (b"ftypheic", b"ftypavif", b"ftypmif1"):
        return "image"
    if b"%PDF-" in content[:1024]:
        return "pdf"
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _in_zip(content, name)
    if content.startswith(_OLE):
        return _in_ole(content)
    head = _ascii(content[:8192])
    if head.lstrip().startswith(b"<?xml") and (b"progid=\"Word.Document\"" in head or b"schemas.microsoft.com/office/word/2003/wordml" in head):
        return "wordml"
    if re.match(rb"\s*(?:From|MIME-Version|Content-Type|Subject|Date|Snapshot-Content-Location)\s*:", head, re.IGNORECASE) and b"multipart/related" in head.lower():
        return "mhtml"
    if _HTML.match(head):
        return "html"
    return "txt"


def refuse(kind: str, name: str) -> UnreadableFile:
    """The error for a format of REFUSED."""
    return UnreadableFile(name, *REFUSED[kind])


def _ascii(head: bytes) -> bytes:
    """The first bytes as if they were in an ASCII-compatible encoding: byte order mark and UTF-16 zeros gone."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head[2:].replace(b"\0", b"")
    return head.removeprefix(b"\xef\xbb\xbf")


def _in_zip(content: bytes, name: str) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, struct.error, UnicodeDecodeError, OverflowError, EOFError) as error:
        raise UnreadableFile(name, "文件不完整或已损坏（压缩目录读不出）", "请重新复制、下载或另存后再试") from error
    if len(names) > limits.ZIP_MEMBERS:
        raise UnreadableFile(name, f"压缩包内有 {len(names)} 个文件，远超正常文档", "请检查文件来源")
    signs: tuple[tuple[str, Callable[[str], bool]], ...] = (
        ("docx", lambda member: member.startswith("word/") and member.endswith(".xml")),
        ("xlsx", lambda member: member.startswith("xl/")),
        ("pptx", lambda member: member.startswith("ppt/")),
        ("ofd", lambda member: member.lower() == "ofd.xml"),
        ("odt", lambda member: member == "content.xml"),
    )
    return next((kind for kind, sign in signs if any(map(sign, names))), "zip")


def _in_ole(content: bytes) -> str:
    """Names of streams tell what is inside an OLE file: they stand as UTF-16 in its directory."""
    for stream, kind in (("EncryptedPackage", "encrypted-office"), ("WordDocument", "doc"), ("Workbook", "xls"), ("Book", "xls"), ("PowerPoint Document", "pptx")):
        if stream.encode("utf-16-le") + b"\0\0" in content:
            return "encrypted-office" if kind == "doc" and _word_encrypted(content) else kind
    return "ole"


def _word_encrypted(content: bytes) -> bool:
    """Bit fEncrypted of the FIB, which opens the WordDocument stream ([MS-DOC] 2.5.2)."""
    entry = content.find("WordDocument".encode("utf-16-le"))
    if entry < 0 or entry + 0x78 > len(content):
        return False
    sector_size = 1 << min(struct.unpack_from("<H", content, 30)[0], 12)
    fib = (struct.unpack_from("<I", content, entry + 0x74)[0] + 1) * sector_size
    return fib + 12 <= len(content) and content[fib:fib + 2] == b"\xec\xa5" and bool(struct.unpack_from("<H", content, fib + 10)[0] & 0x0100)
