// SHA-256 of OpenSSL's libcrypto, by the interface that needs no allocation: a night hashes millions of short rows.
#ifndef OPENSSL_HASH_H
#define OPENSSL_HASH_H

#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#endif
