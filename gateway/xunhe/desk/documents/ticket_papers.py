"""Papers about one ticket: 交办单, 督办函, 移送函."""

from datetime import datetime

from xunhe.desk.documents.case import Case
from xunhe.desk.documents.model import (
    Block,
    Fact,
    Facts,
    Heading,
    Kind,
    Paper,
    Signatures,
    Slip,
    Text,
    minute_zh,
)

_REPLY = ("收到时间", "承办单位（人员）", "整改措施", "办结时间", "佐证材料（整改前后照片等）")


def assignment(case: Case, demand: str) -> Paper:
    """交办单: who is to do what until when. `demand` may be empty."""
    blocks: list[Block] = [
        Text("经发现并核实，你处责任范围内存在以下问题，现予交办，请在时限内办结并反馈。"),
        case.facts(),
        *_evidence("一、查证情况", case),
        Heading("二、办理要求"),
        *([Text(demand)] if demand else []),
        Text(f"请于{case.deadline}前办结，填写回执并附整改前后照片。"),
        Text(
            "办结后由监测设备复核，并由承办人员以外的人员验收；不能按期办结的，须在到期前申请延期。"
        ),
        Slip("交办单回执", _REPLY),
        Signatures(("承办人（签字）", "验收人（签字）")),
    ]
    title = f"关于{case.problem}的交办单"
    return Paper(Kind.ASSIGNMENT, title, case.addressee, case.subject, tuple(blocks))


def urging(case: Case, at: datetime, why: str, before: str, copies_to: tuple[str, ...]) -> Paper:
    """督办函: the work is late or slow. `before` is the number of its 交办单, empty without one."""
    earlier = f"{before}交办的" if before else ""
    blocks: list[Block] = [
        Text(f"{earlier}{case.problem}，{_lateness(case, at)}，现予督办。"),
        case.facts(),
        Facts((Fact("当前状态", case.state, at), Fact("督办事由", why))),
        *_evidence("一、问题情况", case),
        Heading("二、督办要求"),
        Text("请立即明确责任人员、整改措施和完成时间，限期整改到位，并以书面形式反馈进展。"),
        Text("不整改或者整改不到位的，按照规定程序由有权机关另行处理。"),
        Slip("督办函回执", _REPLY),
        Signatures(("责任人（签字）",)),
    ]
    title = f"关于{case.problem}的督办函"
    return Paper(Kind.URGING, title, case.addressee, case.subject, tuple(blocks), copies_to)


def referral(case: Case, recipient: str, package_sha256: str, made_at: datetime) -> Paper:
    """移送函: the case goes to police or procurator, with the package of this digest."""
    blocks: list[Block] = [
        Text(
            f"在巡查监管中发现{case.problem}，涉嫌违法，现将有关线索和证据材料移送你单位依法处理。"
        ),
        case.facts(),
        *_evidence("一、线索情况", case),
        Heading("二、证据材料"),
        Facts(
            (
                Fact("证据包生成时间", minute_zh(made_at), made_at),
                Fact("证据包 SHA-256", package_sha256),
            )
        ),
        Text(
            "证据包内含原始文件、哈希清单、办理日志的哈希链和核验程序。"
            "解压后执行 python3 verify.py，即可离线核验；任何文件被改动，程序将指出其文件名。"
        ),
        Slip("移送函回执", ("接收时间", "接收单位", "受理意见", "联系方式")),
        Signatures(("移送人（签字）", "接收人（签字）")),
    ]
    title = f"关于移送{case.problem}线索的函"
    return Paper(Kind.REFERRAL, title, recipient, case.subject, tuple(blocks))


def _evidence(heading: str, case: Case) -> list[Block]:
    blocks: list[Block] = [Heading(heading)]
    if case.evidence:
        blocks.append(Facts(case.evidence))
    else:
        blocks.append(Text("详见工单记录。"))
    return [*blocks, *case.pictures]


def _lateness(case: Case, at: datetime) -> str:
    if at >= case.due_at:
        return f"办理时限为{case.deadline}，至今未办结"
    return f"办理时限为{case.deadline}，目前进展滞后"
