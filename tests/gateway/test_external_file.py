"""CSV from laboratories: encodings, headers, units, and errors that name their cell."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xunhe.adapters.external_file import Sheet, parse_time, read
from xunhe.domain.clock import SHANGHAI
from xunhe.domain.external import Entry, ExternalError, ExternalValue, Where
from xunhe.water.external_checks import check, without_repeats
from xunhe.water.indicators import INDICATORS
from xunhe.water.units import factor_of, number

NOW = datetime(2026, 6, 1, tzinfo=UTC)
LAB = """站点,采样时间,氨氮(mg/L),总磷（μg/L）,化学需氧量(mg/L),水位(m),备注
YX-S1,2026-03-05 08:30,0.42,80,<4,3.2,晴
YX-S2,2026/3/5 9:05,0.15L,-,15,,
"""


def values(sheet: Sheet) -> list[tuple[str, str, float, bool]]:
    return [
        (e.value.place, e.value.prop, e.value.value, e.value.is_below_limit) for e in sheet.entries
    ]


def problems(text: str | bytes) -> list[str]:
    data = text.encode() if isinstance(text, str) else text
    with pytest.raises(ExternalError) as caught:
        read(data, SHANGHAI)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", "utf-8-sig"),
        ("utf-8-sig", "utf-8-sig"),
        ("gbk", "gb18030"),
        ("gb18030", "gb18030"),
        ("utf-16", "utf-16"),
    ],
)
def test_a_laboratorys_file_in_any_usual_encoding(encoding: str, said: str) -> None:
    text = LAB if encoding != "gbk" else LAB.replace("μ", "u")
    sheet = read(text.encode(encoding), SHANGHAI)
    assert sheet.encoding == said
    assert sheet.ignored == ("备注",)
    assert values(sheet) == [
        ("YX-S1", "nh3n_mg_l", 0.42, False),
        ("YX-S1", "tp_mg_l", 0.08, False),
        ("YX-S1", "cod_mg_l", 4.0, True),
        ("YX-S1", "level_m", 3.2, False),
        ("YX-S2", "nh3n_mg_l", 0.15, True),
        ("YX-S2", "cod_mg_l", 15.0, False),
    ]
    assert sheet.entries[0].value.time == datetime(2026, 3, 5, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_delimiters_and_line_ends_of_spreadsheets(delimiter: str, line_end: str) -> None:
    text = LAB.replace(",", delimiter).replace("\n", line_end)
    assert len(read(text.encode(), SHANGHAI).entries) == 6


@pytest.mark.parametrize(
    ("header", "prop", "factor"),
    [
        ("氨氮(mg/L)", "nh3n_mg_l", "1"),
        ("氨氮 （ ㎎/L ）", "nh3n_mg_l", "1"),
        ("NH3-N[ug/l]", "nh3n_mg_l", "0.001"),
        ("NH₃-N(mg/L)", "nh3n_mg_l", "1"),
        ("nh3n_mg_l", "nh3n_mg_l", "1"),
        ("w21003", "nh3n_mg_l", "1"),
        ("w20142", "mercury_mg_l", "0.001"),  # the code's own unit is µg/L
        ("汞(µg/L)", "mercury_mg_l", "0.001"),
        ("六价铬(mg/L)", "chromium6_mg_l", "1"),
        ("pH", "ph", "1"),
        ("ＰＨ值（无量纲）", "ph", "1"),
        ("水温(℃)", "water_temp_c", "1"),
        ("流量(m³/s)", "discharge_m3_s", "1"),
        ("流量(L/s)", "discharge_m3_s", "0.001"),
        ("透明度(m)", "transparency_cm", "100"),
        ("粪大肠菌群(个/L)", "faecal_coliforms_per_l", "1"),
        ("粪大肠菌群(MPN/100mL)", "faecal_coliforms_per_l", "10"),
        ("permanganate index(mg/L)", "codmn_mg_l", "1"),
    ],
)
def test_headers_as_people_write_them(header: str, prop: str, factor: str) -> None:
    sheet = read(f"站点,时间,{header}\nYX-S1,2026-03-05 08:30,7\n".encode(), SHANGHAI)
    assert values(sheet) == [("YX-S1", prop, float(7 * Decimal(factor)), False)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ["header"]),
        ("\n\n", ["header"]),
        ("站点,时间\nYX-S1,2026-03-05 08:30\n", ["没有可识别的指标列"]),
        ("时间,pH\n2026-03-05 08:30,7\n", ["缺少站点列"]),
        ("站点,pH\nYX-S1,7\n", ["缺少时间列"]),
        ("站点,时间,氨氮\nYX-S1,2026-03-05 08:30,7\n", ["缺少单位", "氨氮(mg/L)"]),
        ("站点,时间,氨氮(m/s)\nYX-S1,2026-03-05 08:30,7\n", ["单位 m/s 不适用", "µg/L"]),
        ("站点,时间,安氮(mg/L)\nYX-S1,2026-03-05 08:30,7\n", ["不认识的指标", "是否为 氨氮"]),
        ("站点,时间,TP(mg/L),总磷(ug/L)\nYX-S1,2026-03-05 08:30,7,7\n", ["同一指标"]),
        ("站点,时间,pH\n", ["没有任何数值"]),
        ("站点,时间,pH\nYX-S1,2026-03-05 08:30,-\n", ["没有任何数值"]),
        ("站点,时间,pH\nYX-S1,2026-03-05 08:30,七\n", ["第 2 行“pH”", "不是数值", "row 2"]),
        ("站点,时间,pH\nYX-S1,2026-03-05 08:30,nan\n", ["不是数值"]),
        ("站点,时间,pH\nYX-S1,2026-03-05 08:30,1e999\n", ["不是数值"]),
        ("站点,时间,pH\nYX-S1,2026-03-05 08:30,未检出\n", ["检出限"]),
        ("站点,时间,pH\nYX-S1,2026-03-05,7\n", ["时间“2026-03-05”无法识别"]),
        ("站点,时间,pH\nYX-S1,2026-13-05 08:30,7\n", ["第 2 行“时间”"]),
        ("站点,时间,pH\n,2026-03-05 08:30,7\n", ["没有站点编码"]),
        ("站点,时间,pH,经度,纬度\nYX-S1,2026-03-05 08:30,7,abc,30\n", ["坐标"]),
        ("站点,时间,pH,经度,纬度\nYX-S1,2026-03-05 08:30,7,190,30\n", ["坐标"]),
        ('站点,时间,pH\nYX-S1,2026-03-05 08:30,"' + "7" * 140_000, ["不是 CSV"]),
    ],
)
def test_what_cannot_be_read_is_named_with_its_cell_and_the_next_step(
    text: str, said: list[str]
) -> None:
    found = "\n".join(problems(text))
    for part in said:
        assert part in found


def test_all_wrong_cells_are_named_at_once() -> None:
    found = problems("站点,时间,pH,DO(mg/L)\nYX-S1,x,7,8\nYX-S1,2026-03-05 08:30,a,b\n")
    assert [problem.split("：")[0] for problem in found] == [
        "第 2 行“时间”",
        "第 3 行“pH”",
        "第 3 行“DO(mg/L)”",
    ]


def test_bytes_of_no_encoding_are_refused() -> None:
    assert "UTF-8" in problems(b"\xff\xff\xff\x80 not text")[0]


@given(st.binary(max_size=200))
def test_no_bytes_whatever_break_the_reader(data: bytes) -> None:
    with suppress(ExternalError):
        read(data, SHANGHAI)


@pytest.mark.parametrize(
    ("text", "is_read"),
    [
        ("2026-03-05T08:30:00+08:00", True),
        ("2026-03-05T00:30:00Z", True),
        ("2026-03-05T08:30", True),
        ("2026年3月5日 8:30", True),
        ("2026年3月5日8时30分", True),
        ("2026/03/05 08:30:00", True),
        ("2026-03-05", False),
        ("08:30", False),
        ("", False),
    ],
)
def test_times_as_people_and_programs_write_them(text: str, is_read: bool) -> None:
    at = parse_time(text, SHANGHAI)
    assert (at == datetime(2026, 3, 5, 0, 30, tzinfo=UTC)) is is_read


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.42", (Decimal("0.42"), False)),
        ("<0.025", (Decimal("0.025"), True)),
        ("＜ 0.025", (Decimal("0.025"), True)),
        ("0.025L", (Decimal("0.025"), True)),
        ("1.2E3", (Decimal(1200), False)),
        ("-3", (Decimal(-3), False)),
        ("inf", None),
        ("nan", None),
        ("1,200", None),
        ("ND", None),
    ],
)
def test_numbers_of_laboratories(text: str, expected: tuple[Decimal, bool] | None) -> None:
    assert number(text) == expected


def test_every_property_knows_its_own_unit() -> None:
    assert all(factor_of(i.unit, i) == 1 for i in INDICATORS.values())
    assert all(factor_of(i.hj212_unit, i) for i in INDICATORS.values() if i.hj212)


PLACES = {"YX-S1": (119.98, 30.27)}


def entry(value: float, row: int = 2, prop: str = "nh3n_mg_l", **changes: object) -> Entry:
    said = {"place": "YX-S1", "time": NOW - timedelta(hours=row), **changes}
    return Entry(ExternalValue(prop=prop, value=value, **said), Where(row, "氨氮(mg/L)"))


def checked(*entries: Entry, usual: float | None = None) -> list[str]:
    known = {} if usual is None else {("YX-S1", "nh3n_mg_l"): usual}
    return [str(problem) for problem in check(entries, PLACES, known, NOW)]


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.0, ""), (300.0, ""), (300.1, "超出可能范围"), (-0.1, "超出"), (1e300, "超出")],
)
def test_values_beyond_any_water_are_refused(value: float, said: str) -> None:
    found = "".join(checked(entry(value)))
    assert said in found
    assert bool(found) == bool(said)


def test_a_value_that_would_fit_as_micrograms_says_so() -> None:
    assert "µg/L" in checked(entry(420.0))[0]
    assert "µg/L" not in checked(entry(14.5, prop="ph"))[0]


@pytest.mark.parametrize(("hours", "is_wrong"), [(0, False), (1, True), (-24 * 366 * 40, True)])
def test_times_ahead_and_of_other_centuries_are_refused(hours: int, is_wrong: bool) -> None:
    found = checked(entry(0.4, time=NOW + timedelta(hours=hours)))
    assert bool(found) is is_wrong


def test_what_is_wrong_with_a_row_is_said_once() -> None:
    row = [entry(0.4, place="YX-S9"), entry(7.0, prop="ph", place="YX-S9")]
    assert len(checked(*row)) == 1


def test_a_wrong_time_is_shown_as_it_was_written() -> None:
    local = datetime(2046, 3, 7, 8, 30, tzinfo=SHANGHAI)
    assert "2046-03-07 08:30+08:00" in checked(entry(0.4, time=local))[0]


def test_an_unknown_place_and_a_far_position_are_refused() -> None:
    assert "未登记" in checked(entry(0.4, place="YX-S9"))[0]
    e = entry(0.4)
    far = Entry(e.value, e.where, (119.99, 30.27))
    assert "960 米" in checked(far)[0]
    assert checked(Entry(e.value, e.where, (119.9801, 30.27))) == []


def test_a_column_of_micrograms_called_milligrams_is_named_by_what_is_usual_there() -> None:
    column = [entry(200.0 + row, row) for row in range(2, 5)]
    assert "单位" not in "".join(checked(*column))
    found = checked(*column, usual=0.2)
    assert len(found) == 1
    assert "平常的" in found[0]
    assert "第 2 行" in found[0]
    assert checked(*column[:2], usual=0.2) == []  # two values may be a spill


def test_the_same_value_twice_is_no_matter_and_two_different_ones_are_refused() -> None:
    same, again = entry(0.4, 2), Entry(entry(0.4, 2).value, Where(9, "氨氮(mg/L)"))
    assert checked(same, again) == []
    assert without_repeats([same, again]) == [same]
    other = Entry(entry(0.5, 2).value, Where(9, "氨氮(mg/L)"))
    found = checked(same, other)
    assert len(found) == 1
    assert "第 9 行" in found[0]
    assert "第 2 行" in found[0]


def test_half_of_a_limit_of_detection_takes_part_in_a_mean() -> None:
    assert entry(0.025, is_below_limit=True).value.judged == 0.0125
    assert entry(0.025).value.judged == 0.025


def test_naive_times_are_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="naive"):
        entry(1.0, time=NOW.replace(tzinfo=None))
