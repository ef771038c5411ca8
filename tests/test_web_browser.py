"""The office as its people meet it: a real server with its worker, a real browser, forty plans of every format, two rounds. Skips where there is no browser."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from plans import CORPORA
from web_office import free_port

playwright = pytest.importorskip("playwright.sync_api", reason="需要 pip install playwright")
pytest.importorskip("waitress", reason="网页版需要 pip install 'luoshi[web]'")
CHROMIUM = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="没有 Chromium")

DEMO = CORPORA / "demo"
SHARED = Path(__file__).resolve().parents[2] / "shared"
PASSWORD = "long-enough-7Q"
SIZES = {"small": {"width": 1366, "height": 768}, "large": {"width": 1920, "height": 1080}}
MINUTES = 60_000  # milliseconds
# How many pieces of text were looked at, and which have less contrast with what lies behind them than 4.5 : 1 (3 : 1 for large ones).
CONTRAST = """() => {
  const channels = colour => (colour.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(c => c / 255).map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4).reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = element => { for (let e = element; e; e = e.parentElement) { const c = channels(getComputedStyle(e).backgroundColor); if (c.length === 3 || c[3] > 0.99) return c; } return [255, 255, 255]; };
  const pale = []; let looked = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || element.closest("script, title, [hidden], option") || !element.getClientRects().length) continue;
    const style = getComputedStyle(element), size = parseFloat(style.fontSize);
    const ink = light(channels(element instanceof SVGElement ? style.fill : style.color)), ground = light(behind(element instanceof SVGElement ? element.ownerSVGElement : element));
    const ratio = (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05);
    looked++;
    if (ratio < (size >= 24 || size >= 18.6 && style.fontWeight >= 700 ? 3 : 4.5)) pale.push(`${ratio.toFixed(2)} ${walker.currentNode.textContent.trim().slice(0, 20)}`);
  }
  return [looked, pale];
}"""


@pytest.fixture
def office(tmp_path):
    """(address, first start code) of `luoshi serve` on a free port."""
    port = free_port()
    command = [sys.executable, "-m", "pipeline.cli", "serve", "--home", str(tmp_path / "home"), "--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"})
    code = None
    for line in server.stdout:
        code = code or (re.search(r"首次启动码 (\w+)", line) or [None, None])[1]
        if "已启动" in line:
            break
    try:
        assert code
        yield f"http://127.0.0.1:{port}", code
    finally:
        server.terminate()
        server.wait(20)


class Browser:
    """A page of a browser of its own, which keeps what went wrong: console errors, exceptions, requests that left this machine."""

    def __init__(self, chromium, address: str, shots: Path):
        self.address, self.shots, self.wrong = address, shots, []
        self.context = chromium.new_context(viewport=SIZES["small"], locale="zh-CN", accept_downloads=True)
        self.page = self.context.new_page()
        self.page.set_default_timeout(20_000)
        self.page.on("console", lambda said: self.wrong.append(f"{said.text} {said.location}") if said.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("request", lambda request: None if request.url.startswith(address) else self.wrong.append(request.url))

    def shoot(self, name: str) -> None:
        """The page at both sizes; nothing sticks out at the side of either."""
        for size, box in SIZES.items():
            self.page.set_viewport_size(box)
            self.page.screenshot(path=self.shots / f"{name}-{size}.png")
            assert self.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} at {size} is wider than the window"
        looked, pale = self.page.evaluate(CONTRAST)
        assert looked > 5 and pale == [], f"{name}: too little contrast (WCAG 2.1, 1.4.3)"
        self.page.set_viewport_size(SIZES["small"])

    def sign_in(self, name: str) -> None:
        self.page.goto(f"{self.address}/login")
        self.page.get_by_label("用户名").fill(name)
        self.page.get_by_label("密码").fill(PASSWORD)
        self.page.get_by_role("button", name="登录").click()
        self.page.get_by_role("heading", name="核查").wait_for()


def forty(folder: Path) -> list[Path]:
    """Plans of every format: the demo's, those of the shared corpus, and the demo's again under other towns' names."""
    found = [p for p in sorted(DEMO.iterdir()) if p.stem != "city" and p.suffix in (".txt", ".docx", ".pdf")]
    shared = SHARED / "corpora" / "files"
    found += [p for p in sorted([*shared.glob("*.*"), *shared.glob("real/*.*")]) if p.suffix in (".txt", ".docx", ".doc", ".pdf", ".html", ".xlsx", ".ofd") and ".expected." not in p.name]
    text = (DEMO / "luting.txt").read_text("utf-8")
    for number in range(40 - len(found)):
        town = text.replace("芦汀镇", f"{'东西南北'[number % 4]}{'山河林田湖草沙石'[number // 4]}镇")
        kind = number % 4
        path = folder / f"方案{number}.{('txt', 'html', 'docx', 'txt')[kind]}"
        if kind == 1:
            path.write_text("<html><meta charset=utf-8><body>" + "".join(f"<p>{line}</p>" for line in town.splitlines()) + "</body></html>", "utf-8")
        elif kind == 2:
            import docx

            document = docx.Document()
            for line in town.splitlines():
                document.add_paragraph(line)
            document.save(path)
        else:
            path.write_bytes(town.encode("gb18030" if kind else "utf-8"))
        found.append(path)
    return found[:40]


