"""One model: a turn at its server, and tries until a whole answer came."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from typing import Any

from heal.dialogue import Call, Question, Reply
from heal.errors import ModelBudgetSpent
from heal.models import answers, pauses, payloads
from heal.models.accounts import Accounts
from heal.models.dialect import PLAIN, Dialect
from heal.models.failures import CANCELLED, Failure, Stopped, Unfit
from heal.models.gates import Gate
from heal.models.pieces import Hearing
from heal.models.server import Common, Server
from heal.models.wire import Wire

Heard = Callable[[str], None] | None
Stop = Callable[[], bool]

_TRIES = 3
# more ways to ask than this no server can have taught
_MOST_WAYS = 6
# the field by which a server is asked to see to the form of an answer
_FORM = "response_format"


class Lane:
    """Asks one model. May be used by several threads; ``gate`` keeps how many are at the server at once."""

    def __init__(self, server: Server, common: Common, gate: Gate) -> None:
        self.server = server
        self._common = common
        self._gate = gate
        self._accounts = Accounts(server.name, server.model, common.budget, common.ledger, common.clock)

    def ask(self, question: Question, heard: Heard, stop: Stop) -> Reply:
        """A whole answer. Raises ``Failure`` or an error of ``heal.errors`` where nothing was asked."""
        key = payloads.key(question, self.server.model)
        if reply := self._kept(key, question):
            if heard:
                heard(reply.text)
            return reply
        self.server.check_allowed()
        with self._gate.turn(stop):
            reply = self._answered(question, heard, stop)
        row = asdict(replace(reply, data=None))
        self._common.answers.put(key, row)
        return reply

    def _kept(self, key: str, question: Question) -> Reply | None:
        row = self._common.answers.get(key)
        try:
            reply = Reply(**row) if row else None
            data = answers.read(reply.text, question.schema)[0] if reply else None
        except (TypeError, Unfit):
            return None
        return Reply(reply.text, self.server.name, data, 0, 0, kept=True, call=reply.call) if reply else None

    def _answered(self, question: Question, heard: Heard, stop: Stop) -> Reply:
        end = time.monotonic() + self.server.model.timeout_seconds
        try:
            reply = self._repaired(question, heard, stop, end)
        except Failure as failure:
            if failure.trouble:
                self._gate.breaker.failed()
            elif failure.status is not None or not (failure.unused or isinstance(failure, Stopped)):
                self._gate.breaker.well()
            raise
        self._gate.breaker.well()
        return reply

    def _repaired(self, question: Question, heard: Heard, stop: Stop, end: float) -> Reply:
        """The answer; one that is not of the form asked for is shown to the model with what is wrong, once."""
        try:
            return self._tried(question, heard, stop, end)
        except Unfit as unfit:
            # where there is no budget for that, what was asked stays asked: it is no question that was refused
            with suppress(ModelBudgetSpent):
                return self._tried(answers.asked_again(question, unfit), heard, stop, end)
            raise

    def _tried(self, question: Question, heard: Heard, stop: Stop, end: float) -> Reply:
        """The answer of the first try that is one; what passes by itself is tried again while there is time."""
        tries = ways = 0
        while True:
            body = self._body(question)
            try:
                return self._called(question, body, heard, stop, end)
            except Failure as failure:
                if failure.loops and _FORM in body and heard is None and time.monotonic() < end:
                    with suppress(ModelBudgetSpent):
                        return self._in_words(question, stop, end)
                if ways < _MOST_WAYS and self.server.adapt(failure, body):
                    ways += 1
                    continue
                tries += 1
                wait = pauses.length(tries, failure.after)
                if not failure.again or tries == _TRIES or time.monotonic() + wait >= end:
                    raise
                self._common.pause(wait, stop)

    def _in_words(self, question: Question, stop: Stop, end: float) -> Reply:
        """Once more, and without the form: a grammar allows blanks, and some models never find out of them again."""
        body = self._body(question, replace(self.server.dialect, form=PLAIN))
        return self._called(question, body, None, stop, end)

    def _body(self, question: Question, dialect: Dialect | None = None) -> dict[str, Any]:
        window, who = self.server.window(ask=True)
        if window is not None and payloads.least_tokens(question.messages) >= window:
            raise Failure(f"the question is longer than its window of {window:,} tokens ({who})", unused=True)
        most = payloads.room(question, self.server.model, window)
        return payloads.body(question, self.server.model, dialect or self.server.dialect, most)

    def _called(self, question: Question, body: Mapping[str, Any], heard: Heard, stop: Stop, end: float) -> Reply:
        """One call, from what is set aside for it to what it came to."""
        wire = self.server.wire()
        most = payloads.most_output(question, self.server.model)
        call = self._accounts.begin(question, most)
        began = time.monotonic()
        hearing = Hearing(most, heard, lambda: time.monotonic() - began)
        verdict, unused = "", False
        try:
            _listen(wire, body, end - began, hearing, stop)
            text = hearing.whole()
            self.server.check_read(question, hearing)
            data = self.server.read(question, text, held=_FORM in body)
            verdict = "ok"
        except Failure as failure:
            verdict, unused = failure.reason, failure.unused and not hearing.began
            # whoever listens has heard a part of it already
            failure.again = failure.again and not hearing.began
            raise
        except KeyboardInterrupt:
            verdict = CANCELLED
            raise
        except BaseException as error:
            verdict = f"ended by {type(error).__name__}"
            raise
        finally:
            ended = self._accounts.end(call, question, hearing, time.monotonic() - began, verdict, unused=unused)
        return _reply(ended, text, data)


def _listen(wire: Wire, body: Mapping[str, Any], seconds: float, hearing: Hearing, stop: Stop) -> None:
    try:
        wire.chat(body, seconds, hearing.take, stop)
    except Stopped:
        raise
    except Failure:
        # what goes wrong after the last word takes nothing from the answer
        if not hearing.ended:
            raise


def _reply(call: Call, text: str, data: object) -> Reply:
    return Reply(
        text=text,
        model=call.model,
        data=data,
        tokens_in=call.tokens_in,
        tokens_out=call.tokens_out,
        tokens_cached=call.tokens_cached,
        seconds=call.seconds,
        first_token_seconds=call.first_token_seconds,
        cost=call.cost,
        call=call.id,
    )
