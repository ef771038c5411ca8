"""A zip of plans: each plan is read or refused by itself, nothing is written outside the folder given, and the folder does not stay."""

import io
import tempfile
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from plans import write_small_city

from pipeline import batch, project
from pipeline.cli import main
from pipeline.errors import UnreadableFile
from pipeline.ingest import limits, unpacked

PLAN = "青禾镇道路管护方案\n一、每年修补村道12公里。\n".encode()


def packed(*members: tuple[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return stream.getvalue()


def opened(content: bytes, tmp_path: Path) -> dict[str, bytes | str]:
    """Name inside the zip → bytes, or the cause of the refusal."""
    path, folder = tmp_path / "towns.zip", tmp_path / "unpacked"
    path.write_bytes(content)
    folder.mkdir()
    found = unpacked([path], folder)
    assert {p.relative_to(tmp_path).parts[0] for p in tmp_path.rglob("*")} == {"towns.zip", "unpacked"}
    return {name.removeprefix(f"{path}/"): value.problem if isinstance(value, UnreadableFile) else value.read_bytes() for name, value in found}


def test_members_are_named_after_the_zip_in_order_and_litter_is_left_out(tmp_path):
    content = packed(("乙镇.txt", PLAN), ("子夹/甲镇.txt", PLAN), ("__MACOSX/._乙镇.txt", b"x"), (".DS_Store", b"x"), ("~$乙镇.docx", b"x"), ("Thumbs.db", b"x"))
    assert opened(content, tmp_path) == {"乙镇.txt": PLAN, "子夹/甲镇.txt": PLAN}


@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
def test_names_without_the_mark_for_utf_8_are_read_as_what_they_are(encoding, tmp_path):
    raw = "青禾镇.txt".encode(encoding)
    placeholder = "x" * len(raw)
    assert opened(packed((placeholder, PLAN)).replace(placeholder.encode(), raw), tmp_path) == {"青禾镇.txt": PLAN}


def test_what_cannot_be_had_is_refused_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "PARCEL_NESTING", 2)
    inner = packed(("丙镇.txt", PLAN), ("里.zip", packed(("丁镇.txt", PLAN))))
    found = opened(packed(("../外.txt", PLAN), ("/根.txt", PLAN), ("C:\\外.txt", PLAN), ("炸弹.txt", b" " * 30_000_000), ("包.zip", inner), ("好.txt", PLAN)), tmp_path)
    assert found.pop("好.txt") == found.pop("包.zip/丙镇.txt") == PLAN
    assert "压缩炸弹" in found.pop("炸弹.txt") and "2 层" in found.pop("包.zip/里.zip")
    assert len(found) == 3 and all("压缩包之外" in problem for problem in found.values())


def test_members_and_bytes_are_bounded_and_the_rest_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "PARCEL_BYTES", len(PLAN) * 2)
    monkeypatch.setattr(limits, "PARCEL_MEMBERS", 3)
    found = list(opened(packed(*[(f"{index}.txt", PLAN) for index in range(5)]), tmp_path).values())
    assert found[:2] == [PLAN, PLAN] and "没有读" in found[2] and "只读了前 3 个" in found[3] and len(found) == 4


def test_an_encrypted_member_and_a_damaged_one_are_refused(tmp_path):
    content = bytearray(packed(("甲.txt", PLAN), ("乙.txt", PLAN * 9)))
    at = content.rindex(b"PK\x01\x02", 0, content.rindex("乙.txt".encode()))
    content[at + 8] |= 1
    found = opened(bytes(content), tmp_path)
    assert found["甲.txt"] == PLAN and "密码" in found["乙.txt"]


def test_a_member_without_a_name_is_a_file_like_the_others(tmp_path):
    """Found by `make fuzz`: the name began with a NUL."""
    assert opened(packed(("QQ", PLAN)).replace(b"QQ", b"\0\0"), tmp_path) == {"（无名文件）": PLAN}


def test_an_empty_zip_says_so(tmp_path):
    assert list(opened(packed(("空/", b"")), tmp_path).values()) == ["压缩包里没有文件"]


def test_check_reads_the_towns_of_a_zip_like_files_and_leaves_no_folder_behind(tmp_path, monkeypatch):
    city, scratch = tmp_path / "鹤城", tmp_path / "scratch"
    write_small_city(city)
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    towns = [city / "luwei.txt", city / "songping.txt"]
    parcel = tmp_path / "towns.zip"
    parcel.write_bytes(packed(*[(town.name, town.read_bytes()) for town in towns], ("坏.pdf", b"%PDF-1.7\n%%EOF\n")))
    plain = CliRunner().invoke(main, ["check", str(city / "city.txt"), *map(str, towns), "--format", "text"])
    zipped = CliRunner().invoke(main, ["check", str(city / "city.txt"), str(parcel), "--format", "text"])
    assert (plain.exit_code, zipped.exit_code) == (0, 3)
    assert zipped.stdout == plain.stdout and f"{parcel}/坏.pdf：" in zipped.stderr
    assert list(scratch.iterdir()) == []


def test_batch_keeps_what_it_judged_of_a_zip(tmp_path):
    folder = tmp_path / "鹤城"
    write_small_city(folder)
    (folder / "towns.zip").write_bytes(packed(*[(town.name, town.read_bytes()) for town in (folder / "luwei.txt", folder / "songping.txt")], ("坏.pdf", b"%PDF-1.7\n%%EOF\n"), ("../外.txt", PLAN)))
    for name in ("luwei.txt", "songping.txt"):
        (folder / name).unlink()
    outcomes = []
    for _ in range(2):
        batch._MADE.clear()
        (city,) = project.find_cities(folder)
        outcomes.append(batch.run_city(city, tmp_path / "out", "auto", 1, lambda text: None))
    assert outcomes[0].checked == ("towns.zip/luwei.txt", "towns.zip/songping.txt", "towns.zip/坏.pdf") and outcomes[1].checked == ("towns.zip/坏.pdf",)
    assert [error.name for error in outcomes[1].refused] == ["towns.zip/../外.txt", "towns.zip/坏.pdf"] and len(outcomes[1].trace.lowers) == 2
