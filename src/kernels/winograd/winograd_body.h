/* The transforms in vectors: included once by the file of an instruction set, which defines first
 *
 *   vector, LANES                a vector of LANES floats; LANES divides TMOI_WINOGRAD_PAD
 *   load, store                  of a vector, at any address
 *   load_part(x, count)          `count` lanes, 0 < count < LANES, and zeros
 *   store_part(out, x, count)
 *   broadcast, add, subtract, maximum, minimum, the latter two giving the second operand when either is NaN
 *   multiply_add(x, y, sum)      sum + x · y */

/* Bᵀ d, in place, of six vectors `step` apart. */
static TMOI_ALWAYS_INLINE void transform_in(vector *d, int step)
{
    const vector two = broadcast(2.0f), four = broadcast(-4.0f), five = broadcast(-5.0f),
                 plus = broadcast(4.0f);
    vector d0 = d[0], d1 = d[step], d2 = d[2 * step], d3 = d[3 * step], d4 = d[4 * step], d5 = d[5 * step];
    vector even = multiply_add(four, d2, d4), odd = multiply_add(four, d1, d3);
    vector low = subtract(d4, d2), high = subtract(d3, d1);
    d[0] = multiply_add(plus, d0, multiply_add(five, d2, d4));
    d[step] = add(even, odd);
    d[2 * step] = subtract(even, odd);
    d[3 * step] = multiply_add(two, high, low);
    d[4 * step] = multiply_add(broadcast(-2.0f), high, low);
    d[5 * step] = multiply_add(plus, d1, multiply_add(five, d3, d5));
}

/* Aᵀ m, in place: the first four are the result. */
static TMOI_ALWAYS_INLINE void transform_out(vector *m, int step)
{
    vector sum = add(m[step], m[2 * step]), difference = subtract(m[step], m[2 * step]);
    vector far_sum = add(m[3 * step], m[4 * step]), far_difference = subtract(m[3 * step], m[4 * step]);
    m[0] = add(m[0], add(sum, far_sum));
    m[step] = multiply_add(broadcast(2.0f), far_difference, difference);
    m[2 * step] = multiply_add(broadcast(4.0f), far_sum, sum);
    m[3 * step] = add(m[5 * step], multiply_add(broadcast(8.0f), far_difference, difference));
}

/* The channels from `c` on, `count` of them if not all lanes; sizes are known when compiling. */
static TMOI_ALWAYS_INLINE void forward_lanes(int h, int w, const tmoi_winograd_tile *t, int32_t c,
                                             int32_t count)
{
    vector d[TMOI_WINOGRAD_POINTS];
    for (int p = 0; p < h * w; p++)
        d[p] = count < LANES ? load_part(t->in[p] + c, count) : load(t->in[p] + c);
    if (h > 1)
        for (int x = 0; x < w; x++) transform_in(d + x, w);
    if (w > 1)
        for (int y = 0; y < h; y++) transform_in(d + y * w, 1);
    for (int p = 0; p < h * w; p++) store(t->points + p * t->point_step + c, d[p]);
}

static TMOI_ALWAYS_INLINE void back_lanes(int h, int w, const tmoi_winograd_tile *t, int32_t c, int32_t count)
{
    const int out_h = h > 1 ? TMOI_WINOGRAD_OUT : 1, out_w = w > 1 ? TMOI_WINOGRAD_OUT : 1;
    const vector low = broadcast(t->low), high = broadcast(t->high);
    vector m[TMOI_WINOGRAD_POINTS], bias = broadcast(0.0f);
    if (t->bias) bias = count < LANES ? load_part(t->bias + c, count) : load(t->bias + c);
    for (int p = 0; p < h * w; p++) m[p] = load(t->points + p * t->point_step + c);
    if (h > 1)
        for (int x = 0; x < w; x++) transform_out(m + x, w);
    if (w > 1)
        for (int y = 0; y < out_h; y++) transform_out(m + y * w, 1);
    for (int y = 0; y < out_h; y++)
        for (int x = 0; x < out_w; x++) {
            vector result = minimum(high, maximum(low, add(bias, m[y * w + x])));
            float *out = t->out[y * out_w + x] + c;
            if (count < LANES)
                store_part(out, result, count);
            else
                store(out, result);
        }
}

#define FOR_ALL_CHANNELS(name, lanes, H, W)                                    \
    static void name(const tmoi_winograd_tile *t)                              \
    {                                                                          \
        int32_t c = 0;                                                         \
        for (; c + LANES <= t->channels; c += LANES) lanes(H, W, t, c, LANES); \
        if (c < t->channels) lanes(H, W, t, c, t->channels - c);               \
    }
FOR_ALL_CHANNELS(forward_6x6, forward_lanes, 6, 6)
FOR_ALL_CHANNELS(forward_6x1, forward_lanes, 6, 1)
FOR_ALL_CHANNELS(forward_1x6, forward_lanes, 1, 6)
FOR_ALL_CHANNELS(back_6x6, back_lanes, 6, 6)
FOR_ALL_CHANNELS(back_6x1, back_lanes, 6, 1)
FOR_ALL_CHANNELS(back_1x6, back_lanes, 1, 6)
#undef FOR_ALL_CHANNELS

static void forward(const tmoi_winograd_tile *t)
{
    (t->points_h == 1 ? forward_1x6 : t->points_w == 1 ? forward_6x1 : forward_6x6)(t);
}

static void back(const tmoi_winograd_tile *t)
{
    (t->points_h == 1 ? back_1x6 : t->points_w == 1 ? back_6x1 : back_6x6)(t);
}
