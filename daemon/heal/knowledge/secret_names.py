"""Which variables of an environment hold something secret, by their names. Pure."""

from __future__ import annotations

import re

_SECRET_NAME = re.compile(
    r"PASS|SECRET|TOKEN|KEY|CRED|AUTH|(?:^|_)PAT(?:_|$)|COOKIE|SIGNATURE|DSN|(?:^|_)PW(?:D)?(?:_|$)|SESSION|LICEN[CS]E"
    r"|WEBHOOK|PRIVATE|CONNECTION_STRING|BEARER|JWT|PGP|GPG|MYSQL_PWD",
    re.IGNORECASE,
)
# these say where something is, or how something is set
_HARMLESS_NAME = re.compile(
    r"^(?:PWD|OLDPWD|XAUTHORITY|SSH_AUTH_SOCK|SSH_AGENT_PID|GPG_AGENT_INFO|GPG_TTY|KEYTIMEOUT|KEYBOARD\w*|XKB\w*"
    r"|XDG_\w+|DBUS_\w+|DESKTOP_SESSION\w*|SESSION_MANAGER|GDMSESSION|TERM_SESSION_ID|TOKENIZERS_\w+|LS_COLORS"
    r"|PASSWORD_STORE_DIR|SSH_ASKPASS\w*|GIT_ASKPASS|SUDO_ASKPASS|HISTCONTROL|.*(?:_PATH|_DIR|_FILE|_FOLDER|_HOME))$",
    re.IGNORECASE,
)
# what stands before the name of a variable of another environment, where several are put together
OTHER = "OTHER_"


def secret_name(name: str) -> bool:
    """Whether what a variable of this name holds is a secret, as far as a name tells."""
    return _SECRET_NAME.search(name) is not None and not harmless_name(name)


def harmless_name(name: str) -> bool:
    """Whether a variable only says where something is, or how something is set."""
    # of another environment it is what it was: PWD is a place there, too
    return _HARMLESS_NAME.match(name.replace(OTHER, "")) is not None
