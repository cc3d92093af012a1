/**
 * @file tsv.h
 * @brief Tables of words from tab-separated files: names of regions, tables to compare.
 */
#ifndef RGQ_IO_TSV_H
#define RGQ_IO_TSV_H

#include "rgdquant/error.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { RGQ_TSV_MAX_BYTES = 64 * 1024 * 1024, RGQ_TSV_MAX_COLUMNS = 4096 };

/** Every cell as text. Zero it before use; release with rgq_tsv_release(). */
typedef struct rgq_tsv {
    int n_columns;
    int n_rows;  /**< without the header row */
    char *text;  /**< holds all cells */
    char **cell; /**< header row first, then the rows, n_columns each */
} rgq_tsv;

/**
 * @brief Read a file: UTF-8, one header row, a tab between cells, LF or CR LF.
 *
 * No quoting: a cell is what stands between two tabs. Blank lines at the end are ignored.
 * @return RGQ_OK; RGQ_E_IO; RGQ_E_FORMAT with the line number: a row with another number of
 *         cells than the header, a column without a name or named twice, a NUL byte;
 * RGQ_E_NOMEM
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_tsv_read(rgq_tsv *out, const char *path, rgq_error *err);

/** The same from memory; `name` stands for the file in messages. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_tsv_parse(rgq_tsv *out, const char *text, size_t length,
                                                const char *name, rgq_error *err);

RGQ_API void rgq_tsv_release(rgq_tsv *table);

/** Header word of a column. */
RGQ_API const char *rgq_tsv_column(const rgq_tsv *table, int column);

/** A cell; rows count from 0 behind the header. */
RGQ_API const char *rgq_tsv_cell(const rgq_tsv *table, int row, int column);

/** Index of the column of that name, or -1. */
RGQ_API int rgq_tsv_find(const rgq_tsv *table, const char *name);

#ifdef __cplusplus
}
#endif

#endif
