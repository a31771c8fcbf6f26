"""Query options of SensorThings 1.1 (OGC 18-088, 9.3), of a URL or in brackets of `$expand`."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from xunhe.codecs.odata_filter import Expression, ODataError, parse

MAX_TOP = 1000
_TOP = 100
_MAX_SKIP = 10**9
_DEEPEST = 4  # expansions within expansions
_KNOWN = ("$top", "$skip", "$count", "$orderby", "$filter", "$select", "$expand")


@dataclass(frozen=True, slots=True)
class Options:
    """What is asked of a collection. `orderby`: (path, descending); `said`: as it was written."""

    top: int = _TOP
    skip: int = 0
    count: bool = False
    orderby: tuple[tuple[str, bool], ...] = ()
    filter: Expression | None = None
    select: tuple[str, ...] = ()
    expand: Mapping[str, "Options"] = field(default_factory=dict)
    said: Mapping[str, str] = field(default_factory=dict)


def options(said: Mapping[str, str], depth: int = 0) -> Options:
    """From the parameters of a URL, decoded. ODataError names what cannot be used."""
    if depth > _DEEPEST:
        raise ODataError(f"$expand goes {_DEEPEST} levels deep at most")
    for name in said:
        if name.startswith("$") and name not in _KNOWN:
            raise ODataError(f"{name} is not offered here; known: {', '.join(_KNOWN)}")
    return Options(
        top=min(_number(said, "$top", _TOP), MAX_TOP),
        skip=min(_number(said, "$skip", 0), _MAX_SKIP),
        count=_is_true(said),
        orderby=tuple(_orders(said.get("$orderby", ""))),
        filter=parse(said["$filter"]) if "$filter" in said else None,
        select=tuple(filter(None, (part.strip() for part in said.get("$select", "").split(",")))),
        expand=_expand(said.get("$expand", ""), depth + 1),
        said=said,
    )


def _number(said: Mapping[str, str], name: str, otherwise: int) -> int:
    text = said.get(name, str(otherwise))
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise ODataError(f"{name} is a number from 0, not {text}")
    return int(text)


def _is_true(said: Mapping[str, str]) -> bool:
    text = said.get("$count", "false")
    if text not in ("true", "false"):
        raise ODataError(f"$count is true or false, not {text}")
    return text == "true"


def _orders(text: str) -> Iterator[tuple[str, bool]]:
    for part in filter(None, (part.strip() for part in text.split(","))):
        path, _, way = part.partition(" ")
        if way.strip().lower() not in ("", "asc", "desc"):
            raise ODataError(f"$orderby: asc or desc after {path}, not {way}")
        yield path, way.strip().lower() == "desc"


def _expand(text: str, depth: int) -> dict[str, Options]:
    """`Datastreams($top=1;$expand=Sensor),Locations`; `Thing/Locations` is short for brackets."""
    found: dict[str, Options] = {}
    for part in _parts(text, ","):
        head, bracket, rest = part.partition("(")
        if bracket and not rest.endswith(")"):
            raise ODataError(f"$expand: a closing bracket is missing after {part}")
        name, _, deeper = head.strip().partition("/")
        inner = dict(_assignment(each) for each in _parts(rest[:-1], ";"))
        if deeper:  # the brackets belong to the last name of the path
            inner = {"$expand": f"{deeper}({rest}" if bracket else deeper}
        found[name] = options(inner, depth)
    return found


def _assignment(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name.strip(), value.strip()


def _parts(text: str, separator: str) -> Iterator[str]:
    """What stands between separators that are in no brackets and no quotation marks."""
    depth, is_quoted, begin = 0, False, 0
    for at, sign in enumerate(text):
        if sign == "'":
            is_quoted = not is_quoted
        elif not is_quoted:
            depth += (sign == "(") - (sign == ")")
            if sign == separator and depth == 0:
                yield text[begin:at].strip()
                begin = at + 1
    if text[begin:].strip():
        yield text[begin:].strip()
