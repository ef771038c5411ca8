"""What is kept between runs: the coverage of one lower document under the hash of everything it depends on."""

from __future__ import annotations

import hashlib
import io
import os
import pickle
import zlib
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

from pipeline import __version__, model
from pipeline.cache import write_aside


def key(*parts: str) -> str:
    """One name for a result: the program's version and the hashes of documents and rules."""
    return hashlib.sha256("\0".join((__version__, *parts)).encode()).hexdigest()[:40]


def keep(folder: Path, name: str, value: object) -> None:
    """Keep a value under its name: a compressed pickle behind its length in eight bytes."""
    content = zlib.compress(pickle.dumps(value, protocol=5), 1)
    write_aside(file(folder, name), len(content).to_bytes(8, "big") + content)


def has(folder: Path, name: str) -> bool:
    """Is there a whole value under this name? It is not read."""
    try:
        with file(folder, name).open("rb") as stream:
            return int.from_bytes(stream.read(8), "big") == os.fstat(stream.fileno()).st_size - 8
    except OSError:
        return False


def recall(folder: Path, name: str) -> object | None:
    """A kept value; None where there is none or it cannot be read (then it is made again)."""
    try:
        return loads(zlib.decompress(file(folder, name).read_bytes()[8:]))
    except Exception:  # damaged bytes make pickle raise almost anything, OverflowError and MemoryError too
        return None


def forget(folder: Path, names: Iterable[str]) -> None:
    """Let go of every value but these."""
    kept = {file(folder, name) for name in names}
    for path in sorted(folder.glob("*/*.kept")):
        if path not in kept:
            path.unlink(missing_ok=True)


def file(folder: Path, name: str) -> Path:
    """Where a value is kept."""
    return folder / name[:2] / f"{name}.kept"


def loads(content: bytes) -> object:
    """A pickle of values and of nothing else. Raises almost anything for other bytes."""
    return _Values(io.BytesIO(content)).load()


class _Values(pickle.Unpickler):
    """Loads values of `model` and decimals, and nothing that could run."""

    def find_class(self, module: str, name: str):
        value = getattr(model, name, None)
        if module == "pipeline.model" and isinstance(value, type) and value.__module__ == module:
            return value
        if (module, name) == ("decimal", "Decimal"):
            return Decimal
        raise pickle.UnpicklingError(f"not a value: {module}.{name}")
