"""Commands, systems, answers and flags by code (HJ 212-2017 Tables 5 to 9). All are extendable: an
unknown code is kept as it came."""

from dataclasses import dataclass
from enum import IntEnum


class QnRtn(IntEnum):
    """请求命令返回, Table 7."""

    READY = 1
    REFUSED = 2
    PW = 3
    MN = 4
    ST = 5
    FLAG = 6
    QN = 7
    CN = 8
    CRC = 9
    UNKNOWN = 100


class ExeRtn(IntEnum):
    """执行结果, Table 6."""

    SUCCESS = 1
    FAILED = 2
    CONDITION = 3
    TIME_OUT = 4
    BUSY = 5
    SYSTEM = 6
    NO_DATA = 100


REALTIME, STOP_REALTIME, STATE, STOP_STATE = "2011", "2012", "2021", "2022"
DAY, RUNNING_TIME, MINUTE, HOUR = "2031", "2041", "2051", "2061"
REQUEST_ANSWER, RESULT, NOTICE_ANSWER, DATA_ANSWER = "9011", "9012", "9013", "9014"
ANSWERS = frozenset({REQUEST_ANSWER, RESULT, NOTICE_ANSWER, DATA_ANSWER})
MIN_INTERVALS = (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30)  # minutes, Table 4
RTD_INTERVALS_S = (30, 3600)


@dataclass(frozen=True, slots=True)
class Words:
    """What a code means."""

    zh: str
    en: str


def _table(text: str) -> dict[str, Words]:
    rows = (row.split("|") for row in text.strip().splitlines())
    return {code.strip(): Words(zh.strip(), en.strip()) for code, zh, en in rows}


COMMANDS = _table("""
1000 | 设置超时时间及重发次数 | set time-out and repeats
1011 | 提取/上传现场机时间 | field time
1012 | 设置现场机时间 | set field time
1013 | 现场机时间校准请求 | field asks for calibration of its clock
1061 | 提取/上传实时数据间隔 | real-time interval
1062 | 设置实时数据间隔 | set real-time interval
1063 | 提取/上传分钟数据间隔 | minute interval
1064 | 设置分钟数据间隔 | set minute interval
1072 | 设置现场机密码 | set password
2011 | 取/上传污染物实时数据 | real-time data
2012 | 停止察看污染物实时数据 | stop real-time data
2021 | 取/上传设备运行状态数据 | state of plants
2022 | 停止察看设备运行状态 | stop state of plants
2031 | 取/上传污染物日历史数据 | day data
2041 | 取/上传设备运行时间日历史数据 | daily running time
2051 | 取/上传污染物分钟数据 | minute data
2061 | 取/上传污染物小时数据 | hour data
2081 | 上传数采仪开机时间 | start of the logger
3011 | 零点校准量程校准 | zero and span calibration
3012 | 即时采样 | sample now
3013 | 启动清洗/反吹 | clean
3014 | 比对采样 | comparison sampling
3015 | 超标留样 | retain a sample
3016 | 设置采样时间周期 | set sampling period
3017 | 提取采样时间周期 | sampling period
3018 | 提取出样时间 | time to the result
3019 | 提取设备唯一标识 | identity of the instrument
3020 | 提取现场机信息 | field information
3021 | 设置现场机参数 | set field parameter
9011 | 请求应答 | request answer
9012 | 执行结果 | execution result
9013 | 通知应答 | notice answer
9014 | 数据应答 | data answer
""")

SYSTEMS = _table("""
21 | 地表水质量监测 | surface water
22 | 空气质量监测 | air
23 | 声环境质量监测 | noise
24 | 地下水质量监测 | groundwater
25 | 土壤质量监测 | soil
26 | 海水质量监测 | sea water
27 | 挥发性有机物监测 | volatile organic compounds
31 | 大气环境污染源 | sources to air
32 | 地表水体环境污染源 | sources to surface water
33 | 地下水体环境污染源 | sources to groundwater
34 | 海洋环境污染源 | sources to the sea
35 | 土壤环境污染源 | sources to soil
36 | 声环境污染源 | sources of noise
37 | 振动环境污染源 | sources of vibration
38 | 放射性环境污染源 | radioactive sources
39 | 工地扬尘污染源 | dust of building sites
41 | 电磁环境污染源 | electromagnetic sources
51 | 烟气排放过程监控 | flue gas process
52 | 污水排放过程监控 | waste water process
91 | 系统交互 | answers
""")

FLAGS = _table("""
N | 正常 | works normally
F | 停运 | stopped
M | 维护 | under maintenance
S | 手工输入 | set by hand
D | 故障 | fault
C | 校准 | calibrating
T | 超上限 | above the range
B | 通讯异常 | communication abnormal
""")

QN_RETURNS = _table("""
1 | 准备执行请求 | ready to execute
2 | 请求被拒绝 | refused
3 | PW 错误 | PW wrong
4 | MN 错误 | MN wrong
5 | ST 错误 | ST wrong
6 | Flag 错误 | Flag wrong
7 | QN 错误 | QN wrong
8 | CN 错误 | CN wrong
9 | CRC 校验错误 | CRC wrong
100 | 未知错误 | unknown error
""")

EXE_RETURNS = _table("""
1 | 执行成功 | success
2 | 执行失败，原因未知 | failed, cause unknown
3 | 命令请求条件错误 | condition of the request wrong
4 | 通讯超时 | communication time-out
5 | 系统繁忙 | busy
6 | 系统故障 | system fault
100 | 没有数据 | no data
""")
