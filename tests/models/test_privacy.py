"""Nothing leaves this machine that the settings keep here, and no key is shown."""

from __future__ import annotations

import socket

import pytest
from tests.models.conftest import asked
from tests.models.server import ModelServer, refuses, says

from heal.errors import BadSettings, ModelsSilent, NotAllowedOut
from heal.model_settings import Privacy
from heal.models import digest, hosts

KEY = "sk-very-secret-0123456789"


@pytest.fixture
def elsewhere(monkeypatch):
    """Give a name that leads to this machine, and is not known to; what names were looked up."""
    looked_up, real = [], socket.getaddrinfo

    def lookup(host, *more, **named):
        looked_up.append(host)
        return real("127.0.0.1" if host in (b"gpu.example.org", "gpu.example.org") else host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    return looked_up


def at(server, host="gpu.example.org"):
    return server.url.replace("127.0.0.1", host)


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:8000/v1", True),
        ("http://127.8.9.10/v1", True),
        ("http://localhost:8000", True),
        ("http://LOCALHOST:8000", True),
        ("http://[::1]:8000/v1", True),
        ("http://gpu01.cluster.example:8000/v1", True),
        ("http://gpu01.cluster.example.:8000/v1", True),
        ("http://gpu01.cluster.example.evil.example/v1", False),
        ("http://localhost.evil.example/v1", False),
        ("http://127.0.0.1.evil.example/v1", False),
        ("http://0.0.0.0/v1", False),
        ("http://10.0.0.1/v1", False),
        ("https://api.openai.com/v1", False),
    ],
)
def test_what_is_local_is_this_machine_and_what_the_site_names(url, local):
    assert hosts.is_local(url, ("*.cluster.example",)) is local


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1@evil.example/v1",
        "http://evil.example\\@127.0.0.1/v1",
        "http://user:key@127.0.0.1/v1",
        "http:///v1",
        "http://127.0.0.1 .evil.example/v1",
        "http://ⓛocalhost/v1",
    ],
)
def test_a_url_that_hides_its_host_is_refused(url):
    with pytest.raises(BadSettings, match="does not plainly name a host") as raised:
        hosts.is_local(url, ())
    assert "user:key" not in str(raised.value)


@pytest.mark.parametrize(("remote", "said"), [("never", "privacy.remote = never"), ("ask", "nobody said yes")])
def test_a_model_elsewhere_is_not_even_looked_up(models, verdicts, elsewhere, remote, said):
    # given
    with ModelServer() as server:
        asking = models(at(server), privacy=Privacy(remote=remote))
        # when
        with pytest.raises(NotAllowedOut, match=f"m1 is on gpu.example.org, and .*{said}"):
            asking.ask(asked())
        # then
        assert asking.window("coder") is None
    assert (server.bodies, server.looked, elsewhere, verdicts()) == ([], [], [], [])


def test_a_model_here_is_asked_where_the_first_is_not_allowed(models):
    with ModelServer(says("here")) as server:
        asking = models("https://api.example.org/v1", server.url)

        assert asking.ask(asked()).text == "here"
        server.acts = [refuses(400)]
        with pytest.raises(ModelsSilent, match=r"m2: HTTP 400: no; m1 is on api.example.org, and privacy.remote"):
            asking.ask(asked("else"))


def test_a_payload_is_named_by_what_would_leave():
    this, that, form = asked("this").messages, asked("that").messages, {"type": "object"}

    assert digest(this, form) == digest(asked("this", seed=3, incident="7f3a").messages, {"type": "object"})
    assert len({digest(this, form), digest(this, None), digest(that, form), digest(this[::-1], form)}) == 4


@pytest.mark.parametrize("privacy", [Privacy(remote="allow"), Privacy(hosts=("gpu.*",))])
def test_what_is_allowed_and_what_the_site_names_is_asked(models, elsewhere, privacy):
    with ModelServer() as server:
        assert models(at(server), privacy=privacy).ask(asked()).text == "well"

    # a service elsewhere is not asked what servers of one's own are
    assert ("/props" in server.looked) is (privacy.remote == "never")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(models, verdicts, status):
    # given
    with ModelServer() as target:
        onward = refuses(status, "moved", location=target.url + "/chat/completions")
        with ModelServer(onward) as server, pytest.raises(ModelsSilent, match="it sends us on to"):
            # when
            models(server.url).ask(asked())
    # then
    assert (target.bodies, target.looked) == ([], [])
    assert verdicts() == [("m1", f"it sends us on to {target.url}/chat/completions, where nothing was sent")]


def test_a_proxy_of_the_environment_does_not_see_what_is_local(models, monkeypatch, elsewhere):
    # given
    with ModelServer() as proxy, ModelServer() as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url.removesuffix("/v1"))
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        # when
        models(server.url).ask(asked("here"))
        models(at(server), privacy=Privacy(hosts=("gpu.example.org",)), cache="second").ask(asked("here"))
        # then
        assert (proxy.bodies, proxy.looked, len(server.bodies)) == ([], [], 2)
        # when
        with pytest.raises(ModelsSilent):
            models(at(server), privacy=Privacy(remote="allow"), cache="third").ask(asked("elsewhere"))
        # then
        assert len(proxy.looked) == 2


# --- keys --------------------------------------------------------------------------------------


def test_a_key_goes_to_the_server_and_nowhere_else(models, verdicts, tmp_path):
    # given
    with ModelServer(refuses(401, f"bad key {KEY}"), says("well")) as server:
        asking = models(server.url, key_env="MINE", env={"MINE": f" {KEY}\n"})
        # when
        with pytest.raises(ModelsSilent) as raised:
            asking.ask(asked())
        asking.ask(asked("else"))
    # then
    assert [head["authorization"] for head in server.heads] == [f"Bearer {KEY}"] * 2
    assert str(raised.value).endswith("(m1: HTTP 401: bad key …)")
    assert verdicts() == [("m1", "HTTP 401: bad key …"), ("m1", "ok")]
    written = [path for path in tmp_path.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()]
    assert written == []


def test_a_key_file_is_the_users_own_and_private(models, tmp_path):
    # given
    file = tmp_path / "key"
    file.write_text(f"{KEY}\n")
    file.chmod(0o600)
    with ModelServer() as server:
        asking = models(server.url, key_file=file)
        # when
        asking.ask(asked())
        file.chmod(0o640)
        # then
        with pytest.raises(BadSettings, match=f"key_file {file} must be yours and readable by you alone: chmod 600"):
            asking.ask(asked("else"))
    assert [head["authorization"] for head in server.heads] == [f"Bearer {KEY}"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"key_env": "MINE"}, "model.m1: the variable MINE holds no key"),
        ({"key_env": "TWO"}, "model.m1: the variable TWO holds more than a key"),
        ({"key_file": "/nowhere/key"}, "model.m1: the key cannot be read from /nowhere/key: No such file"),
        ({"key_file": "/dev/null"}, "model.m1: key_file /dev/null is no file"),
    ],
)
def test_a_key_that_cannot_be_had_is_told_and_not_shown(models, given, said):
    with ModelServer() as server, pytest.raises(BadSettings) as raised:
        models(server.url, env={"TWO": f"{KEY}\nX-Other: {KEY}"}, **given).ask(asked())

    assert said in str(raised.value)
    assert KEY not in str(raised.value)
    assert server.bodies == []
