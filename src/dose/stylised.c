#include "dose/stylised.h"

#include <math.h>

#include "core/banned.h"
#include "core/hash.h"
#include "core/text.h"
#include "dose/material.h"
#include "dose/stylised_figure.h"

/* Raised whenever an equation changes; dimensions are part of the key as they are. */
static const char version[] = "rgdquant stylised adult 1";

static double sq(double a)
{
    return a * a;
}

/* 1 on the surface of an ellipsoid; its half axes less by `wall`. */
static double within(const rgq_ellipsoid *e, double wall, double x, double y, double z)
{
    return sq((x - e->x) / (e->a - wall)) + sq((y - e->y) / (e->b - wall)) +
           sq((z - e->z) / (e->c - wall));
}

static void turn(double out[3], const rgq_turned *t, double x, double y, double z)
{
    const double d[3] = {x - t->x, y - t->y, z - t->z};

    for (int i = 0; i < 3; i++)
        out[i] = t->row[i][0] * d[0] + t->row[i][1] * d[1] + t->row[i][2] * d[2];
}

static bool in_genitalia(const rgq_figure *f, bool male, double inset, double x, double y,
                         double z)
{
    if (!male || z >= 0.0 || z < -(2.0 * f->testis.c + f->skin) + inset)
        return false;
    const double r = 0.5 * f->trunk_a * (1.0 + z / f->leg_apex) - inset;
    return fabs(x) <= r && y <= 0.0 && y >= -r && sq(fabs(x) - r) + y * y >= r * r;
}

static bool in_breast(const rgq_figure *f, double inset, double x, double y, double z)
{
    rgq_ellipsoid breast = f->breast;

    breast.y = -f->trunk_b * sqrt(1.0 - sq(breast.x / f->trunk_a));
    return y < 0.0 && within(&breast, inset, fabs(x), y, z) <= 1.0 &&
           sq(x / f->trunk_a) + sq(y / f->trunk_b) > 1.0;
}

/* Trunk, head and legs, all of them smaller by `inset`. */
static bool in_figure(const rgq_figure *f, double inset, double x, double y, double z)
{
    const double top = f->trunk_c;

    if (z >= 0.0 && z <= top) {
        const bool under_head = sq(x / f->head_a) + sq(y / f->head_b) <= 1.0;
        return sq(x / (f->trunk_a - inset)) + sq(y / (f->trunk_b - inset)) <= 1.0 &&
               (under_head || z <= top - inset);
    }
    if (z > top) {
        const double above = z - top - f->head_cylinder;
        const double flat = sq(x / (f->head_a - inset)) + sq(y / (f->head_b - inset));
        return flat + (above > 0.0 ? sq(above / (f->head_dome - inset)) : 0.0) <= 1.0;
    }
    const double radius = 0.5 * f->trunk_a * (1.0 + z / f->leg_apex);
    return z >= -f->leg_length + inset && sq(fabs(x) - radius) + y * y <= sq(radius - inset);
}

static bool in_limb_bones(const rgq_figure *f, double ax, double y, double z)
{
    if (z <= 0.0 && z >= -f->leg_length + f->skin) {
        const double down = z / (f->leg_length - f->skin); /* 0 .. -1 */
        const double centre = 0.5 * f->trunk_a + 0.25 * f->trunk_a * down;
        const double radius = f->leg_bone_top + (f->leg_bone_top - f->leg_bone_foot) * down;
        return sq(ax - centre) + y * y <= radius * radius;
    }
    if (z < 0.0 || z > f->arm_z)
        return false;
    const double taper = (f->arm_z + z) / (2.0 * f->arm_z);
    const double across = f->arm_a / (2.0 * f->arm_z) * (z - f->arm_z) + (ax - f->arm_x);
    return sq(across / f->arm_a) + sq(y / f->arm_b) <= taper * taper;
}

