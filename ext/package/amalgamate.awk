# amalgamate.awk - writes digitnet.c: the whole of core, loaders and ext in one file.
#
#     awk -v inc=build -v version=0.2.0 -f ext/package/amalgamate.awk \
#         core/*.c core/layers/*.c core/onnx/*.c loaders/*.c ext/*.c > digitnet.c
#
# Headers come first, each once, then the sources. In a file of their own, sources may use
# a name that another one uses too: here, a name at file scope that stands in several gets
# the names of folder and file before it, and macros end with the file that defines them.
# All functions and constants become static but the two that digitnet.h declares.
#
# core/kernels/kernels.c stands in it four times, once an instruction set, between
# pragmas that allow its instructions: what the Makefile does by flags.
#
# Compiled with -DDIGITNET_OMIT_TRAIN, _ONNX, _PNG, _BUILTIN or _REPORT it is smaller:
# whole files stand between #ifndef and #endif, ext/digitnet.c does not register what
# they have, and what nothing else calls is dropped by the compiler, for all is static.
#
# It leans on the layout that clang-format keeps: what begins at the first column, outside
# of braces, is at file scope. If it is ever wrong, the result does not compile.

# --- reading ---------------------------------------------------------------------------

# clean - a path without "folder/../".
function clean(path) {
    while (sub(/[^\/]+\/\.\.\//, "", path)) {}
    return path
}

function folder(path) {
    return sub(/[^\/]*$/, "", path) ? path : ""
}

# included - the path that an #include "…" line of a file means.
function included(line, file) {
    sub(/^[^"]*"/, "", line)
    sub(/".*/, "", line)
    return clean(folder(file) line)
}

# visit - collects the headers that a file needs, those that they need first. Those of
# core/kernels belong to kernels.c: they come with each of its copies.
function visit(file, line, target, n, i, lines) {
    n = 0
    while ((got = (getline line < file)) > 0) lines[++n] = line
    if (got < 0) {
        print "amalgamate: cannot read " file > "/dev/stderr"
        failed = 1
    }
    close(file)
    for (i = 1; i <= n; i++) {
        line = lines[i]
        if (line ~ /^#include </ && line !~ /immintrin|arm_neon|auxv/ && !(line in system_seen)) {
            system_seen[line] = 1
            systems[++n_systems] = line
        }
        if (line ~ /^#define _[A-Z]/ && !(line in system_seen)) {
            system_seen[line] = 1
            features[++n_features] = line
        }
        if (line !~ /^#include "/ || line ~ /\.inc"|sqlite3ext/) continue
        target = included(line, file)
        if (target in header_seen) continue
        header_seen[target] = 1
        visit(target)
        if (target ~ /^core\/kernels\//)
            kernel_files[++n_kernel_files] = target
        else
            headers[++n_headers] = target
    }
}

# --- one line --------------------------------------------------------------------------

# scan - a line with the names of this unit's changed, in result; and its code without
# comments and texts, in code. comment says whether the line began within a comment.
function scan(line, unit, at, token, before, previous) {
    result = code = ""
    while (line != "") {
        if (comment) {
            at = index(line, "*/")
            if (!at) at = length(line)
            else {
                at++
                comment = 0
            }
            result = result substr(line, 1, at)
            line = substr(line, at + 1)
        } else if (match(line, /[A-Za-z_][A-Za-z_0-9]*|"|'|\/\*/)) {
            token = substr(line, RSTART, RLENGTH)
            before = substr(line, 1, RSTART - 1)
            result = result before
            code = code before
            line = substr(line, RSTART + RLENGTH)
            if (token == "/*") {
                comment = 1
                result = result token
            } else if (token == "\"" || token == "'") {
                if (token == "\"") match(line, /^([^"\\]|\\.)*"/)
                else match(line, /^([^'\\]|\\.)*'/)
                result = result token substr(line, 1, RLENGTH)
                line = substr(line, RLENGTH + 1)
                code = code "0"
            } else {
                code = code token
                if ((unit, token) in renamed && result !~ /(\.|->)$/ && !(token in parameter) &&
                    !(in_struct && code !~ /^ *}/ && line ~ /^[],;[]/))
                    token = renamed[unit, token]
                result = result token
            }
        } else {
            result = result line
            code = code line
            line = ""
        }
    }
}

# --- names at file scope ---------------------------------------------------------------

function own(unit, name) {
    # What has no name: "static const struct {", whose variable stands after the brace.
    if (name == "" || name ~ /^(struct|union|enum)$/ || (unit, name) in owned) return
    owned[unit, name] = 1
    owners[name]++
    names[unit] = names[unit] " " name
}

# collect - which names and macros a unit's file has at file scope.
function collect(unit, file, line, text, name) {
    depth = comment = in_enum = macro = 0
    while ((getline line < file) > 0) {
        scan(line, unit)
        if (macro || code ~ /^#/) {
            if (!macro && code ~ /^# *define /) {
                name = code
                sub(/^# *define +/, "", name)
                sub(/[^A-Za-z_0-9].*/, "", name)
                macros[unit] = macros[unit] " " name
            }
            macro = code ~ /\\$/
            continue
        }
        if (depth == 0 && code ~ /^[A-Za-z_]/ || code ~ /^\}/) {
            text = code
            gsub(/__attribute__\(\(.*\)\) */, "", text)
            if (text ~ /^(typedef )?(static )?(const )?(struct|enum|union) [A-Za-z_0-9]+ \{/) {
                name = text
                sub(/ \{.*/, "", name)
                sub(/.* /, "", name)
                own(unit, name)
            }
            if (text ~ /^(typedef )?enum/) in_enum = 1
            if (text ~ /^typedef .*\(\*[a-z_0-9]+\)\(/) {
                sub(/.*\(\*/, "", text)
                sub(/\).*/, "", text)
                own(unit, text)
            } else if (text ~ /^(typedef [^{]*|\} .*[;={])$/) {
                sub(/ *[;=[].*/, "", text)
                sub(/ +$/, "", text)
                sub(/.*[ *]/, "", text)
                own(unit, text)
            } else if (text ~ /^(static|DN_INLINE) .*\(/ && text !~ /^[^(]*[=[]/) {
                sub(/\(.*/, "", text)
                sub(/.*[ *]/, "", text)
                own(unit, text)
            } else if (text ~ /^static .*[;={]/ && text !~ / (struct|enum|union) \{/) {
                sub(/ *[;={[].*/, "", text)
                sub(/.*[ *]/, "", text)
                own(unit, text)
            }
        }
        if (in_enum) {
            text = code
            sub(/.*\{/, "", text)
            while (match(text, /^ *[A-Za-z_][A-Za-z_0-9]*/)) {
                name = substr(text, RSTART, RLENGTH)
                sub(/^ */, "", name)
                own(unit, name)
                text = substr(text, RLENGTH + 1)
                if (!sub(/^[^,]*,/, "", text)) break
            }
        }
        depth += gsub(/\{/, "{", code) - gsub(/\}/, "}", code)
        if (depth == 0) in_enum = 0
    }
    close(file)
}

# collect_shared - functions that a header has: a source's own of that name gives way.
function collect_shared(file, line, name) {
    comment = 0
    while ((getline line < file) > 0) {
        scan(line, "")
        if (code ~ /^[a-z].*\(/ && code !~ /^(typedef|extern) /) {
            name = code
            sub(/\(.*/, "", name)
            sub(/.*[ *]/, "", name)
            owners[name]++
        }
    }
    close(file)
}

# --- writing ---------------------------------------------------------------------------

function title(file) {
    printf "\n/************** %s **************/\n", file
}

# parameters - those of the macro that a line defines, which keep their names in it.
function parameters(line, i, n, list) {
    split("", parameter)
    if (line !~ /^# *define [A-Za-z_0-9]+\(/) return
    sub(/^[^(]*\(/, "", line)
    sub(/\).*/, "", line)
    n = split(line, list, /[ ,]+/)
    for (i = 1; i <= n; i++) parameter[list[i]]
}

# put - a file's text, its names changed, without the includes that stand elsewhere.
function put(unit, file, line, outside) {
    depth = comment = macro = in_struct = 0
    while ((getline line < file) > 0) {
        if (!comment && line ~ /^#include .*\.inc"/) {
            put_bytes(inc "/" included(line, file))
            continue
        }
        if (!comment && line ~ /^#include |^#define _[A-Z]/ && line !~ /immintrin|arm_neon|auxv/)
            continue
        if (!in_struct && !macro && line ~ /^ *((typedef|static|const) )*(struct|union) .*\{$/) {
            in_struct = 1
            outside = depth
        }
        if (!macro) parameters(line)
        scan(line, unit)
        if (depth == 0 && !macro && code ~ /^[A-Za-z_]/ && file !~ /\/digitnet.h$/) {
            if (code ~ /^extern const /) sub(/^extern/, "static", result)
            else if (code ~ /^SQLITE_EXTENSION_INIT1/)
                result = "static const sqlite3_api_routines *sqlite3_api = 0;"
            else if (code ~ /^(const )?[a-z_0-9]+ .*\(/ &&
                     code !~ /^(static|typedef|extern|enum) /)
                result = "static " result
            else if (code ~ /^const [a-z_0-9 *]+(\[[A-Z_]*\])? =/) result = "static " result
        }
        if (code ~ /^# *define .* extern const /) sub(/extern const/, "static const", result)
        print result
        macro = (macro || code ~ /^#/) && code ~ /\\$/
        if (!macro && code !~ /^#/) depth += gsub(/\{/, "{", code) - gsub(/\}/, "}", code)
        if (in_struct && depth == outside) in_struct = 0
    }
    close(file)
}

function put_bytes(file, line, got) {
    while ((got = (getline line < file)) > 0) print line
    if (got < 0) {
        print "amalgamate: cannot read " file > "/dev/stderr"
        failed = 1
    }
    close(file)
}

function end_macros(unit, n, i, list) {
    n = split(macros[unit], list, " ")
    for (i = 1; i <= n; i++) print "#undef " list[i]
}

# omitted - the switch that leaves a file out. PNG takes along what reads files: gzip is
# zlib's, too.
function omitted(file) {
    if (file ~ /^ext\/(train|search)\//) return "DIGITNET_OMIT_TRAIN"
    if (file ~ /^core\/onnx\/|^ext\/model\/(export_model|import_|inspect_)/) return "DIGITNET_OMIT_ONNX"
    if (file ~ /^ext\/read\/read_|^loaders\/(cifar|file|folder|gz|idx|png|png_chunks|png_file)\.c/)
        return "DIGITNET_OMIT_PNG"
    if (file ~ /^ext\/model\/digitnet_builtin/) return "DIGITNET_OMIT_BUILTIN"
    if (file ~ /^ext\/report\//) return "DIGITNET_OMIT_REPORT"
    return ""
}

# put_file - a header, or a source with the names of its own.
function put_file(unit, file, without) {
    title(file)
    without = omitted(file)
    if (without != "") print "#ifndef " without
    put(unit, file)
    end_macros(unit)
    if (without != "") print "#endif"
}

# put_kernels - one copy of the kernels, for an instruction set, the processors that may
# have it, and the features that both compilers call it by.
function put_kernels(isa, width, processors, target, i) {
    title("core/kernels, " isa)
    if (target != "") {
        print "#if " processors
        print "#ifdef __clang__"
        print "#pragma clang attribute push(__attribute__((target(\"" target "\"))), " \
              "apply_to = function)"
        print "#else"
        print "#pragma GCC push_options"
        if (width == 16) target = target ",prefer-vector-width=512"
        print "#pragma GCC target(\"" target "\")"
        print "#pragma GCC optimize(\"O3\")"
        print "#endif"
    }
    print "#define DN_ISA " isa
    print "#define DN_WIDTH " width
    for (i = 1; i <= n_kernel_files; i++) put(isa, kernel_files[i])
    put(isa, "core/kernels/kernels.c")
    end_macros(isa)
    print "#undef DN_ISA\n#undef DN_WIDTH"
    if (target != "") {
        print "#ifdef __clang__\n#pragma clang attribute pop"
        print "#else\n#pragma GCC pop_options\n#endif\n#endif"
    }
}

BEGIN {
    n_isas = split("portable avx2 avx512 vfpv4", isas, " ")
    x86 = "defined(__x86_64__) || defined(__i386__)"
    visit("core/kernels/kernels.c")
    for (a = 1; a < ARGC; a++) visit(ARGV[a])

    for (i = 1; i <= n_isas; i++) {
        units[++n_units] = isas[i]
        for (k = 1; k <= n_kernel_files; k++) collect(isas[i], kernel_files[k])
        collect(isas[i], "core/kernels/kernels.c")
    }
    for (a = 1; a < ARGC; a++) {
        units[++n_units] = ARGV[a]
        collect(ARGV[a], ARGV[a])
    }
    for (i = 1; i <= n_headers; i++) collect_shared(headers[i])
    for (u = 1; u <= n_units; u++) {
        prefix = units[u]
        sub(/\.c$/, "", prefix)
        gsub(/\//, "_", prefix)
        n = split(names[units[u]], list, " ")
        for (i = 1; i <= n; i++)
            if (owners[list[i]] > 1) renamed[units[u], list[i]] = prefix "_" list[i]
    }

    print "/* digitnet " version " - a neural network inside SQLite, as one file."
    print " *"
    print " *     cc -O2 -shared -fPIC -o digitnet.so digitnet.c -lpng -lz -lm -pthread"
    print " *     cc -O2 -DSQLITE_CORE -c digitnet.c       to be linked with SQLite: digitnet.h"
    print " *"
    print " * Made by `make amalgamation` of the sources; do not edit. By gcc or clang, with any"
    print " * flags but -ffast-math it computes the same bits. MIT licence:"
    print " *"
    while ((getline line < "LICENSE") > 0) print (line == "" ? " *" : " * " line)
    close("LICENSE")
    print " */"
    print "#if defined(__FAST_MATH__)\n#error \"digitnet does not work with -ffast-math\"\n#endif"
    print "#ifndef _POSIX_C_SOURCE\n#define _POSIX_C_SOURCE 200809L\n#endif"
    print "#ifndef _FILE_OFFSET_BITS\n#define _FILE_OFFSET_BITS 64\n#endif"
    for (i = 1; i <= n_features; i++) {
        split(features[i], list, " ")
        print "#ifndef " list[2] "\n" features[i] "\n#endif"
    }
    for (i = 1; i <= n_systems; i++)
        if (systems[i] ~ /<(png|zlib)\.h>/)
            print "#ifndef DIGITNET_OMIT_PNG\n" systems[i] "\n#endif"
        else
            print systems[i]
    print "#if " x86 "\n#include <immintrin.h>\n#endif"
    print "#include \"sqlite3ext.h\""
    print "#if __FLT_EVAL_METHOD__ != 0\n#error \"digitnet wants floats that are no wider than" \
          " float: -msse2 -mfpmath=sse, -fexcess-precision=fast\"\n#endif"
    print "\n/* a*b+c is rounded twice, unless the source asks for a fused multiply-add. */"
    print "#ifdef __clang__\n#pragma STDC FP_CONTRACT OFF"
    print "#else\n#pragma GCC optimize(\"fp-contract=off\")\n#endif"
    print "\n/* Not all of the library is used by the extension. */"
    print "#pragma GCC diagnostic ignored \"-Wunused-function\""

    for (i = 1; i <= n_headers; i++) put_file("", headers[i])
    put_kernels("portable", 4)
    put_kernels("avx2", 8, x86, "avx2,fma")
    put_kernels("avx512", 16, x86, "avx512f,avx512vl,avx512dq,avx512bw,fma")
    put_kernels("vfpv4", 4, "defined(DN_HAS_VFPV4)", "fpu=vfpv4")
    for (a = 1; a < ARGC; a++) put_file(ARGV[a], ARGV[a])
    exit failed
}
