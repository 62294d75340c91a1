"""The environment in which a patch is tried."""

from __future__ import annotations

from pathlib import Path

from heal.proving.surroundings import quiet, without_secrets

SECRETS = {
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI",
    "GITHUB_TOKEN": "ghp_x",
    "DB_PASSWORD": "p",
    "TOWER_ACCESS_TOKEN": "t",
    "SSH_AUTH_SOCK": "/home/ada/agent.sock",
    "DBUS_SESSION_BUS_ADDRESS": "unix:path=/home/ada/bus",
}
PLAIN = {"LANG": "C", "REF_DIR": "/ref", "PWD": "/data", "XDG_CONFIG_HOME": "/home/ada/.config", "SLURM_CONF": "/etc/s"}


def test_heal_its_shims_the_job_around_it_and_secrets_are_taken_out(tmp_path: Path):
    (tmp_path / "shims").mkdir()
    (tmp_path / "shims/.heal-shims").touch()
    env = PLAIN | SECRETS | {"HEAL_RUN": "1", "SLURM_JOB_ID": "7", "PATH": f"{tmp_path}/shims:/usr/bin"}
    assert quiet(env, "/tmp") == PLAIN | {
        "PATH": "/usr/bin",
        "HEAL_SPOOL": "/tmp/spool",
        "TMPDIR": "/tmp",
        "XDG_CACHE_HOME": "/tmp/cache",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def test_only_secrets_are_taken_from_what_an_engine_checks_with():
    assert without_secrets(PLAIN | SECRETS | {"PATH": "/usr/bin"}) == PLAIN | {"PATH": "/usr/bin"}
