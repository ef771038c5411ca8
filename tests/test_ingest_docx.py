"""docx → canonical text: what Word keeps outside `paragraph.text`, and what must stay outside."""

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import UnreadableFile
from pipeline.ingest import numbering, read_bytes, tables
from pipeline.model import PolicyDocument

NAMESPACES = ('xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
              'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"')
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def package(body: str, **parts: str) -> bytes:
    """A docx with the given body and, by name, further parts (numbering, styles, footnotes, header1)."""
    kinds = {name: name.rstrip("0123456789") for name in parts}
    links = "".join(f'<Relationship Id="{name}" Type="{RELATIONS}/{kind}" Target="{name}.xml"/>' for name, kind in kinds.items())
    head = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_rels/.rels", f'{head}<Relationship Id="a" Type="{RELATIONS}/officeDocument" Target="word/document.xml"/></Relationships>')
        archive.writestr("word/_rels/document.xml.rels", f"{head}{links}</Relationships>")
        archive.writestr("word/document.xml", f"<w:document {NAMESPACES}><w:body>{body}</w:body></w:document>")
        for name, content in parts.items():
            root = {"footnotes": "footnotes", "header1": "hdr"}.get(name, name)
            archive.writestr(f"word/{name}.xml", f"<w:{root} {NAMESPACES}>{content}</w:{root}>")
    return stream.getvalue()


def document(body: str, **parts: str) -> PolicyDocument:
    return read_bytes(package(body, **parts), "plan.docx")


def lines(body: str, **parts: str) -> list[str]:
    return document(body, **parts).text.split("\n")


def run(text: str, properties: str = "") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r>"


