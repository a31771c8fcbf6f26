"""The fields of a citizen's form, so that all that are wrong are told at once."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from xunhe.desk.categories import CATEGORIES
from xunhe.desk.citizens import MAX_PHONE, MAX_TEXT
from xunhe.web.form_fields import Degrees
from xunhe.web.forms import Filled, read


def _is_known(code: str) -> str:
    if code not in CATEGORIES:
        raise ValueError("请从列表中选择 / choose from the list")
    return code


class ReportForm(BaseModel):
    """What a citizen types; an empty position is that of the board or of the photograph."""

    category: Annotated[str, AfterValidator(_is_known)]
    text: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_TEXT)
    ]
    lon: Annotated[Degrees, Field(ge=-180, le=180)] = None
    lat: Annotated[Degrees, Field(ge=-90, le=90)] = None
    phone: Annotated[str, Field(max_length=MAX_PHONE)] = ""
    account: Annotated[str, Field(max_length=64)] = ""


def filled(sent: Mapping[str, Any]) -> Filled:
    """The form as it was sent, with every wrong field."""
    found = read(ReportForm, sent)
    return found if isinstance(found, Filled) else Filled.of(sent)
