"""The command line: thin callers of `flow`, `batch` and `report`. Only here are errors turned into words and exit codes.

Exit codes: 0 fine, 1 something reached --fail-on, 2 usage or rules, 3 an input could not be read (the others are done).
"""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path

import click

from pipeline import __version__, deciding, many
from pipeline.errors import LuoshiError, UnreadableFile
from pipeline.terminal import Day
from pipeline.terminal import leave as _exit
from pipeline.terminal import write as _write

_SEVERITIES = ("low", "medium", "high")
_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 110}


class _Commands(click.Group):
    """Turns our exceptions into one clear line and an exit code; anything else is a bug and stays a traceback."""

    def invoke(self, ctx: click.Context):
        try:
            return super().invoke(ctx)
        except UnreadableFile as error:
            click.echo(str(error), err=True)
            ctx.exit(3)
        except LuoshiError as error:
            click.echo(str(error), err=True)
            ctx.exit(2)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(0)


@click.group(cls=_Commands, context_settings=_CONTEXT)
@click.version_option(__version__, message="luoshi %(version)s")
@click.option("--rules", type=click.Path(path_type=Path), help="规则目录，默认用随程序安装的规则。")
def main(rules: Path | None) -> None:
    """落实：读市级方案和各镇方案，看每项任务有没有落到实处，每个结论都附原句和规则。

    \b
    例：luoshi check corpora/demo/city.txt corpora/demo/*.txt --out outputs/demo
        luoshi extract corpora/demo/city.txt --format json
    """
    if rules is not None:
        os.environ["LUOSHI_RULES"] = str(rules)
    import atexit
    import gc

    from pipeline import cache

    gc.set_threshold(50_000)  # our values hold no circles: to look for some after every 700 new ones is a tenth of a short run for nothing
    atexit.register(gc.freeze)  # and so is the look through all that is there at the very end
    cache.recall_patterns()
    if sys.stderr.isatty():  # a scan takes seconds a page: say which one is done
        import logging

        logging.basicConfig(format="  %(message)s")
        logging.getLogger("pipeline.ingest").setLevel(logging.INFO)


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["text", "json", "tasks", "docbin", "displacy"]), default="tasks", show_default=True,
              help="text 规范文本；json 全部结果；tasks 供人看的任务清单；docbin、displacy 供 spaCy 使用。")
@click.option("--out", type=click.Path(path_type=Path), help="写入文件，默认写到标准输出。")
def extract(file: Path, form: str, out: Path | None) -> None:
    """把一份方案拆成任务、举措、指标、责任单位。

    \b
    例：luoshi extract corpora/demo/city.txt
    """
    from pipeline import flow

    line = flow.prepare()
    extraction = flow.read_plan(line, file)
    _say_warnings(extraction.document.source.name, (*extraction.warnings,))
    if form == "text":
        content = extraction.document.text.encode() + b"\n"
    elif form == "json":
        from pipeline.report import data

        content = data.dumps(data.extract_json(extraction)).encode()
    elif form == "tasks":
        content = _task_lines(extraction).encode()
    else:
        from pipeline.extract import spans

        doc = spans.to_doc(extraction)
        content = spans.docbin_bytes([doc]) if form == "docbin" else spans.displacy_html(doc).encode()
    _write(content, out)


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), default=Path("outputs/matrix"), show_default=True, help="输出文件夹。")
def matrix(file: Path, out: Path) -> None:
    """任务分解表和责任矩阵（单位×任务，牵头/配合/责任），写成 xlsx、docx 和 csv。

    \b
    例：luoshi matrix corpora/demo/city.txt --out outputs/demo
    """
    from pipeline import flow, store
    from pipeline.report import lists
    from pipeline.report import matrix as writer

    extraction = flow.read_plan(flow.prepare(), file)
    _say_warnings(file.name, extraction.warnings)
    for name, content in (("任务分解表.xlsx", writer.task_workbook(extraction)), ("任务分解表.docx", lists.task_document(extraction)),
                          ("任务清单.csv", writer.task_csv(extraction)), ("责任矩阵.csv", writer.duty_csv(extraction))):
        store.write_aside(out / name, content)
        click.echo(out / name)


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["graphml", "json", "dot", "questions"]), default="questions", show_default=True,
              help="graphml、json、dot 为责任图；questions 为常问的几个问题。")
