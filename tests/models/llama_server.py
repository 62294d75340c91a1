"""A real llama.cpp server over a tiny model of random weights, started and ended by a test."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Self

import pytest
from tests.conftest import until

_FOLDER = Path(__file__).parent
_RUNS = re.compile(r"Uvicorn running on (http://127\.0\.0\.1:\d+)")
_HITS = re.compile(r"Llama\.generate: (\d+) prefix-match hit, remaining (\d+) prompt tokens to eval")


class Llama:
    """A server of its own process; ``python`` has llama_cpp and gguf. ``name`` is what the server calls its model.

    ``kind``: what noise it makes (``llama.py``). ``options`` are the server's own.
    """

    name = "noise"

    def __init__(
        self, python: str, folder: Path, n_ctx: int = 4096, seed: int = 1, *, kind: str = "formed", **options: str
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._log = folder / "server.log"
        model = folder / f"noise-{seed}.gguf"
        making = [python, str(_FOLDER / "llama.py"), str(model), str(seed), kind]
        subprocess.run(making, check=True, timeout=120)
        words = f"--model_alias {self.name} --n_ctx {n_ctx} --host 127.0.0.1 --port 0 --n_threads 1 --n_threads_batch 1"
        flags = ["--model", str(model), *words.split(), "--logits_all", "False", "--seed", str(seed)]
        flags += [word for name, value in options.items() for word in (f"--{name}", value)]
        env = {name: value for name, value in os.environ.items() if name not in ("HOST", "PORT")}
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [python, "-m", "llama_cpp.server", *flags], stdout=log, stderr=subprocess.STDOUT, env=env
            )

    @property
    def said(self) -> str:
        """All that the server has printed."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    @property
    def url(self) -> str:
        """Where it answers, once it does."""
        assert until(lambda: _RUNS.search(self.said) or self._process.poll() is not None, 120, 0.1), self.said
        found = _RUNS.search(self.said)
        assert found, self.said
        return f"{found[1]}/v1"

    def reused(self) -> list[tuple[int, int]]:
        """For each question that began like the one before: the tokens that were not read again, and those that were."""
        return [(int(kept), int(read)) for kept, read in _HITS.findall(self.said)]

    def kill(self) -> None:
        """End it as a machine that fails ends it."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(20)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        with suppress(ProcessLookupError):
            self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()


def python_of_llama() -> str:
    """The Python that has llama_cpp: built where CI=true, and skipped at home where it is not."""
    must = os.environ.get("CI") == "true"
    words = ["bash", str(_FOLDER / "llama.sh"), *([] if must else ["ready"])]
    answer = subprocess.run(words, capture_output=True, text=True, timeout=1700, check=False)
    if answer.returncode and must:
        pytest.fail(f"no llama.cpp server, and CI must have one: {answer.stderr[-2000:]}")
    if answer.returncode:
        pytest.skip("llama-cpp-python is not built here; it takes some minutes: bash tests/models/llama.sh")
    return answer.stdout.strip()
