"""The first administrator, by the one-time code that xunhe prints when it starts."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from xunhe.adapters.store import accounts
from xunhe.adapters.store.accounts import SetupOutcome
from xunhe.web import passwords
from xunhe.web.console import ConsoleDep
from xunhe.web.forms import EMPTY, Filled
from xunhe.web.sign_in import welcome
from xunhe.web.templates import render

router = APIRouter(include_in_schema=False)

Field = Annotated[str, Form()]

_WORDING = {
    SetupOutcome.WRONG_CODE: ("一次性代码不对。", "The one-time code is wrong."),
    SetupOutcome.LOCKED: (
        "代码已锁定：失败次数过多。请重启 xunhe，启动时会打印新代码。",
        "The code is locked after too many failures. Restart xunhe: it prints a new code.",
    ),
    SetupOutcome.DONE_BEFORE: ("管理员已经设立，请登录。", "There is an administrator: log in."),
}
_STATUS = {
    SetupOutcome.WRONG_CODE: 403,
    SetupOutcome.LOCKED: 403,
    SetupOutcome.DONE_BEFORE: 409,
}


@router.get("/setup")
def setup_page(request: Request, console: ConsoleDep) -> Response:
    """The form for the first administrator; gone once there is one."""
    with console.database.read() as connection:
        if accounts.has_user(connection):
            return RedirectResponse("/login", 303)
    return render(request, "setup.html", form=EMPTY, least=accounts.MIN_PASSWORD)


@router.post("/setup")
def setup(
    request: Request,
    console: ConsoleDep,
    code: Field = "",
    name: Field = "",
    password: Field = "",
    repeated: Field = "",
) -> Response:
    """Redeem the one-time code: creates the administrator and logs in."""
    name = name.strip()
    wrong = passwords.name_problem(name) | passwords.problems(password, repeated)
    form, status = Filled.of({"name": name, "code": code}, **wrong), 422
    if form.is_fit:
        outcome = accounts.create_administrator(
            console.database, code, name, password, console.wall.now()
        )
        if outcome is SetupOutcome.CREATED:
            return welcome(request, console, name, "/", "")
        form, status = form.with_problem("code", *_WORDING[outcome]), _STATUS[outcome]
    page = render(request, "setup.html", form=form, least=accounts.MIN_PASSWORD)
    page.status_code = status
    return page