def paragraph(content: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr>{content if content.startswith('<') else run(content)}</w:p>"


def listed(text: str, level: int = 0, num: int = 1) -> str:
    return paragraph(text, f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{num}"/></w:numPr>')


def level(index: int, form: str, text: str, more: str = "") -> str:
    return f'<w:lvl w:ilvl="{index}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/>{more}</w:lvl>'


LISTS = ('<w:abstractNum w:abstractNumId="0">' + level(0, "chineseCounting", "%1、", '<w:suff w:val="nothing"/>') + level(1, "chineseCountingThousand", "（%2）")
         + level(2, "decimal", "%3.") + '</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
         '<w:num w:numId="2"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride></w:num>')


def test_automatic_numbers_are_text_and_restart_under_a_higher_level():
    body = "".join([listed("总体要求"), listed("重点任务"), listed("道路管护", 1), listed("修补村道", 2), listed("清理边沟", 2), listed("河道管护", 1), listed("设置保洁员", 2)])
    assert lines(body, numbering=LISTS) == ["一、总体要求", "二、重点任务", "（一）道路管护", "1.修补村道", "2.清理边沟", "（二）河道管护", "1.设置保洁员"]


def test_start_override_of_a_second_list_counts_once():
    body = listed("总体要求") + listed("组织保障", num=2) + listed("附则", num=2)
    assert lines(body, numbering=LISTS) == ["一、总体要求", "五、组织保障", "六、附则"]


def test_level_that_never_restarts_runs_through():
    lists = ('<w:abstractNum w:abstractNumId="0">' + level(0, "decimal", "第%1章") + level(1, "decimal", "第%2条", '<w:lvlRestart w:val="0"/>')
             + '</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>')
    body = "".join([listed("总则"), listed("目的", 1), listed("职责"), listed("分工", 1)])
    assert lines(body, numbering=lists) == ["第1章 总则", "第1条 目的", "第2章 职责", "第2条 分工"]


def test_legal_numbering_turns_chinese_numbers_of_higher_levels_into_digits():
    lists = ('<w:abstractNum w:abstractNumId="0">' + level(0, "chineseCounting", "%1、") + level(1, "decimal", "%1.%2", "<w:isLgl/>")
             + '</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>')
    assert lines(listed("甲") + listed("乙", 1), numbering=lists) == ["一、甲", "1.1 乙"]


def test_numbers_come_through_styles_and_num_zero_takes_them_away():
    styles = ('<w:style w:type="paragraph" w:styleId="H2"><w:name w:val="heading 2"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
              '<w:style w:type="paragraph" w:styleId="H2b"><w:name w:val="mine"/><w:basedOn w:val="H2"/></w:style>')
    lists = ('<w:abstractNum w:abstractNumId="0">' + level(0, "chineseCounting", "%1、") + level(1, "chineseCounting", "（%2）", '<w:pStyle w:val="H2"/>')
             + '</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>')
    body = (paragraph("道路", '<w:pStyle w:val="H2"/>') + paragraph("没有编号", '<w:pStyle w:val="H2"/><w:numPr><w:numId w:val="0"/></w:numPr>')
            + paragraph("河道", '<w:pStyle w:val="H2"/>'))
    assert lines(body, numbering=lists, styles=styles) == ["（一）道路", "没有编号", "（二）河道"]


def test_empty_numbered_paragraph_counts_but_is_no_text():
    assert lines(listed("甲") + listed("<w:r/>") + listed("丙"), numbering=LISTS) == ["一、甲", "三、丙"]


@pytest.mark.parametrize(("form", "numbers"), [
    ("chineseCounting", {1: "一", 10: "十", 12: "十二", 20: "二十", 99: "九十九", 100: "一〇〇"}),
    ("chineseCountingThousand", {10: "十", 100: "一百", 101: "一百零一", 110: "一百一十", 1001: "一千零一", 2020: "二千零二十", 10000: "一万", 10101: "一万零一百零一"}),
    ("japaneseCounting", {10: "十", 100: "百", 111: "百十一", 200: "二百"}),
    ("chineseLegalSimplified", {1: "壹", 12: "壹拾贰"}),
    ("ideographTraditional", {1: "甲", 10: "癸", 11: "甲"}),
    ("ideographZodiac", {1: "子", 12: "亥"}),
    ("decimalEnclosedCircle", {1: "①", 20: "⑳", 21: "㉑", 36: "㊱", 51: "51"}),
    ("decimalEnclosedParen", {1: "⑴"}), ("decimalEnclosedFullstop", {2: "⒉"}), ("decimalFullWidth", {12: "１２"}), ("decimalZero", {3: "03"}),
    ("lowerLetter", {1: "a", 26: "z", 27: "aa"}), ("upperRoman", {4: "IV", 9: "IX", 14: "XIV"}), ("lowerRoman", {3: "iii"}), ("none", {1: ""}), ("unheardOf", {7: "7"})])
def test_number_formats_of_word(form, numbers):
    assert {number: numbering.form(number, form) for number in numbers} == numbers


@given(st.integers(-5, 100_000), st.sampled_from(sorted(numbering._FORMS)))
def test_every_number_has_a_form(number, form):
    assert isinstance(numbering.form(number, form), str)


def test_insertions_are_text_and_deletions_are_not():
    body = paragraph(run("每年修路") + f"<w:ins>{run('12公里')}</w:ins><w:del><w:r><w:delText>20公里</w:delText></w:r></w:del><w:moveFrom>{run('旧')}</w:moveFrom>" + run("。"))
    assert lines(body) == ["每年修路12公里。"]


def test_deleted_paragraph_mark_joins_two_paragraphs():
    assert lines(paragraph("每年修路", "<w:rPr><w:del/></w:rPr>") + paragraph("12公里。")) == ["每年修路12公里。"]


def test_field_result_is_text_and_its_instruction_is_not():
    field = ('<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>HYPERLINK "x"</w:instrText></w:r><w:r><w:t>垃圾</w:t></w:r>'
             '<w:r><w:fldChar w:fldCharType="separate"/></w:r>' + run("临政发〔2024〕6号") + '<w:r><w:fldChar w:fldCharType="end"/></w:r>')
    assert lines(paragraph(run("按照") + field + run("执行。"))) == ["按照临政发〔2024〕6号执行。"]


def test_hidden_text_is_left_out_with_a_warning():
    read = document(paragraph(run("看得见。") + run("每年修路99公里。", "<w:vanish/>")))
    assert read.text == "看得见。"
    assert [warning.code for warning in read.warnings] == ["hidden_text"]


def test_text_box_is_read_once_and_before_its_empty_paragraph():
    box = f"<w:txbxContent>{paragraph('临政发〔2024〕6号')}</w:txbxContent>"
    both = f"<w:r><mc:AlternateContent><mc:Choice><w:drawing>{box}</w:drawing></mc:Choice><mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    assert lines(paragraph("红头") + paragraph(both) + paragraph("正文")) == ["红头", "临政发〔2024〕6号", "正文"]


def test_alternate_content_without_any_form_is_no_text():
    empty = "<mc:AlternateContent/>"
    assert lines(empty + paragraph(f"<w:r>{empty}<w:t>正文</w:t></w:r>{empty}")) == ["正文"]


def test_content_controls_are_text_and_their_prompts_are_not():
    prompt = f"<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{paragraph('单击此处输入文字')}</w:sdtContent></w:sdt>"
    assert lines(f"<w:sdt><w:sdtContent>{paragraph('块级')}</w:sdtContent></w:sdt>{prompt}") == ["块级"]


def test_soft_break_joins_inside_a_sentence_and_parts_after_a_stop():
    soft = "<w:r><w:br/></w:r>"
    assert lines(paragraph(run("每年轮训") + soft + run("不少于4人。") + soft + run("（二）河道管护"))) == ["每年轮训不少于4人。", "（二）河道管护"]


def test_footnotes_follow_the_body_as_notes():
    mark = '<w:r><w:footnoteReference w:id="2"/></w:r>'
    read = document(paragraph(run("管护员") + mark + run("由村聘用。")), footnotes=f'<w:footnote w:id="2">{paragraph("指专人。")}</w:footnote>')
    assert [(read.text[part.start:part.end], part.kind) for part in read.paragraphs] == [("管护员由村聘用。", "text"), ("指专人。", "note")]


def test_table_of_contents_is_left_out_with_a_warning():
    styles = '<w:style w:type="paragraph" w:styleId="T1"><w:name w:val="toc 1"/></w:style>'
    read = document(paragraph("一、总体要求 1", '<w:pStyle w:val="T1"/>') + paragraph("一、总体要求"), styles=styles)
    assert read.text == "一、总体要求" and read.warnings[0].code == "contents_left_out"


def test_document_number_that_stands_only_in_the_first_header_comes_first():
    section = '<w:sectPr><w:headerReference w:type="first" r:id="header1"/><w:titlePg/></w:sectPr>'
    assert lines(paragraph("关于管护道路的通知") + section, header1=paragraph("临政发〔2024〕6号")) == ["临政发〔2024〕6号", "关于管护道路的通知"]
    assert lines(paragraph("关于管护道路的通知") + section, header1=paragraph("内部资料")) == ["关于管护道路的通知"]


def cell(*texts: str, merge: str = "", span: int = 1) -> str:
    merged = {"": "", "start": '<w:vMerge w:val="restart"/>', "on": "<w:vMerge/>"}[merge]
    return f'<w:tc><w:tcPr><w:gridSpan w:val="{span}"/>{merged}</w:tcPr>{"".join(map(paragraph, texts)) or "<w:p/>"}</w:tc>'


def table(*rows: str) -> str:
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in rows)}</w:tbl>"


