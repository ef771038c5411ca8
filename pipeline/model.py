"""Every value that crosses a stage boundary. Imports nothing of ours.

Offsets are half-open, in Unicode code points, into `PolicyDocument.text`, the canonical text: they are the only
coordinates there are, so `text[start:end]` is always the quote.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Role(StrEnum):
    """How a unit answers for a task."""

    LEAD = "lead"  # 牵头
    SUPPORT = "support"  # 配合、参与
    RESPONSIBLE = "responsible"  # the document does not tell them apart


class Modality(StrEnum):
    """The force of a measure."""

    MUST = "must"  # 要、应当、必须、严禁以外的硬性要求
    DO = "do"  # a plain commitment: 开展、建设
    ENCOURAGE = "encourage"  # 鼓励、支持、引导、探索、提倡
    FORBID = "forbid"  # 严禁、不得


class Verdict(StrEnum):
    """What a task came to in one lower document."""

    COVERED = "covered"  # enough of its measures are carried out
    PARTIAL = "partial"  # some are
    MISSING = "missing"  # none is, and the whole document was read
    UNDETERMINED = "undetermined"  # parts could not be read: a person looks
    JUSTIFIED = "justified"  # a waiver with reason, owner, expiry
    NOT_APPLICABLE = "not_applicable"  # the duty does not reach this town


class Severity(StrEnum):
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


# ---------------------------------------------------------------- ingest


@dataclass(frozen=True, slots=True)
class Source:
    """Where a document came from. `name` is the file's name without its folders, `sha256` that of its bytes."""

    name: str
    sha256: str
    format: str  # txt, docx, doc, pdf, ofd, html, xlsx, image
    pages: int | None = None  # None where the format has no fixed pages
    ocr: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table row. `header` is the text of its column's head, "" where the table has none."""

    start: int
    end: int
    header: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a piece of the text stands on paper: a line of a page, or a cell of a table on it.

    Attributes:
      start, end: Offsets into the canonical text.
      box: Left, top, right and bottom as shares (0 to 1) of the width and height of the page as a viewer shows it, from the upper left corner.
      confidence: Of a line that was recognised from a picture, 0 to 1; None for text that was there as text.
    """

    start: int
    end: int
    page: int
    box: tuple[float, float, float, float]
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One line of the canonical text, without its line break.

    A table row is one paragraph whose text is its cells joined by "|"; `cells` is then not empty and in reading order.
    `page`, where it begins, counts from 1; None where the format has no fixed pages. `places` are its lines on paper in reading order, () where the format
    has none, or nobody knows. `kind` is "text", "row" or "note" (footnotes, which follow the body).
    """

    start: int
    end: int
    page: int | None = None
    kind: str = "text"
    cells: tuple[Cell, ...] = ()
    table: int | None = None  # which table of the document the row belongs to, from 0
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Warning:
    """Something a reader of the output should know: a code for programs, a Chinese sentence for people."""

    code: str
    message: str
    page: int | None = None
    paragraph: int | None = None  # index into PolicyDocument.paragraphs, counted from 1


@dataclass(frozen=True, slots=True)
class PolicyDocument:
    """A document as text with places.

    Attributes:
      text: Canonical text: paragraphs joined by "\\n", no blank lines, no white space at either end of a line.
      unread_pages: Pages (from 1) that hold something no reader could turn into text; of these nothing is ever "missing".
    """

    source: Source
    text: str
    paragraphs: tuple[Paragraph, ...]
    warnings: tuple[Warning, ...] = ()
    unread_pages: tuple[int, ...] = ()

    def page_of(self, offset: int) -> int | None:
        """The page of an offset, None where the format has no pages."""
        index = self.paragraph_of(offset)
        if index is None:
            return None
        begun = [place.page for place in self.paragraphs[index].places if place.start <= offset]
        return begun[-1] if begun else self.paragraphs[index].page

    def places_of(self, start: int, end: int) -> tuple[Place, ...]:
        """Where `text[start:end]` stands on paper: every line or cell that holds a part of it, in reading order."""
        first, last = self.paragraph_of(start), self.paragraph_of(max(end - 1, start))
        if first is None:
            return ()
        spread = self.paragraphs[first:(last if last is not None else first) + 1]
        return tuple(place for paragraph in spread for place in paragraph.places if place.start < end and place.end > start)

    def paragraph_of(self, offset: int) -> int | None:
        """The index (from 0) of the paragraph that holds an offset, None outside the text."""
        low, high = 0, len(self.paragraphs)
        while low < high:
            middle = (low + high) // 2
            if self.paragraphs[middle].end < offset:
                low = middle + 1
            else:
                high = middle
        return low if low < len(self.paragraphs) else None


