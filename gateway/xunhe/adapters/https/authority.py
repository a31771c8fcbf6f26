"""A site's own certificate authority, and the certificate that its gateway shows.

A telephone that trusts the authority trusts the gateway, and nothing else by it: the authority is
constrained (RFC 5280, 4.2.1.10) to the site's names and to private addresses, so that a stolen key
opens no other site. Keys are P-256 and readable by their owner only.
"""

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from ipaddress import ip_network
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from xunhe.adapters.https.names import Names

AUTHORITY_HOLDS = timedelta(days=3652)
SERVER_HOLDS = timedelta(days=397)  # what browsers take at most is 398
RENEWED_BEFORE = timedelta(days=30)
_BACK = timedelta(hours=1)  # a phone's clock may be slow
_PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "fc00::/7", "::1/128")

AUTHORITY, AUTHORITY_KEY = "authority.crt", "authority.key"
SERVER, SERVER_KEY = "server.crt", "server.key"


class OutsideError(ValueError):
    """Names that the present authority may not vouch for."""


class Step(Enum):
    """What happens to one of the two certificates, and why."""

    KEPT = "保留 / kept"
    FIRST = "新建 / new"
    ASKED = "应要求重建 / made anew as asked"
    ENDING = "临近到期，更新 / renewed before its end"
    NAMES = "名称或地址有变，更新 / renewed for other names or addresses"
    OTHER_AUTHORITY = "随证书机构更新 / renewed with its authority"


@dataclass(frozen=True, slots=True)
class Plan:
    """What `carry_out` will do in a folder."""

    folder: Path
    names: Names
    authority: Step
    server: Step
    is_constrained: bool = True


def plan(
    folder: Path,
    names: Names,
    now: datetime,
    *,
    new_authority: bool = False,
    is_constrained: bool = True,
) -> Plan:
    """Look at what is there; writes nothing.

    `is_constrained` false: for buoys, whose mbedTLS knows no name constraints and refuses them.
    Host names that the present certificate has stay in it; its addresses do not. OutsideError
    where the authority would have to be made anew, which every phone would notice.
    """
    if (folder / SERVER).exists():
        names = names.with_more(names_of(read(folder / SERVER)).hosts)
    authority = _of_authority(folder, names, now, new_authority)
    if authority is not Step.KEPT:
        return Plan(folder, names, authority, Step.OTHER_AUTHORITY, is_constrained)
    return Plan(folder, names, authority, _of_server(folder, names, now), is_constrained)


def carry_out(made: Plan, now: datetime) -> None:
    """Write the keys and certificates that the plan asks for."""
    made.folder.mkdir(parents=True, exist_ok=True)
    if made.authority is not Step.KEPT:
        _make_authority(made, now)
    if made.server is not Step.KEPT:
        _make_server(made.folder, made.names, now)


def renew(folder: Path, now: datetime) -> bool:
    """Renew the server's certificate for the names that it has, where it ends soon; True if so.

    Never touches the authority.
    """
    names = names_of(read(folder / SERVER))
    if _of_server(folder, names, now) is not Step.ENDING:
        return False
    _make_server(folder, names, now)
    return True


def read(path: Path) -> x509.Certificate:
    """A certificate. OSError or ValueError where there is none."""
    return x509.load_pem_x509_certificate(path.read_bytes())


