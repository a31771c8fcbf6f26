"""HTTP/1.1 with a deadline for what a client has begun: uvicorn itself would wait for ever.

A head must be whole within `HEAD_S`, from the connection or from the answer before; a body within
`BODY_S`, which a telephone at 150 kbit/s needs for the largest upload. Answers, live streams among
them, may take as long as they like.
"""

import asyncio
import logging

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

log = logging.getLogger(__name__)

HEAD_S = 20.0
BODY_S = 900.0


class PatientProtocol(H11Protocol):
    """Patient, but not without end."""

    _deadline: asyncio.TimerHandle | None = None
    _awaited: object = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The first head is awaited from now on."""
        super().connection_made(transport)
        self._await(h11.IDLE)

    def data_received(self, data: bytes) -> None:
        """More of a head or a body; only the next state begins another deadline."""
        super().data_received(data)
        self._await(self.conn.their_state)

    def on_response_complete(self) -> None:
        """The next head is awaited, as long as uvicorn keeps the connection."""
        super().on_response_complete()
        self._await(self.conn.their_state)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is awaited any more."""
        self._await(h11.CLOSED)
        super().connection_lost(exc)

    def _await(self, state: object) -> None:
        if state is self._awaited:
            return
        self._awaited = state
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        seconds = {h11.IDLE: HEAD_S, h11.SEND_BODY: BODY_S}.get(state)  # type: ignore[call-overload]
        if seconds is not None:
            self._deadline = self.loop.call_later(seconds, self._give_up)

    def _give_up(self) -> None:
        log.info("client %s is too slow: connection closed", self.client)
        self.transport.abort()
