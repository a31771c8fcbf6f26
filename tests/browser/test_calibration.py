"""Zones drawn over a camera's picture in a real browser: by mouse, finger and keyboard."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Watched
from tests.browser.test_console import _CONTRAST
from tests.fakes import camera_desk
from tests.fakes.camera_desk import FakeDesk
from tests.gateway.web.console_server import Served, serve
from tests.gateway.web.river_rows import NOW
from xunhe.adapters.store.database import Database
from xunhe.domain.zones import Ground, Zones

pytestmark = pytest.mark.browser

SQUARE = [[0.1, 0.5], [0.3, 0.5], [0.3, 0.8], [0.1, 0.8]]
PX = ((0.3, 0.6), (0.7, 0.6), (0.9, 0.9), (0.1, 0.9))
M = ((0.0, 0.0), (10.0, 0.0), (10.0, 8.0), (0.0, 8.0))
DRAWN = Zones.parse(
    {
        "water": [{"name": "主河道", "polygon": SQUARE}],
        "outfalls": [
            {"code": "YX-P1", "name": "一号口", "polygon": [[0.5, 0.5], [0.6, 0.5], [0.6, 0.6]]}
        ],
        "ground": {"px": [list(p) for p in PX], "m": [list(p) for p in M]},
    }
)


@dataclass
class Calibration:
    """The calibration page of one camera, opened by somebody who is logged in."""

    served: Served
    desk: FakeDesk
    page: Page
    cookie: str

    def open(self, path: str = "/cameras/YX-C1") -> Page:
        self.page.context.add_cookies(
            [{"name": "xunhe_session", "value": self.cookie, "url": self.served.url}]
        )
        self.page.goto(self.served.url + path)
        if path.startswith("/cameras/"):
            expect(self.page.locator("#calibration")).to_have_attribute("data-ready", "true")
            expect(self.page.locator("#stage")).to_have_attribute("data-freshness", "live")
        return self.page

    def tool(self, name: str) -> None:
        self.page.locator(f"[data-tool='{name}']").first.click()
        self.page.locator("#overlay").scroll_into_view_if_needed()

    def at(self, x: float, y: float) -> tuple[float, float]:
        box = self.page.locator("#overlay").bounding_box()
        assert box is not None
        return box["x"] + x * box["width"], box["y"] + y * box["height"]

    def click(self, x: float, y: float) -> None:
        self.page.mouse.click(*self.at(x, y))

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        self.page.mouse.move(*self.at(*start))
        self.page.mouse.down()
        self.page.mouse.move(*self.at(*end), steps=4)
        self.page.mouse.up()

    def save(self) -> Zones:
        self.page.locator("#save").click()
        expect(self.page.locator("#saved")).to_contain_text("已保存")
        return self.desk.drawn["YX-C1"]

    def row(self, key: str) -> None:
        self.page.locator(f"[id='row-{key}']").click()


@pytest.fixture
def calibration(store: Database, watched: Watched) -> Iterator[Calibration]:
    desk = camera_desk.desk(NOW)
    desk.drawn["YX-C1"] = DRAWN
    with serve(store, cameras=desk) as served, served.member() as member:
        yield Calibration(served, desk, watched.page, member.cookies["xunhe_session"])


def near(found: tuple[tuple[float, float], ...], expected: list[list[float]]) -> bool:
    pairs = zip(found, expected, strict=True)
    return all(abs(a[i] - b[i]) < 0.004 for a, b in pairs for i in (0, 1))


def test_a_zone_drawn_with_the_mouse_is_saved_and_found_again(
    calibration: Calibration, watched: Watched
) -> None:
    page = calibration.open()
    corners = [[0.4, 0.6], [0.7, 0.55], [0.8, 0.9], [0.45, 0.95]]
    calibration.tool("water")
    for x, y in corners:
        calibration.click(x, y)
    calibration.click(*corners[0])  # closes it
    page.get_by_label("名称").fill("回水湾")
    saved = calibration.save()
    assert [zone.name for zone in saved.water] == ["主河道", "回水湾"]
    assert near(saved.water[1].polygon, corners)
    page.reload()
    expect(page.locator("#shapes")).to_contain_text("回水湾")
    expect(page.locator("[data-shape='water[1].polygon']")).to_have_count(1)
    assert watched.hosts == {f"127.0.0.1:{calibration.served.port}"}
    assert watched.complaints == []


def test_corners_move_come_and_go_and_every_step_can_be_undone(
    calibration: Calibration, watched: Watched
) -> None:
    page = calibration.open()
    calibration.row("water[0].polygon")
    calibration.drag((0.1, 0.5), (0.05, 0.45))
    calibration.drag((0.2, 0.8), (0.2, 0.95))  # out of the middle of a side
    calibration.click(0.3, 0.8)
    page.locator("#delete-corner").click()
    shape = page.locator("[data-shape='water[0].polygon'] .outline")
    drawn = str(shape.get_attribute("points"))
    page.locator("#undo").click()
    page.locator("#undo").click()
    page.locator("#undo").click()
    expect(page.locator("#undo")).to_be_disabled()
    expect(page.locator("#save")).to_be_disabled()  # as it was saved
    for _ in range(3):
        page.locator("#redo").click()
    expect(shape).to_have_attribute("points", drawn)
    saved = calibration.save()
    assert near(saved.water[0].polygon, [[0.05, 0.45], [0.3, 0.5], [0.2, 0.95], [0.1, 0.8]])
    assert watched.complaints == []


def test_everything_can_be_done_with_the_keyboard(calibration: Calibration) -> None:
    page = calibration.open()
    page.locator("[data-tool='ignore']").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#overlay")).to_be_focused()
    for keys in (["Shift+ArrowLeft"], ["Shift+ArrowDown"] * 4, ["Shift+ArrowRight"] * 4):
        for key in keys:
            page.keyboard.press(key)
        page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")  # to the first corner
    expect(page.locator(".handle.active")).to_have_count(1)
    page.keyboard.press("Shift+ArrowUp")
    page.keyboard.press("Control+s")  # is the browser's, not ours
    saved = calibration.save()
    assert near(saved.ignore[0], [[0.48, 0.48], [0.48, 0.58], [0.56, 0.58]])


def test_an_outfall_takes_its_code_hours_rain_and_upstream_patch(calibration: Calibration) -> None:
    calibration.desk.drawn.clear()
    page = calibration.open()
    calibration.tool("upstream")
    expect(page.locator("#hint")).to_contain_text("先选一个排污口")
    calibration.tool("outfall")
    for x, y in ((0.5, 0.5), (0.6, 0.5), (0.6, 0.6)):
        calibration.click(x, y)
    page.locator("#finish").click()
    expect(page.get_by_label("登记的排污口")).to_have_value("YX-P1")
    page.get_by_role("button", name="加时段").click()
    page.get_by_label("从 from").fill("22:00")
    page.get_by_label("至 until").fill("06:00")
    page.get_by_label("预报有雨时").select_option("same")
    calibration.tool("upstream")
    for x, y in ((0.7, 0.5), (0.8, 0.5), (0.8, 0.6)):
        calibration.click(x, y)
    page.locator("#finish").click()
    saved = calibration.save().outfalls[0]
    assert (saved.code, saved.name) == ("YX-P1", "上段一号排污口")
    assert (saved.permitted_hours, saved.rain_expected) == ((("22:00", "06:00"),), "same")
    assert near(saved.upstream or (), [[0.7, 0.5], [0.8, 0.5], [0.8, 0.6]])


def test_the_current_and_four_ground_points_are_drawn_and_the_ruler_reads_metres(
    calibration: Calibration,
) -> None:
    calibration.desk.drawn["YX-C1"] = Zones(DRAWN.water)
    page = calibration.open()
    calibration.tool("ruler")
    expect(page.locator("#hint")).to_contain_text("先画地面四点")
    calibration.tool("flow")
    calibration.drag((0.3, 0.6), (0.6, 0.6))
    calibration.tool("ground")
    for x, y in PX:
        calibration.click(x, y)
    page.locator("#rectangle-w").fill("10")
    page.locator("#rectangle-l").fill("8")
    page.locator("#rectangle-fill").click()
    calibration.tool("ruler")
    calibration.drag((0.4, 0.7), (0.6, 0.85))
    hint = page.locator("#hint")
    expect(hint).to_contain_text(" m")
    expected = Ground(PX, M).metres([(0.4, 0.7), (0.6, 0.85)])
    assert expected is not None
    length_m = float(((expected[0] - expected[1]) ** 2).sum() ** 0.5)
    assert float(hint.inner_text().split()[0]) == pytest.approx(length_m, rel=0.02)
    saved = calibration.save()
    assert saved.flow == pytest.approx((1.0, 0.0), abs=0.02)
    assert saved.ground is not None
    assert saved.ground.m == M


def test_every_problem_stands_beside_its_shape(calibration: Calibration) -> None:
    page = calibration.open()
    calibration.tool("ignore")
    for x, y in ((0.1, 0.1), (0.6, 0.45), (0.6, 0.1), (0.1, 0.25)):  # a bow tie
        calibration.click(x, y)
    page.locator("#finish").click()
    calibration.row("water[0].polygon")
    page.get_by_label("名称").fill("")
    page.locator("#save").click()
    expect(page.locator("#saved")).to_contain_text("未保存")
    wrong = page.locator("#shapes li.wrong")
    expect(wrong).to_have_count(2)
    expect(wrong.nth(0)).to_contain_text("请填写名称")
    expect(wrong.nth(1)).to_contain_text("自相交")
    expect(page.locator(".shape.wrong")).to_have_count(2)
    assert calibration.desk.drawn["YX-C1"] == DRAWN
    page.get_by_label("名称").fill("主河道")
    calibration.row("ignore[0].polygon")
    page.locator("#delete-shape").click()
    expect(page.locator("#save")).to_be_disabled()


def test_cancelling_asks_before_it_loses_what_was_drawn(calibration: Calibration) -> None:
    page = calibration.open()
    calibration.row("water[0].polygon")
    page.locator("#delete-shape").click()
    expect(page.locator("#shapes")).to_contain_text("整幅画面都算水面")
    page.locator("#cancel").click()
    page.get_by_role("button", name="继续修改").click()
    expect(page.locator("#shapes")).not_to_contain_text("主河道")
    page.locator("#cancel").click()
    page.get_by_role("button", name="放弃修改").click()
    expect(page.locator("#shapes")).to_contain_text("主河道")
    expect(page.locator("#cancel")).to_be_disabled()


def test_leaving_with_unsaved_shapes_asks_first(calibration: Calibration) -> None:
    page = calibration.open()
    calibration.row("water[0].polygon")
    page.locator("#delete-shape").click()
    asked: list[str] = []
    page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.goto(calibration.served.url + "/cameras")
    assert asked == ["beforeunload"]


def test_somebody_else_saved_meanwhile_and_nothing_is_overwritten(calibration: Calibration) -> None:
    page = calibration.open()
    calibration.row("water[0].polygon")
    page.get_by_label("名称").fill("我的")
    page.keyboard.press("Tab")
    calibration.desk.drawn["YX-C1"] = Zones.whole()
    page.locator("#save").click()
    expect(page.locator("#saved")).to_contain_text("其他人刚保存过")
    assert calibration.desk.drawn["YX-C1"] == Zones.whole()


def test_gate_and_detections_show_over_the_picture_and_which_count(
    calibration: Calibration,
) -> None:
    calibration.desk.drawn["YX-C1"] = Zones.parse(
        {
            "water": [{"name": "下", "polygon": [[0, 0.5], [1, 0.5], [1, 1], [0, 1]]}],
            "outfalls": [{"code": "YX-P1", "name": "口", "polygon": SQUARE}],
        }
    )
    page = calibration.open()
    expect(page.locator("rect.gate")).to_have_count(1)
    expect(page.locator("rect.found-counts")).to_have_count(1)  # 0.91 in the water
    expect(page.locator("rect.found-weak")).to_have_count(1)  # 0.44, below its limit
    expect(page.locator("rect.found-outside")).to_have_count(1)  # above the water
    expect(page.locator(".mouth-label")).to_contain_text("排水 flowing 0.82")
    page.locator("#show-gate").uncheck()
    expect(page.locator("rect.gate")).to_have_count(0)
    calibration.row("water[0].polygon")
    page.locator("#delete-shape").click()  # the whole picture is water now, before any saving
    expect(page.locator("rect.found-counts")).to_have_count(2)


def test_a_stale_picture_says_its_age_and_shows_no_boxes(calibration: Calibration) -> None:
    page = calibration.open()
    expect(page.locator("rect.gate")).to_have_count(1)
    calibration.desk.previews["YX-C1"] = camera_desk.preview(NOW - timedelta(seconds=47))
    stage = page.locator("#stage")
    expect(stage).to_have_attribute("data-freshness", "old")
    expect(stage.locator(".picture-old")).to_contain_text("非实时")
    expect(stage.locator("[data-age]")).to_have_text(re.compile(r"^4\d 秒前 4\d s ago$"))
    expect(page.locator("rect.gate")).to_have_count(0)


def test_the_list_keeps_its_pictures_while_its_words_change(
    calibration: Calibration, watched: Watched
) -> None:
    calibration.desk.previews["YX-C2"] = camera_desk.preview(NOW - timedelta(seconds=30))
    page = calibration.open("/cameras")
    freshness = "[data-camera='{}'] .camera-picture"
    expect(page.locator(freshness.format("YX-C1"))).to_have_attribute("data-freshness", "live")
    expect(page.locator(freshness.format("YX-C2"))).to_have_attribute("data-freshness", "old")
    expect(page.locator(freshness.format("YX-C3"))).to_have_attribute("data-freshness", "none")
    page.evaluate("document.querySelector(\"[data-frame-of='YX-C1']\").kept = true")
    calibration.desk.set_state("YX-C1", "stalled")
    expect(page.locator("[data-camera='YX-C1']")).to_contain_text("卡住")
    assert page.evaluate("document.querySelector(\"[data-frame-of='YX-C1']\").kept") is True
    assert watched.complaints == []


def test_a_finger_draws_and_moves_on_a_phone(calibration: Calibration, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 760}, has_touch=True)
    calibration.page = context.new_page()
    page = calibration.open()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    calibration.tool("bank")
    for x, y in ((0.2, 0.2), (0.8, 0.2), (0.8, 0.4)):
        page.touchscreen.tap(*calibration.at(x, y))
    page.locator("#finish").tap()
    assert near(calibration.save().banks[0].polygon, [[0.2, 0.2], [0.8, 0.2], [0.8, 0.4]])
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/cameras", "/cameras/YX-C1"])
def test_text_has_the_contrast_of_wcag_aa(
    calibration: Calibration, browser: Browser, scheme: str, path: str
) -> None:
    calibration.desk.set_state("YX-C2", "unreachable", "timed out")
    calibration.desk.set_state("YX-C3", "covered")
    page = browser.new_page(color_scheme="dark" if scheme == "dark" else "light")
    calibration.page = page
    calibration.open(path)
    assert page.evaluate(_CONTRAST) == []
    for width in (360, 768):
        page.set_viewport_size({"width": width, "height": 740})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()
