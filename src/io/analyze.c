#include "io/analyze.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "core/banned.h"

enum { ORIENT_AT = 252, ORIGIN_AT = 253 };

int rgq_analyze_datatype(int datatype)
{
    switch (datatype) { /* SPM2 adds 128 to a type for its twin with or without a sign */
    case 130:
        return 256; /* int8 */
    case 132:
        return 512; /* uint16 */
    case 136:
        return 768; /* uint32 */
    default:
        return datatype;
    }
}

/* Where i, j and k grow to, in the letters of RAS+, for each value of `orient`. */
static const struct {
    const char axes[4];
    const char *name;
} orients[] = {
    {"LAS", "transverse"},          {"LSA", "coronal"},          {"ASL", "sagittal"},
    {"LPS", "transverse, flipped"}, {"LIA", "coronal, flipped"}, {"AIL", "sagittal, flipped"},
};

static void set_axis(rgq_grid *grid, int column, char letter, double size_mm)
{
    static const char letters[] = "LRPAIS"; /* negative and positive end of each world axis */
    const int at = (int)(strchr(letters, letter) - letters);

    grid->affine[at / 2][column] = at % 2 == 1 ? size_mm : -size_mm;
}

/* SPM keeps the voxel that is the origin, counted from 1, where Analyze has free text. */
static bool spm_origin(int origin[3], const rgq_grid *grid, const unsigned char *bytes,
                       bool swapped)
{
    const uint16_t one = 1;
    unsigned char low = 0;

    memcpy(&low, &one, 1);
    const bool big = swapped == (low == 1); /* in the file */
    for (int i = 0; i < 3; i++) {
        const unsigned a = bytes[ORIGIN_AT + 2 * i];
        const unsigned b = bytes[ORIGIN_AT + 2 * i + 1];
        origin[i] = (int)(big ? a << 8 | b : b << 8 | a);
        if (origin[i] < 1 || origin[i] > grid->n[i])
            return false;
    }
    return true;
}

rgq_status rgq_analyze_place(rgq_grid *grid, const unsigned char *bytes, bool swapped,
                             const double pixdim_mm[3], const rgq_log *log, rgq_error *err)
{
    const int orient = bytes[ORIENT_AT];
    int origin[3] = {1, 1, 1};

    if (orient >= (int)(sizeof orients / sizeof orients[0]))
        return RGQ_RAISE(err, RGQ_E_GEOMETRY,
                         "the orient field of the Analyze header is %d, 0 to 5 was needed",
                         orient);
    for (int r = 0; r < 3; r++)
        for (int c = 0; c < 4; c++)
            grid->affine[r][c] = 0.0;
    for (int c = 0; c < 3; c++)
        set_axis(grid, c, orients[orient].axes[c], fabs(pixdim_mm[c]));
    const bool placed = spm_origin(origin, grid, bytes, swapped);
    for (int i = 0; !placed && i < 3; i++)
        origin[i] = 1;
    for (int r = 0; r < 3; r++)
        for (int c = 0; c < 3; c++)
            grid->affine[r][3] -= grid->affine[r][c] * (origin[c] - 1);
    for (int r = 0; r < 3; r++)
        grid->affine[r][3] += 0.0; /* no -0 */
    RGQ_WARN(log,
             "Analyze 7.5 does not define left and right; its orient field is %d (%s): voxels "
             "are taken to run to %s (L left, R right, A front, P back, S head, I feet), the "
             "first of them at %s; check with a landmark, or convert from the source again",
             orient, orients[orient].name, orients[orient].axes,
             placed ? "the place SPM's origin gives" : "0, 0, 0 mm");
    return RGQ_OK;
}
