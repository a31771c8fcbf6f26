"""A platform (上位机) that speaks HJ 212-2017, for tests and benches.

Written from the standard by itself: it shares no code with the gateway's codec, so that each is a
witness for the other.
"""
