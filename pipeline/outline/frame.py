"""Header and footer of an official document, wherever they stand: title, number, issuer, date, recipients, cc, and which paragraphs are the body."""

from __future__ import annotations

import re

from pipeline.model import Frame, PolicyDocument
from pipeline.numerals import parse
from pipeline.outline.cites import read_cites
from pipeline.outline.numbering import read_label
from pipeline.rulebook.load import Rulebook
from pipeline.text import narrow, parts

_NUMBER = re.compile(r"[一-龥]{1,14}\s*[〔\[【（(［]\s*(?:19|20)\d{2}\s*[〕\]】）)］]\s*第?\s*\d{1,5}\s*号|[一-龥]{1,8}令第\d{1,4}号")
_DATE = re.compile(r"(\d{4}|[〇○零一二三四五六七八九]{4})\s*年\s*(\d{1,2}|[一二三四五六七八九十]{1,3})\s*月\s*(\d{1,2}|[一二三四五六七八九十]{1,3})\s*日")
_PERIOD = re.compile(r"(20\d\d)\s*(?:年)?\s*[-—－–~～至到]+\s*(20\d\d)\s*年?")
_CC = re.compile(r"^(?:抄\s*送|抄\s*报|主\s*送|分\s*送)\s*(?:机关)?\s*[:：]\s*")
_PRINTED = re.compile(r"^(?P<issuer>[一-龥（）()]{3,30})?\s*(?P<date>\d{4}年\d{1,2}月\d{1,2}日)\s*印发")
_RED_HEAD = re.compile(r"^([一-龥（）()]{3,40}?)(?:文件)$")
_BODY_END = re.compile(r"^(?:出\s*席|列\s*席|记\s*录|主\s*持)[:：]|^(?:抄\s*送|抄\s*报|主题词|[（(]?(?:此件|本文有|联系人|信息公开|公开方式|公开属性))")
_ORGAN = re.compile(r"(?:人民政府|政府|办公室|办公厅|委员会|管委会|办事处|局|厅|部|院|国务院|党委|党工委|委|中心|领导小组|指挥部|总队|支队|公司|协会|科协|学院|公署|会)$")
_GENRE_ALONE = 6  # characters of the longest title that is nothing but a genre: 实施方案, 三年行动计划
_PAGE_HEAD = re.compile(r"^(?:新闻|文章|文件|信息|内容|公文)?(?:详情|正文|全文|详细内容|详细信息|阅读)$|^(?:政府)?信息公开(?:目录)?$|^(?:通知公告|政策文件|首页|公告通知|规范性文件)$")
_PUBLIC = re.compile(r"^[（(].{2,12}[）)]$")
_PLACE = re.compile(r"[一-龥]{1,12}?(?:(?<![省市县区州城乡村集全各我本该小心点])镇(?![市镇])|(?<![省市县区州城全各我本该])乡(?![村县镇]|市(?!场))|街道|经济技术开发区|经济开发区|高新技术产业开发区|高新技术产业园区|高新区|工业园区|产业园区|开发区|园区|新区|示范区|度假区|片区|农场|林场|苏木)")
_HIGHER = re.compile(r"^(?:[一-龥]{2,9}?(?:省|自治区|自治州|市|县|自治县|区|旗)|[一-龥]县)(?:人民政府)?(?=[一-龥]{2,})")


