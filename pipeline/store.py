"""What is kept between runs: the coverage of one lower document under the hash of everything it depends on."""

from __future__ import annotations

import hashlib
import io
import pickle
from decimal import Decimal
from pathlib import Path

from pipeline import __version__, model
from pipeline.cache import write_aside


def key(*parts: str) -> str:
    """One name for a result: the program's version and the hashes of documents and rules."""
    return hashlib.sha256("\0".join((__version__, *parts)).encode()).hexdigest()[:40]


def keep(folder: Path, name: str, value: object) -> None:
    write_aside(folder / f"{name}.pickle", pickle.dumps(value, protocol=5))


def recall(folder: Path, name: str) -> object | None:
    """A kept value; None where there is none or it cannot be read (then it is made again)."""
    try:
        return loads((folder / f"{name}.pickle").read_bytes())
    except Exception:  # damaged bytes make pickle raise almost anything, OverflowError and MemoryError too
        return None


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
