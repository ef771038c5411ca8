"""The child process of a job: one campaign through `batch`, in a process of its own with limits, so that no document can take the office down.

`python -m pipeline.web.checking UPPER OUT MEMORY LOWER…` writes the reports into OUT, and OUT/texts.json: {file name: canonical text}.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pipeline import batch, store
from pipeline.errors import LuoshiError


def main(upper: str, out: str, memory: str, *lowers: str) -> int:
    _limit(int(memory))
    plans = tuple(map(Path, lowers))
    try:
        outcome = batch.run_city(batch.City((plans or (Path(upper),))[0].parent, Path(upper), plans), Path(out), "auto", 1, lambda text: None)
    except LuoshiError as error:
        print(error, file=sys.stderr)
        return 3
    texts = {lower.extraction.document.source.name: lower.extraction.document.text for lower in outcome.trace.lowers}
    store.write_aside(Path(out) / "texts.json", json.dumps(texts, ensure_ascii=False).encode())
    return 0


def _limit(memory: int) -> None:
    try:
        import resource
    except ImportError:  # Windows has none: the time limit still holds
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
