#!/bin/sh
# run.sh - measures: `make bench` builds the program and calls this. What is measured, and
# how, stands in bench.c. The tables go to standard output and to $B/bench.md.
#
#     make bench              all of it, some 15 minutes, best on a quiet machine
#     SHORT=1 make bench      two minutes, without the widest network: shows that it
#                             runs, not how fast
#
#     NETWORKS='mlp deep' make bench     these alone, a minute or two for each
#
# The peers are optional. PyTorch: a python3 that can import torch, or $TORCH_PYTHON; it
# writes the networks that ONNX Runtime and oneDNN are measured at, and if it can import
# onnx, those in 8 bits. ONNX Runtime: libonnxruntime.so.1, in $ORT_DIR or in its npm
# package there. oneDNN: Debian's libdnnl-dev when the program is built.
#
#     apt-get install -y --no-install-recommends python3-torch python3-numpy \
#         python3-onnx libopenblas0-pthread libdnnl-dev npm
#     cd SOME_FOLDER && npm install --ignore-scripts onnxruntime-node@1.20.1
#     ORT_DIR=SOME_FOLDER make bench
#
# Environment: B and SO, the build folder and the library; MNIST_DIR, or where
# sql/demo/mnist.sh finds MNIST, else digits are drawn by code; SHORT, NETWORKS, ORT_DIR,
# TORCH_PYTHON as above.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/paths.sh
BENCH_DIR=$B/bench
mkdir -p "$BENCH_DIR"
trap 'rm -rf "$BENCH_DIR"' EXIT
trap 'exit 1' HUP INT TERM

. sql/demo/mnist.sh
MNIST_DIR=
if [ -n "$dir" ]; then MNIST_DIR=$(cd "$dir" && pwd); fi

# quoted - an argument for sh -c.
quoted() {
    printf "'%s'" "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")"
}

TORCH=
for python in "${TORCH_PYTHON:-}" python3 /usr/bin/python3; do
    if [ -n "$python" ] && "$python" -c 'import torch' > /dev/null 2>&1; then
        TORCH="exec $(quoted "$python") -B -W ignore $(quoted "$top/tests/bench/peer_torch.py")"
        break
    fi
done

ORT= DNNL=
self=$(quoted "$(cd "$B" && pwd)/tests/bench.exe")
if [ -n "$TORCH" ]; then
    DNNL="exec $self dnnl $(quoted "$BENCH_DIR")"
    npm=node_modules/onnxruntime-node/bin/napi-v3/linux
    for lib in "${ORT_DIR:-.}"/libonnxruntime.so.1 "${ORT_DIR:-.}/$npm"/*/libonnxruntime.so.1; do
        # The npm package has one for each architecture.
        case $lib in */x64/*) [ "$(uname -m)" = x86_64 ] || continue ;; */arm64/*) [ "$(uname -m)" = aarch64 ] || continue ;; esac
        if [ -e "$lib" ]; then ORT="exec $self onnx $(quoted "$lib") $(quoted "$BENCH_DIR")"; fi
    done
fi

export SO BENCH_DIR MNIST_DIR TORCH ORT DNNL
export SHORT="${SHORT:-}" NETWORKS="${NETWORKS:-}"
# tee's status would hide the program's.
{ "$B/tests/bench.exe" 2>&3; echo $? > "$BENCH_DIR/status"; } 3>&2 | tee "$B/bench.md"
exit "$(cat "$BENCH_DIR/status")"
