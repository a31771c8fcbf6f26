"""The class names of a YOLO data set.

`data.yaml` is read by hand, in its common forms only (a list or a mapping, on one line or several):
a YAML parser is no dependency, and nothing else of the file is needed.
"""

import re

from xunhe_models.data.layouts.folder import Folder

_NAMES = re.compile(r"^names[ \t]*:[ \t]*", re.MULTILINE)
_COMMENT = re.compile(r"(^|\s)#.*$", re.MULTILINE)
_ITEM = re.compile(r"^\s*-\s+(.+?)\s*$")
_PAIR = re.compile(r"""^\s*['"]?(\d{1,9})['"]?\s*:\s*(.+?)\s*,?\s*$""")
_FLOW_ITEM = re.compile(r"""'[^']*'|"[^"]*"|[^,]+""")


def class_names(folder: Folder) -> dict[int, str]:
    """From the first file that has any, by the number that the lines use."""
    for name in (*folder.labels(".yaml"), *folder.labels(".yml")):
        if found := yaml_names(_text(folder, name)):
            return found
    for name in (n for n in folder.others if n.rsplit("/", 1)[-1] in ("classes.txt", "obj.names")):
        lines = [line.strip() for line in _text(folder, name).splitlines()]
        if found := dict(enumerate(line for line in lines if line)):
            return found
    return {}


def yaml_names(text: str) -> dict[int, str]:
    """The value of the key `names` at the left margin; empty when it has another form."""
    match = _NAMES.search(text := _COMMENT.sub("", text))
    if match is None:
        return {}
    value = text[match.end() :]
    if value.startswith("["):
        return _list(_FLOW_ITEM.findall(value[1:].partition("]")[0]))
    if value.startswith("{"):
        return _mapping(_FLOW_ITEM.findall(value[1:].partition("}")[0].replace("\n", " ")))
    return _block(value.splitlines())


def _block(lines: list[str]) -> dict[int, str]:
    block = []
    for line in lines:
        if line.strip() and not line[0].isspace() and not line.startswith("-"):
            break
        block.append(line)
    items = [match[1] for line in block if (match := _ITEM.match(line))]
    return _list(items) if items else _mapping(block)


def _list(items: list[str]) -> dict[int, str]:
    return dict(enumerate(_unquoted(item) for item in items if item.strip()))


def _mapping(lines: list[str]) -> dict[int, str]:
    pairs = (match for line in lines if (match := _PAIR.match(line)))
    return {int(pair[1]): _unquoted(pair[2]) for pair in pairs}


def _unquoted(text: str) -> str:
    return text.strip().strip("'\"").strip()


def _text(folder: Folder, name: str) -> str:
    try:
        return folder.path(name).read_text("utf-8-sig", errors="replace")
    except OSError:
        return ""
