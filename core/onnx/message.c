/* message.c - bytes of an ONNX file as text for a message: see onnx.h. */
#include "onnx.h"

onnx_text dn_onnx_text(pb_bytes bytes) {
    onnx_text out = {{0}};
    const size_t n = bytes.size > 40 ? 40 : bytes.size;
    for (size_t i = 0; i < n; i++)
        out.text[i] = bytes.p[i] >= 32 && bytes.p[i] < 127 ? (char)bytes.p[i] : '?';
    if (bytes.size > n) memcpy(out.text + n, "...", 4);
    return out;
}
