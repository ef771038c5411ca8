"""The results as spans of a spaCy Doc: for training and evaluating models on an office's own documents, and for pictures of what was found.

Everything is found by the readers of this stage on characters; `char_span` carries it over to tokens. spaCy is imported when it is first needed.
"""

from __future__ import annotations

import hashlib
import html
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.extract.words import Segmenter
from pipeline.model import Baseline, Extraction, Paragraph, PolicyDocument, Source, Target, Task, Unit
from pipeline.rulebook.load import Rulebook, load
from pipeline.text import sentences

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc
    from spacy.vocab import Vocab

KEY = "luoshi"  # in doc.spans and in doc._
LABELS = ("TASK", "MEASURE", "TARGET", "UNIT", "BASELINE", "GOAL")
TOKENIZER = "luoshi.words.v1"
_ENTITIES = ("UNIT", "TARGET")

# One span as plain values: label, id, kb_id, start, end (characters, exact where the tokens are wider) and what else is known of it.
Mark = dict


# ---------------------------------------------------------------- from an extraction


def to_doc(extraction: Extraction, nlp: Language | None = None) -> Doc:
    """An extraction as a Doc with `doc.text == extraction.document.text`.

    `doc.spans["luoshi"]` holds the spans in reading order, the longer first: `id_` is the id of the task, measure or target (of a unit, its
    task's), `kb_id_` the canonical name of a unit. `doc._.luoshi["spans"]` holds in the same order what a span cannot: exact offsets, rule,
    value, role. `doc.ents` are units and targets; of overlapping ones the longest.

    Args:
      nlp: Whose vocabulary and tokenizer to use; default `language()`, which costs the dictionary each time: make it once for many documents.

    Raises:
      ValueError: The tokenizer does not keep the text.
    """
    document = extraction.document
    doc = (nlp or language()).make_doc(document.text)
    if doc.text != document.text:
        raise ValueError("分词器改动了原文，无法标注；请用 pipeline.extract.spans.language() 或 spacy.blank('zh')")
    source = {"name": document.source.name, "sha256": document.source.sha256, "title": extraction.outline.frame.title}
    return _mark(doc, _extraction_marks(extraction), source)


def _extraction_marks(extraction: Extraction) -> list[Mark]:
    marks: list[Mark] = []
    for task in extraction.tasks:
        marks.append(_new("TASK", task.id, task.start, task.end, title=task.title, deadline=task.deadline))
        marks += [_new("MEASURE", m.id, m.start, m.end, modality=m.modality.value) for m in task.measures]
        marks += [_target(target) for target in task.targets]
        marks += [_unit(unit, task.id) for unit in _units(task)]
    marks += [_target(target) for target in extraction.goal_targets]
    marks += [_new("GOAL", f"goal-{k}", goal.start, goal.end, deadline=goal.deadline) for k, goal in enumerate(extraction.goals, 1)]
    marks += [_baseline(baseline) for baseline in extraction.baselines]
    return marks


def _units(task: Task) -> Iterator[Unit]:
    yield from task.units
    for measure in task.measures:
        yield from measure.units


def _unit(unit: Unit, task: str = "") -> Mark:
    return _new("UNIT", task, unit.start, unit.end, kb_id=unit.canonical, role=unit.role.value, collective=unit.collective, rule=unit.rule)


def _target(target: Target) -> Mark:
    return _new("TARGET", target.id, target.start, target.end, indicator=target.indicator, value=str(target.value),
                value_max=None if target.value_max is None else str(target.value_max), unit=target.unit, comparator=target.comparator,
                frequency=target.frequency, deadline=target.deadline, scope=target.scope, modality=target.modality, rule=target.rule)


def _baseline(baseline: Baseline) -> Mark:
    return _new("BASELINE", "", baseline.start, baseline.end, rule=baseline.rule)


def _new(label: str, id_: str, start: int, end: int, kb_id: str = "", **known) -> Mark:
    return {"label": label, "id": id_, "kb_id": kb_id, "start": start, "end": end, **known}


def _mark(doc: Doc, marks: Iterable[Mark], source: dict | None = None) -> Doc:
    """Add marks to those that the Doc has; twice the same is once, and a unit or target without a task gives way to the same one with its task."""
    from spacy.tokens import Doc

    if not Doc.has_extension(KEY):
        Doc.set_extension(KEY, default=None)
    before = doc._.luoshi or {"schema": "luoshi/spans/1", "spans": []}
    found = {(m["label"], m["start"], m["end"], m["id"]): m for m in [*before["spans"], *marks] if m["start"] < m["end"]}
    owned = {place[:3] for place in found if place[3]}
    kept = [mark for place, mark in found.items() if place[3] or place[:3] not in owned]
    kept.sort(key=lambda m: (m["start"], -m["end"], LABELS.index(m["label"]), m["id"]))
    doc._.luoshi = {**before, **(source or {}), "spans": kept}
    spans = [doc.char_span(m["start"], m["end"], label=m["label"], kb_id=m["kb_id"], span_id=m["id"], alignment_mode="expand") for m in kept]
    doc.spans[KEY] = spans
    entities = [ent for ent in doc.ents if ent.label_ not in _ENTITIES]
    taken = {token.i for ent in entities for token in ent}
    for span in sorted((s for s in spans if s.label_ in _ENTITIES), key=lambda s: (s.start - s.end, s.start)):
        if taken.isdisjoint(range(span.start, span.end)):
            taken.update(range(span.start, span.end))
            entities.append(span)
    doc.set_ents(sorted(entities, key=lambda e: e.start))
    return doc