HEAD = cell("序号") + cell("任务") + cell("举措") + cell("单位")


def test_task_over_several_physical_rows_is_one_row():
    read = document(table(HEAD, cell("1", merge="start") + cell("修路", merge="start") + cell("修补村道；") + cell("建设办", merge="start"),
                          cell(merge="on") + cell(merge="on") + cell("清理边沟。") + cell(merge="on"), cell("2") + cell("护河") + cell("保洁。") + cell("水利站")))
    assert read.text.split("\n") == ["序号|任务|举措|单位", "1|修路|修补村道；清理边沟。|建设办", "2|护河|保洁。|水利站"]
    assert [[each.header for each in part.cells] for part in read.paragraphs[1:]] == [["序号", "任务", "举措", "单位"]] * 2


def test_merged_category_is_repeated_so_that_each_row_reads_alone():
    text = document(table(HEAD, cell("1") + cell("修路", merge="start") + cell("修补村道。") + cell("建设办"), cell("2") + cell(merge="on") + cell("清理边沟。") + cell("农业办"))).text
    assert text.split("\n")[1:] == ["1|修路|修补村道。|建设办", "2|修路|清理边沟。|农业办"]


def test_head_typed_again_is_left_out():
    assert document(table(HEAD, cell("1") + cell("修路") + cell("甲。") + cell("乙"), HEAD, cell("2") + cell("护河") + cell("丙。") + cell("丁"))).text.count("序号") == 1


