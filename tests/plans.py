"""Documents out of lines, read by the real line: for the tests of outline, extract and coverage."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from pipeline import outline
from pipeline.extract import extract
from pipeline.extract.readers import Readers, compile_readers
from pipeline.model import Cell, Extraction, Outline, Paragraph, PolicyDocument, Source
from pipeline.rulebook.load import load, rules_folder

CORPORA = Path(__file__).resolve().parents[1] / "corpora"


@lru_cache(maxsize=1)
def readers() -> Readers:
    """The project's own rules, compiled once a test process."""
    return compile_readers(load(rules_folder()))


def document(*lines: str | tuple[str, ...], name: str = "plan.txt", unread: tuple[int, ...] = ()) -> PolicyDocument:
    """A line is a paragraph; a tuple is a table row, and the first of a run of rows is the head of its table."""
    text, paragraphs, head, table = "", [], None, -1
    for line in lines:
        start = len(text)
        if isinstance(line, tuple):
            if head is None:
                head, table = line, table + 1
            cells, at = [], start
            for i, cell in enumerate(line):
                cells.append(Cell(at, at + len(cell), head[i]))
                at += len(cell) + 1
            row = "|".join(line)
            paragraphs.append(Paragraph(start, start + len(row), None, "row", tuple(cells), table))
        else:
            head, row = None, line
            paragraphs.append(Paragraph(start, start + len(row)))
        text += row + "\n"
    text = text[:-1]
    return PolicyDocument(Source(name, hashlib.sha256(text.encode()).hexdigest(), "txt"), text, tuple(paragraphs), (), unread)


def outlined(*lines, **fields) -> Outline:
    return outline.build(document(*lines, **fields), readers().rulebook)


def extracted(*lines, **fields) -> Extraction:
    return extract(outlined(*lines, **fields), readers())


CITY = (
    "云岫市民生实事实施方案（2023—2025年）",
    "为办好民生实事，制定本方案。",
    "一、主要任务",
    "1.改造农村户厕。到2025年底改造农村户厕300户。新建农房同步配套卫生厕所。（责任单位：市农业农村局、各镇（街道））",
    "2.办好老年食堂。2024年底前新建老年食堂20处。食堂每月公示一次原料来源。对独居老人实行送餐上门。（责任单位：市民政局、各镇（街道））",
    "3.清理河道。每周打捞一次河道漂浮物。严禁向河道倾倒垃圾。（责任单位：市水利局、各镇（街道））",
    "4.培训护理员。每年培训护理员200人次。护理员持证上岗率达到95%以上。（责任单位：市人力资源社会保障局、各镇（街道））",
    "5.编制图集。市住房城乡建设局编制农房设计图集并免费发放。（责任单位：市住房城乡建设局）",
    "6.改造路灯。更换节能路灯500盏。由市级统一招标采购灯具。（责任单位：市城市管理局、各镇（街道））",
    "云岫市人民政府",
    "2023年4月12日",
)

# What a town does about each task, in its own words; a test swaps one line.
TOWN = {
    1: "（一）改造农村户厕。2025年底前改造农村户厕30户，新建农房同步配套卫生厕所。（责任单位：农业农村办公室）",
    2: "（二）办好老年食堂。2024年10月底前在枣林村新建老年食堂2处。食堂每月公示一次原料来源，接受监督。村里对独居老人实行送餐上门。（责任单位：社会事务办公室）",
    3: "（三）清理河道。镇水利站每周打捞一次河道漂浮物。严禁向河道倾倒垃圾，发现一起查处一起。（责任单位：农业农村办公室）",
    4: "（四）培训护理员。每年组织培训护理员20人次，护理员持证上岗率达到95%以上。（责任单位：社会事务办公室）",
    6: "（五）改造路灯。年内更换节能路灯60盏。（责任单位：村镇建设办公室）",
}


def town(changes: dict[int, str | None] | None = None, name: str = "芦苇镇", before: tuple[str, ...] = (), after: tuple[str, ...] = (), **fields) -> Extraction:
    """A town plan that carries out everything, with some lines replaced (or, by None, left out)."""
    lines = town_lines(changes, name)
    return extracted(*lines[:2], *before, *lines[2:-2], *after, *lines[-2:], **{"name": f"{name}.txt", **fields})


@lru_cache(maxsize=1)
def duties():
    from pipeline.coverage import Duties

    return Duties(extracted(*CITY, name="city.txt"), readers(), "none")


def checked(changes: dict[int, str | None] | None = None, name: str = "芦苇镇", **fields):
    """The coverage of one town of the small city."""
    return duties().check(town(changes, name, **fields), name)


def town_lines(changes: dict[int, str | None] | None = None, name: str = "芦苇镇") -> list[str]:
    """The text of `town`, for tests that read files."""
    lines = [line for line in {**TOWN, **(changes or {})}.values() if line]
    return [f"{name}民生实事实施方案", f"结合{name}实际，制定本方案。", "一、重点任务", *lines, f"{name}人民政府", "2023年6月1日"]


def write_small_city(folder: Path) -> None:
    """A city folder with two towns: city.txt, luwei.txt, songping.txt."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, lines in (("city", CITY), ("luwei", town_lines()), ("songping", town_lines({6: None}, "松坪镇"))):
        (folder / f"{name}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
