#!/bin/sh
# Makes the vectors of this folder with the openssl command line (3.5 or later). Keys are new each
# time and are not kept, except those that a test reads; so a run changes every file. Run it only to
# add a vector. What openssl does not know is made with PyCryptodome (Debian: python3-pycryptodome),
# weak keys with pyca cryptography (python3-cryptography).
#   OPENSSL=/path/to/openssl ./make.sh
set -eu
openssl=${OPENSSL:-openssl}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
from=20260101000000Z
to=20360101000000Z

key() { # file, algorithm and its options…
  out=$1; shift
  "$openssl" genpkey -quiet -out "$out" "$@"
}

# --- One self-signed certificate per signature algorithm: key, tbs, algorithm and signature in one.
signature() { # name, key, options of req…
  name=$1; signer=$2; shift 2
  "$openssl" req -x509 -new -key "$signer" -subj "/CN=${name##*/}" -not_before $from -not_after $to \
    -out "$here/signature/$name.pem" "$@"
}
mkdir -p "$here/signature" "$here/keys" "$here/path"
key rsa.key -algorithm RSA -pkeyopt rsa_keygen_bits:2048
key p256.key -algorithm EC -pkeyopt group:P-256
key p384.key -algorithm EC -pkeyopt group:P-384
key p521.key -algorithm EC -pkeyopt group:P-521
for h in sha1 sha224 sha256 sha384 sha512; do signature "rsa-$h" rsa.key "-$h"; done
for h in sha224 sha256 sha384 sha512; do
  signature "rsa-pss-$h" rsa.key "-$h" -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest \
    -sigopt rsa_mgf1_md:$h
done
for h in sha1 sha224 sha256; do signature "ecdsa-$h" p256.key "-$h"; done
signature ecdsa-sha384 p384.key -sha384
signature ecdsa-sha512 p521.key -sha512
for h in sha3-224 sha3-256 sha3-384 sha3-512; do
  signature "rsa-$h" rsa.key "-$h"
  signature "ecdsa-$h" p256.key "-$h"
done
for h in shake128 shake256; do # two of RFC 8702: made with SHA-2, then signed anew
  signature "ecdsa-$h" p256.key
  python3 "$here/shake.py" "ecdsa-$h" p256.key "$here/signature/ecdsa-$h.pem"
done
for size in 128s 128f 192s 192f 256s 256f; do
  for hash in sha2 shake; do
    key slh-dsa.key -algorithm "SLH-DSA-$(echo $hash | tr a-z A-Z)-$size"
    signature "slh-dsa-$hash-$size" slh-dsa.key
  done
done
for a in ed25519 ed448 ml-dsa-44 ml-dsa-65 ml-dsa-87; do
  key "$a.key" -algorithm "$a"
  signature "$a" "$a.key"
done
# Not a row: a salt of another length, MGF1 with another hash.
signature ../keys/pss-salt-20 rsa.key -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:20
signature ../keys/pss-mgf1-sha1 rsa.key -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_mgf1_md:sha1

# --- Keys in every form that is read (passphrase "open sesame") and some that are refused.
cp p256.key "$here/keys/pkcs8-p256.pem"
cp ml-dsa-65.key "$here/keys/pkcs8-ml-dsa-65.pem"
"$openssl" ec -in p256.key -out "$here/keys/sec1-p256.pem" 2>/dev/null
"$openssl" rsa -in rsa.key -traditional -out "$here/keys/pkcs1-rsa2048.pem" 2>/dev/null
"$openssl" pkcs8 -topk8 -in p256.key -out "$here/keys/pbes2-pbkdf2-p256.pem" -passout "pass:open sesame"
"$openssl" pkcs8 -topk8 -in p256.key -scrypt -out "$here/keys/pbes2-scrypt-p256.pem" -passout "pass:open sesame"
public() { "$openssl" pkey -in "$1" -pubout -out "$here/keys/$2.pub.pem"; }
public p256.key p256
public rsa.key rsa2048
key rsa1024.key -algorithm RSA -pkeyopt rsa_keygen_bits:1024
public rsa1024.key rsa1024
key rsa-e3.key -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_keygen_pubexp:3
public rsa-e3.key rsa2048-e3
key p224.key -algorithm EC -pkeyopt group:P-224
public p224.key p224
key explicit.key -algorithm EC -pkeyopt group:P-256 -pkeyopt ec_param_enc:explicit
public explicit.key p256-explicit
"$openssl" ec -in p256.key -pubout -conv_form compressed -out "$here/keys/p256-compressed.pub.pem" 2>/dev/null
key pss.key -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048
public pss.key rsa-pss
for a in X25519 ML-KEM-768; do key "$a.key" -algorithm $a; public "$a.key" "$(echo $a | tr A-Z a-z)"; done

