/* A NIfTI file made by hand and read back, with what was warned of. */
#ifndef IO_NIFTI_CASE_H
#define IO_NIFTI_CASE_H

#include "io/nifti.h"

#include "io_check.h"
#include "warned.h"

static rgq_volume *volume;
static rgq_nifti_facts facts;

static void begin(void)
{
    folder_begin();
    volume = NULL;
    warned[0] = '\0';
}

static void end(void)
{
    rgq_volume_free(volume);
    folder_end();
}

static void read_back(const char *path)
{
    rgq_volume_free(volume);
    MUST(rgq_nifti_read(&volume, &facts, path, &listener, err));
}

static void read_made(const maker *m)
{
    save(at("a.nii"), m->bytes, m->length);
    read_back(at("a.nii"));
}

#endif
