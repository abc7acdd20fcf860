#!/bin/sh
# make test-peers: sets up the peers' Python environments under build/, brings models and samples, and compares (test_peers.py).
set -eu
cd "$(dirname "$0")/../.."
environment=build/peers
vela=build/vela
tools/peers/setup
cache=${TMO_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tmo}/models
tools/get_models
$environment/bin/python tools/oracle/generate.py --check
[ -d build/samples ] || $environment/bin/python tools/peers/make_calibration.py "$cache" build/samples
VELA=$vela/bin/vela $environment/bin/python tools/peers/test_peers.py --tmo build/tmo --models "$cache" --samples build/samples \
    --work build/peer-results "$@"