def read_frame(document: PolicyDocument, rulebook: Rulebook) -> tuple[Frame, range]:
    """The frame, and the indices (from 0) of the paragraphs between it.

    The title is the plan's, not its covering notice's; a number counts where it is a paragraph of its own, not where it is cited.
    """
    lines = [document.text[p.start : p.end] for p in document.paragraphs]
    first = _first_heading(document, lines)
    title, title_end = _title(lines, first, rulebook)
    title = title or _annexed_title(lines, rulebook)
    tail = _tail(document, lines, rulebook)
    notice_date, signer = _signature(lines, title_end, tail)
    recipients, recipients_at, glued = _recipients(lines, max(first, title_end))
    begin = title_end
    if recipients_at is not None and recipients_at >= begin:
        begin = recipients_at + (0 if glued else 1)
    cc, cc_issuer, cc_date = _footer(lines)
    number = next((m.group() for line in lines if (m := _own_number(line))), None) or _field_number(lines[:title_end or 20])
    told_issuer, told_date = _page_fields(lines[:title_end or 20])
    issuer = signer or cc_issuer or _bare_day(lines[:60])[1] or told_issuer or next((_no_space(m[1]) for line in lines if (m := _RED_HEAD.match(_no_space(line)))), None) or _issuer_of_title(lines, title)
    period = _PERIOD.search(narrow(title or ""))
    listed = frozenset(name for kind in ("provinces", "cities", "counties") for name in rulebook.places.get(kind, ()))
    frame = Frame(
        title=title, number=re.sub(r"\s", "", number) if number else None, issuer=issuer, date=notice_date or cc_date or told_date or _held(lines[:6]) or _beside_number(lines[:20]) or _bare_day(lines[:60])[0],
        recipients=recipients, cc=cc, period=(int(period[1]), int(period[2])) if period else None,
        place=_place(issuer, title, lines, listed), cites=read_cites(document.text, title, rulebook),
    )
    return frame, range(begin, max(begin, tail))


def _first_heading(document: PolicyDocument, lines: list[str]) -> int:
    """Index of the first 一、 or 第一章 or, where there is none, of the first label or table row."""
    fallback = None
    for i, line in enumerate(lines):
        label = read_label(line)
        if label is not None and label.number == 1 and label.rank <= 4:
            return i
        if fallback is None and ((label is not None and label.number is not None) or document.paragraphs[i].kind == "row"):
            fallback = i
    return fallback if fallback is not None else min(len(lines), 30)


def _title(lines: list[str], first: int, rulebook: Rulebook) -> tuple[str | None, int]:
    """The plan's title and the index behind it (0 where there is none). A title may run over several lines."""
    genre = rulebook.pattern("outline.title.genre")
    candidates: list[tuple[int, int, str]] = []
    i = 0
    while i < first:
        line = lines[i].strip()
        if _title_like(line):
            for j in range(i, min(i + 4, first)):
                joined = "".join(_no_space(part) for part in lines[i : j + 1])
                if j > i and (not _title_like(lines[j].strip()) or _RED_HEAD.match(joined)):
                    break
                if genre.search(joined) and len(joined) >= 6:
                    while j + 1 < first and re.match(r"^[（(〈](?!.*(?:牵头|负责|落实|配合|责任)).{2,24}[）)〉]$", lines[j + 1].strip()) and not _own_number(lines[j + 1]):
                        j += 1
                        joined += _no_space(lines[j])
                    candidates.append((i, j + 1, joined))
                    i = j
                    break
        i += 1
    if not candidates:  # a title without a genre word: the last line of its own before the text begins
        plain = [i for i in range(min(first, 12)) if _title_like(lines[i].strip()) and len(lines[i].strip()) >= 8 and not _ORGAN.search(_no_space(lines[i]))
                 and not _RED_HEAD.match(_no_space(lines[i])) and all(len(line) <= 60 for line in lines[:i])]
        return (_sent_round(_no_space(lines[plain[-1]]), genre), plain[-1] + 1) if plain else (None, 0)
    plans = [c for c in candidates if not re.search(r"通知》?(?:[（(].*)?$", c[2])]
    start, end, title = plans[-1] if plans else candidates[-1]
    if len(re.sub(r"[（(].*", "", title)) <= _GENRE_ALONE and start and _title_like(lines[start - 1].strip()):  # 某某规划纲要 / 实施方案（2021—2025年）
        title = _no_space(lines[start - 1]) + title
    return _strip_head(lines, start, title if plans else _sent_round(title, genre)), end


def _sent_round(title: str, genre: re.Pattern[str]) -> str:
    """The title of the plan that a notice sends round (关于印发《…》的通知), else the title as it is."""
    bare = re.sub(r"^《(.*)》$", r"\1", title)
    inner = re.search(r"(?:印发|转发|公布)[《〈](.+)[》〉](?:的通知)?$", bare) or re.search(r"印发(?![《〈])(.{6,})的通知$", bare)
    return inner[1] if inner and (bare[inner.start(1) - 1] in "《〈" or genre.search(inner[1])) else title


