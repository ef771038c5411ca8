"""The files in ../shared, made from known text or real: every character, every heading number, nothing that is not text."""

import difflib
import json
import re
import unicodedata
from pathlib import Path

import pytest

from pipeline.errors import UnreadableFile
from pipeline.ingest import ocr, office, pdf, read
from pipeline.ingest.blocks import assemble
from pipeline.model import PolicyDocument, Source

SHARED = Path(__file__).parents[2] / "shared" / "corpora"
DEMO = Path(__file__).parents[1] / "corpora" / "demo"
NUMBER = re.compile(r"(?:[一二三四五六七八九十]+、|[（(][一二三四五六七八九十]+[）)]|\d+[.．、](?!\d))")
there = pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/corpora is not here")


def squeezed(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def body(document: PolicyDocument) -> list[str]:
    """The paragraphs without the notes."""
    return [squeezed(document.text[part.start:part.end]) for part in document.paragraphs if part.kind != "note"]


def numbers(lines: list[str]) -> list[str]:
    return [match[0] for line in lines if (match := NUMBER.match(line))]


def entries(folder: str) -> list[dict]:
    manifest = SHARED / folder / "MANIFEST.json"
    return json.loads(manifest.read_text(encoding="utf-8"))["files"] if manifest.is_file() else []


def compare(document: PolicyDocument, expected: str) -> None:
    """All characters, all heading numbers, and no sentence that a paragraph's end cuts."""
    lines, wanted = body(document), [squeezed(line) for line in expected.splitlines() if line.strip()]
    assert "".join(lines) == "".join(wanted)
    assert numbers(lines) == numbers(wanted)
    cut = [sentence for line in wanted for sentence in re.split("(?<=[。；])", line) if not any(sentence in own for own in lines)]
    assert not cut


@there
@pytest.mark.parametrize("folder", ["files", "hostile"])
def test_shared_files_are_read_refused_or_unread_as_the_manifest_says(folder):
    compared = refused = 0
    for entry in entries(folder):
        path = SHARED / folder / entry["file"]
        if path.suffix == ".doc" and office.program() is None:
            continue
        try:
            document = read(path)
        except UnreadableFile as error:
            assert entry["expect"] in ("refuse", "either"), path.name
            assert str(error).startswith(f"{path}：") and "\n" not in str(error)
            refused += 1
            continue
        assert entry["expect"] != "refuse", path.name
        assert not [text for text in entry.get("must_not_contain", []) if squeezed(text) in squeezed(document.text)], path.name
        if document.unread_pages:
            assert [warning.code for warning in document.warnings] == ["page_without_text"] * len(document.unread_pages)
        elif "expected" in entry and not document.source.ocr:
            compare(document, (path.parent / entry["expected"]).read_text(encoding="utf-8"))
            compared += 1
    assert compared + refused > 4 and compared


@there
def test_scan_has_every_page_unread_without_the_extra(monkeypatch):
    monkeypatch.setattr(ocr, "installed", lambda: False)
    scan = next(entry for entry in entries("files") if entry["expect"].startswith("read by OCR"))
    reading = pdf.read((SHARED / "files" / scan["file"]).read_bytes(), scan["file"])  # in this process, where the patch is seen
    document = assemble(reading, Source(scan["file"], "0" * 64, reading.format, reading.pages, reading.ocr))
    assert document.unread_pages == tuple(range(1, scan["pages"] + 1)) and not document.source.ocr
    assert all("luoshi[ocr]" in warning.message for warning in document.warnings)


@there
@pytest.mark.skipif(not ocr.installed(), reason="the extra [ocr] is not installed")
def test_scan_is_recognised_to_98_percent_of_its_characters():
    scan = next(entry for entry in entries("files") if entry["expect"].startswith("read by OCR"))
    wanted, found = squeezed((SHARED / "files" / scan["expected"]).read_text(encoding="utf-8")), squeezed(read(SHARED / "files" / scan["file"]).text)
    same = sum(block.size for block in difflib.SequenceMatcher(None, wanted, found, autojunk=False).get_matching_blocks())
    assert same >= 0.98 * max(len(wanted), len(found))


@there
def test_table_of_tasks_keeps_rows_cells_and_heads():
    paths = sorted((SHARED / "files").glob("*.table.json"))
    assert paths
    for path in paths:
        wanted = json.loads(path.read_text(encoding="utf-8"))
        document = read(path.with_name(path.name.replace(".table.json", ".docx")))
        rows = [part for part in document.paragraphs if part.cells]
        assert [[squeezed(document.text[cell.start:cell.end]) for cell in row.cells] for row in rows[1:]] == [list(map(squeezed, row)) for row in wanted["rows"]]
        assert {tuple(cell.header for cell in row.cells) for row in rows} == {tuple(wanted["columns"])}


@there
def test_footnotes_are_notes_behind_the_text():
    noted = [entry for entry in entries("files") if entry.get("also")]
    assert noted
    for entry in noted:
        document = read(SHARED / "files" / entry["file"])
        notes = [squeezed(document.text[part.start:part.end]) for part in document.paragraphs if part.kind == "note"]
        assert notes == list(map(squeezed, entry["also"]))
        assert [part.kind for part in document.paragraphs][-len(notes):] == ["note"] * len(notes)


@there
def test_real_files_are_read_or_refused_and_their_places_hold():
    paths = sorted((SHARED / "files" / "real").iterdir())
    assert paths
    pages = 0
    for path in paths:
        try:
            document = read(path)
        except UnreadableFile as error:
            assert path.suffix == ".ofd", error
            continue
        pages += document.source.pages or 0
        seen = {part.page for part in document.paragraphs}
        assert seen | set(document.unread_pages) == (set(range(1, document.source.pages + 1)) if document.source.pages else {None})
        assert any(part.cells for part in document.paragraphs) or path.suffix == ".ofd", "tables of OFD are read as lines"
        assert not [line for line in document.text.split("\n") if re.fullmatch(r"[-—–－\s]*\d{1,3}[-—–－\s]*", line)], "a page number is no text"
    assert pages


@there
def test_real_texts_keep_every_character():
    paths = sorted([*SHARED.glob("real/*.txt"), *SHARED.glob("towns/*.txt"), *SHARED.glob("city/*.txt")])
    assert paths
    for path in paths:
        assert "".join(read(path).text.split()) == "".join(path.read_text(encoding="utf-8").split()).replace("PAGE", ""), path.name


@pytest.mark.parametrize("source", sorted(path.stem for path in (DEMO / "source").glob("*.txt")))
def test_demo_files_give_the_text_that_they_were_made_from(source):
    (path,) = [path for path in DEMO.glob(f"{source}.*") if not path.name.endswith(".json")]
    compare(read(path), (DEMO / "source" / f"{source}.txt").read_text(encoding="utf-8"))


def test_demo_pdf_has_pages_in_order_and_no_running_head():
    document = read(DEMO / "qinghuang.pdf")
    pages = [part.page for part in document.paragraphs]
    assert pages == sorted(pages) and set(pages) <= set(range(1, document.source.pages + 1)) and len(set(pages)) > 3
    assert not document.unread_pages and not document.warnings
    assert not re.search(r"(?m)^\s*[-—]?\s*\d{1,2}\s*[-—]?\s*$", document.text)
