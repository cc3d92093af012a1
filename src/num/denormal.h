/* Subnormal numbers cost a hundred times a normal one on many processors, and iterative
 * corrections make them by the million in an empty background. */
#ifndef RGQ_NUM_DENORMAL_H
#define RGQ_NUM_DENORMAL_H

/**
 * @brief From here on this thread takes numbers below 1.2e-38 for 0 and gives 0 for them.
 *
 * Call it in each thread of a parallel region, and rgq_denormal_restore() at its end with what
 * it returned. Without SSE2 nothing is changed.
 */
static inline unsigned rgq_denormal_flush(void)
{
#if defined(__SSE2__) && defined(__GNUC__)
    const unsigned before = __builtin_ia32_stmxcsr();
    __builtin_ia32_ldmxcsr(before | 0x8040U); /* flush to zero, denormals are zeros */
    return before;
#else
    return 0;
#endif
}

/** Put back what rgq_denormal_flush() returned; flags that were raised since then stay. */
static inline void rgq_denormal_restore(unsigned before)
{
#if defined(__SSE2__) && defined(__GNUC__)
    __builtin_ia32_ldmxcsr((before & 0x8040U) | (__builtin_ia32_stmxcsr() & ~0x8040U));
#else
    (void)before;
#endif
}

#endif
