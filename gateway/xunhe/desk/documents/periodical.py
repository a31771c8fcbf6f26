"""月报, 季通报, 年总结: the figures of a report as a paper."""

from collections.abc import Iterable

from xunhe.desk.categories import CATEGORIES
from xunhe.desk.documents.circular import Named
from xunhe.desk.documents.model import (
    Block,
    Fact,
    Facts,
    Heading,
    Kind,
    Paper,
    Table,
    Text,
    minute_zh,
)
from xunhe.desk.documents.words import LIGHTS_ZH, SOURCES_ZH
from xunhe.desk.indicators import Rate
from xunhe.desk.lights import Light
from xunhe.desk.lists import Progress
from xunhe.desk.periods import Span
from xunhe.desk.reports import Report

_TITLES = {Span.MONTH: "工作月报", Span.QUARTER: "工作季度通报", Span.YEAR: "工作年度总结"}


def report_paper(report: Report, named: Named) -> Paper:
    """The paper of a report; `named` knows units."""
    blocks: list[Block] = [
        Text(
            f"{report.period.label_zh}共发现河湖问题{report.found}个，销号{report.closed}个，"
            f"目前未办结{report.still_open}个；另有误报、不予受理、合并{report.dismissed}个。"
        ),
        Heading("一、主要指标"),
        Facts((Fact("数据截至", _at(report), report.as_of), *_rates(report))),
        *_problems(report),
        *_chiefs(report),
        *_lists(report),
        *_supervision(report, named),
    ]
    title = f"{report.period.label_zh}河湖长制{_TITLES[report.period.span]}"
    subject = f"period:{report.period.label}"
    return Paper(Kind.MONTHLY, title, "", subject, tuple(blocks))


def _at(report: Report) -> str:
    last = min(report.as_of, report.period.end)
    return minute_zh(last)


def _rates(report: Report) -> Iterable[Fact]:
    found = report.indicators
    yield Fact("河长巡河率", _rate(found.patrol))
    yield Fact("问题发现率", _rate(found.discovery))
    yield Fact("问题处置率", _rate(found.disposal))
    yield Fact("水质达标率", _rate(found.water))
    yield Fact("群众满意度", _rate(found.satisfaction))


def _rate(rate: Rate) -> str:
    if rate.value is None:
        return "不适用（本期无应计项）"
    return f"{100 * rate.value:.1f}%（{rate.part}/{rate.whole}）"


def _problems(report: Report) -> list[Block]:
    sources = tuple((SOURCES_ZH[source], str(n)) for source, n in sorted(report.by_source.items()))
    handling = tuple(
        (_category(of.category), str(of.closed), *_hours(of.mean_h, of.median_h, of.p90_h))
        for of in report.handling
    )
    not_seen = tuple(
        (_category(of.category), *map(str, (of.sensors, of.public, of.inspections, of.missed)))
        for of in report.not_seen
    )
    return [
        Heading("二、问题发现与处置"),
        *_table("（一）问题来源", ("来源", "数量"), sources),
        *_table("（二）办理时长（小时）", ("类别", "销号", "平均", "中位", "九成以内"), handling),
        *_table(
            "（三）河长巡河未发现、由其他途径发现的问题",
            ("类别", "监测", "群众", "暗访", "巡后漏报"),
            not_seen,
        ),
    ]


def _chiefs(report: Report) -> list[Block]:
    rows = tuple(
        (
            level.level.label_zh,
            *map(str, (level.posts, level.patrols)),
            _rate(level.patrol),
            *map(str, (level.found, level.severe_found, level.severe_by_others, level.missed)),
        )
        for level in report.levels
    )
    header = ("层级", "河长", "巡河", "巡河率", "发现", "突出", "他人发现", "漏报")
    widths = (0.09, 0.09, 0.09, 0.31, 0.09, 0.09, 0.15, 0.09)
    return [Heading("三、各级河长巡河查河"), Table("", header, rows, widths)]


def _lists(report: Report) -> list[Block]:
    rows = (
        Fact("年度重大事项", _progress(report.major)),
        Fact("一河一策措施", _progress(report.measures)),
        Fact("突出问题整改", report.exposure.sentence_zh()),
    )
    return [Heading("四、三张清单"), Facts(rows)]


def _progress(progress: Progress) -> str:
    if progress.mean is None:
        return "无"
    share = f"{100 * progress.mean:.2f}%"
    return f"共{progress.total}项，完成{progress.done}项；平均推进进度 {share}"


def _supervision(report: Report, named: Named) -> list[Block]:
    lights = tuple(
        (month, *(str(counts.get(light, 0)) for light in Light))
        for month, counts in sorted(report.lights.items())
    )
    header = ("月份", *(LIGHTS_ZH[light] for light in Light))
    steps = "，".join(f"{rung}{n}次" for rung, n in report.steps.items()) or "无"
    returns = (
        Fact("提醒与约谈等", steps),
        Fact("迟报", "、".join(map(named, report.late_returns)) or "无"),
        Fact("未报", "、".join(map(named, report.missing_returns)) or "无"),
    )
    looked = [Text(f"{lookback.sentence_zh()}。") for lookback in report.lookbacks]
    return [Heading("五、督导"), *_table("", header, lights), Facts(returns), *looked]


def _table(title: str, header: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> list[Block]:
    if not rows:
        return [Heading(title), Text("无。")] if title else []
    return [Table(title, header, rows)]


def _category(code: str) -> str:
    return CATEGORIES[code].zh if code in CATEGORIES else code


def _hours(*values: float) -> tuple[str, ...]:
    return tuple(f"{value:.1f}" for value in values)
