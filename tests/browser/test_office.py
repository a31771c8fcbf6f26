"""The office in a browser: from month's end to a numbered circular; an import by its preview."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

import xunhe_tools
from tests.browser.conftest import Watched, assert_fits
from tests.gateway.web.console_server import NAME, Served, serve
from tests.gateway.web.river_rows import NOW
from tests.gateway.web.test_supervision import MONTH, add, make_rounds
from xunhe.adapters.registry_desk import RegistryDesk
from xunhe.adapters.registry_file import load
from xunhe.adapters.store import accounts
from xunhe.adapters.store.database import Database

PAGES = (
    "/desk/board", "/desk/list", "/desk/lists", "/desk/tasks/new", "/desk/patrols",
    "/desk/inspections", "/desk/returns", "/desk/meetings", "/desk/scores",
    "/desk/scores/2026/U-VILLAGE-1", "/desk/months", f"/desk/reports/{MONTH.label}",
    f"/desk/circulars/{MONTH.label}", "/desk/duties/VILLAGE-1", "/documents", "/registry",
    "/registry/reach", "/registry/reach/row?key=YX-1", "/registry/import",
)  # fmt: skip


@pytest.fixture
def served(store: Database, tmp_path: Path) -> Iterator[Served]:
    folder = tmp_path / "registry"
    shutil.copytree(Path(xunhe_tools.__file__).parent / "demo_registry", folder)
    with store.write() as connection:
        accounts.add_user(connection, NAME, "no password", NOW)
    with serve(store, registry_desk=RegistryDesk(folder, lambda: None)) as served:
        for number in range(4):
            add(served, f"late-{number}")
        served.clock.at = MONTH.end
        make_rounds(served)
        served.clock.at = MONTH.end + timedelta(hours=9)
        yield served


def cookie(served: Served) -> dict[str, str]:
    token, _ = accounts.open_session(served.database, NAME, NOW, 24)
    return {"name": "xunhe_session", "value": token, "url": served.url}


def test_from_months_end_to_the_circular_and_back_to_the_log(
    served: Served, watched: Watched
) -> None:
    page = watched.page
    page.context.add_cookies([cookie(served)])
    page.goto(f"{served.url}/desk/months")
    month = page.locator("tr", has_text=MONTH.label_zh).filter(has_text="亮灯通报")
    expect(month.locator(".lamp-red")).to_be_visible()
    month.locator("td", has=page.get_by_role("link", name="亮灯通报")).get_by_role(
        "button", name="成文编号"
    ).click()
    expect(page.locator("h1")).to_contain_text("亮灯情况通报")
    expect(page.locator(".number")).to_contain_text(f"通〔{MONTH.year}〕1号")
    page.goto(f"{served.url}/desk/scores")
    page.get_by_role("link", name="竹桥村").click()
    page.locator("#red").scroll_into_view_if_needed()
    page.get_by_role("link", name="日志第").first.click()
    entry = page.url.partition("#")[2]
    expect(page.locator(f"#{entry}")).to_contain_text("circular.published")
    assert watched.complaints == []


def test_files_are_previewed_and_written_by_one_button(
    served: Served, watched: Watched, tmp_path: Path
) -> None:
    page = watched.page
    page.context.add_cookies([cookie(served)])
    file = tmp_path / "公示牌.csv"
    head = "编码,名称,所在河段,距河段起点 m,经度,纬度\n"
    file.write_text(head + "YX-B9,桥头公示牌,NOWHERE,50,119.43,30.31\n", "gbk")
    page.goto(f"{served.url}/registry")
    page.get_by_role("link", name="导入表格").click()
    page.locator("#files").set_input_files(file)
    page.get_by_role("button", name="预览").click()
    expect(page.locator("tbody tr")).to_contain_text("NOWHERE 未登记")
    watched.complaints.clear()  # the browser itself says that the answer was 422
    file.write_text(head + "YX-B9,桥头公示牌,YX-2,50,119.43,30.31\n", "gbk")
    page.get_by_role("link", name="重新选择文件").click()
    page.locator("#files").set_input_files(file)
    page.get_by_role("button", name="预览").click()
    expect(page.locator("ins").first).to_be_visible()
    page.get_by_role("button", name="写入 1 处更改").click()
    expect(page.get_by_role("status")).to_contain_text("已保存 1 处")
    assert load(tmp_path / "registry").boards["YX-B9"].reach == "YX-2"
    assert watched.complaints == []


def test_the_offices_pages_fit(served: Served, watched: Watched) -> None:
    page = watched.page
    page.context.add_cookies([cookie(served)])
    for path in PAGES:
        page.goto(served.url + path)
        assert_fits(page, 360, 768, 1280)
