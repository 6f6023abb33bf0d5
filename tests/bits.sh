#!/bin/sh
# bits.sh - checksums of all that must keep its bits: weights, states, predictions,
# embeddings, saliency and ONNX files of small trainings with every kind of layer and
# option.
#
#     tests/bits.sh > after                    # this tree
#     SO=../old/digitnet.so tests/bits.sh > before; diff before after
#     DIGITNET_ISA=portable tests/bits.sh | diff after -
#
# One line a training: its name, then the sums of weights, state, probabilities one by one
# (digit_probabilities), embeddings, saliency, predictions in batches (predict_model) and
# ONNX file; the last line is "end". A change that means to keep the bits prints the same
# lines before and after. A minute.
set -eu
cd "$(dirname "$0")/.."
. tests/paths.sh
SQLITE3=${SQLITE3:-sqlite3}

# training NAME SOURCE OPTIONS - trains, stores and prints the sums of model NAME.
training() {
    cat << END
SELECT count(*) FROM train_model('$2', '$1') WHERE $3;
SELECT '$1',
       (SELECT substr(hex(sha3(weights)), 1, 12) || ' ' || ifnull(substr(hex(sha3(state)), 1, 12), '-')
        FROM digitnet_models WHERE name = '$1'),
       (SELECT substr(hex(sha3(group_concat(digit_probabilities(pixels, '$1')))), 1, 12) || ' ' ||
               substr(hex(sha3(group_concat(hex(digit_embedding(pixels, '$1'))))), 1, 12) || ' ' ||
               substr(hex(sha3(group_concat(hex(digit_saliency(pixels, '$1'))))), 1, 12)
        FROM (SELECT * FROM $2 LIMIT 5)),
       (SELECT substr(hex(sha3(group_concat(prediction || ' ' || confidence))), 1, 12)
        FROM predict_model('$2', '$1')),
       substr(hex(sha3(export_model('$1'))), 1, 12);
END
}

{
    cat << END
.load '${SO%.so}'
.mode list
.separator ' '
CREATE TABLE digits AS SELECT * FROM synthetic_digits(150, 3);
CREATE TABLE few AS SELECT * FROM digits LIMIT 70;
CREATE TABLE colour AS SELECT CAST(substr(hex(pixels), 1, 768) AS BLOB) AS pixels, label FROM few;
END
    for preset in softmax mlp lenet5 cnn; do
        training $preset few "layers = '$preset' AND epochs = 1"
    done
    training deep few "layers = 'deep' AND epochs = 1 AND batch = 32"
    training same digits "layers = '8C3-MP2-12C5-MP2-40N' AND epochs = 2 AND batch = 37"
    training norm digits \
        "layers = '8C3b-MP2-16C3vb-AP2-24Nb' AND epochs = 2 AND batch = 32 AND ema = 0.9"
    training strides digits "layers = '8C5/2-10C3/2b-16C1-GAP' AND epochs = 2 AND batch = 32"
    training pools digits "layers = '5C4-AP3/2-9C3-MP3/2-MP2-AP1-D0.2-MP1' AND epochs = 2"
    training winograd digits "layers = '9C3-10C3v-13C3b-MP3-8C3-GAP-20N-D0.5-7Nb' AND epochs = 2"
    training fused digits "layers = '6C3vb-MP3-D0.2-5C2/2b-MP2-7C3b-MP2' AND epochs = 2"
    training first_pool digits "layers = 'D0.1-MP2-AP2-D0.2-5C1' AND epochs = 2 AND batch = 20"
    training colour colour "layers = '8C3-MP2-9C3b-GAP' AND epochs = 2 AND shape = '16x16x3'"
    training sgd digits "layers = '8C3-MP2-16N' AND epochs = 2 AND optimizer = 'sgd'
        AND momentum = 0.8 AND rate = 0.02 AND weight_decay = 0.01 AND schedule = 'cosine'"
    training ema digits "layers = '8C3b-MP2-16N' AND epochs = 3 AND ema = 0.99 AND batch = 16
        AND label_smoothing = 0.1"
    training distorted digits "layers = '8C5/2-MP2-24N' AND epochs = 2 AND augment = 1
        AND flip = 0.5 AND blank = 0.1 AND threads = 3"
    training half digits "layers = '8C3b-MP2-16N' AND epochs = 2 AND precision = 'float16'"
    training pupil digits "layers = '8C3-AP2-16N' AND epochs = 2 AND batch = 32
        AND teacher = 'same,pools' AND teacher_share = 0.6 AND augment = 0.5"
    training started digits "layers = '8C3b-MP2-16N' AND epochs = 1 AND start = 'ema'"
    training curves digits "layers = '8C3bs-8C3l0.2-MP2-9C3e-8C3bg-AP2-12Nr6-11Nbw-9Nt'
        AND epochs = 2"
    training curves2 digits "layers = '8C5/2h-9C3m-8C3bd-MP2-9Nc-1:1-8Nbi' AND epochs = 2"
    training residual digits "layers = '8C3b-(8C3b-8C3bi)+-MP2-(12C3b/2-D.1-12C3bi|12C1b/2i)+-GAP'
        AND epochs = 2 AND augment = 0.5"
    training graph digits "layers = 'X2[(5C3|7C1s)&-(GAP-3N-12Ns)*-MP2]-8C3-(|@8-8C3/2|@0-8C5/4)+-20N'
        AND epochs = 2 AND batch = 50 AND threads = 3"
    training mobile digits "layers = '8C3/2br6-(16C1br6-DW3br6-8C1bi)+i-DW3/2b-12C1bi-GAP'
        AND epochs = 2 AND batch = 50"
    training windows digits "layers = '8C5p2/2-MP3/2p1-12C3g4w-B-AP3/2z1-Bs-10C1i-GAP-OUT'
        AND epochs = 2 AND batch = 50 AND threads = 2"
    cat << END
SELECT epoch FROM train_model('digits', 'halfway') WHERE layers = '6C3b-MP2-D0.3-16N'
    AND epochs = 2 LIMIT 1;
SELECT substr(hex(sha3(weights || state)), 1, 12) FROM digitnet_models WHERE name = 'halfway';
END
    training halfway digits "resume = 1"
    cat << END
SELECT 'builtin', substr(hex(sha3(group_concat(digit_probabilities(pixels, 'builtin')))), 1, 12),
       substr(hex(sha3(group_concat(hex(digit_saliency(pixels, 'builtin'))))), 1, 12)
FROM (SELECT * FROM few LIMIT 9);
SELECT 'end';
END
} | $SQLITE3 -batch -bail -init /dev/null :memory: | grep -v '^[0-9]*$'
