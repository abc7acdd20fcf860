/* The constraints of the Ethos-U tables; ethos_u.c names their source. Those that end in u55 and u85 differ between the NPUs. */
#ifndef TMOI_TARGET_ETHOS_U_CONSTRAINTS_H
#define TMOI_TARGET_ETHOS_U_CONSTRAINTS_H

#include "target/rule.h"

/* ethos_u_generic.c */
bool tmoi_ethos_shapes_are_fixed(const tmoi_site *site, tmoi_why *why);
bool tmoi_ethos_gather_shapes(const tmoi_site *site, tmoi_why *why);
bool tmoi_ethos_is_quantized(const tmoi_site *site, tmoi_why *why);
bool tmoi_ethos_per_tensor(const tmoi_site *site, tmoi_why *why);
bool tmoi_ethos_zero_points_fit_u85(const tmoi_site *site, tmoi_why *why);
bool tmoi_ethos_zero_points_fit(const tmoi_site *site, tmoi_why *why);
bool tmoi_ethos_same_quantization(const tmoi_site *site, tmoi_why *why);
bool tmoi_ethos_same_type_and_shape(const tmoi_site *site, tmoi_why *why);
bool tmoi_ethos_narrow_activation(const tmoi_site *site, tmoi_why *why);
bool tmoi_ethos_plain_lstm(const tmoi_site *site, tmoi_why *why);

/* ethos_u_matrix.c */
bool tmoi_ethos_bias_40(const tmoi_site *site, tmoi_why *why);
bool tmoi_ethos_bias_48(const tmoi_site *site, tmoi_why *why);
bool tmoi_ethos_weights_8_bit(const tmoi_site *site, tmoi_why *why);
bool tmoi_ethos_weight_sum_u55(const tmoi_site *site, tmoi_why *why);
bool tmoi_ethos_weight_sum_u85(const tmoi_site *site, tmoi_why *why);
bool tmoi_ethos_valid_or_small_stride(const tmoi_site *site, tmoi_why *why);
bool tmoi_ethos_small_stride(const tmoi_site *site, tmoi_why *why);
bool tmoi_ethos_computed_operand(const tmoi_site *site, tmoi_why *why);
bool tmoi_ethos_matrix_weights(const tmoi_site *site, tmoi_why *why);
bool tmoi_ethos_transpose_conv_strides(const tmoi_site *site, tmoi_why *why);
bool tmoi_ethos_transpose_conv_shape(const tmoi_site *site, tmoi_why *why);

/* ethos_u_shapes.c */
bool tmoi_ethos_pool_size(const tmoi_site *site, tmoi_why *why);
bool tmoi_ethos_average_size(const tmoi_site *site, tmoi_why *why);
bool tmoi_ethos_mean(const tmoi_site *site, tmoi_why *why);
bool tmoi_ethos_arg_max(const tmoi_site *site, tmoi_why *why);
bool tmoi_ethos_arg_max_depth(const tmoi_site *site, tmoi_why *why);
bool tmoi_ethos_softmax_area(const tmoi_site *site, tmoi_why *why);
bool tmoi_ethos_resize_factor(const tmoi_site *site, tmoi_why *why);
bool tmoi_ethos_resize_factor_u85(const tmoi_site *site, tmoi_why *why);
bool tmoi_ethos_split_count(const tmoi_site *site, tmoi_why *why);
bool tmoi_ethos_positive_strides(const tmoi_site *site, tmoi_why *why);
bool tmoi_ethos_slice_is_volume(const tmoi_site *site, tmoi_why *why);
bool tmoi_ethos_steps_in_image(const tmoi_site *site, tmoi_why *why);
bool tmoi_ethos_no_reversal(const tmoi_site *site, tmoi_why *why);
bool tmoi_ethos_transpose_rank(const tmoi_site *site, tmoi_why *why);
bool tmoi_ethos_transpose(const tmoi_site *site, tmoi_why *why);
bool tmoi_ethos_gather_axis(const tmoi_site *site, tmoi_why *why);
bool tmoi_ethos_constant_indices(const tmoi_site *site, tmoi_why *why);
bool tmoi_ethos_unique_indices(const tmoi_site *site, tmoi_why *why);

#endif
