"""The commands over many documents: `luoshi batch` and `luoshi ask`. Thin callers, as in `cli`, which adds them to its own."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import click

from pipeline.errors import UnreadableFile
from pipeline.terminal import Day, leave, write


@click.command()
@click.argument("project", type=click.Path(path_type=Path, exists=True), default=Path("corpora"))
@click.option("--out", type=click.Path(path_type=Path), help="输出文件夹，一城一个子文件夹；默认按 PROJECT.toml，没有则为 outputs。")
@click.option("--domain", default="auto", show_default=True, help="领域概念包，同 check；PROJECT.toml 里写了的以它为准。")
@click.option("--jobs", type=click.IntRange(1), help="同时运行的进程数，默认为处理器核数。")
@click.option("--decisions", "decided", type=click.Path(path_type=Path), help="决定文件，用于只有一个城市时；不写时用城市文件夹里的“决定.yaml”。")
@click.option("--as-of", type=Day(), help="核对日期，同 check。")
@click.option("--scheduler", help="在 Dask 集群上运行：tcp://主机:8786；写 local 为本机集群。需 pip install 'luoshi[scale]'。")
@click.option("--store", help="与 --scheduler 同用：各机器没有共同的网络盘时，经这个对象存储传送方案和结果，如 s3://桶/前缀（fsspec 的地址）。")
def batch(project: Path, out: Path | None, domain: str, jobs: int | None, decided: Path | None, as_of: date | None, scheduler: str | None, store: str | None) -> None:
    """成批核对：PROJECT.toml，或一个文件夹（其下每个城市文件夹有 city.* 和各镇方案）；只重算有变化的。

    \b
    例：luoshi batch corpora --out outputs
        luoshi batch corpora/two-cities.toml
        luoshi batch corpora/two-cities.toml --scheduler tcp://10.0.0.5:8786
    """
    if store and not scheduler:
        raise click.UsageError("--store 只与 --scheduler 同用")
    from contextlib import ExitStack

    from pipeline import batch as runner
    from pipeline import project as planned

    work = planned.decided(planned.load(project, out, domain), decided, as_of)
    refused: list[UnreadableFile] = []
    wrong = False
    with ExitStack() as stack:
        if scheduler:
            from pipeline import cluster

            hands = stack.enter_context(cluster.Cluster(scheduler, jobs or runner.cores(), store))
        else:
            hands = runner.Processes(jobs or runner.cores())
        for outcome in runner.run_project(work, hands, _progress()):
            refused += outcome.refused
            if isinstance(outcome.problem, UnreadableFile):
                refused.append(outcome.problem)
            elif outcome.problem is not None:
                click.echo(str(outcome.problem), err=True)
                wrong = True
            if outcome.problem is None:
                click.echo("\n".join(outcome.lines))
                click.echo(_where(work.out / outcome.city.name, outcome))
    leave(refused)
    if wrong:
        sys.exit(2)


def _progress():
    """Says how far a batch is, on one line of a terminal; nothing elsewhere."""
    if not sys.stderr.isatty():
        return lambda text: None
    return lambda text: click.echo(f"\r\x1b[K  {text}", err=True, nl=False)


def _where(folder: Path, outcome) -> str:
    """Where the reports of a city are, and how much of them was work."""
    kept = f"本次核对{len(outcome.checked)}份，沿用{max(0, len(outcome.city.lowers) - len(outcome.checked))}份"
    if outcome.parts > 1:
        return f"打开 {folder / '汇总.xlsx'}（各地、各项任务、指标）；分册在 {folder} 下各文件夹，每册有核对报告.html、覆盖矩阵.xlsx、差距报告/（共{outcome.parts}册，重写{outcome.remade}册；{kept}）"
    return f"打开 {folder / '核对报告.html'}（点单元格看两边原句和规则）；另有覆盖矩阵.xlsx、任务分解表.xlsx、差距报告/（每镇一份）、check.json（{kept}）"


@click.command()
@click.argument("question")
@click.option("--results", type=click.Path(path_type=Path), default=Path("outputs"), show_default=True, help="batch 的输出文件夹。")
@click.option("--by", multiple=True, type=click.Choice(["county", "theme", "level"]), help="按县、专题、层级分开问，可写多次。")
@click.option("--top", type=click.IntRange(1), default=20, show_default=True, help="最多列出几行（text）。")
@click.option("--format", "form", type=click.Choice(["text", "csv", "json"]), default="text", show_default=True)
def ask(question: str, results: Path, by: tuple[str, ...], top: int, form: str) -> None:
    """向成批核对的结果提问：missed 哪项任务缺得最多，weakest 哪些地方覆盖率低，findings 哪类问题最多，
    targets 哪些指标没有写数，review 哪些举措要人看；或写一句 SQL（表 towns、tasks、measures、targets、findings）。

    \b
    例：luoshi ask missed --by county
        luoshi ask weakest --results outputs --format csv
        luoshi ask "select county, avg(score) from towns group by county order by 2"
    """
    from pipeline import results as tables

    if question not in tables.QUESTIONS and " " not in question.strip():
        raise click.UsageError(f"没有名为 {question} 的问题；可用：{'、'.join(f'{name}（{about}）' for name, (about, _) in tables.QUESTIONS.items())}，或一句 SQL")
    heads, rows = tables.ask(results / "results", question, by)
    if form == "json":
        from pipeline.report import data

        write(data.dumps([dict(zip(heads, row)) for row in rows]).encode(), None)
    elif form == "csv":
        from pipeline.report import sheets

        write(sheets.csv_bytes([heads, *([("" if cell is None else str(cell)) for cell in row] for row in rows)]), None)
    else:
        click.echo("　".join(heads))
        for row in rows[:top]:
            click.echo("　".join("" if cell is None else str(cell) for cell in row))
        if len(rows) > top:
            click.echo(f"……共{len(rows)}行；全部用 --top 或 --format csv")
