#!/bin/sh
# stages.sh - draws sql/digit.png, the figure in ext/README.md: what becomes of pictures
# on their way to 28×28.
#
#     tests/drawn/stages.sh
#
# A development tool, as draw.py is: run it when the processing or the pictures change.
set -e
cd "$(dirname "$0")/../.."
mkdir -p build/tmp
${CC:-cc} -O1 -std=c11 -D_POSIX_C_SOURCE=200809L -ffp-contract=off -o build/tmp/stages tests/drawn/stages.c \
    loaders/digit*.c loaders/png*.c loaders/file.c loaders/format.c -lpng -lz -lm
build/tmp/stages sql/digit.png tests/drawn/6/103-* tests/drawn/*/154-* \
    tests/drawn/*/158-* tests/drawn/*/160-* tests/drawn/*/169-* tests/drawn/*/170-* \
    tests/drawn/*/172-* tests/drawn/*/174-*