static bool in_girdles(const rgq_figure *f, double x, double y, double z)
{
    const double ax = fabs(x);

    if (z >= 0.0 && z <= f->pelvis_z2 && y >= f->pelvis_y02 &&
        sq(x / f->pelvis_a2) + sq((y - f->pelvis_y02) / f->pelvis_b2) <= 1.0 &&
        sq(x / f->pelvis_a1) + sq((y - f->pelvis_y01) / f->pelvis_b1) >= 1.0 &&
        (z > f->pelvis_z1 || y <= f->pelvis_y1))
        return true;
    if (z >= f->scapula_low && z <= f->scapula_high && y > 0.0 &&
        sq(x / f->scapula_a2) + sq(y / f->scapula_b) <= 1.0 &&
        sq(x / f->scapula_a1) + sq(y / f->scapula_b) > 1.0 && y > f->scapula_m1 * ax &&
        y < f->scapula_m2 * ax)
        return true;
    const double ahead = y + f->clavicle_y;
    const double ring = f->clavicle_ring - sqrt(x * x + ahead * ahead);
    return y < 0.0 && ring * ring + sq(z - f->clavicle_z) <= sq(f->clavicle_r) &&
           ahead > f->clavicle_c2 * ax && ahead < f->clavicle_c1 * ax;
}

static bool in_ribs(const rgq_figure *f, double x, double y, double z)
{
    if (z < f->rib_low || z > f->rib_high)
        return false;
    const int step = (int)((z - f->rib_low) / f->rib_step);
    return step % 2 == 0 && sq(x / f->rib_a) + sq(y / f->rib_b) <= 1.0 &&
           sq(x / (f->rib_a - f->rib_thick)) + sq(y / (f->rib_b - f->rib_thick)) >= 1.0;
}

static bool in_spine(const rgq_figure *f, double x, double y, double z)
{
    return z >= f->spine_low && z <= f->spine_high &&
           sq(x / f->spine_a) + sq((y - f->spine_y) / f->spine_b) <= 1.0;
}

/* Brain, skull, face, thyroid; -1: none of them. */
static int organ_of_head(const rgq_figure *f, double x, double y, double z)
{
    const double up = z - f->trunk_c - f->head_cylinder; /* from the centre of the brain */

    if (z <= f->trunk_c)
        return -1;
    if (within(&f->brain, 0.0, x, y, up) <= 1.0)
        return RGQ_STYLISED_BRAIN;
    if (within(&f->brain, -f->skull, x, y, up) <= 1.0)
        return RGQ_STYLISED_SKELETON;
    if (y <= 0.0 && up >= f->face_low && up <= f->face_high &&
        sq(x / f->face_a) + sq(y / f->face_b) <= 1.0 &&
        sq(x / (f->face_a - f->face_thick)) + sq(y / (f->face_b - f->face_thick)) >= 1.0)
        return RGQ_STYLISED_SKELETON;
    const double above = z - f->trunk_c;
    const double ahead = y - f->thyroid_y;
    const double r2 = x * x + ahead * ahead;
    if (above > f->thyroid_c || ahead > 0.0 || r2 > sq(f->thyroid_out) ||
        r2 < sq(f->thyroid_in))
        return -1;
    const double tau = above <= 0.25 * f->thyroid_c
                           ? 1.0 + (sqrt(2.0) - 2.0) / 2.0 * above / (0.25 * f->thyroid_c)
                           : (2.0 - sqrt(2.0)) / 2.0 * above / (0.75 * f->thyroid_c) +
                                 (2.0 * sqrt(2.0) - 1.0) / 3.0;
    return sq(ahead - fabs(x)) >= 2.0 * r2 * tau * tau ? RGQ_STYLISED_THYROID : -1;
}

static int wall_or_contents(bool contents, int wall)
{
    return contents ? wall - 1 : wall; /* contents stand before their wall */
}

static int organ_of_heart(const rgq_figure *f, double x, double y, double z)
{
    double t[3];

    turn(t, &f->heart, x, y, z);
    const double length = t[0] >= 0.0 ? f->heart_vx : f->heart_ax;
    const double flat = sq(t[0] / length) + sq(t[1] / f->heart_avy);
    double depth;
    double wall;
    if (t[0] >= 0.0 && flat + sq(t[2] / f->heart_lavz) <= 1.0) {
        depth = f->heart_lavz; /* left ventricle */
        wall = f->heart_left_wall;
    } else if (t[0] >= 0.0) {
        depth = f->heart_ravz; /* right ventricle, to the front of the left */
        wall = f->heart_right_wall;
        if (t[2] > 0.0)
            return -1;
    } else {
        depth = t[2] >= 0.0 ? f->heart_lavz : f->heart_ravz; /* atria */
        wall = f->heart_atrial_wall;
    }
    if (flat + sq(t[2] / depth) > 1.0)
        return -1;
    const bool blood = sq(t[0] / (length - wall)) + sq(t[1] / (f->heart_avy - wall)) +
                           sq(t[2] / (depth - wall)) <=
                       1.0;
    return wall_or_contents(blood, RGQ_STYLISED_HEART_WALL);
}

