#!/bin/sh
# What has to be right before a commit. Hook, person and CI run the same.
set -eu
cd "$(dirname "$0")/.."

unformatted=$(gofmt -l bench client cmd internal test)
if [ -n "$unformatted" ]; then
	echo "not formatted (run gofmt -w):"
	echo "$unformatted"
	exit 1
fi
go mod tidy -diff
go vet ./...
go tool staticcheck ./...
go test -timeout 10m ./cmd/... ./internal/... ./test/house ./test/manual ./test/picture ./test/wronginput
