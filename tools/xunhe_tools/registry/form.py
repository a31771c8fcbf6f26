"""What a registry can be written as."""

from enum import StrEnum


class Form(StrEnum):
    """Of an export."""

    CSV = "csv"
    XLSX = "xlsx"
    GEOJSON = "geojson"


class Encoding(StrEnum):
    """Of a CSV."""

    UTF_8 = "utf-8"
    GBK = "gbk"
