"""What a power cut can leave on the disk, from a record of what a process asked the disk to do.

A preloaded library writes down every change of the files below a folder, every sync, and every
message to the network, in their order (`recorder.c`, `record.py`). `disk.py` keeps what a sync has
made durable apart from what may be lost, and makes crash states: the durable part, and of the rest
any part, torn at sectors. Shares nothing with the gateway.
"""
