import doctest
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import outline
from pipeline.extract import extract, spans
from pipeline.extract.readers import compile_readers
from pipeline.model import Paragraph, PolicyDocument, Source
from pipeline.rulebook.load import load

spacy = pytest.importorskip("spacy", reason="spaCy 未安装")
pytest.importorskip("jieba", reason="jieba 未安装")
ROOT = Path(__file__).parent.parent
PLAN = """虚构市口袋公园建设方案
一、总体目标
到2025年，建成口袋公园60个以上，绿地率达到42%。
二、重点任务
（一）选址布局
1.摸清边角地块。
对闲置边角地块登记造册，2024年6月底前完成200处。去年已建成15个。（牵头单位：市城管局；配合单位：市自然资源和规划局、市财政局）
2.听取居民意见。
每个公园开工前至少召开2次座谈会。鼓励居民认养花木。（责任单位：市民政局，各镇（街道））
三、保障措施
（一）加强督查
市政府督查室每季度通报1次进展。（责任单位：市政府办公室）"""
ENTRY_POINTS = """[spacy_factories]
luoshi_units = pipeline.extract.spans:luoshi_units
luoshi_targets = pipeline.extract.spans:luoshi_targets
luoshi_tasks = pipeline.extract.spans:luoshi_tasks

[spacy_tokenizers]
luoshi.words.v1 = pipeline.extract.spans:word_tokenizer
"""
PIECES = st.lists(st.sampled_from(["市教育局", "（责任单位：市财政局、团市委）", "到2025年，", "培训", "２０００名", "3—5个", "以上", "示范点", "一、主要任务", "（一）", "1.", "\n", "\r\n", "\t", " ", "　", "\u00a0", "。", "，",
                                   "😀", "👩‍👧", "覆盖率达到", "95%", "去年建成", "每年", "<b>&\"'", "{0}", "𠮷"]), max_size=20).map("".join)


def read(text):
    paragraphs, at = [], 0
    for line in text.split("\n"):
        paragraphs.append(Paragraph(at, at + len(line)))
        at += len(line) + 1
    rulebook = load()
    document = PolicyDocument(Source("公园.txt", "0" * 64, "txt"), text, tuple(paragraphs))
    return extract(outline.build(document, rulebook), compile_readers(rulebook))


@pytest.fixture(scope="module")
def nlp():
    return spans.language()


@pytest.fixture(scope="module")
def extraction():
    return read(PLAN)


@pytest.fixture(scope="module")
def doc(extraction, nlp):
    return spans.to_doc(extraction, nlp)


def found(doc, label=None):
    return [(s.label_, s.id_, s.kb_id_, s.text) for s in doc.spans["luoshi"] if label in (None, s.label_)]


def test_every_kind_of_result_becomes_a_span(doc, extraction):
    assert doc.text == extraction.document.text
    assert {s.label_ for s in doc.spans["luoshi"]} == set(spans.LABELS)
    assert ("TARGET", "2.1.1-t1") in {(s.label_, s.id_) for s in doc.spans["luoshi"]}
    assert ("UNIT", "2.1.1", "市城市管理局", "市城管局") in found(doc, "UNIT")
    assert len(found(doc, "MEASURE")) == sum(len(task.measures) for task in extraction.tasks)
    for task in extraction.tasks:
        assert any(s.id_ == task.id and s.text.startswith(extraction.document.text[task.start:task.start + 4]) for s in doc.spans["luoshi"] if s.label_ == "TASK")


def test_a_span_covers_its_exact_place_and_the_place_is_kept(doc):
    marks = doc._.luoshi["spans"]
    assert len(marks) == len(doc.spans["luoshi"]) > 15
    for span, mark in zip(doc.spans["luoshi"], marks):
        assert (span.label_, span.id_, span.kb_id_) == (mark["label"], mark["id"], mark["kb_id"])
        assert span.start_char <= mark["start"] < mark["end"] <= span.end_char
    assert all(doc.text[m["start"]:m["end"]] == "市城管局" for m in marks if m["kb_id"] == "市城市管理局")


