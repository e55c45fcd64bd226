# shellcheck shell=bash
# A locked build of what is unchanged against an equal graph of a Dockerfile's, and what
# compiled modules save when a container starts. Sourced by python.sh.

# unchanged ROUNDS
unchanged() {
  local round side frontend=docker/dockerfile:1
  note "nothing changed, with a lock: $1 rounds"
  if [[ $IMAGES == stand-ins ]]; then frontend=$MODELCACHE_REGISTRY/$frontend; fi
  python3 "$BENCHES/python/equal.py" "$WORK/context/modelcache.lock.json" >"$WORK/equal.Dockerfile"
  for ((round = -1; round < $1; round++)); do
    for side in modelcache dockerfile builtin; do
      # The first of each is not counted: a Dockerfile has not been built before.
      if ((round < 0)); then again "$side" "$frontend"; else measured "again.$side" modelcache again "$side" "$frontend"; fi
    done
  done
  vertices modelcache "$frontend"
  vertices dockerfile "$frontend"
}

# again SIDE FRONTEND
again() {
  local -x BUILDER=modelcache DOCKERFILE=$WORK/equal.Dockerfile
  case $1 in
    modelcache) build modelcache --output type=cacheonly ;;
    dockerfile) build equal --build-arg "BUILDKIT_SYNTAX=$2" --output type=cacheonly ;;
    builtin) build equal --output type=cacheonly ;;
  esac
}

# vertices SIDE FRONTEND: samples how many steps such a build has.
vertices() {
  PROGRESS=rawjson again "$1" "$2"
  sample "again.$1.vertices" "$(grep -o '"digest":"sha256:[0-9a-f]*"' "$WORK/build.log" | sort -u | wc -l)"
}

unchanged_table() {
  local side cells what
  head_row "no change, locked (\`type=cacheonly\`)" modelcache "docker/dockerfile:1, equal graph" "built-in, equal graph" ratio "ratio to built-in"
  cells=()
  for side in modelcache dockerfile builtin; do cells+=("$(spread "again.$side.time" s 1000)"); done
  row "time, min / median / max" "${cells[@]}" "$(ratio "$(median again.modelcache.time)" "$(median again.dockerfile.time)")" \
    "$(ratio "$(median again.modelcache.time)" "$(median again.builtin.time)")"
  for what in requests vertices; do
    cells=()
    for side in modelcache dockerfile builtin; do
      if [[ -f $WORK/samples/again.$side.$what ]]; then cells+=("$(least "again.$side.$what")"); else cells+=(""); fi
    done
    row "$what" "${cells[@]}" "" ""
  done
}

# starts: how long it takes to import the set where nothing can be written.
starts() {
  local kind round modules
  note "starting containers"
  modules=$(python3 - "$WORK/context/requirements.txt" <<'PYTHON'
import re, sys
names = {"qdrant-client": "qdrant_client", "scikit-learn": "sklearn"}
found = [re.match(r"[\w-]+", line).group() for line in open(sys.argv[1])]
print(",".join(names.get(name, name) for name in found))
PYTHON
  )
  for kind in compiled plain; do
    cp "$WORK/context/modelcache.yaml" "$WORK/$kind.yaml"
    if [[ $kind == plain ]]; then sed -i 's/^python:/&\n  bytecode: false/' "$WORK/$kind.yaml"; fi
    # The lock is beside the manifest, by its name.
    cp "$WORK/$kind.yaml" "$WORK/context/$kind.yaml"
    cp "$WORK/context/modelcache.lock.json" "$WORK/context/$kind.lock.json"
    MANIFEST=$WORK/context/$kind.yaml BUILDER=modelcache build modelcache \
      --output "type=docker,dest=$WORK/image.tar,name=modelcache-bench-$kind"
    docker load -q -i "$WORK/image.tar" >/dev/null
    rm "$WORK/image.tar"
  done
  # The first reads all files from disk.
  for ((round = 0; round < 4; round++)); do
    for kind in compiled plain; do
      sample "start.$kind.$((round == 0))" "$(docker run --rm --network none --read-only --tmpfs /tmp "modelcache-bench-$kind" \
        python3 -c "import time; began = time.perf_counter(); import $modules; print(round((time.perf_counter() - began) * 1000))" | tail -n 1)"
    done
  done
}

starts_table() {
  head_row "import of the set, read-only container" "bytecode" "bytecode: false" ratio
  row "first" "$(cell start.compiled.1 time)" "$(cell start.plain.1 time)" "$(ratio "$(median start.compiled.1)" "$(median start.plain.1)")"
  row "again, min / median / max" "$(spread start.compiled.0 s 1000)" "$(spread start.plain.0 s 1000)" \
    "$(ratio "$(median start.compiled.0)" "$(median start.plain.0)")"
}

# wheels, wheel_bytes: of the set.
wheels() { json '["python"]["platforms"]' <"$WORK/lock.json" | python3 -c 'import ast, sys; (it,) = ast.literal_eval(sys.stdin.read()).values(); print(len(it["wheels"]))'; }
wheel_bytes() { json '["python"]["platforms"]' <"$WORK/lock.json" | python3 -c 'import ast, sys; (it,) = ast.literal_eval(sys.stdin.read()).values(); print(sum(w["size"] for w in it["wheels"]))'; }