static bool in_lungs(const rgq_figure *f, double x, double y, double z)
{
    if (z < f->lung.z || within(&f->lung, 0.0, fabs(x), y, z) > 1.0)
        return false;
    if (x < 0.0)
        return !(z >= f->lung_right_low && z <= f->lung_right_high && y < f->lung_right_y &&
                 x > f->lung_right_x);
    return !(z <= f->lung_left_high && y < f->lung_left_y && x < f->lung_left_x);
}

static bool in_adrenals(const rgq_figure *f, double ax, double y, double z)
{
    const double c = cos(f->adrenal_turn * M_PI / 180.0);
    const double s = sin(f->adrenal_turn * M_PI / 180.0);
    const double dx = ax - f->adrenal.x;
    const double dy = y - f->adrenal.y;

    return z >= f->adrenal.z && sq((c * dx + s * dy) / f->adrenal.a) +
                                        sq((c * dy - s * dx) / f->adrenal.b) +
                                        sq((z - f->adrenal.z) / f->adrenal.c) <=
                                    1.0;
}

static int organ_of_gallbladder(const rgq_figure *f, double x, double y, double z)
{
    double t[3];

    turn(t, &f->gallbladder, x, y, z);
    const double flat = t[0] * t[0] + t[1] * t[1];
    if (t[2] > f->gallbladder_h)
        return -1;
    const double taper = t[2] > 0.0 ? f->gallbladder_taper * t[2] : 0.0;
    const double r2 = t[2] > 0.0 ? flat : flat + t[2] * t[2];
    if (r2 > sq(f->gallbladder_out - taper))
        return -1;
    return wall_or_contents(r2 <= sq(f->gallbladder_in - taper), RGQ_STYLISED_GALLBLADDER_WALL);
}

static int organ_of_upper_colon(const rgq_figure *f, double x, double y, double z)
{
    if (z >= f->ascending_low && z <= f->ascending_high) {
        const double dx = x - f->ascending_x;
        const double dy = y - f->ascending_y;
        const double w = f->ascending_wall;
        if (sq(dx / f->ascending_a) + sq(dy / f->ascending_b) <= 1.0)
            return wall_or_contents(
                sq(dx / (f->ascending_a - w)) + sq(dy / (f->ascending_b - w)) <= 1.0,
                RGQ_STYLISED_ULI_WALL);
    }
    const double dy = y - f->transverse_y;
    const double dz = z - f->transverse_z;
    const double w = f->transverse_wall;
    if (fabs(x) <= f->transverse_x1 &&
        sq(dy / f->transverse_b) + sq(dz / f->transverse_c) <= 1.0)
        return wall_or_contents(
            sq(dy / (f->transverse_b - w)) + sq(dz / (f->transverse_c - w)) <= 1.0,
            RGQ_STYLISED_ULI_WALL);
    return -1;
}

static int organ_of_lower_colon(const rgq_figure *f, double x, double y, double z)
{
    if (z >= f->descending_low && z <= f->descending_high) {
        const double length = f->descending_high - f->descending_low;
        const double dx =
            x - f->descending_x1 - f->descending_mx * (z - f->descending_high) / length;
        const double dy = y - f->descending_my * (f->descending_low - z) / length;
        const double w = f->descending_wall;
        if (sq(dx / f->descending_a) + sq(dy / f->descending_b) <= 1.0)
            return wall_or_contents(
                sq(dx / (f->descending_a - w)) + sq(dy / (f->descending_b - w)) <= 1.0,
                RGQ_STYLISED_LLI_WALL);
    }
    const bool upper = x >= f->sigmoid_x && z <= f->sigmoid_z;
    const bool lower = x <= f->sigmoid_x && z >= 0.0;
    if (!upper && !lower)
        return -1;
    const double centre = upper ? f->sigmoid_z : 0.0;
    const double ring = upper ? f->sigmoid_r1 : f->sigmoid_r2;
    const double off = sqrt(sq(x - f->sigmoid_x) + sq(z - centre)) - ring;
    const double w = f->sigmoid_wall;
    if (sq(off / f->sigmoid_a) + sq(y / f->sigmoid_b) > 1.0)
        return -1;
    return wall_or_contents(sq(off / (f->sigmoid_a - w)) + sq(y / (f->sigmoid_b - w)) <= 1.0,
                            RGQ_STYLISED_LLI_WALL);
}

