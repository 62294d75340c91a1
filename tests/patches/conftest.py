from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from tests.patches.user import User


@pytest.fixture(autouse=True)
def _nobodys_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The settings of whoever runs the tests are not looked at, nor is a repository above the tests' folder."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", "/dev/null")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))


@pytest.fixture(scope="session")
def git_lfs() -> None:
    """Git LFS, the real one: without it the test is skipped at home and fails where CI=true."""
    if shutil.which("git-lfs") is None and os.environ.get("CI") == "true":
        pytest.fail("no git-lfs, and CI must have one: apt-get install git-lfs")
    if shutil.which("git-lfs") is None:
        pytest.skip("no git-lfs here")


@pytest.fixture
def user(tmp_path: Path) -> User:
    return User(tmp_path / "project").begin()
