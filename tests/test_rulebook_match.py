"""Words and concepts: found the same with and without the automaton, and exactly when their definition says."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plans import CORPORA

from pipeline.rulebook import match
from pipeline.rulebook.load import load
from pipeline.rulebook.match import ConceptIndex, Words, alternation, find, fold_concept, folded

LETTERS = st.text(st.sampled_from("甲乙丙丁"), min_size=1, max_size=3)
TEXT = st.text(st.sampled_from("甲乙丙丁 "), max_size=20)
GROUP = st.lists(LETTERS, min_size=1, max_size=3)
CONCEPTS = st.lists(
    st.fixed_dictionaries(
        {
            "any": st.lists(LETTERS, max_size=2),
            "all": st.lists(st.lists(GROUP, min_size=2, max_size=3), max_size=2),
            "not": st.lists(LETTERS, max_size=1),
            "implies": st.lists(st.sampled_from(["c0", "c1", "c2"]), max_size=1),
        }
    ),
    min_size=3,
    max_size=3,
).map(lambda found: [{"id": f"c{i}", **c} for i, c in enumerate(found)])


def concept(**fields):
    return fold_concept({"id": "trial.one", **fields})


def fires(text: str, **fields) -> bool:
    return "trial.one" in ConceptIndex([concept(**fields)]).find(text)


def test_any_word_fires_a_concept():
    assert fires("换新路灯", any=["路灯", "灯杆"]) and fires("立灯杆", any=["路灯", "灯杆"]) and not fires("修护栏", any=["路灯", "灯杆"])


def test_all_needs_a_word_of_every_group_of_one_combination():
    groups = [[["学校", "课堂"], ["实验"]], [["工地"], ["安全帽"]]]
    assert fires("学校添实验台", all=groups) and fires("工地发安全帽", all=groups)
    assert not fires("学校发安全帽", all=groups)


def test_not_silences_a_concept():
    assert fires("老化管道", any=["老化"], **{"not": ["适老化"]}) and not fires("适老化改造", any=["老化"], **{"not": ["适老化"]})


def test_one_word_may_stand_in_several_groups_and_concepts():
    index = ConceptIndex([concept(any=["实验"]), fold_concept({"id": "trial.two", "all": [[["实验"], ["实验", "课堂"]]]})])
    assert set(index.find("做实验")) == {"trial.one", "trial.two"}


def test_an_implied_concept_fires_with_the_words_of_the_other_and_passes_on():
    index = ConceptIndex([{"id": "a.a", "any": ["甲甲"], "implies": ["b.b"]}, {"id": "b.b", "any": ["乙乙"], "implies": ["c.c"]}, {"id": "c.c", "any": ["丙丙"]}])
    assert index.find("甲甲") == {"a.a": ("甲甲",), "b.b": ("甲甲",), "c.c": ("甲甲",)}


def test_concepts_that_imply_each_other_end():
    index = ConceptIndex([{"id": "a.a", "any": ["甲甲"], "implies": ["b.b"]}, {"id": "b.b", "any": ["乙乙"], "implies": ["a.a"]}])
    assert set(index.find("乙乙")) == {"a.a", "b.b"}


def test_full_width_and_spaces_do_not_hide_a_word():
    assert fires("推广 Ｗ Ｉ－ＦＩ 覆盖", any=["wi-fi"])


def test_the_proof_is_the_longest_word_of_each_group():
    assert ConceptIndex([concept(all=[[["灯", "路灯"], ["修"]]])]).find("修路灯") == {"trial.one": ("路灯", "修")}


def test_words_of_two_texts_may_fire_a_concept_together():
    index = ConceptIndex([concept(all=[[["老人"], ["讲座"]]])])
    assert index.read([index.words("办讲座")], [index.words("关爱老人")]) == [({}, {"trial.one": ("老人", "讲座")})]


def test_alternation_prefers_the_longest_word():
    import re

    assert re.match(alternation(["镇", "镇政府", "镇政"]), "镇政府办").group() == "镇政府"


def test_terms_and_patterns_give_their_set_values():
    assert [*find({"kind": "terms", "terms": ["每年", "年"], "set": {"frequency": "annual"}}, "每年一次")] == [(0, 2, {"frequency": "annual"})]
    assert [*find({"kind": "regex", "pattern": "(?P<value>\\d+)(?P<unit>棵)?", "set": {}}, "栽3")] == [(1, 2, {"value": "3"})]


def truth(concepts: list[dict], text: str) -> set[str]:
    """The definition, word for word."""
    plain = folded(text)
    fired = {
        c["id"]
        for c in concepts
        if (any(w in plain for w in c["any"]) or any(all(any(w in plain for w in g) for g in combination) for combination in c["all"]))
        and not any(w in plain for w in c["not"])
    }
    while True:
        more = fired | {i for c in concepts if c["id"] in fired for i in c["implies"]}
        if more == fired:
            return fired
        fired = more


@given(CONCEPTS, TEXT)
def test_concepts_fire_exactly_as_defined(concepts, text):
    assert set(ConceptIndex([fold_concept(c) for c in concepts]).find(text)) == truth(concepts, text)


@given(st.lists(LETTERS, max_size=6), TEXT)
def test_words_are_all_occurrences_in_order(words, text):
    hits = Words(words).find(text)
    assert hits == sorted(((i, i + len(w), w) for w in set(words) for i in range(len(text)) if text.startswith(w, i)), key=lambda hit: (hit[1], hit[0]))
    longest = Words(words).longest(text)
    assert all(a[1] <= b[0] for a, b in pairwise(longest)) and set(longest) <= set(hits) and bool(longest) == bool(hits)


@pytest.mark.skipif(match.ahocorasick is None, reason="pyahocorasick is not installed: there is only one way to find words")
@given(words=st.lists(LETTERS, max_size=6), concepts=CONCEPTS, text=TEXT)
@settings(max_examples=60)
def test_words_and_concepts_are_the_same_without_the_automaton(words, concepts, text):
    with_it = Words(words).find(text), Words(words).longest(text), ConceptIndex(concepts).find(text)
    automaton, match.ahocorasick = match.ahocorasick, None
    try:
        assert (Words(words).find(text), Words(words).longest(text), ConceptIndex(concepts).find(text)) == with_it
    finally:
        match.ahocorasick = automaton


def test_the_project_s_concepts_fire_alike_without_the_automaton(monkeypatch):
    from plans import CORPORA, readers

    concepts = [c for members in readers().rulebook.concepts.values() for c in members]
    text = (CORPORA / "science" / "city.txt").read_text(encoding="utf-8")
    index = ConceptIndex(concepts)
    with_it = [index.find(line) for line in text.splitlines()]
    monkeypatch.setattr(match, "ahocorasick", None)
    index = ConceptIndex(concepts)
    assert [index.find(line) for line in text.splitlines()] == with_it and any(with_it)


def test_an_index_without_concepts_comes_back_too():
    assert ConceptIndex.thawed(ConceptIndex([]).frozen()).find("农技员进村") == {}


def test_an_index_from_the_cache_finds_the_same(tmp_path, monkeypatch):
    monkeypatch.setenv("LUOSHI_CACHE", str(tmp_path))
    book = load()
    first, (kept,) = book.index("rural_environment"), (tmp_path / "luoshi").glob("concepts-*.marshal")
    written = kept.read_bytes()
    again = book.index("rural_environment")
    sentences = [example for c in book.concepts["general"] + book.concepts["rural_environment"] for example in (c["name"], *c.get("any", ())[:2])]
    found = [first.find(sentence) for sentence in sentences]
    assert len(found) > 500 and any(found) and [again.find(sentence) for sentence in sentences] == found
    assert again.slot == first.slot and again.name == first.name and kept.read_bytes() == written
    kept.write_bytes(b"\x00" * 50)
    made = book.index("rural_environment")
    assert [made.find(sentence) for sentence in sentences] == found


def test_what_is_known_already_is_left_out_and_nothing_else_changes():
    """Headings beside a sentence: the concepts of the sentence are known, the rest is as if all were looked for."""
    concepts = load().concepts["general"] + load().concepts["rural_environment"]
    index = ConceptIndex(concepts)
    lines = [line for line in (CORPORA / "demo" / "city.txt").read_text(encoding="utf-8").splitlines() if len(line) > 20][:40]
    own, above = ([index.words(line) for line in some] for some in (lines[1:], lines))
    seen = 0
    for line, (fired, lent), words, around in zip(lines[1:], index.read(own, above[:-1]), own, above):
        ((together, _),) = index.read([words | around], [frozenset()])
        assert fired == index.find(line) and lent == {c: proof for c, proof in together.items() if c not in fired}
        seen += len(lent)
    assert seen > 50


def test_the_words_among_a_text_are_those_found_in_it():
    words = Words(["厕所", "农村厕所", "所", "污水"])
    assert words.among("改造农村厕所") == {word for _, _, word in words.find("改造农村厕所")} == {"厕所", "农村厕所", "所"} and not Words([]).among("x")
