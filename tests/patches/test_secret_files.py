"""What holds secrets stays with its owner: it is in no commit of heal's, and no copy is open to others."""

from __future__ import annotations

import stat

import pytest
from tests.patches.user import User, draft

from heal.errors import PatchRefused
from heal.knowledge.secret_files import holds_secrets
from heal.model_settings import Patches
from heal.patch import Edit, Patch

SECRETS = (
    "config/.env",
    "config/credentials.yaml",
    "config/id_rsa",
    "config/site.pem",
    "config/.netrc",
    "config/x.token",
)
ALLOWED = Patches(allow=("Snakefile", "config/**"))


def begun(user: User) -> User:
    for path in SECRETS:
        user.write(path, "hunter2\n")
    user.write("config/new.yaml", "a: 1\n")
    return user


def committed(user: User, commit: str) -> list[str]:
    return user.git("ls-tree", "-r", "--name-only", commit).split("\n")


def test_untracked_secrets_are_in_no_commit_and_no_worktree(user: User):
    # Given files of secrets that git does not know, beside a new file that the task ran with
    begun(user)
    # When a patch is drafted
    made = draft(user.heal(ALLOWED))
    # Then the draft holds the new file and none of the secrets
    assert committed(user, made.commit) == ["Snakefile", "config/new.yaml"]
    assert [path for path in SECRETS if (made.worktree / path).exists()] == []
    assert [user.read(path) for path in SECRETS] == ["hunter2\n"] * len(SECRETS)


def test_a_file_of_that_name_that_is_in_git_is_as_the_task_saw_it(user: User):
    user.write("config/credentials.yaml", "profile: a\n")
    user.commit("the user's own choice")
    user.write("config/credentials.yaml", "profile: b\n")
    made = draft(user.heal(ALLOWED))
    assert (made.worktree / "config/credentials.yaml").read_text() == "profile: b\n"


def test_a_patch_to_an_untracked_secret_is_refused(user: User):
    begun(user)
    with pytest.raises(PatchRefused, match=r"config/\.env is of a kind that holds secrets"):
        draft(user.heal(ALLOWED), Patch((Edit("config/.env", "other\n"),), "s", "w"))


def test_nobody_else_can_look_into_the_worktrees(user: User):
    # Given worktrees that an older heal left open, and a file that only its owner may read
    place = user.root / ".heal/worktrees"
    place.mkdir(parents=True)
    place.chmod(0o755)
    user.write("config/own.yaml", "a: 1\n").chmod(0o600)
    # When a patch is drafted
    made = draft(user.heal(ALLOWED))
    # Then its copy lies behind a folder that is its owner's alone
    assert (made.worktree / "config/own.yaml").exists()
    assert stat.S_IMODE(place.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("path", "secret"),
    [
        *((path, True) for path in SECRETS),
        *((path, True) for path in (".SSH/config", "a/ID_RSA.bak")),
        *((path, False) for path in ("", "config/config.yaml", "scripts/tokenize.py", "envs/keys.yaml", "ssh/x.py")),
    ],
)
def test_which_files_are_made_to_hold_secrets(path: str, secret: bool):
    assert holds_secrets(path) is secret
