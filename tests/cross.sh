#!/bin/sh
# cross.sh - `make cross`: the tests of another architecture, under emulation.
#
#     make cross ARCH=s390x            big-endian; i386, armhf: 32 bits; arm64, ppc64el,
#                                      riscv64
#     SHORT=1 make cross ARCH=s390x    the network's unit tests, and the exchange of
#                                      models
#     ONLY='*/test_png*' make cross ARCH=arm64
#     CLANG=1 make cross ARCH=riscv64  by clang
#
# The compiler is Debian's for that architecture, the emulator qemu-user (i386 runs as it
# is where the kernel can). SQLite, its shell, libpng and zlib are Debian's packages of
# that architecture, in build/ARCH/debian: ext/package/portable/debian.sh. Where they
# cannot be had, it says "skipped: …".
#
# After tests/run.sh come the fingerprint, tests/sql/fingerprint.sql, and the exchange:
# both libraries train the same, and must make the same bytes; each reads the database
# that the other wrote, and must give the same answers.
#
# Environment: ARCH, SO, the library of this machine, made before; SHORT, CLANG; ONLY as
# in run.sh.
set -eu
cd "$(dirname "$0")/.."
MAKE=${MAKE:-make}
# tools: the compiler's prefix, where it is not that of the libraries' folder. riscv64 is
# a part of Debian from trixie on.
tools= release=- readline=libreadline8 png=libpng16-16 warn=
case $ARCH in
s390x) triplet=s390x-linux-gnu qemu=qemu-s390x ;;
arm64) triplet=aarch64-linux-gnu qemu=qemu-aarch64 ;;
i386) triplet=i386-linux-gnu qemu=qemu-i386 tools=i686-linux-gnu ;;
armhf) triplet=arm-linux-gnueabihf qemu=qemu-arm ;;
ppc64el) triplet=powerpc64le-linux-gnu qemu=qemu-ppc64le ;;
riscv64)
    triplet=riscv64-linux-gnu qemu=qemu-riscv64
    release=trixie readline=libreadline8t64 png=libpng16-16t64
    ;;
*)
    echo "make cross: ARCH is '$ARCH'; expected s390x, arm64, i386, armhf, ppc64el or riscv64"
    exit 1
    ;;
esac
case $SO in /*) ;; *) SO=$PWD/$SO ;; esac
compiler=${tools:-$triplet}-gcc
B=$PWD/build/$ARCH${CLANG:+-clang}
root=$PWD/build/$ARCH/debian
mkdir -p "$B" "${root%/*}"

skip() {
    echo "skipped: make cross ARCH=$ARCH: $*"
    exit 0
}

command -v $compiler > /dev/null ||
    skip "$compiler is not here: apt-get install gcc-${compiler%-gcc} libc6-dev-$ARCH-cross"
ext/package/portable/debian.sh "$root" "$ARCH" $release libc6 libgcc-s1 libsqlite3-0 libsqlite3-dev \
    $png libpng-dev zlib1g zlib1g-dev sqlite3 $readline libtinfo6 ||
    skip "apt-get could not fetch Debian's packages for it"

# A program's loader is found by a link, which from trixie on is in no package, and is an
# absolute one in that of ppc64el.
[ -e "$root/lib" ] || ln -s usr/lib "$root/lib"
[ $ARCH != ppc64el ] || ln -sf ../lib/$triplet/ld64.so.2 "$root/lib64"

if [ -n "${CLANG:-}" ]; then
    command -v clang > /dev/null || skip "clang is not here"
    compiler="clang --target=$triplet"
    # It warns of comparisons of vectors, which mean here what they mean elsewhere.
    [ $ARCH != ppc64el ] || warn=-Wno-deprecated-altivec-src-compat
fi

# $run starts a program of that architecture, with the libraries of $root.
libraries=$root/lib/$triplet:$root/usr/lib/$triplet
run="$qemu -L $root -E LD_LIBRARY_PATH=$libraries"
if [ $ARCH = i386 ]; then
    native="$root/lib/ld-linux.so.2 --library-path $libraries"
    if $native "$root/usr/bin/sqlite3" --version > /dev/null 2>&1; then run=$native; fi
fi
command -v ${run%% *} > /dev/null || skip "$qemu is not here: apt-get install qemu-user"

# Those of core need none of the libraries. Under s390x's emulator test_train takes longer
# than all others: in short, training is the exchange's.
short="core/test_spec core/test_kernels core/test_int8 core/test_quantise loaders/test_idx"
[ $ARCH = s390x ] || short="$short core/test_train"
[ $ARCH != arm64 ] || short="$short core/test_saliency"
units=
for file in tests/unit/*/test_*.c tests/host/test_*.c; do
    name=${file%.c}
    case " ${SHORT:+$short} " in
    "  " | *" ${name#tests/unit/} "*) units="$units $B/$name" ;;
    esac
