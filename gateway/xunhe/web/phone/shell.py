"""What lets a telephone open the pages without a network: shell, service worker, manifest.

The service worker keeps `/phone/field` and static files, and nothing else: no page and no answer
with anybody's data is ever in its cache.
"""

import hashlib
import json
from functools import lru_cache
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from xunhe.desk.categories import TREE
from xunhe.web.console import ConsoleDep
from xunhe.web.templates import render

router = APIRouter(prefix="/phone", include_in_schema=False)

_STATIC = Path(__file__).parent.parent / "static"
_FILES = ("tokens.css", "icon.svg", "shrink.js")  # beside those of phone/
_MANIFEST = {
    "id": "/phone",
    "name": "巡河 xunhe",
    "short_name": "巡河",
    "lang": "zh-CN",
    "start_url": "/phone",
    "scope": "/phone",
    "display": "standalone",
    "background_color": "#0f6b62",
    "theme_color": "#0f6b62",
    "icons": [
        {"src": "/static/phone/icon-192.png", "sizes": "192x192", "type": "image/png"},
        {"src": "/static/phone/icon-512.png", "sizes": "512x512", "type": "image/png"},
        {
            "src": "/static/phone/icon-maskable.png",
            "sizes": "512x512",
            "type": "image/png",
            "purpose": "maskable",
        },
    ],
    "shortcuts": [
        {"name": "现场上报 Report", "url": "/phone/field#report"},
        {"name": "一键巡河 Patrol", "url": "/phone/field#patrol"},
    ],
}


@router.get("/field")
def field(request: Request, console: ConsoleDep) -> Response:
    """In the field: patrol, report, and what waits to be sent. Opens without a network."""
    return render(request, "phone/field.html", tree=TREE)


@router.get("/manifest.webmanifest")
def manifest() -> Response:
    """What makes the pages an application of the telephone."""
    return JSONResponse(_MANIFEST, media_type="application/manifest+json")


@router.get("/service-worker.js")
def service_worker() -> Response:
    """The service worker, with the list of what it keeps and that list's version."""
    return Response(
        _worker(), media_type="text/javascript", headers={"service-worker-allowed": "/phone"}
    )


@lru_cache(maxsize=1)
def _worker() -> str:
    files = sorted([*_FILES, *(f"phone/{path.name}" for path in (_STATIC / "phone").iterdir())])
    digest = hashlib.sha256()
    for name in files:
        digest.update((_STATIC / name).read_bytes())
    shell = ["/phone/field", *(f"/static/{name}" for name in files)]
    told = {"version": digest.hexdigest()[:16], "shell": shell}
    code = (_STATIC / "phone" / "service-worker.js").read_text()
    return code.replace("SHELL_OF_THIS_VERSION", json.dumps(told))
