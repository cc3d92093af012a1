/* Loops compiled for several vector widths, the best of them taken at run time. */
#ifndef RGQ_NUM_CLONES_H
#define RGQ_NUM_CLONES_H

/** Before a function: its loops in three versions. Without fused operations the order of the
 *  additions, and so the bits, are the same in all. */
#if defined(__x86_64__) && defined(__gnu_linux__) && defined(__OPTIMIZE__) &&                  \
    (defined(__clang__) ? __clang_major__ >= 14 : __GNUC__ >= 6)
#define RGQ_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define RGQ_CLONES
#endif

#endif