static bool in_oesophagus(const rgq_figure *f, double x, double y, double z)
{
    double t[3];

    if (z >= f->oesophagus_low && z <= f->oesophagus_high)
        return sq(x / f->oesophagus_a) + sq((y - f->oesophagus_y) / f->oesophagus_b) <= 1.0;
    turn(t, &f->cardia, x, y, z);
    return t[0] >= f->cardia_x1 && t[0] <= f->cardia_x2 &&
           t[1] * t[1] + t[2] * t[2] <= sq(f->cardia_r);
}

static bool in_liver(const rgq_figure *f, double x, double y, double z)
{
    return z >= f->liver_low && z <= f->liver_high &&
           sq(x / f->liver_a) + sq(y / f->liver_b) <= 1.0 &&
           x / f->liver_xm + y / f->liver_ym - z / f->liver_zm <= -1.0;
}

static bool in_pancreas(const rgq_figure *f, double x, double y, double z)
{
    return x >= f->pancreas.x && within(&f->pancreas, 0.0, x, y, z) <= 1.0 &&
           (x <= f->pancreas_x1 || z >= f->pancreas.z);
}

static int organ_of_chest(const rgq_figure *f, double x, double y, double z)
{
    const int heart = organ_of_heart(f, x, y, z);

    if (heart >= 0)
        return heart;
    if (in_oesophagus(f, x, y, z))
        return RGQ_STYLISED_OESOPHAGUS;
    if (in_lungs(f, x, y, z))
        return RGQ_STYLISED_LUNGS;
    return within(&f->thymus, 0.0, x, y, z) <= 1.0 ? RGQ_STYLISED_THYMUS : -1;
}

static int organ_of_upper_belly(const rgq_figure *f, double x, double y, double z)
{
    const double ax = fabs(x);

    if (ax >= f->kidney_x1 && within(&f->kidney, 0.0, ax, y, z) <= 1.0)
        return RGQ_STYLISED_KIDNEYS;
    if (in_adrenals(f, ax, y, z))
        return RGQ_STYLISED_ADRENALS;
    const int gallbladder = organ_of_gallbladder(f, x, y, z);
    if (gallbladder >= 0)
        return gallbladder;
    if (within(&f->stomach, 0.0, x, y, z) <= 1.0)
        return wall_or_contents(within(&f->stomach, f->stomach_wall, x, y, z) <= 1.0,
                                RGQ_STYLISED_STOMACH_WALL);
    if (in_liver(f, x, y, z))
        return RGQ_STYLISED_LIVER;
    if (within(&f->spleen, 0.0, x, y, z) <= 1.0)
        return RGQ_STYLISED_SPLEEN;
    return in_pancreas(f, x, y, z) ? RGQ_STYLISED_PANCREAS : -1;
}

static int organ_of_lower_belly(const rgq_figure *f, bool male, double x, double y, double z)
{
    const int upper = organ_of_upper_colon(f, x, y, z);
    const int lower = upper >= 0 ? upper : organ_of_lower_colon(f, x, y, z);

    if (lower >= 0)
        return lower;
    if (within(&f->bladder, 0.0, x, y, z) <= 1.0)
        return wall_or_contents(within(&f->bladder, f->bladder_wall, x, y, z) <= 1.0,
                                RGQ_STYLISED_BLADDER_WALL);
    if (y >= f->uterus_y1 && within(&f->uterus, 0.0, x, y, z) <= 1.0)
        return RGQ_STYLISED_UTERUS;
    if (within(&f->ovary, 0.0, fabs(x), y, z) <= 1.0)
        return RGQ_STYLISED_OVARIES;
    if (male && within(&f->testis, 0.0, fabs(x), y, z) <= 1.0)
        return RGQ_STYLISED_TESTES;
    if (z >= f->small_low && z <= f->small_high && y >= f->small_y1 && y <= f->small_y2 &&
        sq(x / f->small_a) + sq((y - f->small_y0) / f->small_b) <= 1.0)
        return RGQ_STYLISED_SMALL_INTESTINE;
    return -1;
}

