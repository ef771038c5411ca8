"""Mutated files of each format through the readers: each is read, refused in words, or it is a bug. Bounded and seeded; run by `make fuzz`.

    python tests/fuzz.py [--runs N] [--seed N] [--seconds N] [--format NAME]

A file on which a reader fails in a way of its own (an exception nobody expected, a crash, no end) is written to outputs/fuzz/ and named at the end; exit code 1.
"""

from __future__ import annotations

import argparse
import io
import random
import re
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from pipeline.errors import UnreadableFile  # noqa: E402
from pipeline.ingest import read_bytes  # noqa: E402
from pipeline.model import PolicyDocument  # noqa: E402

PLAN = "清潢镇农村道路管护实施方案\n一、总体要求\n各村要把道路管护摆上重要位置。\n二、主要任务\n1.修补村道。每年修补村道12公里。（责任单位：镇农业农村办）\n"
# Words of the refusal that stand for a reader which failed, not for a file which is bad.
FAILED = ("出错退出", "用时过长", "内存超过")


def seeds() -> Iterator[tuple[str, bytes]]:
    """(format, file) to mutate: small ones, so that a mutation meets something."""
    demo = ROOT / "corpora" / "demo"
    yield "docx", (demo / "xiqiao.docx").read_bytes()
    yield "pdf", (demo / "qinghuang.pdf").read_bytes()
    yield "txt", PLAN.encode("gb18030")
    yield "html", f"<html><head><title>方案</title></head><body><div id=zoom>{''.join(f'<p>{line}</p>' for line in PLAN.split())}<table><tr><td rowspan=2>一<td>二</table></div>".encode()
    yield "rtf", ("{\\rtf1\\ansi\\uc0 " + "".join(f"\\u{ord(char) if ord(char) < 32768 else ord(char) - 65536} " for char in PLAN[:60]) + "}").encode()
    yield "xlsx", _packed({"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<workbook xmlns:r='http://schemas.openxmlformats.org/officeDocument/2006/relationships'>"
                           "<sheets><sheet name='任务' sheetId='1' r:id='r1'/></sheets></workbook>",
                           "xl/_rels/workbook.xml.rels": "<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'>"
                           "<Relationship Id='r1' Type='x/worksheet' Target='worksheets/sheet1.xml'/></Relationships>",
                           "xl/worksheets/sheet1.xml": "<worksheet xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><sheetData><row r='1'>"
                           "<c r='A1' t='inlineStr'><is><t>任务</t></is></c><c r='B1'><v>45000.5</v></c></row></sheetData><mergeCells><mergeCell ref='A1:A3'/></mergeCells></worksheet>"})
    space = "xmlns:ofd='http://www.ofdspec.org/2016'"
    yield "ofd", _packed({"OFD.xml": f"<ofd:OFD {space}><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
                          "Doc_0/Document.xml": f"<ofd:Document {space}><ofd:CommonData><ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea>"
                          "<ofd:DocumentRes>Res.xml</ofd:DocumentRes></ofd:CommonData><ofd:Pages><ofd:Page ID='1' BaseLoc='Pages/1.xml'/></ofd:Pages></ofd:Document>",
                          "Doc_0/Res.xml": f"<ofd:Res {space} BaseLoc='Res'><ofd:MultiMedias><ofd:MultiMedia ID='5'><ofd:MediaFile>a.png</ofd:MediaFile></ofd:MultiMedia></ofd:MultiMedias></ofd:Res>",
                          "Doc_0/Pages/1.xml": f"<ofd:Page {space}><ofd:Content><ofd:Layer ID='9'><ofd:TextObject ID='2' Boundary='20 20 150 8' Size='5.6'>"
                          "<ofd:TextCode X='0' Y='5' DeltaX='g 5 5.6 5.6'>修补村道十二公里</ofd:TextCode></ofd:TextObject><ofd:PathObject Boundary='20 40 100 1'>"
                          "<ofd:AbbreviatedData>M 0 0 L 100 0 C</ofd:AbbreviatedData></ofd:PathObject><ofd:ImageObject ResourceID='5' Boundary='0 0 20 20' CTM='20 0 0 20 0 0'/>"
                          "</ofd:Layer></ofd:Content></ofd:Page>"})
    yield "zip", _packed({"甲镇.txt": PLAN, "__MACOSX/a": "x"})


