"""The HTTP server: uvicorn, told to end the live streams before it waits for its connections."""

import socket
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from xunhe.adapters.https import authority
from xunhe.settings import WebSettings
from xunhe.web.live import Live
from xunhe.web.slow_clients import PatientProtocol

_GRACE_S = 5


def _file(settings: WebSettings, name: str) -> Path | None:
    return None if settings.https is None else settings.https / name


class ConsoleServer(uvicorn.Server):
    """uvicorn waits for open responses at shutdown; an event stream would never end by itself."""

    def __init__(self, app: FastAPI, settings: WebSettings) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                host=settings.host,
                port=settings.port,
                http=PatientProtocol,
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=_GRACE_S,
                ssl_certfile=_file(settings, authority.SERVER),
                ssl_keyfile=_file(settings, authority.SERVER_KEY),
            )
        )
        self._folder = settings.https
        self._live: Live = app.state.live

    def show_renewed(self) -> None:
        """From now on show the certificate that lies in the folder; connections go on."""
        if self.config.ssl is not None and self._folder is not None:
            self.config.ssl.load_cert_chain(
                self._folder / authority.SERVER, self._folder / authority.SERVER_KEY
            )

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams, then what uvicorn does."""
        self._live.close()
        await super().shutdown(sockets)
