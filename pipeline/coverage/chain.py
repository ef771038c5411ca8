"""The chain: one duty a row down any number of levels, and the level at which it, its number, its date or its office was lost.

Every pair of neighbouring levels is checked as an upper and a lower document; the sentences that carry a duty out are looked up among the measures of that lower
document, which are the duties of the next.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.coverage import Duties
from pipeline.extract.readers import Readers
from pipeline.model import ChainRow, ChainStep, Extraction, LowerCoverage, MeasureVerdict, Quote


def chain(levels: Sequence[Extraction], readers: Readers, domain: str = "auto") -> tuple[ChainRow, ...]:
    """`levels` from the top down, two at least. A duty that binds somebody else by name has no row."""
    checked = [Duties(upper, readers, domain).check(lower, lower.outline.frame.place or "") for upper, lower in zip(levels, levels[1:])]
    verdicts = [{m.id: m for task in coverage.tasks for m in task.measures} for coverage in checked]
    rows = []
    for task in levels[0].tasks:
        for measure in task.measures:
            if not verdicts[0][measure.id].binds:
                continue
            steps = [ChainStep(True, (Quote(measure.text, measure.start, measure.end, measure.page),), ())]
            asked = [verdicts[0][measure.id]]
            for depth, coverage in enumerate(checked):
                steps.append(_step(asked, coverage))
                if not steps[-1].carried:
                    break
                if depth + 1 < len(checked):
                    here = _measures_at(coverage.extraction, steps[-1].quotes)
                    asked = [verdicts[depth + 1][id_] for id_ in here if verdicts[depth + 1][id_].binds]
                    if not here:
                        steps.append(ChainStep(None, (), ()))  # carried out in a chapter that gives no tasks: the next level was not asked
                    if not asked:
                        break
            rows.append(ChainRow(measure.id, task.title, tuple(steps)))
    return tuple(rows)


def _step(asked: Sequence[MeasureVerdict], lower: LowerCoverage) -> ChainStep:
    """One level's answer to the measures that carry a duty above it; where several do, one that goes on is enough."""
    covered = [verdict for verdict in asked if verdict.covered]
    if not covered:
        return ChainStep(None if lower.extraction.document.unread_pages else False, (), ())
    ids = {verdict.id for verdict in covered}
    quotes = tuple(dict.fromkeys(quote for verdict in covered for quote in verdict.evidence))
    return ChainStep(True, quotes, tuple(dict.fromkeys(finding.rule for finding in lower.findings if finding.measure in ids)))


def _measures_at(extraction: Extraction, quotes: Sequence[Quote]) -> list[str]:
    return [m.id for task in extraction.tasks for m in task.measures if any(m.start < quote.end and quote.start < m.end for quote in quotes)]
