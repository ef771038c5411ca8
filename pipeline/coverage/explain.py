"""Why: one Chinese sentence a verdict, made of what matched and what did not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pipeline.coverage.concepts import Lexicon, Profile
from pipeline.coverage.statements import Statement


def reason(measure: Profile, statement: Profile | None, near: Statement | None, covered: bool, lexicon: Lexicon, adopted: bool, unread: bool, kinds: Sequence[str] = ()) -> str:
    """The verdict in words. `near` is the closest statement, None where nothing in the document links; `kinds`: names of the kinds of work that both are by example sentences."""
    if adopted:
        return "本文件声明直接执行上级方案，视为已答复。"
    wanted = _named(measure.own, lexicon)
    if near is None or statement is None:
        tail = f"没有句子说到{_list(wanted)}" if wanted else "没有句子与本举措相关"
        return ("已读出的部分中" if unread else "全文") + tail + ("；另有页面未能读出，请人工核对。" if unread else "。")
    both = {c for c in measure.own if c in statement.own or c in statement.context}
    shared = _named(both, lexicon)
    missing = [n for n in wanted if n not in shared]
    people = [c for c in measure.own if lexicon.slot[c] == "people"]
    same = [lexicon.name[c] for c in people if c in statement.own or c in statement.context]
    words = [_pair(measure.own[c], statement.own.get(c) or statement.context.get(c) or ()) for c in _told(both, lexicon)[:2]]
    parts = []
    if shared:
        parts.append(f"都说到{_list(shared)}" + (f"（{'，'.join(w for w in words if w)}）" if any(words) else ""))
    if told := [kind for kind in kinds if kind not in shared]:
        parts.append(f"按例句同属{_list(told)}")
    if not parts and not set(statement.pairs).isdisjoint(measure.pairs):
        parts.append("用语相近")
    if same:
        parts.append(f"对象相同（{_list(same)}）")
    if missing:
        parts.append(f"没有说到{_list(missing)}")
    detail = "；".join(parts) or "只有零星用词相同"
    if covered:
        return f"“{short(near.text)}”与本举措{detail}。"
    opening = "已读出的部分中，" if unread else ""
    return f"{opening}最接近的“{short(near.text)}”与本举措{detail}，不足以认定落实" + ("；另有页面未能读出，请人工核对。" if unread else "。")


def _named(concepts: Iterable[str], lexicon: Lexicon) -> list[str]:
    """Names of concepts that say something, the telling slots first; general ones only where the domain has none."""
    told = _told(concepts, lexicon)
    special = [c for c in told if not lexicon.is_general(c)]
    return list(dict.fromkeys(lexicon.name[c] for c in (special or told)))[:3]


def _told(concepts: Iterable[str], lexicon: Lexicon) -> list[str]:
    """Those that are not people, the telling slots first."""
    rank = lexicon.rank
    return sorted([c for c in concepts if c in rank], key=rank.__getitem__)


def _pair(left: tuple[str, ...], right: tuple[str, ...]) -> str:
    a, b = "、".join(left), "、".join(right)
    if not a or not b or a == b:
        return f"“{a}”" if a else ""
    return f"“{a}”对“{b}”"


def _list(names: list[str]) -> str:
    return "、".join(names)


def short(text: str, length: int = 30) -> str:
    """The head of a sentence, for a message."""
    return text if len(text) <= length else text[:length] + "……"
