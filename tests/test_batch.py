"""Many documents: only what has changed, one bad file stops nothing, a killed run goes on where it stopped."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from plans import CORPORA, town_lines, write_small_city

from pipeline import batch, cli, handout, ingest, project
from pipeline.errors import LuoshiError
from pipeline.ingest import apart

ROOT = CORPORA.parent


def SILENT(text: str) -> None:
    """No progress."""



@pytest.fixture()
def city(tmp_path) -> Path:
    folder = tmp_path / "鹤城"
    write_small_city(folder)
    batch._MADE.clear()
    return folder


def run(folder: Path, jobs: int = 1) -> batch.Outcome:
    batch._MADE.clear()
    (found,) = project.find_cities(folder)
    return batch.run_city(found, folder.parent / "out", "auto", jobs, SILENT)


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_a_second_run_judges_nothing_and_writes_the_same_bytes(city):
    first = run(city)
    written = bytes_of(city.parent / "out")
    second = run(city)
    assert first.checked == ("luwei.txt", "songping.txt") and second.checked == ()
    assert bytes_of(city.parent / "out") == written and "核对报告.html" in written and "check.json" in written


def test_an_edited_town_costs_one_town(city):
    run(city)
    (city / "songping.txt").write_text((city / "songping.txt").read_text(encoding="utf-8") + "\n（此件公开发布）\n", encoding="utf-8")
    assert run(city).checked == ("songping.txt",)


def test_an_edited_city_costs_every_town(city):
    run(city)
    (city / "city.txt").write_text((city / "city.txt").read_text(encoding="utf-8") + "\n（此件公开发布）\n", encoding="utf-8")
    assert run(city).checked == ("luwei.txt", "songping.txt")


def test_another_domain_is_another_result(city):
    (found,) = project.find_cities(city)
    run(city)
    assert batch.run_city(found, city.parent / "out", "science_literacy", 1, SILENT).checked == ("luwei.txt", "songping.txt")


def test_one_process_and_two_write_the_same_bytes(city, tmp_path):
    run(city)
    alone = bytes_of(city.parent / "out")
    shutil.rmtree(city.parent / "out")
    run(city, jobs=2)
    assert bytes_of(city.parent / "out") == alone


def test_a_bad_file_is_named_in_manifest_and_page_and_the_others_are_done(city):
    (city / "坏文件.docx").write_bytes(b"PK\x03\x04 torn")
    outcome = run(city)
    out = city.parent / "out"
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert [e.name for e in outcome.refused] == ["坏文件.docx"] == [r["file"] for r in manifest["refused"]]
    assert len(outcome.trace.lowers) == 2 and len(manifest["read"]) == 2
    assert "坏文件.docx" in (out / "核对报告.html").read_text(encoding="utf-8")


def test_a_bad_file_among_the_towns_is_exit_code_3_and_a_line(city):
    (city / "坏文件.docx").write_bytes(b"PK\x03\x04 torn")
    said = CliRunner().invoke(cli.main, ["batch", str(city), "--out", str(city.parent / "out"), "--jobs", "1"])
    assert said.exit_code == 3 and "坏文件.docx：" in said.stderr and "核对报告.html" in said.stdout
    assert (city.parent / "out" / city.name / "check.json").is_file()


def test_a_bad_city_plan_costs_its_city_only(city):
    other = city.parent / "坏城"
    other.mkdir()
    (other / "city.txt").write_bytes(b"")
    shutil.copy(city / "songping.txt", other / "songping.txt")
    said = CliRunner().invoke(cli.main, ["batch", str(city.parent), "--out", str(city.parent / "out"), "--jobs", "1"])
    assert said.exit_code == 3 and "city.txt：" in said.stderr and (city.parent / "out" / city.name / "check.json").is_file()
    assert not (city.parent / "out" / other.name / "check.json").exists()


def test_a_town_that_left_leaves_no_letter_behind(city):
    run(city)
    before = sorted(p.name for p in (city.parent / "out" / "差距报告").iterdir())
    (city / "songping.txt").unlink()
    run(city)
    after = sorted(p.name for p in (city.parent / "out" / "差距报告").iterdir())
    assert len(before) == 2 and len(after) == 1 and after[0] in before


def test_a_city_without_towns_still_gets_its_task_lists(city):
    for name in ("songping.txt", "luwei.txt"):
        (city / name).unlink()
    outcome = run(city)
    assert outcome.trace.lowers == () and (city.parent / "out" / "任务分解表.xlsx").is_file()


def test_truth_files_hidden_files_and_folders_are_no_documents(city):
    (city / "songping.truth.json").write_text("{}")
    (city / ".hidden.txt").write_text("x")
    (city / "~$open.docx").write_text("x")
    (city / "source").mkdir()
    (city / "README.md").write_text("x")
    (found,) = project.find_cities(city)
    assert [p.name for p in found.lowers] == ["luwei.txt", "songping.txt"]


def test_a_folder_without_any_city_is_said(tmp_path):
    with pytest.raises(LuoshiError, match="没有找到城市文件夹.*city"):
        project.find_cities(tmp_path)


def test_two_plans_of_one_place_get_two_letters(city):
    shutil.copy(city / "songping.txt", city / "songping2.txt")
    outcome = run(city)
    letters = [f for f in outcome.files if f.startswith("差距报告/")]
    assert len(letters) == len(set(letters)) == 3


def test_a_killed_run_goes_on_where_it_stopped(city):
    out = city.parent / "out"
    code = ("import sys, time; from pathlib import Path; from pipeline import batch, project, store; keep = store.keep\n"
            "def slow(*args):\n    keep(*args); print('kept', flush=True); time.sleep(60)\n"
            "store.keep = slow\n"
            f"(city,) = project.find_cities(Path({str(city)!r})); batch.run_city(city, Path({str(out)!r}), 'auto', 1, print)")
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert process.stdout.readline().strip() == "kept"
    process.kill()
    process.wait()
    assert len([*(out / ".kept").glob("*/*.kept")]) == 1 and not (out / "check.json").exists()
    outcome = run(city)
    assert outcome.checked == ("songping.txt",) and (out / "check.json").is_file()


def test_a_damaged_result_is_made_again(city):
    run(city)
    written = bytes_of(city.parent / "out")
    kept = sorted((city.parent / "out" / ".kept").glob("*/*.kept"))
    kept[0].write_bytes(kept[0].read_bytes()[:100])
    assert len(run(city).checked) == 1 and bytes_of(city.parent / "out") == written


def test_names_of_files_hold_nothing_that_a_file_system_refuses():
    assert handout.file_name('甲/乙\\丙:丁*?"<>|\n') == "甲＿乙＿丙＿丁＿＿＿＿＿＿＿" and len(handout.file_name("镇" * 300)) == 80


def test_time_is_no_part_of_a_report(city):
    run(city)
    first = bytes_of(city.parent / "out")
    shutil.rmtree(city.parent / "out")
    time.sleep(1.1)  # the clock of zip files counts in seconds
    run(city)
    assert bytes_of(city.parent / "out") == first


# ---------------------------------------------------------------- what another program converts, what another part reads

FAKE_OFFICE = """#!/bin/sh
PATH=/usr/bin:/bin
echo start >> "{log}"
while [ $# -gt 0 ]; do case "$1" in --outdir) out="$2"; shift;; *.rtf) given="$given $1";; esac; shift; done
mkdir -p "$out"
for file in $given; do cp "{made}" "$out/$(basename "$file" .rtf).docx"; done
"""


@pytest.fixture()
def office(tmp_path, monkeypatch):
    """A folder, alone on the path and empty; `install` puts a LibreOffice there that logs its starts and makes one plan of every file."""
    from tests.test_ingest_docx import package, paragraph

    folder = tmp_path / "programs"
    folder.mkdir()
    (folder / "made.docx").write_bytes(package("".join(map(paragraph, town_lines(name="山口镇")))))
    monkeypatch.setenv("PATH", str(folder))
    apart.stop()  # the child that reads has the path that it was started with
    yield folder
    apart.stop()


def install(office: Path) -> None:
    program = office / "soffice"
    program.write_text(FAKE_OFFICE.format(log=office / "starts", made=office / "made.docx"), encoding="utf-8")
    program.chmod(0o755)
    apart.stop()


def starts(office: Path) -> int:
    log = office / "starts"
    return len(log.read_text(encoding="utf-8").split()) if log.exists() else 0


def old_plan(number: int) -> bytes:
    return b"{\\rtf1 " + str(number).encode() + b"}"


needs_shell = pytest.mark.skipif(os.name != "posix", reason="the program that stands for LibreOffice is a shell script")


@needs_shell
def test_all_old_word_files_of_a_batch_are_converted_in_one_start(city, office):
    install(office)
    for number in range(5):
        (city / f"旧方案{number}.rtf").write_bytes(old_plan(number))
    outcome = run(city)
    assert not outcome.refused and len(outcome.checked) == 7 and starts(office) == 1
    assert not run(city).checked and starts(office) == 1
    (city / "旧方案3.rtf").write_bytes(old_plan(33))
    (city / "旧方案4.rtf").write_bytes(old_plan(44))
    assert run(city).checked == ("旧方案3.rtf", "旧方案4.rtf") and starts(office) == 2


@needs_shell
def test_files_in_a_zip_that_were_refused_are_read_once_libreoffice_is_there(city, office):
    with zipfile.ZipFile(city / "报送.zip", "w") as parcel:
        for number in range(3):
            parcel.writestr(f"乡镇/旧方案{number}.rtf", old_plan(number))
        parcel.writestr("乡镇/新方案.txt", "\n".join(town_lines(name="河湾镇")))
    before = run(city)
    assert [error.problem.split("，")[0] for error in before.refused] == ["是RTF 文件"] * 3 and starts(office) == 0
    install(office)
    after = run(city)
    assert not after.refused and len(after.checked) == 3 and starts(office) == 1
    assert {"河湾镇"} < {lower.name for lower in after.trace.lowers} and len(after.trace.lowers) == 6
    assert not run(city).checked


def test_a_scan_is_read_again_once_the_part_that_reads_pictures_is_there(city, monkeypatch):
    from tests.test_ingest_pdf import PICTURE, pdf

    (city / "scan.pdf").write_bytes(pdf(PICTURE))
    monkeypatch.setattr(ingest, "recognises", lambda: False)
    assert len(run(city).checked) == 3 and not run(city).checked
    monkeypatch.setattr(ingest, "recognises", lambda: True)
    assert run(city).checked == ("scan.pdf",)
