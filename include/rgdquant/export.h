/**
 * @file export.h
 * @brief Attributes that every public header needs.
 */
#ifndef RGDQUANT_EXPORT_H
#define RGDQUANT_EXPORT_H

#include <stddef.h>

#if defined(__GNUC__)
#define RGQ_API                __attribute__((visibility("default")))
#define RGQ_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))
#define RGQ_MUST_CHECK         __attribute__((warn_unused_result))
#else
#define RGQ_API
#define RGQ_PRINTF(fmt, first)
#define RGQ_MUST_CHECK
#endif

#endif
