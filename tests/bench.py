"""Times luoshi beside what it stands on and what others would take, in the same run: `make bench`. Not a test: it asserts nothing.

Each line is the median of five runs (of one where a run takes minutes, and says so), both sides in turn, so that a busy machine slows both alike; ratios are of processor
time, which a neighbour disturbs least, except where the question is how long somebody waits. Writes docs/performance.md and docs/performance.svg.

`python tests/bench.py --towns 14,140,1400,14000` for more towns than the default.
"""

from __future__ import annotations

import argparse
import importlib.util
import math
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
CORPORA, SHARED, DOCS = ROOT / "corpora", ROOT.parent / "shared" / "corpora", ROOT / "docs"
RUNS = 5
Run = tuple[float, float, float]  # seconds by the clock, seconds of processor, MB at the peak (0 where it is not told apart)


def command(*args: str | Path, before: Callable[[], object] = lambda: None, codes: tuple[int, ...] = (0,)) -> Callable[[], Run]:
    """A process of its own with all that it starts."""

    def run() -> Run:
        before()
        began = time.perf_counter()
        process = subprocess.Popen([sys.executable, *map(str, args)], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        said = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in codes:
            raise SystemExit(f"{' '.join(map(str, args))}: {said.decode(errors='replace')}")
        return time.perf_counter() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)

    return run


def inside(action: Callable[[], object]) -> Callable[[], Run]:
    """A call in this process, warm."""

    def run() -> Run:
        began, used = time.perf_counter(), time.process_time()
        action()
        return time.perf_counter() - began, time.process_time() - used, 0.0

    return run


class Table:
    """Lines of a Markdown table, printed as they come."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.say("| luoshi | 中位数 | 对照 | 中位数 | 比值 | 目标 | 内存峰值 |\n|---|---|---|---|---|---|---|")

    def say(self, line: str) -> None:
        self.lines.append(line)
        print(line, flush=True)

    def compare(self, name: str, ours: Callable[[], Run], other_name: str, other: Callable[[], Run], goal: float | None = None, runs: int = RUNS, clock: bool = False) -> tuple[Run, Run]:
        mine, theirs = [], []
        for _ in range(runs):
            mine.append(ours())
            theirs.append(other())
        a, b = (tuple(statistics.median(run[i] for run in side) for i in range(3)) for side in (mine, theirs))
        which = 0 if clock else 1
        ratio = a[which] / b[which]
        memory = f"{a[2]:.0f}／{b[2]:.0f} MB（{a[2] / b[2]:.2f}）" if a[2] and b[2] else ""
        met = "" if goal is None else f"≤ {goal} {'达到' if ratio <= goal else '**未达到**'}"
        self.say(f"| {name}{'' if runs == RUNS else f'（{runs}次）'} | {_time(a[which])} | {other_name} | {_time(b[which])} | {ratio:.2f} | {met} | {memory} |")
        return a, b


def _time(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms" if seconds < 0.1 else f"{seconds * 1000:.0f} ms" if seconds < 10 else f"{seconds:.0f} s"


# ---------------------------------------------------------------- starting


def starting(table: Table, out: Path) -> None:
    spacy = command("-c", "import spacy; spacy.blank('zh')")
    city, towns = _plans()
    table.compare("`luoshi --help`", command("-m", "pipeline.cli", "--help"), "`python -c pass`", command("-c", "pass"), 3)
    whole = command("-c", _WHOLE, city, out / "whole")
    whole()
    table.compare("冷启动：市方案 → 任务、指标、单位、责任图、xlsx、html", whole, "`import spacy; spacy.blank('zh')`", spacy, 0.4)
    check = command("-m", "pipeline.cli", "check", city, *towns, "--format", "json")
    check()
    table.compare(f"冷启动：核对市方案和{len(towns)}镇，文本 → JSON", check, "同上", spacy, 0.6)
    cold = out / "cold"
    os.environ["LUOSHI_CACHE"], warm = str(cold), os.environ["LUOSHI_CACHE"]
    table.compare("同上，规则首次自检（缓存为空）", command("-m", "pipeline.cli", "check", city, *towns, "--format", "json", before=lambda: shutil.rmtree(cold, ignore_errors=True)), "同上", spacy)
    os.environ["LUOSHI_CACHE"] = warm


_WHOLE = """
import sys
from pathlib import Path
from pipeline import cache
cache.recall_patterns()
from pipeline import flow
from pipeline.coverage import Duties, assemble
from pipeline.graph import build, write
from pipeline.report import data, matrix, page
line = flow.prepare()
upper = flow.read_plan(line, Path(sys.argv[1]))
out = Path(sys.argv[2])
network = build.build(upper, {})
for name, content in (("extract.json", data.dumps(data.extract_json(upper)).encode()), ("graph.json", write.node_link(network).encode()), ("tasks.xlsx", matrix.task_workbook(upper)),
                      ("page.html", page.page(assemble(Duties(upper, line.readers), []), (), line.rulebook.origin).encode())):
    cache.write_aside(out / name, content)
