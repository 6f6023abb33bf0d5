#!/bin/sh
# debian.sh - Debian's packages of any architecture and release, in a folder of their own:
# nothing of the machine's is changed, and no root is needed.
#
#     debian.sh build/s390x/debian s390x - libc6 sqlite3 …         of this release
#     debian.sh build/bullseye amd64 bullseye libc6 sqlite3 …      of that one
#
# Unpacked, not configured. A folder that is complete is left as it is. What went wrong is
# in FOLDER.log.
set -eu
folder=$1 arch=$2 release=$3
shift 3
[ ! -e "$folder/complete" ] || exit 0
rm -rf "$folder"
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
apt=$folder/apt
mkdir -p "$apt/lists/partial" "$apt/archives/partial" "$apt/parts"
: > "$apt/status"
options="-q -o APT::Architecture=$arch -o APT::Architectures=$arch
    -o APT::Sandbox::User=$(id -un) -o Dir::State=$apt -o Dir::State::status=$apt/status
    -o Dir::Cache=$apt"
if [ "$release" != - ]; then
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]" \
        "${DEBIAN:-http://deb.debian.org}/debian $release main" > "$apt/parts/sources.list"
    options="$options -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts=$apt/parts"
fi
apt-get $options update > "$folder.log" 2>&1 || true
(cd "$apt/archives" && apt-get $options download "$@" >> "$folder.log" 2>&1) || exit 1
for package in "$apt"/archives/*.deb; do dpkg-deb -x "$package" "$folder"; done
rm -rf "$apt"
touch "$folder/complete"
