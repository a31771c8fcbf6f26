"""What a demo shows on the terminal: where to look, what will happen, and what happens."""

import time
from datetime import UTC, datetime
from typing import Any

import httpx
from rich.console import Console
from rich.panel import Panel

from xunhe.domain.clock import SHANGHAI
from xunhe_tools.demo.children import micropython
from xunhe_tools.demo.plan import Plan
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

    def welcome(self, setup_code: str | None) -> None:
        """Say where the console is and what will happen when."""
        lines = [
            f"控制台 console    [bold cyan]{self._plan.console}[/]",
            f"MQTT            127.0.0.1:{self._plan.mqtt_port}  (mosquitto_sub -t 'xunhe/v1/#')",
            f"时间 time         河流时间 ×{self._plan.clock.factor:g} / river time runs"
            f" ×{self._plan.clock.factor:g}, from {_clock(self._plan.clock.river_s)}",
            *self._story(),
        ]
        if setup_code:
            setup = f"{self._plan.console}setup"
            lines.append(
                f"管理员 administrator  {setup}  一次性码 one-time code [bold]{setup_code}[/]"
            )
        if micropython() is None:
            lines.append(
                "[yellow]本机没有 MicroPython，固件以 CPython 运行 / no MicroPython wheel for this"
                " machine: the same firmware files run under CPython[/]"
            )
        lines.append("按 Ctrl-C 结束 / Ctrl-C ends")
        self._console.print(Panel("\n".join(lines), title="巡河 xunhe · 虚拟河流 virtual river"))

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
        for alert in sorted(_items(alerts), key=lambda row: row["id"]):
            self._once(
                f"alert {alert['id']}", "[yellow]● 预警 alert [/]", alert["reason_zh"], alert
            )
        for ticket in sorted(_items(tickets), key=lambda row: row["id"]):
            text = f"{ticket['number']} → {_title(self._plan, ticket)}"
            self._once(f"ticket {ticket['id']}", "[red]■ 工单 ticket[/]", text, ticket)

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def _once(self, key: str, mark: str, text: str, row: dict[str, Any]) -> None:
        if key in self._seen:
            return
        self._seen.add(key)
        at = datetime.fromisoformat(row.get("opened_at") or row["raised_at"]).timestamp()
        wall_s = (at - self._plan.clock.river_s) / self._plan.clock.factor
        where = row.get("station") or row.get("reach") or ""
        where = where["code"] if isinstance(where, dict) else where
        self._console.print(f"{_clock(at)} ({wall_s:5.1f} s)  {mark} {where}  {text}")

    def _story(self) -> list[str]:
        river, clock = self._plan.river, self._plan.clock
        lines = []
        for discharge in self._plan.script.discharges:
            wall_s = (discharge.start_s - clock.river_s) / clock.factor
            lines.append(
                f"剧情 script       {_clock(discharge.start_s)} 夜间偷排 night discharge into"
                f" {discharge.reach} (+{wall_s:.0f} s)"
            )
        for station in self._plan.registry.stations.values():
            arrival_s = river.arrival_s(Place(station.reach, station.position_m))
            if arrival_s is not None:
                wall_s = (arrival_s - clock.river_s) / clock.factor
                lines.append(
                    f"                  {_clock(arrival_s)} 到达 reaches {station.name}"
                    f" {station.code} (+{wall_s:.0f} s)"
                )
        return lines


def _items(answer: Any) -> list[dict[str, Any]]:
    return list(answer["items"] if isinstance(answer, dict) else answer)


def _title(plan: Plan, ticket: dict[str, Any]) -> str:
    post = ticket["post"]
    return plan.registry.posts[post["code"] if isinstance(post, dict) else post].title


def _clock(river_s: float) -> str:
    return datetime.fromtimestamp(river_s, UTC).astimezone(SHANGHAI).strftime("%H:%M")
