"""The HTML report: one file that loads nothing from outside, for a screen of 1366 × 768, for paper, and for a keyboard.

`page_sections` writes everything that is read without a click (matrix, totals, findings, how it was checked); the script in `page_script` opens the
panel, moves, filters, draws the graph and, where there are too many cells for a table, the matrix. It works on `page_payload`, and puts text into the page as
text, never as HTML. A policy in the page's head lets no other script run.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from html import escape

from pipeline.errors import UnreadableFile
from pipeline.model import CoverageTrace
from pipeline.report import page_payload, page_sections, words
from pipeline.report.page_assets import STYLE
from pipeline.report.page_script import SCRIPT
from pipeline.report.rulings import NONE, Rulings

_LIMIT = 4_800_000  # bytes of a page: what an office's mail takes, and what opens at once


def page(trace: CoverageTrace, unreadable: Iterable[UnreadableFile] = (), origins: Mapping[str, str] | None = None, rulings: Rulings = NONE,
         beside: Mapping[str, str] | None = None) -> str:
    """The report of a check as one HTML text.

    Args:
      unreadable: Inputs that could not be read; they are named, and nothing is said of them.
      origins: Rule id → "file:line", shown beside each rule.
      rulings: What people decided; it stands beside what the program found.
      beside: Place → the page of its own (relative to this one), for a page that has no room for the texts of all places.
    """
    title = f"{words.document_title(trace.upper)}落实情况核对报告"
    content = page_payload.core(trace, origins or {}, rulings)
    for town in content["towns"]:
        if beside and town["name"] in beside:
            town["page"] = beside[town["name"]]
    content["drawn"] = page_sections.is_drawn(trace)
    sections = [
        ("matrix", "覆盖矩阵", page_sections.matrix(trace, rulings)),
        ("towns", "分镇情况", page_sections.towns(trace, rulings)),
        ("findings", "问题清单", page_sections.findings(trace, rulings)),
        ("totals", "目标汇总", page_sections.totals(trace)),
        ("missed", "各地均未落实", page_sections.missed(trace)),
        ("duties", "责任分工", page_sections.duties(trace)),
        ("graph", "责任图", page_sections.GRAPH),
        ("own", "自有任务", page_sections.own(trace)),
        ("method", "核对说明", page_sections.method(trace, tuple(unreadable), rulings)),
    ]
    tabs = "".join(f'<a href="#{id_}" data-tab="{id_}">{name}</a>' for id_, name, _ in sections)
    bodies = "\n".join(_section(*section) for section in sections)
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{_sha256(SCRIPT)}'; base-uri 'none'; form-action 'none'"
    head = f"""<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="luoshi">
<title>{escape(title)}</title>
<style>{STYLE}{_colours()}</style>
</head>
<body>
<a class="skip" href="#matrix">跳到覆盖矩阵</a>
<header>
<h1>{escape(title)}</h1>
{page_sections.summary(trace, rulings)}
</header>
<nav aria-label="各部分">{tabs}</nav>
<div id="stage">
<main>
{bodies}
</main>
<aside id="panel" aria-label="原文比对" tabindex="-1" hidden></aside>
</div>
<noscript><p class="note">本页的点击查看、筛选和责任图需要允许脚本运行；不运行脚本时，逐条原文见同时生成的工作簿“明细”表。</p></noscript>
"""
    foot = f"<script>{SCRIPT}</script>\n</body>\n</html>\n"
    parts: list[str] = []
    plain = page_payload.plain(trace, rulings)
    if plain is not None:
        for town, detail in zip(content["towns"], plain):
            town.update(detail)
        content["depth"] = page_payload.FULL
    else:
        room = _LIMIT - len((head + foot + _embedded(content)).encode()) - 2000
        content["depth"], content["per"], parts = page_payload.packed(trace, rulings, room)
    listed = "".join(f'<script type="text/plain" id="part-{i}">{part}</script>\n' for i, part in enumerate(parts))
    return f'{head}<script type="application/json" id="content">{_embedded(content)}</script>\n{listed}{foot}'


def _section(id_: str, name: str, body: str) -> str:
    look = "grid" if id_ in ("matrix", "duties", "graph") else "text"  # a grid scrolls inside itself
    return f'<section id="{id_}" class="{look}" aria-labelledby="{id_}-h"><h2 id="{id_}-h">{name}</h2>\n{body}</section>'


def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def _embedded(content: dict) -> str:
    """JSON that can stand inside a script element: no markup, and no line ends that only JavaScript knows."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


def _colours() -> str:
    rules = [f".v-{verdict.value}{{background:{back};color:{ink}}}" for verdict, (back, ink) in words.VERDICT_COLOUR.items()]
    rules += [f".r-{role.value}{{background:{back};color:{ink}}}" for role, (back, ink) in words.ROLE_COLOUR.items()]
    return "".join(rules)
