"""PROJECT.toml: what it says is done, and what it says wrong is named with what to write instead."""

from __future__ import annotations

import pytest

from pipeline import project
from pipeline.errors import LuoshiError

GOOD = """
name = "两县"
out = "结果"
[[cities]]
name = "云岫市"
upper = "市方案 2023.txt"
theme = "民生"
as_of = 2024-06-30
decisions = "决定.yaml"
[[cities.lowers]]
county = "东县"
level = "镇"
files = ["东县/*.txt"]
[[cities.lowers]]
county = "西县"
files = ["西县/**/*.txt", "东县/甲.txt"]
"""


@pytest.fixture()
def folder(tmp_path):
    for name in ("市方案 2023.txt", "东县/甲.txt", "东县/乙 镇.txt", "东县/.藏.txt", "东县/说明.md", "西县/山里/丙.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x", encoding="utf-8")
    return tmp_path


def write(folder, text: str):
    path = folder / "PROJECT.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_patterns_find_documents_in_order_of_name_each_once_with_county_and_level(folder):
    found = project.load(write(folder, GOOD))
    (city,) = found.cities
    assert [p.relative_to(folder).as_posix() for p in city.lowers] == ["东县/乙 镇.txt", "东县/甲.txt", "西县/山里/丙.txt"]
    assert [city.where[p] for p in city.lowers] == [("东县", "镇"), ("东县", "镇"), ("西县", "")]
    assert found.out == folder / "结果" and city.name == "云岫市" and city.theme == "民生" and str(city.as_of) == "2024-06-30" and city.decisions == folder / "决定.yaml"


def test_a_folder_with_a_project_is_that_project_and_out_on_the_command_line_goes_before(folder):
    write(folder, GOOD)
    assert project.load(folder).name == "两县" and project.load(folder, folder / "别处").out == folder / "别处"


def test_the_upper_document_is_none_of_the_lower_ones(folder):
    (city,) = project.load(write(folder, '[[cities]]\nupper = "东县/甲.txt"\nlowers = [{ files = ["东县/*.txt"] }]\n')).cities
    assert [p.name for p in city.lowers] == ["乙 镇.txt"] and city.name == "东县"


@pytest.mark.parametrize("text, said", [
    ("name = 1", "name 应是文字"),
    ("nmae = 'x'", "未知键 nmae；可用：name、out、rules、rules_version、cities"),
    ("name = 'x'", "缺少 cities"),
    ("cities = [1]", "应是一张表"),
    ("[[cities]]\nupper = 'a.txt'", "缺少 lowers"),
    ("[[cities]]\nupper = 'a.txt'\nlowers = [{ files = ['没有/*.txt'] }]", "没有对上任何文件"),
    ("[[cities]]\nupper = 'a.txt'\nlowers = [{ files = ['/etc/*.txt'] }]", "不能用"),
    ("[[cities]]\nupper = 'a.txt'\nlowers = [{ files = [3] }]", "应是路径文字"),
    ("[[cities]]\nupper = 'a.txt'\nlowers = [{ file = ['a'] }]", "未知键 file；可用：files、county、level"),
    ("[[cities]]\nupper = 'a.txt'\nas_of = '2024'\nlowers = [{ files = ['东县/*.txt'] }]", "as_of 应是日期"),
    ("[[cities]]\nname = 'a/b'\nupper = 'a.txt'\nlowers = [{ files = ['东县/*.txt'] }]", "不能作文件夹名"),
    ("[[cities]]\nname = '..'\nupper = 'a.txt'\nlowers = [{ files = ['东县/*.txt'] }]", "不能作文件夹名"),
    ("[[cities]]\nupper = 'C:\\x'\nlowers = []\nname = \"C:\\x\"", "不是合法的 TOML"),
])
def test_what_is_wrong_is_said_with_what_to_write(folder, text, said):
    with pytest.raises(LuoshiError) as error:
        project.load(write(folder, text))
    assert said in str(error.value) and "PROJECT.toml" in str(error.value)


def test_two_cities_of_one_name_are_told(folder):
    city = "[[cities]]\nname = '市'\nupper = '市方案 2023.txt'\nlowers = [{ files = ['东县/*.txt'] }]\n"
    with pytest.raises(LuoshiError, match="第2个.*重复"):
        project.load(write(folder, city + city))


def test_a_project_that_is_not_there_is_said(tmp_path):
    with pytest.raises(LuoshiError, match="打不开"):
        project.load(tmp_path / "PROJECT.toml")
