"""Factors of water (HJ 212-2017 Table B.1, after HJ 525-2009): what the standard says of each code.

Turbidity is not among them. Which property of ours has which code stands in water/indicators.py.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Factor:
    """A factor; `unit` is that of its values, `amount` that of discharged amounts (-Cou)."""

    code: str
    name_zh: str
    name_en: str
    unit: str
    code_2005: str = ""
    amount: str = ""


_ROWS = """
w00000 | 污水 | flow | L/s | B01 | m³
w01001 | pH | pH |  | 001 |
w01002 | 色度 | colour | 度 | 002 |
w01006 | 溶解性总固体 | dissolved solids | mg/L |  | kg
w01009 | 溶解氧 | dissolved oxygen | mg/L |  |
w01010 | 水温 | water temperature | °C |  |
w01012 | 悬浮物 | suspended solids | mg/L | 003 | kg
w01014 | 电导率 | conductivity | µS/cm |  |
w01017 | 五日生化需氧量 | BOD5 | mg/L | 010 | kg
w01018 | 化学需氧量 | COD | mg/L | 011 | kg
w01019 | 高锰酸盐指数 | CODMn | mg/L |  | kg
w01020 | 总有机碳 | TOC | mg/L | 015 | kg
w02003 | 粪大肠菌群 | faecal coliforms | /L | 550 |
w02006 | 细菌总数 | bacteria | /L |  |
w03001 | 总α放射性 | gross alpha | Bq/L | 570 |
w03002 | 总β放射性 | gross beta | Bq/L | 571 |
w19001 | 表面活性剂 | surfactants | mg/L |  | kg
w19002 | 阴离子表面活性剂 | anionic surfactants (LAS) | mg/L | 520 | kg
w20012 | 钡 | Ba | mg/L | 039 | kg
w20023 | 硼 | B | mg/L | 037 | kg
w20038 | 钴 | Co | mg/L | 040 | kg
w20061 | 钼 | Mo | mg/L | 038 | kg
w20089 | 铊 | Tl | ng/L | 041 | mg
w20092 | 锡 | Sn | mg/L | 036 | kg
w20111 | 总汞 | total Hg | µg/L | 020 | g
w20113 | 烷基汞 | alkyl Hg | ng/L | 021 | mg
w20115 | 总镉 | total Cd | µg/L | 022 | g
w20116 | 总铬 | total Cr | mg/L | 023 | kg
w20117 | 六价铬 | Cr(VI) | µg/L | 024 | g
w20119 | 总砷 | total As | µg/L | 026 | g
w20120 | 总铅 | total Pb | µg/L | 027 | g
w20121 | 总镍 | total Ni | mg/L | 028 | kg
w20122 | 总铜 | total Cu | mg/L | 029 | kg
w20123 | 总锌 | total Zn | mg/L | 030 | kg
w20124 | 总锰 | total Mn | mg/L | 031 | kg
w20125 | 总铁 | total Fe | mg/L | 032 | kg
w20126 | 总银 | total Ag | mg/L | 033 | kg
w20127 | 总铍 | total Be | µg/L | 034 | g
w20128 | 总硒 | total Se | µg/L | 035 | g
w20138 | 铜 | Cu | mg/L |  | kg
w20139 | 锌 | Zn | mg/L |  | kg
w20140 | 硒 | Se | mg/L |  | kg
w20141 | 砷 | As | mg/L |  | kg
w20142 | 汞 | Hg | µg/L |  | g
w20143 | 镉 | Cd | µg/L |  | g
w20144 | 铅 | Pb | mg/L |  | kg
w21001 | 总氮 | TN | mg/L | 065 | kg
w21003 | 氨氮 | NH3-N | mg/L | 060 | kg
w21004 | 凯氏氮 | Kjeldahl N | mg/L | 062 | kg
w21006 | 亚硝酸盐 | nitrite | mg/L | 063 | kg
w21007 | 硝酸盐 | nitrate | mg/L | 064 | kg
w21011 | 总磷 | TP | mg/L | 101 | kg
w21016 | 氰化物 | cyanide | mg/L | 070 | kg
w21017 | 氟化物 | fluoride | mg/L | 072 | kg
w21019 | 硫化物 | sulphide | mg/L | 071 | kg
w21022 | 氯化物 | chloride | mg/L | 090 | kg
w21038 | 硫酸盐 | sulphate | mg/L |  | kg
w22001 | 石油类 | petroleum | mg/L | 080 | kg
w23002 | 挥发酚 | volatile phenol | mg/L | 110 | kg
w25043 | 苯并[α]芘 | benzo[a]pyrene | µg/L | 540 | g
w33001 | 六六六 | HCH | ng/L | 350 | mg
w33007 | 滴滴涕 | DDT | ng/L | 351 | mg
w99001 | 有机氮 | organic N | mg/L | 061 | kg
"""


def _factor(row: str) -> Factor:
    return Factor(*(cell.strip() for cell in row.split("|")))


TABLE_B1 = {factor.code: factor for factor in map(_factor, _ROWS.strip().splitlines())}
_BY_2005_CODE = {factor.code_2005: factor for factor in TABLE_B1.values() if factor.code_2005}


def by_2005_code(code: str) -> Factor | None:
    """The factor that HJ/T 212-2005 called `code`; field packets still do."""
    return _BY_2005_CODE.get(code)
