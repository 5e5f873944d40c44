#!/bin/bash
# Builds makegood, gets the peers, makes the data, and measures all of them on the same facts. Arguments are run.py's; with
# --binary PATH that program is measured, and nothing is built.
#
# Usage: bash Tests/Benchmarks/run.sh [--quick] [--large] [--tables import night …] [--save NAME] …     (--help tells all)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
arguments=("$@")
build=yes
for argument in "$@"; do
  case $argument in
  --binary | --binary=*) build=no ;;
  -h | --help) exec python3 "$here/run.py" --help ;;
  esac
done
bash "$here/../../.ci/install" sqlite3 python3-venv
peers=${XDG_CACHE_HOME:-$HOME/.cache}/makegood-bench/venv
if [ ! -x "$peers/bin/python" ] || ! "$peers/bin/python" -c 'import duckdb, polars' 2>/dev/null; then
  python3 -m venv "$peers"
  "$peers/bin/pip" install --quiet duckdb polars
fi
if [ "$build" = yes ]; then
  cd "$here/../.."
  # shellcheck source=.ci/toolchain
  . .ci/toolchain
  # shellcheck disable=SC2154  # .ci/toolchain says it
  command=(swift build "${installed[@]}")
  "${command[@]}" >&2
  arguments=(--binary "$("${command[@]}" --show-bin-path)/makegood" "$@")
fi
exec "$peers/bin/python" "$here/run.py" "${arguments[@]}"
