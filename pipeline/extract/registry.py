"""The registered bodies by every name they go by: full names, levels, and what reforms made of them.

A name is read as a prefix (whose it is: 市, 市委, 国家, 某某市) and a registered name behind it. The registry is `rules/units/`, places are `rules/places/`.
"""

from __future__ import annotations

from functools import lru_cache

from pipeline.rulebook.load import Rulebook
from pipeline.text import matching

# A name that two kinds share is the higher one's.
_PLACE_KINDS = (("provinces", "province"), ("cities", "city"), ("counties", "county"), ("towns", "town"))
# Kinds whose names may begin with any place or proper name: 某某中心小学, 西安海关.
_NAMED_FREELY = ("institution", "enterprise", "vertical", "judicial", "office")


class BodyRegistry:
    """Looks up bodies by name. Names must be folded (simplified characters) by the caller."""

    def __init__(self, rulebook: Rulebook):
        self._by_name: dict[str, list[dict]] = {}
        for entry in rulebook.units:
            for name in (entry["name"], *entry.get("alias", ())):
                self._by_name.setdefault(name, []).append(entry)
        self.names = tuple(self._by_name)
        self._places: dict[str, str] = {}
        suffix = rulebook.pattern("units.place.suffix")
        for kind, level in _PLACE_KINDS:
            for name in rulebook.places.get(kind, ()):
                self._places.setdefault(name, level)
                short = suffix.sub("", name)
                if kind != "towns" and len(short) > 1:
                    self._places.setdefault(short, level)
        self._longest_place = max(map(len, self._places), default=0)
        self._committee = str(rulebook.settings["units.party.committee"])
        self._heads = rulebook.terms("units.registry.heads")
        ended = [name for name, entries in self._by_name.items() if any("valid_to" in entry for entry in entries)]
        self.ended = (*ended, *(head for head in self._heads if any(name.startswith(head) for name in ended)))
        self._systems = frozenset(rulebook.terms("units.prefix.system"))
        self._level_words = frozenset(rulebook.terms("units.prefix.level_word"))
        self._party = rulebook.pattern("units.prefix.party")
        self._placed = rulebook.pattern("units.prefix.place")
        self._before = rulebook.pattern("units.prefix.before")
        self._no_place = rulebook.pattern("units.prefix.never")
        self._whole = rulebook.pattern("units.prefix.throughout")
        self._self_placed = rulebook.pattern("units.prefix.in_name")
        self._each = rulebook.pattern("units.level_of.each")
        self._somewhere = rulebook.pattern("units.level_of.unknown")
        self._affix = rulebook.pattern("units.prefix.affix")
        self._levels = [(rule["set"]["level"], tuple(rule["terms"])) for rule in rulebook.group("units.level")]
        self._first_chars = frozenset("".join(word[0] for word in self._level_words))
        self.find = lru_cache(maxsize=20000)(self._find)

    # ------------------------------------------------------------ reading a name

    def _find(self, name: str, strict: bool = False) -> tuple[str, str, tuple[dict, ...]] | None:
        """Prefix, registered name, entries; None if unknown. `strict`: the prefix must be a level word or a listed place."""
        for whole in (name, _without_last_parenthesis(name)):
            for i in range(len(whole)):
                entries = self._by_name.get(whole[i:])
                if entries:
                    fitting = tuple(entry for entry in entries if self._fits(whole[:i], whole[i:], entry, strict))
                    if fitting:
                        return whole[:i], whole[i:], fitting
        for head in self._heads:  # the place stands inside: 人民银行 + 西安 + 分行
            if name.startswith(head):
                for i in range(len(head) + 1, min(len(name) - 1, len(head) + 10)):
                    entries, place = self._by_name.get(head + name[i:]), name[len(head):i]
                    if entries and (place in self._level_words or place in self._places or not strict and len(place) > 1):
                        return name[len(head):i], head + name[i:], tuple(entries)
        return None

    def _fits(self, prefix: str, core: str, entry: dict, strict: bool) -> bool:
        """Can `prefix` stand before this body?"""
        if not prefix or prefix in self._places or prefix in self._systems:
            return True
        party = self._party.fullmatch(prefix)
        if party and entry["kind"] == "party":
            place = party["place"]
            return not place or place in self._level_words or place in self._places or not strict and not self._no_place.search(place)
        placed = self._placed.fullmatch(prefix)
        if placed and not placed["place"]:
            return True
        if self._no_place.search(prefix[:-1]):
            return False
        if placed:
            return placed["place"] + placed["level"] in self._places or not strict and len(prefix) < 10
        if core[0] in self._first_chars and prefix + core[0] in self._places:
            return True  # 某某 + 市委
        return not strict and entry["kind"] in _NAMED_FREELY and 2 <= len(prefix) <= 6 and not self._no_place.search(prefix[-1])

    def canonical(self, name: str, shared: str = "") -> str | None:
        """The full name behind its prefix, None if unknown. `shared`: the prefix that the first of a list lends to those without one."""
        hit = self.find(name)
        if hit is None:
            return None
        prefix, core, entries = hit
        entry = self._entry(entries, core, self._level_of(prefix))
        if entry is None:
            return name
        if prefix and not name.startswith(prefix):
            tail = name[name.index(prefix) + len(prefix):]
            return entry["name"].removesuffix(tail) + prefix + tail
        if prefix:
            return self._joined(prefix, entry)
        if shared and entry["kind"] not in ("vertical", "enterprise"):
            level = self._level_of(shared)
            fitting = self._entry(entries, core, level)
            if fitting and level in fitting["level"] and not self._self_placed.match(fitting["name"]):
                return self._joined(shared, fitting)
        return entry["name"]

    def _entry(self, entries: tuple[dict, ...], core: str, level: str | None) -> dict | None:
        """The entry to name a body by: of its level, and not ended if possible. None where a short name stands for two different bodies.

        A short name that the party and the government share is the government's (市外办); behind 市委 only the party's fits.
        """
        here = tuple(entry for entry in entries if level in entry["level"]) or entries
        here = tuple(entry for entry in here if "valid_to" not in entry) or here
        exact = next((entry for entry in here if entry["name"] == core), None)
        here = tuple(entry for entry in here if entry["kind"] != "party") or here
        return exact or (here[0] if len({entry["name"] for entry in here}) == 1 else None)

    def _joined(self, prefix: str, entry: dict) -> str:
        """市 + 组织部 is 市委组织部: a party organ belongs to the committee, not to the place."""
        belongs = entry["kind"] == "party" and not self._party.fullmatch(prefix) and not self._self_placed.match(entry["name"])
        committee = self._committee if belongs and self._level_of(prefix) in ("province", "city", "county") else ""
        return prefix + committee + entry["name"]

    def place_prefix(self, name: str) -> str:
        """The prefix that the first name of a list lends to the others: 市 of 市教育局, of 市委宣传部; "" if it lends none."""
        hit = self.find(name)
        if hit is None:
            return name[0] if len(name) > 3 and name[0] in self._level_words else ""
        party = self._party.fullmatch(hit[0])
        prefix = (party["place"] or "") if party else hit[0]
        return prefix if prefix in self._level_words or prefix in self._places else ""

    def is_place(self, prefix: str) -> bool:
        """Is a prefix beyond doubt: none, a level word, a listed place, 国家, 市委?"""
        party = self._party.fullmatch(prefix)
        own = (party["place"] or "") if party else prefix
        return not own or own in self._level_words or own in self._places or own in self._systems

    # ------------------------------------------------------------ level, reforms

    def level(self, name: str) -> str | None:
        """state, province, city, county, town, village; None where neither prefix nor registry tells."""
        each = self._each.match(name)
        if each:
            return next((level for level, words in self._levels if each["rest"].startswith(words)), None)
        hit = self.find(name)
        if hit is None:
            somewhere = self._somewhere.match(name)
            return self._level_of(somewhere.group()) if somewhere else self._level_of(name)
        level = self._level_of(hit[0])
        own = {known for entry in hit[2] for known in entry["level"]}
        return level or (next(iter(own)) if len(own) == 1 and own != {"any"} else None)

    def _level_of(self, prefix: str) -> str | None:
        """The level of a place or a prefix: 市, 市委, 区级, 国家, 某某市."""
        party = self._party.fullmatch(prefix)
        if party and prefix not in self._systems:
            prefix = party["place"] or ""
        if not prefix:
            return None
        if prefix in self._places:
            return self._places[prefix]
        if prefix in self._systems:
            return "state"
        prefix = self._affix.sub("", prefix)
        return next((level for level, words in self._levels if prefix.endswith(words)), None)

    def obsolete(self, name: str, date: str | None) -> tuple[str, str, str] | None:
        """The reform, today's name and the last day of a body that was gone at `date` (None: that is gone at all).

        None for a name that a body of its level still had: 安监办 ended in counties, not in towns.
        """
        hit = self.find(name)
        if hit is None:
            return None
        prefix, _, entries = hit
        level = self._level_of(prefix)
        same = tuple(entry for entry in entries if not level or level in entry["level"] or "any" in entry["level"])
        if not same or any("valid_to" not in entry or date is not None and date <= entry["valid_to"] for entry in same):
            return None
        entry = max(same, key=lambda e: (e["valid_to"], e["name"]))
        place = prefix if level not in (None, "state") else ""
        today = "、".join(self._joined(place, self._by_name[new][0]) if place and new in self._by_name else place + new for new in entry["successor"])
        return entry["source"], today, entry["valid_to"]

    # ------------------------------------------------------------ running text

    def prefix_before(self, block: str, at: int, word: str) -> int:
        """How many characters before a name in running text belong to it: a listed place, a level word, 市委."""
        before = block[max(0, at - self._longest_place - 3):at]
        hit = self._before.search(before)
        own = hit.group() if hit and any(self._fits(hit.group(), word, entry, False) for entry in self._by_name[word]) else ""
        lead = before[:len(before) - len(own)]
        if own and self._whole.search(lead + own[0]):
            return 0  # 全市教育局: 市 belongs to 全
        level = own[0] if own else word[0] if word[0] in self._first_chars else ""
        for size in range(min(self._longest_place, len(lead)), 0 if level else 1, -1):
            if lead[-size:] + level in self._places or not own and size > 1 and lead[-size:] in self._places:
                return len(own) + size
        return len(own)

    def says_whose(self, word: str) -> bool:
        """Does a registered name itself say whose it is (国家税务总局, 团市委, 海关总署)?"""
        return self._self_placed.match(word) is not None or all(entry["level"] == ["state"] for entry in self._by_name[word])


def _without_last_parenthesis(name: str) -> str:
    """市委宣传部（市文明办） → 市委宣传部: the second sign on the door does not make another body."""
    if name.endswith(("）", ")", "〕", "】", "]")):
        for opening, closing in matching(name).items():
            if closing == len(name) - 1:
                return name[:opening]
    return name
