#!/usr/bin/env bash
# run.sh [SECONDS]: every target in turn, then the Python programs, each for SECONDS (600).
# Builds nothing: see README.md. Logs and findings are below $OUT.
set -uo pipefail
cd "$(dirname "$0")" || exit
seconds=${1:-600}
out=${OUT:-target/out}
built=${BUILT:-target/x86_64-unknown-linux-gnu/release}
mkdir -p "$out"
for target in ${TARGETS:-manifest requirements lock hub pylock}; do
  mkdir -p "$out/corpus/$target" "$out/found/$target"
  seeds=()
  [ -d "seeds/$target" ] && seeds+=("seeds/$target")
  [ "$target" = manifest ] && seeds+=(../tests/data/manifest)
  "$built/$target" "$out/corpus/$target" "${seeds[@]}" -max_total_time="$seconds" \
    -rss_limit_mb=200 -timeout=10 -max_len=65536 -report_slow_units=1 -print_final_stats=1 \
    -artifact_prefix="$out/found/$target/" >"$out/$target.log" 2>&1
  echo "$target: exit $?" >>"$out/summary"
done
python3 headers.py "$seconds" >"$out/headers.log" 2>&1
echo "headers: exit $?" >>"$out/summary"