"""


def _plans() -> tuple[Path, list[Path]]:
    """The published city plan with its four towns where the shared corpora are at hand, else our own."""
    if (SHARED / "city").is_dir():
        return next((SHARED / "city").glob("*.txt")), sorted((SHARED / "towns").glob("*.txt"))
    return CORPORA / "science" / "city.txt", sorted(p for p in (CORPORA / "science").glob("*.txt") if p.stem != "city")


# ---------------------------------------------------------------- warm parts


def warm(table: Table) -> None:
    import jieba

    from pipeline import flow, ingest
    from pipeline.coverage import Duties

    line = flow.prepare()
    city, towns = _plans()
    text = city.read_text(encoding="utf-8")
    cutter = jieba.Tokenizer()
    cutter.tmp_dir = os.environ["LUOSHI_CACHE"]
    cutter.initialize()
    upper = flow.read_plan(line, city)

    def forget() -> None:
        """What it remembers of a plan that it has just read is no help with a new one."""
        line.readers.units._read.clear()
        line.readers.targets._parts.clear()

    def read(*paths: Path) -> None:
        for path in paths:
            forget()
            flow.read_plan(line, path)

    table.compare("抽取市方案（已启动）", inside(lambda: read(city)), "spaCy（jieba）+ EntityRuler + 同样模式的 `re`", inside(_spacy(line, text)), 0.10)
    if importlib.util.find_spec("jionlp"):
        numbers = [m.text for task in upper.tasks for m in task.measures if re.search(r"\d", m.text)]
        table.compare(f"{len(numbers)}句中的数量和日期", inside(lambda: (forget(), [line.readers.targets.read(s, [(0, len(s))]) for s in numbers])), "JioNLP `extract_time`", inside(_jionlp(numbers)), 0.15)
    duties = Duties(upper, line.readers)
    plans = [flow.read_plan(line, path) for path in towns]
    words = [plan.document.text for plan in plans]
    table.compare(f"再核对{len(towns)}镇（已读入，共{sum(map(len, words))}字）", inside(lambda: (forget(), [duties.check(plan, "镇") for plan in plans])), "jieba 切分同样文字", inside(lambda: [cutter.lcut(w) for w in words]), 5)
    table.compare(f"读入{len(towns)}镇", inside(lambda: read(*towns)), "同上", inside(lambda: [cutter.lcut(w) for w in words]))
    word, pdf = CORPORA / "demo" / "xiqiao.docx", CORPORA / "demo" / "qinghuang.pdf"
    table.compare("读 docx", inside(lambda: ingest.read(word)), "python-docx", inside(lambda: _docx(word)), 0.3, clock=True)  # we read in a child process: its time counts
    table.compare("读 PDF（无表格）", inside(lambda: ingest.read(pdf)), "pdfplumber", inside(lambda: _pdf(pdf)), 0.10, clock=True)
    if importlib.util.find_spec("markitdown"):
        from markitdown import MarkItDown

        converter = MarkItDown()
        for name, path in (("docx", word), ("PDF", pdf)):
            try:
                converter.convert(str(path))
            except Exception as error:  # markitdown without the reader of this format
                table.say(f"| 读 {name} |  | markitdown | 未测：{type(error).__name__} |  |  |  |")
                continue
            table.compare(f"读 {name}", inside(lambda path=path: ingest.read(path)), "markitdown", inside(lambda path=path: converter.convert(str(path))), clock=True)


def _spacy(line, text: str) -> Callable[[], object]:
    """What a spaCy user would write: jieba's words, an EntityRuler with the registered bodies, and the same patterns by `re` over each sentence."""
    import spacy

    nlp = spacy.blank("zh", config={"nlp": {"tokenizer": {"segmenter": "jieba"}}})
    nlp.add_pipe("sentencizer", config={"punct_chars": list("。；\n")})
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": "UNIT", "pattern": unit["name"]} for unit in line.rulebook.units])
    patterns = [re.compile(rule["pattern"]) for id_, rule in line.rulebook.rules.items() if rule["kind"] == "regex" and id_.startswith(("targets.", "quantities.", "units.", "deadlines."))]

    def run() -> int:
        doc = nlp(text)
        return len(doc.ents) + sum(1 for sentence in doc.sents for pattern in patterns for _ in pattern.finditer(sentence.text))

    run()
    return run


