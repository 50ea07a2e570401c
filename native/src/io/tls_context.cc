#if __has_include(<openssl/ssl.h>)
#include "io/tls_context.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

namespace penstock {
namespace {

/// Of a client's certificate chain; OpenSSL allows 100 KiB.
constexpr long kClientChainMax = 16 * 1024;

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

/// Reads one PEM object after another.
class PemReader {
 public:
  explicit PemReader(std::string_view text)
      : bio_(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free) {}

  Certificate certificate() { return {bio_ ? PEM_read_bio_X509_AUX(bio_.get(), nullptr, refuse, nullptr) : nullptr, X509_free}; }
  Key key() {
    return {bio_ ? PEM_read_bio_PrivateKey(bio_.get(), nullptr, refuse, nullptr) : nullptr, EVP_PKEY_free};
  }
  /// Whether reading ended because there is nothing more, and not at something that cannot be read.
  static bool at_end() {
    const unsigned long code = ERR_peek_last_error();
    const bool end = code == 0 || (ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE);
    if (end) ERR_clear_error();
    return end;
  }

 private:
  /// Nobody is there to type a passphrase.
  static int refuse(char*, int, int, void*) { return 0; }
  std::unique_ptr<BIO, decltype(&BIO_free)> bio_;
};

bool use_certificate(SSL_CTX* ctx, std::string_view text) {
  PemReader reader(text);
  const Certificate own = reader.certificate();
  if (!own || SSL_CTX_use_certificate(ctx, own.get()) != 1) return false;
  while (Certificate next = reader.certificate())
    if (SSL_CTX_add1_chain_cert(ctx, next.get()) != 1) return false;
  return PemReader::at_end();
}

bool use_key(SSL_CTX* ctx, std::string_view text) {
  const Key key = PemReader(text).key();
  return key && SSL_CTX_use_PrivateKey(ctx, key.get()) == 1 && SSL_CTX_check_private_key(ctx) == 1;
}

bool use_client_authorities(SSL_CTX* ctx, std::string_view text) {
  PemReader reader(text);
  size_t authorities = 0;
  while (Certificate next = reader.certificate()) {
    if (X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), next.get()) != 1) return false;
    if (SSL_CTX_add_client_CA(ctx, next.get()) != 1) return false;
    authorities++;
  }
  SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  return PemReader::at_end() && authorities != 0;
}

bool use_policy(SSL_CTX* ctx, const TlsMaterial& material) {
  // TLS 1.2 at least: RFC 9325 recommends it, RFC 9662 requires it of syslog.
  if (SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) != 1) return false;
  // No tickets: they would be bytes on the way to senders that never read, whose close then resets the connection and with it
  // takes what they sent last; nor does a session outlive a change of the authorities.
  SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION |
                               SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_num_tickets(ctx, 0);
  SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
  // An idle connection holds no buffer; a busy one reads many small records at once.
  SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(ctx, 1);
  SSL_CTX_set_max_cert_list(ctx, kClientChainMax);
  if (!material.ciphers.empty() && SSL_CTX_set_cipher_list(ctx, material.ciphers.c_str()) != 1) return false;
  return material.suites.empty() || SSL_CTX_set_ciphersuites(ctx, material.suites.c_str()) == 1;
}

std::shared_ptr<TlsContext> failed(const char* what, std::string& error) {
  char reason[256] = "unknown";
  if (const unsigned long code = ERR_get_error(); code != 0) ERR_error_string_n(code, reason, sizeof reason);
  ERR_clear_error();
  error = std::string(what) + ": " + reason;
  return nullptr;
}

}  // namespace

std::shared_ptr<TlsContext> make_tls_context(const TlsMaterial& material, std::string& error) {
  ERR_clear_error();
  auto context = std::make_shared<TlsContext>();
  context->ctx = SSL_CTX_new(TLS_server_method());
  if (!context->ctx || !use_policy(context->ctx, material)) return failed("settings", error);
  if (!use_certificate(context->ctx, material.certificate)) return failed("certificate", error);
  if (!use_key(context->ctx, material.key)) return failed("key", error);
  if (!material.client_ca.empty() && !use_client_authorities(context->ctx, material.client_ca))
    return failed("client_ca", error);
  ERR_clear_error();
  return context;
}

}  // namespace penstock
#endif
