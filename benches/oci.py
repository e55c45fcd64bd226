"""Says what is in an image that was exported as an OCI layout folder.

usage: oci.py FOLDER layers       digest and compressed bytes of each layer, one a line
       oci.py FOLDER entrypoint   the image's entrypoint as JSON
"""

import json
import pathlib
import sys


def blob(folder, descriptor):
    """Returns a JSON blob of the layout."""
    algorithm, digest = descriptor["digest"].split(":")
    return json.loads((folder / "blobs" / algorithm / digest).read_text(encoding="utf-8"))


def main(folder, question):
    """Prints the answer for the layout's only image."""
    folder = pathlib.Path(folder)
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    manifest = blob(folder, index["manifests"][0])
    if question == "layers":
        for layer in manifest["layers"]:
            print(layer["digest"], layer["size"])
    elif question == "entrypoint":
        print(json.dumps(blob(folder, manifest["config"])["config"]["Entrypoint"]))


if __name__ == "__main__":
    main(*sys.argv[1:])
