#!/bin/sh
# Makes this machine ready: bootstrap.sh run | test | bench
#
#   system packages   PostgreSQL with PostGIS, RabbitMQ, Python's venv, a Chinese font for PDF files;
#                     with `test` Chromium and its fonts as well
#   .run/uv           uv, which installs the Python packages
#   .venv             the Python packages, exactly as uv.lock says
#   translations      compiled message catalogues
#
# Only what is missing is installed, and what it is gets said first. When nothing is missing nothing is asked of the
# network.
set -eu

purpose=${1:-run}
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
clone=$(CDPATH='' cd -- "$here/../.." && pwd)
cd "$clone"

UV_VERSION=0.13.9
RABBITMQ_SERVERS=/usr/lib/rabbitmq/lib

say() { printf '%s\n' "$*"; }
fail() { printf '%s\n' "$*" >&2; exit 1; }

# -- what is missing ---------------------------------------------------------------------------------------------------

has_postgis() {
    for control in /usr/share/postgresql/*/extension/postgis.control; do
        major=${control#/usr/share/postgresql/}
        major=${major%%/*}
        if [ -e "$control" ] && [ "$major" -ge 15 ] && [ -x "/usr/lib/postgresql/$major/bin/initdb" ]; then
            return 0
        fi
    done
    return 1
}

has_rabbitmq() {
    for server in "$RABBITMQ_SERVERS"/rabbitmq_server-*/sbin/rabbitmq-server; do
        [ -x "$server" ] && return 0
    done
    return 1
}

has_python() { python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }
has_venv() { python3 -c 'import ensurepip, venv' 2>/dev/null; }
has_package() { dpkg-query --show --showformat='${db:Status-Abbrev}' "$1" 2>/dev/null | grep -q '^.i'; }

missing_packages() {
    has_postgis || printf ' postgresql-postgis'
    has_rabbitmq || printf ' rabbitmq-server'
    has_python || printf ' python3'
    { has_python && has_venv; } || printf ' python3-venv'
    [ -e /etc/ssl/certs/ca-certificates.crt ] || printf ' ca-certificates'
    has_package fonts-wqy-zenhei || printf ' fonts-wqy-zenhei'
    if [ "$purpose" = bench ]; then
        command -v wrk >/dev/null || printf ' wrk'
    fi
    if [ "$purpose" = test ]; then
        command -v chromium >/dev/null || printf ' chromium'
        # Chromium's own sandbox, for everybody but root.
        has_package chromium-sandbox || printf ' chromium-sandbox'
        has_package fonts-noto-cjk || printf ' fonts-noto-cjk'
        has_package libatomic1 || printf ' libatomic1' # Playwright's driver
        command -v ogr2ogr >/dev/null || printf ' gdal-bin' # reads our OGC API as others do
        command -v hledger >/dev/null || printf ' hledger' # reads our books as others do
    fi
}

# -- system packages ---------------------------------------------------------------------------------------------------

# Installs the packages given as arguments; runs as root, in a shell of its own.
installer() {
    cat <<'INSTALLER'
set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
mine='made by zhendi for the time of an installation'
policy=/usr/sbin/policy-rc.d
clusters=/etc/postgresql-common/createcluster.d/zhendi.conf

tidy() {
    if grep -qs "$mine" "$policy"; then rm -f "$policy"; fi
    rm -f "$clusters"
}
trap tidy EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
tidy # an earlier installation may have been killed

# The platform runs servers of its own: the packages' services are not started ...
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\n# %s\nexit 101\n' "$mine" >"$policy"
    chmod 755 "$policy"
fi
# ... and PostgreSQL's package makes no cluster, unless the administrator has decided on that.
if ! grep -qsE '^[[:space:]]*create_main_cluster' /etc/postgresql-common/createcluster.conf; then
    mkdir -p "${clusters%/*}"
    printf '# %s\ncreate_main_cluster = false\n' "$mine" >"$clusters"
fi

is_installed() { dpkg-query --show --showformat='${db:Status-Abbrev}' "$1" 2>/dev/null | grep -q '^.i'; }
units=''
is_installed rabbitmq-server || units="$units rabbitmq-server.service"
is_installed erlang-base || units="$units epmd.service epmd.socket"

dpkg --configure -a # an installation that was cut off is finished first

# Another apt may be reading the lists; that lock has no timeout of its own.
tries=0
until apt-get -q update; do
    tries=$((tries + 1))
    if [ "$tries" -ge 3 ]; then
        echo 'The package lists could not be brought up to date; trying with those that are here.' >&2
        break
    fi
    sleep 10
done
apt-get -q -y -o DPkg::Lock::Timeout=600 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \
    -o Dpkg::Use-Pty=0 install --no-install-recommends "$@"

# Nor do they start at the next boot: the system's RabbitMQ and epmd would listen on every address.
for unit in $units; do
    if command -v systemctl >/dev/null; then
        systemctl disable --quiet "$unit" 2>/dev/null || true
    elif command -v deb-systemd-helper >/dev/null; then # no systemd yet, but it may come
        DPKG_MAINTSCRIPT_PACKAGE=rabbitmq-server deb-systemd-helper disable "$unit" >/dev/null || true
    fi
done
INSTALLER
}

