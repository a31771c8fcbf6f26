"""`$filter` of SensorThings 1.1 (OGC 18-088, 9.3.3.5): text in, a tree out; no function.

expression = term {"or" term}      term = factor {"and" factor}
factor     = "not" factor | "(" expression ")" | path operator literal
"""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

Literal = str | float | bool | datetime | None
SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    name: getattr(operator, name) for name in ("eq", "ne", "gt", "ge", "lt", "le")
}

_TOKEN = re.compile(
    r"\s*(?:(?P<string>'(?:[^']|'')*')"
    r"|(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:?\d\d))"
    r"|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"
    r"|(?P<word>[@A-Za-z_][\w./@]*)"
    r"|(?P<sign>[()]))"
)
_WORDS: dict[str, Literal] = {"true": True, "false": False, "null": None}
_MOST = 100  # comparisons, `not`s and brackets: a request must not use up the stack


class ODataError(ValueError):
    """A query that is malformed or asks for what there is not; the message is for its author."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """`path sign literal`; the literal is on the right even where it was written left."""

    path: str
    sign: str
    literal: Literal


@dataclass(frozen=True, slots=True)
class Both:
    """`and`."""

    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Either:
    """`or`."""

    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Negation:
    """`not`."""

    inner: "Expression"


Expression = Comparison | Both | Either | Negation


def parse(text: str) -> Expression:
    """The tree of a filter. ODataError says what is wrong and where."""
    parser = _Parser(text)
    found = parser.expression()
    if parser.kind:
        parser.fail("the end")
    return found


def holds(expression: Expression, value_of: Callable[[str], Literal]) -> bool:
    """Is it true of the thing whose values `value_of` knows by their path?"""
    match expression:
        case Both(left, right):
            return holds(left, value_of) and holds(right, value_of)
        case Either(left, right):
            return holds(left, value_of) or holds(right, value_of)
        case Negation(inner):
            return not holds(inner, value_of)
        case Comparison(path, sign, literal):
            return _compare(value_of(path), sign, literal)


def _compare(value: Literal, sign: str, literal: Literal) -> bool:
    """Things of different kinds are not equal and in no order."""
    if sign in ("eq", "ne"):
        return bool(SIGNS[sign](value, literal))
    match value, literal:
        case (str(), str()) | (float() | int(), float() | int()) | (datetime(), datetime()):
            return bool(SIGNS[sign](value, literal))
    return False


class _Parser:
    """One word ahead: `kind` is "" at the end."""

    def __init__(self, text: str) -> None:
        self._whole, self._at, self._factors = text, 0, 0
        self.kind, self.word = "", ""
        self._next()

    def fail(self, wanted: str) -> NoReturn:
        """ODataError with the place."""
        found = self.word or "the end"
        raise ODataError(f"$filter: {wanted} expected before character {self._at}, not {found}")

    def expression(self) -> Expression:
        left = self._term()
        while self._take("or"):
            left = Either(left, self._term())
        return left

    def _term(self) -> Expression:
        left = self._factor()
        while self._take("and"):
            left = Both(left, self._factor())
        return left

    def _factor(self) -> Expression:
        self._factors += 1
        if self._factors > _MOST:
            raise ODataError(f"$filter: more than {_MOST} comparisons and brackets")
        if self._take("not"):
            return Negation(self._factor())
        if not self._take("("):
            return self._comparison()
        found = self.expression()
        if not self._take(")"):
            self.fail("a closing bracket")
        return found

    def _comparison(self) -> Comparison:
        left, is_path = self._operand()
        sign = self.word
        if sign not in SIGNS:
            self.fail(f"one of {', '.join(SIGNS)}")
        self._next()
        right, is_other_path = self._operand()
        if is_path and not is_other_path:
            return Comparison(str(left), sign, right)
        if is_other_path and not is_path:
            turned = {"gt": "lt", "ge": "le", "lt": "gt", "le": "ge"}.get(sign, sign)
            return Comparison(str(right), turned, left)
        raise ODataError("$filter: compare a property with a value")

    def _operand(self) -> tuple[Literal, bool]:
        """(value, is it a path?)"""
        kind, token = self.kind, self.word
        self._next()
        match kind:
            case "string":
                return token[1:-1].replace("''", "'"), False
            case "number":
                return float(token), False
            case "time":
                return _instant(token), False
            case "word" if token in _WORDS:
                return _WORDS[token], False
            case "word":
                if self.word == "(":
                    raise ODataError(f"$filter: the function {token} is not offered here")
                return token, True
        self.word = token
        self.fail("a property or a value")

    def _take(self, token: str) -> bool:
        if self.word != token or self.kind == "string":
            return False
        self._next()
        return True

    def _next(self) -> None:
        found = _TOKEN.match(self._whole, self._at)
        if found is None:
            if rest := self._whole[self._at :].strip():
                raise ODataError(f"$filter: unreadable from character {self._at}: {rest[:20]}")
            self.kind, self.word = "", ""
            return
        self.kind = found.lastgroup or ""
        self.word = found[self.kind]
        self._at = found.end()


def _instant(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise ODataError(f"$filter: no such instant as {text}") from error
