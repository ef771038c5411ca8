"""The compiled readers of one rulebook, made once a process and used for every document."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.extract.targets import TargetReader
from pipeline.extract.units import UnitReader
from pipeline.rulebook.load import Rulebook


@dataclass(frozen=True)
class Readers:
    rulebook: Rulebook
    units: UnitReader
    targets: TargetReader


def compile_readers(rulebook: Rulebook) -> Readers:
    return Readers(rulebook, UnitReader(rulebook), TargetReader(rulebook))
