"""The gateway over HTTPS, and the plain door at which phones fetch its authority."""

import plistlib
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509

from tests.gateway.web.console_server import free_port
from tests.gateway.web.river_rows import REGISTRY, SetClock, opened
from xunhe.adapters.https import authority
from xunhe.adapters.https.names import Names
from xunhe.adapters.rules_file import shipped
from xunhe.settings import WebSettings
from xunhe.web.application import create_app
from xunhe.web.enrolment import ANDROID, IPHONE, enrolment
from xunhe.web.server import ConsoleServer


@dataclass(frozen=True)
class Site:
    """A gateway with HTTPS on."""

    settings: WebSettings
    folder: Path
    server: ConsoleServer

    @property
    def trusting(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.folder / authority.AUTHORITY))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    names = Names((), ()).with_more(["localhost", "127.0.0.1"])
    early = datetime.now(UTC) - timedelta(days=370)  # its certificate ends within thirty days
    authority.carry_out(authority.plan(folder / "https", names, early), early)
    settings = WebSettings(
        port=free_port(),
        enrol_port=free_port(),
        https=folder / "https",
        read_without_login=True,
    )
    database = opened(folder)
    web = create_app(database, REGISTRY, SetClock(), settings, rules=shipped(), wall=SetClock())
    server = ConsoleServer(web, settings)
    thread = threading.Thread(target=server.run)
    thread.start()
    with enrolment(settings):
        deadline = time.monotonic() + 10
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.01)
        yield Site(settings, folder / "https", server)
    server.should_exit = True
    thread.join(10)
    database.close()


@pytest.fixture
def plain(site: Site) -> Iterator[httpx.Client]:
    transport = httpx.HTTPTransport(retries=5)  # the door may open a moment later
    base = f"http://127.0.0.1:{site.settings.enrol_port}"
    with httpx.Client(base_url=base, transport=transport, trust_env=False, timeout=60) as client:
        yield client


def test_whoever_trusts_the_authority_reads_the_console_by_https(site: Site) -> None:
    with httpx.Client(verify=site.trusting, trust_env=False, timeout=60) as client:
        answer = client.get(f"https://localhost:{site.settings.port}/login")
        assert answer.status_code == 200
        assert "set-cookie" not in answer.headers
    with httpx.Client(trust_env=False) as stranger, pytest.raises(httpx.ConnectError):
        stranger.get(f"https://localhost:{site.settings.port}/login")


def test_the_plain_door_gives_the_authority_and_nothing_else(
    site: Site, plain: httpx.Client
) -> None:
    kept = authority.read(site.folder / authority.AUTHORITY)
    android = plain.get(ANDROID)
    assert android.headers["content-type"] == "application/x-x509-ca-cert"
    assert x509.load_der_x509_certificate(android.content) == kept
    for path in ("/tickets/1", "/login", "/api/v1/tickets", "/static/../login"):
        answer = plain.get(path)
        assert answer.status_code == 307
        assert answer.headers["location"].startswith(f"https://127.0.0.1:{site.settings.port}/")
    assert plain.post("/login", data={"name": "a"}).status_code == 307


def test_an_iphones_profile_holds_the_authority(site: Site, plain: httpx.Client) -> None:
    answer = plain.get(IPHONE)
    assert answer.headers["content-type"] == "application/x-apple-aspen-config"
    profile = plistlib.loads(answer.content)
    root = profile["PayloadContent"][0]
    kept = authority.read(site.folder / authority.AUTHORITY)
    assert root["PayloadType"] == "com.apple.security.root"
    assert x509.load_der_x509_certificate(root["PayloadContent"]) == kept
    assert plistlib.loads(plain.get(IPHONE).content) == profile, "the same each time"


def test_the_page_explains_it_in_chinese_and_shows_the_fingerprint(
    site: Site, plain: httpx.Client
) -> None:
    page = plain.get("/").text
    kept = authority.read(site.folder / authority.AUTHORITY)
    for said in ("安卓", "苹果手机", "证书信任设置", authority.fingerprint(kept)):
        assert said in page
    assert plain.get("/static/console.css").status_code == 200


def test_a_renewed_certificate_is_shown_without_a_restart(site: Site) -> None:
    before = ssl.get_server_certificate(("127.0.0.1", site.settings.port))
    assert authority.renew(site.folder, datetime.now(UTC))
    site.server.show_renewed()
    after = ssl.get_server_certificate(("127.0.0.1", site.settings.port))
    assert after != before
    assert after == (site.folder / authority.SERVER).read_text()
