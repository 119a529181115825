#!/bin/sh
# Makes the certificates, requests and lists of this folder with the openssl command, version 3.5
# or later, and beside each what that command reads in it (.txt). Usage: OPENSSL=openssl ./make.sh
set -eu
cd "$(dirname "$0")"
openssl=${OPENSSL:-openssl}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rm -f ./*.der ./*.txt ./*.pem

key() { # name, genpkey arguments
  name=$1; shift
  "$openssl" genpkey -quiet "$@" -out "$work/$name.key"
}
key rsa -algorithm RSA -pkeyopt rsa_keygen_bits:2048
key ec -algorithm EC -pkeyopt group:P-256
key ed25519 -algorithm ED25519
key ml-dsa-44 -algorithm ML-DSA-44
key ml-dsa-65 -algorithm ML-DSA-65

cat > "$work/openssl.cnf" <<'CNF'
[req]
distinguished_name = dn
utf8 = yes
string_mask = utf8only
[dn]
[none]
[ca]
basicConstraints = critical,CA:TRUE,pathlen:1
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = CA:FALSE
keyUsage = critical,digitalSignature,keyAgreement,decipherOnly
extendedKeyUsage = clientAuth,serverAuth,1.3.6.1.5.5.7.3.28
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid,issuer:always
subjectAltName = @names
issuerAltName = DNS:ca.example
certificatePolicies = 1.2.3.4,@policy
crlDistributionPoints = URI:http://ca.example/crl
authorityInfoAccess = caIssuers;URI:http://ca.example/ca,OCSP;URI:http://ca.example/ocsp
tlsfeature = status_request
nameConstraints = permitted;DNS:example,excluded;IP:192.0.2.0/255.255.255.0
policyConstraints = requireExplicitPolicy:3
inhibitAnyPolicy = 2
1.2.3.4.5 = critical,ASN1:UTF8String:ours
[policy]
policyIdentifier = 1.2.3.5
CPS.1 = http://ca.example/cps
[names]
DNS.1 = device.example
IP.1 = 192.0.2.1
IP.2 = 2001:db8::1
email.1 = device@example
URI.1 = https://device.example/x
RID.1 = 1.2.3.4
dirName.1 = san_dn
otherName.1 = 1.2.3.4;UTF8:other
[san_dn]
O = Example
CN = first
[ours]
subjectKeyIdentifier = none
authorityKeyIdentifier = none
basicConstraints = critical,CA:TRUE
[san_only]
subjectAltName = critical,DNS:device.example
[request]
basicConstraints = CA:FALSE
keyUsage = digitalSignature
subjectAltName = DNS:device.example,IP:192.0.2.1
[challenge]
distinguished_name = dn
attributes = attributes
req_extensions = request
prompt = no
utf8 = yes
[attributes]
challengePassword = secret
[db]
database = DB/index.txt
crlnumber = DB/crlnumber
default_md = default
crl_extensions = crl
[db_empty]
database = DB/empty.txt
crlnumber = DB/crlnumber
default_md = default
crl_extensions = crl
[crl]
authorityKeyIdentifier = keyid
CNF

print_cert() {
  "$openssl" x509 -in "$1.der" -noout -subject -issuer -serial -startdate -enddate \
    -nameopt rfc2253,-esc_msb -dateopt iso_8601 > "$1.txt"
}
self_signed() { # name, key, subject, section, more arguments
  name=$1 key=$2 subject=$3 section=$4; shift 4
  "$openssl" req -x509 -config "$work/openssl.cnf" -key "$work/$key.key" -subj "$subject" \
    -extensions "$section" -not_before 20250101000000Z -outform DER -out "$name.der" "$@"
  print_cert "$name"
}
normal='-not_after 20350101000000Z'
# shellcheck disable=SC2086
{
self_signed rsa rsa '/C=DE/O=Example/CN=RSA CA' ca $normal
self_signed ec ec '/C=DE/O=Example/CN=EC CA' ca $normal
self_signed ed25519 ed25519 '/O=Example/CN=Ed25519' ca $normal
self_signed ml-dsa-44 ml-dsa-44 '/O=Example/CN=ML-DSA-44' ca $normal
self_signed ml-dsa-65 ml-dsa-65 '/O=Example/CN=ML-DSA-65' ca $normal
self_signed as-ours ec '/O=Example/CN=as we write it' ours $normal -set_serial 0x8001
self_signed year-2050 ec '/CN=2050' ours -not_after 20500101000000Z
self_signed year-9999 ec '/CN=no end' ours -not_after 99991231235959Z
self_signed serial-20-octets ec '/CN=serial' ours $normal \
  -set_serial 0xF0E1D2C3B4A5968778695A4B3C2D1E0FF0E1D2C3
self_signed serial-0 ec '/CN=serial' ours $normal -set_serial 0
self_signed serial-negative ec '/CN=serial' ours $normal -set_serial -129
self_signed v1 ec '/CN=version 1' none $normal -x509v1
self_signed all-extensions ec '/CN=everything' leaf $normal
self_signed name-multivalued ec '/O=Example/CN=b+serialNumber=7+UID=u' ours $normal
self_signed name-escapes ec '/O= a\, b\+c ="d" <e>;\\ #/CN=#x\/y /OU=é€😀' ours $normal
self_signed name-all-types ec '/C=DE/ST=BE/L=Berlin/street=Weg 1/postalCode=10115/O=Example/OU=Unit/title=Dr/SN=Muster/GN=Max/initials=M/generationQualifier=III/dnQualifier=q/pseudonym=p/name=n/businessCategory=b/description=d/serialNumber=1/UID=u/DC=example/emailAddress=a@example/CN=x' ours $normal
}
"$openssl" x509 -new -force_pubkey "$work/ec.key" -subj / -extfile "$work/openssl.cnf" \
  -extensions san_only -set_issuer '/CN=EC' -signkey "$work/ec.key" \
  -not_before 20250101000000Z -not_after 20350101000000Z -outform DER -out empty-subject.der
print_cert empty-subject
# Strings of older times.
for string in teletex=nombstr bmp=MASK:0x0800 universal=MASK:0x0100; do
  sed "s/utf8only/${string#*=}/" "$work/openssl.cnf" > "$work/mask.cnf"
  name=name-${string%=*}
  "$openssl" req -x509 -config "$work/mask.cnf" -key "$work/ec.key" -utf8 -subj '/O=Ä é/CN=x_y' \
    -not_before 20250101000000Z -not_after 20350101000000Z -outform DER -out "$name.der"
  print_cert "$name"
done

request() { # name, key, subject, more arguments
  name=$1 key=$2 subject=$3; shift 3
  "$openssl" req -new -config "$work/openssl.cnf" -key "$work/$key.key" -subj "$subject" \
    -outform DER -out "csr-$name.der" "$@"
  "$openssl" req -in "csr-$name.der" -noout -subject -nameopt rfc2253,-esc_msb > "csr-$name.txt"
}
request rsa rsa '/O=Example/CN=device' -reqexts request
request ec ec '/O=Example/CN=device'
request ed25519 ed25519 '/'
request ml-dsa-44 ml-dsa-44 '/CN=device' -reqexts request
"$openssl" req -new -config "$work/openssl.cnf" -section challenge -key "$work/ec.key" \
  -subj /CN=device -outform DER -out csr-challenge.der
"$openssl" req -in csr-challenge.der -noout -subject -nameopt rfc2253 > csr-challenge.txt

mkdir "$work/db"
sed -i "s,DB/,$work/db/," "$work/openssl.cnf"
"$openssl" x509 -in ec.der -out "$work/ca.pem"
: > "$work/db/empty.txt"
{
  printf 'R\t350101000000Z\t250601120000Z\t01\tunknown\t/CN=a\n'
  printf 'R\t350101000000Z\t250602120000Z,keyCompromise\t80FF\tunknown\t/CN=b\n'
  printf 'R\t350101000000Z\t250603120000Z,keyTime,20250501000000Z\tF0E1D2C3B4A59687\tunknown\t/CN=c\n'
  printf 'R\t350101000000Z\t250604120000Z,holdInstruction,holdInstructionNone\t04\tunknown\t/CN=d\n'
  printf 'R\t350101000000Z\t250605120000Z,superseded\t05\tunknown\t/CN=e\n'
} > "$work/db/index.txt"
list() { # name, section
  echo 8A > "$work/db/crlnumber"
  "$openssl" ca -gencrl -config "$work/openssl.cnf" -name "$2" -keyfile "$work/ec.key" \
    -cert "$work/ca.pem" -crl_lastupdate 20250701000000Z -crl_nextupdate 20550101000000Z 2>/dev/null |
    "$openssl" crl -outform DER -out "crl-$1.der"
  "$openssl" crl -in "crl-$1.der" -noout -issuer -lastupdate -nextupdate -crlnumber \
    -nameopt rfc2253 -dateopt iso_8601 > "crl-$1.txt"
}
list entries db
list empty db_empty

# A file with several certificates, and text between them.
{
  echo 'subject=/C=DE/O=Example/CN=RSA CA'
  "$openssl" x509 -in rsa.der
  "$openssl" x509 -in ed25519.der
} > chain.pem
