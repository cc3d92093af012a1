/* Dimensions of the stylised adults [cm]; symbols are those of the equations in stylised.c. */
#ifndef RGQ_DOSE_STYLISED_FIGURE_H
#define RGQ_DOSE_STYLISED_FIGURE_H

/** An ellipsoid: half axes, centre. */
typedef struct rgq_ellipsoid {
    double a, b, c, x, y, z;
} rgq_ellipsoid;

/** A rotation: x' = row 0 . (x - origin), and so on. */
typedef struct rgq_turned {
    double row[3][3];
    double x, y, z;
} rgq_turned;

typedef struct rgq_figure {
    double trunk_a, trunk_b, trunk_c;
    double head_a, head_b, head_cylinder, head_dome;
    double leg_length, leg_apex;
    double skin;
    rgq_ellipsoid brain; /* z from the top of the head's cylinder */
    double skull;
    double face_a, face_b, face_thick, face_low, face_high; /* z from the brain's centre */
    double spine_a, spine_b, spine_y, spine_low, spine_high;
    double arm_a, arm_b, arm_x, arm_z;
    double leg_bone_top, leg_bone_foot; /* radii */
    double rib_a, rib_b, rib_thick, rib_low, rib_high, rib_step;
    double scapula_a1, scapula_a2, scapula_b, scapula_low, scapula_high, scapula_m1, scapula_m2;
    double clavicle_y, clavicle_z, clavicle_ring, clavicle_r, clavicle_c1, clavicle_c2;
    double pelvis_a1, pelvis_b1, pelvis_a2, pelvis_b2, pelvis_y01, pelvis_y02, pelvis_y1,
        pelvis_z1, pelvis_z2;
    rgq_ellipsoid adrenal;
    double adrenal_turn; /* degrees */
    rgq_ellipsoid breast;
    rgq_turned heart;
    double heart_vx, heart_avy, heart_lavz, heart_ravz, heart_ax;
    double heart_left_wall, heart_right_wall, heart_atrial_wall;
    rgq_turned gallbladder;
    double gallbladder_in, gallbladder_out, gallbladder_taper, gallbladder_h;
    rgq_ellipsoid kidney;
    double kidney_x1;
    double liver_a, liver_b, liver_xm, liver_ym, liver_zm, liver_low, liver_high;
    rgq_ellipsoid lung;
    double lung_right_x, lung_right_y, lung_right_low, lung_right_high;
    double lung_left_x, lung_left_y, lung_left_high;
    rgq_ellipsoid ovary, pancreas, spleen, stomach, testis, thymus, bladder, uterus;
    double pancreas_x1, stomach_wall, bladder_wall, uterus_y1;
    double thyroid_out, thyroid_in, thyroid_c, thyroid_y;
    double ascending_a, ascending_b, ascending_wall, ascending_x, ascending_y, ascending_low,
        ascending_high;
    double transverse_b, transverse_c, transverse_wall, transverse_y, transverse_z,
        transverse_x1;
    double descending_a, descending_b, descending_wall, descending_x1, descending_mx,
        descending_my, descending_low, descending_high;
    double sigmoid_a, sigmoid_b, sigmoid_wall, sigmoid_x, sigmoid_z, sigmoid_r1, sigmoid_r2;
    double small_a, small_b, small_y0, small_y1, small_y2, small_low, small_high;
    double oesophagus_a, oesophagus_b, oesophagus_wall, oesophagus_y, oesophagus_low,
        oesophagus_high;
    rgq_turned cardia; /* the oesophagus below the diaphragm, a rod along x' */
    double cardia_r, cardia_x1, cardia_x2;
} rgq_figure;

/** 0: male, 1: female. @see cite:Cristy1987, cite:Eckerman1996 */
extern const rgq_figure rgq_figures[2];

#endif