done
$MAKE --no-print-directory CC="$compiler" B="$B" SO="$B/digitnet.so" \
    CFLAGS="-O2 -g -Werror $warn -idirafter $root/usr/include -idirafter $root/usr/include/$triplet" \
    LDFLAGS="-L$root/usr/lib/$triplet -L$root/lib/$triplet -Wl,-rpath-link,$libraries" \
    "$B/digitnet.so" $units

# In short, of the scripts only those that are quick.
[ -z "${SHORT:-}" ] || ONLY=${ONLY:-unit/*}
B=$B SO=$B/digitnet.so RUN=$run SQLITE3="$run $root/usr/bin/sqlite3" ONLY=${ONLY:-*[!.]??} \
    SECONDS_EACH=${SECONDS_EACH:-5000} tests/run.sh $units

# --- the exchange -----------------------------------------------------------------------

tmp=$B/exchange
rm -rf "$tmp"
mkdir -p "$tmp"
here() { sqlite3 -batch -bail -init /dev/null "$tmp/$1.db" ".load $SO" "$2"; }
there() {
    $run "$root/usr/bin/sqlite3" -batch -bail -init /dev/null "$tmp/$1.db" \
        ".load $B/digitnet" "$2"
}

train="CREATE TABLE images AS SELECT * FROM synthetic_digits(300, 5);
CREATE TABLE runs AS
SELECT 'cnn', * FROM train_model('images', 'cnn')
    WHERE layers = '8C3b-MP2-16C5v-AP2-D0.2-32N' AND epochs = 2 AND augment = 1 UNION ALL
SELECT 'half', * FROM train_model('images', 'half') WHERE layers = 'mlp' AND epochs = 2
    AND optimizer = 'sgd' AND precision = 'float16' AND threads = 2;"
bytes="SELECT name, epochs, loss, accuracy, holdout_accuracy, options, hex(weights), hex(state)
FROM digitnet_models ORDER BY name; SELECT id, label, hex(pixels) FROM images;"
some=20
again="SELECT name, same, note FROM verify_model('cnn');"
[ -z "${SHORT:-}" ] || some=3 again=
answers="SELECT m, digit_probabilities(pixels, m), hex(digit_embedding(pixels, m)),
       hex(digit_saliency(pixels, m)) FROM images,
    (SELECT column1 AS m FROM (VALUES ('cnn'), ('half'), ('builtin'))) WHERE id < $some;
SELECT * FROM predict_model('images', 'cnn');
SELECT digit_predict(digit_png(pixels, 3)) FROM images WHERE id < $some;
$again"
failed=0
# Under s390x's emulator it takes 90 s: in short the exchange is enough there.
if [ "${SHORT:+short}$ARCH" = shorts390x ]; then
    :
elif tests/package/fingerprint.sh "$B/digitnet" $run "$root/usr/bin/sqlite3"; then
    echo "same: the fingerprint"
else
    failed=1 && echo "FAILED: the fingerprint"
fi
here here "$train" > "$tmp/log"
there there "$train" > "$tmp/log"
same() {
    if cmp "$tmp/$1" "$tmp/$2"; then echo "same: $3"; else failed=1 && echo "FAILED: $3"; fi
}
here here "$bytes" > "$tmp/bytes_here"
there there "$bytes" > "$tmp/bytes_there"
same bytes_here bytes_there "pixels, training, model bytes: $ARCH and this machine"
here here "$answers" > "$tmp/answers"
there there "$answers" > "$tmp/there"
same answers there "answers of a model that each made itself"
there here "$answers" > "$tmp/there_here"
same answers there_here "answers of a model from this machine, on $ARCH"
here there "$answers" > "$tmp/here_there"
same answers here_there "answers of a model from $ARCH, on this machine"
[ "$(wc -l < "$tmp/answers")" -gt 300 ] || failed=1
[ $failed = 0 ]
