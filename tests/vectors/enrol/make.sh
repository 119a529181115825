#!/bin/bash
# Makes the proofs of possession of this folder with other software: OpenSSL 3.5's `openssl cmp`
# and `openssl req` (whole messages and requests), and Python with `openssl dgst` for poposkInput,
# which OpenSSL does not write.
#   OPENSSL=/path/to/openssl ./make.sh
# Keys are thrown away. The shared secret is "an agreed secret", the reference "device-7".
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
openssl=${OPENSSL:-openssl}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rm -f ./*.der

quiet() { "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; return 1; }; }
key() {  # NAME GENPKEY-OPTIONS…
  local name=$1
  shift
  quiet "$openssl" genpkey "$@" -out "$work/$name.key"
}
key rsa -algorithm RSA -pkeyopt rsa_keygen_bits:2048
key p256 -algorithm EC -pkeyopt group:P-256
key p384 -algorithm EC -pkeyopt group:P-384
key p521 -algorithm EC -pkeyopt group:P-521
key ed25519 -algorithm ED25519
key ed448 -algorithm ED448
for size in 44 65 87; do key ml-dsa-$size -algorithm ML-DSA-$size; done
key slh-dsa-sha2-128f -algorithm SLH-DSA-SHA2-128f
key slh-dsa-shake-128s -algorithm SLH-DSA-SHAKE-128s

# ---- CRMF: whole ir messages
asked() {  # NAME KEY OPTIONS…
  local name=$1 key=$2
  shift 2
  quiet "$openssl" cmp -cmd ir -server 127.0.0.1:1 -newkey "$work/$key.key" -recipient "/CN=CA" \
    -ref device-7 -secret "pass:an agreed secret" -verbosity 3 "$@" -reqout_only "ir-$name.der"
}
for kind in rsa p256 p384 p521 ed25519 ed448 ml-dsa-44 ml-dsa-65 ml-dsa-87 \
  slh-dsa-sha2-128f slh-dsa-shake-128s; do
  asked $kind $kind -subject "/CN=device-7"
done
asked p256-sha3-256 p256 -subject "/CN=device-7" -digest sha3-256
asked rsa-sha3-512 rsa -subject "/CN=device-7" -digest sha3-512
asked sha1 p256 -subject "/CN=device-7" -digest sha1 -mac hmacWithSHA256
asked ra-verified p256 -subject "/CN=device-7" -popo 0
asked central-key p256 -subject "/CN=device-7" -popo -1 -newkeyout "$work/central.key"
asked key-encipherment rsa -subject "/CN=device-7" -popo 2
asked san-only p256 -subject "/" -sans "critical device-7.example 192.0.2.7"
asked no-subject p256 -sans "device-7.example"
asked days p256 -subject "/CN=device-7" -days 30

# ---- PKCS #10
for kind in rsa p256 ed25519 ml-dsa-44 slh-dsa-sha2-128f; do
  quiet "$openssl" req -new -key "$work/$kind.key" -subj "/CN=device-7" -outform DER \
    -addext "subjectAltName=DNS:device-7.example" -out "csr-$kind.der"
done
quiet "$openssl" req -new -sha1 -key "$work/rsa.key" -subj "/CN=device-7" -outform DER -out csr-sha1.der

# ---- poposkInput: CertReqMessages of one request without subject
quiet "$openssl" pkey -in "$work/p256.key" -pubout -outform DER -out "$work/p256.spki"
OPENSSL=$openssl python3 - "$work" <<'END'
import hashlib, hmac, os, subprocess, sys
work = sys.argv[1]

def tlv(tag, body):
    n = len(body)
    octets = n.to_bytes((n.bit_length() + 7) // 8, "big")
    return bytes([tag]) + (bytes([n]) if n < 128 else bytes([0x80 | len(octets)]) + octets) + body
def seq(*parts): return tlv(0x30, b"".join(parts))
def integer(v): return tlv(2, v.to_bytes(v.bit_length() // 8 + 1, "big"))
def oid(dotted):
    arcs = [int(a) for a in dotted.split(".")]
    out = b""
    for arc in [arcs[0] * 40 + arcs[1]] + arcs[2:]:
        groups = [arc & 0x7F]
        while arc := arc >> 7: groups.append(0x80 | (arc & 0x7F))
        out += bytes(reversed(groups))
    return tlv(6, out)
def bits(octets): return tlv(3, b"\x00" + octets)
def name(cn): return seq(tlv(0x31, seq(oid("2.5.4.3"), tlv(0x0C, cn.encode()))))
def sign(tbs):
    open(f"{work}/tbs", "wb").write(tbs)
    return subprocess.run([os.environ["OPENSSL"], "dgst", "-sha256", "-sign", f"{work}/p256.key", f"{work}/tbs"],
                          check=True, capture_output=True).stdout

spki = open(f"{work}/p256.spki", "rb").read()
def template(*parts): return seq(*parts, tlv(0xA6, spki[2:]) if spki[1] < 128 else b"")
def request(cert_request, input_body, signature):
    alg = seq(oid("1.2.840.10045.4.3.2"))
    return seq(seq(cert_request, tlv(0xA1, (tlv(0xA0, input_body) if input_body else b"") + alg + bits(signature))))
def write(what, octets): open(f"popo-{what}.der", "wb").write(octets)

def mac(secret, key):
    salt, count = hashlib.sha256(b"salt").digest()[:16], 1000
    base = secret + salt
    for _ in range(count): base = hashlib.sha256(base).digest()
    pbm = seq(tlv(4, salt), seq(oid("2.16.840.1.101.3.4.2.1")), integer(count), seq(oid("1.2.840.113549.2.9")))
    return seq(seq(oid("1.2.840.113533.7.66.13"), pbm), bits(hmac.new(base, key, "sha256").digest()))

bare = seq(integer(0), template())
named = seq(integer(0), template(tlv(0xA5, name("device-7"))))
other = bytearray(spki); other[-1] ^= 1; other = bytes(other)

def with_input(what, cert_request, auth_info, key=spki):
    body = auth_info + key
    write(what, request(cert_request, body, sign(tlv(0x30, body))))
with_input("sender", bare, tlv(0xA0, tlv(0xA4, name("device-7"))))
with_input("sender-differs", bare, tlv(0xA0, tlv(0xA4, name("device-8"))))
with_input("mac", bare, mac(b"an agreed secret", spki))
with_input("mac-differs", bare, mac(b"another secret", spki))
with_input("key-differs", bare, mac(b"an agreed secret", other), other)
with_input("input-present", named, mac(b"an agreed secret", spki))
write("input-missing", request(bare, b"", sign(bare)))
write("template-changed", request(seq(integer(0), template(tlv(0xA5, name("device-8")))), b"", sign(named)))
write("absent", seq(seq(named)))
body = mac(b"an agreed secret", spki) + spki
write("input-unsigned", request(bare, body, sign(bare)))
END
ls -l ./*.der | awk '{print $5, $9}'
