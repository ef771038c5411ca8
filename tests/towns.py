"""Town plans without number, made out of the demo city by a seed: wording, numbers, dates, offices and gaps vary; no two are alike, and the same seed gives the same bytes.

`python tests/towns.py FOLDER N` writes FOLDER/city.txt and N plans in folders by county.
"""

from __future__ import annotations

import random
import re
import sys
from pathlib import Path

CORPORA = Path(__file__).resolve().parents[1] / "corpora"
PER_COUNTY = 14

_FIRST, _SECOND = "青白清石柳枫云松河竹梅桐沙金银龙凤安永和双三大上下东西南北新", "桥塘溪岭坪湾浦坡岗洲渡寨泉林田港滩坳堰屿关垭沟店坝"
_KINDS = ("镇", "镇", "镇", "乡", "街道")
_OFFICES = ("农业农村办公室", "社会事务办公室", "村镇建设办公室", "综合执法队", "党政办公室", "经济发展办公室", "平安法治办公室", "党群工作站")
# Words that say the same in a plan; each town takes one of a row.
_SAME = [row.split("|") for row in (
    "开展|组织开展|集中开展|扎实开展", "建立|建立健全|健全|建好", "推进|稳步推进|有序推进|加快推进", "加强|切实加强|着力加强", "完善|进一步完善|逐步完善", "鼓励|支持|引导",
    "定期|按期|每季度", "全面|全域|逐村", "落实|压实|细化落实", "排查|摸排|逐户排查", "整治|集中整治|清理整治", "群众|村民|农户", "宣传|宣讲|入户宣传", "确保|保证|力保", "组织|发动|安排")]
_OPENING = ("由{office}负责，", "{office}牵头，", "年内，", "各村配合{office}，", "{month}月底前，", "结合本地实际，", "在{village}村先行，", "")
_CLOSING = ("，完成情况每月通报。", "，{village}村、{other}村先行试点。", "，由{office}建立台账。", "，经费由镇级财政安排。", "。", "。", "。")
_OWN = ("在{village}村建设{n}亩果蔬大棚，带动周边农户增收。", "{month}月举办首届{place}文化旅游节，接待游客{n}人次。", "改造{village}村便民服务中心，面积{n}平方米。",
        "为{n}名退役军人建立就业台账，组织专场招聘。", "整修{village}至{other}乡村公路{n}公里。", "开办老年大学教学点，招收学员{n}名。")
_TOLD = ("去年，{place}完成固定资产投资{n}万元，圆满完成年度目标。", "近年来，{village}村先后获评县级文明村、平安村。", "目前全{kind}有行政村{v}个，常住人口{n}人。", "但仍存在底子薄、队伍弱、长效机制不健全等问题。")


def city_text() -> str:
    return (CORPORA / "demo" / "city.txt").read_text(encoding="utf-8")


