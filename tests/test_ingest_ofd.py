"""OFD → canonical text: pieces in reading order, pages of pictures unread, everything else refused in Chinese."""

import io
import zipfile

import pytest

from pipeline.errors import UnreadableFile
from pipeline.ingest import ofd, read_bytes

needs_ofd = pytest.mark.skipif(not ofd.installed(), reason="the extra [ofd] is not installed")
SPACE = 'xmlns:ofd="http://www.ofdspec.org/2016"'
SIZE = 5.6  # mm, as official documents are set


def piece(text: str, x: float, y: float) -> str:
    deltas = " ".join([str(SIZE)] * (len(text) - 1))
    return (f'<ofd:TextObject ID="{round(x * 100 + y)}" Boundary="{x} {y} 150 8" Font="1" Size="{SIZE}">'
            f'<ofd:TextCode X="0" Y="{SIZE}" DeltaX="{deltas}">{text}</ofd:TextCode></ofd:TextObject>')


def file(*pages: str, root: str = "OFD", **more: bytes) -> bytes:
    """An OFD file whose pages hold these elements."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("OFD.xml", f"<ofd:{root} {SPACE}><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:{root}>")
        listed = "".join(f'<ofd:Page ID="{number}" BaseLoc="Pages/{number}.xml"/>' for number in range(len(pages)))
        area = "<ofd:CommonData><ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea></ofd:CommonData>"
        archive.writestr("Doc_0/Document.xml", f"<ofd:Document {SPACE}>{area}<ofd:Pages>{listed}</ofd:Pages></ofd:Document>")
        for number, page in enumerate(pages):
            archive.writestr(f"Doc_0/Pages/{number}.xml", f"<ofd:Page {SPACE}><ofd:Content><ofd:Layer ID='9'>{page}</ofd:Layer></ofd:Content></ofd:Page>")
        for name, content in more.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return stream.getvalue()


@needs_ofd
def test_pieces_are_read_from_top_to_bottom_and_wrapped_lines_joined():
    full = "各村社区每年组织不少于四次的科普讲座并做好记录留存备查共同抓"
    first, second = full[:25], full[25:] + "好落实。"
    page = piece("二、组织保障", 28 + 2 * SIZE, 80) + piece(second, 28, 60) + piece(first, 28 + 2 * SIZE, 50) + piece("一、主要任务", 28 + 2 * SIZE, 40)
    document = read_bytes(file(page), "方案.ofd")
    assert document.text.split("\n") == ["一、主要任务", first + second, "二、组织保障"]
    assert (document.source.format, document.source.pages, document.unread_pages) == ("ofd", 1, ())


@needs_ofd
def test_a_page_that_is_a_picture_is_unread():
    document = read_bytes(file(piece("一、主要任务", 28, 40), '<ofd:ImageObject ID="3" Boundary="0 0 210 297" ResourceID="4"/>'), "方案.ofd")
    assert document.unread_pages == (2,) and [warning.page for warning in document.warnings] == [2]


@needs_ofd
@pytest.mark.parametrize("content", [
    file(piece("甲", 28, 40), root="OTHER"), file(piece("甲", 28, 40))[:-60], file("<未完"), file(piece("甲", 28, 40), Doc_0__big_xml=b" " * 30_000_000),
    file(piece("甲", 28, 40).replace("<ofd:TextCode", "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/hostname'>]><ofd:TextCode", 1)),
])
def test_a_broken_or_hostile_file_is_refused(content):
    with pytest.raises(UnreadableFile, match="^方案.ofd：[^A-Za-z]*(OFD|文件|内部)"):
        read_bytes(content, "方案.ofd")


def test_without_the_extra_the_refusal_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr(ofd, "installed", lambda: False)
    with pytest.raises(UnreadableFile, match=r"OFD.*luoshi\[ofd\]"):
        ofd.read(file(piece("甲", 28, 40)), "方案.ofd")  # in this process: a reading child knows nothing of the patch
