#!/bin/sh
# Runs every fuzz target for FUZZTIME, one after the other.
set -eu
cd "$(dirname "$0")/.."

grep -rlE '^func Fuzz' --include='*_test.go' internal test | xargs -n1 dirname | sort -u | while read -r folder; do
	for target in $(grep -hoE '^func Fuzz[A-Za-z0-9_]+' "$folder"/*_test.go | sed 's/^func //' | sort -u); do
		echo "fuzz $folder $target ${FUZZTIME:-5s}"
		go test "./$folder" -run '^$' -fuzz "^$target\$" -fuzztime "${FUZZTIME:-5s}" > /tmp/muster-fuzz.$$ 2>&1 || { cat /tmp/muster-fuzz.$$; rm -f /tmp/muster-fuzz.$$; exit 1; }
	done
done
rm -f /tmp/muster-fuzz.$$
