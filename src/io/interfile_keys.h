/* The lines `key := value` of an Interfile header. Private to interfile*.c. */
#ifndef RGQ_IO_INTERFILE_KEYS_H
#define RGQ_IO_INTERFILE_KEYS_H

#include <stdbool.h>

#include "rgdquant/error.h"

typedef struct rgq_interfile_key {
    const char *name;  /* lower case, without '!', blanks, underscores and the index */
    const char *value; /* trimmed */
    int index;         /* of "[3]"; 0 without one */
} rgq_interfile_key;

typedef struct rgq_interfile_keys {
    rgq_interfile_key *key;
    size_t count;
} rgq_interfile_keys;

enum { RGQ_INTERFILE_KEYS_MAX = 65536 };

/* Take `text` (NUL-terminated, changed in place, must outlive the keys) apart up to
 * "END OF INTERFILE". Comments begin with ';'. A key that occurs twice counts as written last.
 * RGQ_E_FORMAT if the first line is not INTERFILE, or there are too many lines. */
RGQ_MUST_CHECK rgq_status rgq_interfile_keys_parse(rgq_interfile_keys *out, char *text,
                                                   rgq_error *err);
void rgq_interfile_keys_release(rgq_interfile_keys *keys);

/* Value of a key, or NULL where it is absent or empty. An index of 1 also finds the key
 * without an index. */
const char *rgq_interfile_get(const rgq_interfile_keys *keys, const char *name, int index);

/* Numbers: `*out` stays if the key is absent; RGQ_E_FORMAT names the key. */
RGQ_MUST_CHECK rgq_status rgq_interfile_get_real(double *out, const rgq_interfile_keys *keys,
                                                 const char *name, int index,
                                                 const double range[2], rgq_error *err);
RGQ_MUST_CHECK rgq_status rgq_interfile_get_int(long long *out, const rgq_interfile_keys *keys,
                                                const char *name, int index,
                                                const long long range[2], rgq_error *err);

/* Equal but for case, blanks, '_' and '-': "head_in" and "Head In". */
bool rgq_interfile_word_is(const char *value, const char *word);

#endif
