"""Ed25519 against RFC 8032, OpenSSL and libsodium; what a lax checker would let through."""

import hashlib
import json
import random
import subprocess
from pathlib import Path

import pytest
from conftest import PATIENCE_S
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.signing import SigningKey

from xunhe_buoy.update import ed25519
from xunhe_buoy.update.sha512 import sha512

HERE = Path(__file__).parent
VECTORS = json.loads((HERE.parent / "vectors" / "ed25519.json").read_text())["signatures"]
ORDER = 2**252 + 27742317777372353535851937790883648493
# Every encoding of a point of order 1, 2, 4 or 8, those with y ≥ p among them.
SMALL_ORDER = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
]


def signed(message=b"xunhe", seed=bytes(range(32))):
    owner = SigningKey(seed)
    return bytes(owner.verify_key), message, owner.sign(message).signature


def scalar_of(signature):
    return int.from_bytes(signature[32:], "little")


def with_scalar(signature, scalar):
    return signature[:32] + scalar.to_bytes(32, "little")


@pytest.mark.parametrize("length", [0, 1, 3, 111, 112, 119, 127, 128, 129, 240, 1000])
def test_sha512_is_what_hashlib_says(length):
    message = bytes(range(250)) * 4
    assert sha512(message[:length]) == hashlib.sha512(message[:length]).digest()


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"].split(", ")[1])
def test_the_vectors_of_rfc_8032_hold(vector):
    key, message, signature = (bytes.fromhex(vector[k]) for k in ("key", "message", "signature"))
    assert ed25519.verify(key, message, signature)
    assert not ed25519.verify(key, message + b"\x00", signature)


@settings(max_examples=25, deadline=None)
@given(st.binary(max_size=300), st.binary(min_size=32, max_size=32))
def test_what_libsodium_signs_is_accepted(message, seed):
    assert ed25519.verify(*signed(message, seed))


def test_what_openssl_signs_is_accepted(tmp_path):
    secret, message, signature = tmp_path / "key", tmp_path / "message", tmp_path / "signature"
    message.write_bytes(b"a manifest")
    for command in (
        f"genpkey -algorithm ed25519 -out {secret}",
        f"pkeyutl -sign -inkey {secret} -rawin -in {message} -out {signature}",
        f"pkey -in {secret} -pubout -outform DER -out {tmp_path / 'public'}",
    ):
        subprocess.run(["openssl", *command.split()], check=True, timeout=PATIENCE_S)
    key = (tmp_path / "public").read_bytes()[-32:]
    assert ed25519.verify(key, b"a manifest", signature.read_bytes())
    assert not ed25519.verify(key, b"A manifest", signature.read_bytes())


def test_one_wrong_bit_anywhere_is_refused():
    key, message, signature = signed()
    rng = random.Random(3)
    for bit in [*range(8), 255, 256, 257, 507, 508, 511, *rng.sample(range(512), 20)]:
        bent = bytearray(signature)
        bent[bit // 8] ^= 1 << bit % 8
        assert not ed25519.verify(key, message, bytes(bent)), f"bit {bit} of the signature"
    for bit in rng.sample(range(256), 20):
        bent = bytearray(key)
        bent[bit // 8] ^= 1 << bit % 8
        assert not ed25519.verify(bytes(bent), message, signature), f"bit {bit} of the key"


def test_a_signature_with_the_order_added_is_refused():
    key, message, signature = signed()
    scalar = scalar_of(signature)
    assert not ed25519.verify(key, message, with_scalar(signature, scalar + ORDER))
    assert not ed25519.verify(key, message, with_scalar(signature, ORDER))
    assert not ed25519.verify(key, message, with_scalar(signature, ORDER - 1))


def test_without_its_limit_the_bent_signature_would_pass(monkeypatch):
    """Negative control: the refusal above comes from the check S < order."""
    key, message, signature = signed()
    bent = with_scalar(signature, scalar_of(signature) + ORDER)
    monkeypatch.setattr(ed25519, "_ORDER", 1 << 255)
    monkeypatch.setattr(ed25519, "sha512", sha512_below_order)
    monkeypatch.setattr(ed25519, "_combine", lambda m, p, n, q: combine(m % ORDER, p, n, q))
    assert ed25519.verify(key, message, bent)


combine = ed25519._combine


def sha512_below_order(data):
    return (int.from_bytes(sha512(data), "little") % ORDER).to_bytes(64, "little")


@pytest.mark.parametrize("key", SMALL_ORDER)
def test_keys_of_small_order_are_refused(key):
    point = ed25519._point(bytes.fromhex(key))
    assert point is None or ed25519._has_small_order(point)
    scalar = (5).to_bytes(32, "little")
    r = ed25519._packed(combine(5, ed25519._BASE, 0, ed25519._BASE))
    assert not ed25519.verify(bytes.fromhex(key), b"anything", r + scalar)


def test_a_key_of_small_order_would_sign_anything_without_the_check(monkeypatch):
    """Negative control: S·B = R + k·0 holds for every message."""
    monkeypatch.setattr(ed25519, "_has_small_order", lambda point: False)
    scalar = (5).to_bytes(32, "little")
    r = ed25519._packed(combine(5, ed25519._BASE, 0, ed25519._BASE))
    assert ed25519.verify(bytes.fromhex(SMALL_ORDER[0]), b"anything", r + scalar)


def test_an_r_of_small_order_is_refused():
    key, message, _ = signed()
    for r in SMALL_ORDER:
        assert not ed25519.verify(key, message, bytes.fromhex(r) + bytes(32))


def test_wrong_sizes_are_refused():
    key, message, signature = signed()
    for bad_key, bad_signature in (
        (key[:-1], signature),
        (key + b"\x00", signature),
        (b"", signature),
        (key, signature[:-1]),
        (key, signature + b"\x00"),
        (key, b""),
    ):
        assert not ed25519.verify(bad_key, message, bad_signature)


def test_random_bytes_are_refused():
    rng = random.Random(4)
    for _ in range(60):
        assert not ed25519.verify(rng.randbytes(32), rng.randbytes(20), rng.randbytes(64))
