/* How a BIDS dataset becomes cases: the walk, the tracer, the regions. */
#ifndef RGQ_STUDY_BIDS_INSIDE_H
#define RGQ_STUDY_BIDS_INSIDE_H

#include "core/file.h"
#include "io/bids.h"
#include "rgdquant/study.h"
#include "rgdquant/tracer.h"

/** The tracers of the library. */
typedef struct rgq_bids_library {
    rgq_tracer *tracer;
    int count;
} rgq_bids_library;

RGQ_MUST_CHECK rgq_status rgq_bids_library_load(rgq_bids_library *out, const char *folder,
                                                rgq_error *err);
void rgq_bids_library_release(rgq_bids_library *library);

/** What a header says was injected; "" if it does not say. */
typedef struct rgq_bids_named {
    char tracer[160];
    char nuclide[64];
} rgq_bids_named;

/** TracerName and TracerRadionuclide of a scan, from its side files, nearest first.
 *  @return RGQ_OK; RGQ_E_FORMAT naming the file that cannot be read; RGQ_E_IO; RGQ_E_NOMEM */
RGQ_MUST_CHECK rgq_status rgq_bids_named_read(rgq_bids_named *out, const char *scan,
                                              rgq_error *err);

/** Set the case's tracer, or its refusal; `where` says who named it ("the side file"). */
RGQ_MUST_CHECK rgq_status rgq_bids_tracer_set(rgq_case *one, const rgq_bids_named *named,
                                              const char *where,
                                              const rgq_bids_library *library, rgq_error *err);

/** Folders of derivative datasets, relative to the dataset: not `out_dir`, none this program
 *  made. Release with rgq_names_release(). */
RGQ_MUST_CHECK rgq_status rgq_bids_derivatives(rgq_names *out, const char *bids_dir,
                                               const char *out_dir, rgq_error *err);

/** Set the case's regions, or its refusal. `stem` is the scan's name without its ending. */
RGQ_MUST_CHECK rgq_status rgq_bids_regions_set(rgq_case *one, const char *stem,
                                               const char *bids_dir,
                                               const rgq_names *derivatives, rgq_error *err);

/** Append a name; the list is released with rgq_names_release(). */
RGQ_MUST_CHECK rgq_status rgq_bids_name_add(rgq_names *list, const char *name, rgq_error *err);

/** Files and links right inside a folder whose names end in one of two endings, sorted; also
 *  links to nothing. A folder that is not there has none. */
RGQ_MUST_CHECK rgq_status rgq_bids_list(rgq_names *out, const char *folder, const char *ending,
                                        const char *other, rgq_error *err);

#endif
