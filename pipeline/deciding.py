"""The commands about what follows a check: `luoshi decisions`, `review`, `diff`, `export`. Thin callers, as in `cli`, which adds them to its own."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import click

from pipeline.errors import LuoshiError
from pipeline.terminal import Day, leave, write


@click.group()
def decisions() -> None:
    """决定：哪些缺项已说明，哪些结论改判。"""


@decisions.command()
@click.argument("result", metavar="CHECK.json", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="写入文件，默认写到标准输出；已有的文件不覆盖。")
@click.option("--by", type=click.Choice(["measure", "task"]), default="measure", show_default=True, help="一条举措一条，还是一项任务一条。")
@click.option("--all", "every", is_flag=True, help="已覆盖的也列出，供改判。")
def draft(result: Path, out: Path | None, by: str, every: bool) -> None:
    """由核对结果起草决定文件：每条缺项一条，填上理由、决定人和日期即起作用。

    \b
    例：luoshi decisions draft outputs/demo/check.json --out 决定.yaml
    """
    from pipeline import decisions as office
    from pipeline import rounds

    if out is not None and out.exists():
        raise LuoshiError(f"{out}：文件已经存在，里面可能有填好的决定；请换一个文件名")
    write(office.draft(rounds.read_check(result), by == "task", every).encode(), out)


@click.group()
def review() -> None:
    """复核：把填好的复核表读回来，成为决定。"""


@review.command("import")
@click.argument("book", metavar="BOOK.xlsx", type=click.Path(path_type=Path))
@click.option("--decisions", "decided", type=click.Path(path_type=Path), required=True, help="写入哪个决定文件；没有的新建，已有的只改有关条目。")
@click.option("--owner", default="", help="决定人，用于表里没有填的行。")
@click.option("--as-of", type=Day(), help="决定日期，如 2025-06-30，用于表里没有填的行。")
def import_book(book: Path, decided: Path, owner: str, as_of: date | None) -> None:
    """读回复核表（覆盖矩阵.xlsx 或“复核”文件夹中的工作簿）：填好的行写入决定文件，放不进去的行逐条列出。

    \b
    例：luoshi review import outputs/demo/覆盖矩阵.xlsx --decisions 决定.yaml --as-of 2025-06-30
    """
    from pipeline import cache
    from pipeline import review as reviewing

    read = reviewing.read_book(book, owner, as_of)
    made = reviewing.merge(read.entries, decided)
    if made.added or made.changed:
        cache.write_aside(decided, made.text.encode())
    click.echo(f"{book.name}：读到{len(read.entries)}条，新写入{made.added}条，改动{made.changed}条，不变{made.kept}条；没有放进去{len(read.problems)}行")
    for problem in read.problems:
        click.echo(problem, err=True)
    if read.problems:
        sys.exit(1)


@click.command()
@click.argument("result", metavar="CHECK.json", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="输出文件夹，一张表一个文件。")
@click.option("--format", "form", type=click.Choice(["csv", "parquet"]), default="csv", show_default=True, help="parquet 需 pip install 'luoshi[parquet]'。")
def export(result: Path, out: Path, form: str) -> None:
    """把核对结果写成几张平表（镇街、结论、举措、问题、合计），程序结论和人工决定并列，供数据库和统计软件读。

    \b
    例：luoshi export outputs/demo/check.json --out outputs/平表
    """
    from pipeline import cache, rounds
    from pipeline.report import tables

    for name, table in tables.tables(rounds.read_check(result)).items():
        cache.write_aside(out / f"{name}.{form}", tables.as_csv(table) if form == "csv" else tables.as_parquet(table))
        click.echo(out / f"{name}.{form}")


@click.command()
@click.argument("old", metavar="OLD.json", type=click.Path(path_type=Path))
@click.argument("new", metavar="NEW.json", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="供人看的清单，或全部结果。")
@click.option("--out", type=click.Path(path_type=Path), help="写入文件，默认写到标准输出。")
@click.option("--fail-on", multiple=True, type=click.Choice(["broken", "pasted", "new", "open"]),
              help="有此类条目时以 1 退出，可写多次：broken 新出现的缺项，pasted 只照抄，new 首次查出，open 仍未落实。")
def diff(old: Path, new: Path, form: str, out: Path | None, fail_on: tuple[str, ...]) -> None:
    """比较两轮核对结果：哪些整改了，哪些仍缺，哪些新出现，哪些只照抄了上级原句。

    \b
    例：luoshi diff 第一轮/check.json 第二轮/check.json
    """
    from pipeline import rounds
    from pipeline.report import data
    from pipeline.rulebook.load import load

    result = rounds.diff(rounds.read_check(old), rounds.read_check(new), float(load().settings["coverage.copy.share"]))
    write((data.dumps(result) if form == "json" else "\n".join(rounds.diff_lines(result)) + "\n").encode(), out)
    leave([], any(result["counts"][status] for status in fail_on))