# ---------------------------------------------------------------- tokenizer and components


def language(rulebook: Rulebook | None = None) -> Language:
    """`spacy.blank("zh")` with our words for tokens: texts stay exact, numbers whole, the registries and concept packs are the dictionary."""
    import spacy

    register()
    rules = None if rulebook is None else str(rulebook.folder)
    nlp = spacy.blank("zh", config={"nlp": {"tokenizer": {"@tokenizers": TOKENIZER, "rules": rules}}})
    nlp.max_length = 20_000_000  # spaCy's million is for parsers, which this has none of
    return nlp


def word_tokenizer(rules: str | None = None) -> Callable[[Language], "WordTokenizer"]:
    """`@tokenizers = "luoshi.words.v1"` in a spaCy config; `rules` is a folder of rule packs, None for the installed ones."""

    def create(nlp):
        return WordTokenizer(nlp.vocab, Segmenter(_rulebook(rules)))

    return create


class WordTokenizer:
    """A spaCy tokenizer out of `words.Segmenter`. It keeps nothing of its own: saved, it is its line in the config."""

    def __init__(self, vocab: Vocab, segmenter: Segmenter):
        self.vocab = vocab
        self._segmenter = segmenter

    def __call__(self, text: str) -> Doc:
        from spacy.tokens import Doc

        words = [word for _, _, word in self._segmenter.cut(text)]
        return Doc(self.vocab, words=words, spaces=[False] * len(words))  # white space is a token, so that nothing is lost

    def to_bytes(self, **kwargs) -> bytes:
        return b""

    def from_bytes(self, content: bytes, **kwargs) -> WordTokenizer:
        return self

    def to_disk(self, path: Path, **kwargs) -> None:
        return None

    def from_disk(self, path: Path, **kwargs) -> WordTokenizer:
        return self


def _create_units(nlp: Language, name: str, rules: str | None = None) -> Callable[[Doc], Doc]:
    """Units in brackets, label lines and running text, with their roles; `id_` stays empty."""
    from pipeline.extract.units import UnitReader

    reader = UnitReader(_rulebook(rules))

    def units(doc: Doc) -> Doc:
        text = doc.text
        stated = [unit for group in reader.groups(text, _lines(text)) for unit in group.units]
        said = [unit for unit in reader.mentions(text, 0, len(text)) if all(unit.end <= s.start or unit.start >= s.end for s in stated)]
        return _mark(doc, map(_unit, [*stated, *said]))

    return units


def _create_targets(nlp: Language, name: str, rules: str | None = None, year: int | None = None) -> Callable[[Doc], Doc]:
    """Targets and baselines of every sentence. `year` is the documents' year, to read 今年 and to tell past from coming."""
    from pipeline.extract.targets import TargetReader

    reader = TargetReader(_rulebook(rules))

    def targets(doc: Doc) -> Doc:
        found, told = reader.read(doc.text, sentences(doc.text), year=year)
        return _mark(doc, [*map(_target, found), *map(_baseline, told)])

    return targets


def _create_tasks(nlp: Language, name: str, rules: str | None = None) -> Callable[[Doc], Doc]:
    """The whole reading of a plan as plain text: outline, tasks, measures, targets, units, goals, baselines."""
    from pipeline import outline
    from pipeline.extract import extract
    from pipeline.extract.readers import compile_readers

    rulebook = _rulebook(rules)
    readers = compile_readers(rulebook)

    def tasks(doc: Doc) -> Doc:
        text = doc.text
        source = Source("", hashlib.sha256(text.encode()).hexdigest(), "txt")
        document = PolicyDocument(source, text, tuple(Paragraph(start, end) for start, end in _lines(text)))
        extraction = extract(outline.build(document, rulebook), readers)
        return _mark(doc, _extraction_marks(extraction), {"title": extraction.outline.frame.title})

    return tasks


COMPONENTS = {"luoshi_units": _create_units, "luoshi_targets": _create_targets, "luoshi_tasks": _create_tasks}


def register() -> None:
    """Tell spaCy of the components and the tokenizer. An installed luoshi does so by its entry points; calling it again does nothing."""
    from spacy import registry
    from spacy.language import Language

    for name, create in COMPONENTS.items():
        if name not in registry.factories:
            Language.factory(name, assigns=["doc.spans", "doc.ents", "doc._.luoshi"], func=create)
    if TOKENIZER not in registry.tokenizers:
        registry.tokenizers.register(TOKENIZER, func=word_tokenizer)


