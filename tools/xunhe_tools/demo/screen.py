"""What a demo shows on the terminal: where to look, what will happen, and what happens."""

import time
from datetime import datetime

import httpx
from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from xunhe.domain.clock import SHANGHAI
from xunhe_tools.demo.people import ACCOUNTS
from xunhe_tools.demo.plan import FLOWN, Plan
from xunhe_tools.virtual_river.network import Place

_POLL_S = 1.0


class Screen:
    """Tells the story of a run, read from the gateway's public API."""

    def __init__(self, plan: Plan, console: Console) -> None:
        self._plan = plan
        self._console = console
        self._client = httpx.Client(base_url=plan.console, timeout=2)
        self._seen: set[str] = set()
        self._asked = 0.0

    def welcome(self) -> None:
        """Say where the console is and what will happen when."""
        clock = self._plan.clock
        story = Table.grid(padding=(0, 2))
        story.add_row("控制台 console", f"[bold cyan]{self._plan.console}[/]")
        for account in ACCOUNTS:
            page = f"{self._plan.console}{account.page}"
            story.add_row(account.work, f"[bold]{account.name}[/]  {page}")
        story.add_row("密码 password", f"[bold]{self._plan.password}[/]")
        if self._plan.camera_port is not None:
            codes = " ".join(self._plan.registry.cameras)
            story.add_row("摄像机 cameras", f"{self._plan.console}cameras  {codes}")
        if self._plan.flies:
            name = self._plan.registry.reaches[FLOWN].name
            story.add_row("无人机 drone", f"{self._plan.console}flights  {name} {FLOWN}")
        story.add_row("MQTT", f"127.0.0.1:{self._plan.mqtt_port}")
        story.add_row(
            "河流时间 river time", f"×{clock.factor:g}，始于 from {_clock(clock.river_s)}"
        )
        for at_s, text in self._events():
            wall_s = (at_s - clock.river_s) / clock.factor
            story.add_row(f"{_clock(at_s)}  +{wall_s:.0f} s", text)
        story.add_row("Ctrl-C", "结束 ends it")
        title = "巡河 xunhe · 虚拟河流 a virtual river"
        self._console.print(Panel(story, title=title, expand=False))

    def tick(self) -> None:
        """Print what is new, at most once a second."""
        if time.monotonic() - self._asked < _POLL_S:
            return
        self._asked = time.monotonic()
        try:
            alerts = self._client.get("api/v1/alerts").json()
            tickets = self._client.get("api/v1/tickets").json()
        except (httpx.HTTPError, ValueError):
            return  # the gateway is coming up again; the next tick asks anew
        for alert in reversed(alerts):
            text = f"[yellow]● 预警 alert [/] {alert['station']}  {alert['reason_zh']}"
            self._once(f"alert {alert['id']}", alert["raised_at"], text)
        for ticket in reversed(tickets):
            text = f"{ticket['number']} → {ticket['post']['title']}"
            text = f"[red]■ 工单 ticket[/] {ticket['reach']}   {text}"
            self._once(f"ticket {ticket['id']}", ticket["opened_at"], text)

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def _once(self, key: str, instant: str, text: str) -> None:
        if key in self._seen:
            return
        self._seen.add(key)
        at_s = datetime.fromisoformat(instant).timestamp()
        wall_s = (at_s - self._plan.clock.river_s) / self._plan.clock.factor
        self._console.print(f"{_clock(at_s)}  +{wall_s:.0f} s  {text}", soft_wrap=True)

    def _events(self) -> list[tuple[float, str]]:
        events = [
            (event.start_s, f"夜间偷排 a discharge into {event.reach}")
            for event in self._plan.script.discharges
        ]
        for station in self._plan.registry.stations.values():
            place = Place(station.reach, station.position_m)
            arrival_s = self._plan.river.arrival_s(place)
            if arrival_s is not None:
                events.append((arrival_s, f"到达 it reaches {station.name} {station.code}"))
        return sorted(events)


def _clock(river_s: float) -> str:
    return datetime.fromtimestamp(river_s, SHANGHAI).strftime("%H:%M")
