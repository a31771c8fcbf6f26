"""Words about cameras on screen, Chinese and English side by side; nothing is decided here."""

from dataclasses import dataclass
from typing import Literal

from xunhe.web.wording import Words

Tone = Literal["good", "waiting", "blind", "bad", "off"]


@dataclass(frozen=True, slots=True)
class StateWords:
    """A camera's state: its name, how bad it is, and what a person should do about it."""

    words: Words
    tone: Tone
    next_step: Words

    @property
    def is_up(self) -> bool:
        """Do frames arrive? A blind camera's do."""
        return self.tone in ("good", "blind")


def _state(tone: Tone, name: tuple[str, str], next_step: tuple[str, str] = ("", "")) -> StateWords:
    return StateWords(Words(*name), tone, Words(*next_step))


_STATES = {
    "live": _state("good", ("在线", "live")),
    "night": _state(
        "good", ("夜间", "night"), ("天亮后继续看。", "It looks again when day comes.")
    ),
    "connecting": _state("waiting", ("连接中", "connecting"), ("请稍候。", "Wait a moment.")),
    "turned": _state(
        "waiting",
        ("转向别处", "turned away"),
        ("球机在巡视其他预置位，轮到时再看。", "The dome camera tours; its turn will come."),
    ),
    "not_turned": _state(
        "bad",
        ("转不过去", "does not turn"),
        (
            "检查 cameras.toml 中的 onvif 地址、密码和预置位；用 xunhe cameras show 查看。",
            "Check ONVIF address, password and preset in cameras.toml: xunhe cameras show.",
        ),
    ),
    "unreachable": _state(
        "bad",
        ("无法连接", "unreachable"),
        ("检查网线、电源和地址。", "Check cable, power and address."),
    ),
    "refused": _state(
        "bad",
        ("拒绝连接", "refused"),
        ("检查端口、权限和同时观看的路数。", "Check port, permissions and number of viewers."),
    ),
    "wrong_password": _state(
        "bad",
        ("密码错误", "wrong password"),
        (
            "在 cameras.toml 中改正用户名和密码；多次错误会被摄像机锁定。",
            "Correct user and password in cameras.toml; cameras lock after several failures.",
        ),
    ),
    "not_found": _state(
        "bad",
        ("没有这一路视频", "no such stream"),
        ("检查地址中的路径或文件名。", "Check the path or file name in its address."),
    ),
    "bad_address": _state(
        "bad",
        ("地址有误", "wrong address"),
        ("在 cameras.toml 中改正地址。", "Correct its address in cameras.toml."),
    ),
    "bad_zones": _state(
        "bad",
        ("区域有误", "wrong zones"),
        (
            "在标定页重画区域，或改正区域文件。",
            "Draw its zones anew, or correct the zones file.",
        ),
    ),
    "restarting": _state(
        "waiting",
        ("重启中", "restarting"),
        ("工作进程正在重启；若常发生，看日志。", "Its worker starts again; often: see the log."),
    ),
    "stalled": _state(
        "bad",
        ("卡住", "stalled"),
        (
            "正在重连；若常发生，检查网络带宽。",
            "Reconnecting; check the bandwidth if it happens often.",
        ),
    ),
    "ended": _state("waiting", ("视频流结束", "stream ended"), ("正在重连。", "Reconnecting.")),
    "changed": _state("waiting", ("视频有变", "stream changed"), ("正在重连。", "Reconnecting.")),
    "unsupported": _state(
        "bad",
        ("读不了这种视频", "unreadable video"),
        (
            "把摄像机设为 H.264 或 H.265，并检查端口。",
            "Set the camera to H.264 or H.265 and check the port.",
        ),
    ),
    "damaged": _state(
        "bad",
        ("视频损坏", "damaged video"),
        ("检查网络或录像文件。", "Check the network or the recording."),
    ),
    "dark": _state(
        "blind",
        ("黑屏", "dark"),
        ("检查补光、红外和镜头盖。", "Check lamp, infrared and lens cap."),
    ),
    "covered": _state(
        "blind",
        ("遮挡", "covered"),
        ("去现场清除镜头前的遮挡。", "Clear the lens on site."),
    ),
    "moved": _state(
        "blind",
        ("移位", "moved"),
        ("转回原位，或在标定页重画区域。", "Turn it back, or draw its zones anew."),
    ),
    "frozen": _state(
        "blind",
        ("冻结", "frozen"),
        ("重启摄像机。", "Restart the camera."),
    ),
    "lost": _state(
        "bad",
        ("画面丢失", "lost"),
        ("检查电源和网络。", "Check power and network."),
    ),
    "off": _state(
        "off",
        ("已停用", "off"),
        ("在 cameras.toml 中启用。", "Enable it in cameras.toml."),
    ),
}

OUTFALL_STATES = {
    "dry": Words("未排", "dry"),
    "flowing": Words("排水", "flowing"),
    "foaming": Words("泡沫", "foaming"),
    "coloured": Words("异色", "coloured"),
    "sheen": Words("油膜", "sheen"),
    "dark": Words("太暗看不清", "too dark"),
    "flat": Words("看不清", "unclear"),
    "light": Words("光线变化", "light changing"),
    "riverwide": Words("全河如此", "river-wide"),
}

LABELS = {
    "litter": Words("漂浮垃圾", "litter"),
    "vegetation_mat": Words("水草", "vegetation mat"),
    "mat": Words("水草", "vegetation mat"),
    "person": Words("人", "person"),
    "vehicle": Words("车", "vehicle"),
    "boat": Words("船", "boat"),
}

COUNTS = {
    "received": Words("收到帧", "received"),
    "decoded": Words("解码", "decoded"),
    "gated": Words("有动静", "gated"),
    "inferred": Words("检测", "inferred"),
    "skipped": Words("跳过", "skipped"),
    "dropped": Words("丢失", "dropped"),
}


def state_words(state: str) -> StateWords:
    """The words of a state; one without words is shown as it is, and as bad."""
    return _STATES.get(state) or StateWords(Words(state, ""), "bad", Words("", ""))
