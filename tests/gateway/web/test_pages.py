"""Pages: security headers, what they say, what they load."""

import hashlib
import json
import re
from pathlib import Path

import httpx
import pytest

import xunhe.web
from tests.gateway.web.console_server import Served
from xunhe.web.static_files import shelf

STATIC = Path(xunhe.web.__file__).parent / "static"
TEMPLATES = Path(xunhe.web.__file__).parent / "templates"


@pytest.mark.parametrize(
    "path",
    ["/", "/login", "/rejected", "/static/main.js", "/nothing", "/api/v1/overview", "/tickets/abc"],
)
def test_security_headers_stand_on_every_answer(reader: httpx.Client, path: str) -> None:
    headers = reader.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "server" not in headers


def test_only_files_may_be_kept_by_the_browser(reader: httpx.Client) -> None:
    assert reader.get("/").headers["cache-control"] == "no-store"
    assert reader.get("/static/main.js").headers["cache-control"] == "no-cache"
    kept = reader.get(shelf().url("main.js"))
    assert kept.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert kept.headers["content-encoding"] == "gzip"


def test_a_file_of_another_version_is_not_there(reader: httpx.Client) -> None:
    assert reader.get("/static/0123456789ab/main.js").status_code == 404
    assert reader.get("/static/%2e%2e/static_files.py").status_code == 404
    assert reader.post("/static/main.js").status_code in (401, 403, 405)


def test_a_file_that_the_browser_has_is_not_sent_again(reader: httpx.Client) -> None:
    tag = reader.get("/static/main.js").headers["etag"]
    again = reader.get("/static/main.js", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


def test_modules_import_relatively_so_that_all_come_under_one_hash() -> None:
    own = [path for path in STATIC.rglob("*.js") if "vendor" not in path.parts]
    for path in own:
        if path.name == "service-worker.js":  # it has an address of its own
            continue
        imports = re.findall(r"^import .*from \"([^\"]+)\"", path.read_text("utf-8"), re.MULTILINE)
        assert all(name.startswith(".") for name in imports), path.name


def test_vendored_files_are_what_they_claim() -> None:
    for manifest in STATIC.glob("vendor/*/vendor.json"):
        claimed = json.loads(manifest.read_text("utf-8"))["sha256"]
        files = [p for p in manifest.parent.rglob("*") if p.is_file() and p != manifest]
        found = {
            str(p.relative_to(manifest.parent)): hashlib.sha256(p.read_bytes()).hexdigest()
            for p in files
        }
        assert found == claimed
        assert "LICENSE" in found
    assert (STATIC / "vendor/leaflet/vendor.json").exists()


def test_no_source_of_ours_names_another_host_or_inlines_script_or_style() -> None:
    scripts = [path for path in STATIC.rglob("*.js") if "vendor" not in path.parts]
    own = [*TEMPLATES.glob("*.html"), *scripts, *STATIC.glob("*.css")]
    for path in own:
        text = path.read_text("utf-8")
        assert not re.search(r"https?://|//cdn", text), path.name
        assert not re.search(r"\sstyle=|\son[a-z]+=\"|<style", text), path.name


def test_the_console_shows_alerts_tickets_and_stations(reader: httpx.Client) -> None:
    text = reader.get("/").text
    for expected in (
        "演示：虚拟河流",
        "Demo: a virtual river",
        "河流时间",
        "×120",
        "2026-07-02 03:20:00",  # Asia/Shanghai
        "氨氮由 0.31 升至 0.78 mg/L",
        "严重",
        "XH-2026-0002",
        "演示人员五",
        "Ⅴ类 · 单因子（3项）",
    ):
        assert expected in text
    assert text.count("data-incident-id") == 2


def test_every_empty_part_says_what_it_waits_for(client: httpx.Client) -> None:
    text = client.get("/").text
    assert "暂无事件" in text
    assert "没有待办工单" in text
    assert "等待首条读数" in text
    assert "没有被拒帧" in client.get("/rejected").text


@pytest.mark.parametrize("name", ["numbers", "incidents", "stations", "tickets"])
def test_a_fragment_is_what_the_page_holds(reader: httpx.Client, name: str) -> None:
    answer = reader.get(f"/fragments/{name}")
    assert answer.status_code == 200
    assert answer.text.strip() in reader.get("/").text


def test_unknown_things_have_a_page_that_says_so(reader: httpx.Client) -> None:
    for path in ("/tickets/99", "/nothing"):
        answer = reader.get(path)
        assert answer.status_code == 404
        assert "回到一屏总览" in answer.text
    assert reader.get("/fragments/nothing").json()["code"] == "not_found"


def test_rejected_frames_are_counted_and_listed(reader: httpx.Client) -> None:
    text = reader.get("/rejected").text
    assert "签名不符" in text
    assert text.count("xunhe/v1/YX-S1/readings") == 4
    assert reader.get("/rejected?page=9").status_code == 200


def test_what_comes_from_outside_is_escaped(served: Served, client: httpx.Client) -> None:
    from tests.gateway.web.river_rows import add_alert, add_incident, add_rejected

    with served.database.write() as connection:
        incident = add_incident(connection)
        add_alert(connection, incident, reason=("<script>1</script>", "<img src=x>"))
        add_rejected(connection, station="<b>")
    for path in ("/", "/rejected"):
        text = client.get(path).text
        assert "<script>1" not in text
        assert "<img src=x>" not in text
        assert "<b>" not in text


def test_a_suspect_value_shows_its_flag_in_place_of_a_class(
    served: Served, client: httpx.Client
) -> None:
    from tests.gateway.web.river_rows import add_value

    with served.database.write() as connection:
        add_value(connection, "YX-S1", "do_mg_l", 4.2, flag=3)
    text = client.get("/fragments/stations").text
    assert "可疑" in text
    assert "4.20" in text
    assert "未评" in text
