/* JSON in and out; Jansson is behind it and nowhere else.
 *
 * Reading is strict: a duplicate key, an unknown key where rgq_json_only() is asked, a missing
 * or mistyped value is an error that names the file and the path of keys. Numbers are written
 * so that they read back to the same double; objects keep the order of insertion. */
#ifndef RGQ_CORE_JSON_H
#define RGQ_CORE_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "rgdquant/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A node. Nodes of a document belong to it; only the root is freed. */
typedef struct json_t rgq_json;

enum { RGQ_JSON_MAX_BYTES = 16 * 1024 * 1024, RGQ_JSON_MAX_DEPTH = 64 };

/** Version of the library behind this header. */
RGQ_API const char *rgq_json_version(void);

/* ---- read ---- */

RGQ_API RGQ_MUST_CHECK rgq_status rgq_json_load(rgq_json **out, const char *path,
                                                rgq_error *err);
/** `name` stands for the file in messages. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_json_parse(rgq_json **out, const char *text,
                                                 size_t length, const char *name,
                                                 rgq_error *err);
RGQ_API void rgq_json_free(rgq_json *root);

RGQ_API bool rgq_json_is_object(const rgq_json *node);
RGQ_API bool rgq_json_is_array(const rgq_json *node);
RGQ_API bool rgq_json_is_text(const rgq_json *node);
RGQ_API bool rgq_json_is_number(const rgq_json *node);
RGQ_API bool rgq_json_is_bool(const rgq_json *node);
RGQ_API bool rgq_json_is_null(const rgq_json *node);

/** Member of an object, or NULL (also if `node` is NULL or no object). */
RGQ_API const rgq_json *rgq_json_get(const rgq_json *node, const char *key);
/** Items of an array, members of an object, 0 for the rest. */
RGQ_API size_t rgq_json_count(const rgq_json *node);
RGQ_API const rgq_json *rgq_json_at(const rgq_json *node, size_t i);
/** i-th member of an object in file order; `*key` is valid as long as the document. */
RGQ_API const rgq_json *rgq_json_member(const rgq_json *node, size_t i, const char **key);

/** Value of a text, number or bool node; the fallback for any other node or NULL. */
RGQ_API const char *rgq_json_text(const rgq_json *node, const char *fallback);
RGQ_API double rgq_json_number(const rgq_json *node, double fallback);
RGQ_API bool rgq_json_bool(const rgq_json *node, bool fallback);

/** Members that must be there, with type and range; `where` goes into the message
 *  ("tracers/x.json: targets[0]"). */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_json_need_text(const char **out, const rgq_json *node,
                                                     const char *key, const char *where,
                                                     rgq_error *err);
RGQ_API RGQ_MUST_CHECK rgq_status rgq_json_need_real(double *out, const rgq_json *node,
                                                     const char *key, double lo, double hi,
                                                     const char *where, rgq_error *err);
RGQ_API RGQ_MUST_CHECK rgq_status rgq_json_need_reals(double *out, size_t count,
                                                      const rgq_json *node, const char *key,
                                                      const char *where, rgq_error *err);

/** Refuse members that are not in the NULL-ended list; the message has the nearest name. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_json_only(const rgq_json *node, const char *const *keys,
                                                const char *where, rgq_error *err);

/* ---- build and write ---- */

/** New empty object or array; free the root with rgq_json_free(). */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_json_object(rgq_json **out, rgq_error *err);
RGQ_API RGQ_MUST_CHECK rgq_status rgq_json_array(rgq_json **out, rgq_error *err);

/* Setters replace a member of that name. A value that is not finite is written as null. With a
 * NULL key the value is appended to the array `node`. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_json_set_text(rgq_json *node, const char *key,
                                                    const char *value, rgq_error *err);
RGQ_API RGQ_MUST_CHECK rgq_status rgq_json_set_real(rgq_json *node, const char *key,
                                                    double value, rgq_error *err);
RGQ_API RGQ_MUST_CHECK rgq_status rgq_json_set_int(rgq_json *node, const char *key,
                                                   long long value, rgq_error *err);
RGQ_API RGQ_MUST_CHECK rgq_status rgq_json_set_bool(rgq_json *node, const char *key, bool value,
                                                    rgq_error *err);
RGQ_API RGQ_MUST_CHECK rgq_status rgq_json_set_null(rgq_json *node, const char *key,
                                                    rgq_error *err);
RGQ_API RGQ_MUST_CHECK rgq_status rgq_json_set_reals(rgq_json *node, const char *key,
                                                     const double *values, size_t count,
                                                     rgq_error *err);
/** New object/array as a member; it belongs to `node`, `*out` is a borrowed pointer. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_json_add_object(rgq_json **out, rgq_json *node,
                                                      const char *key, rgq_error *err);
RGQ_API RGQ_MUST_CHECK rgq_status rgq_json_add_array(rgq_json **out, rgq_json *node,
                                                     const char *key, rgq_error *err);
/** Deep copy of `value` as a member. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_json_set_copy(rgq_json *node, const char *key,
                                                    const rgq_json *value, rgq_error *err);

/** Text with two blanks of indent and a final newline; short arrays of numbers stay on one
 *  line. Release with rgq_free(). */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_json_dump(char **out, const rgq_json *root,
                                                rgq_error *err);
RGQ_API RGQ_MUST_CHECK rgq_status rgq_json_write(const rgq_json *root, const char *path,
                                                 bool force, rgq_error *err);

#ifdef __cplusplus
}
#endif

#endif
