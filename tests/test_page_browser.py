"""The HTML report in a real browser with the network off: it opens by itself, answers clicks and keys, filters, exports, prints, and runs nothing of a document's."""

from __future__ import annotations

import csv
import io
import re
import shutil

import pytest
from deciding import decided
from support import make_trace

from pipeline.report import page as report
from pipeline.report import page_payload, words
from pipeline.report import rulings as office_rulings

playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright (extra [dev])")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on the path")
SCREEN = {"width": 1366, "height": 768}
HOSTILE = "</script><script>window.broken=1</script><img src=x onerror='window.broken=1'>\u2028"


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def opened(browser, tmp_path):
    """Opens a report from a file, offline; afterwards nothing may have been asked of the net, and no script may have failed."""
    context = browser.new_context(viewport=SCREEN, offline=True, accept_downloads=True)
    asked, failed = [], []

    def go(html, hash_=""):
        path = tmp_path / "核对报告.html"
        path.write_text(html, "utf-8")
        tab = context.new_page()
        tab.on("request", lambda request: asked.append(request.url))
        tab.on("pageerror", lambda error: failed.append(str(error)))
        tab.on("console", lambda message: failed.append(message.text) if message.type == "error" else None)
        tab.goto(path.as_uri() + hash_)
        tab.wait_for_selector("body[data-ready=yes]")
        return tab

    yield go
    assert [url for url in asked if not url.startswith(("file:", "blob:"))] == [] and failed == [] and any(url.startswith("file:") for url in asked)
    context.close()


TRACE, CHECK, ENTRIES = decided()
DECIDED = report.page(TRACE, (), {"link.words": "coverage/link.yaml:12"}, office_rulings.read(CHECK))
LARGE = make_trace(130, 60)  # 7,800 cells: the script draws them
DRAWN = report.page(LARGE)


def test_a_click_shows_both_texts_with_the_words_they_share_the_reason_and_the_rule(opened):
    tab = opened(DECIDED)
    tab.click("#heat .cell.v-covered >> nth=3")
    t, k = map(int, tab.get_attribute("#heat .cell.now", "data-c").split(","))
    lower, task = TRACE.lowers[t], TRACE.upper.tasks[k]
    text = tab.inner_text("#panel")
    verdict = next(v for v in lower.tasks if v.id == task.id)
    for measure, said in zip(task.measures, verdict.measures):
        assert measure.text in text and said.reason in text and all(quote.text in text for quote in said.evidence)
    assert tab.locator("#panel mark").count() > 0 and "link.words（coverage/link.yaml:12）" in text
    tab.keyboard.press("Escape")
    assert tab.is_hidden("#panel") and tab.evaluate("document.activeElement.dataset.c") == f"{t},{k}"


def test_a_decision_stands_beside_the_verdict_in_the_panel_too(opened):
    tab = opened(DECIDED)
    tab.click("#heat .cell:has(sub) >> nth=0")
    text = tab.inner_text("#panel")
    assert "人工：" in text and "督查室，2025-01-02" in text
    changed = next((lower["name"], task) for lower in CHECK["lowers"] for task in lower["tasks"] if task["decided"] != task["verdict"])
    tab = opened(DECIDED, f"#cell={changed[0]}/{changed[1]['id']}")
    said = tab.inner_text("#panel .legend >> nth=0")
    names = [words.VERDICT_NAME[changed[1][key]] for key in ("verdict", "decided")]
    assert re.search(f"程序.*{names[0]}.*人工决定后.*{names[1]}", said, re.DOTALL)


def test_only_the_gaps_are_left_without_what_people_decided_and_exported_as_seen(opened):
    tab = opened(DECIDED)
    tab.check("#only-gaps")
    gaps = [(lower["name"], task["id"]) for lower in CHECK["lowers"] for task in lower["tasks"] if task["decided"] in ("missing", "partial", "undetermined")]
    assert f"{len(gaps)}个单元格" in tab.inner_text("#shown") and tab.locator("#heat .cell:not(.dim):visible").count() == len(gaps)
    with tab.expect_download() as download:
        tab.click("#export")
    lines = list(csv.reader(io.StringIO(open(download.value.path(), encoding="utf-8-sig").read())))
    assert download.value.suggested_filename == "缺口清单.csv" and lines[0][:5] == ["镇街", "任务编号", "任务", "程序结论", "人工决定后"]
    assert sorted((line[0], line[1]) for line in lines[1:]) == sorted(gaps)


