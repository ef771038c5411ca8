"""What goes out of a campaign: every report in its place, and who answers for what, as a picture and as each unit's list."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from pipeline.handout import file_name
from pipeline.web.models import Campaign, Cell, Upload
from pipeline.web.views import SYMBOLS, WORDS, campaign_of

_ROLES = {"lead": "牵头", "responsible": "责任", "support": "配合"}  # the strongest first
_LINE, _TOP, _LEFT, _RIGHT, _NAME = 24, 34, 300, 620, 20  # pixels of the picture: a line's height, the first line, where the edges begin and end; characters of a name
ABOUT = {  # what a report is for, by its name
    "核对报告.html": "逐格看两边原文，离线打开", "覆盖矩阵.xlsx": "各镇各任务，可填复核意见", "覆盖矩阵.csv": "给其他系统", "任务分解表.xlsx": "任务、单位负荷、各单位清单", "任务分解表.docx": "任务分解表，可印发",
    "督查立项清单.docx": "有缺项的任务", "领导版报告.docx": "两页", "科室版报告.docx": "分任务、分镇", "明细报告.docx": "逐镇逐条", "任务清单.csv": "给其他系统", "责任矩阵.csv": "给其他系统",
    "责任图.graphml": "用 yEd、Gephi 打开", "责任图.json": "给其他系统", "check.json": "全部结果", "extract.json": "市级方案读出的内容"}


@require_GET
def reports(request: HttpRequest, campaign: int) -> HttpResponse:
    """Over all towns, by town, by unit; the letters of a town stand in its line."""
    found = campaign_of(request, campaign)
    folders: dict[str, list[tuple[str, str]]] = {}
    for path in found.reports:
        folder, _, name = path.rpartition("/")
        folders.setdefault(folder, []).append((path, ABOUT.get(name, "") if not folder else name.rpartition(".")[0]))
    return render(request, "web/reports.html", {"campaign": found, "overall": folders.pop("", []), "folders": list(folders.items())})


@dataclass
class _Unit:
    """A unit of the city plan: the strongest role it has in each of its tasks, by the task's id, in the order of the plan."""

    name: str
    roles: dict[str, str]

    def counts(self) -> list[tuple[str, int]]:
        return [(word, sum(mine == role for mine in self.roles.values())) for role, word in _ROLES.items()]


def _units(found: Campaign) -> list[_Unit]:
    """Those with the most tasks first."""
    units: dict[str, _Unit] = {}
    order = list(_ROLES)
    for task in found.tasks:
        for unit in task["units"]:
            mine = units.setdefault(unit["canonical"], _Unit(unit["canonical"], {})).roles
            mine[task["id"]] = min(mine.get(task["id"], unit["role"]), unit["role"], key=order.index)
    return sorted(units.values(), key=lambda unit: -len(unit.roles))


@require_GET
def duties(request: HttpRequest, campaign: int) -> HttpResponse:
    """Units and tasks in two layers; `unit` or `task` shows one with all that belongs to it."""
    found = campaign_of(request, campaign)
    units, unit, task = _units(found), request.GET.get("unit", ""), request.GET.get("task", "")
    if unit and unit not in {each.name for each in units} or task and task not in {each["id"] for each in found.tasks}:
        raise Http404
    chosen = next((each for each in units if each.name == unit), None)
    return render(request, "web/duties.html", {
        "campaign": found, "units": [(each, each.counts(), each.name == unit) for each in units], "chosen": chosen, "picture": _picture(found, units, unit, task), "task": task,
        "lines": _lines(found, chosen) if chosen else [],
        "list": next((path for path in found.reports if chosen and path == f"责任单位/{file_name(chosen.name)}.docx"), "")})


def _lines(found: Campaign, unit: _Unit) -> list[dict]:
    """A line a task that the unit answers for: with whom, by when, and how the towns fare."""
    fared: dict[str, Counter] = {}
    for task, decided in Cell.objects.filter(upload__campaign=found, upload__state=Upload.CHECKED, task__in=unit.roles).values_list("task", "decided"):
        fared.setdefault(task, Counter())[decided] += 1
    shown = [task for task in found.tasks if task["id"] in unit.roles]
    return [{"task": task, "role": _ROLES[unit.roles[task["id"]]], "others": "、".join(dict.fromkeys(u["name"] for u in task["units"] if u["canonical"] != unit.name)),
             "fared": [(verdict, SYMBOLS[verdict], WORDS[verdict], n) for verdict in WORDS if (n := fared.get(task["id"], Counter())[verdict])],
             "due": task.get("deadline") or ""} for task in shown]


def _picture(found: Campaign, units: list[_Unit], unit: str, task: str) -> dict:
    """The graph as the template draws it: with nothing chosen the edges of those who lead or answer, else all edges of what is chosen and its neighbours in black."""
    rows = {each["id"]: number for number, each in enumerate(found.tasks)}
    lines = max(len(units), len(rows), 1)
    stretch = {"unit": lines / max(len(units), 1), "task": lines / max(len(rows), 1)}
    left = {each.name: _TOP + _LINE * (number + 0.5) * stretch["unit"] for number, each in enumerate(units)}
    right = {id_: _TOP + _LINE * (number + 0.5) * stretch["task"] for id_, number in rows.items()}
    edges = [(each.name, id_, role) for each in units for id_, role in each.roles.items() if each.name == unit or id_ == task or not (unit or task) and role != "support"]
    near = {name for name, _, _ in edges} | {id_ for _, id_, _ in edges} if unit or task else None
    middle = (_LEFT + _RIGHT) // 2
    return {
        "height": round(_TOP + _LINE * lines + 10), "left": _LEFT, "right": _RIGHT,
        "units": [{"name": each.name, "short": _short(each.name), "y": round(left[each.name]), "on": near is None or each.name in near, "now": each.name == unit} for each in units],
        "tasks": [{"id": each["id"], "name": f"{each['id']} {each['title']}", "short": _short(f"{each['id']} {each['title']}", 26), "y": round(right[each["id"]]),
                   "on": near is None or each["id"] in near, "now": each["id"] == task} for each in found.tasks],
        "edges": [{"role": role, "path": f"M{_LEFT} {left[name]:.0f}C{middle} {left[name]:.0f} {middle} {right[id_]:.0f} {_RIGHT} {right[id_]:.0f}"} for name, id_, role in edges]}


def _short(name: str, most: int = _NAME) -> str:
    return name if len(name) <= most else name[: most - 1] + "…"