def _jionlp(sentences: list[str]) -> Callable[[], object]:
    import contextlib
    import io

    with contextlib.redirect_stdout(io.StringIO()):
        import jionlp

    def run() -> None:
        for sentence in sentences:
            try:
                jionlp.ner.extract_time(sentence, time_base={"year": 2023})
            except Exception:  # it raises on some sentences; the time is spent
                pass

    run()
    return run


def _docx(path: Path) -> list[str]:
    import docx

    document = docx.Document(path)
    return [p.text for p in document.paragraphs] + [c.text for t in document.tables for r in t.rows for c in r.cells]


def _pdf(path: Path) -> list[str]:
    import pdfplumber

    with pdfplumber.open(path) as opened:
        return [page.extract_text() for page in opened.pages]


def matrices(table: Table) -> None:
    """The places × tasks sheet of a round's summary beside openpyxl on the same cells with the same colours."""
    import io
    import random

    from pipeline import flow
    from pipeline.report import round as writer
    from pipeline.report import words

    upper = flow.read_plan(flow.prepare(), _plans()[0])
    tasks = (upper.tasks * 60)[:60]
    dice = random.Random(60)
    towns = [{"name": f"镇{n}", "county": f"{n // 14}县", "level": "镇", "score": dice.random(), "verdicts": "".join(dice.choices("●◐✕？〇–", k=60)), "findings": 3, "high": 1, "review": 2, "unread": False}
             for n in range(1400)]
    part = {"domain": "none", "towns": towns, "kinds": {}, "targets": []}
    from dataclasses import replace

    total = writer.Round(replace(upper, tasks=tasks))

    def ours() -> bytes:
        from pipeline.report.sheets import Looks, workbook

        book, written = workbook("矩阵", constant_memory=True)
        writer._places(Looks(book), book.add_worksheet("各地"), total, [("1", part)])
        book.close()
        return written.getvalue()

    def theirs() -> bytes:
        from openpyxl import Workbook
        from openpyxl.styles import Font, PatternFill

        looks = {symbol: (PatternFill("solid", fgColor=back.lstrip("#")), Font(color=front.lstrip("#"))) for symbol, (back, front) in
                 ((words.VERDICT_SYMBOL[v], words.VERDICT_COLOUR[v]) for v in words.VERDICT_SYMBOL)}
        book = Workbook()
        sheet = book.active
        for row, town in enumerate(towns, 4):
            for column, cell in enumerate((town["county"], town["level"], town["name"], "1", str(town["score"]), "3", "1", "2"), 1):
                sheet.cell(row, column, cell)
            for column, symbol in enumerate(town["verdicts"], 9):
                cell = sheet.cell(row, column, symbol)
                cell.fill, cell.font = looks[symbol]
        written = io.BytesIO()
        book.save(written)
        return written.getvalue()

    table.compare("矩阵 60 × 1400 写成 xlsx", inside(ours), "openpyxl", inside(theirs), 0.4)


