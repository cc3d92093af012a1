/* Linear systems on a lattice of voxels, each coupled to its six neighbours. */
#ifndef RGQ_NUM_LATTICE_H
#define RGQ_NUM_LATTICE_H

#include "rgdquant/error.h"

/**
 * The system sum_j w_ij (x_i - x_j) + anchor_i x_i = b_i over voxels i and their neighbours j.
 *
 * weight[a][i] >= 0 couples voxel i with the next along axis a; the last of a row has none.
 * A voxel without weights and anchor is no unknown: its x is 0. Every connected part needs an
 * anchor above 0 somewhere. Fill in what rgq_lattice_create() gives, free it afterwards.
 */
typedef struct rgq_lattice {
    int n[3];
    float
        *weight[3]; /**< n[0] n[1] n[2] values, x fastest, zero at first; has room around it */
    float *anchor;  /**< as many */
    float *b;       /**< as many; used up by rgq_lattice_solve() */
} rgq_lattice;

/** @return RGQ_OK; RGQ_E_NOMEM */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_lattice_create(rgq_lattice **out, const int n[3],
                                                     rgq_error *err);
RGQ_API void rgq_lattice_free(rgq_lattice *lattice);

/** How far the solution came. */
typedef struct rgq_lattice_report {
    int rounds;
    double residual; /**< |b - A x| / |b|, recomputed at the end from x */
} rgq_lattice_report;

/**
 * @brief Solve by conjugate gradients without a stored matrix.
 *
 * The preconditioner is one V-cycle of multigrid: voxels are gathered 2 x 2 x 2, weights
 * between gathered ones add up, and one damped Jacobi step runs before and after each coarser
 * level. So the number of rounds hardly grows with the size.
 *
 * @param[out] x         n[0] n[1] n[2] values
 * @param[in]  relative  residual wanted, e.g. 1e-4; single precision ends at 1e-6 to 1e-5
 * @return RGQ_OK; RGQ_E_NUMERIC if it is not reached in `rounds_max` rounds (x is the last);
 *         RGQ_E_NOMEM
 *
 * Cost: about 4 products with the matrix a round; 40 bytes a voxel beside the lattice.
 * Threads: same bits for any number (sums run slice by slice).
 * @see cite:Notay2010
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_lattice_solve(float *x, rgq_lattice *lattice,
                                                    double relative, int rounds_max,
                                                    rgq_lattice_report *report, rgq_error *err);

#endif
