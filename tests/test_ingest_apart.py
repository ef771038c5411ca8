"""Readers run in a child process: what kills it costs one file, and the next is read."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.errors import UnreadableFile
from pipeline.ingest import apart, detect, limits, read_bytes
from pipeline.ingest.blocks import Block

ROOT = Path(__file__).parents[1]
PAGE = "<html><body><p>青禾镇每年修补村道12公里。</p></body></html>".encode()

# What a reader does → words of the refusal.
BAD = {
    "os.abort()": "出错退出",
    "os._exit(0)": "出错退出",
    "raise MemoryError": "内存超过",
    "bytearray(8 * 1024**3)": "内存超过",
    "raise RuntimeError('odd')": "出错退出",
    "[0 for _ in iter(int, 1)]": "用时过长",
    "__import__('time').sleep(600)": "用时过长",
    "os.write(1, b'noise' * 99) and os.abort()": "出错退出",
}


@pytest.fixture()
def reader(tmp_path, monkeypatch):
    """Puts a reader of our making in the place of that for web pages."""
    def put(body: str) -> None:
        (tmp_path / "bad_reader.py").write_text(f"import os\ndef read(content, name):\n    {body}\n")
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        monkeypatch.setitem(detect.READERS, "html", "bad_reader")
        apart.stop()

    yield put
    apart.stop()


@pytest.mark.parametrize("body", BAD)
def test_a_reader_that_fails_costs_its_own_file_and_the_next_is_read(body, reader, monkeypatch):
    if not apart.bounded() and "bytearray" in body:
        pytest.skip("memory cannot be bounded here")
    monkeypatch.setattr(limits, "READ_CPU_SECONDS", 2)
    monkeypatch.setattr(limits, "READ_SECONDS", 3 if "sleep" in body else 60)
    reader(body)
    with pytest.raises(UnreadableFile, match=BAD[body]) as error:
        read_bytes(PAGE, "青禾.html")
    assert str(error.value).startswith("青禾.html：") and "\n" not in str(error.value)
    monkeypatch.setitem(detect.READERS, "html", "pipeline.ingest.html")
    monkeypatch.setattr(limits, "READ_SECONDS", 60)
    assert "12公里" in read_bytes(PAGE, "青禾.html").text


@pytest.mark.skipif(not apart.bounded(), reason="memory cannot be bounded here")
def test_models_that_stay_in_the_child_do_not_count_against_the_next_file(reader, monkeypatch):
    """A scan is read, then a web page: what the recogniser reserved is more than a web page may have."""
    reader("from pipeline.ingest import apart, blocks, limits; import mmap; apart.page_recognised(0, 1)"
           "; apart.kept = mmap.mmap(-1, limits.READ_MEMORY + 2**20); return blocks.Reading('html', [blocks.Block('修路。')])")
    read_bytes(PAGE, "扫描.html")
    first = apart._child.pid
    monkeypatch.setitem(detect.READERS, "html", "pipeline.ingest.html")
    assert "12公里" in read_bytes(PAGE, "青禾.html").text and apart._child.pid == first


def test_every_recognised_page_has_its_own_time_and_is_told(reader, monkeypatch, caplog):
    caplog.set_level("INFO", "pipeline.ingest.apart")
    monkeypatch.setattr(limits, "READ_SECONDS", 3)
    monkeypatch.setattr(limits, "OCR_PAGE_SECONDS", 3)
    reader("from pipeline.ingest import apart, blocks; import time; [(apart.page_recognised(number, 3), time.sleep(0.9)) for number in range(4)]"
           "; return blocks.Reading('html', [blocks.Block('修路。')])")
    assert read_bytes(PAGE, "扫描.html").text == "修路。"
    assert [record.getMessage() for record in caplog.records] == [f"扫描.html：第 {number} 页（共 3 页）识别完" for number in (1, 2, 3)]


def test_one_child_reads_many_files():
    read_bytes(PAGE, "a.html")
    first = apart._child.pid
    read_bytes(PAGE, "b.html")
    assert apart._child.pid == first != os.getpid()


def test_the_child_can_send_values_of_the_model_and_nothing_that_runs(reader):
    reader("from pipeline.ingest import blocks; return blocks.Reading('html', [blocks.Block('一、修路。')], [__import__('pathlib').Path('x')])")
    with pytest.raises(UnreadableFile, match="出错退出"):
        read_bytes(PAGE, "青禾.html")


def test_plain_text_starts_no_child_and_the_child_ends_with_its_parent():
    code = ("from pipeline.ingest import read_bytes; import sys\nread_bytes('一、修路。'.encode(), 'a.txt'); assert 'pipeline.ingest.apart' not in sys.modules\n"
            "read_bytes(b'<html><p>ab</p>', 'a.html'); from pipeline.ingest import apart; print(apart._child.pid)")
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    with pytest.raises(ProcessLookupError):
        os.kill(int(said.stdout), 0)


def test_a_forked_process_gets_a_child_of_its_own():
    from concurrent.futures import ProcessPoolExecutor

    read_bytes(PAGE, "a.html")
    own = apart._child.pid
    with ProcessPoolExecutor(1) as pool:
        other = pool.submit(_child_of_a_worker).result()
    assert other != own and read_bytes(PAGE, "a.html") and apart._child.pid == own


def _child_of_a_worker() -> int:
    read_bytes(PAGE, "b.html")
    return apart._child.pid


def test_blocks_of_a_reader_never_leave_the_child():
    with pytest.raises(Exception, match="not a value"):
        apart.store.loads(apart.pickle.dumps(Block("x")))
