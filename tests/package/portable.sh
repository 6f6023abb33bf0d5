#!/bin/bash
# portable.sh - what `make portable-test` runs: makes each portable library, checks what
# it asks of a system, and takes its fingerprint there.
#
#   linux-x64        by this machine's SQLite, and by those of Debian bullseye (glibc
#                    2.31, SQLite 3.34) and trixie (2.41, 3.46), without any libpng
#   linux-arm64      by bullseye's, under qemu-user
#   linux-x64-musl, linux-arm64-musl    by a shell made with musl
#
#     FOR='linux-x64' make portable-test      one of them
#     SHORT=1 make portable-test              without emulation and the last: linux-arm64
#                                             is made and checked
#
# A system is a folder with Debian's packages, unpacked: portable/debian.sh. What needs
# a compiler or a package that is not here is skipped. Environment: B, MAKE, SHORT, FOR.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/package/checks.sh
portable=$B/portable
mkdir -p "$portable"

make_() {
    env -u MAKEFLAGS -u MAKELEVEL -u FOR "${MAKE:-make}" --no-print-directory B="$B" "$@"
}

# --- what it asks for -------------------------------------------------------------------

# newest - the newest version of a library's symbols that is asked for: GLIBC.
newest() {
    readelf -VW "$2" | grep -o "$1_[0-9.]*" | sort -Vu | tail -n 1
}

# needs_only LIBRARY NAME… - auditwheel's rule for libraries.
needs_only() {
    local library=$1
    shift
    diff <(readelf -dW "$library" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sort) \
        <(printf '%s\n' "$@" | sort)
}

# abides PLATFORM - manylinux2014 is glibc 2.17, that is symbols of it or older, and no
# other libraries than its own; musllinux the same without versions. Beside that it has
# one name of its own, no path of this machine, no writable code, no stack that can be
# run.
abides() {
    local library=$portable/$1/digitnet.so
    case $1 in
    *-musl) needs_only "$library" libc.so || return ;;
    *)
        needs_only "$library" libc.so.6 libm.so.6 libpthread.so.0 || return
        newest GLIBC "$library"
        printf '%s\n' "$(newest GLIBC "$library")" GLIBC_2.17 | sort -VC || return
        ;;
    esac
    test "$(nm -D --defined-only "$library" | sed 's/.* //')" = sqlite3_digitnet_init &&
        ! readelf -dW "$library" | grep -E 'RPATH|RUNPATH|TEXTREL|RELR' &&
        readelf -lW "$library" | grep -q 'GNU_STACK.* RW ' &&
        ! grep -aF "$top" "$library"
}

# --- what carries it --------------------------------------------------------------------

declare -A tags=(
    [linux-x64]="manylinux2014_x86_64 manylinux_2_17_x86_64"
    [linux-arm64]="manylinux2014_aarch64 manylinux_2_17_aarch64"
    [linux-x64-musl]=musllinux_1_2_x86_64 [linux-arm64-musl]=musllinux_1_2_aarch64)

# wheel PLATFORM - pip takes it for the platform, by each of its tags and by no other.
wheel() {
    local to=$B/package/wheel tag
    rm -f "$B"/package/digitnet-*.whl
    make_ wheel FOR="$1" || return
    for tag in ${tags[$1]} macosx_11_0_arm64; do
        rm -rf "$to"
        python3 -m pip install -q --no-index --no-deps --only-binary=:all: --platform "$tag" \
            --target "$to" "$B"/package/digitnet-*.whl || break
        cmp "$to/digitnet/digitnet.so" "$portable/$1/digitnet.so" || return
        grep -q 'libpng' "$to"/digitnet-*.dist-info/LICENSE || return
    done
    test "$tag" = macosx_11_0_arm64
}

# npm PLATFORM - the package that npm takes there.
npm() {
    local package=$B/package/npm/$1/package.json
    make_ npm FOR="$1" && cmp "$B/package/npm/$1/digitnet.so" "$portable/$1/digitnet.so" &&
        grep -q 'libpng' "$B/package/npm/$1/LICENSES" &&
        command node -e 'const assert = require("assert");
            const [its, main, platform] = process.argv.slice(1);
            const { name, os, cpu, libc, version } = require(its);
            assert.equal(name, "digitnet-" + platform);
            assert.equal(`${os}-${cpu}-${libc}`,
                platform.replace(/-musl$/, "") + (/musl/.test(platform) ? "-musl" : "-glibc"));
            assert.equal(require(main).optionalDependencies[name], version);
            ' "$package" "$B/package/npm/main/package.json" "$1"
}