def names_of(certificate: x509.Certificate) -> Names:
    """The names and addresses that a certificate is for."""
    found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    hosts = found.get_values_for_type(x509.DNSName)
    addresses = found.get_values_for_type(x509.IPAddress)
    return Names((), ()).with_more([*hosts, *map(str, addresses)])


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 of a certificate as people compare it: pairs of hex digits."""
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def _of_authority(folder: Path, names: Names, now: datetime, new_authority: bool) -> Step:
    if not (folder / AUTHORITY).exists() or not (folder / AUTHORITY_KEY).exists():
        return Step.FIRST
    if new_authority:
        return Step.ASKED
    present = read(folder / AUTHORITY)
    if present.not_valid_after_utc - now < RENEWED_BEFORE:
        return Step.ENDING
    if not _permits(present, names):
        raise OutsideError(
            "有名称超出证书机构的范围：加 --new-authority 重建，手机须重新接入 / names outside the"
            " authority: --new-authority makes another, and every phone enrols again"
        )
    return Step.KEPT


def _of_server(folder: Path, names: Names, now: datetime) -> Step:
    if not (folder / SERVER).exists() or not (folder / SERVER_KEY).exists():
        return Step.FIRST
    present = read(folder / SERVER)
    if names_of(present) != names:
        return Step.NAMES
    is_ending = present.not_valid_after_utc - now < RENEWED_BEFORE
    return Step.ENDING if is_ending else Step.KEPT


def _permits(authority: x509.Certificate, names: Names) -> bool:
    try:
        permitted = authority.extensions.get_extension_for_class(x509.NameConstraints).value
    except x509.ExtensionNotFound:
        return True
    subtrees = permitted.permitted_subtrees or []
    hosts = [tree.value for tree in subtrees if isinstance(tree, x509.DNSName)]
    networks = [ip_network(tree.value) for tree in subtrees if isinstance(tree, x509.IPAddress)]
    return all(
        any(host == tree or host.endswith(f".{tree}") for tree in hosts) for host in names.hosts
    ) and all(any(address in network for network in networks) for address in names.addresses)


def _make_authority(made: Plan, now: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(f"巡河 xunhe {now:%Y-%m-%d}")
    usage = {"key_cert_sign": True, "crl_sign": True}
    builder = (
        _builder(name, name, key, now, AUTHORITY_HOLDS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(**usage), critical=True)
    )
    if made.is_constrained:
        builder = builder.add_extension(_constraints(made.names), critical=True)
    _write_key(made.folder / AUTHORITY_KEY, key)
    write_whole(made.folder / AUTHORITY, _pem(builder.sign(key, hashes.SHA256())), 0o644)


def _make_server(folder: Path, names: Names, now: datetime) -> None:
    authority = read(folder / AUTHORITY)
    signer = serialization.load_pem_private_key((folder / AUTHORITY_KEY).read_bytes(), None)
    if not isinstance(signer, ec.EllipticCurvePrivateKey):
        raise ValueError(f"{folder / AUTHORITY_KEY} holds no elliptic-curve key")
    key = ec.generate_private_key(ec.SECP256R1())
    holds = min(SERVER_HOLDS, authority.not_valid_after_utc - now)
    alternative = [*map(x509.DNSName, names.hosts), *map(x509.IPAddress, names.addresses)]
    signers = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    builder = (
        _builder(_name("巡河网关 xunhe gateway"), authority.subject, key, now, holds)
        .add_extension(x509.SubjectAlternativeName(alternative), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(signers, critical=False)
    )
    _write_key(folder / SERVER_KEY, key)
    write_whole(folder / SERVER, _pem(builder.sign(signer, hashes.SHA256())), 0o644)


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    now: datetime,
    holds: timedelta,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACK)
        .not_valid_after(now + holds)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _constraints(names: Names) -> x509.NameConstraints:
    permitted: list[x509.GeneralName] = [x509.DNSName(host) for host in names.hosts]
    permitted += [x509.IPAddress(ip_network(text)) for text in _PRIVATE]
    private = [ip_network(text) for text in _PRIVATE]
    public = [a for a in names.addresses if not any(a in network for network in private)]
    permitted += [x509.IPAddress(ip_network(address)) for address in public]
    return x509.NameConstraints(permitted_subtrees=permitted, excluded_subtrees=None)


def _key_usage(**used: bool) -> x509.KeyUsage:
    every = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{name: used.get(name, False) for name in every})


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    text = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    write_whole(path, text, 0o600)


def write_whole(path: Path, data: bytes, mode: int) -> None:
    """Whole or not at all, and never readable by others on the way."""
    beside = path.with_suffix(".new")
    beside.unlink(missing_ok=True)
    with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