def __getattr__(name: str):
    """The entry points (`pipeline.extract.spans:luoshi_units`, …): spaCy loads them to have factories registered; only then is it imported here."""
    if name in COMPONENTS:
        register()
        return COMPONENTS[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _rulebook(rules: str | None) -> Rulebook:
    return load(Path(rules) if rules else None)


def _lines(text: str) -> list[tuple[int, int]]:
    """Half-open spans of the lines that hold something, white space at both ends left out."""
    found, at = [], 0
    for line in text.split("\n"):
        start = at + len(line) - len(line.lstrip())
        end = at + len(line.rstrip())
        if start < end:
            found.append((start, end))
        at += len(line) + 1
    return found


# ---------------------------------------------------------------- patterns, files, pictures


def span_ruler_patterns(rulebook: Rulebook) -> list[dict[str, str]]:
    """The vocabulary of the packs for `nlp.add_pipe("span_ruler").add_patterns(…)`, sorted.

    UNIT has the full name for its id, PLACE its kind, CONCEPT the concept's id. A name that several bodies go by has a pattern for each. Of a concept
    these are the plain words: its combinations and exclusions are the linker's business.
    """
    found = {("UNIT", name, unit["name"]) for unit in rulebook.units for name in (unit["name"], *unit.get("alias", ()))}
    found |= {("PLACE", name, kind) for kind, names in rulebook.places.items() for name in names}
    found |= {("CONCEPT", word, concept["id"]) for pack in rulebook.concepts.values() for concept in pack for word in concept.get("any", ())}
    return [{"label": label, "pattern": pattern, "id": id_} for label, pattern, id_ in sorted(found)]


def docbin_bytes(docs: Iterable[Doc]) -> bytes:
    """A spaCy DocBin (a `.spacy` file for training and evaluation) with spans and `doc._`; the same docs in the same order give the same bytes."""
    from spacy.tokens import DocBin

    return DocBin(store_user_data=True, docs=docs).to_bytes()


_ROLES = {"lead": "牵头单位", "support": "配合单位", "responsible": "责任单位"}
_SIGNS = {"=": "", ">=": "不低于", "<=": "不超过", ">": "超过", "<": "低于", "~": "约"}
_OFTEN = {"annual": "每年", "semiannual": "每半年", "quarterly": "每季度", "monthly": "每月", "weekly": "每周"}
_ENTITY = '<mark class="{kind}" title="{detail}">{text}<b>{label}</b></mark>'
_PAGE = """<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ font-family: "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Micro Hei", SimSun, sans-serif;
  max-width: 50em; margin: 2em auto; padding: 0 1em; line-height: 2; color: #1a1a1a; background: #fff; }}
mark {{ color: inherit; padding: .15em .3em; border-radius: .2em; }}
mark b {{ font-size: .7em; font-weight: normal; margin-left: .4em; color: #333; }}
.unit {{ background: #dbe9f9; border-bottom: 2px solid #2b6cb0; }}
.target {{ background: #fdf0c8; border-bottom: 2px dashed #975a16; }}
@media print {{ mark {{ print-color-adjust: exact; -webkit-print-color-adjust: exact; }} }}
</style>
</head>
<body>
<h1>{title}</h1>
<p>共标出<mark class="unit">单位</mark>{units}处、<mark class="target">指标</mark>{targets}处；停在标记上可看规范名称或取值。重叠处只标较长的一个。</p>
{content}
</body>
</html>
"""


def displacy_html(doc: Doc) -> str:
    """Units and targets of a marked Doc in its text, by displaCy, on a page in Chinese that loads nothing from outside."""
    from spacy import displacy

    known = doc._.luoshi if doc.has_extension(KEY) and doc._.luoshi else {"spans": []}
    of_span = {(s.label_, s.start, s.end): mark for s, mark in zip(doc.spans.get(KEY, ()), known["spans"])}
    shown = []
    for ent in doc.ents:
        mark = of_span.get((ent.label_, ent.start, ent.end))
        if mark is not None:
            label, detail = _shown(mark)
            params = {"kind": ent.label_.lower(), "detail": html.escape(detail)}
            shown.append({"start": mark["start"], "end": mark["end"], "label": label, "params": params})
    parsed = {"text": doc.text, "ents": shown, "title": None}
    content = displacy.render(parsed, style="ent", manual=True, jupyter=False, options={"template": _ENTITY})
    kinds = [entity["params"]["kind"] for entity in shown]
    title = html.escape(known.get("title") or known.get("name") or "标注结果")
    return _PAGE.format(title=title, units=kinds.count("unit"), targets=kinds.count("target"), content=content)


def _shown(mark: Mark) -> tuple[str, str]:
    """Label and hover text of a unit or a target."""
    task = f"任务{mark['id']}：" if mark["id"] and mark["label"] == "UNIT" else ""
    if mark["label"] == "UNIT":
        return _ROLES[mark["role"]], task + mark["kb_id"]
    value = mark["value"] + (f"—{mark['value_max']}" if mark["value_max"] else "")
    amount = _OFTEN.get(mark["frequency"], "") + _SIGNS[mark["comparator"]] + value + mark["unit"]
    due = f"时限{mark['deadline']}" if mark["deadline"] else ""
    return "指标", " ".join(part for part in (mark["id"], mark["indicator"], amount, due) if part)
