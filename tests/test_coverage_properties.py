"""What must hold for every town plan: more commitments never cover less, typography decides nothing, the same input gives the same bytes."""

from __future__ import annotations

from functools import cache
from importlib import import_module

import pytest
from plans import CORPORA, checked, document, duties, readers, town

from pipeline import ingest, outline
from pipeline.coverage import Duties
from pipeline.extract import extract
from pipeline.outline.frame import read_frame
from pipeline.report import data

TOWNS = ("luting", "fengpu", "yuwu")
# The half-width form of what an office types in either width; 。 and 、 have none.
NARROW = {0xFF01 + i: chr(0x21 + i) for i in range(94)}


@cache
def judge(city: str, domain: str = "auto") -> Duties:
    return Duties(_plan(CORPORA / city / "city.txt"), readers(), domain)


def _plan(path):
    return extract(outline.build(ingest.read(path), readers().rulebook), readers())


@cache
def lines(city: str, name: str) -> tuple[tuple[str, ...], int]:
    """The paragraphs of a plan and where its footer begins."""
    read = ingest.read(CORPORA / city / f"{name}.txt")
    _, body = read_frame(read, readers().rulebook)
    return tuple(read.text[p.start : p.end] for p in read.paragraphs), body.stop


def coverage(city: str, plan):
    return judge(city).check(extract(outline.build(document(*plan), readers().rulebook), readers()), "某镇")


def covered(result) -> dict[str, bool]:
    return {m.id: m.covered for t in result.tasks for m in t.measures if m.binds}


@cache
def base(city: str, name: str) -> dict[str, bool]:
    return covered(coverage(city, lines(city, name)[0]))


def missing(city: str, name: str, step: int) -> list[str]:
    gaps = [id_ for id_, yes in base(city, name).items() if not yes]
    assert len(gaps) > step
    return gaps[::step]


@pytest.mark.parametrize("name", TOWNS)
def test_adding_a_commitment_covers_its_measure_and_never_uncovers_another(name):
    plan, end = lines("demo", name)
    texts = {m.id: m.text for t in judge("demo").upper.tasks for m in t.measures}
    before, still_missing, lost = base("demo", name), [], []
    for id_ in missing("demo", name, 5):
        after = covered(coverage("demo", (*plan[:end], "九、补充安排", texts[id_], *plan[end:])))
        still_missing += [] if after[id_] else [id_]
        lost += [(id_, other) for other, yes in before.items() if yes and not after[other]]
    assert still_missing == [] and lost == []


@pytest.mark.parametrize("name", TOWNS)
def test_full_and_half_width_give_the_same_verdicts(name):
    plan, _ = lines("demo", name)
    digits = {ord(str(d)): chr(0xFF10 + d) for d in range(10)}
    wide = covered(coverage("demo", [line.translate(digits) for line in plan]))
    half = covered(coverage("demo", [line.translate(NARROW) for line in plan]))
    assert {id_ for id_, yes in base("demo", name).items() if wide[id_] != yes} == set()
    assert {id_ for id_, yes in base("demo", name).items() if half[id_] != yes} == set()


@pytest.mark.parametrize("name", ("luting", "fengpu"))  # yuwu's lines are mostly shorter than the wrap: nothing tells where they were cut
def test_lines_that_a_crawler_wrapped_give_the_same_verdicts(name, tmp_path):
    wrapped = []
    for line in lines("demo", name)[0]:
        wrapped += [line[i : i + 40] for i in range(0, len(line), 40)]
    path = tmp_path / "plan.txt"
    path.write_text("\n".join(wrapped) + "\n", encoding="utf-8")
    after = covered(judge("demo").check(_plan(path), "某镇"))
    assert {id_ for id_, yes in base("demo", name).items() if after[id_] != yes} == set()


@pytest.mark.parametrize("name", TOWNS)
def test_spaces_between_words_give_the_same_verdicts(name):
    spaced = [line.replace("，", "，　").replace("、", "、 ") for line in lines("demo", name)[0]]
    after = covered(coverage("demo", spaced))
    assert {id_ for id_, yes in base("demo", name).items() if after[id_] != yes} == set()


@pytest.mark.parametrize("upper, lower", [("demo", ("science", "mazhaao")), ("demo", ("science", "zhumuya")), ("science", ("demo", "luting")), ("science", ("demo", "yuwu"))])
def test_a_plan_of_another_theme_covers_next_to_nothing(upper, lower):
    result = judge(upper).check(_plan(CORPORA / lower[0] / f"{lower[1]}.txt"), "某镇")
    wrong = [m.id for t in result.tasks for m in t.measures if m.binds and m.covered]
    assert len(wrong) <= 0.1 * sum(m.binds for t in result.tasks for m in t.measures), f"{len(wrong)} covered: {wrong}"


@pytest.mark.parametrize("lower", [("science", "zhumuya"), ("science", "fengchahe")])
def test_a_plan_of_another_theme_covers_next_to_nothing_of_a_short_city_plan_either(lower):
    result = duties().check(_plan(CORPORA / lower[0] / f"{lower[1]}.txt"), "某镇")
    wrong = [(m.id, m.evidence[0].text) for t in result.tasks for m in t.measures if m.binds and m.covered]
    assert len(wrong) <= 1, wrong


def test_the_same_bytes_twice():
    from pipeline.coverage import check

    def written() -> str:
        upper = _plan(CORPORA / "science" / "city.txt")
        return data.dumps(data.check_json(check(upper, [("枫镇", _plan(CORPORA / "science" / "fengchahe.txt"))], readers()), ()))

    first = written()
    assert first == written() and len(first) > 10_000


def test_the_hash_seed_changes_no_byte(tmp_path):
    import os
    import subprocess
    import sys

    said = {
        subprocess.run([sys.executable, "-m", "pipeline.cli", "check", "corpora/science/city.txt", "corpora/science/fengchahe.txt", "--format", "json"],
                       capture_output=True, cwd=CORPORA.parent, env={**os.environ, "PYTHONHASHSEED": seed}, check=True).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1 and len(said.pop()) > 10_000


def test_what_stands_in_one_town_s_plan_does_not_change_another_s_verdict():
    from pipeline.coverage import check

    alone = check(duties().upper, [("芦苇镇", town())], readers(), "none").lowers[0]
    together = check(duties().upper, [("芦苇镇", town()), ("松坪镇", town({1: None, 6: None}, "松坪镇"))], readers(), "none").lowers
    assert alone in together and alone == checked()


def test_a_document_compared_by_pieces_gives_the_same_bytes(monkeypatch):
    upper, lower = judge("science"), _plan(CORPORA / "science" / "zhumuya.txt")
    _, _, whole, _, _ = upper.linked(lower)
    monkeypatch.setattr(import_module("pipeline.coverage.link"), "_TOGETHER", 7)
    _, _, pieces, _, _ = upper.linked(lower)
    assert len(whole.order) > 21 and whole.order == pieces.order
    assert whole.linked.tobytes() == pieces.linked.tobytes() and whole.features.tobytes() == pieces.features.tobytes()
