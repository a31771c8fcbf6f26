"""What a stream is, without watching it: for the list of cameras and its hints."""

from contextlib import closing
from dataclasses import dataclass

from xunhe.adapters.camera import connection
from xunhe.adapters.camera.address import Address, Endpoint


@dataclass(frozen=True, slots=True)
class Facts:
    """A stream's codec as FFmpeg names it, and the size of its pictures."""

    codec: str
    width_px: int
    height_px: int

    def __str__(self) -> str:
        return f"{self.codec} {self.width_px}×{self.height_px}"


def probe(endpoint: Endpoint, timeout_s: float) -> Facts:
    """Connect, look, and leave. Raises SourceError."""
    files = connection.recordings(endpoint)
    with closing(connection.opened(endpoint, files[0], timeout_s)) as container:
        context = connection.video(container).codec_context
        return Facts(context.name, context.width, context.height)


def hints(address: Address, timeout_s: float) -> list[str]:
    """What an operator should look at, Chinese and English. Raises SourceError."""
    if address.sub is None:
        return []
    hint = swapped_hint(probe(address.main, timeout_s), probe(address.sub, timeout_s))
    return [hint] if hint else []


def swapped_hint(main: Facts, sub: Facts) -> str | None:
    """A hint where the substream is larger than the main stream."""
    if sub.width_px * sub.height_px <= main.width_px * main.height_px:
        return None
    return (
        f"主码流（{main}）比子码流（{sub}）小：两个地址可能填反了"
        f" / the main stream ({main}) is smaller than the substream ({sub}): are they swapped?"
    )
