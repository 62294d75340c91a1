"""What a model remarks on a pipeline's files after all rules have read them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from heal.advice.issues import Issue, Report, Severity
from heal.consulting.sending import Sending
from heal.consulting.windows import room, window
from heal.dialogue import Question
from heal.payload.build import Payload, Prompt, build
from heal.payload.context import Context
from heal.payload.redact import Redactor
from heal.payload.regions import Region
from heal.records import Diagnosis
from heal.shipped import shipped

ROLE = "validate"
_ANSWER = 800
FORM = {
    "type": "object",
    "additionalProperties": False,
    "required": ["remarks"],
    "properties": {
        "remarks": {
            "type": "array",
            "maxItems": 8,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["file", "line", "what", "do"],
                "properties": {
                    "file": {"type": "string", "maxLength": 200},
                    "line": {"type": "integer", "minimum": 1},
                    "what": {"type": "string", "maxLength": 200},
                    "do": {"type": "string", "maxLength": 200},
                },
            },
        }
    },
}


@dataclass(frozen=True, slots=True)
class Remarks:
    """Who gives remarks: see ``heal.advice.issues.RemarkGiver``."""

    sending: Sending
    redactor: Callable[[], Redactor]

    def __call__(self, report: Report, texts: Mapping[str, str]) -> Sequence[Issue]:
        """Ask once. Raises HealError where there is no answer."""
        # made here: where what finds secrets is not installed, only the remarks are missing
        redactor = self.redactor()
        payload = asked_with(report, texts, window(self.sending.asker, ROLE), redactor)
        reply = self.sending.ask(ROLE, payload, Question(ROLE, payload.messages, FORM, _ANSWER))
        put_back = redactor.restore
        return [
            Issue(Severity.REMARK, row["file"], row["line"], put_back(row["what"]), put_back(row["do"]), "model")
            for row in reply.data["remarks"]
        ]


def asked_with(report: Report, texts: Mapping[str, str], size: int, redactor: Redactor) -> Payload:
    """What is sent, in a window of this size. Raises NoRoom."""
    regions = tuple(Region(path, text, base=True) for path, text in sorted(texts.items()))
    nothing = Diagnosis(None, "nothing has failed yet", 0.0)
    said = "\n".join(f"{one.file}:{one.line}: {one.what}" for one in report.issues) or "nothing"
    rules = (shipped("chains") / "prompts" / "validate.txt").read_text(encoding="utf-8")
    prompt = Prompt(ROLE, rules, frozenset({"files"}), regions, (("Said already", said),))
    context = Context("", "", "", nothing, listing=tuple(sorted(texts)))
    return build(prompt, context, room(size, _ANSWER), redactor)
