"""A log with one line of two gigabytes is read in bounded memory, and what stands after that line is found."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
GIGABYTES = 2
READ = """
import json, sys
from pathlib import Path
from benchmarks.measure import most_held
from heal.evidence.scan import Scanner
from heal.knowledge.patterns import load
from heal.shipped import shipped
cache = Path(sys.argv[2])
scanner = Scanner(load([shipped("patterns")], cache_dir=cache), cache)
before = most_held()
found = scanner.read(Path(sys.argv[1]), source="log", seconds=600)
grown = most_held() - before
print(json.dumps([grown, [[hit.line, hit.text] for hit in found.hits if hit.pattern == "memory/python_memory_error"]]))
"""


def test_a_line_of_two_gigabytes_is_bounded_in_memory(tmp_path: Path):
    # Given a compressed log: two gigabytes without a newline, then the line that counts
    log = tmp_path / "log.gz"
    block = b"x" * 1024**2
    with gzip.open(log, "wb", compresslevel=1) as file:
        file.write(b"start\n")
        for _ in range(GIGABYTES * 1024):
            file.write(block)
        file.write(b"\nMemoryError\n")
    # When it is read
    command = [sys.executable, "-c", READ, log, tmp_path]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    # Then the line is found where it stands, and memory grew by little
    grown_mb, hits = json.loads(ran.stdout)
    assert hits == [[3, "MemoryError"]]
    assert grown_mb < 200
