"""Wi-Fi, and whatever else the board has as a network interface of its own."""

from xunhe_buoy.links import R_NETWORK, LinkError

JOIN_MS = 10000
CONNECT_MS = 3000


class WifiLink:
    """`wifi` is (ssid, password), or None where the board is in its network without a word."""

    def __init__(self, board, wifi=None):
        self._board = board
        self._wifi = wifi

    def prepare(self):
        if self._wifi is not None:
            try:
                self._board.wifi_connect(self._wifi[0], self._wifi[1], JOIN_MS)
            except OSError as error:
                raise LinkError(R_NETWORK, "no Wi-Fi: %s" % error)
        return True

    def connect(self, host, port):
        try:
            return self._board.network_connect(host, port, CONNECT_MS)
        except OSError as error:
            raise LinkError(R_NETWORK, "%s:%d: %s" % (host, port, error))

    def network_time_s(self):
        return None

    def off(self):
        """The board's radio goes down with deep sleep."""
