#!/bin/bash
# Makes the .der files of this folder with OpenSSL's own CMP client and mock server (3.5 or newer),
# in one process and without a network. The files are checked in; run this only to add to them:
# keys, nonces and times are new at every run. The .hex files are written by hand, for what OpenSSL
# cannot make. The fuzzer's first inputs are copies of both.
#   tests/vectors/message/make.sh [path of the openssl program]
#   tests/vectors/message/make.sh --corpus      only the copies in fuzz/corpus/message
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

copy_to_corpus() {
  local corpus=$here/../../../fuzz/corpus/message file
  mkdir -p "$corpus"
  cp "$here"/*.der "$corpus/"
  for file in "$here"/*.hex; do
    sed 's/#.*//' "$file" | xxd -r -p >"$corpus/$(basename "$file" .hex).der"
  done
}
if [[ ${1:-} == --corpus ]]; then copy_to_corpus; exit; fi

openssl=$(command -v "${1:-openssl}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export OPENSSL_CONF=/dev/null

key() { "$openssl" genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key"; }
# certificate <name> <subject> <issuer name, or none for self-signed> <extensions>
certificate() {
  local name=$1 subject=$2 issuer=$3 extensions=$4 signer
  [[ -f $name.key ]] || key "$name"
  if [[ $issuer == none ]]; then signer=(); else signer=(-CA "$issuer.pem" -CAkey "$issuer.key"); fi
  "$openssl" req -x509 -new -key "$name.key" -subj "$subject" -days 3650 "${signer[@]}" \
    -config <(printf '[req]\ndistinguished_name=d\nx509_extensions=x\n[d]\n[x]\n%b\n' "$extensions") \
    -out "$name.pem"
}
authority='basicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign,cRLSign,digitalSignature\nsubjectKeyIdentifier=hash'
leaf='keyUsage=critical,digitalSignature\nsubjectKeyIdentifier=hash'

# exchange <name> <client and server options …>: every message of one transaction becomes
# <name>_<n>_req.der or <name>_<n>_rsp.der. The client may fail: it does on a rejection.
exchange() {
  local name=$1 n
  shift
  local requests=() responses=()
  for n in 1 2 3 4; do requests+=("$work/${name}_${n}_req.der") responses+=("$work/${name}_${n}_rsp.der"); done
  timeout 60 "$openssl" cmp -verbosity 3 -batch -use_mock_srv -ignore_keyusage \
    -reqout "$(IFS=,; echo "${requests[*]}")" -rspout "$(IFS=,; echo "${responses[*]}")" \
    -certout "$work/$name.out.pem" "$@" >"$work/$name.log" 2>&1 || true
  [[ -s ${requests[0]} ]] || { echo "make.sh: $name made nothing" >&2; cat "$work/$name.log" >&2; exit 1; }
}

certificate ca "/O=Example/CN=Test CA" none "$authority"
certificate newca "/O=Example/CN=Test CA 2" none "$authority"
certificate server "/O=Example/CN=CMP server" ca "$leaf"
certificate device "/O=Example/CN=first-device" ca "$leaf\nsubjectAltName=DNS:device.example,IP:192.0.2.7"
key fresh
"$openssl" req -new -key fresh.key -subj "/O=Example/CN=first-device" -out csr.pem -config /dev/null \
  -addext "subjectAltName=DNS:device.example" 2>/dev/null ||
  "$openssl" req -new -key fresh.key -subj "/O=Example/CN=first-device" -out csr.pem
printf '[ca]\ndefault_ca=d\n[d]\ndatabase=%s/index\ndefault_md=sha256\ndefault_crl_days=30\n' "$work" >ca.conf
: >index
"$openssl" ca -config ca.conf -gencrl -keyfile ca.key -cert ca.pem -out ca.crl 2>/dev/null

signed=(-cert device.pem -key device.key -trusted ca.pem -srv_cert server.pem -srv_key server.key
        -srv_trusted ca.pem -rsp_cert device.pem)
shared=(-ref 3078 -secret pass:a-long-shared-secret -srv_ref 3078 -srv_secret pass:a-long-shared-secret
        -rsp_cert device.pem -recipient "/O=Example/CN=Test CA")
enrol=(-newkey fresh.key -subject "/O=Example/CN=first-device")
update=(-oldcert device.pem -ref_cert device.pem -newkey device.key)

exchange ir_mac -cmd ir "${shared[@]}" "${enrol[@]}" -newkey device.key -days 90 \
  -sans "device.example,192.0.2.7" -rsp_capubs ca.pem
exchange ir_implicit -cmd ir "${shared[@]}" "${enrol[@]}" -newkey device.key -implicit_confirm \
  -grant_implicitconf -profile tls -geninfo "1.2.3.4:int:56789,1.2.3.5:str:name"
exchange ir_signed -cmd ir "${signed[@]}" "${enrol[@]}" -newkey device.key -extracerts newca.pem \
  -rsp_extracerts ca.pem
exchange ir_polled -cmd ir "${shared[@]}" "${enrol[@]}" -newkey device.key -poll_count 1 -check_after 1
exchange ir_rejected -cmd ir "${shared[@]}" "${enrol[@]}" -pkistatus 2 -failurebits 67108869 \
  -statusstring "no, thank you"
exchange ir_unprotected -cmd ir "${shared[@]}" "${enrol[@]}" -newkey device.key \
  -unprotected_requests -accept_unprotected -popo 0 -accept_raverified
exchange ir_encryption -cmd ir "${shared[@]}" "${enrol[@]}" -newkey device.key -popo 2
exchange ir_central -cmd ir "${signed[@]}" -subject "/O=Example/CN=first-device" -centralkeygen \
  -newkeyout central.key -rsp_key device.key
exchange cr -cmd cr "${signed[@]}" "${enrol[@]}" -newkey device.key -issuer "/O=Example/CN=Test CA"
exchange kur -cmd kur "${signed[@]}" "${update[@]}"
exchange p10cr -cmd p10cr "${signed[@]}" -csr csr.pem
exchange rr -cmd rr "${signed[@]}" -oldcert device.pem -ref_cert device.pem -revreason 1
exchange rr_serial -cmd rr "${signed[@]}" -issuer "/O=Example/CN=Test CA" -serial 4660 -revreason 4
exchange error -cmd ir "${shared[@]}" "${enrol[@]}" -send_error -failure 2 -statusstring "not now"
exchange genm_empty -cmd genm "${signed[@]}"
exchange genm_cacerts -cmd genm -infotype caCerts "${signed[@]}" -rsp_capubs ca.pem -cacertsout x.pem
exchange genm_root -cmd genm -infotype rootCaCert "${signed[@]}" -oldwithold ca.pem \
  -rsp_newwithnew newca.pem -rsp_newwithold server.pem -rsp_oldwithnew device.pem -newwithnew x.pem
exchange genm_template -cmd genm -infotype certReqTemplate "${signed[@]}" -template x.der -keyspec y.der
exchange genm_crl -cmd genm -infotype crlStatusList "${signed[@]}" -oldcrl ca.crl -rsp_crl ca.crl \
  -crlout x.crl
exchange genm_types -cmd genm -infotype signKeyPairTypes "${signed[@]}"

rm -f "$here"/*.der
for file in *_req.der *_rsp.der; do
  [[ ! -s $file ]] || cp "$file" "$here/$file"
done
copy_to_corpus