def test_an_exported_cell_never_becomes_a_formula(opened):
    tab = opened(report.page(make_trace(2, 6, suffix="=1", names=("=cmd()", "乙镇"))))
    with tab.expect_download() as download:
        tab.click("#export")
    lines = list(csv.reader(io.StringIO(open(download.value.path(), encoding="utf-8-sig").read())))
    assert any(line[0] == "'=cmd()" for line in lines) and not any(cell.startswith("=") for line in lines for cell in line)


def test_document_text_full_of_markup_runs_nothing_and_is_shown_as_it_is(opened):
    tab = opened(report.page(make_trace(3, 12, suffix=HOSTILE, names=(HOSTILE, "乙镇", "丙镇"))))
    tab.click("#heat .cell.v-covered >> nth=0")
    assert "<script>window.broken=1</script>" in tab.inner_text("#panel")
    for name in ("graph", "findings", "own", "towns"):
        tab.click(f"nav a[data-tab={name}]")
    tab.evaluate("document.querySelectorAll('#graph-picture .node')[0].dispatchEvent(new MouseEvent('click', {bubbles: true}))")
    assert tab.evaluate("window.broken") is None and tab.locator("img").count() == 0


def test_arrows_move_and_enter_opens(opened):
    tab = opened(DECIDED)
    tab.focus("#heat .cell[tabindex='0']")
    start = tab.evaluate("document.activeElement.dataset.c").split(",")
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("ArrowRight")
    assert tab.evaluate("document.activeElement.dataset.c").split(",") == [str(int(start[0]) + 1), str(int(start[1]) + 1)]
    tab.keyboard.press("Enter")
    assert tab.is_visible("#panel")


def test_the_graph_opens_with_leaders_and_a_click_leaves_what_belongs_to_one_unit(opened):
    tab = opened(DECIDED, "#graph")
    leads = sum(unit.role.value == "lead" for task in TRACE.upper.tasks for unit in task.units)
    assert tab.locator("#graph-picture .e-lead").count() == leads > 0 and tab.locator("#graph-picture .e-support").count() == 0
    led = {task.id for task in TRACE.upper.tasks if any(unit.role.value == "lead" for unit in task.units)}
    others = sum(len(task.units) for task in TRACE.upper.tasks if task.id not in led)
    assert tab.locator("#graph-picture .e-responsible").count() == others
    name = next(unit.canonical for task in TRACE.upper.tasks for unit in task.units if unit.role.value == "lead")
    tab.select_option("#g-focus", label=name)
    mine = [task for task in TRACE.upper.tasks if any(unit.canonical == name for unit in task.units)]
    assert tab.locator("#graph-picture .task-node").count() == len(mine) and tab.locator("#graph-picture .node.focus").count() == 1
    assert tab.locator("#graph-picture .town-node").count() == len(TRACE.lowers)
    tab.click("#graph-picture .task-node >> nth=0")
    assert tab.locator("#graph-picture .task-node").count() == 1
    tab.keyboard.press("Escape")
    assert tab.locator("#graph-picture .task-node").count() == len(TRACE.upper.tasks)


def test_it_prints_with_symbols_in_every_cell_and_without_what_only_a_screen_needs(opened, tmp_path):
    import pdfplumber

    tab = opened(DECIDED)
    tab.pdf(path=tmp_path / "a.pdf", prefer_css_page_size=True)
    with pdfplumber.open(tmp_path / "a.pdf") as pdf:
        assert round(pdf.pages[0].width) == 842 and round(pdf.pages[0].height) == 595
        text = "\n".join(page.extract_text() or "" for page in pdf.pages[:3])
    assert all(text.count(words.VERDICT_SYMBOL[v]) >= sum(t.verdict is v for x in TRACE.lowers for t in x.tasks) for v in (words.Verdict.MISSING, words.Verdict.PARTIAL))
    assert "只看缺口" not in text and "导出所见" not in text and "图例" not in text.split("覆盖矩阵")[0]


# ---------------------------------------------------------------- too many cells for a table


