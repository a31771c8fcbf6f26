"""What a telephone's form brings: its texts, and its photographs on the disk."""

from collections.abc import Sequence

from fastapi import Request
from starlette.datastructures import UploadFile

from xunhe.adapters.desk_photo import PhotoError
from xunhe.adapters.photo_shelf import KeptPhoto
from xunhe.adapters.store.evidence import Role
from xunhe.web.console import Console
from xunhe.web.failures import CallerError

MAX_PHOTOS = 4


async def read_form(request: Request) -> tuple[dict[str, str], list[bytes]]:
    """The fields and the photographs of a form; more than `MAX_PHOTOS` are refused."""
    async with request.form() as sent:
        files = [part for part in sent.getlist("photo") if isinstance(part, UploadFile)]
        photos = [await file.read() for file in files if file.size]
        texts = {name: value for name, value in sent.items() if isinstance(value, str)}
    if len(photos) > MAX_PHOTOS:
        zh, en = f"至多 {MAX_PHOTOS} 张照片", f"at most {MAX_PHOTOS} photographs"
        raise CallerError(422, "too_many", en, zh)
    return texts, photos


def keep_photos(console: Console, photos: Sequence[bytes], role: Role) -> list[KeptPhoto]:
    """The photographs on the disk. Where there is no room the telephone keeps them and returns."""
    if not photos:
        return []
    if console.shelf is None:
        raise CallerError(503, "no_store", "this console keeps no files", "本控制台不保存文件")
    try:
        kept = console.shelf.put(photos, role, console.clock.now())
    except PhotoError as error:
        raise CallerError(422, "no_picture", str(error), str(error)) from error
    if any(photo.absent is not None for photo in kept):
        raise CallerError(507, "disk_full", "no room for the photographs", "网关没有空间保存照片")
    return kept
