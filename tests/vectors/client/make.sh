#!/bin/bash
# Makes the certificates of a root that changes its key, with OpenSSL: the old root, the new one,
# each new key under the old one and back (RFC 9810 §4.4), a stranger, and a new root under another
# name. Run it in an empty folder; the results are PEM.
set -euo pipefail
key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key"; }
days=$((30 * 365))
root() { # NAME SUBJECT
  openssl req -x509 -config /dev/null -key "${1%_expired}.key" -subj "$2" -days $days -out "$1.pem" \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
}
link() { # NAME SUBJECT KEY-OF SIGNED-BY
  openssl req -x509 -config /dev/null -key "$3.key" -subj "$2" -days $days -out "$1.pem" \
    -CA "$4.pem" -CAkey "$4.key" \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
}
for name in old new other renamed; do key $name; done
root old "/CN=Root"
root new "/CN=Root"
root other "/CN=Root"
root renamed "/CN=Another Root"
link new_with_old "/CN=Root" new old
link old_with_new "/CN=Root" old new
link renamed_with_old "/CN=Another Root" renamed old
link other_with_new "/CN=Root" other new
# What has ended by 2030.
days=$((3 * 365))
root new_expired "/CN=Root"
root old_expired "/CN=Root"
link new_with_old_expired "/CN=Root" new old
link old_with_new_expired "/CN=Root" old new
rm -- *.key
