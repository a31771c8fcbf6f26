"""Why a connection to a camera ended, in words for the operator.

FFmpeg's errors carry the address with its password: only their texts go on, never they themselves.
"""

from enum import StrEnum

from av import error as ff

from xunhe.adapters.camera.address import Endpoint, Way


class Trouble(StrEnum):
    """Why a connection ended or did not come about."""

    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105  (a reason, not a password)
    NOT_FOUND = "not_found"
    STALLED = "stalled"
    ENDED = "ended"
    CHANGED = "changed"
    UNSUPPORTED = "unsupported"
    DAMAGED = "damaged"


_WORDS_ZH = {
    Trouble.UNREACHABLE: "连不上摄像机；请检查网线、电源和地址",
    Trouble.REFUSED: "摄像机拒绝连接；请检查端口、权限和同时观看的路数",
    Trouble.WRONG_PASSWORD: "用户名或密码不对；请在摄像机清单中改正，多次错误会被摄像机锁定",
    Trouble.NOT_FOUND: "没有这一路视频；请检查地址中的路径或文件名",
    Trouble.STALLED: "画面停了；将重新连接，若常发生请检查网络带宽",
    Trouble.ENDED: "视频流结束了；将重新连接",
    Trouble.CHANGED: "视频的尺寸、编码或时间变了；将重新连接",
    Trouble.UNSUPPORTED: "读不了这种视频；请把摄像机设为 H.264 或 H.265，并检查端口",
    Trouble.DAMAGED: "视频数据损坏；若常发生请检查网络或录像文件",
}
_WORDS_EN = {
    Trouble.UNREACHABLE: "the camera cannot be reached; check cable, power and address",
    Trouble.REFUSED: "the camera refuses; check its port, permissions and number of viewers",
    Trouble.WRONG_PASSWORD: "wrong user or password; correct it in the list of cameras, cameras"
    " lock after several failures",
    Trouble.NOT_FOUND: "no such stream; check the path or file name in the address",
    Trouble.STALLED: "the picture stalled; reconnecting, check the bandwidth if it happens often",
    Trouble.ENDED: "the stream ended; reconnecting",
    Trouble.CHANGED: "size, codec or time of the stream changed; reconnecting",
    Trouble.UNSUPPORTED: "this video cannot be read; set the camera to H.264 or H.265 and check"
    " the port",
    Trouble.DAMAGED: "the video is damaged; check the network or the recording if it happens often",
}


class SourceError(Exception):
    """The end of a connection: `kind`, and `detail` without any password. Can be pickled."""

    def __init__(self, kind: Trouble, detail: str) -> None:
        super().__init__(kind, detail)
        self.kind = kind
        self.detail = detail

    @property
    def text_zh(self) -> str:
        return f"{_WORDS_ZH[self.kind]}（{self.detail}）"

    @property
    def text_en(self) -> str:
        return f"{_WORDS_EN[self.kind]} ({self.detail})"

    def __str__(self) -> str:
        return f"{self.text_zh} / {self.text_en}"


_KINDS: tuple[tuple[type[ff.FFmpegError] | tuple[type[ff.FFmpegError], ...], Trouble], ...] = (
    ((ff.HTTPUnauthorizedError, ff.HTTPForbiddenError), Trouble.WRONG_PASSWORD),
    ((ff.HTTPNotFoundError, ff.FileNotFoundError), Trouble.NOT_FOUND),
    ((ff.ConnectionRefusedError, ff.PermissionError), Trouble.REFUSED),
    ((ff.HTTPServerError, ff.HTTPTooManyRequestsError), Trouble.REFUSED),  # too many viewers
    ((ff.HTTPClientError, ff.LookupError, ff.PatchWelcomeError), Trouble.UNSUPPORTED),
)


def of_opening(error: ff.FFmpegError, endpoint: Endpoint) -> SourceError:
    """What an error at opening means."""
    return SourceError(_opening_kind(error, endpoint), _text(error))


def of_reading(error: ff.FFmpegError, endpoint: Endpoint) -> SourceError:
    """What an error between two packets means."""
    if isinstance(error, ff.TimeoutError | ff.ExitError):
        return SourceError(Trouble.STALLED, "no data")
    if isinstance(error, ff.InvalidDataError) or not endpoint.is_live:
        return SourceError(Trouble.DAMAGED, _text(error))
    return SourceError(Trouble.ENDED, _text(error))


def _opening_kind(error: ff.FFmpegError, endpoint: Endpoint) -> Trouble:
    for types, kind in _KINDS:
        if isinstance(error, types):
            return kind
    if not endpoint.is_live:
        return Trouble.DAMAGED
    # FFmpeg calls an RTSP server that hangs up or never answers "invalid data".
    is_other = isinstance(error, ff.InvalidDataError) and endpoint.way is not Way.RTSP
    return Trouble.UNSUPPORTED if is_other else Trouble.UNREACHABLE


def _text(error: ff.FFmpegError) -> str:
    return error.strerror or type(error).__name__
