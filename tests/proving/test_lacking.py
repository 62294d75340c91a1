"""A failure that the enclosure itself may bring is not held against a change."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.proving import conftest
from tests.proving.test_here import FAILED

from heal.proving.enclosure import Enclosure, enclosure, lacking
from heal.proving.here import Here
from heal.proving.lacking import NETWORK, network, unseen
from heal.proving.replay import Act, Failed, judged

bubblewrap = conftest.bubblewrap


@pytest.mark.parametrize(
    "said",
    [
        "curl: (6) Could not resolve host: example.org",
        "urllib.error.URLError: <urlopen error [Errno -3] Temporary failure in name resolution>",
        "OSError: [Errno 101] Network is unreachable",
        "ConnectionRefusedError: [Errno 111] Connection refused",
        "java.net.UnknownHostException: example.org",
        "cannot open URL 'https://example.org/x.rds'",
        "socket.timeout: timed out",
    ],
)
def test_words_of_the_network_are_known(said: str):
    assert network(f"reading\n{said}\n") == NETWORK


@pytest.mark.parametrize(
    "said", ["KeyError: 'host'", "AttributeError: 'list' object has no attribute 'readlins'", "at most 4 connections"]
)
def test_other_words_are_not_taken_for_it(said: str):
    assert network(said) == ""


def test_paths_below_what_is_hidden_are_found():
    text = (
        "FileNotFoundError: '/tmp/ref/a.fa'; /data/tmp/ref/b.fa, $TMP/tmp/c, /tmp, ~/.ssh/id and /run/user/1/x. "
        "http://tmp/x /tmp/project/d /tmp/projects/e"
    )
    found = unseen(text, ("/tmp", "/run", "/home/ada/.ssh"), ("/tmp/project",), Path("/home/ada"))
    assert found == ("/tmp/ref/a.fa", "/home/ada/.ssh/id", "/run/user/1/x", "/tmp/projects/e")


def test_what_the_task_itself_put_there_was_there(tmp_path: Path):
    (tmp_path / "made.txt").touch()
    assert lacking("bad line in /tmp/made.txt", (), tmp_path, "") == ""
    assert lacking("no file /tmp/ref.fa", (), tmp_path, "") == "it names /tmp/ref.fa, which a replay does not see"
    assert lacking("no file /tmp/ref.fa", (Path("/tmp"),), tmp_path, "") == ""
    assert lacking("Could not resolve host: x", (), tmp_path, "") == NETWORK


def judge(folder: Path, bubblewrap: Enclosure, command: str) -> tuple[bool | None, str]:
    (folder / "own").mkdir()
    path = os.environ["PATH"]
    words = (*bubblewrap.words((), folder / "own", "/", path), "bash", "-c", command)
    act = Act(folder, words, folder, {"PATH": path}, lacking=lambda text: lacking(text, (), folder / "own", path))
    failed: Failed = FAILED
    return judged(act, Here().run(act, failed, str(folder), 60, stop=lambda: False), failed)


@pytest.mark.parametrize(
    ("command", "passed", "words"),
    [
        # nobody outside is reached, by whatever address
        ("echo > /dev/tcp/192.0.2.1/80", None, NETWORK),
        ("cat /tmp/heal-no-such-file", None, "it names /tmp/heal-no-such-file, which a replay does not see"),
        ("cat /data-heal-no-such-file", False, "No such file"),
    ],
)
def test_in_an_enclosure(tmp_path: Path, bubblewrap: Enclosure, command: str, passed: bool | None, words: str):
    found = judge(tmp_path, bubblewrap, command)
    assert (found[0], words in found[1]) == (passed, True), found[1]


def test_only_the_loopback_is_there(tmp_path: Path, bubblewrap: Enclosure):
    passed, said = judge(tmp_path, bubblewrap, "tail -n +3 /proc/self/net/dev | cut -d: -f1; exit 3")
    assert (passed, said.splitlines()[1].strip()) == (False, "lo")


def test_a_kernel_that_lets_nobody_have_a_network_of_its_own_has_no_enclosure(tmp_path: Path):
    refusing = tmp_path / "bwrap"
    refusing.write_text('#!/bin/sh\ncase " $* " in *" --unshare-net "*) exit 1;; esac\n', encoding="utf-8")
    refusing.chmod(0o755)
    assert enclosure({"PATH": str(tmp_path)}) is None
