"""`xunhe buoy provision`: what the technician decides, asked for or given as options."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from xunhe_tools.buoy.errors import StopError
from xunhe_tools.buoy.home import home
from xunhe_tools.buoy.port import chosen
from xunhe_tools.buoy.provision_gateway import (
    Account,
    CaOption,
    GatewayOption,
    PasswordOption,
    UserOption,
)
from xunhe_tools.buoy.provision_identity import (
    Place,
    certificate_der,
    probe_entry,
    read_probes,
)
from xunhe_tools.buoy.provision_wizard import Carried, Job, plan
from xunhe_tools.buoy.provision_wizard import provision as carry_out
from xunhe_tools.buoy.screen import DryRunOption, JsonOption, PortOption, Screen, YesOption, outcome

WIFI_PASSWORD = "XUNHE_WIFI_PASSWORD"  # noqa: S105  (the variable's name)


def provision(
    station: Annotated[str, typer.Option(help="站点编码 / station code")] = "",
    broker: Annotated[str, typer.Option(help="MQTT 代理 主机:端口 / host:port")] = "",
    broker_ca: Annotated[Path | None, typer.Option(help="代理的 CA，用 TLS / its CA: TLS")] = None,
    broker_name: Annotated[str, typer.Option(help="证书中的主机名 / name in its certificate")] = "",
    wifi: Annotated[str, typer.Option(help="Wi-Fi 名称 / network's name")] = "",
    wifi_password_file: Annotated[
        Path | None, typer.Option(help=f"其密码；否则 {WIFI_PASSWORD} 或现场输入 / its password")
    ] = None,
    apn: Annotated[str, typer.Option(help="4G 接入点，如 cmnet / access point of 4G")] = "",
    modem: Annotated[str, typer.Option(help="模组 sim7600 或 air780e / modem")] = "",
    radio: Annotated[bool, typer.Option("--radio", help="透传无线 / transparent radio")] = False,
    probe: Annotated[list[str] | None, typer.Option(help="探头，可多个 / Y504@1, EZO-pH …")] = None,
    probes: Annotated[Path | None, typer.Option(help="探头列表 JSON / list of probes")] = None,
    gnss: Annotated[bool, typer.Option("--gnss", help="装有定位 / has a GNSS receiver")] = False,
    sample_interval_s: Annotated[int, typer.Option(help="测量间隔 / seconds a reading")] = 900,
    update_keys: Annotated[
        Path | None, typer.Option(help="含 release.pub、root.pub 的目录 / folder of public keys")
    ] = None,
    device: Annotated[str, typer.Option(help="已属某站时必填编号 / serial, if it serves one")] = "",
    by: Annotated[str, typer.Option(envvar="XUNHE_TECHNICIAN", help="技术员 / who")] = "",
    gateway: GatewayOption = None,
    user: UserOption = "",
    password_file: PasswordOption = None,
    gateway_ca: CaOption = None,
    carry: Annotated[Path | None, typer.Option(help="离线：密封文件 / off line: its file")] = None,
    gateway_key: Annotated[
        str, typer.Option(help="离线：网关公钥或其文件 / its public key (xunhe device seal-key)")
    ] = "",
    first_boot: Annotated[
        int, typer.Option(min=0, help="离线重配时的启动号 / off line, of a board used before")
    ] = 0,
    labels: Annotated[Path | None, typer.Option(help="标签目录 / folder of labels")] = None,
    name: Annotated[str, typer.Option(help="标签上的站名 / the station's name on it")] = "",
    port: PortOption = None,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """给板子密钥、站点和网络，在网关登记，打印标签 / key, station, network, registration, label."""
    screen = Screen(as_json=as_json, asks=not yes)
    with outcome(screen):
        code = _needed(screen, station, "站点编码", "station code", "--station")
        uplink = _uplink(screen, wifi, wifi_password_file, (apn, modem), is_radio=radio)
        place = Place(
            code,
            _broker(screen, broker, broker_name, has_ca=broker_ca is not None),
            uplink,
            _probes(screen, probe or [], probes),
            {"sample_interval_s": sample_interval_s},
            None if update_keys is None else _public_keys(update_keys),
            gnss,
            None if broker_ca is None else certificate_der(broker_ca),
        )
        if carry is not None:
            registrar: Account | Carried = Carried(carry, _gateway_key(gateway_key))
        else:
            url = _needed(screen, gateway or "", "网关地址", "the gateway", "--gateway, --carry")
            account = _needed(screen, user, "网关帐号", "account at the gateway", "--user")
            registrar = Account(url, account, password_file, gateway_ca)
        job = Job(
            chosen(port),
            place,
            by or screen.ask("技术员", "technician"),
            device,
            registrar,
            labels or home() / "labels",
            first_boot,
            name,
        )
        (plan if dry_run else carry_out)(screen, job)


def _needed(screen: Screen, given: str, zh: str, en: str, option: str) -> str:
    found = given or screen.ask(zh, en)
    if not found:
        raise StopError(f"缺 {zh} / {en} is missing", option)
    return found


def _broker(screen: Screen, given: str, name: str, *, has_ca: bool) -> dict[str, Any]:
    words = _needed(screen, given, "MQTT 代理 主机:端口", "MQTT broker host:port", "--broker")
    host, _, port = words.partition(":")
    if port and not port.isdigit():
        raise StopError(f"{words} 不是 主机:端口 / is not host:port", "--broker mqtt.example:8883")
    found: dict[str, Any] = {"host": host, "port": int(port or (8883 if has_ca else 1883))}
    if has_ca:
        found["tls"] = {"ca": "ca.der", **({"hostname": name} if name else {})}
    return found


def _uplink(
    screen: Screen,
    wifi: str,
    password_file: Path | None,
    mobile: tuple[str, str],
    *,
    is_radio: bool,
) -> dict[str, Any]:
    apn, modem = mobile
    if is_radio:
        return {"carrier": "radio", "radio": {}}
    if modem or apn:
        dialect = modem or screen.ask("模组", "modem", "sim7600")
        return {"carrier": "modem", "modem": {"dialect": dialect, "apn": apn}}
    wifi = wifi or screen.ask("Wi-Fi 名称（4G 用 --modem）", "Wi-Fi (for 4G use --modem)")
    if not wifi:
        raise StopError("没有说怎样上网 / no network was named", "--wifi SSID, --modem, --radio")
    return {"carrier": "wifi", "wifi": {"ssid": wifi, "password": _secret(screen, password_file)}}


def _secret(screen: Screen, file: Path | None) -> str:
    """The Wi-Fi password: of a file, the environment or the keyboard, never of the command line."""
    if file is not None:
        try:
            return file.read_text("utf-8").rstrip("\n")
        except OSError as error:
            raise StopError(f"{file}: {error.strerror}") from None
    if WIFI_PASSWORD in os.environ:
        return os.environ[WIFI_PASSWORD]
    if not screen.asks:
        raise StopError(
            "没有 Wi-Fi 密码 / no password for the Wi-Fi",
            f"--wifi-password-file FILE，或环境变量 / or the variable {WIFI_PASSWORD}",
        )
    return str(typer.prompt("  ? Wi-Fi 密码 / password", hide_input=True))


def _probes(screen: Screen, words: Sequence[str], file: Path | None) -> list[dict[str, Any]]:
    if file is not None:
        return read_probes(file)
    if not words:
        words = screen.ask("探头，空格分开", "probes", "Y504@1 Y532@2 Y560@3").split()
    return [probe_entry(word) for word in words]


def _public_keys(folder: Path) -> dict[str, str]:
    try:
        return {
            f"{role}_key": (folder / f"{role}.pub").read_text("ascii").strip()
            for role in ("release", "root")
        }
    except (OSError, ValueError) as error:
        raise StopError(f"{folder}: {error}", "xunhe buoy keys FOLDER") from None


def _gateway_key(given: str) -> bytes:
    """The public key in hex, or in a file that holds it."""
    text = given
    if Path(given).is_file():
        text = Path(given).read_text("utf-8").strip()
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != 32:
        raise StopError(
            "没有网关公钥 / no public key of the gateway",
            "在网关上 / at the gateway: xunhe device seal-key > gateway.pub;"
            " 然后 / then: --gateway-key gateway.pub",
        )
    return key
