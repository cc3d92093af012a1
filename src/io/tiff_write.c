#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/banned.h"
#include "core/file.h"
#include "core/parse.h"
#include "core/text.h"
#include "io/tiff.h"
#include "io/tiff_pages.h"

static void put_real(rgq_text *text, const char *before, double value, const char *after)
{
    char number[RGQ_REAL_TEXT_MAX];

    rgq_text_printf(text, "%s%s%s", before, rgq_format_real(value, number), after);
}

static void put_planes(rgq_text *text, const rgq_volume *volume)
{
    for (int f = 0; f < rgq_volume_n_frames(volume); f++) {
        const rgq_frame time = rgq_volume_frame(volume, f);
        if (!isfinite(time.start_s) && !isfinite(time.duration_s))
            continue;
        rgq_text_printf(text, "<Plane TheZ=\"0\" TheT=\"%d\" TheC=\"0\"", f);
        if (isfinite(time.start_s))
            put_real(text, " DeltaT=\"", time.start_s, "\" DeltaTUnit=\"s\"");
        if (isfinite(time.duration_s))
            put_real(text, " ExposureTime=\"", time.duration_s, "\" ExposureTimeUnit=\"s\"");
        rgq_text_printf(text, "/>");
    }
}

/* ASCII, sizes in mm, and the affine that OME has no element for as a pair of key and value. */
static void put_xml(rgq_text *text, const rgq_volume *volume)
{
    const rgq_grid *grid = rgq_volume_grid(volume);
    double spacing[3];

    rgq_grid_spacing_mm(grid, spacing);
    rgq_text_printf(text,
                    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
                    "<OME xmlns=\"http://www.openmicroscopy.org/Schemas/OME/2016-06\" "
                    "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
                    "xsi:schemaLocation=\"http://www.openmicroscopy.org/Schemas/OME/2016-06 "
                    "http://www.openmicroscopy.org/Schemas/OME/2016-06/ome.xsd\" "
                    "Creator=\"rgdquant\"><Image ID=\"Image:0\"><Pixels ID=\"Pixels:0\" "
                    "DimensionOrder=\"XYZCT\" Type=\"float\" BigEndian=\"false\" SizeX=\"%d\" "
                    "SizeY=\"%d\" SizeZ=\"%d\" SizeC=\"1\" SizeT=\"%d\"",
                    grid->n[0], grid->n[1], grid->n[2], rgq_volume_n_frames(volume));
    for (int i = 0; i < 3; i++) {
        rgq_text_printf(text, " PhysicalSize%cUnit=\"mm\" PhysicalSize%c=\"", "XYZ"[i],
                        "XYZ"[i]);
        put_real(text, "", spacing[i], "\"");
    }
    rgq_text_printf(text, "><Channel ID=\"Channel:0:0\" SamplesPerPixel=\"1\"/><TiffData/>");
    put_planes(text, volume);
    rgq_text_printf(text, "</Pixels><AnnotationRef ID=\"Annotation:0\"/></Image>"
                          "<StructuredAnnotations><MapAnnotation ID=\"Annotation:0\" "
                          "Namespace=\"rgdquant\"><Value><M K=\"AffineRAS\">");
    for (int r = 0; r < 3; r++)
        for (int c = 0; c < 4; c++)
            put_real(text, r + c > 0 ? " " : "", grid->affine[r][c], "");
    rgq_text_printf(text, "</M></Value></MapAnnotation></StructuredAnnotations></OME>");
}

rgq_status rgq_tiff_write(const char *path, const rgq_volume *volume, bool force,
                          rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_text text = RGQ_TEXT_INIT;
    rgq_outfile out = {.pending = false};

    if (!rgq_text_ends_with(path, ".tif") && !rgq_text_ends_with(path, ".tiff"))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "%s: a TIFF file is named .tif or .tiff", path);
    put_xml(&text, volume);
    RGQ_TRY(err, rgq_text_check(&text, err));
    RGQ_TRY(err, rgq_outfile_begin(&out, path, force, err));
    st = rgq_tiff_write_pages(out.temp, volume, text.data, err);
    if (st != RGQ_OK) {
        rgq_error_prefix(err, "%s: ", path);
        goto out;
    }
    RGQ_TRY(err, rgq_outfile_commit(&out, err));
out:
    rgq_outfile_abandon(&out);
    rgq_text_release(&text);
    return st;
}
