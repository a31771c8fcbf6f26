"""What a name and a password have to be, told beside their fields."""

from xunhe.adapters.store import accounts
from xunhe.web.wording import Words


def problems(password: str, repeated: str) -> dict[str, Words]:
    """What is wrong with a new password, by field; nothing where it may be set."""
    found = {}
    if not accounts.MIN_PASSWORD <= len(password) <= accounts.MAX_PASSWORD:
        least = accounts.MIN_PASSWORD
        found["password"] = Words(
            f"密码至少 {least} 位。", f"The password needs at least {least} characters."
        )
    if password != repeated:
        found["repeated"] = Words("两次输入的密码不同。", "The two passwords differ.")
    return found


def name_problem(name: str) -> dict[str, Words]:
    """What is wrong with a name."""
    if 1 <= len(name) <= accounts.MAX_NAME and name.isprintable():
        return {}
    return {"name": Words("请填写名称（至多 64 字）。", "Give a name of at most 64 characters.")}
