"""OFD → canonical text: pieces in reading order, pages of pictures unread, everything else refused in Chinese."""

import io
import zipfile

import pytest

from pipeline.errors import UnreadableFile
from pipeline.ingest import ocr, ofd, read_bytes
from pipeline.ingest.blocks import assemble
from pipeline.model import PolicyDocument, Source

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


def rule(x0: float, y0: float, x1: float, y1: float) -> str:
    return f'<ofd:PathObject Boundary="{x0} {y0} {x1 - x0 + 1} {y1 - y0 + 1}" LineWidth="0.3"><ofd:AbbreviatedData>M 0 0 L {x1 - x0} {y1 - y0}</ofd:AbbreviatedData></ofd:PathObject>'


def pictured(*pages: str, **files: bytes) -> bytes:
    """An OFD file whose pages may show the pictures in `files` (id → bytes)."""
    listed = "".join(f'<ofd:MultiMedia ID="{name[1:]}" Type="Image"><ofd:MediaFile>{name}.bin</ofd:MediaFile></ofd:MultiMedia>' for name in files)
    resources = f'<ofd:Res {SPACE} BaseLoc="Res"><ofd:MultiMedias>{listed}</ofd:MultiMedias></ofd:Res>'.encode()
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(file(*pages))) as plain, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for info in plain.infolist():
            content = plain.read(info)
            archive.writestr(info, content.replace(b"</ofd:CommonData>", b"<ofd:DocumentRes>DocumentRes.xml</ofd:DocumentRes></ofd:CommonData>"))
        archive.writestr("Doc_0/DocumentRes.xml", resources)
        for name, content in files.items():
            archive.writestr(f"Doc_0/Res/{name}.bin", content)
    return stream.getvalue()


def sheet(colour: str = "white") -> bytes:
    from PIL import Image, ImageDraw

    picture, stream = Image.new("RGB", (826, 1169), colour), io.BytesIO()
    ImageDraw.Draw(picture).rectangle((100, 100, 500, 130), fill="black")
    picture.save(stream, "PNG")
    return stream.getvalue()


SHOWN = '<ofd:ImageObject ID="77" ResourceID="1" Boundary="0 0 210 297" CTM="210 0 0 297 0 0"/>'


def read_here(content: bytes) -> PolicyDocument:
    reading = ofd.read(content, "图.ofd")
    return assemble(reading, Source("图.ofd", "0", reading.format, reading.pages, reading.ocr))


@needs_ofd
@pytest.mark.parametrize("box", ["0 0 210 1e308", "0 0 -210 297", "0 0 0 0", "1e300 0 210 297"])
def test_a_page_whose_size_is_no_size_is_refused(box):
    """Found by `make fuzz`: its places were no numbers."""
    broken = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(file(piece("一、修补村道。", 20, 40)))) as whole, zipfile.ZipFile(broken, "w") as archive:
        for info in whole.infolist():
            archive.writestr(info, whole.read(info).replace(b"0 0 210 297", box.encode()))
    with pytest.raises(UnreadableFile, match="大小|损坏"):
        read_bytes(broken.getvalue(), "大.ofd")


@needs_ofd
def test_a_table_drawn_with_rules_is_read_by_its_cells():
    rules = [rule(20, y, 140, y) for y in (40, 60, 80)] + [rule(x, 40, x, 80) for x in (20, 80, 140)]
    words = [piece("重点任务", 22, 46), piece("牵头单位", 82, 46), piece("修补村道", 22, 66), piece("农业农村办", 82, 66)]
    document = read_bytes(file("".join([*rules, *words])), "表.ofd")
    assert document.text.split("\n") == ["重点任务|牵头单位", "修补村道|农业农村办"] and document.paragraphs[1].cells[1].header == "牵头单位"


@needs_ofd
def test_a_page_that_is_a_picture_is_unread_without_recognition_and_recognised_with_it(monkeypatch):
    pytest.importorskip("PIL")
    content = pictured(piece("一、修补村道十二公里，由农业农村办牵头落实到位。", 20, 40), SHOWN, _1=sheet())
    monkeypatch.setattr(ocr, "installed", lambda: False)
    without = read_here(content)
    assert without.unread_pages == (2,) and "luoshi[ocr]" in without.warnings[0].message and not without.source.ocr
    seen = []
    line = ocr.OcrLine("二、每年评比一次。", 0.99, ((200, 200), (1000, 200), (1000, 260), (200, 260)))
    monkeypatch.setattr(ocr, "installed", lambda: True)
    monkeypatch.setattr(ocr, "recognise", lambda pictures: [seen.append(make().shape) or ocr.OcrPage((line,), 1654, 2339) for make in pictures])
    document = read_here(content)
    assert [(document.text[part.start:part.end], part.page) for part in document.paragraphs][-1] == ("二、每年评比一次。", 2)
    assert document.source.ocr and not document.unread_pages and seen == [(2339, 1654, 3)] and document.paragraphs[-1].places[0].confidence == 0.99


@needs_ofd
@pytest.mark.parametrize("broken", [b"\x97JB2\r\n\x1a\n" + bytes(50), b"", sheet()[:300]])
def test_a_picture_that_cannot_be_decoded_leaves_its_page_unread_and_the_rest_read(broken, monkeypatch):
    monkeypatch.setattr(ocr, "installed", lambda: True)
    document = read_here(pictured(piece("一、修补村道十二公里，由农业农村办牵头落实到位。", 20, 40), SHOWN, _1=broken))
    assert document.unread_pages == (2,) and document.text.startswith("一、修补村道") and "解不开" in document.warnings[0].message
