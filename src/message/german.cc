// The sentences of a refusal in German: by code where one helps the requester, else by failure.
#include <algorithm>
#include <array>

#include "message/translation.h"

namespace countersign::message {
namespace {

struct Sentence {
  std::string_view code;
  std::string_view text;
};
constexpr std::array kByCode = {
    Sentence{"confirmation.hash",
             "certHash passt nicht zum ausgestellten Zertifikat; bilden Sie den Hashwert über das "
             "empfangene DER."},
    Sentence{"confirmation.request-id", "certConf nennt eine certReqId, die es hier nicht gibt."},
    Sentence{"control.unknown",
             "Ein Control oder regInfo ist hier nicht bekannt; lassen Sie es weg."},
    Sentence{"device.blocked", "Dieses Gerät ist gesperrt; fragen Sie den Betreiber dieser CA."},
    Sentence{"device.unknown",
             "Dieses Gerät steht nicht im Verzeichnis; berichtigen Sie seine Seriennummer, oder "
             "lassen Sie es eintragen."},
    Sentence{"genm.language",
             "Keine dieser Sprachen ist hier bekannt; bieten Sie auch en oder de an."},
    Sentence{"issuer.rejected", "Die zuständige Stelle hat diesen Antrag abgelehnt."},
    Sentence{"issuer.upstream-unreachable",
             "Die CA hinter diesem Server ist nicht erreichbar; versuchen Sie es später noch "
             "einmal."},
    Sentence{"pop.missing",
             "popo fehlt; signieren Sie certReq mit dem Schlüssel, der zertifiziert werden soll."},
    Sentence{"pop.ra-verified",
             "raVerified ist Registrierungsstellen vorbehalten; signieren Sie certReq mit dem "
             "Schlüssel, der zertifiziert werden soll."},
    Sentence{"pop.signature",
             "Der Besitznachweis stammt nicht von dem Schlüssel, der zertifiziert werden soll; "
             "signieren Sie certReq mit dessen privatem Schlüssel."},
    Sentence{"profile.unknown", "certProfile nennt keine Zertifikatsvorlage dieses Servers."},
    Sentence{"protect.algorithm-not-supported",
             "Der Algorithmus in protectionAlg wird hier nicht angenommen."},
    Sentence{"protect.certificate-missing",
             "Kein vorliegendes Zertifikat passt zu senderKID, sender und Signatur; senden Sie das "
             "Schutzzertifikat als erstes in extraCerts."},
    Sentence{"protect.mac-mismatch", "Der MAC stimmt nicht; prüfen Sie Referenz und Geheimnis."},
    Sentence{"protect.message-time-missing", "messageTime fehlt; tragen Sie die Zeit ein."},
    Sentence{"protect.sender-mismatch", "sender ist nicht der Inhaber des Schutzzertifikats."},
    Sentence{"protect.sender-nonce-missing",
             "senderNonce fehlt; tragen Sie 16 frische Zufallsoktette ein."},
    Sentence{"protect.signature-mismatch",
             "Die Signatur der Nachricht stimmt nicht mit dem Schutzzertifikat überein."},
    Sentence{"protect.signer-held", "Das Schutzzertifikat ist vorübergehend gesperrt."},
    Sentence{"protect.signer-revoked", "Das Schutzzertifikat ist gesperrt."},
    Sentence{"protect.signer-untrusted",
             "Das Schutzzertifikat führt zu keinem Vertrauensanker; senden Sie seine ganze Kette "
             "in extraCerts."},
    Sentence{"protect.time-window", "messageTime weicht zu weit ab; stellen Sie Ihre Uhr."},
    Sentence{"protect.transaction-id-missing",
             "transactionID fehlt; senden Sie 16 Zufallsoktette."},
    Sentence{"protect.unprotected",
             "Die Nachricht ist ungeschützt; fügen Sie einen MAC oder eine Signatur hinzu."},
    Sentence{"protect.unsupported-version", "Diese pvno wird hier nicht gesprochen."},
    Sentence{"rights.key-compromised",
             "Dieser Schlüssel gehörte zu einem Zertifikat, das wegen keyCompromise gesperrt ist; "
             "erzeugen Sie einen neuen."},
    Sentence{"rights.key-in-use", "Für diesen Schlüssel gibt es schon ein Zertifikat."},
    Sentence{"rights.name", "Diesen Namen dürfen Sie nicht beantragen."},
    Sentence{"rights.revoke-again", "Das Zertifikat ist schon gesperrt."},
    Sentence{"rights.revoke-signer", "Ein Zertifikat darf nur sich selbst sperren."},
    Sentence{"rights.revoke-unknown", "Ein Zertifikat mit dieser Seriennummer gibt es hier nicht."},
    Sentence{"rights.same-key",
             "Der Schlüssel ist der des alten Zertifikats; erzeugen Sie einen neuen."},
    Sentence{"rights.update-expired",
             "Das zu erneuernde Zertifikat ist abgelaufen; beantragen Sie ein neues."},
    Sentence{"rights.update-revoked",
             "Das zu erneuernde Zertifikat ist gesperrt; beantragen Sie ein neues."},
    Sentence{"server.busy",
             "Der Server ist ausgelastet; senden Sie dieselbe Nachricht in einer Sekunde noch "
             "einmal."},
    Sentence{"server.network",
             "Dieses Geheimnis gilt nur in anderen Netzen; senden Sie den Antrag von dort, oder "
             "lassen Sie sich ein anderes geben."},
    Sentence{"store.busy",
             "Der Server ist ausgelastet; senden Sie dieselbe Nachricht in einigen Sekunden noch "
             "einmal."},
    Sentence{"store.full", "Der Server hat keinen Speicherplatz mehr; versuchen Sie es später."},
    Sentence{"template.issuer",
             "Die Vorlage nennt einen anderen Aussteller; lassen Sie issuer weg."},
    Sentence{"template.key-missing",
             "certTemplate.publicKey fehlt; senden Sie den Schlüssel, der zertifiziert werden "
             "soll."},
    Sentence{"template.key-too-short", "Der Schlüssel in certTemplate.publicKey ist zu kurz."},
    Sentence{"template.san-required",
             "extensions.subjectAltName fehlt; die Zertifikatsvorlage verlangt es."},
    Sentence{"template.subject-required",
             "certTemplate.subject fehlt; die Zertifikatsvorlage verlangt es."},
    Sentence{"token.missing",
             "Dieser Server verlangt ein regToken oder einen authenticator, bei PKCS #10 ein "
             "challengePassword; fragen Sie den Betreiber danach."},
    Sentence{"token.unknown",
             "regToken, authenticator oder challengePassword ist unbekannt, verbraucht oder "
             "abgelaufen; bitten Sie den Betreiber um ein neues."},
    Sentence{"transaction.already-settled",
             "Die Zertifikate dieser Transaktion sind schon bestätigt oder abgelehnt."},
    Sentence{"transaction.id-in-use",
             "Diese transactionID ist in Gebrauch; beginnen Sie mit einer neuen von 16 "
             "Zufallsoktetten."},
    Sentence{"transaction.recip-nonce",
             "recipNonce muss die senderNonce unserer letzten Nachricht dieser Transaktion sein."},
};
static_assert(std::ranges::is_sorted(kByCode, {}, &Sentence::code));

// In the order of base/result.h's Failure, RFC 9810 §5.2.3.
constexpr std::array<std::string_view, kFailureBits> kByFailure = {
    "Der Algorithmus wird hier nicht angenommen.",                            // badAlg
    "Der Schutz der Nachricht ist fehlerhaft.",                               // badMessageCheck
    "Diese Anfrage ist hier nicht zulässig.",                                 // badRequest
    "messageTime liegt außerhalb dessen, was dieser Server annimmt.",         // badTime
    "Kein Zertifikat passt zu den Angaben.",                                  // badCertId
    "Die Daten sind nicht in der Form, die der Standard verlangt.",           // badDataFormat
    "Die Anfrage nennt eine andere Stelle als diese.",                        // wrongAuthority
    "Die Angaben der Anfrage sind falsch.",                                   // incorrectData
    "Der Zeitstempel fehlt.",                                                 // missingTimeStamp
    "Der Besitznachweis für den Schlüssel stimmt nicht.",                     // badPOP
    "Das Zertifikat ist gesperrt oder abgelaufen.",                           // certRevoked
    "Das Zertifikat ist schon bestätigt.",                                    // certConfirmed
    "Der Schutz der Nachricht ist von falscher Art.",                         // wrongIntegrity
    "recipNonce fehlt oder ist falsch.",                                      // badRecipientNonce
    "",                                                                       // timeNotAvailable
    "",                                                                       // unacceptedPolicy
    "",                                                                       // unacceptedExtension
    "",                                                                       // addInfoNotAvailable
    "senderNonce fehlt oder ist falsch.",                                     // badSenderNonce
    "Die Zertifikatsvorlage der Anfrage ist unvollständig oder unzulässig.",  // badCertTemplate
    "Dem Schutzzertifikat wird nicht vertraut.",                              // signerNotTrusted
    "Diese transactionID ist in Gebrauch.",                                   // transactionIdInUse
    "Diese Fassung des Protokolls wird hier nicht gesprochen.",               // unsupportedVersion
    "Dazu sind Sie nicht berechtigt.",                                        // notAuthorized
    "Der Server kann das gerade nicht leisten; versuchen Sie es später.",     // systemUnavail
    "Im Server ist ein Fehler aufgetreten; wenden Sie sich an den Betreiber.",  // systemFailure
    "",                                                                         // duplicateCertReq
};

}  // namespace

std::string_view german(std::string_view code, Failure failure) noexcept {
  const auto at = std::ranges::lower_bound(kByCode, code, {}, &Sentence::code);
  if (at != kByCode.end() && at->code == code) return at->text;
  return kByFailure.at(static_cast<std::size_t>(failure));
}

}  // namespace countersign::message
