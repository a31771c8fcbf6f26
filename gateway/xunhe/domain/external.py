"""External data: values from laboratories, other networks and people, with who said them."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ExternalValue:
    """One value of one property at a registered place, in the property's unit.

    `is_below_limit`: less than `value`, the limit of detection (未检出). Raises ValueError for a
    naive time.
    """

    place: str
    prop: str
    time: datetime
    value: float
    is_below_limit: bool = False

    def __post_init__(self) -> None:
        if self.time.tzinfo is None:
            raise ValueError(f"external value at {self.place}: its time {self.time} is naive")

    @property
    def judged(self) -> float:
        """What takes part in a mean or a class: half the limit where nothing was detected."""
        return self.value / 2 if self.is_below_limit else self.value


@dataclass(frozen=True, slots=True)
class Where:
    """A place in a table: `row` as a spreadsheet counts (the header is 1), `column` by its name."""

    row: int
    column: str

    @property
    def zh(self) -> str:
        """Such as `第 3 行“氨氮(mg/L)”`."""
        return f"第 {self.row} 行“{self.column}”"

    @property
    def en(self) -> str:
        """The same in English."""
        return f"row {self.row}, {self.column!r}"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a cell cannot be taken in: subject, value, limit and next step."""

    where: Where
    zh: str
    en: str

    def __str__(self) -> str:
        return f"{self.where.zh}：{self.zh} / {self.where.en}: {self.en}"


@dataclass(frozen=True, slots=True)
class Entry:
    """A value with the cell it stands in; `lon_lat` where its row says where it was taken."""

    value: ExternalValue
    where: Where
    lon_lat: tuple[float, float] | None = None


class ExternalError(ValueError):
    """Nothing was taken in: everything that is wrong with a file or a request."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)
