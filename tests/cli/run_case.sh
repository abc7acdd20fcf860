#!/bin/sh
# run_case.sh TMO SOURCE_FOLDER CASE: runs one case in a temporary folder.
tmo=$1
data=$2/data/handwriting
case=$3
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
. "$2/tests/cli/lib.sh"
. "$case"
[ $failures -eq 0 ]
