#!/bin/sh
# The demo: two hospitals, their staff, and the file of August with new
# starters, a leaver, a joiner, an update and a warning.
# usage: demo.sh MUSTER FOLDER
set -eu
muster=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
examples=$(cd "$(dirname "$0")" && pwd)
folder=$2

rm -rf "$folder"
mkdir -p "$folder"
cd "$folder"
export MUSTER_DATABASE=sqlite:muster.db

step() { printf '\n\033[1m$ muster %s\033[0m\n' "$*"; "$muster" "$@"; }
quiet() { "$muster" "$@" > demo.log 2>&1 || { cat demo.log; exit 1; }; }

echo "Making two hospitals, Riverside (RX1) and Hillside (RX2), and their staff ..."
quiet org add RX1 --name "Riverside Hospital"
quiet org add RX2 --name "Hillside Hospital"
quiet domain add riverside.example --org RX1
quiet domain add hillside.example --org RX2
quiet import "$examples/riverside-staff.csv" --yes
quiet import "$examples/hillside-staff.csv" --yes
quiet user leaver priya.raman@hillside.example

# A joiner is known by the id, which the row of the file has to give.
id=$("$muster" user show priya.raman@hillside.example --json | sed 's/.*"id":"\([^"]*\)".*/\1/')
sed "s/ID-OF-PRIYA-RAMAN/$id/" "$examples/august.csv" > august.csv

step plan august.csv
step show 3 --rows
step apply 3
step results 3 -o august-results.csv
step user show priya.raman@hillside.example
step user history priya.raman@hillside.example
step plan august.csv
printf '\nThe demo is in %s: look round with\n  cd %s && MUSTER_DATABASE=sqlite:muster.db %s user list\n' "$folder" "$folder" "$muster"
