"""The chain of duties over several levels, as lines, a table and JSON."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.model import ChainRow, ChainStep
from pipeline.report.words import finding_name


def chain_lines(rows: Sequence[ChainRow], levels: Sequence[str]) -> list[str]:
    """How far the duties went, then each one that did not get down whole."""
    lines = [f"{' → '.join(levels)}：{len(rows)} 项要求"]
    for depth, level in enumerate(levels[1:], 1):
        reached = [row.steps[depth] for row in rows if len(row.steps) > depth]
        lines.append(f"  到{level}：落实 {sum(s.carried is True for s in reached)}，到此中断 {sum(s.carried is False for s in reached)}，"
                     f"无法判断 {sum(s.carried is None for s in reached)}，落实但有减损 {sum(bool(s.lost) for s in reached)}")
    for row in rows:
        for level, step in zip(levels[1:], row.steps[1:]):
            if not step.carried or step.lost:
                lines.append(f"{row.measure} {row.title}｜{level}：{_said(step)}｜{row.steps[0].quotes[0].text}")
    return lines


def chain_csv(rows: Sequence[ChainRow], levels: Sequence[str]) -> bytes:
    """One duty a row; for each level below the top one its sentences and what was lost there."""
    head = ["编号", "任务", levels[0], *(cell for level in levels[1:] for cell in (f"{level}：怎么写", f"{level}：结果"))]
    table = [head]
    for row in rows:
        cells = [row.measure, row.title, row.steps[0].quotes[0].text]
        for step in row.steps[1:]:
            cells += ["".join(quote.text for quote in step.quotes), _said(step)]
        table.append(cells + [""] * (len(head) - len(cells)))
    from pipeline.report.sheets import csv_bytes

    return csv_bytes(table)


def chain_json(rows: Sequence[ChainRow], levels: Sequence[str]) -> dict:
    return {"schema": "luoshi/chain/1", "levels": list(levels), "rows": [
        {"measure": row.measure, "title": row.title, "steps": [
            {"level": level, "carried": step.carried, "quotes": [{"text": q.text, "start": q.start, "end": q.end, "page": q.page} for q in step.quotes], "lost": list(step.lost)}
            for level, step in zip(levels, row.steps)]} for row in rows]}


def _said(step: ChainStep) -> str:
    if step.carried is None:
        return "无法判断（没有读全，或上一级写在任务之外，无从追溯）"
    return "、".join(map(finding_name, step.lost)) or "落实" if step.carried else "未见落实，到此中断"
