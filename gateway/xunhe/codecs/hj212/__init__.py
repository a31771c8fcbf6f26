"""HJ 212-2017 污染物在线监控（监测）系统数据传输标准: bytes in, events out; no clock, no socket.

deframing  bytes → Frame | Rejected, whatever the chunks
segment    Frame → Packet: the fields of the head and the data area
area       data area → fields, factors, numbers
splitting  one transfer → packets with PNUM and PNO, and back
"""
