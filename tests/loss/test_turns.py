"""Writers take turns."""

import threading

from xunhe.adapters.store.turns import Turns


def test_writers_come_in_the_order_in_which_they_asked() -> None:
    turns, order = Turns(), []
    asked = [threading.Event() for _ in range(4)]

    def write(number: int) -> None:
        asked[number].set()
        with turns:
            order.append(number)

    threads = []
    with turns:
        for number in range(4):
            thread = threading.Thread(target=write, args=(number,))
            threads.append(thread)
            thread.start()
            while len(turns._waiting) < number + 2:
                asked[number].wait(0.01)
    for thread in threads:
        thread.join(5)
    assert order == [0, 1, 2, 3]


def test_a_writer_that_fails_gives_its_turn_back() -> None:
    turns = Turns()
    try:
        with turns:
            raise OSError("disk full")
    except OSError:
        pass
    with turns:
        assert len(turns._waiting) == 1
