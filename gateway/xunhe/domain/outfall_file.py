"""Words of an outfall's file (一口一档)."""

from enum import StrEnum


class OutfallKind(StrEnum):
    """The four kinds of 国办函〔2022〕17号."""

    INDUSTRY = "industry"  # 工业排污口
    SEWAGE_PLANT = "sewage_plant"  # 城镇污水处理厂排污口
    FARMING = "farming"  # 农业排口
    OTHER = "other"  # 其他排口

    @property
    def label_zh(self) -> str:
        """The desk's word."""
        return {
            "industry": "工业排污口",
            "sewage_plant": "城镇污水处理厂排污口",
            "farming": "农业排口",
            "other": "其他排口",
        }[self]


class Remedy(StrEnum):
    """What is to become of it (整治): one measure for each outfall, 一口一策."""

    NONE = "none"  # 无需整治
    CLOSE = "close"  # 依法取缔
    MERGE = "merge"  # 清理合并
    REGULATE = "regulate"  # 规范整治
    DONE = "done"  # 已完成整治

    @property
    def label_zh(self) -> str:
        """The desk's word."""
        return {
            "none": "无需整治",
            "close": "依法取缔",
            "merge": "清理合并",
            "regulate": "规范整治",
            "done": "已完成整治",
        }[self]