@click.option("--unit", help="只问一个单位：它承担什么，与谁共同承担。")
@click.option("--lower", multiple=True, type=click.Path(path_type=Path), help="下级方案，用来把“各镇”展开成具体的镇，可写多次。")
@click.option("--out", type=click.Path(path_type=Path), help="写入文件，默认写到标准输出。")
def graph(file: Path, form: str, unit: str | None, lower: tuple[Path, ...], out: Path | None) -> None:
    """责任图：谁对什么负责。

    \b
    例：luoshi graph corpora/demo/city.txt
        luoshi graph corpora/demo/city.txt --unit 市农业农村局
        luoshi graph corpora/demo/city.txt --format graphml --out outputs/demo.graphml
    """
    from pipeline import flow
    from pipeline.graph import build, write

    line = flow.prepare()
    extraction = flow.read_plan(line, file)
    lowers, refused = flow.read_plans(line, lower)
    network = build.build(extraction, flow.members(line, extraction, [flow.place_name(e) for e in lowers]))
    if form == "questions":
        content = _answers(network, line, extraction, unit)
    else:
        content = {"graphml": write.graphml, "json": write.node_link, "dot": write.dot}[form](network)
    _write(content.encode(), out)
    _exit(refused)


_TEMPLATE = click.option("--template", type=click.Path(path_type=Path), help="本单位的 Word 模板（.docx），用于报告和通知；正文放在模板的 {{正文}} 一段。")
_PDF = click.option("--pdf", is_flag=True, help="Word 报告另存一份 PDF（需 LibreOffice）。")


@main.command()
@click.argument("upper", type=click.Path(path_type=Path))
@click.argument("lowers", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["text", "json", "sarif", "junit"]), default="text", show_default=True,
              help="标准输出写什么：十行摘要，全部结果，或供流水线读的 SARIF、JUnit。")
@click.option("--out", type=click.Path(path_type=Path), help="把全部报告写进这个文件夹。")
@click.option("--domain", default="auto", show_default=True, help="领域概念包：auto 按上位文件自选，none 只用通用规则，或写包名。")
@click.option("--fail-on", type=click.Choice([*_SEVERITIES, "gap"]), help="有不低于此级别的问题（gap：有缺项）时以 1 退出；已说明的不算。")
@click.option("--baseline", type=click.Path(path_type=Path), help="上一轮的 check.json：--fail-on 只看新出现的，--out 另写催办通知和办结告知。")
@click.option("--decisions", "decided", type=click.Path(path_type=Path), help="决定文件（YAML）：改判和已说明，用 luoshi decisions draft 起草。")
@click.option("--as-of", type=Day(), help="核对日期，如 2025-06-30；决定文件里有有效期时要写。")
@_TEMPLATE
@_PDF
def check(upper: Path, lowers: tuple[Path, ...], form: str, out: Path | None, domain: str, fail_on: str | None, baseline: Path | None, decided: Path | None,
          as_of: date | None, template: Path | None, pdf: bool) -> None:
    """核对各镇方案：上位文件的每项任务，覆盖、部分还是缺失，证据是哪一句。

    \b
    例：luoshi check corpora/demo/city.txt corpora/demo/luting.txt corpora/demo/heqi.docx --out outputs/demo
    """
    from pipeline import flow
    from pipeline.report import data

    entries, blank = _decisions(decided)
    shape = _template(template)
    before = None
    if baseline is not None:
        from pipeline import rounds

        before = rounds.read_check(baseline)
    line = flow.prepare()
    duties = flow.read_plan(line, upper)
    own = upper.resolve()
    read, refused = flow.read_plans(line, [path for path in lowers if path.resolve() != own])
    trace = flow.check_plans(line, duties, read, domain)
    for extraction in (duties, *read):
        _say_warnings(extraction.document.source.name, extraction.document.warnings)
    result = data.check_json(trace, refused)
    if decided is not None:
        from pipeline import decisions as office

        result = office.apply(result, entries, line.rulebook.settings, as_of)
    changes = is_new = None
    if before is not None:
        changes = rounds.diff(before, result, float(line.rulebook.settings["coverage.copy.share"]))
        is_new = rounds.newness(before, result, changes)
    if form == "text":
        from pipeline.report import overview

        click.echo("\n".join(overview.summary_lines(trace) + (office.summary_lines(result, blank) if decided is not None else [])))
        if changes is not None:
            fresh = sum(is_new(lower["name"], finding) for lower in result["lowers"] for finding in lower["findings"])
            click.echo(rounds.diff_lines(changes)[0] + f"；新出现的问题{fresh}条")
    else:
        _write(_machine_form(form, result, is_new), None)
    if out is not None:
        from pipeline import handout

        names = handout.write(trace, refused, out, line.rulebook.origin, result, shape, changes)
        names += _printed(out, names) if pdf else []
        if form == "text":
            for name in names:
                click.echo(out / name)
    _exit(refused, _reached(result, fail_on, is_new))