def test_entities_are_units_and_targets_and_do_not_overlap(doc):
    assert {ent.label_ for ent in doc.ents} == {"UNIT", "TARGET"}
    assert all(a.end <= b.start for a, b in zip(doc.ents, doc.ents[1:]))
    assert "市财政局" in [ent.text for ent in doc.ents]


@given(text=PIECES | st.text(max_size=40))
def test_the_tokenizer_keeps_every_character(nlp, text):
    assert nlp.make_doc(text).text == text


@given(text=PIECES)
def test_offsets_hold_on_odd_text(all_components, text):
    doc = all_components(text)
    assert doc.text == text
    for span, mark in zip(doc.spans["luoshi"], doc._.luoshi["spans"], strict=True):
        assert span.start_char <= mark["start"] < mark["end"] <= span.end_char


@pytest.fixture(scope="module")
def all_components():
    spans.register()
    nlp = spacy.blank("zh")
    for name in spans.COMPONENTS:
        nlp.add_pipe(name)
    return nlp


def test_components_go_by_name():
    spans.register()
    spans.register()
    nlp = spacy.blank("zh")
    nlp.add_pipe("luoshi_units")
    nlp.add_pipe("luoshi_targets", config={"year": 2024})
    doc = nlp("每年培训护林员200人次以上，去年培训150人次。（责任单位：市林业局）")
    assert [(s.label_, s.kb_id_) for s in doc.spans["luoshi"]] == [("TARGET", ""), ("BASELINE", ""), ("UNIT", "市林业局")]
    assert doc._.luoshi["spans"][0]["frequency"] == "annual" and doc._.luoshi["spans"][0]["value"] == "200"


def test_the_task_component_finds_what_the_line_finds(doc, nlp):
    spans.register()
    blank = spacy.blank("zh")
    blank.add_pipe("luoshi_tasks")
    again = blank(PLAN)
    assert again._.luoshi["spans"] == doc._.luoshi["spans"]
    assert again._.luoshi["title"] == "虚构市口袋公园建设方案"


def test_the_same_unit_is_marked_once_and_with_its_task(all_components):
    units = [(m["start"], m["end"]) for m in all_components(PLAN)._.luoshi["spans"] if m["label"] == "UNIT"]
    assert len(units) == len(set(units)) > 4


def test_other_entities_stay():
    spans.register()
    nlp = spacy.blank("zh")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "BODY", "pattern": "市林业局"}])
    nlp.add_pipe("luoshi_units")
    assert [(e.label_, e.text) for e in nlp("请市林业局、市水利局办理。（责任单位：市林业局、市水利局）").ents if e.text == "市林业局"] == [("BODY", "市林业局")] * 2


def test_docbin_brings_the_same_spans_back(doc, nlp):
    content = spans.docbin_bytes([doc, nlp.make_doc("没有标注的一份")])
    first, second = spacy.tokens.DocBin().from_bytes(content).get_docs(spacy.blank("zh").vocab)
    assert first.text == doc.text and found(first) == found(doc)
    assert list(first._.luoshi["spans"]) == doc._.luoshi["spans"]
    assert [(e.text, e.label_, e.kb_id_, e.id_) for e in first.ents] == [(e.text, e.label_, e.kb_id_, e.id_) for e in doc.ents]
    assert spans.displacy_html(first) == spans.displacy_html(doc)
    assert second.text == "没有标注的一份"


def test_a_saved_pipeline_loads_again(nlp, tmp_path):
    nlp.to_disk(tmp_path / "pipeline")
    again = spacy.load(tmp_path / "pipeline")
    text = "投入2.5亿元，\t建成3—5个 示范点"
    assert [t.text for t in again(text)] == [t.text for t in nlp(text)] and again(text).text == text


