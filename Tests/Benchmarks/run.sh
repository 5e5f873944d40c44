#!/bin/bash
# Builds makegood, gets the peers, and measures all of them on the same facts. Arguments are run.py's.
#
# Usage: bash Tests/Benchmarks/run.sh [--orders 100000] [--repeat 3] [--growth 100000 1000000] …
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
bash .ci/install sqlite3 python3-venv
# shellcheck source=.ci/toolchain
. .ci/toolchain
peers=${XDG_CACHE_HOME:-$HOME/.cache}/makegood-bench/venv
if [ ! -x "$peers/bin/python" ]; then
  python3 -m venv "$peers"
  "$peers/bin/pip" install --quiet duckdb polars
fi
build=(swift build -c release --product makegood --static-swift-stdlib)
"${build[@]}" >&2
exec "$peers/bin/python" "$here/run.py" --binary "$("${build[@]}" --show-bin-path)/makegood" "$@"