def _machine_form(form: str, result: dict, is_new) -> bytes:
    from pipeline.report import data, machine

    if form == "junit":
        return machine.junit(result).encode()
    return data.dumps(machine.sarif(result, is_new) if form == "sarif" else result).encode()


def _reached(result: dict, fail_on: str | None, is_new) -> bool:
    """Whether something that nobody accepted stands at or above `fail_on`; with a round before, only what is new counts."""
    if fail_on is None:
        return False
    new = is_new or (lambda place, item: True)
    if fail_on == "gap":
        gaps = ("missing", "partial")
        return any(task.get("decided", task["verdict"]) in gaps and new(lower["name"], task) for lower in result["lowers"] for task in lower["tasks"])
    counted = _SEVERITIES[_SEVERITIES.index(fail_on):]
    return any(f["severity"] in counted and not f.get("waived") and new(lower["name"], f) for lower in result["lowers"] for f in lower["findings"])


def _template(path: Path | None) -> bytes | None:
    """The bytes of an office's own template; read and tried first, since a bad one makes the rest idle."""
    if path is None:
        return None
    from pipeline.report import official

    try:
        content = path.read_bytes()
        official.check_template(content)
    except OSError as error:
        raise LuoshiError(f"{path}：打不开；请检查路径和权限") from error
    except ValueError as error:
        raise LuoshiError(f"{path}：{error}") from error
    return content


def _printed(folder: Path, names: list[str]) -> list[str]:
    """The PDF of each docx; where that cannot be had, a line on stderr says why."""
    from pipeline import printing

    try:
        return printing.print_all(folder, names)
    except LuoshiError as error:
        click.echo(str(error), err=True)
        return []


def _decisions(path: Path | None) -> tuple[list, int]:
    """The entries of a decisions file, and how many of it nobody has filled in; read first, since a bad file makes the rest idle."""
    if path is None:
        return [], 0
    from pipeline import decisions

    return decisions.load(path)


@main.command()
@click.argument("levels", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["text", "csv", "json"]), default="text", show_default=True, help="断在哪一级的摘要，或一项要求一行的表。")
@click.option("--out", type=click.Path(path_type=Path), help="写入文件，默认写到标准输出。")
@click.option("--domain", default="auto", show_default=True, help="领域概念包，同 check。")
def chain(levels: tuple[Path, ...], form: str, out: Path | None, domain: str) -> None:
    """逐级追溯：由上到下给出各级文件，每项要求落到哪一级、在哪一级丢了数字、时限或责任单位。

    \b
    例：luoshi chain corpora/demo/city.txt corpora/demo/luting.txt
    """
    from pipeline import flow
    from pipeline.report import chain as writer
    from pipeline.report import data

    if len(levels) < 2:
        raise click.UsageError("至少要两级文件，由上到下写")
    line = flow.prepare()
    read = [flow.read_plan(line, path) for path in levels]  # a level that cannot be read breaks the chain: nothing below it could be asked
    for extraction in read:
        _say_warnings(extraction.document.source.name, extraction.document.warnings)
    names = [name for name, _ in flow.name_places(read)]
    rows = flow.follow_duties(line, read, domain)
    _write({"text": lambda: ("\n".join(writer.chain_lines(rows, names)) + "\n").encode(), "csv": lambda: writer.chain_csv(rows, names),
            "json": lambda: data.dumps(writer.chain_json(rows, names)).encode()}[form](), out)