def test_a_drawn_matrix_shows_every_cell_that_is_scrolled_to(opened):
    tab = opened(DRAWN)
    assert 0 < tab.locator("#heat .cell").count() < 60 * 60
    last = len(LARGE.lowers) - 1
    tab.evaluate("document.getElementById('window').scrollTop = 1e6")
    tab.wait_for_selector(f'#heat .cell[data-c="{last},0"]')
    for k, verdict in enumerate(LARGE.lowers[last].tasks):
        assert tab.get_attribute(f'#heat .cell[data-c="{last},{k}"]', "data-v") == verdict.verdict.value
    tab.click(f'#heat .cell[data-c="{last},4"]')
    measure = LARGE.lowers[last].tasks[4].measures[0]
    tab.wait_for_selector("#panel .measure")
    assert measure.reason in tab.inner_text("#panel") and LARGE.upper.tasks[4].measures[0].text in tab.inner_text("#panel")


def test_a_drawn_matrix_filters_sorts_and_moves_by_keys(opened):
    tab = opened(DRAWN)
    tab.select_option("#by-order", "score")
    weakest = min(LARGE.lowers, key=lambda lower: (int(words.percent(lower.score)[:-1]), LARGE.lowers.index(lower)))
    assert tab.inner_text("#heat tbody tr:nth-child(2) th") == weakest.name
    tab.fill("#by-place", weakest.name)
    assert "显示1地" in tab.inner_text("#shown") and tab.locator("#heat tbody th").count() == 1
    tab.click("#filters button[type=reset]")
    tab.check("#only-gaps")
    gaps = sum(v.verdict in words.GAPS for lower in LARGE.lowers for v in lower.tasks)
    assert f"{gaps}个单元格" in tab.inner_text("#shown")
    tab.click("#heat .cell:not(.dim) >> nth=0")
    for _ in range(70):
        tab.click("#panel .top button >> nth=1")
    place = tab.get_attribute("#heat .cell.now", "data-c")
    assert int(place.split(",")[0]) > 1 and tab.evaluate("(c => { const r = c.getBoundingClientRect(); return r.top >= 0 && r.bottom <= innerHeight; })(document.querySelector('#heat .cell.now'))")


def test_the_detail_of_a_drawn_page_agrees_with_the_trace_whatever_its_depth(opened, monkeypatch):
    for limit, depth in ((4_800_000, page_payload.FULL), (430_000, None), (300_000, page_payload.MEASURES)):
        monkeypatch.setattr(report, "_LIMIT", limit)
        html = report.page(LARGE, beside={lower.name: f"分镇网页/{lower.name}.html" for lower in LARGE.lowers})
        found = int(re.search(r'"depth":(\d)', html)[1])
        assert depth in (None, found)
        assert found == page_payload.MEASURES or len(html.encode()) < limit
        tab = opened(html)
        for t, k in ((0, 0), (77, 3), (129, 58)):
            verdict = LARGE.lowers[t].tasks[k]
            tab.goto(tab.url.split("#")[0] + f"#cell={LARGE.lowers[t].name}/{verdict.id}")
            tab.wait_for_selector("#panel .measure")
            text = tab.inner_text("#panel")
            done, of = sum(m.covered for m in verdict.measures if m.binds), sum(m.binds for m in verdict.measures)
            assert LARGE.lowers[t].name in text and f"举措 {done}/{of}" in text
            assert all(words.measure_words(m, verdict) in text for m in verdict.measures)
            assert (f"打开{LARGE.lowers[t].name}的网页" in text) == (found != page_payload.FULL)


def test_a_province_of_1240_towns_and_120_tasks_is_under_5_MB_and_usable_within_3_seconds(opened):
    trace = make_trace(1240, 120)
    html = report.page(trace)
    assert len(html.encode()) < 5_000_000
    tab = opened(html)
    clock = tab.context.new_cdp_session(tab)
    clock.send("Performance.enable", {"timeDomain": "threadTicks"})  # seconds that the page's own thread worked: others may be at work on the machine
    tab.reload()
    tab.wait_for_selector("body[data-ready=yes]")
    tab.click("#heat .cell.v-missing >> nth=0")
    tab.wait_for_selector("#panel .measure")
    tab.check("#only-gaps")
    metrics = {metric["name"]: metric["value"] for metric in clock.send("Performance.getMetrics")["metrics"]}
    assert 0 < metrics["ScriptDuration"] < metrics["TaskDuration"] < 3
