"""What commands have in common: dates that come in, where bytes go, and the exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from pipeline.errors import UnreadableFile


class Day(click.ParamType):
    """A date as YYYY-MM-DD."""

    name = "日期"

    def convert(self, value, param, ctx):
        try:
            return value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value} 不是日期；请写成 2025-06-30 的样子", param, ctx)


def write(content: bytes, out: Path | None) -> None:
    if out is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    else:
        from pipeline import cache

        cache.write_aside(out, content)
        click.echo(out, err=True)


def leave(refused: Sequence[UnreadableFile], reached: bool | None = False) -> None:
    for error in refused:
        click.echo(str(error), err=True)
    if refused:
        sys.exit(3)
    if reached:
        sys.exit(1)