def _annexed_title(lines: list[str], rulebook: Rulebook) -> str | None:
    """The title of the first annex, where a notice without one sends it round; None where there is none."""
    listed, genre = rulebook.pattern("outline.annex.listed"), rulebook.pattern("outline.title.genre")
    for i, line in enumerate(lines):
        if listed.match(_no_space(line)) and not re.search("[:：]", line):
            for begin in range(i + 1, min(i + 3, len(lines))):
                joined = _no_space(lines[begin])
                if not _title_like(lines[begin].strip()):
                    break
                if genre.search(joined) and len(joined) >= 6:
                    return joined
    return None


def _strip_head(lines: list[str], start: int, title: str) -> str:
    """A red head or an issuer line that was joined in front of the title does not belong to it."""
    return re.sub(r"^.*?(?:文件)(?=关于)", "", title).strip("★☆●◆■")


def _title_like(line: str) -> bool:
    return 2 <= len(line) <= 60 and re.search("[一-龥]", line) is not None and not _PAGE_HEAD.match(line) and not line.startswith(("（", "(", "各", "〈")) and not re.search(r"[。；：:;|>›»]", line) and not line.endswith(("，", ",")) and not _own_number(line) and read_label(line) is None \
        and not _DATE.fullmatch(_no_space(line)) and not line.startswith("——") and not re.match(r"^(?:为|根据|按照|附件\d?$|来源|时间|索引号|20\d\d[-/.]\d)", line)


def _own_number(line: str) -> re.Match[str] | None:
    """A document number that is a line of its own, or shares it with the red head or the signer only."""
    bare = re.sub(r"^(?:发文字号|文号|文件编号|文件字号)[:：|]?", "", re.sub(r"[\s　]", "", line))
    m = _NUMBER.search(bare)
    if m is None or re.search(r"[《》。，]", bare):
        return None
    rest = bare[: m.start()] + bare[m.end() :]
    if len(rest) > 24:
        return None
    return re.search(re.escape(m.group()), bare)


def _signature(lines: list[str], title_end: int, tail: int) -> tuple[str | None, str | None]:
    """Date and signer: a date that is a line's end, with the organ before it on the line or the line before. The notice's own comes first."""
    for i, line in enumerate(lines):
        bare = line.strip(" \t　?？�").strip("（）()")  # （2022年1月5日） below the title of a report
        m = _DATE.search(bare)
        glued = m and re.search(r"[。：:]([一-龥（）()]{4,30})$", bare[: m.start()])
        if glued and m.end() == len(bare) and _ORGAN.search(glued[1]):
            return _iso(m), glued[1]
        if m is None or len(bare) > 60 or "印发" in bare or re.search(r"[，。；、|]", bare) or m.end() < len(bare) - 1:
            continue
        before = _no_space(bare[: m.start()])
        if before and _ORGAN.search(before):
            return _iso(m), before
        if not before and i > 0:
            signer = _no_space(lines[i - 1]).strip("?？�")
            if len(signer) > 30:
                tailing = re.search(r"[\s　。]([^\s　。，；、：:]{4,30})$", lines[i - 1].strip())
                signer = tailing[1] if tailing else ""
            if signer and _ORGAN.search(signer) and not re.search(r"[。，；：:《]", signer):
                return _iso(m), signer
            return _iso(m), None
    return None, None


def _held(lines: list[str]) -> str | None:
    """The day on which a report was read: ——2024年1月10日在某县人民代表大会上."""
    days = [m for line in lines if re.match("[—─-]{1,2}", line.strip()) and (m := _DATE.search(line))]
    return _iso(days[0]) if days else None


def _beside_number(lines: list[str]) -> str | None:
    """The day behind the document number on its line (云政发〔2023〕9号　2023年5月6日)."""
    days = [m for line in lines if (number := _NUMBER.match(_no_space(line))) and (m := _DATE.fullmatch(_no_space(line)[number.end() :]))]
    return _iso(days[0]) if days else None