int rgq_stylised_at(rgq_sex_of_body sex, double x, double y, double z)
{
    const bool male = sex == RGQ_STYLISED_MALE;
    const rgq_figure *f = &rgq_figures[male ? 0 : 1];
    const bool breast = in_breast(f, 0.0, x, y, z);

    if (!breast && !in_figure(f, 0.0, x, y, z) && !in_genitalia(f, male, 0.0, x, y, z))
        return 0;
    if (breast)
        return 1 + (in_breast(f, f->skin, x, y, z) ? RGQ_STYLISED_BREASTS : RGQ_STYLISED_SKIN);
    if (!in_figure(f, f->skin, x, y, z) && !in_genitalia(f, male, f->skin, x, y, z) &&
        !in_breast(f, f->skin, x, y - f->skin, z))
        return 1 + RGQ_STYLISED_SKIN;
    const int head = organ_of_head(f, x, y, z);
    if (head >= 0)
        return 1 + head;
    if (in_limb_bones(f, fabs(x), y, z) || in_girdles(f, x, y, z) || in_spine(f, x, y, z) ||
        in_ribs(f, x, y, z))
        return 1 + RGQ_STYLISED_SKELETON;
    int organ = organ_of_chest(f, x, y, z);
    if (organ < 0)
        organ = organ_of_upper_belly(f, x, y, z);
    if (organ < 0)
        organ = organ_of_lower_belly(f, male, x, y, z);
    return 1 + (organ >= 0 ? organ : RGQ_STYLISED_REMAINDER);
}

static const char *const names[RGQ_STYLISED_ORGANS] = {
    [RGQ_STYLISED_ADRENALS] = "adrenals",
    [RGQ_STYLISED_BRAIN] = "brain",
    [RGQ_STYLISED_BREASTS] = "breasts",
    [RGQ_STYLISED_GALLBLADDER_CONTENTS] = "gallbladder contents",
    [RGQ_STYLISED_GALLBLADDER_WALL] = "gallbladder wall",
    [RGQ_STYLISED_HEART_CONTENTS] = "heart contents",
    [RGQ_STYLISED_HEART_WALL] = "heart wall",
    [RGQ_STYLISED_KIDNEYS] = "kidneys",
    [RGQ_STYLISED_LIVER] = "liver",
    [RGQ_STYLISED_LLI_CONTENTS] = "lower large intestine contents",
    [RGQ_STYLISED_LLI_WALL] = "lower large intestine wall",
    [RGQ_STYLISED_LUNGS] = "lungs",
    [RGQ_STYLISED_OESOPHAGUS] = "oesophagus",
    [RGQ_STYLISED_OVARIES] = "ovaries",
    [RGQ_STYLISED_PANCREAS] = "pancreas",
    [RGQ_STYLISED_REMAINDER] = "remainder",
    [RGQ_STYLISED_SKELETON] = "skeleton",
    [RGQ_STYLISED_SKIN] = "skin",
    [RGQ_STYLISED_SMALL_INTESTINE] = "small intestine",
    [RGQ_STYLISED_SPLEEN] = "spleen",
    [RGQ_STYLISED_STOMACH_CONTENTS] = "stomach contents",
    [RGQ_STYLISED_STOMACH_WALL] = "stomach wall",
    [RGQ_STYLISED_TESTES] = "testes",
    [RGQ_STYLISED_THYMUS] = "thymus",
    [RGQ_STYLISED_THYROID] = "thyroid",
    [RGQ_STYLISED_ULI_CONTENTS] = "upper large intestine contents",
    [RGQ_STYLISED_ULI_WALL] = "upper large intestine wall",
    [RGQ_STYLISED_BLADDER_CONTENTS] = "urinary bladder contents",
    [RGQ_STYLISED_BLADDER_WALL] = "urinary bladder wall",
    [RGQ_STYLISED_UTERUS] = "uterus",
};

