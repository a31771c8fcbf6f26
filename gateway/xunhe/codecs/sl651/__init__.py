"""SL 651-2014 水文监测数据通信规约, HEX/BCD frames, as far as published frames confirm it.

Confirmed by six published frames whose length, check and elements were recomputed: link keep-alive
(2F), test (30) and timed report (32) of a station, the centre's answers, and the elements 20, 26,
38 and 39. Water-quality elements are not: they are read as what they are, numbers under an unknown
identifier, and not written.
"""