def _bare_day(lines: list[str]) -> tuple[str | None, str | None]:
    """Date and signer where a crawler lost 年月日 (2024327), if the digits can be only one day."""
    for i, line in enumerate(lines):
        m = re.fullmatch(r"(20[012]\d)(\d{3,4})", _no_space(line))
        if m is None:
            continue
        days = {(int(m[2][:cut]), int(m[2][cut:])) for cut in (1, 2) if 1 <= len(m[2]) - cut <= 2}
        days = {(month, day) for month, day in days if 1 <= month <= 12 and 1 <= day <= 31}
        if len(days) == 1:
            month, day = days.pop()
            before = _no_space(lines[i - 1]) if i else ""
            return f"{m[1]}-{month:02d}-{day:02d}", before if 3 < len(before) <= 30 and _ORGAN.search(before) else None
    return None, None


def _footer(lines: list[str]) -> tuple[tuple[str, ...], str | None, str | None]:
    """cc, and issuer and date of the 印发 line."""
    cc: tuple[str, ...] = ()
    issuer = date = None
    for i, line in enumerate(lines):
        m = _CC.match(line)
        if m and not cc and not line.startswith(("主送", "主 送")):
            joined = line[m.end() :]
            j = i + 1
            while joined.rstrip().endswith(("、", "，", ",")) and j < len(lines):
                joined += lines[j]
                j += 1
            cc = tuple(parts(joined.split("。")[0], "，,、；;"))
        m = _PRINTED.match(re.sub(r"[\s　]+", "", line))
        if m:
            issuer = m["issuer"]
            found = _DATE.search(m["date"])
            date = _iso(found) if found else None
    return cc, issuer, date


def _field_number(lines: list[str]) -> str | None:
    """The document number out of the fields that a web page sets above a document."""
    field = re.search(r"(?:发文字号|文\s*号|文件编号)[\s:：|]*(?=[一-龥])", "\n".join(lines))
    number = _NUMBER.match("\n".join(lines), field.end()) if field else None
    return number and number.group()


def _page_fields(lines: list[str]) -> tuple[str | None, str | None]:
    """Issuer and date out of the fields that a web page sets above a document (发文机关：…　成文日期：2023-04-12). The day of publication is no such date."""
    head = "\n".join(lines)
    issuer = re.search(r"(?:发文机关|制发机关|制定机关|发布机构|发文单位|发文部门|印发机关)】?[\s:：|]*([一-龥（）()]{3,30})", head)
    day = re.search(r"(?:成文日期|发文日期|发文时间|印发日期|生成日期|签署日期|公布日期)】?[\s:：|]*((?:19|20)\d\d)\s*[-年/.]\s*(\d{1,2})\s*[-月/.]\s*(\d{1,2})", head)
    return issuer[1] if issuer and _ORGAN.search(re.sub(r"[（(].*", "", issuer[1])) else None, _iso(day) if day else None


def _recipients(lines: list[str], first: int) -> tuple[tuple[str, ...], int | None, bool]:
    """The addressees, the index of their line, and whether body text is glued to it."""
    for i, line in enumerate(lines[: first + 1]):
        head, colon, rest = line.strip().replace(":", "：").partition("：")
        if not colon or not 3 <= len(head) <= 160 or re.search(r"[。；《]", head) or read_label(line) is not None:
            continue
        if not (head.startswith("各") or re.search(r"(?:人民政府|办事处|委员会|管委会|部门|单位|机构|处室|局|厅|委|办|公司|学校|企业|村|社区|居委会|科室)(?:[）)]?)$", head)):
            continue
        if re.match(r"^(?:各位|责任|牵头|配合|来源|发布|索引|发文|主题|成文|时间|附件|联系)", head):
            continue
        named = parts(head, "，,；;")
        if len(named) == 1 and not head.startswith("各"):
            named = parts(head, "、")
        return tuple(named), i, bool(rest.strip())
    return (), None, False


