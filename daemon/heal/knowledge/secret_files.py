"""Which files are made to hold secrets, by their names. Pure."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import PurePosixPath

# in lower case; files that hold secrets and nothing else that a failure could need
_NAMES = (
    *(".env", ".env.*", "*.env", "*.pem", "*.key", "*.p8", "*.p12", "*.pfx", "*.jks", "*.keytab", "*.kdbx"),
    *("id_rsa*", "id_ed25519*", "id_ecdsa*", "id_dsa*", "*.ppk", ".netrc", "_netrc", ".pgpass", ".my.cnf", ".renviron"),
    *("credentials", "credentials.*", "*.credentials", ".git-credentials", ".credentials*", "service-account*.json"),
    *("secret", "secrets", "secrets.*", "*.secret", "*.secrets", ".secret*", ".htpasswd", ".dockercfg", ".npmrc"),
    *("token", "tokens", "token.txt", "*.token", "*_token", "*-token", "*_token.txt", ".token*", ".*-token", ".pypirc"),
    *("kubeconfig", "*.kubeconfig", "password", "passwords", "password.txt", "passwords.txt", ".password*"),
)
_FOLDERS = frozenset({".ssh", ".aws", ".gnupg", ".kube", ".docker", ".azure", ".gcloud", ".secrets"})


def holds_secrets(path: str) -> bool:
    """Whether a file is of a kind that is made to hold secrets; ``path`` is relative, with ``/``."""
    parts = PurePosixPath(path.lower()).parts
    return bool(parts) and (any(fnmatchcase(parts[-1], name) for name in _NAMES) or not _FOLDERS.isdisjoint(parts[:-1]))
