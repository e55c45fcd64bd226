"""Writes the Dockerfile that a locked environment amounts to, operation by operation.

usage: equal.py LOCK >Dockerfile

Each wheel is a pinned download, each group of wheels is a step of its own without a network,
and the results are laid over each other. What the steps do is of no interest: they are to
be found in the cache.
"""

import hashlib
import json
import sys

BASE = "FROM python:3.13-slim"
# The rule of src/plan/python/groups.rs.
LARGE, BUCKETS = 1_000_000, 16


def main(lock):
    """Prints it."""
    with open(lock, encoding="utf-8") as file:
        (packages,) = json.load(file)["python"]["platforms"].values()
    leaders = {name: names[0] for names in packages.get("together", []) for name in names}
    groups = {}
    for wheel in packages["wheels"]:
        name = wheel["name"]
        bucket = hashlib.sha256(name.encode()).digest()[0] % BUCKETS
        alone = leaders.get(name) or (name if wheel["size"] >= LARGE else f"{bucket:02}")
        groups.setdefault(alone, []).append(wheel)
    stages = sorted(groups)
    for number, group in enumerate(stages):
        print(f"FROM scratch AS wheels-{number}")
        for wheel in groups[group]:
            print(f"ADD --checksum=sha256:{wheel['sha256']} {wheel['wheel']} /")
        print(f"{BASE} AS group-{number}")
        print(
            f"RUN --network=none --mount=type=bind,from=wheels-{number},target=/wheels "
            "mkdir /out && for wheel in /wheels/*; do python3 -m zipfile -e $wheel /out; done"
        )
    print(BASE)
    for number in range(len(stages)):
        print(f"COPY --link --from=group-{number} /out /opt/venv/lib/python3.13/site-packages")
    print("WORKDIR /app\nCOPY --link main.py .\nCMD [\"python3\", \"main.py\"]")


if __name__ == "__main__":
    main(*sys.argv[1:])
