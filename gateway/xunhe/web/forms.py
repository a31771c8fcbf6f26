"""Forms of pages: what was typed, and what is wrong with it, each beside its field.

`read(Model, form)` gives the model, or what to show again: nothing that was typed is lost.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from xunhe.web.wording import Words

Model = TypeVar("Model", bound=BaseModel)

_SECRET = frozenset({"password", "repeated", "old_password", "csrf", "once"})


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as it was sent: texts by field, and problems by field (`""`: of the whole)."""

    values: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, Words] = field(default_factory=dict)

    @classmethod
    def of(cls, sent: Mapping[str, Any], **problems: Words) -> "Filled":
        """What was sent, less passwords, with problems by field."""
        texts = {k: v for k, v in sent.items() if isinstance(v, str) and k not in _SECRET}
        return cls(texts, problems)

    def with_problem(self, name: str, zh: str, en: str) -> "Filled":
        """The same with one more problem; the first of a field stays."""
        return Filled(self.values, {name: Words(zh, en), **self.problems})

    @property
    def is_fit(self) -> bool:
        """True where nothing is wrong."""
        return not self.problems


EMPTY = Filled()


def read(model: type[Model], sent: Mapping[str, Any]) -> Model | Filled:
    """The form as its model; where a field is wrong, the form with every wrong field named."""
    texts = {k: v for k, v in sent.items() if k in model.model_fields}
    try:
        return model.model_validate(texts)
    except ValidationError as error:
        problems: dict[str, Words] = {}
        for each in error.errors():
            name = str(each["loc"][0]) if each["loc"] else ""
            problems.setdefault(name, problem_words(each))
        return Filled.of(sent, **problems)


def problem_words(error: Mapping[str, Any]) -> Words:
    """One error of pydantic in both languages."""
    zh = _CHINESE.get(error["type"])
    said = error["msg"].removeprefix("Value error, ")
    if zh is None:
        head, bar, tail = said.partition(" / ")
        return Words(head, tail) if bar else Words("填写有误", said)
    return Words(zh.format(**error.get("ctx", {})), said)


_CHINESE = {
    "missing": "必填",
    "string_too_short": "至少 {min_length} 个字",
    "string_too_long": "至多 {max_length} 个字",
    "string_pattern_mismatch": "格式不对",
    "int_parsing": "请填整数",
    "int_from_float": "请填整数",
    "float_parsing": "请填数字",
    "finite_number": "请填数字",
    "greater_than": "须大于 {gt}",
    "greater_than_equal": "不得小于 {ge}",
    "less_than": "须小于 {lt}",
    "less_than_equal": "不得大于 {le}",
    "enum": "请从列表中选择",
    "literal_error": "请从列表中选择",
    "bool_parsing": "请选择是或否",
    "datetime_from_date_parsing": "请填日期和时间",
    "datetime_parsing": "请填日期和时间",
    "date_from_datetime_parsing": "请填日期",
    "date_parsing": "请填日期",
}
