#!/bin/sh
# Shows `make run` and `make test` on a bare Debian: fresh.sh [root] [user]
#
# mmdebstrap makes a minimal system with git and make (README's step 0); the committed state of this clone is cloned
# into it, once below /root and run as root, once in the home of a user with sudo. Each is its own system in its own
# mount and process namespace: when it is done, its processes and mounts are gone with it.
#
# What the host says about apt sources, proxies and certificate authorities is handed on as it is.
#
#   PORT=8100    where the platform listens meanwhile       TESTS="tests/local"    only some of the tests
#   PLACE=...    where the systems are built                KEEP=1                 leaves them there
set -eu

clone=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
place=${PLACE:-/var/tmp/zhendi-fresh}
port=${PORT:-8100}
whom=${*:-root user}
codename=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-bookworm}")

say() { printf '\n=== %s\n' "$*"; }
fail() { printf '%s\n' "$*" >&2; exit 1; }

[ "$(id -u)" -eq 0 ] || fail "make fresh builds systems and enters them: it needs root."
command -v mmdebstrap >/dev/null || fail "mmdebstrap is missing: apt-get install mmdebstrap"

mkdir -p "$place"
inside='' # the process that holds the namespaces of the system being tried

# Ending the first process of a process namespace ends all of them.
leave() {
    [ -n "$inside" ] || return 0
    kill -9 "$inside" 2>/dev/null || true
    wait "$unshare" 2>/dev/null || true
    inside=''
}
tidy() {
    leave
    [ -n "${KEEP:-}" ] || rm -rf --one-file-system "$place"
}
trap tidy EXIT
trap 'exit 130' INT TERM HUP

# -- a bare system -----------------------------------------------------------------------------------------------------

# The host's Debian sources, without other people's packages.
debian_sources() {
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
        if [ -s "$file" ] && grep -qE "debian-archive-keyring|^deb .*$codename .*main" "$file"; then
            case "$file" in *.list | *.sources) printf '%s\n' "$file" ;; esac
        fi
    done
}

make_system() {
    say "Making a bare Debian $codename"
    apt-config dump | grep -E '^Acquire::(http|https)::' >"$place/host-apt.conf" || true
    # shellcheck disable=SC2046  # a list of files is meant
    mmdebstrap --quiet --variant=minbase --include=ca-certificates,git,make,sudo \
        --setup-hook="install -D -m 644 $place/host-apt.conf \"\$1/etc/apt/apt.conf.d/90host\"" \
        "$codename" "$place/bare" $(debian_sources)
    cp /etc/ssl/certs/ca-certificates.crt "$place/bare/etc/ssl/certs/ca-certificates.crt"
    cp /etc/resolv.conf "$place/bare/etc/resolv.conf"
    [ ! -e /etc/pip.conf ] || cp /etc/pip.conf "$place/bare/etc/pip.conf"
    chroot "$place/bare" useradd --create-home --shell /bin/sh visitor
    printf 'visitor ALL=(ALL) NOPASSWD: ALL\nDefaults env_keep += "http_proxy https_proxy no_proxy"\n' \
        >"$place/bare/etc/sudoers.d/visitor"
}

# Runs a line of shell in the system; the rest of the words say as whom: root or visitor.
within() {
    line=$1
    user=$2
    home=$(chroot "$system" getent passwd "$user" | cut -d : -f 6)
    handed_on=$(env | grep -iE '^(https?_proxy|no_proxy|ssl_cert_file|ssl_cert_dir|pip_cert|pip_default_timeout|requests_ca_bundle)=' | tr '\n' ' ')
    # shellcheck disable=SC2086  # words without spaces
    nsenter --target "$inside" --mount --pid chroot "$system" \
        setpriv --reuid="$user" --regid="$user" --init-groups \
        env -i HOME="$home" USER="$user" LOGNAME="$user" PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        $handed_on sh -c "cd ~/zhendi && $line"
}

enter() {
    unshare --mount --pid --fork --propagation private sh -c '
        mount -t proc proc "$1/proc" && mount --rbind /sys "$1/sys" && mount --rbind /dev "$1/dev" &&
        exec sleep infinity' enter "$system" &
    unshare=$!
    inside=''
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        inside=$(cat "/proc/$unshare/task/$unshare/children" 2>/dev/null | tr -d ' ')
        [ -z "$inside" ] || ! mountpoint -q "/proc/$inside/root$system/dev" || break
        sleep 0.5
    done
    [ -n "$inside" ] || fail "The system's namespaces could not be made."
}

# -- what a newcomer does ----------------------------------------------------------------------------------------------

seconds() { date +%s; }

# Starts the platform, waits until it says that it runs, and prints how long that took.
start() {
    user=$1
    log="$place/run-$user.log"
    began=$(seconds)
    : >"$log"
    within "exec make run PORT=$port" "$user" >"$log" 2>&1 &
    starting=$!
    until grep -q "^Zhendi runs at" "$log"; do
        kill -0 "$starting" 2>/dev/null || { cat "$log"; fail "make run ended as $user."; }
        [ $(($(seconds) - began)) -lt 900 ] || { cat "$log"; fail "make run took more than 15 minutes as $user."; }
        sleep 1
    done
    cat "$log"
    say "$user: ready after $(($(seconds) - began)) s"
}

try() {
    user=$1
    system="$place/$user-system"
    say "As $user"
    cp -a "$place/bare" "$system"
    home=$(chroot "$system" getent passwd "$user" | cut -d : -f 6)
    git clone --quiet "$clone" "$system$home/zhendi"
    chroot "$system" chown -R "$user:" "$home/zhendi"
    enter

    start "$user"
    within "make status && make stop" "$user"
    wait "$starting" || true
    say "$user: the second start"
    start "$user"
    say "$user: make test, beside the running platform"
    within "make test TESTS='${TESTS:-}'" "$user"
    within "make stop" "$user"
    wait "$starting" || true
    say "$user: both commands did what they should"
    leave
    [ -n "${KEEP:-}" ] || rm -rf --one-file-system "$system"
}

make_system
for who in $whom; do
    case $who in
        root) try root ;;
        user) try visitor ;;
        *) fail "fresh.sh knows root and user, not $who." ;;
    esac
done
