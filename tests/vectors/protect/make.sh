#!/bin/bash
# Makes the vectors of this folder with other software: OpenSSL 3.5's `openssl cmp` (whole messages,
# as its client sends them and as its mock server answers), Python's hashlib (PBMAC1 values) and
# PyCryptodome (macs.py).
#   OPENSSL=/path/to/openssl ./make.sh
# Keys are thrown away; certificates hold for a century. Tests take `now` from each message.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
openssl=${OPENSSL:-openssl}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rm -f ./*.der ./*.pem ./*.txt

quiet() { "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; return 1; }; }

# ---- certificates: one root, and a leaf of each kind of key
cat >"$work/extensions" <<'END'
[req]
distinguished_name = dn
[dn]
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign,digitalSignature
subjectKeyIdentifier = hash
[leaf]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[server]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = 1.3.6.1.5.5.7.3.27
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
END
quiet "$openssl" genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/ca.key"
quiet "$openssl" req -x509 -new -key "$work/ca.key" -subj "/O=Vectors/CN=Root" -days 36500 \
  -config "$work/extensions" -extensions ca -out ca.pem

certify() {  # NAME SECTION SUBJECT GENPKEY-OPTIONS…
  local name=$1 section=$2 subject=$3
  shift 3
  quiet "$openssl" genpkey "$@" -out "$work/$name.key"
  quiet "$openssl" req -new -key "$work/$name.key" -subj "$subject" -config "$work/extensions" \
    -out "$work/$name.csr"
  quiet "$openssl" x509 -req -in "$work/$name.csr" -CA ca.pem -CAkey "$work/ca.key" -days 36500 \
    -extfile "$work/extensions" -extensions "$section" -out "$work/$name.pem"
}

# ---- signed requests
ask=(cmp -cmd ir -server 127.0.0.1:1 -newkey "$work/ca.key" -recipient "/O=Vectors/CN=Root"
  -subject "/O=Vectors/CN=wanted" -verbosity 3)
signed() {  # NAME DIGEST GENPKEY-OPTIONS…
  local name=$1 digest=$2
  shift 2
  certify "$name" leaf "/O=Vectors/CN=$name" "$@"
  quiet "$openssl" "${ask[@]}" -digest "$digest" -cert "$work/$name.pem" -key "$work/$name.key" \
    -reqout_only "signed-$name.der"
}
signed rsa-sha256 sha256 -algorithm RSA -pkeyopt rsa_keygen_bits:2048
signed rsa-sha512 sha512 -algorithm RSA -pkeyopt rsa_keygen_bits:3072
signed rsa-pss-sha256 sha256 -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048
signed ecdsa-p256 sha256 -algorithm EC -pkeyopt ec_paramgen_curve:P-256
signed ecdsa-p384 sha384 -algorithm EC -pkeyopt ec_paramgen_curve:P-384
signed ecdsa-p521 sha512 -algorithm EC -pkeyopt ec_paramgen_curve:P-521
signed ed25519 sha256 -algorithm ED25519
signed ed448 sha256 -algorithm ED448
for size in 44 65 87; do signed ml-dsa-$size sha256 -algorithm ML-DSA-$size; done
# SHA-1, which is refused
signed ecdsa-sha1 sha1 -algorithm EC -pkeyopt ec_paramgen_curve:P-256

# ---- requests under PasswordBasedMac; the secret is "an agreed secret", the reference "device-7"
maced() {  # NAME OPTIONS…
  local name=$1
  shift
  quiet "$openssl" "${ask[@]}" -ref device-7 -secret "pass:an agreed secret" "$@" \
    -reqout_only "mac-$name.der"
}
maced default
maced hmac-sha256 -mac hmacWithSHA256
maced sha224-hmac-sha224 -digest sha224 -mac hmacWithSHA224
maced sha384-hmac-sha384 -digest sha384 -mac hmacWithSHA384
maced sha512-hmac-sha512 -digest sha512 -mac hmacWithSHA512
maced sha3-256-hmac-sha256 -digest sha3-256 -mac hmacWithSHA256
# refused: SHA-1 as owf
maced owf-sha1 -digest sha1 -mac hmacWithSHA256

# ---- answers of the mock server, MAC'd and signed
certify server server "/O=Vectors/CN=Server" -algorithm EC -pkeyopt ec_paramgen_curve:P-256
certify stranger leaf "/O=Vectors/CN=Stranger" -algorithm EC -pkeyopt ec_paramgen_curve:P-256
answered() {  # NAME OPTIONS…
  local name=$1
  shift
  quiet "$openssl" cmp -cmd ir -use_mock_srv -newkey "$work/ca.key" -verbosity 3 -disable_confirm \
    -recipient "/O=Vectors/CN=Root" -subject "/O=Vectors/CN=wanted" -rsp_cert ca.pem -certout "$work/enrolled.pem" "$@" \
    -rspout "$name.der"
}
answered answer-mac -ref device-7 -secret "pass:an agreed secret" -srv_ref device-7 \
  -srv_secret "pass:an agreed secret"
for signer in server stranger; do
  answered answer-$signer -cert "$work/ed25519.pem" -key "$work/ed25519.key" -trusted ca.pem \
    -srv_cert "$work/$signer.pem" -srv_key "$work/$signer.key" -srv_trusted ca.pem
done

# ---- PBMAC1: algorithm, secret, data, value in hexadecimal, one a line
python3 - >pbmac1.txt <<'END'
import hashlib, hmac

def tlv(tag, body):
    n = len(body)
    size = bytes([n]) if n < 128 else bytes([0x80 | (n.bit_length() + 7) // 8]) + n.to_bytes((n.bit_length() + 7) // 8, "big")
    return bytes([tag]) + size + body
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
null = b"\x05\x00"
arc = {"sha224": 8, "sha256": 9, "sha384": 10, "sha512": 11}
def hmac_id(d, parameters=null): return seq(oid(f"1.2.840.113549.2.{arc[d]}"), parameters)

print("# made by make.sh with Python's hashlib: prf mac algorithm secret data value")
secret, data = b"an agreed secret", bytes(range(32))
for prf in arc:
    for mac in arc:
        for length in (None, 16, 64):
            salt = hashlib.sha256(f"{prf}{mac}{length}".encode()).digest()[:16]
            size = length or hashlib.new(mac).digest_size
            kdf = seq(oid("1.2.840.113549.1.5.12"),
                      seq(tlv(4, salt), integer(1000), integer(length) if length else b"", hmac_id(prf)))
            algorithm = seq(oid("1.2.840.113549.1.5.14"), seq(kdf, hmac_id(mac, b"" if length == 16 else null)))
            key = hashlib.pbkdf2_hmac(prf, secret, salt, 1000, size)
            print(prf, mac, algorithm.hex(), secret.hex(), data.hex(), hmac.new(key, data, mac).hexdigest())
END
python3 ./macs.py >macs.txt
ls -l ./*.der | awk '{print $5, $9}'
