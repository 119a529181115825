#!/usr/bin/env python3
"""Signs a certificate anew with a SHAKE algorithm of RFC 8702, which openssl has no way to do.

  shake.py NAME KEY CERTIFICATE   NAME is ecdsa-shake128 or ecdsa-shake256

Needs PyCryptodome (Debian: python3-pycryptodome).
"""
import sys

from Cryptodome.Hash import SHAKE128, SHAKE256
from Cryptodome.IO import PEM
from Cryptodome.PublicKey import ECC
from Cryptodome.Signature import DSS
from Cryptodome.Util.asn1 import DerBitString, DerObjectId, DerSequence

OIDS = {
    "ecdsa-shake128": "1.3.6.1.5.5.7.6.32",
    "ecdsa-shake256": "1.3.6.1.5.5.7.6.33",
}


class Shake:
    """SHAKE with a fixed output, in the form of PyCryptodome's hash objects."""

    def __init__(self, name, data=b""):
        self.name = name
        self.xof = SHAKE128 if name.endswith("128") else SHAKE256
        self.digest_size = 32 if name.endswith("128") else 64
        # That of SHA-3 of the same size: its list of what fits a curve lacks SHAKE. Not signed.
        self.oid = "2.16.840.1.101.3.4.2." + ("8" if name.endswith("128") else "10")
        self.data = data

    def new(self, data=b""):
        return Shake(self.name, data)

    def update(self, data):
        self.data += data

    def digest(self):
        return self.xof.new(self.data).read(self.digest_size)


def main(name, key_file, certificate_file):
    with open(certificate_file, encoding="ascii") as file:
        certificate = DerSequence().decode(PEM.decode(file.read())[0])
    algorithm = DerSequence([DerObjectId(OIDS[name])]).encode()
    tbs = DerSequence().decode(certificate[0])
    tbs[2] = algorithm  # version, serialNumber, signature, …
    signed = tbs.encode()
    digest = Shake(name, signed)
    with open(key_file, encoding="ascii") as file:
        text = file.read()
    signer = DSS.new(ECC.import_key(text), "fips-186-3", encoding="der")
    signature = DerBitString(signer.sign(digest)).encode()
    with open(certificate_file, "w", encoding="ascii") as file:
        file.write(PEM.encode(DerSequence([signed, algorithm, signature]).encode(), "CERTIFICATE") + "\n")


main(*sys.argv[1:])