def test_units_one_a_paragraph_are_a_list_and_a_broken_head_is_one_word():
    read = document(table(cell("序号") + cell("牵头", "单位"), cell("1") + cell("建设办", "水利站", "农业农村局")))
    assert read.text.split("\n") == ["序号|牵头单位", "1|建设办、水利站、农业农村局"]


def test_divided_head_is_read_from_above():
    rows = (cell("序号", merge="start") + cell("任务", merge="start") + cell("责任单位", span=2), cell(merge="on") + cell(merge="on") + cell("牵头") + cell("配合"),
            cell("1") + cell("修路") + cell("建设办") + cell("农业办"))
    assert [each.header for each in document(table(*rows)).paragraphs[-1].cells] == ["序号", "任务", "责任单位/牵头", "责任单位/配合"]


def test_frame_of_one_cell_is_text():
    assert [part.kind for part in document(table(cell("抄送：县委办。", "印发：县府办。"))).paragraphs] == ["text", "text"]


@pytest.mark.parametrize(("content", "problem"), [
    (package(paragraph("甲" * 500))[:-300], "不完整"),
    (package(paragraph("甲" * 500))[:100], "不完整"),
    (package(""), "没有文字"),
    (package("<w:p>"), "已损坏"),
    (package(paragraph("甲"), styles='<w:style w:type="table" w:styleId="a">' * 80_000), "已损坏"),  # must not take for ever
    (package(" " * 80_000_000), "压缩炸弹"),
    (package("<w:tbl><w:tr><w:tc>" * 60 + paragraph("甲") + "</w:tc></w:tr></w:tbl>" * 60), "嵌套")], ids=["tail cut", "head only", "empty", "open tag", "open styles", "bomb", "nested"])
def test_broken_and_hostile_packages_are_refused_in_words(content, problem):
    with pytest.raises(UnreadableFile, match=problem):
        read_bytes(content, "plan.docx")


def test_entities_are_refused():
    stream = io.BytesIO(package(paragraph("甲")))
    with zipfile.ZipFile(stream) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["word/document.xml"] = b'<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/hostname">]>' + members["word/document.xml"].replace("甲".encode(), b"&e;")
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    with pytest.raises(UnreadableFile, match="DOCTYPE"):
        read_bytes(stream.getvalue(), "plan.docx")


def test_name_that_promises_another_format_is_a_warning():
    assert [warning.code for warning in read_bytes("一、道路管护\n".encode(), "plan.docx").warnings] == ["format_mismatch"]


@given(st.lists(st.lists(st.tuples(st.text(alphabet="一二|、1a。 ", max_size=6), st.sampled_from(["", "start", "on"])), min_size=1, max_size=4), min_size=1, max_size=6))
def test_cells_slice_the_text_whatever_the_merges(grid):
    body = paragraph("表") + table(*("".join(cell(text, merge=merge) for text, merge in row) for row in grid))
    read = document(body)
    assert "\n".join(read.text[part.start:part.end] for part in read.paragraphs) == read.text
    for part in read.paragraphs:
        assert not part.cells or "|".join(read.text[each.start:each.end] for each in part.cells) == read.text[part.start:part.end]


