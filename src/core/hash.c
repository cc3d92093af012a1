#include "core/hash.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/banned.h"

static void to_hex(char hex[RGQ_SHA256_TEXT], const unsigned char *digest)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < 32; i++) {
        hex[2 * i] = digits[digest[i] >> 4];
        hex[2 * i + 1] = digits[digest[i] & 15];
    }
    hex[64] = '\0';
}

rgq_status rgq_hash_bytes(char hex[RGQ_SHA256_TEXT], const void *bytes, size_t length,
                          rgq_error *err)
{
    unsigned char digest[EVP_MAX_MD_SIZE];

    if (EVP_Digest(bytes, length, digest, NULL, EVP_sha256(), NULL) != 1)
        return RGQ_RAISE(err, RGQ_E_NOMEM, "SHA-256 could not be computed");
    to_hex(hex, digest);
    return RGQ_OK;
}

static bool hash_stream(EVP_MD_CTX *context, FILE *file, unsigned char *digest)
{
    unsigned char buffer[65536];
    size_t got = 0;

    if (EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1)
        return false;
    while ((got = fread(buffer, 1, sizeof buffer, file)) > 0)
        if (EVP_DigestUpdate(context, buffer, got) != 1)
            return false;
    return ferror(file) == 0 && EVP_DigestFinal_ex(context, digest, NULL) == 1;
}

rgq_status rgq_hash_file(char hex[RGQ_SHA256_TEXT], const char *path, rgq_error *err)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    FILE *file = fopen(path, "rb");

    if (file == NULL)
        return RGQ_RAISE(err, RGQ_E_IO, "%s: %s", path, strerror(errno));
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    const bool good = context != NULL && hash_stream(context, file, digest);
    EVP_MD_CTX_free(context);
    (void)fclose(file);
    if (!good)
        return RGQ_RAISE(err, RGQ_E_IO, "%s: the file could not be read to its end", path);
    to_hex(hex, digest);
    return RGQ_OK;
}
