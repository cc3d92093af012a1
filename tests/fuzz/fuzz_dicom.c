/* A DICOM file in: read as the only file of a folder, which lives as long as the process. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/file.h"
#include "io/dicom.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char folder[64];
static char path[80];

static void remove_all(void)
{
    (void)unlink(path);
    (void)rmdir(folder);
}

static void make_place(void)
{
    (void)snprintf(folder, sizeof folder, "/tmp/rgq-fuzz-XXXXXX");
    if (mkdtemp(folder) == NULL)
        abort();
    (void)snprintf(path, sizeof path, "%s/f", folder);
    (void)atexit(remove_all);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rgq_scan scan = {0};

    if (folder[0] == '\0')
        make_place();
    FILE *file = fopen(path, "wb");
    if (file == NULL)
        abort();
    (void)fwrite(data, 1, size, file);
    (void)fclose(file);
    const rgq_status st = rgq_dicom_read(&scan, folder, NULL, NULL, NULL);
    if ((st == RGQ_OK) != (scan.volume != NULL))
        abort();
    if (st == RGQ_OK && !rgq_dicom_is(path))
        abort();
    rgq_scan_release(&scan);
    return 0;
}
