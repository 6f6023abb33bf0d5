#!/bin/bash
# run.sh - what `make cluster` runs: three dqlite nodes with digitnet in them, on
# loopback, in which models are trained and predicted with, one of which is killed:
# cluster.go.
#
# It is skipped where there is no Go or no dqlite. On Debian:
#
#     apt-get install golang-go libdqlite-dev golang-github-canonical-go-dqlite-dev
#
# Environment: B and SO, the build folder, in which static/libdigitnet.a is, and the
# library;
# MNIST_DIR, else ../shared/mnist is tried, else it is digits drawn by code alone.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/paths.sh
work=$B/cluster
packages=/usr/share/gocode

skip() {
    echo "skipped: make cluster: $1"
    exit 0
}
command -v go > /dev/null || skip "no go"
[ -d $packages/src/github.com/canonical/go-dqlite ] || skip "no go-dqlite of Debian"
[ -e /usr/include/dqlite.h ] || skip "no libdqlite-dev"

mnist=
for dir in "${MNIST_DIR:-}" "$top/../shared/mnist"; do
    if [ -e "$dir/train-labels-idx1-ubyte.gz" ] || [ -e "$dir/train-labels-idx1-ubyte" ]; then
        mnist=$(cd "$dir" && pwd)
        break
    fi
done

# Go looks at the flags, not at what is in the archive: its sum is one of them, so that a
# new one is linked again.
mkdir -p "$work"
env GO111MODULE=off GOPATH=$packages GOCACHE="$work/go-cache" GOFLAGS= CGO_ENABLED=1 \
    CGO_CFLAGS="-O2 -I$top/ext" CGO_LDFLAGS_ALLOW=-Wl,-z,now \
    CGO_LDFLAGS="$B/static/libdigitnet.a -lsqlite3 -lpng -lz -lm -pthread" \
    go build -ldflags "-X main.archive=$(cksum < "$B/static/libdigitnet.a" | tr ' ' -)" \
    -o "$work/cluster" tests/cluster/*.go || exit 1

# The nodes end when this one does, whatever ends it.
rm -rf "$work/data"
mkdir "$work/data"
timeout -k 5 100 "$work/cluster" "$work/data" "$SO" ${mnist:+"$mnist"} < /dev/null
status=$?
if [ $status != 0 ]; then
    echo "exit status $status; what the nodes said:"
    tail -n 5 "$work"/data/*.log
fi
rm -rf "$work/data"
exit $status
