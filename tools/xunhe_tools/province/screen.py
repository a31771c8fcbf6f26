"""What lives, and how the ledger stands, for a person."""

from rich.console import Console
from rich.table import Table

from xunhe_tools.demo.children import Child
from xunhe_tools.province.chain import Province
from xunhe_tools.province.ledger import Standing


def welcome(province: Province, console: Console) -> None:
    """What runs, its process numbers and how to kill it."""
    table = Table("部分 part", "进程 pid", "地址 address")
    for node in province.nodes:
        table.add_row(node.child.name, _pid(node.child), f"mqtt 127.0.0.1:{node.ports.mqtt}")
    table.add_row("postgres", str(province.server.pid), province.url)
    for worker in province.workers:
        table.add_row(worker.child.name, _pid(worker.child), f"http://127.0.0.1:{worker.port}/")
    table.add_row(province.gateways.name, _pid(province.gateways), str(province.plan.folder))
    console.print(table)
    console.print(
        "随便杀：kill -9 <pid>，两秒后自动重启 / kill what you like: it starts again in 2 s"
    )


def pulse(province: Province, standing: Standing, console: Console) -> None:
    """One line."""
    console.print(
        f"{_lives(province)}  确认 acknowledged {standing.acknowledged}"
        f"  入库 stored {standing.stored}  途中 waiting {standing.waiting}"
        f"  丢失 lost {standing.lost}  事件 incidents {standing.incidents}"
        f"  工单 tickets {standing.tickets}  重复 doubled {standing.duplicate_tickets}"
    )


def _lives(province: Province) -> str:
    nodes = sum(node.child.is_running for node in province.nodes)
    workers = sum(worker.child.is_running for worker in province.workers)
    database = "●" if province.server.is_running else "○"
    return (
        f"NATS {nodes}/{len(province.nodes)}  PostgreSQL {database}"
        f"  desk {workers}/{len(province.workers)}"
    )


def _pid(child: Child) -> str:
    return "—" if child.process is None else str(child.process.pid)
