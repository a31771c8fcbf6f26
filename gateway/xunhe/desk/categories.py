"""The tree of problems (问题类别) and which department leads in each.

Two levels: a group such as 四乱, and below it what happened. A ticket carries the code of a leaf.
The codes are stable: they stand in tickets, in the log, in rules of deadlines. The groups are those
of the river-chief system (三排, 四乱, …), the leaves add the problem items of patrol programs in
use; departments after the usual division of duties among seven.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from xunhe.domain.offices import Subject

_SEPARATOR = "."


@dataclass(frozen=True, slots=True)
class Category:
    """A leaf of the tree.

    `accuses`: it says that somebody broke the law, so a machine's finding of it waits for a person.
    """

    code: str
    zh: str
    en: str
    lead: Subject
    accuses: bool = False

    @property
    def group(self) -> str:
        """Code of the group that it belongs to."""
        return self.code.partition(_SEPARATOR)[0]


@dataclass(frozen=True, slots=True)
class Group:
    """A branch of the tree with its leaves."""

    code: str
    zh: str
    en: str
    categories: tuple[Category, ...]


def _group(code: str, zh: str, en: str, *rows: tuple[str, str, str, Subject, bool]) -> Group:
    leaves = (
        Category(f"{code}{_SEPARATOR}{leaf}", leaf_zh, leaf_en, lead, accuses)
        for leaf, leaf_zh, leaf_en, lead, accuses in rows
    )
    return Group(code, zh, en, tuple(leaves))


_S = Subject
_ACCUSES, _PLAIN = True, False

TREE = (
    _group(
        "discharge",
        "三排",
        "discharges",
        ("secret", "偷排", "secret discharge", _S.ENVIRONMENT, _ACCUSES),
        ("direct", "直排", "untreated discharge", _S.ENVIRONMENT, _ACCUSES),
        ("disorderly", "乱排", "disorderly discharge", _S.ENVIRONMENT, _ACCUSES),
        ("sewer", "污水管网溢流", "sewer overflow", _S.HOUSING, _PLAIN),
        ("new_outfall", "新增排污口", "unregistered outfall", _S.ENVIRONMENT, _ACCUSES),
    ),
    _group(
        "disorder",
        "四乱",
        "disorder on the banks",
        ("occupation", "乱占", "occupied bank or water", _S.LAND, _ACCUSES),
        ("mining", "乱采", "illegal sand mining", _S.WATER, _ACCUSES),
        ("dumping", "乱堆", "dumping", _S.WATER, _ACCUSES),
        ("building", "乱建", "illegal building", _S.LAND, _ACCUSES),
    ),
    _group(
        "floating",
        "漂浮物",
        "floating things",
        ("litter", "漂浮垃圾", "floating litter", _S.WATER, _PLAIN),
        ("vegetation", "水草", "vegetation mat", _S.WATER, _PLAIN),
        ("carcass", "病死动物", "dead animals", _S.AGRICULTURE, _PLAIN),
    ),
    _group(
        "silting",
        "淤积",
        "silting",
        ("silt", "河底淤积", "silted bed", _S.WATER, _PLAIN),
        ("obstacle", "阻水障碍物", "obstacle to the flow", _S.WATER, _PLAIN),
    ),
    _group(
        "facility",
        "设施",
        "facilities",
        ("damage", "水工建筑物损毁", "damaged structure", _S.WATER, _PLAIN),
        ("wharf", "码头桥梁隐患", "wharf or bridge at fault", _S.TRANSPORT, _PLAIN),
        ("outfall_sign", "排污口标识缺失", "outfall without its sign", _S.ENVIRONMENT, _PLAIN),
        ("device", "监测设备故障", "monitoring device at fault", _S.WATER, _PLAIN),
    ),
    _group(
        "board",
        "公示牌",
        "sign boards",
        ("damage", "公示牌破损缺失", "sign board damaged or missing", _S.WATER, _PLAIN),
        ("outdated", "公示牌内容过期", "sign board outdated", _S.WATER, _PLAIN),
    ),
    _group(
        "water",
        "水质",
        "water quality",
        ("quality", "水质异常", "water quality abnormal", _S.ENVIRONMENT, _PLAIN),
        ("appearance", "水体颜色气味异常", "odd colour or smell", _S.ENVIRONMENT, _PLAIN),
        ("non_point", "农业面源污染", "run-off from farmland", _S.AGRICULTURE, _PLAIN),
    ),
    _group(
        "other",
        "其他",
        "others",
        ("fishing", "电鱼毒鱼", "fishing with current or poison", _S.POLICE, _ACCUSES),
        ("crime", "涉水违法犯罪", "crime on the water", _S.POLICE, _ACCUSES),
        ("other", "其他涉水问题", "another problem", _S.WATER, _PLAIN),
    ),
)

CATEGORIES: Mapping[str, Category] = MappingProxyType(
    {category.code: category for group in TREE for category in group.categories}
)

# What a sensor's or camera's incident (the values of domain.incident.Kind) is a problem of. A step
# of ammonia shows polluted water, not yet who discharged it: a person names it 偷排 or 直排.
_OF_INCIDENT = {
    "discharge": "water.quality",
    "floating_litter": "floating.litter",
    "vegetation_mat": "floating.vegetation",
    "dumping": "disorder.dumping",
    "silent_station": "facility.device",
    "blind_camera": "facility.device",
    "device_fault": "facility.device",
    "disturbed_buoy": "facility.device",
}
# What a model or pipeline sees (its classes, domain.sight.SightKind); an outfall that is seen to
# run is a discharge whatever the probes say.
OF_SIGHT = {
    "litter": "floating.litter",
    "vegetation_mat": "floating.vegetation",
    "discharge": "discharge.disorderly",
    "dumping": "disorder.dumping",
    "blind_camera": "facility.device",
}
_OF_SEEN_RULE = "seen_discharge"  # domain.incident.Rule.SEEN_DISCHARGE


class UnknownCategoryError(ValueError):
    """A code that is none of the tree's leaves."""

    def __init__(self, code: str) -> None:
        super().__init__(
            f"没有问题类别 {code}；可用 / no category {code!r}; known: {', '.join(CATEGORIES)}"
        )


def category(code: str) -> Category:
    """The leaf of this code. Raises UnknownCategoryError."""
    if code not in CATEGORIES:
        raise UnknownCategoryError(code)
    return CATEGORIES[code]


def of_incident(kind: str, rule: str = "") -> Category:
    """The category of an incident's kind, as found by a rule. KeyError for an unknown kind."""
    if rule == _OF_SEEN_RULE:
        return CATEGORIES[OF_SIGHT["discharge"]]
    return CATEGORIES[_OF_INCIDENT[kind]]


def lead(code: str, leads: Mapping[str, Subject]) -> Subject:
    """Who leads in a category: what the site says in `leads`, by leaf or by group, else the tree.

    Raises UnknownCategoryError.
    """
    found = category(code)
    return leads.get(found.code) or leads.get(found.group) or found.lead
