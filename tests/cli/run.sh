#!/bin/sh
# Tests of the command line: run.sh BUILD_DIR [--set-exact] [NAME...]
#
# Each NAME.sh runs in an empty folder, with lib.sh read before it. What it prints must be NAME.stdout.exact and NAME.stderr.exact
# line by line, or match the patterns of NAME.stdout.glob and NAME.stderr.glob, where a line "..." stands for any number of lines.
# Without such a file nothing may be printed. The script must exit with the number in NAME.exit, 0 without that file.
# --set-exact writes the .exact files anew; read the difference before you commit it.
set -u
export LC_ALL=C

here=$(cd "$(dirname "$0")" && pwd)
[ $# -ge 1 ] || { echo "usage: run.sh BUILD_DIR [--set-exact] [NAME...]" >&2; exit 2; }
BUILD=$(cd "$1" && pwd) || exit 2
shift
set_exact=
[ "${1-}" = --set-exact ] && { set_exact=yes; shift; }

TMO=$BUILD/tmo
HELPER=$BUILD/tests/cli_helper
LIB=$here/lib.sh
SOURCE=$(cd "$here/../.." && pwd)
for program in "$TMO" "$HELPER"; do
    [ -x "$program" ] || { echo "run.sh: '$program' is missing, build first" >&2; exit 2; }
done
# Leaks count, and a sanitizer's report must not look like an exit status of tmo.
ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}exitcode=99
UBSAN_OPTIONS=${UBSAN_OPTIONS:+$UBSAN_OPTIONS:}exitcode=99:halt_on_error=1
export TMO HELPER LIB SOURCE ASAN_OPTIONS UBSAN_OPTIONS

scratch=$(mktemp -d) || exit 2
trap 'chmod -R u+w "$scratch"; rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM

# matches TEXT PATTERNS: line by line; after "..." the next pattern may come at any later line.
matches()
{
    exec 3< "$1" 4< "$2"
    skipping= pattern_left=yes
    IFS= read -r pattern <&4 || pattern_left=
    while IFS= read -r line <&3; do
        while [ "$pattern_left" ] && [ "$pattern" = ... ]; do
            skipping=yes
            IFS= read -r pattern <&4 || pattern_left=
        done
        if [ ! "$pattern_left" ]; then
            [ "$skipping" ] && break
            echo "unexpected line: $line"
            return 1
        fi
        # shellcheck disable=SC2254 # the pattern is to be one
        case $line in
        $pattern)
            skipping=
            IFS= read -r pattern <&4 || pattern_left= ;;
        *)
            [ "$skipping" ] || { printf 'wanted: %s\ngot:    %s\n' "$pattern" "$line"; return 1; } ;;
        esac
    done
    while [ "$pattern_left" ] && [ "$pattern" = ... ]; do IFS= read -r pattern <&4 || pattern_left=; done
    [ ! "$pattern_left" ] || { echo "no line matches: $pattern"; return 1; }
}

# check NAME stdout|stderr: what the script printed against its siblings.
check()
{
    got=$scratch/$1.$2 want=$here/$1.$2
    # Lines of progress come every few seconds: how many depends on the machine.
    sed -i 's/^[a-z ]* [0-9]*\/[0-9]*\(  [0-9.]*\/s\)\{0,1\}\(  [0-9]* s left\)\{0,1\}$/PROGRESS/;/^PROGRESS$/d' "$got"
    if [ -f "$want.glob" ]; then
        matches "$got" "$want.glob" > "$scratch/why" && return 0
    elif [ "$set_exact" ]; then
        if [ -s "$got" ]; then cp "$got" "$want.exact"; else rm -f "$want.exact"; fi
        return 0
    elif [ -f "$want.exact" ]; then
        diff -u "$want.exact" "$got" > "$scratch/why" && return 0
    else
        [ -s "$got" ] || return 0
        cp "$got" "$scratch/why"
    fi
    echo "$1: $2 is not what it should be:"
    sed 's/^/    /' "$scratch/why"
    return 1
}

run_one()
{
    mkdir "$scratch/$1" || exit 2
    (cd "$scratch/$1" && sh -c '. "$LIB"; . "$0"' "$here/$1.sh") > "$scratch/$1.stdout" 2> "$scratch/$1.stderr" < /dev/null
    status=$? wanted=0 fault=
    [ -f "$here/$1.exit" ] && wanted=$(cat "$here/$1.exit")
    [ "$status" = "$wanted" ] || { echo "$1: exit status $status, wanted $wanted"; fault=yes; }
    check "$1" stdout || fault=yes
    check "$1" stderr || fault=yes
    [ ! "$fault" ]
}

[ $# -gt 0 ] || set -- $(cd "$here" && for file in *.sh; do
    case $file in run.sh | lib.sh) ;; *) echo "${file%.sh}" ;; esac
done)
failed=0
for name; do
    if run_one "$name"; then echo "ok     $name"; else echo "FAILED $name"; failed=$((failed + 1)); fi
done
echo "$# tests, $failed failed"
[ "$failed" = 0 ]
