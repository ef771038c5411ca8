"""What people decided, as the reports tell it: beside what the program found, never over it.

It is read from the JSON of a check over which decisions were laid (`decisions.apply`); without decisions there is nothing to tell.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline import decisions
from pipeline.model import CoverageTrace, MeasureVerdict, TaskVerdict, Verdict
from pipeline.report import words

STATE_NAME = {"standing": "有效", "suspect": "存疑", "expired": "过期"}
_SAID = {"covered": "改判覆盖", "partial": "改判部分覆盖", "missing": "改判未覆盖", "not_applicable": "改判不适用"}


@dataclass(frozen=True, slots=True)
class Ruling:
    """One decision on a task or measure of one place. Days are written YYYY-MM-DD, None where there is none.

    Attributes:
      state: standing, suspect (its ground has changed) or expired; only the first counts.
      changed: Of a suspect one, what changed, in Chinese.
    """

    kind: str
    verdict: str | None
    reason: str
    owner: str
    expires: str | None
    due: str | None
    decided_on: str
    state: str
    changed: str

    @property
    def said(self) -> str:
        """What was decided, in a few characters."""
        return "已说明" if self.kind == "waiver" else _SAID[self.verdict or ""]

    @property
    def line(self) -> str:
        """The whole decision in one line."""
        parts = [f"{self.said}：{self.reason}", f"{self.owner}，{self.decided_on}"]
        parts += [f"有效期至{self.expires}"] if self.expires else []
        parts += [f"整改期限{self.due}"] if self.due else []
        if self.state != "standing":
            parts.append(f"{STATE_NAME[self.state]}，暂不作数" + (f"（{self.changed}）" if self.changed else ""))
        return "；".join(parts)


@dataclass(frozen=True, slots=True)
class Rulings:
    """The decisions of one check. Keys are (place, id of a task or measure).

    Attributes:
      made: False where no decisions file was given: then no report says a word about decisions.
      total: The counts of the JSON's `decisions`.
    """

    made: bool = False
    as_of: str | None = None
    total: Mapping[str, int] = field(default_factory=dict)
    unplaced: tuple[str, ...] = ()
    given: Mapping[tuple[str, str], Ruling] = field(default_factory=dict)
    decided: Mapping[tuple[str, str], Verdict] = field(default_factory=dict)  # only where it differs from the program's verdict
    settled: Mapping[tuple[str, str], str] = field(default_factory=dict)  # measure → its `decisions.state`, where a standing decision speaks of it
    waived_findings: Mapping[str, frozenset[int]] = field(default_factory=dict)  # positions in the place's list

    def on(self, place: str, id_: str) -> Ruling | None:
        return self.given.get((place, id_))

    def verdict(self, place: str, found: TaskVerdict) -> Verdict:
        """The verdict with the standing decisions applied: the program's own where none stands."""
        return self.decided.get((place, found.id), found.verdict)

    def about(self, place: str, found: TaskVerdict) -> tuple[tuple[str, Ruling], ...]:
        """The decisions on a task and on its measures, with what each is about."""
        if not self.made:
            return ()
        return tuple((id_, ruling) for id_ in (found.id, *(m.id for m in found.measures)) if (ruling := self.given.get((place, id_))))

    def mark(self, place: str, found: TaskVerdict) -> str:
        """A few characters to stand behind the program's symbol: "/〇" where people decided otherwise, 决 where they did not, 疑 or 期 where it lapsed."""
        states = {ruling.state for _, ruling in self.about(place, found)}
        if not states:
            return ""
        decided = self.verdict(place, found)
        said = f"/{words.VERDICT_SYMBOL[decided]}" if decided is not found.verdict else "决" if "standing" in states else ""
        return said + ("疑" if "suspect" in states else "期" if "expired" in states else "")

    def state(self, place: str, found: TaskVerdict, measure: MeasureVerdict) -> str:
        """What a measure came to, decisions applied: covered, gap, waived, unread or out, as `decisions.state` has it."""
        told = self.settled.get((place, measure.id))
        if told:
            return told
        if not measure.binds or found.verdict in (Verdict.NOT_APPLICABLE, Verdict.JUSTIFIED):
            return "out"
        return "covered" if measure.covered else "unread" if found.verdict is Verdict.UNDETERMINED else "gap"

    def is_waived(self, place: str, position: int) -> bool:
        return position in self.waived_findings.get(place, ())

    def counts(self, trace: CoverageTrace) -> Counter[Verdict]:
        """Tasks by verdict, all places together, decisions applied."""
        return Counter(self.verdict(lower.name, found) for lower in trace.lowers for found in lower.tasks)

    @property
    def summary(self) -> str:
        """The counts in one sentence; "" where there are no decisions."""
        if not self.made:
            return ""
        total = self.total
        day = f"（按{self.as_of}计）" if self.as_of else ""
        return (f"人工决定{day}：有效{total['standing']}项，存疑{total['suspect']}项，过期{total['expired']}项；"
                f"缺项中已说明{total['waived_gaps']}条，未说明{total['open_gaps']}条。")


NONE = Rulings()


def read(check: Mapping | None) -> Rulings:
    """The decisions that stand in a check's JSON; NONE where none were laid over it."""
    if not check or "decisions" not in check:
        return NONE
    given: dict[tuple[str, str], Ruling] = {}
    decided: dict[tuple[str, str], Verdict] = {}
    settled, answered = {}, {}
    for lower in check["lowers"]:
        place = lower["name"]
        answered[place] = frozenset(i for i, finding in enumerate(lower["findings"]) if finding.get("waived"))
        for task in lower["tasks"]:
            if task["decided"] != task["verdict"]:
                decided[place, task["id"]] = Verdict(task["decided"])
            for item in (task, *task["measures"]):
                if item["decision"]:
                    given[place, item["id"]] = _ruling(item["decision"])
            whole = decisions.standing(task["decision"])
            settled |= {(place, m["id"]): decisions.state(task, m) for m in task["measures"] if whole or decisions.standing(m["decision"])}
    total = check["decisions"]
    counts = {key: value for key, value in total.items() if isinstance(value, int)}
    return Rulings(True, total["as_of"], counts, tuple(total["unplaced"]), given, decided, settled, {p: a for p, a in answered.items() if a})


def _ruling(told: Mapping) -> Ruling:
    changed = decisions.slot_words(told["changed"]) if told["changed"] and told["state"] == "suspect" else ""
    return Ruling(told["kind"], told["verdict"], told["reason"], told["owner"], told["expires"], told.get("due"), told["decided_on"], told["state"], changed)
