"""xlsx: what a person sees in the cells, one table a sheet, merged cells repeated or joined as in every other format."""

import io
import zipfile
from datetime import date

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import UnreadableFile
from pipeline.ingest import limits, office, read_bytes
from pipeline.model import PolicyDocument

HEAD = ("序号", "工作任务", "牵头单位", "完成时限")


def book(fill) -> bytes:
    workbook = openpyxl.Workbook()
    fill(workbook)
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def sheet(*lines, merges=(), formats=()) -> bytes:
    def fill(workbook):
        for line in lines:
            workbook.active.append(line)
        for reference in merges:
            workbook.active.merge_cells(reference)
        for reference, code in formats:
            workbook.active[reference].number_format = code

    return book(fill)


def lines(document: PolicyDocument) -> list[str]:
    return [document.text[part.start:part.end] for part in document.paragraphs]


def test_rows_carry_the_heads_of_their_columns_and_what_stands_around_the_table_is_text():
    document = read_bytes(sheet(("青禾镇重点工作清单",), ("填报单位：镇政府",), HEAD, (1, "修补村道", "镇交通所", "2024年底"), (2, "清理沟渠", "镇水利站", "2025年底"),
                                ("注：每季度报送。",), merges=("A1:D1",)), "清单.xlsx")
    assert [part.kind for part in document.paragraphs] == ["text", "text", "row", "row", "row", "text"]
    assert lines(document)[3] == "1|修补村道|镇交通所|2024年底" and lines(document)[-1] == "注：每季度报送。"
    assert {tuple(cell.header for cell in part.cells) for part in document.paragraphs if part.cells} == {HEAD}
    assert (document.source.format, document.source.pages) == ("xlsx", None)


def test_merged_cells_are_repeated_so_that_each_row_can_be_read_alone():
    document = read_bytes(sheet(HEAD, ("一", "修补村道", "镇交通所", "2024年"), ("二", None, "镇农服中心", "2025年"), merges=("B2:B3",)), "清单.xlsx")
    assert lines(document)[1:] == ["一|修补村道|镇交通所|2024年", "二|修补村道|镇农服中心|2025年"]


def test_a_divided_head_is_read_from_above():
    document = read_bytes(sheet(("序号", "任务", "责任单位", None), (None, None, "牵头", "配合"), (1, "修补村道", "镇交通所", "各村"), merges=("A1:A2", "B1:B2", "C1:D1")), "清单.xlsx")
    assert [cell.header for cell in document.paragraphs[-1].cells] == ["序号", "任务", "责任单位/牵头", "责任单位/配合"]


def test_every_visible_sheet_is_read_in_order_and_a_hidden_one_is_named():
    def fill(workbook):
        for title, word in (("甲", "修补村道"), ("乙", "清理沟渠"), ("丙", "内部底稿")):
            own = workbook.create_sheet(title)
            own.append(("任务", "单位"))
            own.append((word, "镇政府"))
        del workbook["Sheet"]
        workbook["丙"].sheet_state = "hidden"

    document = read_bytes(book(fill), "清单.xlsx")
    assert [line for line in lines(document) if "镇政府" in line] == ["修补村道|镇政府", "清理沟渠|镇政府"] and "底稿" not in document.text
    assert sorted({part.table for part in document.paragraphs}) == [0, 1]
    assert [(warning.code, "丙" in warning.message) for warning in document.warnings] == [("hidden_sheet", True)]


@pytest.mark.parametrize("value, code, shown", [
    (0.95, "0%", "95%"), (0.955, "0.0%", "95.5%"), (0.1 + 0.2, "General", "0.3"), (1200, "#,##0", "1200"), (12.5, "0.00", "12.5"), (12.345, "0.0", "12.3"),
    (20, '0"场次"', "20场次"), (3, '"不少于"0"个"', "不少于3个"), (date(2024, 3, 9), "yyyy-mm-dd", "2024年3月9日"), (date(2024, 3, 9), 'yyyy"年"m"月"', "2024年3月"),
    (date(2024, 3, 9), "[$-804]yyyy/m/d;@", "2024年3月9日"), (7, "0_ ;[Red]-0", "7"), (True, "General", "是"), (2024, "General", "2024"),
])
def test_a_number_reads_as_its_format_shows_it(value, code, shown):
    document = read_bytes(sheet(("任务", "数值"), ("修补村道", value), formats=(("B2", code),)), "清单.xlsx")
    assert lines(document)[1] == f"修补村道|{shown}"


