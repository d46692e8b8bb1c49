# What the scripts share. Source it first: it sets the shell's strict mode, goes
# to the top of the tree and answers -h with the comment at the script's head.
# shellcheck shell=bash

set -euo pipefail
export LC_ALL=C.UTF-8

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
LIBRARY_DIR=$ROOT/.build-library   # the shared library, stripped, with its links
TESTS_DIR=$ROOT/.build-tests       # what tests need: virtual environment, logs
VENV=$TESTS_DIR/venv

case ${1-} in
-h | --help)
    sed -n '2,/^[^#]/{s/^# \{0,1\}//p}' "$0"
    exit 0
    ;;
esac
cd "$ROOT"

say() { printf '%s\n' "$*"; }

die() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# The value of a macro in include/socketio/version.h, the one place that says
# which version this is.
version_macro() {
    sed -n "s/^#define $1 \"\{0,1\}\([0-9.]*\)\"\{0,1\}\$/\1/p" include/socketio/version.h
}

VERSION=$(version_macro SIO_VERSION_STRING)
ABI_VERSION=$(version_macro SIO_ABI_VERSION)
SONAME=libsocketio.so.$ABI_VERSION
LIBRARY_FILE=libsocketio.so.$VERSION

# A program of the Swift toolchain that may not be in PATH: clang, lld.
swift_tool() {
    local resources
    resources=$(swift -print-target-info | sed -n 's/.*"runtimeResourcePath": "\(.*\)".*/\1/p')
    say "$(dirname "$(dirname "$resources")")/bin/$1"
}

# Checks, for the scripts that are made of them. `ok` and `not_ok` take a name;
# what else `not_ok` gets is the reason. `totals` closes with the line
# "TOTAL <passed> <failed>" that scripts/test reads, and is the exit status.
PASSED=0
FAILED=0

ok() {
    PASSED=$((PASSED + 1))
    [ -n "${QUIET_OK-}" ] || printf 'ok      %s\n' "$1"
}

not_ok() {
    FAILED=$((FAILED + 1))
    printf 'FAILED  %s\n' "$1"
    shift
    [ $# -eq 0 ] || [ -z "$*" ] || printf '%s\n' "$*" | sed 's/^/        /'
}

# check NAME COMMAND...: ok when the command succeeds; its output is the reason
# when it does not.
check() {
    local name=$1 output
    shift
    if output=$("$@" 2>&1); then ok "$name"; else not_ok "$name" "$output"; fi
}

totals() {
    printf 'TOTAL %d %d\n' "$PASSED" "$FAILED"
    [ "$FAILED" -eq 0 ]
}