# --- where it runs ----------------------------------------------------------------------

# system NAME ARCH RELEASE - Debian's SQLite in a folder. run is then what starts its
# shell.
system() {
    local root=$portable/$1 triplet=x86_64-linux-gnu emulator= start readline=libreadline8
    [ "$2" != arm64 ] || { triplet=aarch64-linux-gnu emulator=qemu-aarch64; }
    [ "$3" != trixie ] || readline=libreadline8t64
    ext/package/portable/debian.sh "$root" "$2" "$3" libc6 sqlite3 libsqlite3-0 zlib1g \
        $readline libtinfo6 || return
    ! find "$root" -name 'libpng*' | grep . || return
    start=$(ls -d "$root"/{,usr/}lib/$triplet/ld-linux-*.so.* 2> /dev/null | head -n 1)
    run=($emulator "$start" --library-path "$root/lib/$triplet:$root/usr/lib/$triplet"
        "$root/usr/bin/sqlite3")
    "${run[@]}" --version > /dev/null
}

# musl_shell ARCH - SQLite's shell made with musl, of sources that npm has.
musl_shell() {
    local at=$portable/sqlite compiler=(musl-gcc)
    [ "$1" != arm64 ] ||
        compiler=(aarch64-linux-gnu-gcc -specs "$portable/musl-arm64.specs")
    tests/package/sqlite.sh "$at" || return
    [ -e "$at/sqlite3-musl-$1" ] || "${compiler[@]}" -O1 -w -o "$at/sqlite3-musl-$1" \
        "$at/shell.c" "$at/sqlite3.c" || return
    run=("$at/sqlite3-musl-$1")
    [ "$1" != arm64 ] || run=(qemu-aarch64 -L "$portable/musl-arm64" "${run[@]}")
}

fingerprint() {
    tests/package/fingerprint.sh "$portable/$1/digitnet" "${@:2}"
}

# in_system PLATFORM NAME ARCH RELEASE
in_system() {
    if system "${@:2}" 2> /dev/null; then
        check "$1: the same bits in Debian $4" fingerprint "$1" "${run[@]}"
    else
        echo "skipped $1 in Debian $4: apt-get could not fetch it"
    fi
}

in_musl() {
    if musl_shell "$2" > "$B/package/log" 2>&1; then
        check "$1: the same bits with musl" fingerprint "$1" "${run[@]}"
    else
        echo "skipped $1 with musl: no shell: $(tail -n 1 "$B/package/log")"
    fi
}

emulated() {
    if [ -n "${SHORT:-}" ]; then
        echo "skipped $1 under emulation: SHORT=1"
        return 1
    fi
    needs "$1 under emulation" qemu-aarch64
}

runs() {
    case $1 in
    linux-x64)
        check "$1: the same bits here" fingerprint "$1" sqlite3
        in_system "$1" bullseye amd64 bullseye
        in_system "$1" trixie amd64 trixie
        ;;
    linux-arm64) ! emulated "$1" || in_system "$1" bullseye-arm64 arm64 bullseye ;;
    linux-x64-musl) in_musl "$1" x64 ;;
    linux-arm64-musl) ! emulated "$1" || in_musl "$1" arm64 ;;
    esac
}

# --- all of them ------------------------------------------------------------------------

declare -A compiler=([linux-x64]=gcc [linux-arm64]=aarch64-linux-gnu-gcc
    [linux-x64-musl]=musl-gcc [linux-arm64-musl]=aarch64-linux-gnu-gcc)
if ! make_ "$portable/include/complete" > "$B/package/log" 2>&1; then
    echo "skipped: make portable-test: $(tail -n 1 "$B/package/log")"
    exit 0
fi
platforms="linux-x64 linux-arm64 linux-x64-musl"
[ -n "${SHORT:-}" ] || platforms="$platforms linux-arm64-musl"
for platform in ${FOR:-$platforms}; do
    needs "$platform" "${compiler[$platform]}" || continue
    check "$platform" make_ portable FOR=$platform
    [ -e "$portable/$platform/digitnet.so" ] || continue
    check "$platform: what it asks for" abides $platform
    runs $platform
    ! needs "$platform: wheel" pip3 || check "$platform: wheel" wheel $platform
    ! needs "$platform: npm" node || check "$platform: npm" npm $platform
done
summary
