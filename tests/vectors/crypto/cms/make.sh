#!/bin/sh
# Makes the vectors of this folder with the openssl command line (3.5 or later). Keys and their
# certificates are new each time, so a run changes every file. Run it only to add a vector.
#   OPENSSL=/path/to/openssl ./make.sh
set -eu
openssl=${OPENSSL:-openssl}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
from=20260101000000Z
to=20360101000000Z
printf 'for one pair of eyes' > content

holder() { # name, genpkey options…
  name=$1; shift
  "$openssl" genpkey -quiet -out "$here/$name.key.pem" "$@"
  "$openssl" req -x509 -new -key "$here/$name.key.pem" -subj "/CN=$name" -not_before $from \
    -not_after $to -out "$name.cert.pem"
}
holder rsa -algorithm RSA -pkeyopt rsa_keygen_bits:2048
holder p256 -algorithm EC -pkeyopt group:P-256
holder p384 -algorithm EC -pkeyopt group:P-384
holder p521 -algorithm EC -pkeyopt group:P-521
holder ed25519 -algorithm ed25519
# The program makes no EnvelopedData for these two.
for a in x25519 x448; do "$openssl" genpkey -quiet -out "$here/$a.key.pem" -algorithm $a; done
"$here/kari_x.py"

# --- EnvelopedData, in a ContentInfo as the program writes it.
encrypt() { # name, options…
  out=$1; shift
  "$openssl" cms -encrypt -binary -in content -outform DER -out "$here/$out.der" "$@"
}
encrypt ktri-v15 -aes256 -keyid -recip rsa.cert.pem
encrypt ktri-issuer -aes128 -recip rsa.cert.pem
encrypt ktri-oaep-sha1 -aes256 -recip rsa.cert.pem -keyopt rsa_padding_mode:oaep
encrypt ktri-oaep-sha256 -aes256 -keyid -recip rsa.cert.pem -keyopt rsa_padding_mode:oaep \
  -keyopt rsa_oaep_md:sha256 -keyopt rsa_mgf1_md:sha256
encrypt ktri-oaep-label -aes256 -recip rsa.cert.pem -keyopt rsa_padding_mode:oaep \
  -keyopt rsa_oaep_label:0102
encrypt kari-p256 -aes128 -recip p256.cert.pem
encrypt kari-p256-sha256 -aes256 -keyid -recip p256.cert.pem -keyopt ecdh_kdf_md:sha256
encrypt kari-p384-sha384 -aes192 -recip p384.cert.pem -keyopt ecdh_kdf_md:sha384
encrypt kari-p521-sha512 -aes256 -recip p521.cert.pem -keyopt ecdh_kdf_md:sha512 \
  -keyopt ecdh_cofactor_mode:1
encrypt pwri-kek -aes256 -pwri_password "open sesame"
encrypt two-recipients -aes256 -recip rsa.cert.pem p256.cert.pem
encrypt kekri -aes256 -secretkey 000102030405060708090a0b0c0d0e0f -secretkeyid 01
encrypt triple-des -des3 -recip rsa.cert.pem

# --- SignedData, in a ContentInfo too.
sign() { # name, signer, options…
  out=$1; signer=$2; shift 2
  "$openssl" cms -sign -binary -nodetach -nosmimecap -in content -outform DER \
    -out "$here/$out.der" -signer "$signer.cert.pem" -inkey "$here/$signer.key.pem" "$@"
}
sign signed-p256 p256 -md sha256 -keyid -econtent_type 2.16.840.1.101.2.1.2.78.5
sign signed-rsa rsa -md sha256
sign signed-rsa-pss rsa -md sha256 -keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:digest
sign signed-ed25519 ed25519 -md sha512 -keyid
sign signed-sha1 p256 -md sha1
sign signed-no-attributes p256 -md sha256 -noattr
sign signed-two p256 -md sha256 -signer rsa.cert.pem -inkey "$here/rsa.key.pem"
