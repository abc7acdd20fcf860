/* The intrinsics of AVX-512, AVX512-VNNI and AVX-VNNI for processors without them, so that kernels of these sets are tested anywhere:
 * included before every source of theirs in a build with TMO_EMULATE. Most come from SIMDe; this header adds what its
 * version 0.7 lacks and our kernels use, lane by lane. */
#ifndef TESTS_EMULATED_AVX512_H
#define TESTS_EMULATED_AVX512_H

#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/x86/avx512.h>
#include <stdint.h>
#include <string.h>

/* A vector's lanes as an array, and back. */
#define EMULATED_LANES(type, count, name, vector) \
    type name[count];                             \
    memcpy(name, &(vector), sizeof name)

static inline simde__m512i emulated_m512i(const void *lanes)
{
    simde__m512i out;
    memcpy(&out, lanes, sizeof out);
    return out;
}

static inline simde__m512 emulated_m512(const void *lanes)
{
    simde__m512 out;
    memcpy(&out, lanes, sizeof out);
    return out;
}

static inline __m256i emulated_m256i(const void *lanes)
{
    __m256i out;
    memcpy(&out, lanes, sizeof out);
    return out;
}

/* ---- conversions ---- */

static inline simde__m512i emulated_cvtps_epi32(simde__m512 a)
{
    EMULATED_LANES(float, 16, in, a);
    int32_t out[16];
    for (int k = 0; k < 16; k++) out[k] = _mm_cvtss_si32(_mm_set_ss(in[k]));
    return emulated_m512i(out);
}

static inline simde__m512i emulated_cvttps_epi32(simde__m512 a)
{
    EMULATED_LANES(float, 16, in, a);
    int32_t out[16];
    for (int k = 0; k < 16; k++) out[k] = _mm_cvttss_si32(_mm_set_ss(in[k]));
    return emulated_m512i(out);
}

static inline simde__m512 emulated_cvtepi32_ps(simde__m512i a)
{
    EMULATED_LANES(int32_t, 16, in, a);
    float out[16];
    for (int k = 0; k < 16; k++) out[k] = (float)in[k];
    return emulated_m512(out);
}

static inline simde__m512 emulated_cvtph_ps(__m256i a)
{
    float out[16];
    _mm256_storeu_ps(out, _mm256_cvtph_ps(_mm256_castsi256_si128(a)));
    _mm256_storeu_ps(out + 8, _mm256_cvtph_ps(_mm256_extracti128_si256(a, 1)));
    return emulated_m512(out);
}

static inline __m256i emulated_cvtepi32_epi16(simde__m512i a)
{
    EMULATED_LANES(int32_t, 16, in, a);
    int16_t out[16];
    for (int k = 0; k < 16; k++) out[k] = (int16_t)(uint32_t)in[k];
    return emulated_m256i(out);
}

static inline __m128i emulated_cvtepi32_epi8(simde__m512i a)
{
    EMULATED_LANES(int32_t, 16, in, a);
    int8_t out[16];
    for (int k = 0; k < 16; k++) out[k] = (int8_t)(uint32_t)in[k];
    return _mm_loadu_si128((const __m128i *)(const void *)out);
}

static inline __m256 emulated_extractf32x8_ps(simde__m512 a, int half)
{
    EMULATED_LANES(float, 16, in, a);
    return _mm256_loadu_ps(in + 8 * half);
}

/* ---- masks ---- */

static inline void emulated_store(void *out, const void *lanes, int count, size_t bytes, uint64_t mask)
{
    for (int k = 0; k < count; k++)
        if (mask >> k & 1)
            memcpy((unsigned char *)out + (size_t)k * bytes, (const unsigned char *)lanes + (size_t)k * bytes,
                   bytes);
}

static inline void emulated_mask_storeu_ps(void *out, uint16_t mask, simde__m512 a)
{
    emulated_store(out, &a, 16, 4, mask);
}

static inline void emulated_mask_storeu_epi32(void *out, uint16_t mask, simde__m512i a)
{
    emulated_store(out, &a, 16, 4, mask);
}

