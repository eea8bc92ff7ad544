// What Swift cannot import from OpenSSL's headers: function-like macros and variadic functions.
// The plain SHA-256 functions are called deprecated, and stay: through EVP every short digest costs
// an allocation and several look-ups, and each record of a feed has two.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

static inline EVP_PKEY *kvitt_p256_keygen(void) { return EVP_EC_gen("P-256"); }
static inline int kvitt_x509_count(const STACK_OF(X509) * s) { return sk_X509_num(s); }
static inline X509 *kvitt_x509_at(const STACK_OF(X509) * s, int i) { return sk_X509_value(s, i); }
static inline void kvitt_x509_stack_free(STACK_OF(X509) * s) { sk_X509_free(s); }
static inline long kvitt_bio_mem(BIO *b, char **data) { return BIO_get_mem_data(b, data); }
static inline int kvitt_hmac_sha256_init(EVP_MAC_CTX *c, const unsigned char *key, size_t n) {
  OSSL_PARAM p[] = {OSSL_PARAM_construct_utf8_string("digest", (char *)"SHA256", 0), OSSL_PARAM_construct_end()};
  return EVP_MAC_init(c, key, n, p);
}
