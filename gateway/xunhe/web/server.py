"""The HTTP server: uvicorn, told to end the live streams before it waits for its connections."""

import socket

import uvicorn
from fastapi import FastAPI

from xunhe.settings import WebSettings
from xunhe.web.live import Live

_GRACE_S = 5


class ConsoleServer(uvicorn.Server):
    """uvicorn waits for open responses at shutdown; an event stream would never end by itself."""

    def __init__(self, app: FastAPI, settings: WebSettings) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                host=settings.host,
                port=settings.port,
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=_GRACE_S,
            )
        )
        self._live: Live = app.state.live

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams, then what uvicorn does."""
        self._live.close()
        await super().shutdown(sockets)