static inline void emulated_mask_storeu_epi16(void *out, uint16_t mask, __m256i a)
{
    emulated_store(out, &a, 16, 2, mask);
}

static inline void emulated_mask_storeu_epi8(void *out, uint16_t mask, __m128i a)
{
    emulated_store(out, &a, 16, 1, mask);
}

static inline simde__m512 emulated_maskz_loadu_ps(uint16_t mask, const void *in)
{
    float lanes[16] = {0};
    emulated_store(lanes, in, 16, 4, mask);
    return emulated_m512(lanes);
}

static inline simde__m512i emulated_maskz_loadu_epi32(uint16_t mask, const void *in)
{
    int32_t lanes[16] = {0};
    emulated_store(lanes, in, 16, 4, mask);
    return emulated_m512i(lanes);
}

/* ---- products ---- */

static inline simde__m512i emulated_madd_epi16(simde__m512i a, simde__m512i b)
{
    EMULATED_LANES(int16_t, 32, x, a);
    EMULATED_LANES(int16_t, 32, y, b);
    int32_t out[16];
    for (int k = 0; k < 16; k++)
        out[k] = (int32_t)((uint32_t)(x[2 * k] * y[2 * k]) + (uint32_t)(x[2 * k + 1] * y[2 * k + 1]));
    return emulated_m512i(out);
}

static inline void emulated_dot(int32_t *sums, const void *a, const void *b, int count)
{
    const uint8_t *x = a;
    const int8_t *y = b;
    for (int k = 0; k < 4 * count; k++)
        sums[k / 4] = (int32_t)((uint32_t)sums[k / 4] + (uint32_t)(x[k] * y[k]));
}

static inline simde__m512i emulated_dpbusd_epi32(simde__m512i sum, simde__m512i a, simde__m512i b)
{
    EMULATED_LANES(int32_t, 16, out, sum);
    emulated_dot(out, &a, &b, 16);
    return emulated_m512i(out);
}

static inline __m256i emulated_dpbusd_avx_epi32(__m256i sum, __m256i a, __m256i b)
{
    EMULATED_LANES(int32_t, 8, out, sum);
    emulated_dot(out, &a, &b, 8);
    return emulated_m256i(out);
}

static inline __m256i emulated_dpwssd_epi32(__m256i sum, __m256i a, __m256i b)
{
    return _mm256_add_epi32(sum, _mm256_madd_epi16(a, b));
}

#undef _mm256_dpwssd_epi32
#undef _mm512_madd_epi16
#undef _mm512_dpbusd_epi32
#define _mm256_dpbusd_avx_epi32  emulated_dpbusd_avx_epi32
#define _mm256_dpwssd_avx_epi32  emulated_dpwssd_epi32
#define _mm256_dpwssd_epi32      emulated_dpwssd_epi32
#define _mm256_mask_storeu_epi16 emulated_mask_storeu_epi16
#define _mm512_cvtepi32_epi16    emulated_cvtepi32_epi16
#define _mm512_cvtepi32_epi8     emulated_cvtepi32_epi8
#define _mm512_cvtepi32_ps       emulated_cvtepi32_ps
#define _mm512_cvtph_ps          emulated_cvtph_ps
#define _mm512_cvtps_epi32       emulated_cvtps_epi32
#define _mm512_cvttps_epi32      emulated_cvttps_epi32
#define _mm512_dpbusd_epi32      emulated_dpbusd_epi32
#undef _mm512_extractf32x8_ps
#define _mm512_extractf32x8_ps   emulated_extractf32x8_ps
#define _mm512_madd_epi16        emulated_madd_epi16
#define _mm512_mask_storeu_epi32 emulated_mask_storeu_epi32
#define _mm512_mask_storeu_ps    emulated_mask_storeu_ps
#define _mm512_maskz_loadu_epi32 emulated_maskz_loadu_epi32
#define _mm512_maskz_loadu_ps    emulated_maskz_loadu_ps
#define _mm_mask_storeu_epi8     emulated_mask_storeu_epi8

#endif
