"""A model that says what was written down beforehand: in the program itself, or as a server of its own.

``python -m heal.models.scripted FILE`` serves a script (``heal.models.script``) over HTTP on this machine, as any other
model's server would; its first line is the ``base_url`` for heal.toml. So the whole of heal can be shown and tested
without a model: settings, client, ledger and budgets are the real ones.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

from heal.dialogue import Question, Reply
from heal.errors import BadSettings, ModelsSilent
from heal.models import answers, payloads
from heal.models.failures import Unfit
from heal.models.script import Script, read
from heal.models.scripted_server import server


class Scripted:
    """An ``Asker`` that plays a script. ``questions`` are those it was asked, in order."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self.questions: list[Question] = []

    def ask(
        self,
        question: Question,
        *,
        heard: Callable[[str], None] | None = None,
        stop: Callable[[], bool] = lambda: False,
    ) -> Reply:
        """The scripted answer. Raises ``ModelsSilent`` where there is none, or none that is whole."""
        began = time.monotonic()
        self.questions.append(question)
        line = self._script.line(question.role, "\n\n".join(each.text for each in question.messages))
        if line is None or line.finish != "stop" or line.status != 200 or stop():  # noqa: PLR2004 - HTTP's "OK"
            raise ModelsSilent(f"nothing whole is scripted for this question to the {question.role}")
        try:
            data, _exact = answers.read(line.text, question.schema)
        except Unfit as unfit:
            raise ModelsSilent(f"what is scripted for the {question.role}: {unfit.reason}") from unfit
        if heard:
            heard(line.text)
        seconds = time.monotonic() - began
        tokens = payloads.likely_tokens(question.messages), payloads.tokens_of(line.text)
        return Reply(line.text, "scripted", data, *tokens, seconds=seconds, first_token_seconds=seconds)

    def window(self, role: str) -> int | None:  # noqa: ARG002 - the same for all
        """The window that the script says."""
        return self._script.window


def main(argv: list[str] | None = None) -> int:
    """Serve a script until it is interrupted."""
    parser = argparse.ArgumentParser(prog="python -m heal.models.scripted", description=str(__doc__).split("\n")[0])
    parser.add_argument("script", type=Path, help="a YAML file, or a folder of answers by role")
    parser.add_argument("--port", type=int, default=0, help="of this machine; 0: any that is free")
    given = parser.parse_args(argv)
    try:
        serving = server(read(given.script), given.port, sys.stderr)
    except (BadSettings, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    with serving:
        sys.stdout.write(f"http://127.0.0.1:{serving.server_address[1]}/v1\n")
        sys.stdout.flush()
        try:
            serving.serve_forever()
        except KeyboardInterrupt:
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
