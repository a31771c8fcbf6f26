"""`xunhe watch`: the gateway's own pipeline on a recording or a stream."""