def test_two_rounds_from_the_first_start_to_the_compared_versions(office, tmp_path):
    address, code = office
    shots = Path(os.environ.get("LUOSHI_SHOTS", tmp_path / "shots"))
    shots.mkdir(parents=True, exist_ok=True)
    plans = forty(tmp_path)
    assert len(plans) == 40
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        officer = Browser(chromium, address, shots)
        town = Browser(chromium, address, shots)
        try:
            _first_start(officer, code)
            officer.sign_in("政策甲")
            _campaign(officer)
            _upload(officer, plans)
            _review_by_keyboard(officer)
            _what_goes_out(officer)
            _letter(officer)
            _town_answers(town, officer)
            _second_round(town, officer)
        except BaseException:
            for number, browser in enumerate((officer, town)):
                browser.page.screenshot(path=shots / f"failed-{number}.png", full_page=True)
            raise
        finally:
            chromium.close()
        assert officer.wrong == [] and town.wrong == []


def _first_start(browser: Browser, code: str) -> None:
    page = browser.page
    page.goto(browser.address)
    page.get_by_role("heading", name="首次启动").wait_for()
    browser.shoot("01-first-start")
    for label, value in (("用户名", "管理员"), ("首次启动码", code)):
        page.get_by_label(label).fill(value)
    for field in ("password1", "password2"):
        page.locator(f"[name={field}]").fill(PASSWORD)
    page.get_by_role("button", name="建立").click()
    browser.sign_in("管理员")
    for name, role, place in (("政策甲", "政策人员", ""), ("核对乙", "核对人员", ""), ("芦汀用户", "镇街用户", "芦汀镇")):
        page.goto(f"{browser.address}/people")
        page.get_by_label("用户名").fill(name)
        page.get_by_label("角色").select_option(label=role)
        page.get_by_label("镇街（").fill(place)
        for field in ("password1", "password2"):
            page.locator(f"[name={field}]").fill(PASSWORD)
        page.get_by_role("button", name="建立").click()
        page.get_by_text(f"已建立 {name}").wait_for()
    browser.shoot("02-people")
    page.get_by_role("button", name="退出").click()


def _campaign(browser: Browser) -> None:
    page = browser.page
    page.get_by_role("link", name="新建核查").click()
    page.get_by_label("核查名称").fill("年度核查")
    page.get_by_label("截止日期").fill("2030-06-30")
    page.get_by_label("应报送的镇街").fill("芦汀镇\n鹤栖街道\n没有来的镇")
    page.get_by_label("市级方案").set_input_files(DEMO / "city.txt")
    browser.shoot("03-new-campaign")
    page.get_by_role("button", name="建立").click()
    page.get_by_text("已完成").wait_for()
    page.get_by_role("link", name="读到了什么").click()
    page.locator("summary").nth(1).click()
    browser.shoot("04-city-plan")
    page.go_back()


def _upload(browser: Browser, plans: list[Path]) -> None:
    page = browser.page
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for path in plans[-10:]:
            archive.write(path, f"片区/{path.name}")
    archive = plans[-1].with_name("片区.zip")
    archive.write_bytes(whole.getvalue())
    page.get_by_label("方案文件").set_input_files([*plans[:-10], archive])
    page.get_by_role("button", name="上传", exact=True).click()
    page.get_by_text("收到40份").wait_for(timeout=MINUTES)
    page.locator("#job", has_text="新核对").wait_for(timeout=MINUTES)  # told while it runs, on the page as it stands
    browser.shoot("05-running")
    page.locator("#job", has_text="已完成").wait_for(timeout=10 * MINUTES)
    page.locator("table.heat").wait_for()
    assert page.locator("td", has_text="待核对").count() == 0
    assert page.locator("table.heat thead th").count() > 25
    browser.shoot("06-heat-map")
    page.locator("summary", has_text="尚未报送（1）").click()
    assert "没有来的镇" in page.locator("#reminder").input_value()