def test_styles_that_bear_on_nothing_are_left_unparsed_and_the_others_say_the_same():
    import docx as oracle
    from lxml import etree

    from pipeline.ingest import docx

    stream = io.BytesIO()
    oracle.Document().save(stream)
    sheets = [zipfile.ZipFile(path).read("word/styles.xml") for path in (stream, *sorted((Path(__file__).parents[1] / "corpora" / "demo").glob("*.docx")))]
    own = ("<w:styles " + NAMESPACES + '><w:style w:type="paragraph" w:styleId="a"><w:pPr><w:numPr><w:numId w:val="3"/></w:numPr></w:pPr></w:style>'
           '<w:style w:type="paragraph" w:styleId="b"><w:basedOn w:val="c"/></w:style><w:style w:type="paragraph" w:styleId="c"><w:basedOn w:val="a"/></w:style>'
           '<w:style w:type="character" w:styleId="d"><w:rPr><w:vanish/></w:rPr></w:style><w:style w:type="paragraph" w:styleId="e"><w:name w:val="TOC 1"/></w:style>'
           '<w:style w:type="paragraph" w:styleId="f"/><w:style w:type="paragraph" w:styleId="g" w:default="1"><w:name w:val="正文"/></w:style></w:styles>')
    for sheet in (*sheets, b"<?xml version='1.0' encoding='UTF-8'?>" + own.encode(), own.encode()):
        short = docx.speaking_styles(sheet)
        assert docx._styles(etree.fromstring(short)) == docx._styles(etree.fromstring(sheet))
    assert len(docx.speaking_styles(sheets[0])) * 3 < len(sheets[0])


RUBBISH = '<w:rFonts w:eastAsia="仿宋_GB2312"/><w:sz w:val="32"/>'


@given(st.lists(st.sampled_from([
    lambda: paragraph(run("各村修路。", RUBBISH)), lambda: paragraph(run("隐藏", RUBBISH + "<w:vanish/>") + run("可见", RUBBISH)), lambda: listed("修补村道"),
    lambda: paragraph(run("前半段，", RUBBISH), "<w:jc/><w:rPr><w:del/></w:rPr>"), lambda: paragraph("隐藏", '<w:pStyle w:val="h"/>'), lambda: paragraph(run("暗", '<w:rStyle w:val="h"/>')),
    lambda: paragraph("<w:del><w:r><w:rPr/><w:t>删去</w:t></w:r></w:del>" + run("新字", f"<w:rPrChange><w:rPr>{RUBBISH}<w:vanish/></w:rPr></w:rPrChange>")),
    lambda: table(cell("甲", span=2) + cell("乙"), cell("丙", merge="start") + cell("丁") + cell("戊"), cell("", merge="on") + cell("己") + cell("庚"))]), max_size=8))
def test_properties_that_bear_on_nothing_are_left_unparsed_and_the_rest_says_the_same(pieces):
    from pipeline.ingest import docx

    content = package("".join(piece() for piece in pieces), numbering=LISTS, styles='<w:style w:type="character" w:styleId="h"><w:rPr><w:vanish/></w:rPr></w:style>')
    whole = pytest.MonkeyPatch()
    with whole.context() as patch:
        patch.setattr(docx, "speaking_text", bytes)
        careful = docx.read(content, "plan.docx")
    assert docx.read(content, "plan.docx") == careful


def test_body_in_comments_or_cdata_is_parsed_whole():
    from pipeline.ingest import docx

    for body in ("<w:p><!-- <w:rPr> --><w:r><w:rPr><w:b/></w:rPr></w:r></w:p>", "<w:p><w:r><w:t><![CDATA[<w:rPr><w:b/></w:rPr>]]></w:t></w:r></w:p>"):
        assert docx.speaking_text(body.encode()) == body.encode()
    assert lines("<w:p><w:r><w:t><![CDATA[<w:rPr>甲</w:rPr>]]></w:t></w:r></w:p>") == ["<w:rPr>甲</w:rPr>"]


def test_an_empty_first_row_of_a_table_names_no_column():
    grid = [[tables.GridCell([text]) for text in row] for row in (("", ""), ("重点任务", "责任单位"), ("修补村道", "镇农业农村办"), ("", ""))]
    found = tables.rows(grid, 0, [1, 1, 2, 2])
    assert [(block.cells, block.headers, block.page) for block in found] == [(("重点任务", "责任单位"), ("重点任务", "责任单位"), 1),
                                                                             (("修补村道", "镇农业农村办"), ("重点任务", "责任单位"), 2)]
    assert tables.rows(grid[:1], 0) == []
