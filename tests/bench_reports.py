"""What the reports of a province cost: workbook, page, whole hand-out, letters as PDF. Not a test: it asserts nothing.

    python tests/bench_reports.py                  1,240 towns × 120 tasks; the hand-out alone takes some minutes
    python tests/bench_reports.py --towns 124

Times are of the processor, not of the wall: a busy machine changes them little. Each row runs in a process of its own, so that its peak of memory is its own.
"""

from __future__ import annotations

import argparse
import io
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from support import make_trace

from pipeline import handout, printing
from pipeline.ingest import office as libreoffice
from pipeline.report import coverage_matrix, letter, page


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--towns", type=int, default=1240)
    options.add_argument("--tasks", type=int, default=120)
    chosen = options.parse_args()
    print("| 项目 | 处理器用时 | 大小 | 内存（其中核对结果本身） | 说明 |\n|---|---|---|---|---|", flush=True)
    for name, work in (("覆盖矩阵.xlsx", _workbook), ("核对报告.html", _page), ("全部报告", _handout), ("40份差距报告转 PDF", _letters)):
        with multiprocessing.get_context("spawn").Pool(1) as alone:
            print(f"| {name} | {alone.apply(_measured, (work, chosen.towns, chosen.tasks))} |", flush=True)


def _measured(work: Callable, towns: int, tasks: int) -> str:
    trace = make_trace(towns, tasks)
    before, began = _peak(), time.process_time()
    size, told = work(trace)
    seconds = time.process_time() - began
    return f"{seconds:.1f} 秒 | {size / 1e6:.1f} MB | {_peak()} MB（{before} MB） | {told(seconds)}"


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _workbook(trace) -> tuple[int, Callable]:
    content = coverage_matrix.coverage_workbook(trace)

    def told(seconds: float) -> str:
        import openpyxl
        import xlsxwriter

        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
        sheets = [(sheet.title, [[str(cell) for cell in row if cell is not None] for row in sheet.iter_rows(values_only=True)]) for sheet in book.worksheets]
        began = time.process_time()
        bare = xlsxwriter.Workbook(io.BytesIO(), {"constant_memory": True, "in_memory": True})
        for name, rows in sheets:
            sheet = bare.add_worksheet(name)
            for i, row in enumerate(rows):
                for j, cell in enumerate(row):
                    sheet.write_string(i, j, cell)
        bare.close()
        plain = time.process_time() - began
        return f"xlsxwriter 写同样的{sum(len(row) for _, rows in sheets for row in rows)}个格、只写字符串：{plain:.1f} 秒，{seconds / plain:.1f}倍"

    return len(content), told


def _page(trace) -> tuple[int, Callable]:
    beside = {lower.name: f"分镇网页/{lower.name}.html" for lower in trace.lowers}
    content = page.page(trace, (), {}, beside=beside).encode()
    return len(content), lambda _: "打开用时另测（tests/test_page_browser.py）"


def _handout(trace) -> tuple[int, Callable]:
    with tempfile.TemporaryDirectory() as folder:
        names = handout.write(trace, (), Path(folder), {})
        return sum((Path(folder) / name).stat().st_size for name in names), lambda _: f"{len(names)}个文件"


def _letters(trace) -> tuple[int, Callable]:
    if libreoffice.program() is None:
        return 0, lambda _: "没有 LibreOffice"
    with tempfile.TemporaryDirectory() as folder:
        names = []
        for number, lower in enumerate(trace.lowers[:40]):
            names.append(f"{number}.docx")
            (Path(folder) / names[-1]).write_bytes(letter.gap_letter(trace, lower))
        began, children = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
        made = printing.print_all(Path(folder), names)
        wall, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
        size = sum((Path(folder) / name).stat().st_size for name in made)
    office = after.ru_utime + after.ru_stime - children.ru_utime - children.ru_stime
    return size, lambda _: f"{len(made)}份，一次启动 LibreOffice，共{wall:.0f}秒（LibreOffice 处理器用时{office:.0f}秒）"


if __name__ == "__main__":
    main()
