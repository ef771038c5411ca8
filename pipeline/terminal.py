"""What commands have in common at their end: where bytes go, and the exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from pipeline.errors import UnreadableFile


def write(content: bytes, out: Path | None) -> None:
    if out is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    else:
        from pipeline.cache import write_aside

        write_aside(out, content)
        click.echo(out, err=True)


def leave(refused: Sequence[UnreadableFile], reached: bool | None = False) -> None:
    for error in refused:
        click.echo(str(error), err=True)
    if refused:
        sys.exit(3)
    if reached:
        sys.exit(1)
