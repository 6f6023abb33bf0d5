/* list.h - the kinds of layers, one line each: DN_CONV is the number of a kind in a
 * dn_layer, and dn_conv_kind, in conv.c or a file like it, is all that the rest of core
 * knows about it (kind.h). */
#ifndef DN_LAYERS_LIST_H
#define DN_LAYERS_LIST_H

#define DN_LAYER_KINDS(KIND)                                                             \
    KIND(DN_CONV, dn_conv_kind)                                                          \
    KIND(DN_DEPTHWISE, dn_depthwise_kind)                                                \
    KIND(DN_MAXPOOL, dn_maxpool_kind)                                                    \
    KIND(DN_AVGPOOL, dn_avgpool_kind) /* GAP is one whose window is the whole map */     \
    KIND(DN_DENSE, dn_dense_kind)                                                        \
    KIND(DN_NORM, dn_norm_kind) /* batch norm as a layer of its own */                   \
    KIND(DN_DROPOUT, dn_dropout_kind)                                                    \
    KIND(DN_OUTPUT, dn_output_kind)                                                      \
    KIND(DN_ADD, dn_add_kind)                                                            \
    KIND(DN_CONCAT, dn_concat_kind)                                                      \
    KIND(DN_MUL, dn_mul_kind)

#endif
