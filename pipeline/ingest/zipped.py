"""Members of a zip container, counted while unpacked; XML without entities."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Callable

from lxml import etree

from pipeline.errors import UnreadableFile
from pipeline.ingest import limits

# A document type stands before the first element, if anywhere.
_DECLARATION = re.compile(rb"(?:\xef\xbb\xbf)?(?>\s+|<\?.*?\?>|<!--.*?-->)*+<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE | re.DOTALL)
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True, huge_tree=False)
# The two names that the standard gives to the same elements.
_STRICT, _TRANSITIONAL = b"http://purl.oclc.org/ooxml/wordprocessingml/main", b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_PART = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_ENCODING = re.compile(r"^\s*<\?xml[^>]*\?>")


class Container:
    """An opened zip file whose members are read under the bounds of `limits`."""

    def __init__(self, content: bytes, name: str):
        self.name = name
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(content))
        except Exception as error:  # zipfile raises a dozen kinds for a broken directory
            raise self._broken() from error
        self._members = {info.filename: info for info in self._archive.infolist()}

    def member(self, path: str) -> bytes | None:
        """The unpacked bytes of a member, None where there is no such member.

        Raises:
          UnreadableFile: Too large, packed beyond reason, encrypted, or broken.
        """
        info = self._members.get(path)
        if info is None:
            return None
        if info.flag_bits & 1:
            raise UnreadableFile(self.name, "文件内部加了密码", "请去除密码后重新保存")
        bombed = info.file_size > limits.ZIP_RATIO_FROM_BYTES and info.file_size > limits.ZIP_RATIO * max(info.compress_size, 1)
        if info.file_size > limits.ZIP_MEMBER_BYTES or bombed:
            raise UnreadableFile(self.name, f"内部文件 {path} 解开后有 {info.file_size // 1024 // 1024} MB，远超正常文档，疑似压缩炸弹",
                                 "请核实文件来源，或用 Word 打开另存后再试")
        try:
            with self._archive.open(info) as stream:
                content = stream.read(info.file_size + 1)
        except Exception as error:  # zipfile, zlib, bz2 and lzma each raise kinds of their own
            raise self._broken() from error
        return content

    def paths(self) -> list[str]:
        return list(self._members)

    def xml(self, path: str, shorten: Callable[[bytes], bytes] = bytes) -> etree._Element | None:
        """The root of an XML member, None where there is no such member. Document types and entities are refused: Office never writes them.

        Args:
          shorten: Takes out of the bytes, before they are parsed, what nobody will look at.
        """
        content = self.member(path)
        if content is None:
            return None
        try:
            if content.startswith((b"\xff\xfe", b"\xfe\xff")):
                content = _ENCODING.sub("", content.decode("utf-16")).encode()
            if _DECLARATION.match(content):
                raise UnreadableFile(self.name, "内部 XML 含外部实体声明（DOCTYPE），正常的文档没有，不予读取", "请核实文件来源，用 Word 或 WPS 打开另存后再试")
            content = shorten(content.replace(_STRICT, _TRANSITIONAL))
            return etree.fromstring(content, _PARSER)
        except (etree.XMLSyntaxError, ValueError, LookupError) as error:
            raise UnreadableFile(self.name, f"文件已损坏（{path} 不是完整的 XML）", "请用 Word 或 WPS 打开修复后另存，或重新下载") from error

    def has(self, folder: str) -> bool:
        """Is there a member in a folder?"""
        return any(path.startswith(folder) for path in self._members)

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Relation id → (kind, path of the target inside the package) of one part of an Office file; "" for the package itself."""
        folder, file = posixpath.split(part)
        root = self.xml(posixpath.join(folder, "_rels", f"{file}.rels"))
        found = {}
        for relation in root.iter(_PART) if root is not None else ():
            if relation.get("TargetMode") != "External":
                target = relation.get("Target", "")
                path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
                found[relation.get("Id", "")] = (relation.get("Type", "").rsplit("/", 1)[-1], path)
        return found

    def _broken(self) -> UnreadableFile:
        return UnreadableFile(self.name, "文件不完整或已损坏（压缩数据读不出）", "请重新复制、下载或另存后再试")
