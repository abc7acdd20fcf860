/* SKIP_GRAM and LSH_PROJECTION. Sources: TFLite skip_gram.cc and lsh_projection.cc; the hash is FarmHash's Fingerprint64. */
#include <string.h>

#include "runtime/strings.h"
#include "runtime/value.h"

/* ---- SKIP_GRAM: the words that follow each other with at most so many between ---- */

enum { MAX_WORDS_PER_GRAM = 64, MAX_GRAMS = 1 << 20 };

/* Walks all grams in order: a stack of word indices, rising. */
typedef struct gram_walk {
    int32_t depth, words, size, max_skip;
    bool shorter; /* also grams of fewer words */
    int32_t stack[MAX_WORDS_PER_GRAM];
} gram_walk;

static bool can_extend(const gram_walk *w)
{
    if (w->depth >= w->size || w->stack[w->depth] + 1 >= w->words) return false;
    return w->depth == 0 || w->stack[w->depth] - w->stack[w->depth - 1] <= w->max_skip;
}

/* The number of words of the next gram, which are stack[0 …], or 0 at the end. */
static int32_t next_gram(gram_walk *w)
{
    while (w->depth >= 0) {
        if (can_extend(w)) {
            w->stack[w->depth++]++;
            if (w->depth < w->size) w->stack[w->depth] = w->stack[w->depth - 1];
            continue;
        }
        int32_t depth = w->depth--;
        if (depth > 0 && (w->shorter || depth == w->size)) return depth;
    }
    return 0;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static int32_t split_words(tmoi_text text, tmoi_text *words)
{
    int32_t count = 0;
    for (size_t k = 0; k < text.size;) {
        size_t begin = k;
        while (k < text.size && !is_space(text.data[k])) k++;
        if (k > begin)
            words[count++] = (tmoi_text){text.data + begin, k - begin};
        else
            k++;
    }
    return count;
}

static gram_walk start_walk(const tmoi_node *node, int32_t words)
{
    const tmoi_fb_skip_gram_options *options = tmoi_op_options(node->op, skip_gram_options);
    return (gram_walk){.depth = words > 0 ? 1 : -1,
                       .words = words,
                       .size = options->ngram_size,
                       .max_skip = options->max_skip_size,
                       .shorter = options->include_all_ngrams};
}

static tmo_status prepare_skip_gram(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    int32_t words;
    (void)exec;
    return tmoi_node_scratch(node, (node->inputs[0]->bytes / 2 + 2) * sizeof(tmoi_text), &words, ctx);
}

static void write_gram(tmoi_value *out, int64_t k, const gram_walk *walk, int32_t size,
                       const tmoi_text *words)
{
    tmoi_strings_add(out, k, words[walk->stack[0]]);
    for (int32_t i = 1; i < size; i++) {
        tmoi_strings_extend(out, k, (tmoi_text){" ", 1});
        tmoi_strings_extend(out, k, words[walk->stack[i]]);
    }
}

static tmo_status eval_skip_gram(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    tmoi_text *words = node->scratch[0];
    size_t bytes = 0;
    int32_t grams = 0, size;
    TMO_TRY(tmoi_strings_check(node->inputs[0], ctx));
    int32_t count = split_words(tmoi_strings_at(node->inputs[0], 0), words);
    gram_walk walk = start_walk(node, count);
    for (; (size = next_gram(&walk)) > 0; grams++) {
        TMO_FAIL_IF(grams == MAX_GRAMS, LIMIT, ctx, "more than %d grams", MAX_GRAMS);
        bytes += (size_t)size - 1;
        for (int32_t i = 0; i < size; i++) bytes += words[walk.stack[i]].size;
    }
    tmoi_shape shape = {1, {grams}};
    TMO_TRY(tmoi_strings_begin(exec, node->outputs[0], &shape, bytes, ctx));
    walk = start_walk(node, count);
    for (int32_t k = 0; (size = next_gram(&walk)) > 0; k++)
        write_gram(node->outputs[0], k, &walk, size, words);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* ---- LSH_PROJECTION ---- */

static const uint64_t prime_1 = 0xB492B66FBE98F273u, prime_2 = 0x9AE16A3B2F90404Fu;

static uint64_t rotate(uint64_t x, uint32_t by)
{
    return x >> by | x << (64 - by);
}

static uint64_t load_64(const uint8_t *bytes)
{
    uint64_t word = 0;
    for (uint32_t k = 0; k < 8; k++) word |= (uint64_t)bytes[k] << (8 * k);
    return word;
}

static uint64_t load_32(const uint8_t *bytes)
{
    return bytes[0] | (uint64_t)bytes[1] << 8 | (uint64_t)bytes[2] << 16 | (uint64_t)bytes[3] << 24;
}

static uint64_t mix(uint64_t u, uint64_t v, uint64_t multiplier)
{
    uint64_t a = (u ^ v) * multiplier;
    a ^= a >> 47;
    uint64_t b = (v ^ a) * multiplier;
    return (b ^ b >> 47) * multiplier;
}

static uint64_t hash_to_16(const uint8_t *bytes, size_t size)
{
    uint64_t multiplier = prime_2 + size * 2;
    if (size < 8) return mix(size + (load_32(bytes) << 3), load_32(bytes + size - 4), multiplier);
    uint64_t a = load_64(bytes) + prime_2, b = load_64(bytes + size - 8);
    return mix(rotate(b, 37) * multiplier + a, (rotate(a, 25) + b) * multiplier, multiplier);
}

static uint64_t hash_to_32(const uint8_t *bytes, size_t size)
{
    uint64_t multiplier = prime_2 + size * 2, a = load_64(bytes) * prime_1, b = load_64(bytes + 8);
    uint64_t c = load_64(bytes + size - 8) * multiplier, d = load_64(bytes + size - 16) * prime_2;
    return mix(rotate(a + b, 43) + rotate(c, 30) + d, a + rotate(b + prime_2, 18) + c, multiplier);
}

enum { MAX_KEY_BYTES = 32 };

/* Fingerprint64 of 4 to 32 bytes. */
static uint64_t fingerprint(const uint8_t *bytes, size_t size)
{
    return size <= 16 ? hash_to_16(bytes, size) : hash_to_32(bytes, size);
}

static size_t item_bytes(const tmoi_value *in)
{
    return (size_t)tmoi_shape_product(&in->shape, 1, in->shape.rank) * tmoi_value_elem_bytes(in);
}

static tmo_status prepare_lsh(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    size_t bytes = item_bytes(node->inputs[1]);
    (void)exec;
    TMO_FAIL_IF(bytes > MAX_KEY_BYTES - sizeof(float), UNSUPPORTED_OPERATOR, ctx,
                "items of %zu bytes, at most %zu are supported", bytes, MAX_KEY_BYTES - sizeof(float));
    TMO_FAIL_IF(bytes == 0, INVALID_MODEL, ctx, "items without bytes");
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* The sign of the weighted sum of the items' hashes. */
static uint32_t sign_bit(const tmoi_node *node, const float *seed)
{
    const tmoi_value *in = node->inputs[1], *weights = node->input_count > 2 ? node->inputs[2] : NULL;
    size_t bytes = item_bytes(in);
    uint8_t key[MAX_KEY_BYTES];
    double score = 0.0;
    memcpy(key, seed, sizeof *seed);
    for (int32_t k = 0; k < in->shape.dims[0]; k++) {
        memcpy(key + sizeof *seed, (const uint8_t *)in->data + (size_t)k * bytes, bytes);
        double value = (double)(int64_t)fingerprint(key, sizeof *seed + bytes);
        score += weights ? (double)((const float *)weights->data)[k] * value : value;
    }
    return score > 0.0;
}

/* Type 1 gives a number a row of seeds, each in a range of its own; type 2 gives the bits. */
static tmo_status eval_lsh(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    bool as_numbers = tmoi_op_options(node->op, lsh_projection_options)->type == 1;
    const tmoi_shape *seeds = &node->inputs[0]->shape;
    const float *seed = node->inputs[0]->data;
    int32_t *out = node->outputs[0]->data;
    (void)exec, (void)ctx;
    for (int32_t row = 0; row < seeds->dims[0]; row++) {
        uint32_t signature = 0;
        for (int32_t k = 0; k < seeds->dims[1]; k++) {
            uint32_t bit = sign_bit(node, seed++);
            signature = signature << 1 | bit;
            if (!as_numbers) *out++ = (int32_t)bit;
        }
        if (as_numbers) *out++ = (int32_t)(signature + ((uint32_t)row << seeds->dims[1]));
    }
    return TMO_STATUS_OK;
}

const tmoi_op_def tmoi_op_skip_gram = {.prepare = prepare_skip_gram, .eval = eval_skip_gram};
const tmoi_op_def tmoi_op_lsh_projection = {.prepare = prepare_lsh, .eval = eval_lsh};