install_packages() {
    missing=$(missing_packages)
    [ -n "$missing" ] || return 0
    by_hand="apt-get update && apt-get install --no-install-recommends$missing"
    case "$missing" in
        *postgresql*)
            conf=/etc/postgresql-common/createcluster.d/zhendi.conf
            by_hand="mkdir -p ${conf%/*} && echo 'create_main_cluster = false' >$conf && $by_hand"
            ;;
    esac

    if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
        fail "This system has no apt: it is not Debian or made from it, and Zhendi cannot install what it needs here.
It needs the Debian 12 (or newer) packages:$missing
Run it on Debian 12 or Ubuntu 24.04 or newer, for instance in a virtual machine or a container."
    fi
    say "These system packages are missing and will be installed:$missing"
    say "(without recommended packages; their services are not started, and no database cluster is made)"

    # shellcheck disable=SC2086  # a list of words is meant
    if [ "$(id -u)" -eq 0 ]; then
        sh -c "$(installer)" installer $missing
    elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || { [ -t 0 ] && sudo -v; }; }; then
        sudo sh -c "$(installer)" installer $missing
    else
        fail "You cannot become root with sudo here. Ask the administrator to run this line, then try again:

    $by_hand"
    fi

    missing=$(missing_packages)
    case "$missing" in
        '') ;;
        *python3*) fail "Python 3.11 or newer is needed; this system offers $(python3 --version 2>&1). Debian 12 has it." ;;
        *) fail "Still missing after the installation:$missing. Zhendi needs PostgreSQL 15 and PostGIS 3.3 or newer." ;;
    esac
}

# -- Python packages ---------------------------------------------------------------------------------------------------

checksum() { cat "$@" | sha256sum | cut -d ' ' -f 1; }

install_uv() {
    if [ "$(.run/uv/bin/uv --version 2>/dev/null | cut -d ' ' -f 2)" = "$UV_VERSION" ]; then
        return 0
    fi
    say "Installing uv $UV_VERSION into .run/uv ..."
    rm -rf .run/uv
    python3 -m venv .run/uv
    .run/uv/bin/python -m pip install --quiet --disable-pip-version-check "uv==$UV_VERSION"
}

sync_packages() {
    wanted=$(checksum uv.lock pyproject.toml services/*/pyproject.toml gateway/pyproject.toml infra/*/pyproject.toml)
    if [ -x .venv/bin/python ] && [ "$(cat .run/packages.stamp 2>/dev/null)" = "$wanted" ]; then
        return 0
    fi
    install_uv
    say "Installing the Python packages of uv.lock into .venv ..."
    # The system's certificates: somebody behind a proxy that signs again has put its authority there.
    UV_PYTHON_DOWNLOADS=never UV_SYSTEM_CERTS=true UV_PROJECT_ENVIRONMENT=.venv UV_LINK_MODE="${UV_LINK_MODE:-copy}" \
        .run/uv/bin/uv sync --frozen --all-packages --quiet
    printf '%s\n' "$wanted" >.run/packages.stamp
}

compile_translations() {
    translations=gateway/src/gateway/translations
    [ -d "$translations" ] || return 0
    for catalogue in "$translations"/*/LC_MESSAGES/*.po; do
        compiled=${catalogue%.po}.mo
        if [ -e "$catalogue" ] && { [ ! -e "$compiled" ] || [ "$catalogue" -nt "$compiled" ]; }; then
            .venv/bin/pybabel --quiet compile --input-file "$catalogue" --output-file "$compiled" \
                --locale "$(basename "$(dirname "$(dirname "$catalogue")")")"
        fi
    done
}

# ----------------------------------------------------------------------------------------------------------------------

mkdir -p .run 2>/dev/null || true
[ -w .run ] || fail "$clone/.run belongs to $(stat -c %U .run 2>/dev/null || echo somebody else); start as that user, or give the folder to $(id -un)."
install_packages
sync_packages
compile_translations
