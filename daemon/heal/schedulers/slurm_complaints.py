"""What sbatch and scontrol mean when they complain: refused, refused for now, never asked, or nobody knows."""

from __future__ import annotations

import re

# the controller never got the request (slurm_errno.c; munge that does not run here stops it before it is sent)
_NOT_REACHED = (
    *("(connect failure)", "Connection timed out establishing"),
    *("Munge encode failed", "Token Generation failed"),
)
# the request went out and no reply came back: it may have been carried out
_NO_REPLY = (
    "Socket timed out",
    "Zero Bytes were transmitted",
    "Connection reset",
    "Unexpected message received",
    "(send failure)",
    "(receive failure)",
    "(shutdown failure)",
    "Communication ",
    "Message send failure",
    "Message receive failure",
    # since 26.05
    "Connection timed out writing",
    "Connection timed out reading",
    "Connection rejected",
    "Connection forced closed",
)
# it may be the request that could not be trusted, or the reply
_UNTRUSTED = (
    *("authentication error", "authentication credential", "authentication agent"),
    *("Authentication credential", "Authentication failure"),
)
# slurm_errno.c: refused for now, because of what else is queued or how busy the controller is
_PASSING = (
    "Slurm temporarily unable to accept job",
    "Slurm backup controller in standby mode",
    "Resource temporarily unavailable",
    "Too many simultaneous requests",
    "Rate limit exceeded",
)
# ESLURM_ACCOUNTING_POLICY has one sentence for every limit that refuses (AccountingStorageEnforce, DenyOnLimit); the
# line before it names the limit, in newer versions: only one of how many may be queued passes by itself
_BY_POLICY = "job submit limit"
_NAMED_LIMIT = re.compile(r"\b(?:Assoc|QOS)[A-Z]\w+")
_OF_HOW_MANY = "SubmitJob"
# what sbatch says when it ends without a job (sbatch.c, opt.c, log.c), under whatever name a site keeps it
_REFUSED = re.compile(
    r"^\S*sbatch\S*: (?:error|fatal): |Batch job submission failed: |^Try \"sbatch --help\"", re.MULTILINE
)
# timeout(1), and shells: the program was not found, or ended by a signal. What it did before is not known.
_CUT_OFF = range(124, 193)


def unreached(complaint: str) -> bool:
    """The controller never got the request: nothing was done."""
    return any(words in complaint for words in _NOT_REACHED)


def uncertain(complaint: str) -> bool:
    """The request may have been carried out."""
    untrusted = any(words in complaint for words in _UNTRUSTED)
    return any(words in complaint for words in _NO_REPLY) or (untrusted and not unreached(complaint))


def cut_off(exit_code: int) -> bool:
    """A program that did not come to its own end; what it said until then is not its last word."""
    return exit_code < 0 or exit_code in _CUT_OFF


def refused(complaint: str) -> bool:
    """True where sbatch itself says that it submitted nothing; a wrapper that only ends badly does not say so."""
    return bool(_REFUSED.search(complaint))


def passes(complaint: str) -> bool:
    """Refused for what else is queued, or for how busy the controller is: the same request may be taken later."""
    named = _NAMED_LIMIT.findall(complaint)
    limited = any(_OF_HOW_MANY in one for one in named) or (not named and _BY_POLICY in complaint)
    return limited or busy(complaint)


def busy(complaint: str) -> bool:
    """The controller is there and takes nothing up now."""
    return any(words in complaint for words in _PASSING)
