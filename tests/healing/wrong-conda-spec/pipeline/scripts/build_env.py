"""build_env.py SPEC WHEELS FOLDER: install what a conda spec takes from pip, from a folder of wheels, without a network."""

import subprocess
import sys

import yaml

spec, wheels, folder = sys.argv[1:]
with open(spec) as text:
    parts = yaml.safe_load(text)["dependencies"]
wanted = [one for part in parts if isinstance(part, dict) for one in part["pip"]]
offline = ["--no-index", "--find-links", wheels, "--disable-pip-version-check", "--quiet"]
install = [sys.executable, "-m", "pip", "install", *offline, "--target", folder, *wanted]
sys.exit(subprocess.run(install).returncode)
