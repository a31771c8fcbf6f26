"""Packets are read as the field writes them, and written as the standard prints them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.gateway.hj212.vectors import GOOD, SEGMENTS, VECTORS
from xunhe.codecs.hj212 import area, times
from xunhe.codecs.hj212.deframing import MAX_SEGMENT, Frame
from xunhe.codecs.hj212.dialect import DIALECTS, V2005, V2017
from xunhe.codecs.hj212.factors import TABLE_B1
from xunhe.codecs.hj212.reason import Reason, Rejected
from xunhe.codecs.hj212.segment import Flag, Packet, read
from xunhe.codecs.hj212.splitting import Assembly, split
from xunhe.water.indicators import INDICATORS

NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


def packet(segment: str) -> Packet:
    found = read(Frame(segment.encode()))
    assert isinstance(found, Packet)
    return found


def rejected(segment: bytes) -> Reason:
    found = read(Frame(segment))
    assert isinstance(found, Rejected)
    return found.reason


@pytest.mark.parametrize("segment", SEGMENTS)
def test_every_good_vector_is_read_and_written_the_same(segment: bytes) -> None:
    found = read(Frame(segment))
    assert isinstance(found, Packet)
    assert found.segment == segment
    assert area.factors(found.cp)[1] == []


def test_the_official_packet_says_what_the_standard_says() -> None:
    found = packet(GOOD[0]["segment"])
    assert (found.qn, found.st, found.cn) == ("20160801085857223", "32", "1062")
    assert (found.pw, found.mn) == ("100000", "010000A8900016F000169DC0")
    assert found.flag == Flag(1, is_split=False, wants_answer=True)
    assert area.plain(found.cp) == {"RtdInterval": "30"}


@pytest.mark.parametrize("number", range(256))
def test_a_flag_is_one_byte(number: int) -> None:
    assert Flag.of(number).number == number


@pytest.mark.parametrize(
    ("number", "flag"),
    [
        (4, Flag(1)),
        (5, Flag(1, False, True)),
        (6, Flag(1, True, False)),
        (7, Flag(1, True, True)),
        (9, Flag(2, False, True)),
    ],
)
def test_flags_of_the_standard(number: int, flag: Flag) -> None:
    assert Flag.of(number) == flag


@pytest.mark.parametrize("text", ["256", "-1", "5.0", "", "x", "５"])
def test_a_flag_that_is_no_byte_is_none(text: str) -> None:
    assert packet(f"CN=2011;MN=a;Flag={text};CP=&&&&").flag is None


def test_pno_before_pnum_and_padded_is_read() -> None:
    segment = VECTORS["published_with_wrong_crc"][4]["segment"]  # only its check is wrong
    assert packet(segment).part == (2, 2)


@pytest.mark.parametrize("fields", ["PNUM=2;PNO=3", "PNUM=2;PNO=0", "PNUM=0;PNO=0", "PNUM=2"])
def test_counters_that_contradict_are_no_part(fields: str) -> None:
    assert packet(f"CN=2011;MN=a;Flag=7;{fields};CP=&&&&").part is None


@pytest.mark.parametrize(
    ("segment", "reason"),
    [
        (b"QN=1;CN=2011;MN=a", Reason.AREA),
        (b"QN=1;CN=2011;MN=a;CP=&&x=1", Reason.OPEN_AREA),
        (b"QN=1;CN=2011;MN=a;CP=&&&", Reason.OPEN_AREA),
        (b"QN=1;CN=2011;MN=a;CP=x=1&&", Reason.OPEN_AREA),
        (b"QN=1;MN=a;CP=&&&&", Reason.COMMAND),
        (b"QN=1;CN=2011;CP=&&&&", Reason.COMMAND),
        (b"QN=1;CN=2011;MN=;CP=&&&&", Reason.COMMAND),
        (b"QN=1;CN=2011;MN=a;Flag=5CP=&&&&", Reason.AREA),  # C.19 as it is misprinted
        (b"QN;CN=2011;MN=a;CP=&&&&", Reason.FIELD),
        (b"CN=2011;CN=2012;MN=a;CP=&&&&", Reason.FIELD),
        (b"CN=2011;MN=\xff;CP=&&&&", Reason.TEXT),
        (b"", Reason.AREA),
    ],
)
def test_a_segment_that_is_none_is_rejected_with_its_reason(segment: bytes, reason: Reason) -> None:
    assert rejected(segment) is reason


def test_spaces_around_names_and_values_are_stripped() -> None:
    found = packet("QN = 1 ; CN= 2011;MN =a ;CP = &&DataTime = 20261121120000 ; w01001-Rtd= 7.1 &&")
    assert (found.qn, found.cn, found.mn) == ("1", "2011", "a")
    assert area.factors(found.cp)[0]["w01001"].numbers == {"Rtd": 7.1}


def test_a_comma_between_times_is_taken_as_a_semicolon() -> None:
    assert area.plain("BeginTime=20160801000000,EndTime=20160802000000") == {
        "BeginTime": "20160801000000",
        "EndTime": "20160802000000",
    }


def test_both_spellings_of_table_4_and_annex_c_are_read() -> None:
    assert area.plain("Overtime=5;CTime=2") == {"OverTime": "5", "Ctime": "2"}


def test_a_log_keeps_its_signs() -> None:
    found, unusable = area.factors("DataTime=20261121120000;i11001-Info=//清洗;a=1,b//;x-Rtd=1")
    assert found["i11001"].texts == {"Info": "//清洗;a=1,b//"}
    assert found["x"].numbers == {"Rtd": 1.0}
    assert unusable == []


@pytest.mark.parametrize(
    "text", ["", "-", "abc", "1e5", "nan", "inf", "1 5", "0x1", "１", "9" * 400]
)
def test_what_is_no_number_is_rejected_and_the_other_items_stay(text: str) -> None:
    found, unusable = area.factors(f"w01001-Rtd={text},w01001-Flag=N;w01009-Rtd=6.4")
    assert [each.reason for each in unusable] == [Reason.NUMBER]
    assert found["w01001"].numbers == {}
    assert found["w01009"].numbers == {"Rtd": 6.4}


@pytest.mark.parametrize(("text", "value"), [("7", 7), ("-3.5", -3.5), (".5", 0.5), ("5.", 5)])
def test_numbers_of_any_width_are_read(text: str, value: float) -> None:
    assert area.number(text) == value


def test_a_field_without_a_sign_is_named() -> None:
    found, unusable = area.factors("DataTime;w01001-Rtd=7")
    assert (unusable[0].reason, unusable[0].text) == (Reason.FIELD, "DataTime")
    assert found["w01001"].numbers == {"Rtd": 7.0}


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("20261121120000", NOON),
        ("20261121120000999", NOON),
        ("2026112112000", None),
        ("20261321120000", None),
        ("20260230120000", None),
        ("20261121240000", None),
        ("00010101000000", None),
        ("2026112112000x", None),
    ],
)
def test_times_have_14_or_17_digits(text: str, at: datetime | None) -> None:
    assert times.parse(text, times.EAST_8) == at


def test_a_time_is_written_in_the_zone_of_its_link() -> None:
    assert times.written(NOON, times.EAST_8) == "20261121120000"


@given(st.lists(st.timedeltas(timedelta(seconds=-2), timedelta(seconds=2)), max_size=50))
def test_a_qn_never_comes_twice_and_never_goes_back(steps: list[timedelta]) -> None:
    numbers, given = times.Numbers(times.EAST_8), []
    now = NOON
    for step in steps:
        now += step
        given.append(numbers.next(now))
    assert given == sorted(set(given))
    assert all(len(each) == 17 for each in given)


def items(count: int) -> list[str]:
    return [f"w{n:05d}-Rtd={n}.5,w{n:05d}-Flag=N" for n in range(count)]


def upload(flag: int = 5) -> Packet:
    head = {"QN": "1", "ST": "21", "CN": "2011", "PW": "123456", "MN": "A" * 24}
    return Packet({**head, "Flag": str(flag)})


LEAD = "DataTime=20261121120000"


def test_a_short_upload_is_one_packet_without_counters() -> None:
    (only,) = split(upload(), items(3), LEAD)
    assert only.part is None
    assert only.flag == Flag(1, False, True)


@pytest.mark.parametrize("count", [40, 60, 300])
def test_a_long_upload_is_split_at_items_and_comes_together_again(count: int) -> None:
    parts = split(upload(), items(count), LEAD)
    assert [part.part for part in parts] == [(n, len(parts)) for n in range(1, len(parts) + 1)]
    assert all(len(part.segment) <= MAX_SEGMENT for part in parts)
    assert all(len(f"CP=&&{part.cp}&&".encode()) <= 950 for part in parts)
    assert all(part.flag == Flag(1, True, True) for part in parts)
    joined = [item for part in parts for item in part.cp.split(";")[1:]]
    assert joined == items(count)
    assembly = Assembly(timedelta(minutes=1))
    whole = [assembly.add(part, NOON) for part in reversed(parts)]
    assert whole[-1] == parts
    assert not any(whole[:-1])


def test_one_item_more_than_fits_makes_two_packets() -> None:
    fits = next(n for n in range(1, 60) if len(split(upload(), items(n + 1), LEAD)) == 2)
    assert len(split(upload(), items(fits), LEAD)) == 1


def test_an_item_that_fits_nowhere_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        split(upload(), ["x" * 944], LEAD)


def test_an_incomplete_transfer_is_dropped_after_the_patience_and_counted() -> None:
    assembly = Assembly(timedelta(seconds=10))
    first, *_ = split(upload(), items(60), LEAD)
    assert assembly.add(first, NOON) == []
    assert assembly.add(upload(), NOON + timedelta(seconds=10)) == [upload()]
    assert assembly.dropped == 0
    assembly.add(upload(), NOON + timedelta(seconds=11))
    assert assembly.dropped == 1


def test_an_answer_has_the_qn_pw_and_mn_of_what_it_answers() -> None:
    segment = (
        "QN=20261121080000000;ST=91;CN=9014;PW=123456;MN=010000A8900016F000169DC0;Flag=4;CP=&&&&"
    )
    asked = packet(VECTORS["made_for_xunhe"][0]["segment"])
    assert asked.answered("9014", V2017.answer).segment == segment.encode()


def test_every_code_of_ours_is_one_of_the_standard_with_the_same_unit() -> None:
    coded = [indicator for indicator in INDICATORS.values() if indicator.hj212]
    assert coded
    for indicator in coded:
        assert TABLE_B1[indicator.hj212].unit == indicator.hj212_unit, indicator.prop


def test_codes_of_2005_are_read_by_all_and_written_by_their_dialect_only() -> None:
    for dialect in DIALECTS.values():
        found = dialect.factor("011")
        assert found is not None
        assert found.code == "w01018"
    assert (V2005.written("w01018"), V2017.written("w01018")) == ("011", "w01018")
    assert V2005.written("w01009") == "w01009"  # 2005 had no code for it


@given(st.binary(max_size=400))
def test_no_segment_is_too_strange(segment: bytes) -> None:
    found = read(Frame(segment))
    if isinstance(found, Packet):
        area.factors(found.cp)
        assert found.part is None or found.part[0] <= found.part[1]
