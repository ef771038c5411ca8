"""The page stands alone, runs no document's script, and holds every cell, sentence and rule."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest
from support import make_trace

from pipeline.errors import UnreadableFile
from pipeline.report.page import page

TRACE = make_trace(6, 30)
HTML = page(TRACE, [UnreadableFile("坏.docx", "不是 Word 文件", "请另存为 docx")], {"link.words": "coverage/link.yaml:12"})


class Reader(HTMLParser):
    """Every element with its attributes, and the text of the script elements."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.scripts, self.text = [], [], []
        self._script = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag == "script":
            self._script = True
            self.scripts.append("")

    def handle_endtag(self, tag):
        if tag == "script":
            self._script = False

    def handle_data(self, data):
        if self._script:
            self.scripts[-1] += data
        else:
            self.text.append(data)


def test_nothing_is_loaded_from_outside():
    elements = Reader(HTML).elements
    assert len(elements) > 200
    assert not [a for _, a in elements if "src" in a or (a.get("href") and not a["href"].startswith("#"))]
    assert not {"link", "img", "iframe", "object"} & {tag for tag, _ in elements}
    assert "url(" not in HTML and "@import" not in HTML


def test_the_language_and_the_typefaces_are_named():
    assert '<html lang="zh-CN">' in HTML and "Noto Sans CJK SC" in HTML and "Microsoft YaHei" in HTML


def test_only_the_pages_own_script_may_run():
    reader = Reader(HTML)
    policy = next(a["content"] for tag, a in reader.elements if tag == "meta" and a.get("http-equiv") == "Content-Security-Policy")
    digest = base64.b64encode(hashlib.sha256(reader.scripts[1].encode()).digest()).decode()
    assert f"'sha256-{digest}'" in policy and "default-src 'none'" in policy


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "</script><script>alert(1)//",
        "<!--<script>",
        '"><img src=x onerror=alert(1)>',
        "' onclick='x",
        "\u2028];alert(1)//",
    ],
)
def test_document_text_stays_text(text):
    html = page(make_trace(3, 12, suffix=text, names=(text, "乙镇", "丙镇")))
    reader = Reader(html)
    assert len(reader.scripts) == 2
    assert not [tag for tag, a in reader.elements if tag == "img" or any(name.startswith("on") for name in a)]
    content = json.loads(reader.scripts[0])
    assert content["towns"][0]["name"] in {text, "乙镇", "丙镇"}
    assert text in content["tasks"][0]["title"]


def test_every_cell_of_the_matrix_has_a_symbol_a_name_and_its_evidence():
    reader = Reader(HTML)
    content = json.loads(reader.scripts[0])
    cells = {a["data-c"]: a for tag, a in reader.elements if tag == "button" and "cell" in a.get("class", "").split() and "data-c" in a}
    assert len(cells) == 6 * 30
    for t, lower in enumerate(TRACE.lowers):
        for k, verdict in enumerate(lower.tasks):
            assert cells[f"{t},{k}"]["data-v"] == verdict.verdict.value
            assert lower.name in cells[f"{t},{k}"]["aria-label"]
            shown = content["towns"][t]["cells"][k]
            assert [m["reason"] for m in shown["measures"]] == [m.reason for m in verdict.measures]
            assert [[q[0] for q in m["quotes"]] for m in shown["measures"]] == [[q.text for q in m.evidence] for m in verdict.measures]
            rules = [{f[0] for f in m["recognised"] + m["weighed"]} for m in shown["measures"]]
            assert rules == [{f.rule for f in m.factors} for m in verdict.measures]


def test_marks_lie_inside_the_texts_they_mark():
    content = json.loads(Reader(HTML).scripts[0])
    count = 0
    for town in content["towns"]:
        for k, cell in enumerate(town["cells"]):
            for upper, measure in zip(content["tasks"][k]["measures"], cell["measures"]):
                runs = [(run, upper["text"]) for run in measure["marks"]] + [(run, quote[0]) for quote in measure["quotes"] for run in quote[2]]
                assert all(0 <= run[0] < run[1] <= len(text) for run, text in runs)
                count += len(runs)
    assert count > 100


def test_a_rule_is_shown_with_its_file_and_line():
    assert json.loads(Reader(HTML).scripts[0])["origins"] == {"link.words": "coverage/link.yaml:12"}


def test_findings_totals_units_and_inputs_stand_in_the_page():
    text = "".join(Reader(HTML).text)
    findings = [finding for lower in TRACE.lowers for finding in lower.findings]
    assert findings and all(finding.message in text for finding in findings)
    assert all(total.indicator in text for total in TRACE.aggregates)
    assert all(unit.canonical in text for task in TRACE.upper.tasks for unit in task.units)
    assert "坏.docx：不是 Word 文件" in text and "第3、4页" in text


def test_one_cell_is_in_the_tab_order_only_by_script():
    cells = [a for tag, a in Reader(HTML).elements if tag == "button" and "data-c" in a and "cell" in a.get("class", "").split()]
    assert {a["tabindex"] for a in cells} == {"-1"}


@pytest.mark.parametrize("towns, tasks", [(0, 3), (1, 1), (40, 10)])
def test_no_place_one_place_and_forty_places_are_written(towns, tasks):
    html = page(make_trace(towns, tasks))
    assert len(re.findall(r'class="cell v-[^"]*"', html)) == towns * tasks


def test_the_same_trace_gives_the_same_bytes():
    assert page(TRACE) == page(make_trace(6, 30))
