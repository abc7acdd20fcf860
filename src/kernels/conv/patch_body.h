/* Patches of an image with elements of type IN, as elements of type OUT: copy_patch copies one pixel's
 * patch, subtracting `offset`. Included once a type, with IN, OUT, CONVERT and NAME() defined; not a
 * header of its own. */

static void NAME(copy_run)(const IN *in, int32_t count, int32_t offset, OUT *restrict out)
{
    for (int32_t k = 0; k < count; k++) out[k] = CONVERT(in[k], offset);
    (void)offset;
}

/* filter_w taps along x from column x on; columns outside the image become zero. */
static void NAME(copy_row)(const tmoi_conv_shape *s, const IN *row, int32_t x, int32_t offset, OUT *out)
{
    int32_t channels = s->filter_c;
    if (s->dilation_w == 1 && channels == s->in_c && x >= 0 && x <= s->in_w - s->filter_w) {
        NAME(copy_run)(row + (ptrdiff_t)x * channels, s->filter_w * channels, offset, out);
        return;
    }
    for (int32_t kx = 0; kx < s->filter_w; kx++, x += s->dilation_w, out += channels) {
        if (x < 0 || x >= s->in_w)
            memset(out, 0, (size_t)channels * sizeof *out);
        else
            NAME(copy_run)(row + (ptrdiff_t)x * s->in_c, channels, offset, out);
    }
}

static void NAME(copy_patch)(const tmoi_conv_shape *s, int32_t group, const IN *in, int32_t offset,
                             const tmoi_conv_position *at, OUT *out)
{
    const IN *image = in + at->image * s->in_d * s->in_h * s->in_w * s->in_c + (ptrdiff_t)group * s->filter_c;
    ptrdiff_t row_size = (ptrdiff_t)s->filter_w * s->filter_c;
    for (int32_t kd = 0; kd < s->filter_d; kd++)
        for (int32_t ky = 0; ky < s->filter_h; ky++, out += row_size) {
            int32_t z = at->z + kd * s->dilation_d, y = at->y + ky * s->dilation_h;
            if (z < 0 || z >= s->in_d || y < 0 || y >= s->in_h) {
                memset(out, 0, (size_t)row_size * sizeof *out);
                continue;
            }
            const IN *row = image + ((ptrdiff_t)z * s->in_h + y) * s->in_w * s->in_c;
            NAME(copy_row)(s, row, at->x, offset, out);
        }
}
