#!/bin/sh
# run.sh - ONNX files against other people's software: `make onnx` calls it.
#
#   out     models of every kind of layer are trained, exported, checked by onnx.checker
#           and run by ONNX Runtime on MNIST's test images: each probability within 1e-5;
#           200 of them by OpenCV and the ONNX Runtime of browsers, where there is one
#   in      the files beside this script (make.py) and our own are imported: what we say
#           of images is what ONNX Runtime says; and an exported file that is imported
#           again gives the same probabilities, bit for bit
#
#     make onnx            all 10,000 test images
#     SHORT=1 make onnx    500 of them
#
# It needs python3-onnx (Debian), and node with onnxruntime-node, in $ORT_DIR/node_modules
# if node does not find it elsewhere:
#
#     cd SOME_FOLDER && npm install --ignore-scripts onnxruntime-node@1.20.1
#
# and for the rest python3-opencv (Debian) and onnxruntime-web@1.20.1 (npm).
#
# Environment: B and SO, the build folder and the library; MNIST_DIR, else ../shared/mnist
# is tried, else digits are drawn by code. The last line says how many checks passed and
# failed.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/paths.sh
work=$B/onnx
rm -rf "$work"
mkdir -p "$work"
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
passed=0
failed=0
images=10000
[ -z "${SHORT:-}" ] || images=500

PYTHON=
for python in "${ONNX_PYTHON:-}" python3 /usr/bin/python3; do
    if [ -n "$python" ] && "$python" -c 'import onnx' > /dev/null 2>&1; then
        PYTHON=$python
        break
    fi
done
[ -n "$PYTHON" ] || { echo "make onnx needs python3-onnx" && exit 1; }
node -e "require(require.resolve('onnxruntime-node', { paths:
    [process.env.ORT_DIR, process.cwd()].filter(Boolean) }))" 2> /dev/null ||
    { echo "make onnx needs node and onnxruntime-node, see tests/onnx/run.sh" && exit 1; }
has_opencv=
"$PYTHON" -c 'import cv2, numpy' > /dev/null 2>&1 && has_opencv=1
has_web=
node -e "require(require.resolve('onnxruntime-web', { paths:
    [process.env.ORT_DIR, process.cwd()].filter(Boolean) }))" 2> /dev/null && has_web=1
[ -n "$has_opencv" ] || echo "left out: OpenCV (python3-opencv)"
[ -n "$has_web" ] || echo "left out: ONNX Runtime for browsers (onnxruntime-web)"

sql() {
    sqlite3 -batch -bail -init /dev/null "$work/o.db" ".load $SO" "$@"
}

# check - counts a command that passes or fails.
check() {
    if "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $*"
    fi
}

same() {
    [ "$2" = "$3" ] && return 0
    printf '%s: is %s, expected %s\n' "$1" "$2" "$3"
    return 1
}

# valid - onnx.checker with the types and shapes of every value.
valid() {
    "$PYTHON" -W ignore -c 'import sys, onnx
model = onnx.load(sys.argv[1])
onnx.checker.check_model(model, full_check=True)
assert model.opset_import[0].version in (10, 13)  # with a Clip, without
assert model.graph.input[0].type.tensor_type.shape.dim[0].dim_param == "N"
assert {p.key for p in model.metadata_props} == {"classes", "layers"}' "$1"
}

# agree - FILE MODEL HxWxC ORDER INPUT-DIMENSIONS TABLE: ONNX Runtime's probabilities and
# ours.
agree() {
    sql "SELECT hex(pixels) || ' ' || digit_probabilities(pixels, '$2') FROM $6 ORDER BY id" |
        node "$top/tests/onnx/ort.js" "$1" "$3" "$4" "$5"
}

# elsewhere - FILE MODEL HxWxC INPUT-DIMENSIONS TABLE: other engines on 200 images.
elsewhere() {
    sql "SELECT hex(pixels) || ' ' || digit_probabilities(pixels, '$2') FROM $5
         ORDER BY id LIMIT 200" > "$work/said"
    [ -z "$has_opencv" ] ||
        check "$PYTHON" "$top/tests/onnx/opencv.py" "$1" "$3" < "$work/said"
    [ -z "$has_web" ] ||
        ORT_ENGINE=onnxruntime-web check node "$top/tests/onnx/ort.js" "$1" "$3" chw "$4" \
            < "$work/said"
}

# --- data ---

for dir in "${MNIST_DIR:-}" "$top/../shared/mnist"; do
    if [ -e "$dir/t10k-labels-idx1-ubyte.gz" ] || [ -e "$dir/t10k-labels-idx1-ubyte" ]; then
        MNIST_DIR=$(cd "$dir" && pwd)
        break
    fi
    MNIST_DIR=
