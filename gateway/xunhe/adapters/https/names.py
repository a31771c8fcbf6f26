"""By which names and addresses this machine is reached."""

import fcntl
import socket
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

_SIOCGIFADDR = 0x8915  # linux/sockios.h
_LOOPBACK = IPv4Address("127.0.0.1")

Address = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class Names:
    """Host names and addresses, each once and in order."""

    hosts: tuple[str, ...]
    addresses: tuple[Address, ...]

    @property
    def reachable(self) -> list[str]:
        """What another machine can use: addresses first, as names need a resolver."""
        outside = [str(a) for a in self.addresses if not a.is_loopback]
        return [*outside, *(host for host in self.hosts if host != "localhost")]

    def with_more(self, given: Iterable[str]) -> "Names":
        """These and further ones; what reads as an address is one."""
        hosts, addresses = set(self.hosts), set(self.addresses)
        for name in given:
            try:
                addresses.add(ip_address(name))
            except ValueError:
                hosts.add(name.lower().rstrip("."))
        return _ordered(hosts, addresses)


def found_names() -> Names:
    """This machine's name, with and without `.local`, and the IPv4 address of each interface."""
    host = socket.gethostname().lower()
    short = host.partition(".")[0]
    hosts = {"localhost", host, short, f"{short}.local"}
    return _ordered(hosts, {_LOOPBACK, *_interfaces()})


def _interfaces() -> Iterable[Address]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        for _, name in socket.if_nameindex():
            request = struct.pack("256s", name.encode()[:15])
            try:
                answer = fcntl.ioctl(asked.fileno(), _SIOCGIFADDR, request)
            except OSError:  # an interface without an address
                continue
            yield IPv4Address(answer[20:24])


def _ordered(hosts: Iterable[str], addresses: Iterable[Address]) -> Names:
    by_kind = sorted(addresses, key=lambda address: (address.version, int(address)))
    return Names(tuple(sorted(host for host in hosts if host)), tuple(by_kind))