def test_a_formula_is_never_computed_and_one_without_kept_result_is_said():
    document = read_bytes(sheet(("任务", "数量", "单位"), ("修补村道", "=1+1", "镇政府")), "清单.xlsx")
    assert lines(document)[1] == "修补村道||镇政府"
    assert [warning.code for warning in document.warnings] == ["formula_unread"]


def test_text_that_looks_like_a_formula_stays_text():
    def fill(workbook):
        workbook.active.append(("任务", "单位"))
        workbook.active.append(("x", "镇政府"))
        workbook.active["A2"].value, workbook.active["A2"].data_type = "=1+1", "s"

    assert lines(read_bytes(book(fill), "清单.xlsx"))[1] == "=1+1|镇政府"


def test_paragraphs_inside_a_cell_are_one_text():
    document = read_bytes(sheet(("任务", "单位"), ("修补村道。\n清理沟渠。", "镇交通所\n镇水利站")), "清单.xlsx")
    assert lines(document)[1] == "修补村道。清理沟渠。|镇交通所、镇水利站"


def test_too_many_cells_are_refused(monkeypatch):
    monkeypatch.setattr(limits, "SHEET_CELLS", 5)
    with pytest.raises(UnreadableFile, match="超过 5 个"):
        read_bytes(sheet(HEAD, HEAD), "清单.xlsx")


def test_a_merge_over_the_whole_sheet_and_one_cell_far_away_cost_nothing():
    def fill(workbook):
        workbook.active["A1"], workbook.active["XFD1048576"] = "修补村道", "清理沟渠"
        workbook.active.merge_cells("A1:XFC1")

    assert lines(read_bytes(book(fill), "清单.xlsx")) == ["修补村道", "清理沟渠"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(*[st.integers(1, 6)] * 4), max_size=6), st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=1, max_size=20))
def test_merges_of_any_kind_lose_no_cell_that_is_seen(merges, places):
    """Merges that overlap come from broken writers; cells are only asked for where none overlaps."""
    cells = "".join(f'<row r="{row}"><c r="{chr(64 + column)}{row}" t="inlineStr"><is><t>字{row}{column}</t></is></c></row>' for row, column in sorted(set(places)))
    spans = [(min(a, c), min(b, d), max(a, c), max(b, d)) for a, b, c, d in merges]
    references = "".join(f'<mergeCell ref="{chr(64 + left)}{top}:{chr(64 + right)}{bottom}"/>' for top, left, bottom, right in spans)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("xl/workbook.xml", '<workbook xmlns:r="r"><sheets><sheet name="a" r:id="r1"/></sheets></workbook>')
        archive.writestr("xl/_rels/workbook.xml.rels", '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
                         '<Relationship Id="r1" Type="x/worksheet" Target="sheet.xml"/></Relationships>')
        archive.writestr("xl/sheet.xml", f"<worksheet><sheetData>{cells}</sheetData><mergeCells>{references}</mergeCells></worksheet>")
    text = read_bytes(stream.getvalue(), "清单.xlsx").text
    assert all(f"字{row}{column}" in text for row, column in places if not any(top <= row <= bottom and left <= column <= right for top, left, bottom, right in spans))


@pytest.mark.skipif(office.program() is None, reason="LibreOffice is not installed")
def test_an_old_workbook_is_read_through_libreoffice(tmp_path):
    import subprocess

    (tmp_path / "清单.xlsx").write_bytes(sheet(HEAD, (1, "修补村道", "镇交通所", "2024年")))
    subprocess.run([office.program(), f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless", "--convert-to", "xls", "--outdir", str(tmp_path),
                    str(tmp_path / "清单.xlsx")], check=True, capture_output=True, timeout=60)
    document = read_bytes((tmp_path / "清单.xls").read_bytes(), "清单.xls")
    assert (document.source.format, lines(document)) == ("xls", ["|".join(HEAD), "1|修补村道|镇交通所|2024年"])
