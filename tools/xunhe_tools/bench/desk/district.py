"""An invented district of 300 chiefs: 1 city, 2 district, 27 township, 270 village posts."""

from datetime import UTC, datetime

from xunhe.domain.classes import WaterClass
from xunhe.domain.offices import Level, Unit
from xunhe.domain.registry import Person, Post, Reach, Registry, Tenure

VILLAGES = 270
_A_TOWN = 10  # villages
_A_DISTRICT = 135
_SINCE = datetime(2020, 1, 1, tzinfo=UTC)


def district() -> Registry:
    """The registry: one reach a village, each with one chief on all four levels."""
    reaches = [f"R{k:03d}" for k in range(VILLAGES)]
    posts = {post.code: post for post in _posts(reaches)}
    people = {f"P-{code}": Person(f"P-{code}", f"演示人员 {code}") for code in posts}
    return Registry(
        reaches={code: _reach(code) for code in reaches},
        stations={},
        outfalls={},
        posts=posts,
        persons=people,
        tenures=tuple(Tenure(code, f"P-{code}", _SINCE) for code in posts),
        units={f"U-{code}": _unit(post) for code, post in posts.items()},
    )


def town_of(village: int) -> str:
    """The township's post above a village."""
    return f"T{village // _A_TOWN:02d}"


def _posts(reaches: list[str]) -> list[Post]:
    towns = [reaches[k : k + _A_TOWN] for k in range(0, VILLAGES, _A_TOWN)]
    districts = [reaches[k : k + _A_DISTRICT] for k in range(0, VILLAGES, _A_DISTRICT)]
    return [
        _post("C", Level.CITY, reaches),
        *(_post(f"D{k}", Level.DISTRICT, of) for k, of in enumerate(districts)),
        *(_post(f"T{k:02d}", Level.TOWNSHIP, of) for k, of in enumerate(towns)),
        *(_post(f"V{k:03d}", Level.VILLAGE, [reach]) for k, reach in enumerate(reaches)),
    ]


def _post(code: str, level: Level, reaches: list[str]) -> Post:
    title = f"{level.label_zh}河长 {code}"
    return Post(code, title, f"Chief {code}", level, tuple(reaches), unit=f"U-{code}")


def _unit(post: Post) -> Unit:
    village = int(post.code[1:]) if post.level is Level.VILLAGE else 0
    parents = {
        Level.CITY: None,
        Level.DISTRICT: "U-C",
        Level.TOWNSHIP: f"U-D{int(post.code[1:] or 0) * _A_TOWN // _A_DISTRICT}",
        Level.VILLAGE: f"U-{town_of(village)}",
    }
    name = f"演示单位 {post.code}"
    return Unit(f"U-{post.code}", name, name, post.level, parents[post.level])


def _reach(code: str) -> Reach:
    return Reach(
        code=code,
        name=f"演示河段 {code}",
        name_en=f"Reach {code}",
        river="演示河",
        downstream=None,
        length_m=2000,
        velocity_m_s=0.4,
        discharge_m3_s=3,
        dispersion_m2_s=10,
        target=WaterClass.III,
        line=((120.0, 30.0), (120.01, 30.01)),
    )
