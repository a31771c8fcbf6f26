"""通报: the lights of a month, unit by unit, and every matter that is not green."""

from collections.abc import Callable

from xunhe.desk.circular import Circular
from xunhe.desk.documents.model import Block, Heading, Kind, Paper, Table, Text
from xunhe.desk.documents.words import LIGHTS_ZH, WHY_ZH
from xunhe.desk.lights import Light

Named = Callable[[str], str]  # a code or subject of the log → the words for it


def circular_paper(circular: Circular, named: Named, copies_to: tuple[str, ...] = ()) -> Paper:
    """The circular of a month. `named` knows units, posts, and subjects such as `ticket:12`."""
    month = circular.month
    counts = "，".join(f"{LIGHTS_ZH[light]}{circular.count(light)}项" for light in reversed(Light))
    blocks: list[Block] = [
        Text(f"现将{month.label_zh}河湖长制重点任务和问题整改亮灯情况通报如下：{counts}。"),
        _by_unit(circular, named),
    ]
    for number, light in zip("二三", (Light.RED, Light.YELLOW), strict=True):
        blocks += _matters(f"{number}、{LIGHTS_ZH[light]}事项", circular, light, named)
    blocks.append(
        Text(
            "请亮黄灯的责任单位加快推进，亮红灯的责任单位限期整改并书面说明原因。亮灯次数按规定计分。"
        )
    )
    title = f"{month.label_zh}河湖长制亮灯情况通报"
    subject = f"month:{month.label}"
    return Paper(Kind.CIRCULAR, title, "各有关单位", subject, tuple(blocks), copies_to)


def _by_unit(circular: Circular, named: Named) -> Table:
    rows = tuple(
        (named(code), *(str(counts.get(light, 0)) for light in Light))
        for code, counts in sorted(circular.units.items())
    )
    header = ("责任单位", *(LIGHTS_ZH[light] for light in Light))
    return Table("一、各单位亮灯情况", header, rows, (0.55, 0.15, 0.15, 0.15))


def _matters(heading: str, circular: Circular, light: Light, named: Named) -> list[Block]:
    rows = tuple(
        (named(row.subject), named(row.unit), named(row.post), WHY_ZH[row.why])
        for row in circular.rows
        if row.light is light
    )
    if not rows:
        return [Heading(heading), Text("无。")]
    header = ("事项", "责任单位", "责任岗位", "原因")
    return [Table(heading, header, rows, (0.31, 0.18, 0.29, 0.22))]
