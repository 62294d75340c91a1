"""Where a model is: on this machine, on a host of the site's own, or elsewhere."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from heal.errors import BadSettings

# a name, an IPv4 or an IPv6 address and a port: nothing that two parsers may take for two different hosts
_PLAIN = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")


def host_of(base_url: str) -> str:
    """The host that a URL names, in lower case. Raises ``BadSettings`` for a URL that hides it."""
    place = urlsplit(base_url).netloc
    host = urlsplit(base_url).hostname
    if not _PLAIN.fullmatch(place) or not host:
        shown = re.sub(r"//[^/]*@", "//…@", base_url)
        raise BadSettings(
            f"base_url {shown!r} does not plainly name a host and a port; write http://host:port/v1, and a key into "
            "key_env or key_file"
        )
    return host.rstrip(".").lower()


def is_loopback(host: str) -> bool:
    """True for this machine's own address, which no packet leaves by. Names are not looked up."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_local(base_url: str, hosts: Sequence[str]) -> bool:
    """True for this machine, and for the hosts that ``privacy.hosts`` names. Raises ``BadSettings``."""
    host = host_of(base_url)
    return is_loopback(host) or any(fnmatchcase(host, each.rstrip(".").lower()) for each in hosts)
