"""What fields of forms send, as values: an empty one was left out, instants are local time."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from pydantic import BaseModel, BeforeValidator

from xunhe.desk.refused import RefusedError
from xunhe.domain.clock import SHANGHAI
from xunhe.web import forms
from xunhe.web.forms import Filled

Model = TypeVar("Model", bound=BaseModel)


def none_if_blank(value: object) -> object:
    """An empty field of a form is one that was left out."""
    return None if isinstance(value, str) and not value.strip() else value


def _in_shanghai(value: object) -> object:
    """What a browser's date-time field sends is local time."""
    value = none_if_blank(value)
    if not isinstance(value, str):
        return value
    try:
        return datetime.fromisoformat(value).replace(tzinfo=SHANGHAI)
    except ValueError:
        return value  # the model says what is wrong with it


Text = Annotated[str | None, BeforeValidator(none_if_blank)]
Local = Annotated[datetime | None, BeforeValidator(_in_shanghai)]
Instant = Annotated[datetime, BeforeValidator(_in_shanghai)]
Number = Annotated[int | None, BeforeValidator(none_if_blank)]
Degrees = Annotated[float | None, BeforeValidator(none_if_blank)]


async def _sent(request: Request) -> Mapping[str, Any]:
    return dict(await request.form())


Sent = Annotated[Mapping[str, Any], Depends(_sent)]


def done(
    model: type[Model], sent: Mapping[str, Any], act: Callable[[Model], object]
) -> Filled | None:
    """Do what a form asks: None once it is done, else the form with what is wrong or refused."""
    said = forms.read(model, sent)
    if isinstance(said, Filled):
        return said
    try:
        act(said)
    except RefusedError as error:
        return Filled.of(sent).with_problem("", error.zh, error.en)
    return None