@main.command("eval")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--domain", default="auto", show_default=True, help="领域概念包，同 check。")
@click.option("--errors", is_flag=True, help="列出每一处判错的举措、理由和两边的原句。")
@click.option("--upper", type=click.Path(path_type=Path), help="上位文件，默认为 FOLDER/city.*。")
@click.option("--baselines", is_flag=True, help="同一次运行里与四种相似度基线比较（需 pip install 'luoshi[eval]'）。")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def evaluate(folder: Path, domain: str, errors: bool, upper: Path | None, baselines: bool, form: str) -> None:
    """用带真值的语料（名称.truth.json）给核对结果打分。

    \b
    例：luoshi eval corpora/demo
        luoshi eval corpora/demo --domain none --errors
        luoshi eval corpora/demo --baselines
    """
    from pipeline import evaluate as scorer
    from pipeline import flow

    line = flow.prepare()
    trace, pairs = scorer.check_pairs(line, folder, upper, domain)
    result = scorer.score(trace, pairs)
    others = {}
    if baselines:
        from pipeline.baselines import compare

        others = compare(trace, pairs, float(line.rulebook.settings["coverage.task.covered_share"]))
    if form == "json":
        from pipeline.report import data

        _write(data.dumps({**result.scores, **({"baselines": {name: other.scores for name, other in others.items()}} if others else {})}).encode(), None)
    else:
        click.echo("\n".join(scorer.score_lines(result) + (scorer.compare_lines(result, others) if others else [])))
    if errors:
        click.echo("\n".join(result.errors), err=form == "json")


@main.group()
def rules() -> None:
    """规则包：检查、说明、看一段文字触发了哪些。"""


@rules.command()
def lint() -> None:
    """装入全部规则：格式、编号、每条规则自带的例句和反例。

    \b
    例：luoshi rules lint
    """
    from pipeline.rulebook.load import load

    book = load()
    concepts = "，".join(f"{name} {len(members)}" for name, members in sorted(book.concepts.items()))
    click.echo(f"{book.folder}：规则 {len(book.rules)} 条，单位 {len(book.units)} 个，概念（{concepts}），设置 {len(book.settings)} 项；全部通过自检")


@rules.command()
@click.argument("name")
def explain(name: str) -> None:
    """说明一条规则、一个概念或一项设置：在哪个文件、认什么。

    \b
    例：luoshi rules explain coverage.standing.rhetoric
    """
    from pipeline.rulebook.load import load

    book = load()
    rule = book.rules.get(name) or next((c for members in book.concepts.values() for c in members if c["id"] == name), None)
    if rule is None and name.startswith("judge.") and name.count(".") == 1:  # a factor as reports show it: one weight with a pack, one without
        factor = name.removeprefix("judge.")
        found = [id_ for id_ in book.settings if id_.startswith("judge.") and id_.endswith((f".context_{factor}", f".own_{factor}"))]
        for id_ in found:
            click.echo(f"{id_} = {book.settings[id_]}　{book.origin.get(id_, '')}")
        if found:
            return
    if rule is None and name in book.settings:
        click.echo(f"{book.folder / book.origin[name]}")
        click.echo(f"{name} = {book.settings[name]}")
        return
    if rule is None:
        raise LuoshiError(f"没有名为 {name} 的规则、概念或设置；报告里每个结论旁边写有规则编号")
    click.echo(f"{book.folder / book.origin[name]}")
    for key, value in rule.items():
        shown = "、".join(map(str, value)) if isinstance(value, list) and all(isinstance(v, str) for v in value) else value
        click.echo(f"{key}：{shown}")


@rules.command("new-domain")
@click.argument("upper", type=click.Path(path_type=Path))
@click.option("--name", required=True, help="概念包的名字：小写英文、数字、下划线，如 elder_care。")
@click.option("--out", type=click.Path(path_type=Path), help="写入文件，放进 rules/domains/名字/ 即可用；默认写到标准输出。")
def new_domain(upper: Path, name: str, out: Path | None) -> None:
    """由一份上位文件起草一个领域的概念包，要人补的地方标“待补”。

    \b
    例：luoshi rules new-domain corpora/demo/city.txt --name village --out 我们的规则/domains/village/draft.yaml
    """
    import re

    from pipeline import flow

    line = flow.prepare()
    if not re.fullmatch("[a-z][a-z0-9_]*", name) or name in line.rulebook.concepts or name in ("auto", "none"):
        raise click.UsageError(f"概念包不能叫 {name}：要用小写英文、数字、下划线，且不与已有的重名（{'、'.join(line.rulebook.concepts)}）")
    extraction = flow.read_plan(line, upper)
    if not extraction.tasks:
        raise LuoshiError(f"{upper}：没有读到任务，无法起草；请确认这是一份布置任务的方案")
    _write(flow.draft_domain(line, extraction, name).encode(), out)