def _packed(members: dict[str, str | bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def mutated(content: bytes, chance: random.Random) -> bytes:
    """A file with one to eight wounds. Half of the packed formats are hurt inside a member, where the package still opens."""
    if content.startswith(b"PK") and chance.random() < 0.6:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
        name = chance.choice(sorted(members))
        members[name] = _wounded(members[name], chance)
        if chance.random() < 0.1:
            del members[chance.choice(sorted(members))]
        return _packed(members)
    return _wounded(content, chance)


def _wounded(content: bytes, chance: random.Random) -> bytes:
    """Marked-up text is mostly hurt in its marks and numbers: bytes at random only show that an encoding is checked."""
    if b"<" in content[:200] and chance.random() < 0.7 or content[:4] in (b"%PDF", b"{\\rt") and chance.random() < 0.4:
        return _twisted(content, chance)
    found = bytearray(content)
    for _ in range(chance.randint(1, 8)):
        if not found:
            break
        at, length = chance.randrange(len(found)), chance.choice((1, 2, 4, 16, 64, 1024))
        wound: Callable[[], None] = chance.choice((
            lambda: found.__setitem__(at, chance.randrange(256)),
            lambda: found.__setitem__(slice(at, at + length), b""),
            lambda: found.__setitem__(slice(at, at), bytes(chance.randrange(256) for _ in range(length))),
            lambda: found.__setitem__(slice(at, at), found[at:at + length] * chance.choice((2, 50))),
            lambda: found.__setitem__(slice(at, at + length), chance.choice((b"\xff" * length, bytes(length), b"9" * length, b"-1", b"1e999", b"<" * length, b"&#x10FFFF;", "（".encode() * length))),
            lambda: found.__delitem__(slice(at, None)) if chance.random() < 0.2 else None,
        ))
        wound()
    return bytes(found)


def _twisted(content: bytes, chance: random.Random) -> bytes:
    """Tags, attributes and numbers left out, doubled, moved, made huge or negative."""
    for _ in range(chance.randint(1, 6)):
        parts = [match.span() for match in (_TAG if chance.random() < 0.15 else _VALUE).finditer(content)]
        if not parts:
            break
        (begin, end), (first, last) = chance.choice(parts), chance.choice(parts)
        part = content[begin:end]
        new = chance.choice((b"", part * chance.choice((2, 60)), content[first:last], b"-1", b"0", b"4294967296", b"1e308", b"NaN", b"999999999999999999999", "—".encode()))
        content = content[:begin] + new + content[end:]
    return content


_TAG = re.compile(rb"<[^<>]{1,200}>|\\[a-z]+|/[A-Za-z]+")
_VALUE = re.compile(rb"-?\d+(?:\.\d+)?|(?<==\")[^\"<>]{1,60}(?=\")|(?<==')[^'<>]{1,60}(?=')|(?<=>)[^<>\s]{1,40}(?=<)")


def judged(content: bytes, name: str) -> str:
    """"read", "refused", or what went wrong."""
    try:
        document = read_bytes(content, name)
    except UnreadableFile as error:
        return error.problem if any(word in error.problem for word in FAILED) else "refused"
    except Exception as error:  # what this looks for
        return f"{type(error).__name__}: {error}"
    return wrong(document) or "read"


def wrong(document: PolicyDocument) -> str:
    """What of a document's text and places does not hold."""
    lines = document.text.split("\n")
    if [document.text[part.start:part.end] for part in document.paragraphs] != (lines if document.text else []):
        return "paragraphs are not the lines of the text"
    if any(line != line.strip() or not line for line in lines if document.text):
        return "a line has white space around it"
    cells = [(part, cell) for part in document.paragraphs for cell in part.cells]
    if any(not part.start <= cell.start <= cell.end <= part.end for part, cell in cells):
        return "a cell stands outside its row"
    places = [(part, place) for part in document.paragraphs for place in part.places]
    if any(not (part.start <= place.start <= place.end <= part.end and all(0 <= side <= 1 for side in place.box)) for part, place in places):
        return "a place stands outside its paragraph or page"
    return ""


def run(form: str, content: bytes, runs: int, seed: int, seconds: float) -> list[tuple[int, str]]:
    """Mutations of one file; returns those (number, what went wrong) that are bugs."""
    counts, found, slowest, began = {"read": 0, "refused": 0}, [], 0.0, time.monotonic()
    for number in range(runs):
        if time.monotonic() - began > seconds:
            break
        hurt, start = mutated(content, random.Random(f"{form}-{seed}-{number}")), time.monotonic()
        verdict = judged(hurt, f"fuzz.{form}")
        slowest = max(slowest, time.monotonic() - start)
        if verdict in counts:
            counts[verdict] += 1
        else:
            found.append((number, verdict))
            target = ROOT / "outputs" / "fuzz" / f"{form}-{seed}-{number}.{form}"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(hurt)
    done = sum(counts.values()) + len(found)
    print(f"{form:5} {done:5} runs  {counts['read']:5} read  {counts['refused']:5} refused  {len(found):3} wrong  slowest {slowest:.1f} s", flush=True)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=60.0, help="at most so long a format")
    parser.add_argument("--format", default="")
    asked = parser.parse_args()
    bugs = {form: found for form, content in seeds() if asked.format in ("", form) and (found := run(form, content, asked.runs, asked.seed, asked.seconds))}
    for form, found in bugs.items():
        for number, what in found:
            print(f"outputs/fuzz/{form}-{asked.seed}-{number}.{form}: {what}")
    return 1 if bugs else 0


if __name__ == "__main__":
    sys.exit(main())
