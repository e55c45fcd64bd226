"""Makes `python -m pip` work here: it runs the base image's pip on this environment."""

import os
import sys

if __name__ != "__main__":
    raise ModuleNotFoundError("No module named 'pip'", name="pip")

base = getattr(sys, "_base_executable", sys.executable)
os.environ["PIP_PYTHON"] = sys.executable
os.execv(base, [base, "-m", "pip", *sys.argv[1:]])
