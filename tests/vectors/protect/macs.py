#!/usr/bin/env python3
"""Known answers for the MAC protections that Python's standard library cannot make: AES-GMAC and
KMAC inside PasswordBasedMac and PBMAC1, HMAC and KMAC directly. One line each:
name, algorithm (DER), secret, data, value.

Needs PyCryptodome (Debian: python3-pycryptodome) and, for KMAC, the openssl program. RFC 9810 §5.1.3.1, RFC 9044, RFC 8702, RFC 8018.
"""
import hashlib
import hmac
import os
import subprocess

from Cryptodome.Cipher import AES
from Cryptodome.Util.asn1 import DerInteger, DerNull, DerObjectId, DerOctetString, DerSequence

SECRET = b"an agreed secret"
DATA = bytes(range(48))
HASHES = "2.16.840.1.101.3.4.2."
OWF = {"sha224": "4", "sha256": "1", "sha512": "3", "sha3_256": "8"}
HMAC = {"sha224": "8", "sha256": "9", "sha384": "10", "sha512": "11"}
GMAC = {16: "9", 24: "29", 32: "49"}


def algorithm(oid, *parameters):
    return DerSequence([DerObjectId(oid), *parameters])


def gmac(size, nonce):
    parameters = DerSequence([DerOctetString(nonce), DerInteger(16)])
    identifier = algorithm("2.16.840.1.101.3.4.1." + GMAC[size], parameters)

    def value(key):
        cipher = AES.new(key, AES.MODE_GCM, nonce=nonce, mac_len=16)
        cipher.update(DATA)
        return cipher.digest()

    return identifier, value, size


def kmac(bits, length=None, custom=None):
    fields = ([] if length is None else [DerInteger(8 * length)]) + (
        [] if custom is None else [DerOctetString(custom)])
    parameters = [DerSequence(fields)] if fields else []
    identifier = algorithm(HASHES + ("19" if bits == 128 else "20"), *parameters)

    def value(key):
        command = [os.environ.get("OPENSSL", "openssl"), "mac", "-binary",
                   "-macopt", "hexkey:" + key.hex(), "-macopt", f"size:{length or bits // 4}"]
        if custom:
            command += ["-macopt", "hexcustom:" + custom.hex()]
        return subprocess.run([*command, f"KMAC-{bits}"], input=DATA, stdout=subprocess.PIPE,
                              check=True).stdout

    return identifier, value, None


MACS = {
    "aes128-gmac": gmac(16, bytes(range(12))),
    "aes192-gmac": gmac(24, bytes(range(1, 13))),
    "aes256-gmac": gmac(32, bytes(range(2, 14))),
    "aes256-gmac-long-nonce": gmac(32, bytes(range(3, 23))),
    "kmac128": kmac(128),
    "kmac256": kmac(256),
    "kmac128-20-octets": kmac(128, 20),
    "kmac256-customized": kmac(256, None, b"My Tagged Application"),
    "kmac256-40-octets-customized": kmac(256, 40, b"CMP"),
}


def emit(name, identifier, value):
    print(name, identifier.encode().hex(), SECRET.hex(), DATA.hex(), value.hex())


def base_key(owf, salt, count):
    key = SECRET + salt
    for _ in range(count):
        key = hashlib.new(owf, key).digest()
    return key


def expanded(owf, key, size):
    blocks, number = key, 1
    while len(blocks) < size:
        blocks += hashlib.new(owf, str(number).encode() + key).digest()
        number += 1
    return blocks[:size]


print("# made by macs.py with PyCryptodome and openssl: name algorithm secret data value")
for owf, arc in OWF.items():
    for name, (inner, value, size) in MACS.items():
        salt = hashlib.sha256((owf + name).encode()).digest()[:16]
        key = base_key(owf, salt, 500)
        whole = algorithm("1.2.840.113533.7.66.13", DerSequence(
            [DerOctetString(salt), algorithm(HASHES + arc), DerInteger(500), inner]))
        emit("pbm-" + owf + "-" + name, whole, value(key if size is None else expanded(owf, key, size)))
for prf, arc in HMAC.items():
    for name, (inner, value, size) in MACS.items():
        salt = hashlib.sha256((prf + name).encode()).digest()[:16]
        length = size or 32
        given = [] if size and prf == "sha256" else [DerInteger(length)]
        kdf = algorithm("1.2.840.113549.1.5.12", DerSequence(
            [DerOctetString(salt), DerInteger(1000), *given,
             algorithm("1.2.840.113549.2." + arc, DerNull())]))
        whole = algorithm("1.2.840.113549.1.5.14", DerSequence([kdf, inner]))
        emit("pbmac1-" + prf + "-" + name, whole,
             value(hashlib.pbkdf2_hmac(prf, SECRET, salt, 1000, length)))
for digest, arc in HMAC.items():
    for parameters in ([DerNull()], []):
        emit("hmac-" + digest, algorithm("1.2.840.113549.2." + arc, *parameters),
             hmac.new(SECRET, DATA, digest).digest())
for name, (inner, value, size) in MACS.items():
    if size is None:
        emit(name, inner, value(SECRET))
