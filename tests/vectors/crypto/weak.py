"""Makes the vectors of weak/: public keys that are weak on purpose, from Python's own integers, and
what Debian's openssl-blacklist(1) would say of one of them, from the openssl command line. Keys are
new each time. Needs pyca cryptography for the encoding.
   OPENSSL=/path/to/openssl python3 weak.py"""
import hashlib
import math
import os
import pathlib
import secrets
import subprocess
import sys

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

HERE = pathlib.Path(__file__).resolve().parent / "weak"
SMALL = [p for p in range(3, 2000, 2) if all(p % d for d in range(3, math.isqrt(p) + 1, 2))]


def is_prime(n):
    if n < 2 or any(n % p == 0 and n != p for p in [2] + SMALL):
        return False
    s = ((n - 1) & (1 - n)).bit_length() - 1
    for _ in range(30):
        x = pow(secrets.randbelow(n - 3) + 2, (n - 1) >> s, n)
        if x in (1, n - 1):
            continue
        for _ in range(s - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


def next_prime(n):
    n |= 1
    while not is_prime(n):
        n += 2
    return n


def prime(bits):
    """With its two highest bits set, so that a product of two has twice the length."""
    return next_prime(secrets.randbits(bits) | 3 << (bits - 2))


def odd(bits):
    return secrets.randbits(bits) | 3 << (bits - 2) | 1


def infineon_prime(bits, primes_of_m):
    """k*M + (65537^a mod M): Nemec et al. 2017, §2."""
    m = math.prod([2] + SMALL[:primes_of_m - 1])
    while True:
        rest = pow(65537, secrets.randbelow(m), m)
        k = secrets.randbits(bits - m.bit_length())
        candidate = (3 << (bits - 2)) // m * m + k * m + rest
        if candidate.bit_length() == bits and is_prime(candidate):
            return candidate


def write(name, modulus, exponent=65537):
    spki = RSAPublicNumbers(exponent, modulus).public_key()
    pem = spki.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (HERE / f"{name}.pub.pem").write_bytes(pem)


def rounds_of_fermat(p, q):
    """Squares that are tried until (p - q) / 2 is met."""
    root = math.isqrt(p * q - 1) + 1
    return (p + q) // 2 - root + 1


def close_pair(wanted):
    """Two primes of 1024 bits that Fermat's method finds in exactly that many rounds."""
    p = prime(1024)
    while True:
        # rounds - 1 is about (q - p)^2 / (8 p)
        q = next_prime(p + math.isqrt(8 * p * (wanted - 1)) + secrets.randbelow(1 << 500))
        if rounds_of_fermat(p, q) == wanted:
            return p, q
        p = prime(1024)


class Curve:
    """a*x^2 + y^2 = 1 + d*x^2*y^2 modulo p; the points of the whole group by RFC 8032 §5."""

    def __init__(self, name, p, a, d, order, octets):
        self.name, self.p, self.a, self.d, self.order, self.octets = name, p, a % p, d % p, order, octets

    def x(self, y):
        p = self.p
        square = (y * y - 1) * pow(self.d * y * y - self.a, -1, p) % p
        if p % 4 == 3:
            x = pow(square, (p + 1) // 4, p)
        else:
            x = pow(square, (p + 3) // 8, p)
            if x * x % p != square:
                x = x * pow(2, (p - 1) // 4, p) % p
        return x if x * x % p == square else None

    def add(self, s, t):
        p, w = self.p, self.d * s[0] * t[0] * s[1] * t[1]
        return ((s[0] * t[1] + t[0] * s[1]) * pow(1 + w, -1, p) % p,
                (s[1] * t[1] - self.a * s[0] * t[0]) * pow(1 - w, -1, p) % p)

    def times(self, k, point):
        out = (0, 1)
        while k:
            out = self.add(out, point) if k & 1 else out
            point, k = self.add(point, point), k >> 1
        return out

    def small_order(self):
        found = set()
        for _ in range(100):  # any point times the order of the base point
            y = secrets.randbelow(self.p)
            if (x := self.x(y)) is not None:
                found.add(self.times(self.order, (x, y)))
        return sorted(found)

    def encode(self, point):
        octets = bytearray(point[1].to_bytes(self.octets, "little"))
        octets[-1] |= (point[0] & 1) << 7
        return octets.hex()


CURVES = [Curve("ed25519", 2**255 - 19, -1, -121665 * pow(121666, -1, 2**255 - 19),
                2**252 + 27742317777372353535851937790883648493, 32),
          Curve("ed448", 2**448 - 2**224 - 1, 1, -39081,
                2**446 - 13818066809895115352007386748515426880336692474882178609894547503885, 57)]


def write_points():
    with open(HERE / "small-order.txt", "w") as out:
        for curve in CURVES:
            for point in curve.small_order():
                print(curve.name, curve.encode(point), file=out)


def main():
    HERE.mkdir(exist_ok=True)
    write_points()
    write("factor-3", 3 * odd(2047))
    write("factor-751", 751 * prime(2040))
    write("factor-757", 757 * prime(2040))  # the first prime that is not looked for
    write("square", prime(1024) ** 2)
    write("cube", prime(683) ** 3)
    write("fifth-power", prime(410) ** 5)
    write("thirteenth-power", prime(158) ** 13)
    write("roca-2048", infineon_prime(1024, 126) * infineon_prime(1024, 126))
    write("roca-4096", infineon_prime(2048, 225) * infineon_prime(2048, 225))
    write("roca-one-prime", infineon_prime(1024, 126) * prime(1024))
    p = prime(1024)
    write("neighbours", p * next_prime(p + 2))
    for rounds in (2, 100, 101):
        p, q = close_pair(rounds)
        write(f"fermat-{rounds}", p * q)
    write("good-2048", prime(1024) * prime(1024))
    write("good-3072", prime(1536) * prime(1536))
    write("good-4096", prime(2048) * prime(2048))
    write("bits-2049", prime(1024) * prime(1025))
    good = prime(1024) * prime(1024)
    write("exponent-3", good, 3)
    write("exponent-17", good, 17)

    shown = subprocess.run([os.environ.get("OPENSSL", "openssl"), "rsa", "-pubin", "-noout",
                            "-modulus", "-in", HERE / "good-2048.pub.pem"],
                           check=True, capture_output=True).stdout
    (HERE / "good-2048.blacklist").write_text(
        "# as openssl-vulnkey(1) describes it\n" + hashlib.sha1(shown).hexdigest()[20:] + "\n")


sys.exit(main())
