"""The child process of a job: one campaign through `batch`, in a process of its own with limits, so that no document can take the office down.

`python -m pipeline.web.checking ORDER` reads ORDER (JSON, see `work.write_order`), writes the reports into its `out`, and out/texts.json: {file name:
canonical text}. It ends when its standard input closes: who started it is gone then, and with it the clock that watches it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from pipeline import batch, corrections, decisions, store
from pipeline.errors import LuoshiError
from pipeline.rulebook.load import load


def main(path: str) -> int:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    order = json.loads(Path(path).read_bytes())
    _limit(order["memory"])
    upper, out, plans = Path(order["upper"]), Path(order["out"]), tuple(map(Path, order["lowers"]))
    corrected = tuple(corrections.Correction(*entry) for entry in order["corrections"])
    city = batch.City((plans or (upper,))[0].parent, upper, plans, order["places"], corrected)

    def decide(check: dict) -> dict:
        entries = [entry(said, lower["name"]) for lower in check["lowers"] for said in order["decisions"].get(lower["source"]["name"], ())]
        return lay_over(check, entries, load().settings, date.fromisoformat(order["as_of"]))[0]

    done = []

    def tell(text: str) -> None:
        done.append(text)
        store.write_aside(Path(path).parent / "progress", f"新核对{len(done)}份，共{len(plans)}份；{text}".encode())

    try:
        outcome = batch.run_city(city, out, "auto", 1, tell, decide)
    except LuoshiError as error:
        print(error, file=sys.stderr)
        return 3
    texts = {lower.extraction.document.source.name: lower.extraction.document.text for lower in outcome.trace.lowers}
    store.write_aside(out / "texts.json", json.dumps(texts, ensure_ascii=False).encode())
    return 0


def entry(said: Mapping, town: str) -> decisions.Decision:
    """A decision as an order writes it, for the place as the check names it. `where` is the decision's number."""
    expires = date.fromisoformat(said["expires"]) if said["expires"] else None
    return decisions.Decision(town, said["measure"] or None, None if said["measure"] else said["task"], said["kind"], said["verdict"] or None, said["reason"],
                              said["owner"], expires, date.fromisoformat(said["decided_on"]), said["stamp"], f"#{said['number']}")


def lay_over(check: dict, entries: Sequence[decisions.Decision], settings: Mapping, as_of: date) -> tuple[dict, dict[str, str]]:
    """The check with its decisions, and why some of them fit no more, by their numbers ("#3"): a waived gap that the new version closed, say."""
    unfit = {}
    try:
        return decisions.apply(check, entries, settings, as_of), unfit
    except decisions.DecisionError as error:
        for line in str(error).splitlines():
            where, _, rest = line.partition("：")
            unfit[where] = rest.partition("：")[2]
    return decisions.apply(check, [entry for entry in entries if entry.where not in unfit], settings, as_of), unfit


def _end_with_parent() -> None:
    os.read(0, 1)  # not sys.stdin: its lock would be in the way when we end first
    os.killpg(0, signal.SIGKILL) if hasattr(os, "killpg") else os._exit(1)


def _limit(memory: int) -> None:
    try:
        import resource
    except ImportError:  # Windows has none: the time limit still holds
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