# --- Chains. Each certificate has its name as CN, unless `subject` says otherwise.
certificate() { # name, issuer (or its own name), extensions, from, to, more options of req…
  name=$1; issuer=$2; extensions=$3; begin=$4; end=$5; shift 5
  [ -f "$name.key" ] || key "$name.key" -algorithm EC -pkeyopt group:P-256
  rm -f "$here/path/$name.pem"
  printf '[req]\ndistinguished_name=dn\n[dn]\n[x]\n%b' "$extensions" > x.cnf
  set -- "$@" -x509 -new -config x.cnf -extensions x -key "$name.key" -subj "${subject:-/CN=$name}" \
    -not_before "$begin" -not_after "$end" -out "$here/path/$name.pem"
  [ "$issuer" = "$name" ] || set -- "$@" -CA "$here/path/$issuer.pem" -CAkey "$issuer.key"
  "$openssl" req "$@" 2>&1 | grep -v "^Warning: Not using -key" || true
  [ -s "$here/path/$name.pem" ]
}
ids='subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n'
ca="basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n$ids"
signs="basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\n$ids"
certificate root root "$ca" $from $to
certificate other-root other-root "$ca" $from $to
certificate issuing root "$ca" $from $to
certificate leaf issuing "$signs" $from $to
certificate leaf-no-key-usage issuing "basicConstraints=CA:FALSE\n$ids" $from $to
certificate leaf-encipherment issuing "basicConstraints=CA:FALSE\nkeyUsage=critical,keyEncipherment\n$ids" $from $to
certificate leaf-short issuing "$signs" 20260301000000Z 20260401000000Z
certificate leaf-sha1 issuing "$signs" $from $to -sha1
certificate leaf-critical issuing "$signs"'1.3.6.1.4.1.99999.1=critical,ASN1:NULL\n' $from $to
certificate issuing-short root "$ca" 20260301000000Z 20260401000000Z
certificate leaf-of-short issuing-short "$signs" $from $to
certificate leaf-of-leaf leaf "$signs" $from $to
certificate no-cert-sign root "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,cRLSign\n$ids" $from $to
certificate leaf-of-no-cert-sign no-cert-sign "$signs" $from $to
certificate length-0 root "basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign\n$ids" $from $to
certificate below-length-0 length-0 "$ca" $from $to
certificate leaf-below-length-0 below-length-0 "$signs" $from $to
certificate constrained root "$ca"'nameConstraints=critical,permitted;DNS:example.com,excluded;DNS:secret.example.com\n' $from $to
certificate leaf-permitted constrained "$signs"'subjectAltName=DNS:a.example.com\n' $from $to
certificate leaf-not-permitted constrained "$signs"'subjectAltName=DNS:a.example.org\n' $from $to
certificate leaf-excluded constrained "$signs"'subjectAltName=DNS:a.secret.example.com\n' $from $to
certificate self-signed self-signed "$signs" $from $to
cp rsa1024.key rsa1024-leaf.key
certificate rsa1024-leaf issuing "$signs" $from $to
# Two CAs that certify each other, and a leaf below.
certificate loop-a loop-a "$ca" $from $to
certificate loop-b loop-a "$ca" $from $to
cp loop-a.key loop-a-by-b.key
subject=/CN=loop-a certificate loop-a-by-b loop-b "$ca" $from $to
certificate leaf-of-loop loop-a-by-b "$signs" $from $to
# An issuer of the same name as `issuing` with another key, without key identifiers.
plain='basicConstraints=critical,CA:TRUE\nsubjectKeyIdentifier=none\nauthorityKeyIdentifier=none\n'
subject=/CN=impostor certificate impostor root "$plain" $from $to
certificate leaf-of-impostor impostor 'basicConstraints=CA:FALSE\nsubjectKeyIdentifier=none\nauthorityKeyIdentifier=none\n' $from $to
subject=/CN=impostor certificate impostor-other-key root "$plain" $from $to
# A chain of twelve.
above=root
for i in 1 2 3 4 5 6 7 8 9 10 11; do certificate "deep-$i" $above "$ca" $from $to; above=deep-$i; done
certificate leaf-deep-9 deep-9 "$signs" $from $to
certificate leaf-deep-8 deep-8 "$signs" $from $to

# --- Key derivation and MAC: "name value…" in hexadecimal, one a line.
{
  printf 'secret' > base; printf 'saltsaltsaltsalt' >> base
  "$openssl" dgst -sha256 -binary base > key
  i=1
  while [ $i -lt 100 ]; do "$openssl" dgst -sha256 -binary key > next; mv next key; i=$((i + 1)); done
  echo "# PasswordBasedMac key: SHA-256, secret 'secret', salt 'saltsaltsaltsalt', 100 times"
  echo "pbm-sha256-100 $(od -An -v -tx1 key | tr -d ' \n')"
  for h in SHA1 SHA256 SHA512; do
    echo "# PBKDF2 HMAC-$h: password, salt 'saltsaltsaltsalt', 1000 rounds, 40 octets"
    echo "pbkdf2-$(echo $h | tr A-Z a-z) $("$openssl" kdf -keylen 40 -kdfopt digest:$h -kdfopt pass:password \
      -kdfopt salt:saltsaltsaltsalt -kdfopt iter:1000 PBKDF2 | tr -d ':\n' | tr A-F a-f)"
  done
  echo "# AES-GMAC: key of octets 42, nonce 00 to 0b, 'header and body'"
  for bits in 128 192 256; do
    octets=$(head -c $((bits / 8)) /dev/zero | tr '\0' B | od -An -v -tx1 | tr -d ' \n')
    echo "gmac-$bits $(printf 'header and body' | "$openssl" mac -cipher AES-$bits-GCM \
      -macopt "hexkey:$octets" -macopt hexiv:000102030405060708090a0b GMAC | tr A-F a-f)"
  done
} > "$here/derivation.txt"

# --- Keys that are weak on purpose, and a point in both of its forms.
mkdir -p "$here/weak"
"$openssl" pkey -pubin -in "$here/keys/p256-compressed.pub.pem" -ec_conv_form uncompressed -pubout \
  -out "$here/weak/p256-uncompressed.pub.pem"
OPENSSL=$openssl python3 "$here/weak.py"
