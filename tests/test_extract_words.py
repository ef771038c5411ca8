import re
import stat
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.extract import words
from pipeline.extract.words import Segmenter, user_words
from pipeline.rulebook.load import load
from pipeline.text import narrow

jieba = pytest.importorskip("jieba", reason="jieba 未安装")
CORPORA = sorted((Path(__file__).parent.parent / "corpora").glob("*/*.txt"))
# Made-up sentences: lists, quantities, odd spacing, letters, signs, traditional and rare characters.
SENTENCES = [
    "由市农业农村局牵头，各镇（街道）按职责分工负责，2025年底前建成3—5个示范点。", "全年送戏下乡120场，每村不少于1场，投入资金2.5亿元。", "５Ｇ基站２０００座，ＡＩ助手覆盖率达到９５％以上",
    "“十四五”末，常住人口城镇化率提高5.5个百分点\t完成率100%", "二〇二五年六月底前办结三千二百件，合格率百分之九十五。", "PM2.5浓度不高于35μg/m³；R-Nf、a_b、1+X证书；A4纸1,200张。",
    "繁體字：責任單位、衛生健康委員會。𠮷野家㐀龦〇", "为65周岁以上老人办理免费乘车卡；在医院、菜场门口增设港湾式站台6处。", "👩‍👩‍👧家庭　医生\r\n每季度上门1次", "联系电话0512-12345678，每周一9:00-17:00",
]
PIECES = st.lists(st.sampled_from(["2.5亿元", "3—5个", "１，２００人次", "2021—2025年", "三千二百名", "百分之九十五", "5G", "PM2.5", "10%-15%", "12·4", "二〇二五年", "市教育局", "开展", "培训", "、", "，", "。",
                                   " ", "　", "\t", "\n", "\r\n", "和", "第", "１", "7", ".", ",", "-", "A", "😀", "👩‍👧", "《", "》", "多", "万", "以上", "各镇（街道）", "老年人", "\u200b"]),
                  max_size=24).map("".join)


@pytest.fixture(scope="module")
def rulebook():
    return load()


@pytest.fixture(scope="module")
def reference(rulebook):
    return Segmenter(rulebook, "jieba")


def put_together(cut, text):
    at = 0
    for start, end, word in cut:
        assert start == at < end and word == text[start:end]
        at = end
    assert at == len(text)


@given(text=PIECES | st.text(max_size=40))
@example("")
@example("\r\n \t\n")
def test_words_put_together_are_the_text(reference, text):
    put_together(reference.cut(text), text)


@given(text=PIECES)
def test_no_word_ends_inside_a_number(reference, text):
    inside = {i for m in re.finditer(r"\d+(?:\.\d+)*%?", narrow(text)) for i in range(m.start() + 1, m.end())}
    assert inside.isdisjoint(end for _, end, _ in reference.cut(text))


@given(text=PIECES)
def test_no_word_spans_lines(reference, text):
    assert all(word in ("\n", "\r\n", "\r") or not re.search(r"[\r\n]", word) for _, _, word in reference.cut(text))


@pytest.mark.parametrize("text, number", [
    ("投入资金2.5亿元用于改造", "2.5亿元"), ("投入资金２．５亿元用于改造", "２．５亿元"), ("建成3—5个示范点", "3—5个"), ("培训1,200人次以上", "1,200人次"), ("占比10%-15%之间", "10%-15%"),
    ("在2021—2025年期间", "2021—2025"), ("二〇二五年完成", "二〇二五"), ("办结三千二百件", "三千二百件"), ("合格率百分之九十五以上", "百分之九十五"), ("提高5.5个百分点", "5.5个百分点"), ("建设5G基站", "5G"),
    ("在12·4国家宪法日", "12·4"), ("PM2.5浓度下降", "PM2.5"), ("惠及群众6800多万人次", "6800多万人次"), ("共一百二十三万四千", "一百二十三万四千"), ("达到2000 名", "2000 名"), ("产值125G瓦", "125G")])
def test_a_number_is_one_word(reference, text, number):
    assert number in [word for _, _, word in reference.cut(text)]


@pytest.mark.parametrize("text, word", [("学习党的二十大精神", "二十大"), ("推进一体化建设", "一体化"), ("实行一站式服务", "一站式")])
def test_a_name_with_a_numeral_is_not_taken_apart(reference, text, word):
    assert word in [w for _, _, w in reference.cut(text)]


def test_two_figures_of_a_list_are_two_numbers(reference):
    assert [w for _, _, w in reference.cut("分别为50，10，7")][-5:] == ["50", "，", "10", "，", "7"]


def test_names_and_terms_of_the_packs_are_words(rulebook, reference):
    known = user_words(rulebook)
    assert len(known) > 5000 and list(known) == sorted(known)
    for name in ("农业农村局", "卫生健康委员会", "张家港市"):
        assert name in known
        assert name in [word for _, _, word in reference.cut(f"请{name}，按期完成。")]


def test_the_process_wide_dictionary_is_left_alone(reference):
    reference.cut("请农业农村局按期完成。")
    assert jieba.dt.initialized is False and jieba.dt.FREQ == {}


def test_the_dictionary_is_kept_where_only_the_user_writes(rulebook, tmp_path, monkeypatch):
    monkeypatch.setenv("LUOSHI_CACHE", str(tmp_path))
    Segmenter(rulebook, "jieba")
    folder = tmp_path / "luoshi" / "jieba"
    assert [path.suffix for path in folder.iterdir()] == [".cache"]
    assert not folder.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    folder.chmod(0o777)
    assert words._private_folder() is None


def test_without_a_writable_cache_words_are_the_same(rulebook, reference, tmp_path, monkeypatch, capfd):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("LUOSHI_CACHE", str(tmp_path / "file"))
    other = Segmenter(rulebook, "jieba")
    assert [other.cut(text) for text in SENTENCES] == [reference.cut(text) for text in SENTENCES]
    assert capfd.readouterr() == ("", "")


@pytest.fixture(scope="module")
def fast(rulebook):
    if words._version("rjieba") not in words.EQUAL_VERSIONS:
        pytest.skip("rjieba 未安装，或不是比对过的版本")
    assert Segmenter(rulebook).engine == "rjieba"
    return Segmenter(rulebook, "rjieba")


def test_rjieba_cuts_as_jieba_does(fast, reference):
    texts = SENTENCES + [path.read_text(encoding="utf-8", errors="replace") for path in CORPORA]
    assert CORPORA and sum(map(len, texts)) > 10000
    for text in texts:
        assert fast.cut(text) == reference.cut(text)


@given(text=PIECES | st.text(max_size=40))
@settings(max_examples=300)
def test_rjieba_cuts_as_jieba_does_on_odd_texts(fast, reference, text):
    assert fast.cut(text) == reference.cut(text)


def test_an_unproven_rjieba_is_not_used(rulebook, monkeypatch):
    monkeypatch.setattr(words, "_version", lambda package: "99.0")
    assert Segmenter(rulebook).engine == "jieba"
