"""A model's server: may it be asked, by which key, and what is known of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from heal.dialogue import Question
from heal.errors import NotAllowedOut
from heal.model_settings import Model, ModelBudget, Privacy
from heal.models import answers, hosts, keys, payloads, windows
from heal.models.dialect import PLAIN, Dialect
from heal.models.facts import Facts, Notebook
from heal.models.failures import Failure, Unfit
from heal.models.json_folder import JsonFolder
from heal.models.ledger import Ledger
from heal.models.pieces import Hearing
from heal.models.wire import Wire

_LOOK_S = 3.0
# fewer tokens than this are too few to tell a cut question from a thrifty tokenizer
_SURE_FROM = 300
_NO_LIST = (404, 405, 501)


@dataclass(frozen=True, slots=True)
class Common:
    """What all models have in common. ``pause`` waits so many seconds, unless it is told to stop."""

    budget: ModelBudget
    privacy: Privacy
    ledger: Ledger
    clock: Callable[[], datetime]
    answers: JsonFolder
    servers: JsonFolder
    env: Mapping[str, str]
    pause: Callable[[float, Callable[[], bool]], None]


class Server:
    """One model and where it answers. Nothing is sent before ``check_allowed`` was asked."""

    def __init__(self, name: str, model: Model, common: Common) -> None:
        self.name = name
        self.model = model
        self._common = common
        self._notebook = Notebook(common.servers, payloads.server(model))

    @property
    def local(self) -> bool:
        """True on this machine and on the site's own hosts. Raises ``BadSettings``."""
        return hosts.is_local(self.model.base_url, self._common.privacy.hosts)

    @property
    def dialect(self) -> Dialect:
        """How it is asked, as far as that is known."""
        return self._notebook.facts.dialect

    def check_allowed(self) -> None:
        """Raise ``NotAllowedOut`` where [privacy] keeps what is asked on this machine, and on hosts of the site's."""
        if self.local:
            return
        remote, host = self._common.privacy.remote, hosts.host_of(self.model.base_url)
        if remote == "never":
            raise NotAllowedOut(f"{self.name} is on {host}, and privacy.remote = never. Nothing was sent.")
        if remote == "ask":
            raise NotAllowedOut(
                f"{self.name} is on {host}, and nobody said yes to what it is sent: "
                "of an incident heal payload INC --approve shows it and says yes. Nothing was sent."
            )

    def wire(self) -> Wire:
        """What speaks to it. Raises ``BadSettings`` where its key cannot be had."""
        key = keys.read(self.name, self.model, self._common.env)
        return Wire(self.model.base_url, key, local=self.local, patience_s=self.model.timeout_seconds)

    def window(self, *, ask: bool) -> tuple[int | None, str]:
        """The window and who says so; with ``ask`` the server is asked where it is not known yet."""
        if self.model.context:
            return self.model.context, "heal.toml"
        facts = self._notebook.facts
        if not facts.looked and ask:
            facts = self._notebook.learn(lambda known: known if known.looked else self._looked(known)[0])
        return facts.window, facts.window_from

    def look(self) -> str:
        """Ask it about itself now; why it does not answer, empty where it does."""
        wrong = ""

        def change(known: Facts) -> Facts:
            nonlocal wrong
            changed, wrong = self._looked(known)
            return changed

        self._notebook.learn(change)
        return wrong

    def _looked(self, known: Facts) -> tuple[Facts, str]:
        looks = windows.looks(self.model.base_url, self.model.model, local=self.local)
        found = self.wire().look(looks, _LOOK_S)
        silent = [each for each in found if isinstance(each, Failure) and each.status is None]
        if len(silent) == len(found):
            return known, silent[0].reason
        first = found[0]
        # that it has no list of models says nothing against a server
        wrong = first.reason if isinstance(first, Failure) and first.status not in _NO_LIST else ""
        told = windows.told([None if isinstance(each, Failure) else each for each in found], self.model.model)
        return known.told(*told), wrong

    def adapt(self, failure: Failure, body: Mapping[str, object]) -> bool:
        """Learn from a refusal; True where the question is worth asking again, in another way."""
        if failure.status is None:
            return False
        if size := windows.refused(failure.reason):
            before = self._notebook.facts.window
            return self._notebook.learn(lambda known: known.narrowed(size, "a question it refused")).window != before
        other = self.dialect.after(failure, body)
        if other is not None:
            self._notebook.learn(lambda known: replace(known, dialect=other))
        return other is not None

    def check_read(self, question: Question, hearing: Hearing) -> None:
        """Raise ``Failure`` where the server has read less than it was asked, and note how much it reads."""
        read, least = hearing.usage.tokens_in, payloads.least_tokens(question.messages)
        if read and least >= _SURE_FROM and read < least:
            self._notebook.learn(lambda known: known.narrowed(read, "a question it cut"))
            raise Failure(f"the server cut the question: it was at least {least:,} tokens, of which {read:,} were read")

    def read(self, question: Question, text: str, *, held: bool) -> object:
        """The data of an answer, where JSON was asked for. Raises ``Unfit``.

        ``held``: the server was to see to its form. Where it was not, although it takes that, a whole answer came only
        without: it is asked in words from then on.
        """
        kept_to = False
        try:
            data, kept_to = answers.read(text, question.schema)
        except Unfit as unfit:
            kept_to = unfit.kept_to
            raise
        finally:
            if question.schema is not None and (held != (self.dialect.form != PLAIN) or not self.dialect.sure):
                kept = held and kept_to
                self._notebook.learn(lambda known: replace(known, dialect=known.dialect.seen(kept_to=kept)))
        return data
