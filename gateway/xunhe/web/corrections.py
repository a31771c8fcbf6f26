"""A page's form that cannot be used comes back: each wrong field beside its problem, all else kept.

For every form that does not show its own problems. What was right goes along unseen; only what is
wrong has to be typed again.
"""

from collections.abc import Mapping

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import ValidationError

from xunhe.web.failures import answer, malformed, wants_json
from xunhe.web.forms import Filled, problem_words
from xunhe.web.templates import render
from xunhe.web.wording import Words

_UNSEEN = frozenset({"csrf", "once"})
_LONG = 60  # characters: more takes a box of several lines

Unfit = RequestValidationError | ValidationError


async def answer_unfit(request: Request, error: Unfit) -> Response:
    """422: JSON with each field for programs, the form again for people."""
    kind = request.headers.get("content-type", "")
    if wants_json(request.url.path) or request.method != "POST" or "form" not in kind:
        return answer(request, malformed(error.errors()))
    sent = await request.form()
    pairs = [(k, v) for k, v in sent.multi_items() if isinstance(v, str) and k not in _UNSEEN]
    form = Filled.of(dict(pairs), **_problems(error))
    page = render(
        request,
        "correction.html",
        form=form,
        files=sorted({k for k, v in sent.multi_items() if not isinstance(v, str)}),
        kept=[(k, v) for k, v in pairs if k not in form.problems],
        words_of=words_of,
        long=_LONG,
    )
    page.status_code = 422
    return page


def words_of(name: str) -> Words:
    """What a field is called."""
    return _FIELDS.get(name, Words(name, name))


def _problems(error: Unfit) -> Mapping[str, Words]:
    found: dict[str, Words] = {}
    for each in error.errors():
        names = [part for part in each["loc"] if isinstance(part, str) and part != "body"]
        found.setdefault(names[0] if names else "", problem_words(each))
    return found


_FIELDS = {
    "reason": Words("理由", "Reason"),
    "action": Words("操作", "Step"),
    "revision": Words("版本", "Revision"),
    "source": Words("来源", "Source"),
    "category": Words("类别", "Category"),
    "severity": Words("程度", "Severity"),
    "reach": Words("河段", "Reach"),
    "lon": Words("经度", "Longitude"),
    "lat": Words("纬度", "Latitude"),
    "handler": Words("承办单位或岗位", "Handler"),
    "via": Words("交办方式", "How it is assigned"),
    "into": Words("并入工单编号", "Ticket to merge into"),
    "until": Words("至", "Until"),
    "due_at": Words("时限", "Deadline"),
    "recipient": Words("接收单位", "Recipient"),
    "note": Words("说明", "Note"),
    "photo": Words("照片", "Photograph"),
    "post": Words("岗位", "Post"),
    "successor": Words("接收人", "Successor"),
    "words": Words("要求或事由", "What it demands, or why"),
    "kind": Words("种类", "Kind"),
    "files": Words("文件", "Files"),
    "whole": Words("全表", "Whole table"),
    "gcj02": Words("坐标系", "Coordinates"),
    "rating": Words("评价", "Rating"),
    "code": Words("编码", "Code"),
    "hours": Words("小时", "Hours"),
}
