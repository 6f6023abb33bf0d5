/* kernels.c - all kernels for one instruction set, gathered in a table.
 *
 * Compiled once for each: DN_ISA is its name (portable, avx2, avx512, vfpv4), DN_WIDTH
 * the floats in a vector, and the compiler's flags allow its instructions. Nothing
 * outside this file is compiled with those flags, so no other code can need them. */
#ifndef DN_WIDTH /* a tool that looks at this file alone */
#define DN_WIDTH 4
#define DN_ISA   portable
#endif

#include "activate.h"
#include "clip.h"
#include "conv.h"
#include "dense.h"
#include "depthwise.h"
#include "distort.h"
#include "int8.h"
#include "join.h"
#include "loss.h"
#include "norm.h"
#include "pool.h"
#include "single.h"
#include "softmax.h"
#include "winograd.h"
#include "winograd_wgrad.h"

#define NAME_OF_(isa)  #isa
#define NAME_OF(isa)   NAME_OF_(isa)
#define TABLE_OF_(isa) dn_kernels_##isa
#define TABLE_OF(isa)  TABLE_OF_(isa)

extern const dn_kernels TABLE_OF(DN_ISA);

const dn_kernels TABLE_OF(DN_ISA) = {
    .name = NAME_OF(DN_ISA),
    .pace = PACE,
    .conv_rows = conv_rows,
    .winograd_rows = winograd_rows,
    .conv_wgrad = conv_wgrad,
    .winograd_wgrad = winograd_wgrad,
    .channel_sums = channel_sums,
    .maxpool_forward = maxpool_forward,
    .maxpool_backward = maxpool_backward,
    .avgpool_forward = avgpool_forward,
    .avgpool_backward = avgpool_backward,
    .relu_backward = relu_backward,
    .sum = sum,
    .product = product,
    .product_sums = product_sums,
    .activate = activate,
    .activate_backward = activate_backward,
    .clip_forward = clip_forward,
    .clip_backward = clip_backward,
    .depthwise_rows = depthwise_rows,
    .depthwise_wgrad = depthwise_wgrad,
    .single_depthwise = single_depthwise,
    .dropout = dropout,
    .norm_sums = norm_sums,
    .norm_total = norm_total,
    .norm_forward = norm_forward,
    .norm_grad_sums = norm_grad_sums,
    .norm_backward = norm_backward,
    .dense_forward = dense_forward,
    .dense_dgrad = dense_dgrad,
    .dense_wgrad = dense_wgrad,
    .dense_transpose = dense_transpose,
    .distort = distort,
    .softmax = softmax,
    .softmax_loss = softmax_loss,
    .single_conv = single_conv,
    .single_winograd = single_winograd,
    .single_maxpool = single_maxpool,
    .single_avgpool = single_avgpool,
    .single_dense = single_dense,
    .update = update,
    .add = add,
};

#define INT8_OF_(isa) dn_int8_##isa
#define INT8_OF(isa)  INT8_OF_(isa)

extern const dn_int8_kernels INT8_OF(DN_ISA);

const dn_int8_kernels INT8_OF(DN_ISA) = {NAME_OF(DN_ISA), 0, int8_bytes, int8_windows};

#if DN_WIDTH == 16
extern const dn_int8_kernels dn_int8_vnni;

const dn_int8_kernels dn_int8_vnni = {"vnni", 0, int8_bytes, int8_windows_vnni};
#endif

#ifdef DN_HAS_DOTPROD
extern const dn_int8_kernels dn_int8_dotprod;

const dn_int8_kernels dn_int8_dotprod = {"dotprod", 128, int8_bytes,
                                         int8_windows_dotprod};
#endif

#if defined(__aarch64__) && !defined(__clang__)
#pragma GCC pop_options
#endif
