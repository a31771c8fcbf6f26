"""Sockets of the virtual board: this machine's network, with a time-out on connecting."""

import errno
import select
import socket


def connect(host, port, timeout_ms):
    """A connected socket; OSError in time where there is no way to the broker."""
    address = socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)[0][-1]
    sock = socket.socket()
    try:
        _connect(sock, address, timeout_ms)
    except OSError:
        sock.close()
        raise
    return sock


def _connect(sock, address, timeout_ms):
    sock.setblocking(False)
    try:
        sock.connect(address)
    except OSError as error:
        if error.errno != errno.EINPROGRESS:
            raise
    poller = select.poll()
    poller.register(sock, select.POLLOUT)
    events = poller.poll(timeout_ms)
    if not events:
        raise OSError(errno.ETIMEDOUT)
    if events[0][1] & (select.POLLERR | select.POLLHUP):
        raise OSError(errno.ECONNREFUSED)
    sock.setblocking(True)
