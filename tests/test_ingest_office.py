"""Old Word files through LibreOffice: many in one start, each checked, and what hangs or writes nothing refused alone."""

import pytest

from pipeline import flow
from pipeline.errors import UnreadableFile
from pipeline.ingest import limits, office, prepared, read, read_bytes

needs_office = pytest.mark.skipif(office.program() is None, reason="LibreOffice is not installed")


def rtf(text: str) -> bytes:
    return ("{\\rtf1\\ansi\\uc0 " + "".join(f"\\u{ord(char) if ord(char) < 32768 else ord(char) - 65536} " for char in text) + "\\par}").encode()


def plan(number: int) -> str:
    return f"第{number}村每年修补村道{number}公里。"


@pytest.fixture()
def starts(monkeypatch):
    """Each start of LibreOffice, and how many files it was given."""
    seen, run = [], office._run
    monkeypatch.setattr(office, "_run", lambda arguments, folder, seconds: (seen.append(len(arguments) - 4), run(arguments, folder, seconds))[1])
    return seen


@needs_office
def test_twenty_files_are_converted_in_one_start_and_read_as_if_alone(tmp_path, starts):
    paths = [tmp_path / f"{number:02}.doc" for number in range(20)]
    for number, path in enumerate(paths):
        path.write_bytes(rtf(plan(number)))
    (tmp_path / "copies").mkdir()
    copies = prepared([*paths, tmp_path / "nowhere.doc"], tmp_path / "copies")
    assert starts == [20] and list(copies) == paths
    read_so = [read(copies[path], str(path)) for path in paths]
    assert [document.text for document in read_so] == [plan(number) for number in range(20)]
    alone = read(paths[7])
    assert (alone.text, alone.source) == (read_so[7].text, read_so[7].source) and alone.source.name == "07.doc"


@needs_office
def test_a_broken_file_among_others_costs_only_itself(tmp_path, starts, monkeypatch):
    good, bad = tmp_path / "好.rtf", tmp_path / "坏.doc"
    other = tmp_path / "又一.rtf"
    good.write_bytes(rtf(plan(1)))
    other.write_bytes(rtf(plan(2)))
    bad.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "WordDocument".encode("utf-16-le") + bytes(3000))
    copies = prepared([good, bad, other], tmp_path)
    assert starts == [3] and list(copies) == [good, other]
    with pytest.raises(UnreadableFile, match="LibreOffice"):
        read(bad)


def test_one_file_or_none_starts_nothing_beforehand(tmp_path, monkeypatch):
    monkeypatch.setattr(office, "convert", lambda files: pytest.fail("started"))
    (tmp_path / "a.rtf").write_bytes(rtf(plan(1)))
    (tmp_path / "b.txt").write_text("一、修路。", encoding="utf-8")
    assert prepared(tmp_path.iterdir(), tmp_path) == {}


@needs_office
def test_a_file_that_takes_too_long_is_no_output(monkeypatch):
    monkeypatch.setattr(limits, "OFFICE_SECONDS", 0.01)
    assert office.convert([("rtf", rtf(plan(1)))]) == [None]


@needs_office
def test_libreoffice_has_a_bound_of_memory(monkeypatch):
    monkeypatch.setattr(limits, "OFFICE_MEMORY", 50 * 1024 * 1024)
    assert office.convert([("rtf", rtf(plan(1)))]) == [None]


def test_a_zip_of_one_plan_is_that_plan_and_one_of_two_is_refused_where_one_is_wanted(tmp_path):
    from tests.test_ingest_parcel import packed

    one, two = packed(("市方案.txt", plan(1).encode())), packed(("甲.txt", plan(1).encode()), ("乙.txt", plan(2).encode()))
    document = read_bytes(one, "报送.zip")
    assert document.text == plan(1) and document.source.name == "市方案.txt"
    with pytest.raises(UnreadableFile, match="压缩包"):
        read_bytes(two, "报送.zip")
    (tmp_path / "报送.zip").write_bytes(one)
    assert flow.read_plan(flow.prepare(), tmp_path / "报送.zip").document.text == plan(1)
