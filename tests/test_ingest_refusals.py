"""Files that no reader can use: one Chinese line each, with the file, the cause and an advice; never a traceback."""

import io
import re
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipeline.cli import main
from pipeline.errors import UnreadableFile
from pipeline.ingest import detect, limits, read, read_bytes

PDF = Path(__file__).parents[1] / "corpora" / "demo" / "qinghuang.pdf"
WORD = Path(__file__).parents[1] / "corpora" / "demo" / "xiqiao.docx"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000)
NOISE = bytes((index * 197 + index // 7 * 61 + 13) % 256 for index in range(4000))


def zipped(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return stream.getvalue()


def encrypted(content: bytes) -> bytes:
    """A PDF whose trailer names a security handler: the pages cannot be had without a password."""
    handler = b"/Encrypt<</Filter/Standard/V 2/R 3/Length 128/P -1/O<" + b"41" * 32 + b">/U<" + b"42" * 32 + b">>>/ID[<00><00>]"
    table = b"xref\n0 1\n0000000000 65535 f \ntrailer<</Root 1 0 R" + handler + b"/Size 9>>\nstartxref\n%d\n%%%%EOF\n"
    body = b"%PDF-1.6\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 0/Kids[]>>endobj\n" + content
    return body + table % len(body)


# name → (bytes, words of the cause)
REFUSED = {
    "空文件.docx": (b"", "空的"),
    "空白.txt": ("\n　\t\n".encode(), "没有文字"),
    "乱码.txt": (NOISE, "编码无法识别"),
    "残缺.docx": (WORD.read_bytes()[:3000], "不完整"),
    "无正文.docx": (zipped(word__styles_xml=b"<w/>"), "没有 Word 正文"),
    "坏正文.docx": (zipped(word__document_xml="<w:document>未完".encode()), "已损坏"),
    "炸弹.docx": (zipped(word__document_xml=b"<a>" + b" " * 30_000_000 + b"</a>"), "压缩炸弹"),
    "实体.docx": (zipped(word__document_xml=b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]><a>&e;</a>'), "外部实体"),
    "膨胀.docx": (zipped(word__document_xml=b'<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>'), "外部实体"),
    "加密.docx": (OLE + "EncryptedPackage".encode("utf-16-le") + bytes(300), "加密"),
    "清单.xlsx": (zipped(xl__styles_xml=b"<a/>"), "没有 Excel 工作表"),
    "空表.xlsx": (zipped(xl__workbook_xml=b"<a/>"), "没有文字"),
    "汇报.pptx": (zipped(ppt__presentation_xml=b"<a/>"), "演示文稿"),
    "公文.ofd": (zipped(OFD_xml=b"<a/>"), "OFD"),
    "照片.png": (b"\x89PNG\r\n\x1a\n" + bytes(40), "图片"),
    "照片改名.docx": (b"\xff\xd8\xff\xe0" + bytes(40), "图片"),
    "上报.zip": (zipped(b__txt="一、修路。".encode(), 方案_xml=b"<a/>"), "压缩包"),
    "上报.rar": (b"Rar!\x1a\x07\x00" + bytes(40), "压缩包"),
    "加密.pdf": (encrypted(b""), "密码"),
    "残缺.pdf": (PDF.read_bytes()[:20_000], "不完整"),
    "损坏.pdf": (b"%PDF-1.7\nnothing\n%%EOF\n", "损坏"),
}


def says_what_to_do(message: str, name: str) -> bool:
    """One line in the order where: what is wrong; what to do. Words of a program have no place in it."""
    named, _, rest = message.partition("：")
    problem, _, advice = rest.partition("；")
    chinese = all(re.search("[\u4e00-\u9fff]{2}", part) for part in (problem, advice))
    return named == name and chinese and "\n" not in message and not re.search(r"Error|Exception|Traceback|errno|None|0x", message)


@pytest.mark.parametrize("name", REFUSED)
def test_refusal_names_the_file_the_cause_and_an_advice(name, tmp_path):
    content, cause = REFUSED[name]
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match=cause) as error:
        read(path, f"如镇/{name}")
    assert says_what_to_do(str(error.value), f"如镇/{name}"), str(error.value)
    assert error.value.problem and error.value.advice


def test_encrypted_pdf_is_told_apart_from_a_broken_one():
    problems = []
    for name in ("加密.pdf", "损坏.pdf", "残缺.pdf"):
        with pytest.raises(UnreadableFile) as error:
            read_bytes(REFUSED[name][0], name)
        problems.append(error.value.problem)
    assert "加密" in problems[0] and not any("加密" in problem or "密码" in problem for problem in problems[1:])


def test_missing_file_folder_and_impossible_name_are_refused(tmp_path):
    for path, cause in ((tmp_path / "没有.docx", "找不到"), (tmp_path, "文件夹"), (Path("\0.txt"), "文件名无效|找不到"), (tmp_path / ("长" * 400), "文件名无效|找不到")):
        with pytest.raises(UnreadableFile, match=cause) as error:
            read(path, "方案")
        assert says_what_to_do(str(error.value), "方案")


def test_file_beyond_the_limit_is_refused_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "FILE_BYTES", 1024 * 1024)
    path = tmp_path / "大.pdf"
    path.write_bytes(b"%PDF-1.7\n" + bytes(2 * 1024 * 1024))
    monkeypatch.setattr(Path, "read_bytes", lambda self: pytest.fail("read in spite of its size"))
    with pytest.raises(UnreadableFile, match="超过上限"):
        read(path)


def test_entity_of_a_file_never_reaches_the_text(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("绝密内容")
    content = f'<!DOCTYPE a [<!ENTITY e SYSTEM "{secret.as_uri()}">]><a>&e;</a>'.encode()
    with pytest.raises(UnreadableFile) as error:
        read_bytes(zipped(word__document_xml=content), "x.docx")
    assert "绝密" not in str(error.value)


def test_text_under_a_word_name_is_read_with_a_warning():
    document = read_bytes("临溪镇道路管护方案\n一、每年修补村道12公里。\n".encode(), "方案.docx")
    assert (document.source.format, document.paragraphs[1].kind) == ("txt", "text")
    assert [warning.code for warning in document.warnings] == ["format_mismatch"] and ".docx" in document.warnings[0].message


@pytest.mark.parametrize("kind", sorted(detect.REFUSED))
def test_every_known_format_that_is_not_read_has_its_own_words(kind):
    assert says_what_to_do(str(detect.refuse(kind, "方案.x")), "方案.x")


def test_command_line_prints_the_refusal_alone_and_exits_with_3(tmp_path):
    tried = 0
    for name in ("残缺.docx", "乱码.txt", "加密.pdf", "照片.png"):
        path = tmp_path / name
        path.write_bytes(REFUSED[name][0])
        result = CliRunner().invoke(main, ["extract", str(path), "--format", "text"])
        assert result.exit_code == 3
        assert says_what_to_do(result.output.strip(), str(path)), result.output
        tried += 1
    assert tried == 4
