"""Saved web pages → canonical text: the article, and nothing that stands around it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import UnreadableFile
from pipeline.ingest import apart, detect, read_bytes

BODY = "<p>各村：</p><p>&nbsp;&nbsp;为加强道路<span>管护</span>，制定本方案，请认真组织实施，确保取得实效。</p><p>一、每年修补村道12公里，由建设办牵头，农业办配合。</p>"
TEXT = ["各村：", "为加强道路管护，制定本方案，请认真组织实施，确保取得实效。", "一、每年修补村道12公里，由建设办牵头，农业办配合。"]


def lines(page: str, encoding: str = "utf-8") -> list[str]:
    return read_bytes(page.encode(encoding), "page.html").text.split("\n")


def page(main: str, around: str = "") -> str:
    return f'<!DOCTYPE html><html><head><title>x</title></head><body>{around}<div id="zoom">{main}</div>{around}</body></html>'


AROUND = ('<div class="nav"><ul><li><a href="/">首页</a></li></ul></div><div class="footer">主办单位</div><div style="display: none">隐藏的话</div><script>var a="脚本"</script>'
          '<div class="related"><h3>相关链接</h3><a href="#">别的文件</a></div><!-- 注释 -->')


def test_main_text_is_read_and_what_surrounds_it_is_not():
    assert lines(page(BODY + AROUND, AROUND)) == TEXT


def test_page_of_an_unknown_system_is_read_by_where_the_text_stands():
    assert lines(f"<html><body>{AROUND}<form><div><div class='c7'>{BODY}</div></div></form>{AROUND}</body></html>") == TEXT


def test_title_of_the_page_comes_first_unless_the_text_has_it():
    heading = "<h1>关于管护道路的通知</h1>"
    assert lines(f"<html><body>{heading}<div id='zoom'>{BODY}</div></body></html>")[0] == "关于管护道路的通知"
    assert lines(f"<html><body>{heading}<div id='zoom'><p>关于管护道路的通知</p>{BODY}</div></body></html>").count("关于管护道路的通知") == 1


def test_gb18030_page_is_read():
    assert lines('<html><head><meta charset="gb2312"></head><body>' + page(BODY) + "</body></html>", "gb18030") == TEXT


def test_escaped_tags_are_text_and_tags_are_not():
    assert lines(page("<p>甲&lt;script&gt;乙<img src=x onerror=alert(1)>丙</p>" + BODY))[0] == "甲<script>乙丙"


def test_breaks_part_lines_but_a_title_in_book_marks_stays_whole():
    assert lines(page(f"<p>一、修路。<br>二、护河。<br/>关于印发《道路<br>管护方案》的通知</p>{BODY}"))[:3] == ["一、修路。", "二、护河。", "关于印发《道路管护方案》的通知"]


def test_table_keeps_heads_and_merged_cells():
    table = ("<table><tr><th>序号</th><th>任务</th><th>举措</th></tr><tr><td rowspan=2>1<td rowspan=2>修路<td>修补村道；<tr><td>清理边沟。"
             "<tr><td>2</td><td>护河</td><td>每周保洁</td></tr></table>")
    document = read_bytes(page(BODY + table).encode(), "page.html")
    assert document.text.split("\n")[3:] == ["序号|任务|举措", "1|修路|修补村道；清理边沟。", "2|护河|每周保洁"]
    assert [cell.header for cell in document.paragraphs[-1].cells] == ["序号", "任务", "举措"]


def test_page_under_a_word_name_is_known_by_its_bytes():
    document = read_bytes(page(BODY).encode(), "方案.doc")
    assert document.source.format == "html" and [warning.code for warning in document.warnings] == ["format_mismatch"]


def test_single_file_page_is_read():
    mht = ("MIME-Version: 1.0\nContent-Type: multipart/related; boundary=\"b\"\n\n--b\nContent-Type: text/html; charset=\"utf-8\"\nContent-Transfer-Encoding: 8bit\n\n"
           + page(BODY) + "\n--b--\n")
    assert lines(mht) == TEXT


@given(st.lists(st.sampled_from(["<p>", "</p>", "<div>", "</div>", "<table>", "<tr>", "<td>", "</table>", "<td rowspan=3>", "<ul>", "<li>", "<br>", "<a>", "</a>", "甲", "乙。", "<", "&"]),
                max_size=40))
def test_any_tag_soup_is_read_with_offsets_that_slice(pieces):
    try:
        document = read_bytes(("<html>" + "".join(pieces)).encode(), "x.html")
    except UnreadableFile:
        return
    assert "\n".join(document.text[part.start:part.end] for part in document.paragraphs) == document.text


@pytest.mark.parametrize(("content", "kind"), [
    (b"\x89PNG\r\n\x1a\n" + bytes(20), "image"), (b"\xff\xd8\xff\xe0" + bytes(20), "image"), (b"Rar!\x1a\x07\x00", "archive"), (b"%PDF-1.7\n", "pdf"), (b"{\\rtf1", "rtf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000) + "WordDocument".encode("utf-16-le") + bytes(300), "doc"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000) + "Workbook".encode("utf-16-le") + bytes(300), "xls"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000) + "EncryptedPackage".encode("utf-16-le") + bytes(300), "encrypted-office"),
    ("一、道路管护".encode(), "txt"), (b"<p>x", "html"), ("<道路>管护".encode(), "txt")])
def test_format_is_known_by_its_first_bytes(content, kind):
    assert detect.format_of(content, "x.docx") == kind


@pytest.mark.parametrize("opening, numbers", [
    ("<ol>", ["1.", "2."]), ('<ol start="4">', ["4.", "5."]), ('<ol type="a">', ["a.", "b."]), ('<ol style="list-style-type: cjk-ideographic">', ["一、", "二、"]),
    ('<ol style="list-style: none">', ["", ""]), ("<ul>", ["", ""]), ('<ol start="x">', ["1.", "2."]),
])
def test_numbers_that_a_browser_sets_before_items_are_text(opening, numbers):
    page = f"<html><body><p>前言。</p>{opening}<li>修补村道。<li><p>疏通沟渠。</p></li>{opening.split()[0].strip('>').replace('<', '</')}></body></html>"
    assert read_bytes(page.encode(), "a.html").text.split("\n") == ["前言。", f"{numbers[0]}修补村道。", f"{numbers[1]}疏通沟渠。"]


def test_a_typed_number_is_not_numbered_again():
    page = "<html><body><ol><li>一、修补村道。</li><li>二、疏通沟渠。</li></ol></body></html>"
    assert read_bytes(page.encode(), "a.html").text == "一、修补村道。\n二、疏通沟渠。"


def test_old_word_file_without_libreoffice_is_refused_in_words(monkeypatch, tmp_path):
    apart.stop()  # a new child sees the new path, and none after it may
    monkeypatch.setenv("PATH", str(tmp_path))
    try:
        with pytest.raises(UnreadableFile, match="LibreOffice"):
            read_bytes(b"{\\rtf1 road}", "plan.rtf")
    finally:
        apart.stop()


# ---------------------------------------------------------------- what publishing systems call the text

CHAT = "<div class='c9'>" + "<p>网友留言：这条路修得真好，希望早点通车，也希望把路灯一起装上，方便大家晚上出门散步。</p>" * 2 + "</div>"


@pytest.mark.parametrize("named", ["id='zoom'", "class='TRS_Editor'", "class='view TRS_UEDITOR trs_paper_default'", "id='UCAP-CONTENT'", "id='vsb_content_2'", "class='v_news_content'",
                                   "class='wp_articlecontent'", "id='js_content'", "class='bt_content'", "class='pages_content'", "class='xxgk_content'", "id='articleContent'",
                                   "class='zhengwen'", "class='b12c'"])
def test_systems_name_the_text_and_nothing_beside_it_is_read_however_long_it_is(named):
    assert lines(f"<html><body>{AROUND}{CHAT}<div><div {named}>{BODY}</div></div>{CHAT}</body></html>") == TEXT


def test_a_system_that_nobody_knows_is_a_rule_away(tmp_path):
    page = f"<html><body>{CHAT}<section class='gov-page-x7'>{BODY}</section>{CHAT}</body></html>"
    assert "网友留言" in read_bytes(page.encode(), "page.html").text
    (tmp_path / "ingest").mkdir()
    (tmp_path / "ingest" / "ours.yaml").write_text("about: 本市网站\nrules:\n  - id: ingest.page.main.ours\n    kind: regex\n    pattern: '^class=gov-page-x7$'\n"
                                                   "    examples: [class=gov-page-x7]\n    counterexamples: [{text: class=gov-page, why: 整页}]\n", encoding="utf-8")
    assert read_bytes(page.encode(), "page.html", rules=tmp_path).text.split("\n") == TEXT


def test_without_rules_the_text_is_found_by_where_it_stands(tmp_path):
    assert read_bytes(page(BODY).encode(), "page.html", rules=tmp_path).text.split("\n") == TEXT
