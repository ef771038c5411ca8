"""Documents that a document names, with their numbers and the level of whoever issued them, so that the chain from the country down to a town can be drawn."""

from __future__ import annotations

import re

from pipeline.rulebook.load import Rulebook

_CITED = re.compile(r"《((?:[^《》〈〉]|〈[^〈〉]*〉)+)》\s*(?:[（(]\s*([^（）()《》]{3,30}?号)\s*[）)])?")
_LEAD = 14  # characters before a title that say whose it is: 市委、市政府办公室印发的
_PARTY = re.compile(r"^(?:中共)(?!中央)")
_KINDS = (("provinces", "province"), ("cities", "city"), ("counties", "county"))


def read_cites(text: str, title: str | None, rulebook: Rulebook) -> tuple[tuple[str, str | None, str | None], ...]:
    """(title, number, level) of every document named in 《》, once, in reading order. Number and level are None where the text does not tell."""
    places = {name: level for kind, level in reversed(_KINDS) for name in rulebook.places.get(kind, ())}
    found: dict[str, tuple[str | None, str | None]] = {}
    for m in _CITED.finditer(text):
        name = re.sub(r"\s", "", m[1])
        if name == title:
            continue
        number = re.sub(r"\s", "", m[2]) if m[2] else None
        before = re.split(r"[，。；：《》\n]", text[max(0, m.start() - _LEAD) : m.start()])[-1]
        known = found.get(name, (None, None))
        found[name] = (known[0] or number, known[1] or _level(name, number, before, places, rulebook))
    return tuple((name, number, level) for name, (number, level) in found.items())


def _level(name: str, number: str | None, before: str, places: dict[str, str], rulebook: Rulebook) -> str | None:
    """state, province, city, county or town; None where neither the title, nor the words before it, nor the number say."""
    bare = _PARTY.sub("", name)
    listed = [place for size in range(2, min(12, len(bare))) if (place := bare[:size]) in places]
    if listed:  # 福建省某市…: the last place of the row is whose it is
        rest = bare[len(listed[0]) :]
        below = [rest[:size] for size in range(2, min(12, len(rest))) if rest[:size] in places]
        return places[below[-1]] if below else places[listed[0]]
    rules = [(rule["id"].rpartition(".")[2], rule["set"]["level"], rulebook.pattern(rule["id"])) for rule in rulebook.group("outline.cite")]
    for source, numbered in ((bare, False), (before, False), (number or "", True)):
        for kind, level, pattern in rules:
            if source and kind.endswith("_number") == numbered and pattern.search(source):
                return level
    return None
