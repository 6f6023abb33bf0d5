# mnist.sh - where MNIST is: for demo.sh, model.sh and tests/bench/run.sh, which read it
# with "." at the top of the repository. Afterwards $dir is a folder with all four files,
# or empty.
#
# Looked for in $MNIST_DIR, ../shared/mnist and build/mnist; else fetched into the last
# one, if there are curl and a network.
mirrors="https://ossci-datasets.s3.amazonaws.com/mnist
https://storage.googleapis.com/cvdf-datasets/mnist"

# The four files, and the SHA-256 of each when unpacked.
files="train-images-idx3-ubyte ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db
train-labels-idx1-ubyte 65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5
t10k-images-idx3-ubyte 0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7
t10k-labels-idx1-ubyte ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"

# has_mnist - whether a folder has all four, packed or not.
has_mnist() {
    [ -n "$1" ] || return 1
    for name in $(echo "$files" | cut -d' ' -f1); do
        [ -e "$1/$name" ] || [ -e "$1/$name.gz" ] || return 1
    done
}

# fetch_mnist - into a folder; what is not what it should be is not kept.
fetch_mnist() {
    command -v curl > /dev/null && command -v sha256sum > /dev/null || return 1
    mkdir -p "$1"
    for mirror in $mirrors; do
        echo "fetching MNIST from $mirror"
        echo "$files" | while read -r name sum; do
            curl -fsSL --connect-timeout 5 --max-time 60 -o "$1/part" "$mirror/$name.gz" ||
                exit 1
            if [ "$(gzip -dc "$1/part" | sha256sum | cut -d' ' -f1)" != "$sum" ]; then
                echo "$name is damaged"
                exit 1
            fi
            mv "$1/part" "$1/$name.gz"
        done && return
    done
    rm -f "$1/part"
    return 1
}

dir=
for candidate in "${MNIST_DIR:-}" ../shared/mnist build/mnist; do
    if has_mnist "$candidate"; then
        dir=$candidate
        break
    fi
done
if [ -z "$dir" ] && fetch_mnist build/mnist; then dir=build/mnist; fi
