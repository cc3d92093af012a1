/* Insides of a prepared transform. Only fft*.c include this. */
#ifndef RGQ_NUM_FFT_PARTS_H
#define RGQ_NUM_FFT_PARTS_H

#include "num/fft.h"
#include "num/fft_plan.h"

/* One padded axis. */
typedef struct rgq_fft_axis {
    int n;
    int padded;
    int reach;
    int *source; /* for each padded position: voxel it is filled from, or -1 for zero */
} rgq_fft_axis;

typedef enum rgq_fft_kind {
    RGQ_FFT_NO_KERNEL,
    RGQ_FFT_SEPARABLE,
    RGQ_FFT_LAPLACIAN,
    RGQ_FFT_RADIAL,
    RGQ_FFT_IMAGE
} rgq_fft_kind;

/* A function of u > 0 by cubics in cells of equal relative width: the highest bits of a float,
 * exponent and all, number the cell, the rest is the place in it. */
typedef struct rgq_fft_table {
    int shift;      /* bits of the place in the cell */
    unsigned first; /* number of the first cell */
    size_t count;
    float at_zero;
    float (*cell)[4];
} rgq_fft_table;

/* What spectra are multiplied by; 1 / (voxels of the transform) is in it. */
typedef struct rgq_fft_gains {
    rgq_fft_kind kind;
    float *flat[3]; /* SEPARABLE, LAPLACIAN: at the frequencies of each axis */
    float *bent[3]; /* LAPLACIAN */
    float *u[3];    /* RADIAL: squares of the scaled frequencies */
    rgq_fft_table table;
    double table_error;
    float *image_block; /* IMAGE: spectra of its slices, as in the buffer */
    float *image;
    size_t bytes;         /* IMAGE: of its spectra */
    rgq_fft_axis image_z; /* where its slices stand on a line */
} rgq_fft_gains;

struct rgq_fft {
    rgq_fft_axis a[3];
    rgq_fft_plan plan[3];
    size_t row;     /* floats from row to row of the buffer */
    size_t slice;   /* ... and from slice to slice */
    int n_blocks;   /* blocks of columns in a slice */
    int n_threads;  /* there is scratch for */
    size_t column;  /* floats of one scratch */
    float *block;   /* what `buffer` lies in */
    float *buffer;  /* a[2].n slices */
    float *work;    /* what `scratch` lies in */
    float *scratch; /* three for each thread */
    size_t bytes;
    rgq_fft_gains gains;
};

/* Columns of one block. */
typedef struct rgq_fft_block {
    int x;     /* the first, of complex numbers */
    int count; /* 1 .. RGQ_FFT_BLOCK */
} rgq_fft_block;

rgq_fft_block rgq_fft_block_at(const rgq_fft *fft, int index);

/* Scratch `i`, 0 .. 2, of the calling thread. */
float *rgq_fft_scratch(const rgq_fft *fft, int i);

/* Lines of a block, `step` floats from element to element: position p of each comes from
 * element a->source[p]. Columns past the block's last keep what they hold, and nobody looks at
 * them. */
void rgq_fft_gather(float *lines, const float *from, size_t step, const rgq_fft_axis *a,
                    rgq_fft_block at);

/* One slice of rows a[1].n of which are filled, and transformed along x: along y, all of it. */
void rgq_fft_forward_columns(const rgq_fft *fft, float *slice, const rgq_fft_axis *y);

/* Multiply the spectrum of a block of lines along z by gains of any kind but IMAGE. */
void rgq_fft_gains_apply(const rgq_fft *fft, float *lines, int y, rgq_fft_block at);

/* The same for IMAGE. */
void rgq_fft_image_apply(const rgq_fft *fft, float *lines, int y, rgq_fft_block at,
                         bool turned);

void rgq_fft_gains_release(rgq_fft_gains *gains);

#endif
