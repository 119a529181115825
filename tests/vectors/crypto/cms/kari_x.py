#!/usr/bin/env python3
"""Makes the kari-x*.der vectors: EnvelopedData for X25519 and X448 by the text of RFC 8418 and RFC
5753, with pyca/cryptography (40 or later) alone. The openssl program knows neither key in CMS. Each run
makes new ephemeral keys and so changes the files."""
import os, pathlib
from cryptography.hazmat.primitives import hashes, padding
from cryptography.hazmat.primitives.asymmetric.x448 import X448PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.x963kdf import X963KDF
from cryptography.hazmat.primitives.keywrap import aes_key_wrap
from cryptography.hazmat.primitives.serialization import load_pem_private_key

HERE = pathlib.Path(__file__).parent
X25519, X448 = "1.3.101.110", "1.3.101.111"
HKDF_SHA256, HKDF_SHA384, HKDF_SHA512 = (f"1.2.840.113549.1.9.16.3.{n}" for n in (19, 20, 21))
X963_SHA256 = "1.3.132.1.11.1"
AES128_WRAP, AES256_WRAP = "2.16.840.1.101.3.4.1.5", "2.16.840.1.101.3.4.1.45"
AES128_CBC, AES256_CBC = "2.16.840.1.101.3.4.1.2", "2.16.840.1.101.3.4.1.42"
DATA, ENVELOPED = "1.2.840.113549.1.7.1", "1.2.840.113549.1.7.3"


def tlv(tag, *content):
    content = b"".join(content)
    size = len(content)
    length = bytes([size]) if size < 128 else bytes([0x81, size]) if size < 256 else \
        bytes([0x82]) + size.to_bytes(2, "big")
    return bytes([tag]) + length + content


def oid(dotted):
    first, second, *rest = map(int, dotted.split("."))
    out = b""
    for arc in [first * 40 + second, *rest]:
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.insert(0, 0x80 | arc & 0x7F)
        out += bytes(groups)
    return tlv(6, out)


def sequence(*content): return tlv(0x30, *content)
def octets(content): return tlv(4, content)


# RFC 8418 §2: the ukm is entityUInfo, and with HKDF the salt as well.
def derive(scheme, secret, wrap, ukm, size):
    info = sequence(wrap, tlv(0xA0, octets(ukm)) if ukm else b"",
                    tlv(0xA2, octets((size * 8).to_bytes(4, "big"))))
    if scheme == X963_SHA256:
        return X963KDF(hashes.SHA256(), size, info).derive(secret)
    digest = {HKDF_SHA256: hashes.SHA256, HKDF_SHA384: hashes.SHA384, HKDF_SHA512: hashes.SHA512}
    return HKDF(digest[scheme](), size, ukm, info).derive(secret)


def make(name, holder, curve, scheme, size, ukm):
    recipient = load_pem_private_key((HERE / f"{holder}.key.pem").read_bytes(), None)
    ephemeral = {X25519: X25519PrivateKey, X448: X448PrivateKey}[curve].generate()
    wrap = sequence(oid(AES128_WRAP if size == 16 else AES256_WRAP))
    kek = derive(scheme, ephemeral.exchange(recipient.public_key()), wrap, ukm, size)
    key, iv = os.urandom(size), os.urandom(16)
    # RFC 5652 §6.2.2
    kari = tlv(0xA1, tlv(2, b"\3"),
               tlv(0xA0, tlv(0xA1, sequence(oid(curve)),
                             tlv(3, b"\0", ephemeral.public_key().public_bytes_raw()))),
               tlv(0xA1, octets(ukm)) if ukm else b"",
               sequence(oid(scheme), wrap),
               sequence(sequence(tlv(0xA0, octets(b"\1\2\3\4")), octets(aes_key_wrap(kek, key)))))
    pad = padding.PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    encrypted = encryptor.update(pad.update(b"for one pair of eyes") + pad.finalize())
    content = sequence(oid(DATA),
                       sequence(oid(AES128_CBC if size == 16 else AES256_CBC), octets(iv)),
                       tlv(0x80, encrypted + encryptor.finalize()))
    enveloped = sequence(tlv(2, b"\2"), tlv(0x31, kari), content)
    (HERE / f"{name}.der").write_bytes(sequence(oid(ENVELOPED), tlv(0xA0, enveloped)))


make("kari-x25519", "x25519", X25519, HKDF_SHA256, 32, os.urandom(32))
make("kari-x25519-no-ukm", "x25519", X25519, HKDF_SHA256, 16, None)
make("kari-x25519-x963", "x25519", X25519, X963_SHA256, 16, os.urandom(16))
make("kari-x448", "x448", X448, HKDF_SHA512, 32, os.urandom(64))
make("kari-x448-sha384", "x448", X448, HKDF_SHA384, 32, os.urandom(8))