def _tail(document: PolicyDocument, lines: list[str], rulebook: Rulebook) -> int:
    """Index of the first paragraph of the footer: cc, 印发, a signature with its date behind the last heading, the furniture of a web page."""
    furniture = rulebook.pattern("outline.page.furniture")
    last_label = max((i for i, line in enumerate(lines) if (label := read_label(line)) is not None and label.number is not None), default=0)
    last_row = max((i for i, p in enumerate(document.paragraphs) if p.kind == "row"), default=0)
    for i in range(max(last_label, last_row) + 1, len(lines)):
        bare = _no_space(lines[i])
        if _BODY_END.match(lines[i]) or _PRINTED.match(bare) or _RED_HEAD.match(bare) or furniture.match(bare):
            return i
        if i + 1 < len(lines) and _DATE.fullmatch(_no_space(lines[i + 1])) and len(bare) <= 30 and _ORGAN.search(bare):
            return i
        if _DATE.fullmatch(bare):
            return i
    return len(lines)


def _issuer_of_title(lines: list[str], title: str | None) -> str | None:
    """`国务院关于…的意见`: the organ before 关于; of a work report the government whose head reads it (某县人民政府县长　某某)."""
    for candidate in [title or ""] + lines[:6]:
        m = re.match(r"^(?:.{0,20}号《|(?:标题|名称|发文标题)[:：]?)?([一-龥]{2,30}?)关于", _no_space(candidate))
        m = m or re.match(r"^([一-龥]{2,20}?[局厅委部院会])20\d\d年", _no_space(candidate))
        if m and _ORGAN.search(m[1]):
            return m[1]
    above = next((_no_space(line) for line, below in zip(lines[:10], lines[1:11]) if _no_space(below).startswith("关于") and _ORGAN.search(_no_space(line))), None)
    if above and re.fullmatch("[一-龥]{3,30}", above):
        return above
    speaker = next((m for line in lines[:8] if (m := re.match(r"^([一-龥]{2,14}?政府)代?(?:省|市|县|区|旗|州|盟|镇|乡)长", line.strip()))), None)
    return speaker and speaker[1]


def _place(issuer: str | None, title: str | None, lines: list[str], listed: frozenset[str]) -> str | None:
    """The place whose plan this is, without the places above it: 松坪街道 of 某市人民政府白塘街道办事处. `listed`: the cities and counties that there are."""
    named = re.sub(r"^(?:20\d\d(?:[-—－至]20\d\d)?年?|中共|中国共产党)+", "", _no_space(issuer or title or ""))
    known = next((named[:size] for size in range(2, min(12, len(named))) if named[:size] in listed), None)
    guess = re.match(r"^(?!关于|[省市县区镇乡][长委政直级])[一-龥]{2,9}?(?:省|自治区|自治州|州|市|县|区|旗)(?=[^一-龥]|[一-龥]{2})", named)
    own = known or (guess.group() if guess and not re.search("城市|全域|推动|推进|加强|关于", guess.group()) else None)
    rest = named[len(own):] if own else ""
    below = next((rest[:size] for size in range(min(12, len(rest)), 1, -1) if rest[:size] in listed), None)
    if below and issuer and not _PLACE.search(issuer):
        return below
    for source in (issuer, title, *(line for line in lines[:4] if len(line) <= 60 and not re.search("[。，]", line))):
        bare = _no_space(source or "")
        bare = re.sub(r"^(?:20\d\d(?:[-—－至]20\d\d)?年?|中共|关于印发|[《〈“])+", "", bare)
        if re.match("关于|城乡|[省市县区镇乡][长委政直级]|[经在对为向]", bare):
            continue
        while True:
            higher = _HIGHER.match(bare)
            if higher is None or not _PLACE.search(bare[higher.end() :]):
                break
            bare = bare[higher.end() :]
        m = _PLACE.match(bare)
        if m and len(m.group()) >= 2 and not re.match("各|推动|推进|加快|全域|建设|创建", m.group()):
            return m.group()
    return below or own


def _iso(m: re.Match[str]) -> str | None:
    year, month, day = (_integer(part) for part in m.groups()[:3])
    return f"{year:04d}-{month:02d}-{day:02d}" if year and month and day else None


def _integer(text: str) -> int:
    if text.isdigit():
        return int(text)
    value = parse(text)
    return int(value) if value is not None else 0


def _no_space(text: str) -> str:
    return re.sub(r"[\s　]+", "", text)
