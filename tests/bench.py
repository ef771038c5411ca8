"""Times whole commands beside what they stand on, in the same run and on the same machine: `make bench`. Not a test: it asserts nothing.

Every line is a ratio of medians of five runs, one after the other in turn, so that a busy machine slows both sides alike.
"""

from __future__ import annotations

import importlib.util
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CORPORA = ROOT / "corpora"
RUNS = 5
SCIENCE = [f"corpora/science/{name}.txt" for name in ("city", "fengchahe", "mazhaao", "zhumuya")]


def command(*args: str, fresh: str | None = None) -> Callable[[], tuple[float, float]]:
    """A process of its own: seconds, and MB at its peak. `fresh` is a folder that is emptied first (a cold cache)."""

    def run() -> tuple[float, float]:
        if fresh:
            shutil.rmtree(fresh, ignore_errors=True)
        began = time.perf_counter()
        process = subprocess.Popen([sys.executable, *args], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        said = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{' '.join(args)}: {said.decode(errors='replace')}")
        return time.perf_counter() - began, usage.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)

    return run


def inside(action: Callable[[], object]) -> Callable[[], tuple[float, float]]:
    """A call in this process: seconds; memory is not told apart and is 0."""

    def run() -> tuple[float, float]:
        began = time.perf_counter()
        action()
        return time.perf_counter() - began, 0.0

    return run


def compare(name: str, ours: Callable[[], tuple[float, float]], other_name: str, other: Callable[[], tuple[float, float]]) -> None:
    mine, theirs = [], []
    for _ in range(RUNS):
        mine.append(ours())
        theirs.append(other())
    (a, ma), (b, mb) = ((statistics.median(t for t, _ in runs), statistics.median(m for _, m in runs)) for runs in (mine, theirs))
    memory = f"{ma:5.0f} / {mb:.0f} MB" if ma and mb else ""
    print(f"| {name} | {a * 1000:.0f} ms | {other_name} | {b * 1000:.0f} ms | {a / b:.2f} | {memory} |", flush=True)


def main() -> None:
    cache = tempfile.mkdtemp(prefix="luoshi-bench-")
    os.environ["LUOSHI_CACHE"] = cache
    print("| luoshi | 中位数 | 对照 | 中位数 | 比值 | 内存峰值 |\n|---|---|---|---|---|---|")
    try:
        check = ("-m", "pipeline.cli", "check", *SCIENCE)
        bare = command("-c", "pass")
        compare("luoshi --help", command("-m", "pipeline.cli", "--help"), "python -c pass", bare)
        libraries = command("-c", "import spacy, jieba; spacy.blank('zh'); jieba.initialize()")
        compare("check 市方案+3镇，规则首次检查", command(*check, fresh=str(Path(cache) / "luoshi")), "import spacy, jieba 并初始化", libraries)
        command(*check)()
        compare("check 市方案+3镇", command(*check), "import spacy, jieba 并初始化", libraries)
        warm()
    finally:
        shutil.rmtree(cache, ignore_errors=True)


def warm() -> None:
    """Parts in one warm process, beside the libraries on the same bytes."""
    import docx
    import jieba
    import pdfplumber

    from pipeline import flow, ingest

    line = flow.prepare()
    paths = [ROOT / path for path in SCIENCE]
    texts = [path.read_text(encoding="utf-8") for path in paths]
    cutter = jieba.Tokenizer()
    cutter.tmp_dir = os.environ["LUOSHI_CACHE"]
    cutter.initialize()
    compare("抽取4份方案（已启动）", inside(lambda: [flow.read_plan(line, path) for path in paths]), "jieba 切分同样文字", inside(lambda: [list(cutter.cut(text)) for text in texts]))
    if importlib.util.find_spec("rjieba"):
        import rjieba

        compare("抽取4份方案（已启动）", inside(lambda: [flow.read_plan(line, path) for path in paths]), "rjieba 切分同样文字", inside(lambda: [rjieba.cut(text) for text in texts]))
    city = flow.read_plan(line, paths[0])
    towns = [flow.read_plan(line, path) for path in paths[1:]]
    compare("核对3镇（已启动、已读入）", inside(lambda: flow.check_plans(line, city, towns)), "jieba 切分同样文字", inside(lambda: [list(cutter.cut(text)) for text in texts]))
    word = CORPORA / "demo" / "xiqiao.docx"

    def paragraphs() -> list[str]:
        document = docx.Document(word)
        return [p.text for p in document.paragraphs] + [c.text for t in document.tables for r in t.rows for c in r.cells]

    compare("读 docx", inside(lambda: ingest.read(word)), "python-docx", inside(paragraphs))
    pdf = CORPORA / "demo" / "qinghuang.pdf"

    def pages() -> list[str]:
        with pdfplumber.open(pdf) as opened:
            return [page.extract_text() for page in opened.pages]

    compare("读 PDF", inside(lambda: ingest.read(pdf)), "pdfplumber", inside(pages))
    print(f"\n本进程内存峰值 {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB；每行为{RUNS}次的中位数，两边轮流运行。")


if __name__ == "__main__":
    main()