def test_a_tokenizer_that_changes_the_text_is_refused(extraction):
    other = spacy.blank("zh")
    other.tokenizer = lambda text: spacy.tokens.Doc(other.vocab, words=text.split())
    with pytest.raises(ValueError, match="分词器"):
        spans.to_doc(extraction, other)


def test_the_page_is_chinese_and_loads_nothing(doc):
    page = spans.displacy_html(doc)
    assert '<html lang="zh-CN">' in page and "Noto Sans CJK SC" in page and "<h1>虚构市口袋公园建设方案</h1>" in page
    assert 'title="任务2.1.1：市城市管理局">市城管局<b>牵头单位</b>' in page
    assert re.findall(r"https?:|//|url\(|src=|href=|@import", page) == []


def test_the_page_escapes_the_text():
    spans.register()
    nlp = spacy.blank("zh")
    nlp.add_pipe("luoshi_tasks")
    page = spans.displacy_html(nlp("<script>alert(1)</script>方案{title}\n一、任务\n（一）办事\n建<img>“&\"点位5个。（责任单位：市财政局）"))
    assert "<script" not in page and "<img" not in page and "&lt;script&gt;" in page
    assert "市财政局" in page


def test_a_page_without_anything_found_is_a_page(nlp):
    assert "标注结果" in spans.displacy_html(nlp.make_doc("今天天气好。"))


def test_span_ruler_patterns_come_from_the_packs():
    patterns = spans.span_ruler_patterns(load())
    assert patterns == sorted(patterns, key=lambda p: (p["label"], p["pattern"], p["id"]))
    assert {p["label"] for p in patterns} == {"UNIT", "PLACE", "CONCEPT"}
    assert {"label": "UNIT", "pattern": "卫健委", "id": "卫生健康委员会"} in patterns
    nlp = spacy.blank("zh")
    nlp.add_pipe("span_ruler").add_patterns([p for p in patterns if p["label"] != "CONCEPT"])
    doc = nlp("市卫健委在会上说")
    assert ("卫健委", "UNIT") in {(s.text, s.label_) for s in doc.spans["ruler"]}


SCRIPT = """
import hashlib, sys
import pipeline.extract.spans
assert "spacy" not in sys.modules and "jieba" not in sys.modules
import spacy
nlp = spacy.blank("zh", config={"nlp": {"tokenizer": {"@tokenizers": "luoshi.words.v1"}}})
nlp.add_pipe("luoshi_tasks"); nlp.add_pipe("luoshi_units")
doc = nlp(sys.stdin.read())
assert len(doc.spans["luoshi"]) > 10
print(hashlib.sha256(pipeline.extract.spans.docbin_bytes([doc])).hexdigest())
"""


def test_entry_points_work_and_another_process_gives_the_same_bytes(tmp_path):
    installed = tmp_path / "luoshi-0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: luoshi-entry-points\nVersion: 0\n")
    (installed / "entry_points.txt").write_text(ENTRY_POINTS)
    digests = set()
    for seed in ("1", "2"):
        env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)]), "PYTHONHASHSEED": seed, "PYTHONUTF8": "1"}
        run = subprocess.run([sys.executable, "-c", SCRIPT], input=PLAN, env=env, capture_output=True, text=True, encoding="utf-8")
        assert run.returncode == 0, run.stderr
        digests.add(run.stdout)
    assert len(digests) == 1


def test_the_examples_of_the_documentation_run(monkeypatch, tmp_path):
    spans.register()
    (tmp_path / "corpora").symlink_to(ROOT / "corpora")
    monkeypatch.chdir(tmp_path)
    result = doctest.testfile(str(ROOT / "docs" / "spacy.md"), module_relative=False, encoding="utf-8", optionflags=doctest.NORMALIZE_WHITESPACE)
    assert result.attempted > 20 and result.failed == 0
