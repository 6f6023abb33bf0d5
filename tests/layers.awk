# layers.awk - what layers.sh asks of who uses whom. Input: lines "user used", paths of
# two files (by symbols of objects, without an ending; by includes of sources and
# headers).
#
#     awk -v by=includes -f tests/layers.awk
#
# It prints what is against the order of the rooms of ext, one line each, and a circle of
# files, if there is any; nothing, if all is well.

BEGIN {
    # A room may use those with a smaller number, no others.
    floor["ext/base"] = 1
    floor["ext/image"] = 2
    floor["ext/data"] = floor["ext/read"] = 3
    floor["ext/model"] = 4
    floor["ext/predict"] = floor["ext/train"] = 5
    floor["ext/report"] = floor["ext/search"] = 6
    floor["ext"] = 7
}

function room(file) {
    sub(/\/[^\/]*$/, "", file)
    return file
}

# rooms - complains of a use that the order of ext's rooms forbids.
function rooms(user, used, from, to) {
    from = room(user)
    to = room(used)
    if (from == to || from !~ /^ext/ || to !~ /^ext/) return
    if (!(from in floor)) print from " has no place in the order of rooms: tests/layers.awk"
    else if (!(to in floor)) print to " has no place in the order of rooms: tests/layers.awk"
    else if (floor[to] >= floor[from]) print user " may not use " used
}

$1 != $2 && !(($1, $2) in edge) {
    edge[$1, $2]
    file[$1]
    file[$2]
    used_by[$1] = used_by[$1] " " $2
    rooms($1, $2)
}

# Files that use none that is left are in no circle and go, until none goes any more. From
# what is left, each step leads to another one that is left, and so at last to one seen
# before.
END {
    do {
        gone = 0
        for (f in file) {
            n = split(used_by[f], used, " ")
            for (i = 1; i <= n && !(used[i] in file); i++) {}
            if (i <= n) continue
            delete file[f]
            gone = 1
        }
    } while (gone)
    for (f in file) {
        while (!(f in seen)) {
            seen[f] = path = path ? path " > " f : f
            n = split(used_by[f], used, " ")
            for (i = 1; !(used[i] in file); i++) {}
            f = used[i]
        }
        sub("^.*(^| )" f " > ", f " > ", path)
        print "a circle by " by ": " path " > " f
        break
    }
}
