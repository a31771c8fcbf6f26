"""A position on the river: which reach, how far down it, on which side."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xunhe.domain.registry import Reach, Registry
from xunhe.domain.river_place import snapped


def reaches(registry: Registry) -> list[Reach]:
    return list(registry.reaches.values())


def test_the_head_of_a_reach_is_its_first_metre(registry: Registry) -> None:
    reach = registry.reaches["YX-1"]
    found = snapped(reach.line[0], reaches(registry))
    assert found is not None
    assert (found.reach, found.position_m) == ("YX-1", pytest.approx(0.0, abs=0.1))


def test_the_stations_of_the_registry_lie_where_they_are_registered(registry: Registry) -> None:
    for station in registry.stations.values():
        found = snapped(station.lon_lat, [registry.reaches[station.reach]])
        assert found is not None
        assert found.position_m == pytest.approx(station.position_m, abs=60)
        assert found.kilometre == found.position_m / 1000


def test_left_and_right_are_those_of_the_flow(registry: Registry) -> None:
    (lon, lat), (next_lon, next_lat) = registry.reaches["YX-1"].line[:2]
    across = (lat - next_lat, next_lon - lon)  # a quarter turn to the left
    middle = ((lon + next_lon) / 2, (lat + next_lat) / 2)
    for share in (0.1, -0.1):
        place = (middle[0] + share * across[0], middle[1] + share * across[1])
        found = snapped(place, reaches(registry))
        assert found is not None
        assert found.off_line_m * share > 0


@pytest.mark.parametrize(("metres", "is_on_river"), [(199.0, True), (201.0, False)])
def test_beyond_two_hundred_metres_there_is_no_river(
    metres: float, is_on_river: bool, registry: Registry
) -> None:
    lon, lat = registry.reaches["YX-1"].line[0]
    place = (lon - metres / 96_052, lat)  # the reach leaves this end to the east
    assert (snapped(place, reaches(registry)) is not None) is is_on_river


@given(st.floats(0, 1))
def test_what_lies_on_the_line_is_found_there(registry: Registry, share: float) -> None:
    reach = registry.reaches["YX-2"]
    (lon, lat), (next_lon, next_lat) = reach.line[2:4]
    place = (lon + share * (next_lon - lon), lat + share * (next_lat - lat))
    found = snapped(place, [reach])
    assert found is not None
    assert abs(found.off_line_m) < 0.1
    assert 0 <= found.position_m <= reach.length_m