def town_plan(measures: list[tuple[str, list[str]]], seed: int, number: int) -> tuple[str, str]:
    """(name of the place, its plan).

    Args:
      measures: (title of a task, its measures) of the city plan.
    """
    dice = random.Random(f"{seed}/{number}")
    kind = dice.choice(_KINDS)
    base, left = divmod(number, len(_FIRST) * len(_SECOND))
    place = _FIRST[left % len(_FIRST)] + _SECOND[left // len(_FIRST)] + (_FIRST[base % len(_FIRST)] if base else "") + kind
    diligence = dice.uniform(0.3, 0.95)  # how much of the city plan this place takes up
    same = {row[0]: dice.choice(row) for row in _SAME}
    lines = [f"{place}农村人居环境整治提升实施方案（2023—2025年）", f"为落实市级部署，结合{place}实际，制定本方案。", "一、基本情况"]
    lines += ["".join(_filled(sentence, dice, place, kind) for sentence in dice.sample(_TOLD, 3)), "二、重点任务"]
    for title, sentences in measures:
        if dice.random() > diligence:
            continue
        told = [_reworded(sentence, dice, same, place, kind) for sentence in sentences if dice.random() < 0.35 + 0.6 * diligence]
        if told:
            lines.append(f"（{_chinese(sum(line.startswith('（') for line in lines) + 1)}）{_changed(title, same)}。" + "".join(told) + (f"（责任单位：{dice.choice(_OFFICES)}）" if dice.random() < 0.7 else ""))
    lines += ["三、本地特色工作", "".join(_filled(sentence, dice, place, kind) for sentence in dice.sample(_OWN, 3)), "四、保障措施",
              f"{place}成立工作专班，由{dice.choice(_OFFICES)}负责日常调度，每月召开一次例会。", f"{place}人民政府", f"2023年{dice.randint(5, 12)}月{dice.randint(1, 28)}日"]
    return place, "\n".join(lines) + "\n"


def _reworded(sentence: str, dice: random.Random, same: dict[str, str], place: str, kind: str) -> str:
    body = _changed(sentence.rstrip("。；"), same).replace("全市", f"全{kind}").replace("市级", f"{kind}级").replace("各镇（街道）", "各村（社区）")
    body = re.sub(r"(?<![\d.年〔])(\d{2,6})(?=[户座处个条公里名人场次亩吨万])", lambda m: str(max(1, round(int(m[1]) * dice.uniform(0.02, 0.3)))), body)
    clauses = body.split("，")
    if len(clauses) > 2 and dice.random() < 0.4:
        del clauses[dice.randrange(1, len(clauses))]
    if len(clauses) > 2 and dice.random() < 0.3:
        clauses[-1], clauses[-2] = clauses[-2], clauses[-1]
    return _filled(dice.choice(_OPENING), dice, place, kind) + "，".join(clauses) + _filled(dice.choice(_CLOSING), dice, place, kind)


def _changed(text: str, same: dict[str, str]) -> str:
    return re.sub("|".join(same), lambda m: same[m.group()], text)


def _filled(text: str, dice: random.Random, place: str, kind: str) -> str:
    village, other = (dice.choice(_FIRST) + dice.choice(_SECOND) for _ in range(2))
    return text.format(office=dice.choice(_OFFICES), month=dice.randint(6, 11), village=village, other=other, n=dice.randint(3, 900), v=dice.randint(6, 30), place=place, kind=kind)


def _chinese(number: int) -> str:
    tens, ones = divmod(number, 10)
    return ("" if tens == 0 else "十" if tens == 1 else "一二三四五六七八九"[tens - 1] + "十") + ("" if ones == 0 else "一二三四五六七八九"[ones - 1])


def write_towns(folder: Path, count: int, seed: int = 8) -> Path:
    """FOLDER/PROJECT.toml, FOLDER/city.txt and `count` plans under FOLDER/<county>/; returns the PROJECT.toml."""
    from pipeline import flow

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "city.txt").write_text(city_text(), encoding="utf-8")
    upper = flow.read_plan(flow.prepare(), folder / "city.txt")
    measures = [(task.title, [m.text for m in task.measures]) for task in upper.tasks if task.applies_to_lower]
    counties = []
    for number in range(count):
        county = f"{_FIRST[number // PER_COUNTY % len(_FIRST)]}{_SECOND[number // PER_COUNTY // len(_FIRST) % len(_SECOND)]}县"
        if county not in counties:
            counties.append(county)
            (folder / county).mkdir(exist_ok=True)
        place, text = town_plan(measures, seed, number)
        (folder / county / f"{number:05} {place} 实施方案.txt").write_text(text, encoding="utf-8")
    tables = "\n".join(f'[[cities.lowers]]\ncounty = "{county}"\nlevel = "镇"\nfiles = ["{county}/*.txt"]\n' for county in counties)
    (folder / "PROJECT.toml").write_text(f'name = "{count}镇"\n\n[[cities]]\nname = "砚陵市"\nupper = "city.txt"\n\n{tables}', encoding="utf-8")
    return folder / "PROJECT.toml"


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    write_towns(Path(sys.argv[1]), int(sys.argv[2]))
