"""An instant in a URL: aware, and far enough from both ends of the calendar to count from it."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AwareDatetime, Field

_FIRST = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = datetime(9000, 1, 1, tzinfo=UTC)

AskedInstant = Annotated[AwareDatetime, Field(ge=_FIRST, le=_LAST)]