static void name_organs(rgq_anatomy *body)
{
    static const int walls[] = {RGQ_STYLISED_GALLBLADDER_WALL, RGQ_STYLISED_HEART_WALL,
                                RGQ_STYLISED_LLI_WALL,         RGQ_STYLISED_STOMACH_WALL,
                                RGQ_STYLISED_ULI_WALL,         RGQ_STYLISED_BLADDER_WALL};

    body->n_organs = RGQ_STYLISED_ORGANS;
    for (int o = 0; o < RGQ_STYLISED_ORGANS; o++) {
        rgq_text_copy(body->organs[o].name, sizeof body->organs[o].name, names[o]);
        body->organs[o].wall_of = -1;
    }
    for (size_t i = 0; i < sizeof walls / sizeof walls[0]; i++) {
        body->organs[walls[i]].wall_of = walls[i] - 1;
        body->organs[walls[i] - 1].is_contents = true;
    }
}

static int material_of(int organ)
{
    if (organ == 0)
        return RGQ_MATERIAL_VOID;
    if (organ == 1 + RGQ_STYLISED_LUNGS)
        return RGQ_MATERIAL_LUNG;
    return organ == 1 + RGQ_STYLISED_SKELETON ? RGQ_MATERIAL_BONE : RGQ_MATERIAL_SOFT;
}

rgq_status rgq_stylised_create(rgq_anatomy **out, rgq_sex_of_body sex, double voxel_mm,
                               rgq_error *err)
{
    const rgq_figure *f = &rgq_figures[sex == RGQ_STYLISED_MALE ? 0 : 1];
    const double side = voxel_mm / 10.0;
    const double front = f->trunk_b + 0.8 * f->breast.b;
    rgq_anatomy *body = NULL;

    *out = NULL;
    if (!(voxel_mm >= 1.0 && voxel_mm <= 10.0))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "voxels of %g mm for the stylised adult; 1 to 10 mm are needed",
                         voxel_mm);
    const double length = f->leg_length + f->trunk_c + f->head_cylinder + f->head_dome;
    const int n[3] = {2 * (int)ceil(f->trunk_a / side), (int)ceil((front + f->trunk_b) / side),
                      (int)ceil(length / side)};
    const double origin[3] = {-0.5 * n[0] * side, -front, -f->leg_length};
    RGQ_PASS(err, rgq_anatomy_create(&body,
                                     sex == RGQ_STYLISED_MALE ? "stylised-adult-male"
                                                              : "stylised-adult-female",
                                     n, (const double[3]){voxel_mm, voxel_mm, voxel_mm}, false,
                                     err));
    name_organs(body);
#pragma omp parallel for schedule(static)
    for (int z = 0; z < n[2]; z++)
        for (int y = 0; y < n[1]; y++)
            for (int x = 0; x < n[0]; x++) {
                const size_t i =
                    ((size_t)z * (size_t)n[1] + (size_t)y) * (size_t)n[0] + (size_t)x;
                const int organ =
                    rgq_stylised_at(sex, origin[0] + (x + 0.5) * side,
                                    origin[1] + (y + 0.5) * side, origin[2] + (z + 0.5) * side);
                body->organ[i] = (uint8_t)organ;
                body->material[i] = (uint8_t)material_of(organ);
            }
    rgq_anatomy_weigh(body);
    *out = body;
    return RGQ_OK;
}

rgq_status rgq_stylised_key(char out[65], rgq_sex_of_body sex, double voxel_mm, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_text text = RGQ_TEXT_INIT;

    rgq_text_printf(&text, "%s\n%d %.17g\n", version, sex == RGQ_STYLISED_MALE ? 0 : 1,
                    voxel_mm);
    for (int material = 0; material < RGQ_MATERIALS; material++)
        rgq_text_printf(&text, "%.17g\n", rgq_material_at(material)->density_g_cm3);
    rgq_text_append(&text, (const char *)&rgq_figures[sex == RGQ_STYLISED_MALE ? 0 : 1],
                    sizeof rgq_figures[0]);
    RGQ_TRY(err, rgq_text_check(&text, err));
    RGQ_TRY(err, rgq_hash_bytes(out, text.data, text.length, err));
out:
    rgq_text_release(&text);
    return st;
}