# ---------------------------------------------------------------- many towns


def many(table: Table, out: Path, sizes: list[int]) -> list[tuple[int, Run, Run]]:
    """Per size: the first run of a batch with all reports, and the second; peers on the same towns."""
    from towns import write_towns

    found = []
    peers, runs = str(ROOT / "tests" / "peers.py"), {}
    for size in sizes:
        project = write_towns(out / f"{size}", size)
        times = RUNS if size <= 14 else 1
        ours = command(peers, "luoshi", project.parent)
        if times == 1:
            ours = once(ours)
        for name, about in (("tfidf", "jieba + TF-IDF 余弦"), ("bm25", "jieba + bm25s"), ("fuzzy", "rapidfuzz")):
            if size <= 1400:
                table.compare(f"逐条核对{size}镇（不写报告）", ours, about, command(peers, name, project.parent), 0.5 if (size, name) == (1400, "tfidf") else None, times)
        first = command("-m", "pipeline.cli", "batch", project)
        a = first()
        b = statistics_of(first, RUNS if size <= 140 else 3)
        runs[size] = a
        table.say(f"| `luoshi batch` {size}镇，首次，含全部报告（1次） | {_time(a[0])}（处理器 {_time(a[1])}） | 第二次，没有变化 | {_time(b[0])} | {b[0] / a[0]:.3f} | ≤ 0.03 {'达到' if b[0] <= 0.03 * a[0] else '**未达到**'} | {a[2]:.0f} MB |")
        town = sorted(project.parent.glob("*/*.txt"))[0]
        town.write_text(town.read_text(encoding="utf-8") + "每年开展一次回头看。\n", encoding="utf-8")
        c = first()
        table.say(f"| 改动{size}镇中的1镇 | {_time(c[0])} | 首次 | {_time(a[0])} | {c[0] / a[0]:.3f} |  |  |")
        found.append((size, a, b))
    for small, large in zip(sizes, sizes[1:]):
        time_ratio, memory = runs[large][1] / runs[small][1], runs[large][2] / runs[small][2]
        goal = "时间 ≤ 11.5、内存 ≤ 1.2" if large == 10 * small else ""
        table.say(f"| {large}镇 | 处理器 {_time(runs[large][1])} | {small}镇 | {_time(runs[small][1])} | {time_ratio:.2f} | {goal} | {runs[large][2]:.0f}／{runs[small][2]:.0f} MB（{memory:.2f}） |")
    project = write_towns(out / "two", 200)
    clean = lambda: shutil.rmtree(project.parent / "outputs", ignore_errors=True)  # noqa: E731
    table.compare("200份，2个进程", command("-m", "pipeline.cli", "batch", project, "--jobs", "2", before=clean), "1个进程", command("-m", "pipeline.cli", "batch", project, "--jobs", "1", before=clean), 0.58, 1, clock=True)
    return found


def once(run: Callable[[], Run]) -> Callable[[], Run]:
    """A run that takes minutes, made once and shown to several others."""
    made: list[Run] = []

    def again() -> Run:
        if not made:
            made.append(run())
        return made[0]

    return again


def statistics_of(run: Callable[[], Run], times: int) -> Run:
    runs = [run() for _ in range(times)]
    return tuple(statistics.median(r[i] for r in runs) for i in range(3))


# ---------------------------------------------------------------- what is written


