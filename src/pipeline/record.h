/* The history of a result: run.json of `quantify`, `<name>.run.json` of the other commands.
 *
 * Use: create; name every input, output and data file; add the facts and steps as they become
 * known; close() once all is done; write. Nothing in the record identifies a patient: paths are
 * replaced (see redact.h), clock times appear as seconds after the injection, dates not at all.
 *
 *     RGQ_TRY(err, rgq_record_create(&record, "filter", err));
 *     RGQ_TRY(err, rgq_record_input(record, o->scan, "scan", err));
 *     RGQ_TRY(err, rgq_record_output(record, o->out, err));
 *     ... read ...
 *     RGQ_TRY(err, rgq_record_facts(record, &scan.facts, err));
 *     RGQ_TRY(err, rgq_record_step(&step, record, "filter", err));
 *     RGQ_TRY(err, rgq_json_set_text(step, "path", "fir", err));
 *     RGQ_TRY(err, rgq_record_cite(record, "Author2012", err));
 *     RGQ_TRY(err, rgq_record_close(record, &(rgq_record_source){...}, err));
 *     RGQ_TRY(err, rgq_record_write_beside(record, o->out, o->force, err));
 */
#ifndef RGQ_PIPELINE_RECORD_H
#define RGQ_PIPELINE_RECORD_H

#include "core/json.h"
#include "pipeline/redact.h"
#include "rgdquant/filter.h"
#include "rgdquant/scan.h"
#include "rgdquant/suv.h"

typedef struct rgq_record rgq_record;

/** New record; its clock starts here. Free with rgq_record_free(). */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_record_create(rgq_record **out, const char *command,
                                                    rgq_error *err);
RGQ_API void rgq_record_free(rgq_record *record);

/**
 * @brief Name and hash an input.
 *
 * A file: SHA-256 of its bytes, and of the side file and the name table beside a NIfTI. A
 * folder: number of files and SHA-256 of their sorted SHA-256 values, so that file names do not
 * matter. It becomes <input-1>, <input-2>, ... in the order of the calls.
 *
 * @param[in] role  "scan", "regions", ...
 * @return RGQ_OK; RGQ_E_IO; RGQ_E_NOMEM
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_record_input(rgq_record *record, const char *path,
                                                   const char *role, rgq_error *err);

/** The same for a scan that was given by one of its files: with n_files > 1 the folder the file
 *  lies in is hashed. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_record_scan_input(rgq_record *record, const char *path,
                                                        int n_files, rgq_error *err);

/** Know an output: <output>, then <output-2>, ... */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_record_output(rgq_record *record, const char *path,
                                                    rgq_error *err);

/** Hash a shipped file (tracer, phantom); `name` is its place in the data folder, e.g.
 *  "tracers/18F-fluciclatide.json", and stands in the record instead of the path. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_record_data_file(rgq_record *record, const char *path,
                                                       const char *name, rgq_error *err);

/** Every known fact with its origin. Clock times become seconds after the injection (after the
 *  acquisition, then the series, where the injection is unknown); the series UID becomes a
 *  hash. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_record_facts(rgq_record *record,
                                                   const rgq_scan_facts *facts, rgq_error *err);

/** How the stored values became the unit of the results. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_record_plan(rgq_record *record, const rgq_suv_plan *plan,
                                                  rgq_error *err);

/** A step of the chain with its parameters; `*out` is an object to fill (borrowed). */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_record_step(rgq_json **out, rgq_record *record,
                                                  const char *name, rgq_error *err);

/** The step "filter" as rgq_filter_apply() reports it, with its citation. A kernel's file is to
 *  be known before (rgq_record_input()). */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_record_filter(rgq_record *record, const char *spec,
                                                    const rgq_filter_report *report,
                                                    rgq_error *err);

/** Add a key of references.json once. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_record_cite(rgq_record *record, const char *key,
                                                  rgq_error *err);

/** Where the rest comes from. */
typedef struct rgq_record_source {
    int argc;
    char *const *argv;        /**< whole command line; argv[0] becomes "rgdquant" */
    const rgq_json *options;  /**< name -> {value, origin}, as the context has them; or NULL */
    const rgq_json *warnings; /**< array of texts, or NULL */
    double began_s;           /**< when the run began (CLOCK_MONOTONIC); 0 = with the record */
} rgq_record_source;

/** Add command line, options and warnings with all paths replaced, threads and elapsed time.
 *  What differs from run to run stands under "run" and nowhere else. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_record_close(rgq_record *record,
                                                   const rgq_record_source *source,
                                                   rgq_error *err);

/** The document, as far as it is; belongs to the record. */
RGQ_API const rgq_json *rgq_record_json(const rgq_record *record);

/** The paths that are known so far, for words that go elsewhere (report). */
RGQ_API const rgq_redactor *rgq_record_redactor(const rgq_record *record);

RGQ_API RGQ_MUST_CHECK rgq_status rgq_record_write(const rgq_record *record, const char *path,
                                                   bool force, rgq_error *err);

/** Write `<name>.run.json` beside an output: "a/b.nii.gz" gives "a/b.run.json"; of a folder
 *  "a/d" it is "a/d.run.json". */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_record_write_beside(const rgq_record *record,
                                                          const char *output, bool force,
                                                          rgq_error *err);

#endif