done
if [ -n "$MNIST_DIR" ]; then
    echo "data: MNIST in $MNIST_DIR"
    sql "CREATE TABLE learn AS SELECT id, pixels, label FROM read_mnist('$MNIST_DIR')
             WHERE split = 'train' LIMIT 2000;
         CREATE TABLE test AS SELECT id, pixels, label FROM read_mnist('$MNIST_DIR')
             WHERE split = 'test' LIMIT $images"
else
    echo "data: synthetic digits; MNIST was not found (set MNIST_DIR to use it)"
    sql "CREATE TABLE learn AS SELECT * FROM synthetic_digits(2000, 1);
         CREATE TABLE test AS SELECT * FROM synthetic_digits($images, 2)"
fi
sql "CREATE TABLE names AS SELECT id, pixels, 'n' || label AS label FROM learn LIMIT 500;
     CREATE TABLE rgb AS SELECT id, substr(pixels, 1201, 576) AS pixels, label FROM learn
         LIMIT 500"

# --- out, and in again ---

# out_in - MODEL HxWxC TABLE: exported, checked, compared; imported again, the same.
out_in() {
    model=$1 dims=$2 table=$3
    file=$work/$model.onnx
    sql "SELECT writefile('$file', export_model('$model'))" > /dev/null
    check valid "$file"
    set -- $(echo "$dims" | tr x ' ')
    check agree "$file" "$model" "$dims" chw "$3x$1x$2" "$table"
    elsewhere "$file" "$model" "$dims" "$3x$1x$2" "$table"
    sql "SELECT import_model('again', readfile('$file'))" > /dev/null
    check same "$model, out and in" "$(sql "SELECT count(*) FROM $table WHERE
        digit_probabilities(pixels, 'again') <> digit_probabilities(pixels, '$model')")" 0
}

train() {
    name=$1 table=$2 layers=$3
    shift 3
    sql "SELECT * FROM train_model('$table', '$name') WHERE layers = '$layers'
         AND epochs = 2 AND batch = 32 AND augment = 0 $*" > /dev/null
}

for preset in softmax mlp lenet5 cnn; do train $preset learn $preset; done
train pools learn '8C3b-AP2-12C5v/2-MP3/1-D0.3-24Nb-D.05-16N' "AND precision = 'float16'"
train same learn '6C4/2b-MP3/2-8C3/2-10C2-AP2/1-GAP' "AND optimizer = 'sgd'"
train names names '4C1v-D0.125-MP4' "AND temperature = 2.5"
train rgb rgb '5C3b-MP2-6C2-AP2' "AND shape = '6x8x3'"
train graph learn '8C3/2bi-(8C3b-8C3bi)+-(6C1s|6C3g2t)&-DW3br6-(GAP-12C1d)*-MP3/2p1-16Nw'
train excite learn '8C3b-(GAP-4N-8Ns)*-GAP'
train curves learn '4C3/2l-4C3e-4C3/2g-4C3q-4C3h-4C3m-4C3f-4C3o-4C3u.01-4C3c-1:2-10C1i-GAP-D.1-24Nbc-1:1'
for model in builtin softmax mlp lenet5 cnn pools same names graph excite curves; do
    out_in $model 28x28x1 test
done
out_in rgb 6x8x3 rgb
for model in softmax mlp lenet5 cnn same rgb; do
    sql "SELECT import_model('again', export_model('$model'))" > /dev/null
    check same "$model's bytes" "$(sql "SELECT a.weights = b.weights FROM digitnet_models AS a,
        digitnet_models AS b WHERE a.name = '$model' AND b.name = 'again' AND b.active")" 1
done

# --- in ---

# in_file - FILE HxWxC ORDER INPUT-DIMENSIONS
in_file() {
    file=$top/tests/onnx/$1.onnx
    bytes=$((4 * $(echo "$2" | tr x '*')))
    sql "SELECT import_model('$1', readfile('$file'));
         CREATE TABLE t_$1 AS SELECT id, substr(pixels, 1201, $bytes) AS pixels FROM test
             LIMIT 500" > /dev/null
    check agree "$file" "$1" "$2" "$3" "$4" "t_$1"
    # What was imported can go out again, and be trained.
    sql "SELECT writefile('$work/$1.onnx', export_model('$1'))" > /dev/null
    check valid "$work/$1.onnx"
}

in_file torch_cnn 12x12x1 chw 1x12x12
in_file torch_view 12x12x1 chw 1x12x12
BATCH=1 in_file torch_gap 9x7x3 chw 3x9x7
in_file keras_cnn 12x12x1 hwc 12x12x1
in_file keras_rgb 6x8x3 hwc 6x8x3
in_file keras_gap 9x11x1 hwc 9x11
BATCH=1 in_file cntk 12x12x1 chw 1x12x12
export SIGMOID=1
in_file labels 6x8x3 chw 3x6x8
out_in labels 6x8x3 t_labels
unset SIGMOID

echo "$passed passed, $failed failed"
[ $failed = 0 ]
