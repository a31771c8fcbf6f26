"""What is on its way: each until its receipt, the ordered ones one by one."""

from xunhe.adapters.province.parcel import Parcel, encode_parcel, tag_of
from xunhe.adapters.province.window import Window

KEY = bytes(32)


def wire(number: int) -> bytes:
    return encode_parcel("G1", Parcel(number, 0, "s", b""), KEY)


def filled(*numbers: int, again_s: float = 15.0) -> Window:
    window = Window(8, again_s)
    for number in numbers:
        window.add(wire(number), number, 0.0, is_ordered=False)
    return window


def test_a_receipt_settles_what_it_names_and_nothing_else() -> None:
    window = filled(1, 2, 3)
    assert window.settle([tag_of(wire(2))]) == [2]
    assert window.room == 6


def test_the_same_receipt_twice_settles_once() -> None:
    window = filled(1)
    assert window.settle([tag_of(wire(1))] * 2) == [1]


def test_a_receipt_for_what_was_never_sent_says_nothing() -> None:
    assert filled(1).settle([tag_of(wire(9)), bytes(12)]) == []


def test_a_parcel_is_due_again_at_its_time_and_not_before() -> None:
    window = filled(1, again_s=15.0)
    assert window.due(14.99) == []
    assert window.due(15.0) == [wire(1)]
    assert window.due(15.01) == []
    assert window.due(30.0) == [wire(1)]


def test_what_was_settled_is_never_due() -> None:
    window = filled(1)
    window.settle([tag_of(wire(1))])
    assert window.due(1e9) == []


def test_one_ordered_parcel_is_on_its_way_at_a_time() -> None:
    window = filled(1)
    assert not window.has_ordered
    window.add(wire(2), 2, 0.0, is_ordered=True)
    assert window.has_ordered
    window.settle([tag_of(wire(2))])
    assert not window.has_ordered


def test_there_is_room_for_so_many_and_no_more() -> None:
    assert filled(*range(7)).room == 1
    assert filled(*range(8)).room == 0
