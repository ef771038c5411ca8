"""What was recognised on a text folded to simplified characters, given back as it is written."""

from __future__ import annotations

import re
from dataclasses import replace

from pipeline.model import Extraction, Frame, Quote, Section, Target, Unit


def as_written(extraction: Extraction, text: str) -> Extraction:
    """The same extraction with every quote, name and title taken from `text`, which differs from the folded one in characters only."""
    restored = _Restored(extraction.document.text, text)
    outline = extraction.outline
    sections = tuple(restored.section(section) for section in outline.sections)
    paths = dict(restored.paths)
    tasks = tuple(replace(
        task, heading_path=tuple(paths.get(part, restored.near(part, 0)) for part in task.heading_path), title=restored.near(task.title, task.start),
        units=restored.units(task.units), deadline=task.deadline and restored.near(task.deadline, task.start),
        measures=tuple(replace(m, text=text[m.start : m.end], units=restored.units(m.units)) for m in task.measures),
        targets=tuple(restored.target(t) for t in task.targets)) for task in extraction.tasks)
    findings = tuple(replace(f, evidence=restored.quote(f.evidence), upper_evidence=restored.quote(f.upper_evidence)) for f in extraction.findings)
    document = replace(outline.document, text=text)
    return replace(
        extraction, outline=replace(outline, document=document, frame=restored.frame(outline.frame), sections=sections, written=None), tasks=tasks,
        goals=tuple(replace(g, text=text[g.start : g.end]) for g in extraction.goals), goal_targets=tuple(restored.target(t) for t in extraction.goal_targets),
        baselines=tuple(replace(b, text=text[b.start : b.end]) for b in extraction.baselines), findings=findings)


class _Restored:
    """Finds what was read in the folded text, and gives the same place of the written one."""

    def __init__(self, folded: str, written: str):
        self._folded, self._written = folded, written
        self._bare = "".join(folded.split())
        self._bare_written = "".join(char for char, plain in zip(written, folded, strict=True) if not plain.isspace())
        self.paths: list[tuple[str, str]] = []

    def near(self, words: str, start: int) -> str:
        """Words that stand at `start` or behind it; without their blanks if they were read without; unchanged where they are not found."""
        at = self._folded.find(words, start)
        if at < 0:
            at = self._folded.find(words)
        if at >= 0:
            return self._written[at : at + len(words)]
        at = self._bare.find(words)
        return self._bare_written[at : at + len(words)] if at >= 0 else words

    def units(self, units: tuple[Unit, ...]) -> tuple[Unit, ...]:
        return tuple(replace(u, name=self._written[u.start : u.end]) for u in units)

    def target(self, target: Target) -> Target:
        def words(name: str | None) -> str | None:
            return name and self.near(name, target.start)

        return replace(target, indicator=self.near(target.indicator, target.start), evidence=self._written[target.start : target.end],
                       unit=self.near(target.unit, target.start) if re.search("[一-龥]", target.unit) else target.unit,
                       scope=words(target.scope), modality=words(target.modality))

    def quote(self, quote: Quote | None) -> Quote | None:
        return quote and replace(quote, text=self._written[quote.start : quote.end])

    def section(self, section: Section) -> Section:
        title = self.near(section.title, section.start)
        self.paths.append((section.label + section.title, section.label + title))
        return replace(section, title=title, children=tuple(self.section(child) for child in section.children))

    def frame(self, frame: Frame) -> Frame:
        def words(name: str | None) -> str | None:
            return name and self.near(name, 0)

        return replace(frame, title=words(frame.title), number=words(frame.number), issuer=words(frame.issuer), place=words(frame.place),
                       recipients=tuple(self.near(r, 0) for r in frame.recipients), cc=tuple(self.near(c, 0) for c in frame.cc),
                       cites=tuple((self.near(title, 0), words(number), level) for title, number, level in frame.cites))