@main.command()
@click.option("--home", type=click.Path(path_type=Path, file_okay=False), default=Path("outputs/office"), show_default=True, help="数据文件夹：数据库、原件、报告。")
@click.option("--host", default="127.0.0.1", show_default=True, help="监听地址；供局域网使用时写 0.0.0.0。")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="监听端口。")
def serve(home: Path, host: str, port: int) -> None:
    """网页版：上传方案、看差距、记意见。首次启动会要求建立管理员。

    \b
    例：luoshi serve --port 8000
    """
    import importlib.util

    if missing := [name for name in ("django", "waitress", "whitenoise") if importlib.util.find_spec(name) is None]:
        raise LuoshiError(f"网页版缺少部件：{'、'.join(missing)}；安装：pip install 'luoshi[web]'")
    os.environ["LUOSHI_HOME"] = str(home)
    from pipeline.web import server

    server.serve(host, port, click.echo)


_HOME = click.option("--home", type=click.Path(path_type=Path, file_okay=False), default=Path("outputs/office"), show_default=True, help="网页版的数据文件夹。")


@main.command()
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
@_HOME
def backup(target: Path, home: Path) -> None:
    """网页版的全部账号、核查、意见和原件存成一个文件；不用停下程序。报告不存，恢复后重新生成。

    \b
    例：luoshi backup 备份.tar --home outputs/office
    """
    os.environ["LUOSHI_HOME"] = str(home)
    if not (home / "secret").exists():
        raise LuoshiError(f"{home}：这里没有网页版的数据；请用 --home 指到 luoshi serve 用的数据文件夹")
    from pipeline.web import keeping

    click.echo(f"已备份到 {target}：原件{keeping.backup(target)}份")


@main.command()
@click.argument("source", type=click.Path(path_type=Path, dir_okay=False))
@_HOME
def restore(source: Path, home: Path) -> None:
    """把 luoshi backup 写的备份恢复到一个空的数据文件夹，再用 luoshi serve 启动。

    \b
    例：luoshi restore 备份.tar --home outputs/office2
    """
    os.environ["LUOSHI_HOME"] = str(home)
    from pipeline.web import keeping

    click.echo(f"已恢复到 {home}：原件{keeping.restore(source)}份；启动后会重新核对，生成报告")


@main.command()
def doctor() -> None:
    """看看这台机器上有哪些部件，缺的能带来什么、怎么装。

    \b
    例：luoshi doctor
    """
    import importlib.util

    from pipeline.rulebook.load import load

    book = load()
    click.echo(f"luoshi {__version__}，Python {sys.version.split()[0]}，规则 {book.folder}")
    for module, gives, how in (
        ("ahocorasick", "名称一遍扫描，速度快数十倍", "pip install pyahocorasick"),
        ("pdfplumber", "读 PDF", "pip install pdfplumber"),
        ("docx", "写 Word 差距报告", "pip install python-docx"),
        ("xlsxwriter", "写 Excel 矩阵", "pip install xlsxwriter"),
        ("networkx", "责任图", "pip install networkx"),
        ("jieba", "分词", "pip install jieba"),
        ("spacy", "spaCy 组件、DocBin、displaCy", "pip install spacy"),
        ("rapidocr", "识别扫描件、照片和图像页里的文字；没有时这些页一律待核，图片退回", "pip install 'luoshi[ocr]'"),
        ("onnxruntime", "运行文字识别的模型（模型随 rapidocr 安装，不联网）", "pip install 'luoshi[ocr]'"),
        ("cv2", "看扫描页上有没有漏认的字、画了线的表格", "pip install 'luoshi[ocr]'"),
        ("ofdkit", "读 OFD；没有时 OFD 退回", "pip install 'luoshi[ofd]'"),
        ("pyarrow", "成批核对的结果写成 Parquet 表", "pip install 'luoshi[parquet]'"),
        ("duckdb", "对全部结果提问（luoshi ask）", "pip install 'luoshi[parquet]'"),
        ("distributed", "在 Dask 集群上成批核对", "pip install 'luoshi[scale]'"),
        ("rjieba", "与 jieba 结果相同而快数十倍的分词", "pip install rjieba"),
    ):
        there = importlib.util.find_spec(module) is not None
        click.echo(f"{'有' if there else '缺'}  {module}：{gives}" + ("" if there else f"；安装：{how}"))
    from pipeline.ingest import apart, ocr, office

    bounded = apart.bounded()
    click.echo("有  读取隔离：每份文件在子进程里读，内存和时间都有上限" if bounded else "缺  读取隔离：本系统不能限制子进程内存，只限制时间；换到 Linux 上运行即有")
    if ocr.installed():
        models = ocr.models()
        click.echo(f"有  文字识别的模型：{len(models)} 个，随包安装" if models else "缺  文字识别的模型：首次识别时要联网下载；离线的机器请重装：pip install --force-reinstall 'luoshi[ocr]'")
    fonts = _chinese_fonts()
    if fonts is not None:
        click.echo(f"有  中文字体：{fonts} 种" if fonts else "缺  中文字体：本机看报告、把报告转成 PDF 时显示中文；安装：apt install fonts-noto-cjk")
    soffice = office.program()
    click.echo(f"有  LibreOffice：读 .doc、.wps、.rtf、.xls、.et（{soffice}）" if soffice else
               "缺  LibreOffice：读 .doc、.wps、.rtf、.xls、.et，没有时这些文件退回；安装：apt install libreoffice-writer libreoffice-calc，或到 libreoffice.org 下载")