def plot(found: list[tuple[int, Run, Run]]) -> str:
    """Processor time of the first run, time of the second and peak memory against the number of towns, both axes logarithmic."""
    series = (("首次，处理器秒", "#1F4E79", [(n, a[1]) for n, a, _ in found]), ("第二次，秒", "#2E7D32", [(n, b[0]) for n, _, b in found]), ("内存峰值，MB", "#B3541E", [(n, a[2]) for n, a, _ in found]))
    low, high = 0.1, max(value for _, _, points in series for _, value in points) * 2

    def at(n: float, value: float) -> tuple[float, float]:
        right = math.log10(max(2, found[-1][0] / 10)) if len(found) > 1 else 1
        return 70 + 560 * (math.log10(n) - math.log10(found[0][0])) / (right + 0.3), 340 - 300 * (math.log10(max(value, low)) - math.log10(low)) / (math.log10(high) - math.log10(low))

    parts = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 400" font-family="Noto Sans CJK SC, sans-serif" font-size="13">', '<rect width="760" height="400" fill="#fff"/>']
    for exponent in range(-1, math.ceil(math.log10(high))):
        _, y = at(found[0][0], 10.0**exponent)
        parts.append(f'<line x1="70" y1="{y:.1f}" x2="640" y2="{y:.1f}" stroke="#ddd"/><text x="62" y="{y + 4:.1f}" text-anchor="end">{10.0**exponent:g}</text>')
    for n, _, _ in found:
        x, _ = at(n, 1)
        parts.append(f'<text x="{x:.1f}" y="362" text-anchor="middle">{n}镇</text>')
    for row, (name, colour, points) in enumerate(series):
        places = [at(n, value) for n, value in points]
        parts.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in places)}"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/><text x="{x + 6:.1f}" y="{y - 7:.1f}" fill="{colour}">{value:.3g}</text>' for (x, y), (_, value) in zip(places, points)]
        parts.append(f'<text x="{80 + 190 * row}" y="390" fill="{colour}">■ {name}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def machine() -> str:
    model = platform.processor() or platform.machine()
    try:
        model = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text()).group(1)
    except (OSError, AttributeError):
        pass
    load = f"，开始时系统负荷 {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return f"{os.cpu_count()} 核，{model}，Python {platform.python_version()}，{platform.system()}{load}"


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--towns", default="14,140,1400", help="sizes, each the next one's tenth where growth is to be measured")
    options.add_argument("--only", default="starting,warm,matrices,many", help="parts to run")
    options.add_argument("--no-docs", action="store_true", help="print, and leave docs/ as they are")
    chosen = options.parse_args()
    out = Path(tempfile.mkdtemp(prefix="luoshi-bench-"))
    os.environ["LUOSHI_CACHE"] = str(out / "cache")
    # bytecode of ours and of the peers is kept, as where both are installed
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(out / "bytecode")
    where, table, found = machine(), Table(), []
    try:
        command("-m", "pipeline.cli", "rules", "lint")()
        if "starting" in chosen.only:
            starting(table, out)
        if "warm" in chosen.only:
            warm(table)
        if "matrices" in chosen.only:
            matrices(table)
        if "many" in chosen.only:
            found = many(table, out, [int(n) for n in chosen.towns.split(",")])
        extract = ROOT / "tests" / "bench_extract.py"
        more = subprocess.run([sys.executable, str(extract)], cwd=ROOT, capture_output=True, text=True).stdout if extract.is_file() else ""
        print(more)
        if not chosen.no_docs:
            (DOCS / "performance.md").write_text(f"{_HEAD}\n测于：{where}。\n\n" + "\n".join(table.lines) + "\n\n" + ("![用时和内存随镇数的变化](performance.svg)\n\n" if found else "") + more + _notes(), encoding="utf-8")
            if found:
                (DOCS / "performance.svg").write_text(plot(found), encoding="utf-8")
    finally:
        shutil.rmtree(out, ignore_errors=True)


_HEAD = """# 用时和内存

由 `make bench` 写成，与对照在同一次运行里轮流测量，取五次的中位数；注明次数的除外。比值用处理器时间（2个进程与1个进程相比用时钟）。
“目标”取自项目的要求，没有达到的照写。
"""


def _notes() -> str:
    """What a person wrote below the table stays."""
    path = DOCS / "performance.md"
    written = path.read_text(encoding="utf-8") if path.is_file() else ""
    at = written.find("## 说明")
    return written[at:] if at >= 0 else ""


if __name__ == "__main__":
    main()