# ---------------------------------------------------------------- outline


@dataclass(frozen=True, slots=True)
class Span:
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands under it.

    Attributes:
      id: Ordinals on the way down joined by dots ("3.1.1"); "" for the text before the first heading.
      label: The ordinal as written ("（一）"), "" where the heading has none.
      title: The heading without ordinal and final stop.
      kind: What the chapter is for: duties, preface, situation, guidance, principles, goals, guarantee, roster, scope, closing, brief.
      body: Spans of the section's own text (not of its children), one a paragraph; the first may be the rest of the heading's line.
      headed: False for an item that opens with its duty at once: its title is then its first sentence, which is also body.
    """

    id: str
    level: int
    label: str
    title: str
    kind: str
    start: int
    end: int  # end of the heading's own text
    body: tuple[Span, ...]
    children: tuple["Section", ...] = ()
    headed: bool = True


@dataclass(frozen=True, slots=True)
class Frame:
    """The header and footer of an official document (GB/T 9704—2012). None or () where the document does not say."""

    title: str | None = None
    number: str | None = None
    issuer: str | None = None
    date: str | None = None  # 2022-11-14
    recipients: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    period: tuple[int, int] | None = None
    place: str | None = None  # the place that issued it: 枣林镇, 松坪街道
    cites: tuple[tuple[str, str | None, str | None], ...] = ()  # documents named: (title, number, level: state, province, city, county, town)


@dataclass(frozen=True, slots=True)
class Outline:
    """Frame and sections of one document, sections in reading order.

    `written`: the text as written, where `document` holds it folded to simplified characters for recognition (same length); None otherwise.
    """

    document: PolicyDocument
    frame: Frame
    sections: tuple[Section, ...]
    warnings: tuple[Warning, ...] = ()
    written: str | None = None


# ---------------------------------------------------------------- extract


@dataclass(frozen=True, slots=True)
class Unit:
    """A responsible unit as a task names it.

    `name` as written, its own parentheses included; `canonical` the registered full name, equal to `name` where no registry knows it.
    """

    name: str
    canonical: str
    role: Role
    collective: bool
    start: int
    end: int
    rule: str


@dataclass(frozen=True, slots=True)
class Target:
    """A forward-looking quantity that somebody can be held to.

    Attributes:
      id: "3.1.1-t1"; "goal-t1" for a goal; "" until the task that owns it is known.
      measure: Id of the measure it stands in, None for goals.
      indicator: What is counted, as written ("高素质农民").
      value: As written, never rescaled: "1.2万亩" is 1.2 with unit "万亩".
      value_max: Upper end of a range (3—5个), else None.
      unit: "%" and "个百分点" are different units.
      comparator: = >= <= > < ~ ; 以上, 以下, 以内 include the number (民法典第一千二百五十九条); 超过, 不满 do not.
      frequency: annual, semiannual, quarterly, monthly, weekly; None for a stock or a single date.
      deadline: Last day that still meets it, as precise as the document says ("2025", "2025-06", "2025-06-30"); None where it gives none.
      scope: The place that the number is for, as written ("全市", "每镇"), None where not said.
      modality: A hedge ("力争"), else None.
      start, end: The evidence.
      rule: Id of the rule that found it.
    """

    id: str
    measure: str | None
    indicator: str
    value: Decimal
    value_max: Decimal | None
    unit: str
    comparator: str
    frequency: str | None
    deadline: str | None
    scope: str | None
    modality: str | None
    evidence: str
    start: int
    end: int
    rule: str


@dataclass(frozen=True, slots=True)
class Baseline:
    """A figure about the past, or about how things stand: never a target."""

    text: str
    start: int
    end: int
    rule: str


@dataclass(frozen=True, slots=True)
class Measure:
    """One sentence of a task's body. `units` are those of its own bracket; () means the task's units answer."""

    id: str
    text: str
    modality: Modality
    start: int
    end: int
    page: int | None
    units: tuple[Unit, ...] = ()
    binds_lower: bool = True


@dataclass(frozen=True, slots=True)
class Task:
    id: str
    heading_path: tuple[str, ...]
    title: str
    units: tuple[Unit, ...]
    units_open: bool
    applies_to_lower: bool
    measures: tuple[Measure, ...]
    targets: tuple[Target, ...]
    start: int
    end: int
    deadline: str | None = None  # a line or column 完成时限 of the task itself


@dataclass(frozen=True, slots=True)
class Goal:
    """One sentence of a goal chapter. `deadline` as in Target."""

    text: str
    deadline: str | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Extraction:
    """What an upper document asks for; of a lower document the same reading, used for its numbers and offices."""

    outline: Outline
    tasks: tuple[Task, ...]
    goals: tuple[Goal, ...]
    goal_targets: tuple[Target, ...]
    baselines: tuple[Baseline, ...]
    findings: tuple["Finding", ...] = ()
    warnings: tuple[Warning, ...] = ()

    @property
    def document(self) -> PolicyDocument:
        return self.outline.document


# ---------------------------------------------------------------- coverage


@dataclass(frozen=True, slots=True)
class Quote:
    """A substring of a document's canonical text."""

    text: str
    start: int
    end: int
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a reviewer should look at. `rule` is the kind of contract.md; `message` is Chinese and says what to do."""

    rule: str
    severity: Severity
    message: str
    task: str | None = None
    measure: str | None = None
    evidence: Quote | None = None
    upper_evidence: Quote | None = None


@dataclass(frozen=True, slots=True)
class Factor:
    """One reason for or against coverage: a rule, what it saw, and how much it weighed (log-odds)."""

    rule: str
    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class MeasureVerdict:
    """Whether a lower document carries out one measure.

    `covered` is the best guess; `confidence` (0.5 to 1) says how sure; `review` marks what a person should look at because it is close.
    """

    id: str
    covered: bool
    confidence: float
    review: bool
    binds: bool  # False: the measure binds somebody else by name and is not counted
    evidence: tuple[Quote, ...]
    reason: str
    factors: tuple[Factor, ...]
    copied: float  # share of the measure's text that stands word for word in the evidence


@dataclass(frozen=True, slots=True)
class TargetStatus:
    """How a lower document answers one target: stated (a number of its own), unquantified (carried out, no number), absent."""

    id: str
    status: str
    value: Decimal | None = None
    unit: str | None = None
    comparator: str | None = None
    deadline: str | None = None
    evidence: Quote | None = None


@dataclass(frozen=True, slots=True)
class TaskVerdict:
    id: str
    verdict: Verdict
    share: float
    flags: tuple[str, ...]
    units: tuple[str, ...]
    measures: tuple[MeasureVerdict, ...]
    targets: tuple[TargetStatus, ...]


@dataclass(frozen=True, slots=True)
class LowerCoverage:
    """One lower document against the upper one. `score` is the share of binding measures that are covered."""

    name: str
    extraction: Extraction
    score: float
    tasks: tuple[TaskVerdict, ...]
    findings: tuple[Finding, ...]
    own: tuple[Quote, ...]
    warnings: tuple[Warning, ...] = ()


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One target of the upper document against the sum over all lower ones: met, short, exceeded, not-additive."""

    target: str
    indicator: str
    required: Decimal
    unit: str
    sum: Decimal | None
    stated_by: tuple[str, ...]
    silent: tuple[str, ...]
    status: str


@dataclass(frozen=True, slots=True)
class CoverageTrace:
    """All lower documents against one upper document, lowers sorted by name."""

    upper: Extraction
    lowers: tuple[LowerCoverage, ...]
    aggregates: tuple[Aggregate, ...]
    domain: str  # the concept pack used, "none" without one


@dataclass(frozen=True, slots=True)
class ChainStep:
    """A duty at one level.

    Attributes:
      carried: False where it ends; None where this level cannot say (parts could not be read, or it was never asked).
      quotes: The sentences that carry it out there; () where none does.
      lost: Kinds of findings against the level above (a number, a date, an office that is no longer there), in reading order.
    """

    carried: bool | None
    quotes: tuple[Quote, ...]
    lost: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChainRow:
    """One measure of the top document: a step a level from the top down, as far as it can be followed."""

    measure: str
    title: str
    steps: tuple[ChainStep, ...]
