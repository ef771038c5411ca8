"""Kinds of work by example sentences: the weights belong to the sentences, and tell them apart."""

import importlib.util
import re
from pathlib import Path

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.coverage import exemplars
from pipeline.rulebook.load import EXEMPLARS, rules_folder
from pipeline.text import fold

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "corpora"
spec = importlib.util.spec_from_file_location("fit_exemplars", ROOT / "tests" / "fit_exemplars.py")
fit = importlib.util.module_from_spec(spec)
spec.loader.exec_module(fit)
READ = fit.read(ROOT / "rules" / "domains")


@pytest.fixture(scope="module")
def taught() -> exemplars.Exemplars:
    return exemplars.load(rules_folder() / EXEMPLARS)


def test_the_weights_are_made_of_the_sentences_that_lie_beside_them():
    with numpy.load(ROOT / "rules" / EXEMPLARS) as kept:
        assert str(kept["source"]) == fit.source(ROOT / "rules" / "domains"), "make exemplars"


def test_a_sentence_is_of_the_kinds_that_it_teaches(taught):
    sentences = [(sentence, kinds & set(taught.kinds)) for sentence, kinds in READ[0].items()]
    sentences = [(sentence, kinds) for sentence, kinds in sentences if kinds]
    assert len(sentences) > 10_000 and len(taught.kinds) > 900
    right = 0
    for begin in range(0, len(sentences), 1000):
        some = sentences[begin : begin + 1000]
        best = taught.log_odds([fold(sentence).lower() for sentence, _ in some]).argmax(axis=1)
        right += sum(taught.kinds[place] in kinds for place, (_, kinds) in zip(best, some))
    assert right / len(sentences) > 0.9


@pytest.mark.parametrize("asked, done, other", [
    ("实施老旧小区加装电梯", "三单元一楼不同意，楼长挨家去谈，年底前电梯井要动工", "三单元一楼的垃圾，楼长挨家去谈，年底前要清走"),
    ("选拔任用干部时考察科学素质", "提拔前加考两道科技常识题", "提拔前加考两道廉政常识题"),
    ("为居家老年人提供助餐服务", "村头食堂给七十岁以上的留饭，走不动的由后生端上门", "村头食堂招三个后生，会颠勺的先上岗"),
])
def test_other_words_for_one_kind_are_more_alike_than_the_same_frame_with_another_matter(taught, asked, done, other):
    upper, *lower = taught.log_odds([asked, done, other])
    near, far = exemplars.alike(exemplars.likeness(upper[None]), exemplars.likeness(numpy.array(lower)))[0]
    assert near > far


@given(st.lists(st.text(alphabet="科技老人电梯，。 12ａA\n", max_size=30), max_size=6))
def test_a_text_is_judged_by_itself_whatever_stands_beside_it_and_whatever_its_digits_and_blanks(taught, texts):
    together = taught.log_odds(texts)
    assert together.shape == (len(texts), len(taught.kinds)) and numpy.isfinite(together).all()
    for row, text in zip(together, texts):
        assert numpy.allclose(row, taught.log_odds([re.sub("[0-9 ]", "", text)])[0], atol=1e-9)


def test_what_sets_sentences_apart_does_not_need_many_of_them(taught):
    one = taught.log_odds(["给独居老人每周送两次饭"])
    assert numpy.abs(one - exemplars.middle(one, taught.centre)).max() > 1


def test_rules_without_weights_know_no_kinds(tmp_path):
    nothing = exemplars.load(tmp_path / "none.npz")
    assert nothing.log_odds(["给独居老人送饭", ""]).shape == (2, 0)
    assert exemplars.alike(nothing.log_odds(["甲"]), nothing.log_odds(["乙", "丙"])).tolist() == [[0, 0]]


def test_a_line_of_another_form_or_of_an_unnamed_kind_is_an_error(tmp_path):
    folder = tmp_path / "care"
    folder.mkdir()
    for line in ("care.meals\t给老人送饭", "care.meals\t+\t给老人送饭", "# care.meals\t助餐\ncare.beds\t+\t添床"):
        (folder / "exemplars.tsv").write_text(line, encoding="utf-8")
        with pytest.raises(ValueError, match="exemplars.tsv:"):
            fit.read(tmp_path)
    (folder / "exemplars.tsv").write_text("# care.meals\t助餐\ncare.meals\t+\t给老人送饭\ncare.meals\t-\t给老人送报", encoding="utf-8")
    assert fit.read(tmp_path) == ({"给老人送饭": frozenset({"care.meals"}), "给老人送报": frozenset()}, {"care.meals": "助餐"})


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared corpora are not here")
def test_no_sentence_was_taken_from_a_published_or_given_plan():
    def han(text: str) -> str:
        return re.sub("[^一-龥]", "", text)

    runs = set()
    for folder in ("city", "real", "towns"):
        for path in sorted((SHARED / folder).glob("*.txt")):
            text = han(path.read_text(encoding="utf-8", errors="replace"))
            runs.update(text[i : i + 16] for i in range(len(text) - 15))
    assert len(runs) > 10_000
    assert not [sentence for sentence in READ[0] if any(han(sentence)[i : i + 16] in runs for i in range(len(han(sentence)) - 15))]
