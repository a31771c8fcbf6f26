"""Any bytes: the gateway never fails at them, and answers every authentic frame as a whole."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.gateway.conftest import Buoy, Site
from tests.gateway.test_ingest import counters
from xunhe.adapters.frames import Message
from xunhe_buoy import record as wire

fuzz = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def of(buoy: Buoy, frame: bytes) -> Message:
    return Message(f"xunhe/v1/{buoy.station}/readings", frame, len(frame))


@fuzz
@given(st.binary(max_size=200))
def test_no_bytes_make_the_gateway_fail_or_acknowledge(site: Site, frame: bytes) -> None:
    assert site.ingest.take([of(site.buoys["YX-S1"], frame)]).acks == ()


@fuzz
@given(
    quality_and_profile=st.integers(0, 255),
    boot=st.integers(0, 0xFFFF),
    seq=st.one_of(st.integers(0, 0xFFFFFFFF), st.integers(0xFFFFFFF0, 0xFFFFFFFF)),
    time_s=st.one_of(st.integers(0, 0xFFFFFFFF), st.integers(0xFFFFF000, 0xFFFFFFFF)),
    bodies=st.binary(min_size=13, max_size=130),
)
def test_every_authentic_frame_is_answered_for_each_of_its_records(
    site: Site, quality_and_profile: int, boot: int, seq: int, time_s: int, bodies: bytes
) -> None:
    buoy = site.buoys["YX-S1"]
    frame = bytes([wire.VERSION << 4 | wire.KIND_READINGS, quality_and_profile]) + buoy.address
    frame += boot.to_bytes(2, "big") + seq.to_bytes(4, "big") + time_s.to_bytes(4, "big") + bodies
    frame += wire.hmac_sha256(buoy.key, frame)[: wire.MAC_SIZE]
    before = counters(site.database)
    reply = site.ingest.take([of(buoy, frame)])
    try:
        head = wire.parse_head(frame)
    except wire.FrameError as error:
        assert reply.acks == ()
        after = counters(site.database)
        name = f"rejected.{error.reason}"
        assert after[name] == before.get(name, 0) + 1
        return
    ((_, answer),) = reply.acks
    ack = wire.decode_ack(answer, buoy.address, buoy.key)
    assert (ack.boot, ack.seq, ack.count) == (boot, seq, head.count)
