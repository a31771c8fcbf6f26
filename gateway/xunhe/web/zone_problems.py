"""The problems of drawn zones, each beside its shape and in both languages.

`Zones.parse` names every problem in one English sentence that begins with where it is, such as
`outfalls[0]: upstream encloses no area`. The page wants the place apart from the sentence.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from xunhe.web.failures import CallerError, FieldProblem

_PLACE = re.compile(r"((?:water|outfalls|banks|ignore)\[\d+\]|flow|ground|the file): (.*)", re.S)
_PART = re.compile(r"(name|code|polygon|upstream|permitted_hours|rain_expected|px|m)\b")
_NAMED_TWICE = re.compile(r"'(.*)' names more than one zone")

_PARTS_ZH = {
    "name": "名称",
    "code": "编码",
    "polygon": "轮廓",
    "upstream": "上游对照区",
    "permitted_hours": "许可排放时段",
    "rain_expected": "预报有雨时",
    "px": "图上四点",
    "m": "四点的实地坐标",
    "flow": "流向",
    "ground": "地面四点",
    "water": "水域",
    "outfalls": "排污口",
    "banks": "岸边",
    "ignore": "忽略区",
}
# What a sentence says after its subject → Chinese.
_CHINESE = tuple(
    (re.compile(pattern, re.S), chinese)
    for pattern, chinese in (
        (r"(\w+) crosses itself.*", "{0}自相交：请按顺序排列顶点"),
        (r"(\w+) encloses no area", "{0}没有面积"),
        (r"(\w+) has (\d+) corners, (\d+) to (\d+) are needed", "{0}有 {1} 个顶点，须 {2}–{3} 个"),
        (r"(\w+) has (\d+) points, 4 are needed", "{0}有 {1} 个点，须 4 个"),
        (r"(\w+): (.*) lies outside the picture.*", "{0}有顶点在画面之外：{1}"),
        (r"(\w+) must be fractions of the picture", "{0}须在画面附近"),
        (r"(\w+): three of its points lie on one line", "{0}中有三点在一条直线上"),
        (r"(\w+) must go round the four corners in order", "{0}须绕四角依次排列"),
        (r"(\w+) must be a text, not (.*)", "请填写{0}"),
        (r"(\w+) is missing", "缺少{0}"),
        (r"(\w+): (.*) is not \[x, y\]", "{0}还没有填完整，或不是数字"),
        (r'(\w+): (.*) is not \["HH:MM", "HH:MM"\]', "{0}须写成 时:分（如 08:00），而不是 {1}"),
        (r"(\w+) must be a list.*", "{0}格式不对"),
        (r"(\w+) '(.*)' is not 'lower' or 'same'", "{0}只能选降级或不变"),
        (r"'(.*)' names more than one zone.*", "“{0}”重名：区域名称与排污口编码不得重复"),
        (r"\[0, 0\] is no direction.*", "流向没有方向；不清楚就不要画"),
        (r"no outfall '(.*)' is registered.*", "登记册中没有排污口 {0}"),
        (r"unknown key (.*)", "不认识的键 {0}"),
        (r"version (.*) is not (.*)", "版本 {0} 不对，应为 {1}"),
        (r"(?:the file )?must (?:hold|be) an object.*", "格式不对"),
    )
)


class ZonesInvalidError(CallerError):
    """Zones that cannot be used, with every problem."""

    def __init__(self, problems: Iterable[str], value: Mapping[str, Any]) -> None:
        super().__init__(
            422,
            "zones_invalid",
            "the zones were not saved: correct what stands beside each shape",
            "区域未保存：请按各图形旁的说明改正",
        )
        self.problem.fields = [field for text in problems for field in _fields(text, value)]


def _fields(problem: str, value: Mapping[str, Any]) -> Iterator[FieldProblem]:
    if twice := _NAMED_TWICE.match(problem):
        places: Iterable[str] = _places_of(twice[1], value)
    else:
        place, problem = _split(problem)
        places = [place]
    for place in places:
        yield FieldProblem(field=place, message=problem, message_zh=chinese(problem))


def _split(problem: str) -> tuple[str, str]:
    """Where it is (`zones` for the whole) and the sentence."""
    found = _PLACE.match(problem)
    if found is None:
        return "zones", problem
    place = "zones" if found[1] == "the file" else found[1]
    part = _PART.match(found[2])
    return (f"{place}.{part[1]}" if part else place), found[2]


def _places_of(name: str, value: Mapping[str, Any]) -> Iterator[str]:
    for table, key in (("water", "name"), ("outfalls", "code"), ("banks", "name")):
        rows = value.get(table)
        for i, row in enumerate(rows if isinstance(rows, list) else []):
            if isinstance(row, dict) and row.get(key) == name:
                yield f"{table}[{i}].{key}"


def chinese(problem: str) -> str:
    """The sentence in Chinese; where it is new, that there is a mistake."""
    for pattern, text in _CHINESE:
        if found := pattern.fullmatch(problem):
            return text.format(*(_PARTS_ZH.get(each, each) for each in found.groups()))
    return "此处有误"
