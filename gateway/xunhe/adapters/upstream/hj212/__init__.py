"""The field side (现场机) of HJ 212: a platform as a destination.

source    samples, and the intervals that they close → messages
writing   messages → packets
window    packets under way: time-outs, repeats, what came of each message
requests  what the platform asks and sets (CN 1000 to 3021) → answers
remote    what it has set, over restarts
line      the TCP connection
link      all of it as a destination
"""
