#!/bin/sh
# The shared libraries export tmo_* and nothing else; the static ones define no global name without our prefixes.
# usage: symbols.sh BUILD-FOLDER
set -eu
status=0
for library in "$1"/libtmo_runtime.so "$1"/libtmo.so; do
    [ -e "$library" ] || continue
    if nm -D --defined-only "$library" | awk '{print $NF}' | grep -vE '^tmo_|^_(init|fini)$|^(__asan|__ubsan|__sanitizer|__tsan|__odr_asan|__lsan|__gcov|mangle_path)'; then
        echo "symbols: $library exports a name that does not start with tmo_ (above)" >&2
        status=1
    fi
    nm -D --defined-only "$library" | grep -q ' tmo_version$' || { echo "symbols: $library lacks tmo_version" >&2; status=1; }
done
for archive in "$1"/libtmo_runtime.a "$1"/libtmo.a; do
    [ -e "$archive" ] || continue
    if nm --defined-only -g "$archive" 2>/dev/null | awk 'NF == 3 {print $3}' | grep -vE '^tmoi?_|^(__asan|__ubsan|__odr_asan|__gcov)'; then
        echo "symbols: $archive defines a global name without our prefix (above)" >&2
        status=1
    fi
done
# The runtime library needs nothing but libc, libm and threads.
if readelf -d "$1"/libtmo_runtime.so | grep NEEDED | grep -vE 'lib(c|m|pthread|asan|ubsan|tsan|gcc_s|gcov)\.so|ld-linux'; then
    echo "symbols: libtmo_runtime.so needs another library (above)" >&2
    status=1
fi
exit $status
