/* Plots by gnuplot, as a program through a pipe. */
#ifndef RGQ_REPORT_PLOT_H
#define RGQ_REPORT_PLOT_H

#include <stdbool.h>

#include "rgdquant/error.h"

/** Is there a gnuplot in the PATH? */
RGQ_API bool rgq_plot_is_there(void);

/**
 * @brief Run a script; what it draws, on its standard output, becomes a file.
 *
 * The script must not name an output. The file appears whole or not at all.
 *
 * @param[in] script  lines of gnuplot, `set terminal` included
 * @return RGQ_OK; RGQ_E_NOTFOUND without gnuplot; RGQ_E_IO (the file, or gnuplot ended badly)
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_plot_write(const char *path, const char *script,
                                                 bool force, rgq_error *err);

#endif
