#include "crypto/token.h"

#include <openssl/crypto.h>
#include <openssl/provider.h>
#include <openssl/store.h>
#include <openssl/ui.h>
#include <unistd.h>
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/lsan_interface.h>
#endif

#include <array>
#include <cstring>

#include "crypto/key_data.h"
#include "crypto/sign.h"

namespace countersign::crypto {
namespace {

using LibraryContext = Handle<OSSL_LIB_CTX, OSSL_LIB_CTX_free>;
using Provider = Handle<OSSL_PROVIDER, OSSL_PROVIDER_unload>;
using Store = Handle<OSSL_STORE_CTX, OSSL_STORE_close>;
using StoreInfo = Handle<OSSL_STORE_INFO, OSSL_STORE_INFO_free>;
using UiMethod = Handle<UI_METHOD, UI_destroy_method>;

constexpr const char* kOfToken = "provider=pkcs11";

}  // namespace

struct TokenModuleData {  // they go in the reverse order
  LibraryContext context;
  Provider standard, tokens;
};

struct TokenKeyData {
  std::shared_ptr<const TokenModuleData> module;
  EvpKey key;
  PublicKey public_key;
};

namespace {

std::unexpected<Error> refuse(std::string_view code, std::string sentence,
                              std::string detail = {}) {
  return fail(Failure::systemUnavail, code, std::move(sentence), std::move(detail));
}

bool can_read(const std::string& file) { return ::access(file.c_str(), R_OK) == 0; }

// Does not write what it is given.
OSSL_PARAM parameter(const char* name, const char* value) {
  return OSSL_PARAM_construct_utf8_string(name, const_cast<char*>(value), 0);
}

// OpenSSL keeps what it is given for as long as a search lasts.
struct PinRequest {
  View pin;  // empty: nobody gets any
  int asked = 0;
};

int give_pin(char* buffer, int size, int /*writing*/, void* user) {
  auto& request = *static_cast<PinRequest*>(user);
  const std::size_t length = request.pin.size();
  ++request.asked;
  if (length == 0 || size < 0 || length > static_cast<std::size_t>(size)) return 0;
  std::memcpy(buffer, request.pin.data(), length);
  return static_cast<int>(length);
}

// SoftHSM 2.6.1 loses the name of the curve (37 octets) with each Ed25519 signature.
bool make_signature(EVP_MD_CTX* context, Bytes& out, std::size_t& size, View tbs) {
#if defined(__SANITIZE_ADDRESS__)
  const __lsan::ScopedDisabler known;
#endif
  return EVP_DigestSign(context, out.data(), &size, pointer(tbs), tbs.size()) == 1;
}

// Nobody sits before a server. Where a key has lost its session, the provider asks by OpenSSL's
// default way, which is the terminal.
void never_ask_a_terminal() {
  static const UI_METHOD* const nobody = [] {
    UI_METHOD* made = UI_create_method("nobody");
    require(made != nullptr && UI_method_set_opener(made, [](UI*) { return 0; }) == 0,
            "user interface");
    UI_set_default_method(made);
    return made;
  }();
  static_cast<void>(nobody);
}

struct Search {
  EvpKey key;
  std::size_t found = 0;
};

// All private keys that fit, the first of them opened. What goes wrong stands in the error queue.
Search search(const TokenModuleData& module, const TokenUri& uri, PinRequest& request) {
  Search out;
  const UiMethod ask(UI_UTIL_wrap_read_pem_callback(give_pin, 0));
  require(ask != nullptr, "user interface");
  const Store store(OSSL_STORE_open_ex(uri.private_key().c_str(), module.context.get(), kOfToken,
                                       ask.get(), &request, nullptr, nullptr, nullptr));
  if (!store || OSSL_STORE_expect(store.get(), OSSL_STORE_INFO_PKEY) != 1) return out;
  while (OSSL_STORE_eof(store.get()) == 0) {
    const StoreInfo info(OSSL_STORE_load(store.get()));
    if (!info) break;
    if (OSSL_STORE_INFO_get_type(info.get()) != OSSL_STORE_INFO_PKEY) continue;
    if (++out.found == 1) out.key.reset(OSSL_STORE_INFO_get1_PKEY(info.get()));
  }
  return out;
}

std::unexpected<Error> several(const TokenUri& uri) {
  ERR_clear_error();
  return refuse("crypto.token-several",
                "name the token by its serial=… (pkcs11-tool --list-slots), so that no other is "
                "shown its PIN: several fit " +
                    uri.text());
}

std::unexpected<Error> missing(const TokenUri& uri) {
  return refuse("crypto.token-missing",
                "no token that is there, or no private key in it, fits " + uri.text() +
                    "; see what there is with pkcs11-tool --list-slots and --list-objects",
                library_error());
}

// Nothing was found, though the token was shown the PIN. pkcs11-provider 1.0 does not say why: a
// token that still wants one did not take it, whatever its reason.
std::unexpected<Error> not_found(const TokenModuleData& module, const TokenUri& uri) {
  std::string detail = library_error();
  PinRequest nobody;
  search(module, uri, nobody);
  ERR_clear_error();
  if (nobody.asked > 0)
    return refuse("crypto.token-pin",
                  "the PIN is wrong or locked, or the token is out of order: it does not take the "
                  "PIN, and is not shown it again before the server has started anew, since "
                  "tokens lock themselves after a few wrong ones: " +
                      uri.text(),
                  std::move(detail));
  return refuse("crypto.token-key",
                "the token takes the PIN, but no private key in it fits " + uri.text() +
                    "; see what there is with pkcs11-tool --login --list-objects",
                std::move(detail));
}

// At first as somebody without a PIN: what is open to this process already needs none. A token that
// still asks when the key was found is another one, which did not take the PIN.
Result<Search> find(const TokenModuleData& module, const TokenUri& uri, View pin) {
  PinRequest nobody;
  Search open = search(module, uri, nobody);
  if (open.key && nobody.asked > 0) return several(uri);
  if (open.key) return open;
  if (nobody.asked == 0) return missing(uri);
  ERR_clear_error();
  if (pin.empty())
    return refuse("crypto.token-pin-needed", "a PIN is wanted by the token of " + uri.text());
  PinRequest once{pin};
  Search found = search(module, uri, once);
  if (!found.key) return not_found(module, uri);
  PinRequest again;
  search(module, uri, again);
  ERR_clear_error();
  if (again.asked > 0) return several(uri);
  return found;
}

Result<PublicKey> public_key_of(EVP_PKEY* key, const TokenUri& uri) {
  unsigned char* out = nullptr;
  const int size = i2d_PUBKEY(key, &out);
  if (size <= 0)
    return refuse(
        "crypto.token-public-key",
        "put the public key, or the certificate, into the token with the id of the private "
        "key: the token does not tell the public key of " +
            uri.text(),
        library_error());
  const Bytes spki(out, out + size);
  OPENSSL_free(out);
  ERR_clear_error();
  auto public_key = PublicKey::from_spki(spki);
  if (public_key && can_sign(public_key->kind())) return public_key;
  return refuse(
      "crypto.token-key-kind",
      "only keys of the kinds RSA, P-256, P-384, P-521 and Ed25519 can sign here, which is not "
      "that of " +
          uri.text(),
      public_key ? std::string(name(public_key->kind())) : public_key.error().reply_text);
}

// A private key whose public key is another's, or that may not sign, is found out before it is
// used.
Result<> try_out(const TokenKey& key) {
  constexpr std::string_view kAny = "countersign: does this key sign?";
  const Bytes signature = TRY(key.sign(view(kAny)));
  return verify(key.public_key(), key.default_signature_algorithm(), view(kAny), signature);
}

}  // namespace

std::string TokenModule::default_provider() {
#ifdef COUNTERSIGN_PKCS11_PROVIDER
  if (can_read(COUNTERSIGN_PKCS11_PROVIDER)) return COUNTERSIGN_PKCS11_PROVIDER;
#endif
  const char* folder = OPENSSL_info(OPENSSL_INFO_MODULES_DIR);
  return (folder == nullptr ? std::string() : std::string(folder)) + "/pkcs11.so";
}

namespace {

// The provider, where it and the module are there.
Result<std::string> provider_of(const TokenModule::Files& files) {
  if (files.module.empty())
    return refuse("crypto.token-module",
                  "a key is in a token, and no module for it is named: set pkcs11.module in the "
                  "configuration file");
  if (!can_read(files.module))
    return refuse("crypto.token-module",
                  "there is no " + files.module + " that may be read, which pkcs11.module names");
  std::string provider = files.provider.empty() ? TokenModule::default_provider() : files.provider;
  if (!can_read(provider))
    return refuse(
        "crypto.token-provider",
        "install pkcs11-provider, through which tokens are reached, or name its pkcs11.so "
        "by pkcs11.provider in the configuration file: there is no " +
            provider);
  return provider;
}

}  // namespace

Result<TokenModule> TokenModule::open(const Files& files) {
  const std::string provider = TRY(provider_of(files));
  never_ask_a_terminal();
  auto data = std::make_shared<TokenModuleData>();
  data->context.reset(OSSL_LIB_CTX_new());
  require(data->context != nullptr, "library context");
  data->standard.reset(OSSL_PROVIDER_load(data->context.get(), "default"));
  require(data->standard != nullptr, "default provider");
  // early: what is no module is found out here. A key that the provider copies is one that it still
  // uses when it is gone from the token.
  std::array parameters{parameter("pkcs11-module-path", files.module.c_str()),
                        parameter("pkcs11-module-quirks", "no-deinit"),
                        parameter("pkcs11-module-load-behavior", "early"),
                        parameter("pkcs11-module-cache-keys", "never"), OSSL_PARAM_construct_end()};
  data->tokens.reset(
      OSSL_PROVIDER_load_ex(data->context.get(), provider.c_str(), parameters.data()));
  if (data->tokens) {
    ERR_clear_error();  // what it tried on its way
    return TokenModule(std::move(data));
  }
  return refuse("crypto.token-module",
                files.module + " could not be loaded by " + provider +
                    "; check that pkcs11.module names the PKCS #11 module of the token's maker, "
                    "and pkcs11.provider the pkcs11.so of pkcs11-provider",
                library_error());
}

Result<TokenKey> TokenModule::key(const TokenUri& uri, const Secret& pin) const {
  Search result = TRY(find(*data_, uri, pin.expose()));
  if (result.found > 1)
    return refuse("crypto.token-key", std::to_string(result.found) + " private keys fit " +
                                          uri.text() + "; say which one by id=…");
  auto public_key = TRY(public_key_of(result.key.get(), uri));
  TokenKey key(std::make_shared<TokenKeyData>(data_, std::move(result.key), std::move(public_key)));
  TRY(try_out(key));
  return key;
}

const PublicKey& TokenKey::public_key() const noexcept { return data_->public_key; }

der::AlgorithmIdentifier TokenKey::default_signature_algorithm() const {
  return crypto::default_signature_algorithm(public_key().kind());
}

Result<Bytes> TokenKey::sign(View tbs) const {
  const auto algorithm = TRY(resolve(default_signature_algorithm()));
  const auto digest = algorithm.row->digest;
  const EvpMdContext context(EVP_MD_CTX_new());
  require(context != nullptr, "digest context");
  std::size_t size = static_cast<std::size_t>(EVP_PKEY_get_size(data_->key.get()));
  Bytes out(size);
  if (EVP_DigestSignInit_ex(
          context.get(), nullptr, digest ? EVP_MD_get0_name(fetched(*digest)) : nullptr,
          data_->module->context.get(), nullptr, data_->key.get(), nullptr) == 1 &&
      make_signature(context.get(), out, size, tbs)) {
    out.resize(size);
    return out;
  }
  return refuse("crypto.token-sign",
                "the token did not sign; see whether it is there, and whether the key in it is "
                "there and may sign",
                library_error());
}

}  // namespace countersign::crypto
