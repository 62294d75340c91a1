"""What an event of the Nextflow plugin costs Nextflow's threads, and its own."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

from benchmarks.measure import ROOT, row
from benchmarks.plugin_event import PLACES


def main() -> None:
    getter = ["bash", str(ROOT / "tests/nextflow/get.sh")]
    nextflow = Path(subprocess.run(getter, stdout=subprocess.PIPE, text=True, check=True).stdout.strip())
    with tempfile.TemporaryDirectory() as made:
        path = f"{ROOT}/nf-plugin/target/classes:{nextflow}/lib/*"
        source = str(ROOT / "benchmarks/NextflowEvent.java")
        subprocess.run(["javac", "-proc:none", "-nowarn", "-cp", path, "-d", made, source], check=True)
        for name, place in PLACES.items():
            if os.access(place, os.W_OK):
                with tempfile.TemporaryDirectory(dir=place) as folder:
                    _measure(name, ["java", "-cp", f"{made}:{path}", "heal.nextflow.NextflowEvent", folder])


def _measure(name: str, argv: list[str]) -> None:
    said = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True).stdout
    size, told, told_middle, written, written_middle, plain, _ = map(int, said.splitlines()[-1].split())
    row(
        f"one event of the Nextflow plugin, {size} bytes, on {name}: until Nextflow's thread goes on",
        f"{told / 1e3:.1f} µs (median {told_middle / 1e3:.1f})",
        f"{told / plain:.2f} x writing and renaming such a file in Java",
    )
    row(
        "the same, until it is written",
        f"{written / 1e3:.0f} µs (median {written_middle / 1e3:.0f})",
        f"{written / plain:.1f} x writing and renaming such a file in Java",
    )


if __name__ == "__main__":
    main()