def _chinese_fonts() -> int | None:
    """How many font families for Chinese are installed; None where the system cannot say."""
    import shutil
    import subprocess

    if not (lister := shutil.which("fc-list")):
        return None
    listed = subprocess.run([lister, ":lang=zh-cn", "family"], capture_output=True, text=True, check=False).stdout
    return len({line for line in listed.splitlines() if line.strip()})


main.add_command(many.batch)
main.add_command(many.ask)


for command in (deciding.decisions, deciding.review, deciding.diff, deciding.export):
    main.add_command(command)


# ---------------------------------------------------------------- words for people


def _say_warnings(name: str, warnings) -> None:
    for warning in dict.fromkeys((w.page, w.message) for w in warnings if w.code != "numbering_slip"):
        page, message = warning
        click.echo(f"{name}{f' 第{page}页' if page else ''}：{message}", err=True)


def _task_lines(extraction) -> str:
    from pipeline.report import words

    frame = extraction.outline.frame
    lines = [f"{frame.title or extraction.document.source.name}　{frame.number or ''}　{frame.issuer or ''}　{frame.date or ''}".rstrip("　")]
    for target in extraction.goal_targets:
        lines.append(f"  目标 {words.target_words(target)}")
    for task in extraction.tasks:
        lines.append(f"{task.id} {task.title}（{words.all_units(task.units)}）")
        lines += [f"    {m.id.rsplit('-', 1)[1]} {m.text}" for m in task.measures]
        lines += [f"    {t.id.rsplit('-', 1)[1]} {words.target_words(t)}　〔{t.rule}〕" for t in task.targets]
    return "\n".join(lines) + "\n"


def _answers(network, line, extraction, unit: str | None) -> str:
    """The questions an office asks of the graph, answered in lines."""
    from pipeline.graph import questions

    role = {"lead": "牵头", "support": "配合", "responsible": "责任"}
    if unit:
        full = line.readers.units.canonical(unit)
        lines = [f"{unit}承担的任务："]
        lines += [f"  {duty.task} {duty.title}（{role[duty.role]}）" for duty in questions.duties(network, full)] or ["  没有"]
        lines.append("与谁共同承担：")
        lines += [f"  {partner.unit}：{len(partner.tasks)}项" for partner in questions.partners(network, full)] or ["  没有"]
        return "\n".join(lines) + "\n"
    lines = ["承担最多的单位："]
    lines += [f"  {load.unit}：牵头{load.lead}，配合{load.support}，责任{load.responsible}" for load in questions.loads(network)[:10]]
    problem = {"nobody": "没有责任单位", "no_lead": "没有牵头单位", "crowded": "责任单位多达八个以上"}
    gaps: dict[str, list[str]] = {}
    for gap in questions.gaps(network):
        gaps.setdefault(problem.get(gap.problem, gap.problem), []).append(f"{gap.task} {gap.title}")
    for name, tasks in gaps.items():
        lines.append(f"{name}的任务（{len(tasks)}项）：")
        lines += [f"  {task}" for task in tasks]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
