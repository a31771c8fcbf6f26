"""The receiving side (上位机) of HJ 212: stations of others feed the gateway.

values    packets → external values, and what of them is of no use
intake    events of all connections → one transaction → answers
listener  the sockets
"""
