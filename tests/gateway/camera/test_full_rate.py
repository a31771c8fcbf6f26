"""A worker's core is shared: only some cameras are decoded whole."""

from xunhe.adapters.camera.full_rate import FullRate


def test_one_too_many_waits_until_another_is_done() -> None:
    rate = FullRate(2)
    assert rate.grant("C1", wants=True)
    assert rate.grant("C2", wants=True)
    assert not rate.grant("C3", wants=True)
    assert rate.grant("C1", wants=True)
    assert not rate.grant("C1", wants=False)
    assert rate.grant("C3", wants=True)
    assert not rate.grant("C1", wants=True)


def test_what_nobody_wants_is_not_held() -> None:
    rate = FullRate(1)
    assert not rate.grant("C1", wants=False)
    assert rate.grant("C2", wants=True)
