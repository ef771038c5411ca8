"""The child process of a job: one campaign checked, in a process of its own with limits, so that no document can take the office down.

`python -m pipeline.web.checking ORDER` reads ORDER (JSON, see `work.write_order`), writes the reports into its `out`, and beside them manifest.json and
texts.json: {file name: canonical text and the places of its quotes}. It ends when its standard input closes: who started it is gone then, and with it the clock that watches it.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from pipeline import batch, corrections, decisions, flow, store
from pipeline.errors import LuoshiError, UnreadableFile
from pipeline.model import CoverageTrace, LowerCoverage, PolicyDocument


def main(path: str) -> int:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    order = json.loads(Path(path).read_bytes())
    _limit(order["memory"])
    if hasattr(os, "nice"):
        os.nice(10)  # pages come first: who waits for one looks at the screen
    try:
        line = flow.prepare()
        trace, refused = _check(line, order, lambda text: store.write_aside(Path(path).parent / "progress", text.encode()))
    except LuoshiError as error:
        print(error, file=sys.stderr)
        return 3
    _write(line, order, trace, refused)
    return 0


def _check(line: flow.Line, order: Mapping, tell: Callable[[str], None]) -> tuple[CoverageTrace, list[UnreadableFile]]:
    """Every plan against the city plan as it was put right; what one came to is kept at once under all that it rests on, and not judged again.

    Raises UnreadableFile for the city plan, LuoshiError for a concept pack that is there no more.
    """
    from pipeline.coverage import Duties, assemble

    corrected = tuple(corrections.Correction(*entry) for entry in order["corrections"])
    upper, kept = Path(order["upper"]), Path(order["out"]) / ".kept"
    flow.require_domain(line, order["domain"])
    duties = Duties(corrections.apply(flow.read_plan(line, upper), corrected), line.readers, order["domain"])
    rests_on = store.key(_sha256(upper), line.rulebook.digest, duties.domain, repr(corrected))
    read: list[LowerCoverage] = []
    refused: list[UnreadableFile] = []
    judged = 0
    for path in map(Path, order["lowers"]):
        name = store.key(rests_on, _sha256(path), path.name)
        value = store.recall(kept, name)
        if not isinstance(value, LowerCoverage):
            try:
                extraction = flow.read_plan(line, path)
                value = duties.check(extraction, flow.place_name(extraction))
                store.keep(kept, name, value)
            except UnreadableFile as error:
                refused.append(UnreadableFile(path.name, error.problem, error.advice))
            judged += 1
            tell(f"新核对{judged}份，共{len(order['lowers'])}份；刚读完 {path.name}")
        if isinstance(value, LowerCoverage):
            read.append(value)
    files = [lower.extraction.document.source.name for lower in read]
    places = [order["places"].get(file) or lower.name for file, lower in zip(files, read)]
    names = [f"{place}（{file}）" if places.count(place) > 1 else place for file, place in zip(files, places)]
    return assemble(duties, [replace(lower, name=name) for name, lower in zip(names, read)]), refused


def _write(line: flow.Line, order: Mapping, trace: CoverageTrace, refused: Sequence[UnreadableFile]) -> None:
    from pipeline.report import data

    check, out = data.check_json(trace, refused), Path(order["out"])
    entries = [entry(said, lower["name"]) for lower in check["lowers"] for said in order["decisions"].get(lower["source"]["name"], ())]
    check, _ = lay_over(check, entries, line.rulebook.settings, date.fromisoformat(order["as_of"]))
    files = batch.write_reports(trace, refused, out, line.rulebook.origin, check)
    said = {lower.extraction.document.source.name: flow.place_name(lower.extraction) for lower in trace.lowers}
    manifest = {"rules": line.rulebook.digest, "domain": trace.domain, "places": said, "refused": [{"file": e.name, "problem": e.problem, "advice": e.advice} for e in refused], "files": files}
    texts = {lower.extraction.document.source.name: {"text": lower.extraction.document.text, "places": _places(lower)} for lower in trace.lowers}
    for name, content in (("manifest.json", manifest), ("texts.json", texts)):
        store.write_aside(out / name, json.dumps(content, ensure_ascii=False).encode())


def _places(lower: LowerCoverage) -> dict[str, list]:
    """Where each quote of a plan stands on paper, see `models.Result.places`; quotes that nobody can place are left out."""
    placed = {f"{quote.start}-{quote.end}": _boxes(lower.extraction.document, quote.start, quote.end)
              for verdict in lower.tasks for measure in verdict.measures for quote in measure.evidence}
    return {span: boxes for span, boxes in placed.items() if boxes}


def _boxes(document: PolicyDocument, start: int, end: int) -> list[list]:
    """[page, left, top, right, bottom] of the part of each line that belongs to a quote: characters of a line are taken as equally wide. Cells of tables whole."""
    boxes = []
    for place in document.places_of(start, end):
        left, top, right, bottom = place.box
        paragraph = document.paragraphs[document.paragraph_of(place.start)]
        step = (right - left) / max(place.end - place.start, 1)
        if paragraph.kind != "row":
            left, right = left + max(start - place.start, 0) * step, right - max(place.end - end, 0) * step
        boxes.append([place.page, *(round(edge, 4) for edge in (left, top, right, bottom))])
    return boxes


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


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
