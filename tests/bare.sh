#!/bin/sh
# ./run test-bare [bookworm|trixie]: both commands as a new user would run them, on a machine that has nothing.
#
# debootstrap makes a minimal Debian in a folder of its own: python3 and git, no more. HEAD is cloned into it, and
# `./run demo --exit` and `./run test` run there as root, with processes and mounts of their own that end with it; the
# folder is removed whatever happens. What is not committed is not tested. From this machine come its kernel, its
# address of a mirror, and the authorities it trusts (a network may have one of its own). It needs root or sudo, half an
# hour and 6 GB in $TMPDIR or /var/tmp. Ends with 0 if both commands did.
set -eu
cd "$(dirname "$0")/.."

suite=${1:-trixie}
case $suite in
bookworm | trixie) ;;
*)
    echo "which Debian? ./run test-bare bookworm, or trixie" >&2
    exit 2
    ;;
esac

if [ "$(id -u)" -ne 0 ]; then exec sudo "$0" "$suite"; fi
if ! command -v debootstrap >/dev/null; then
    apt-get update -qq >&2
    apt-get install -y -qq --no-install-recommends debootstrap >&2
fi

root=$(mktemp -d "${TMPDIR:-/var/tmp}/gatepost-bare.XXXXXX")
trap 'rm -rf --one-file-system "$root"' EXIT
trap 'exit 130' INT TERM
chmod 755 "$root" # PostgreSQL's own user must get through

begun=$(date +%s)
debootstrap --variant=minbase --include=python3,git "$suite" "$root" >"$root.log" 2>&1 || {
    cat "$root.log" >&2
    exit 1
}
rm "$root.log"
git clone -q . "$root/root/gatepost"
cp /etc/ssl/certs/ca-certificates.crt "$root/root/authorities.crt"
cp -L /etc/resolv.conf "$root/etc/resolv.conf"
echo "$suite: a bare root with $(git rev-parse --short HEAD), $(($(date +%s) - begun)) s"

# inside COMMAND: with a clean environment, in mounts and processes of its own. The root is a mount, as any machine's
# is: without that no program in it could have mounts of its own.
inside() {
    # shellcheck disable=SC2016 # for the shells inside
    unshare --mount --pid --fork --kill-child /bin/sh -c '
        mount --bind "$0" "$0" && cd "$0" && exec chroot . /bin/sh -c "$1" "$@"' "$root" '
        mount -t proc proc /proc
        mount -t sysfs -o ro sys /sys
        mount -t tmpfs shm /dev/shm
        mount -t devpts -o newinstance,ptmxmode=0666 pts /dev/pts
        cd /root/gatepost
        exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
            PIP_CERT=/root/authorities.crt "$@"' "$@"
}

worst=0
for command in "demo --exit" "test"; do
    begun=$(date +%s)
    rc=0
    # shellcheck disable=SC2086 # a verb and its words
    inside ./run $command || rc=$?
    echo "$suite: ./run $command: exit code $rc, $(($(date +%s) - begun)) s"
    [ "$rc" -eq 0 ] || worst=$rc
done
exit "$worst"