def _review_by_keyboard(browser: Browser) -> None:
    """Ten cells, no hand on the mouse: eight agreed with, one overridden, one waived."""
    page = browser.page
    page.get_by_role("link", name="待看").click()
    browser.shoot("07-queue")
    count = int(re.search(r"\d+", page.locator("h1").inner_text())[0])
    assert count > 10
    page.keyboard.press("?")
    page.locator("#keys").wait_for()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tasks/**")
    first = page.url
    page.keyboard.press("j")
    page.wait_for_url(lambda url: url != first)
    page.keyboard.press("k")
    page.wait_for_url(first)
    browser.shoot("08-cell")
    waived = overridden = 0
    for _ in range(10):
        here = page.url
        gap = page.locator("h1 .missing, h1 .partial").count()
        if gap and not waived:
            page.keyboard.press("w")
            page.keyboard.type("另有专项方案，已报市里同意")
            browser.shoot("09-waiver")
            page.keyboard.press("Control+Enter")
            waived += 1
        elif not overridden:
            page.keyboard.press("o")
            page.keyboard.press("ArrowDown")
            page.keyboard.press("Tab")
            page.keyboard.type("人工看过，第二章已写明")
            page.keyboard.press("Control+Enter")
            overridden += 1
        else:
            page.keyboard.press("a")
        page.wait_for_url(lambda url: url != here)
        page.get_by_text("已记录").wait_for()
    assert (waived, overridden) == (1, 1)
    page.keyboard.press("q")
    page.locator("h1", has_text=str(count - 10)).wait_for()
    page.get_by_role("link", name="年度核查").click()
    page.get_by_role("link", name="意见记录").click()
    assert page.locator("tbody tr").count() == 10
    browser.shoot("10-log")
    page.get_by_role("link", name="年度核查").click()


def _what_goes_out(browser: Browser) -> None:
    """A unit's list by way of the graph, every report on its page, evidence on the image of a page, one measure over all towns; by keyboard where a person would."""
    page = browser.page
    page.get_by_role("link", name="责任图和单位清单").click()
    browser.shoot("15-duties")
    page.locator("svg a").first.focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="下载这个单位的任务清单").wait_for()
    browser.shoot("16-unit")
    with page.expect_download() as download:
        page.get_by_role("link", name="下载这个单位的任务清单").click()
    download.value.save_as(browser.shots / "unit.docx")
    page.get_by_role("link", name="全部报告").click()
    assert page.locator("ul.reports a").count() > 60
    browser.shoot("17-reports")
    page.get_by_role("link", name="年度核查").click()
    row = page.get_by_role("row", name="qinghuang.pdf")
    assert row.count() == 1
    column = page.locator("table.heat thead th").all_inner_texts().index("青篁镇")
    page.locator(f"table.heat tbody td:nth-child({column + 1}).covered a").first.click()
    page.locator("summary", has_text="版面").first.click()
    image = page.locator("details[open] img.page").first
    image.evaluate("image => image.decode()")  # fails where there is no picture
    assert image.evaluate("image => image.naturalWidth") > 800
    browser.shoot("18-page")
    page.get_by_role("link", name="这条举措各镇怎么写").first.click()
    browser.shoot("19-measure")
    page.get_by_role("link", name="年度核查").click()


def _letter(browser: Browser) -> None:
    page = browser.page
    with page.expect_download() as download:
        page.get_by_role("row", name="luting.txt").get_by_role("link", name="下载").click()
    kept = browser.shots / "letter.docx"
    download.value.save_as(kept)
    assert kept.read_bytes()[:2] == b"PK"


def _town_answers(town: Browser, officer: Browser) -> None:
    town.sign_in("芦汀用户")
    page = town.page
    page.get_by_role("link", name="年度核查").click()
    assert page.locator("table.heat thead th").count() == 2 and "鹤栖街道" not in page.content()  # its own column and no other
    town.shoot("11-town")
    page.locator("td.missing a").first.click()
    page.get_by_label("内容").fill("本镇没有此类情况，请核。")
    page.get_by_role("button", name="答复").click()
    page.get_by_text("本镇没有此类情况").wait_for()
    town.shoot("12-town-answer")
    officer.page.get_by_role("link", name="待看").click()
    officer.page.get_by_role("cell", name="镇街有答复").wait_for()


def _second_round(town: Browser, officer: Browser) -> None:
    page = town.page
    page.get_by_role("link", name="年度核查").click()
    second = town.shots / "luting-2.txt"
    text = (DEMO / "luting.txt").read_text("utf-8").splitlines()
    second.write_text("\n".join([*text[: len(text) // 2], *text[len(text) // 2 + 6:], "每季度对公共厕所开展一次检查，由镇村建办负责。"]), "utf-8")
    page.get_by_label("方案文件").set_input_files(second)
    page.get_by_role("button", name="上传", exact=True).click()
    page.get_by_text("收到1份").wait_for()
    page.get_by_role("link", name="与上一版比较").wait_for(timeout=3 * MINUTES)
    page.get_by_role("link", name="与上一版比较").click()
    page.get_by_text("两版" if page.get_by_text("两版").count() else "上一版").first.wait_for()
    assert page.locator("tbody tr").count() > 0
    town.shoot("13-compare")
    officer.page.get_by_role("link", name="年度核查").click()  # from the queue: the campaign's own page shows itself anew, which a reload from outside would cut off
    officer.page.get_by_role("row", name="luting.txt").get_by_text("已有新版本").wait_for()
    officer.shoot("14-second-round")
