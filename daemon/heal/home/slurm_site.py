"""SLURM's hooks at a site: their scripts, the spool they write to, and a folder in it for each user who wants it."""

from __future__ import annotations

import errno
import grp
import os
import pwd
import re
import shlex
import shutil
import stat
import struct
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from heal import whole_file
from heal.errors import HookRefused
from heal.home import marked, slurm_conf
from heal.shipped import shipped

# the first is of a name that nobody else gives: where it is, the others are heal's too
SCRIPTS = ("slurm_ended.sh", "slurm_epilog.sh", "slurm_jobcomp.sh", "json.sh")
# the hooks' own folders in the spool, with their modes
OWN_FOLDERS = {".new": 0o700, ".next": 0o700, ".dropped": 0o755}
# as the hooks themselves hold it
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._@+-]*")
_ACL = "system.posix_acl_access"
# linux/posix_acl_xattr.h: a version, then tag, permissions and id of each entry
_VERSION, _ENTRY, _NOBODY = struct.pack("<I", 2), struct.Struct("<HHI"), 0xFFFFFFFF
_USER_OBJ, _USER_ID, _GROUP_OBJ, _MASK, _OTHER = 0x01, 0x02, 0x04, 0x10, 0x20


@dataclass(frozen=True, slots=True)
class Site:
    """Where the scripts and the spool are, and the user that slurmctld runs as (its hooks do so too)."""

    scripts: Path
    spool: Path
    slurm_user: str

    def settings(self) -> dict[str, str]:
        """What slurm.conf has to say."""
        return slurm_conf.hooks(str(self.scripts))

    # --- scripts and spool -----------------------------------------------------------------------

    def install(self) -> None:
        """Put the scripts and the spool in place. Twice is harmless. Raises HookRefused, OSError."""
        owner = _account(self.slurm_user)
        if self.scripts.is_symlink() or self.spool.is_symlink():
            raise HookRefused(f"{self.scripts} or {self.spool} is a symbolic link: give the folder itself")
        if self.spool.is_dir() and any(self.spool.iterdir()) and not (self.spool / ".new").is_dir():
            raise HookRefused(f"{self.spool} holds something else: give a folder that is empty or not there (--spool)")
        self._refuse_others()
        self.scripts.mkdir(mode=0o755, parents=True, exist_ok=True)
        for name in SCRIPTS:
            whole_file.put(self.scripts / name, self.script(name), mode=0o755, masked=False)
        _folder(self.spool, 0o711, owner)
        for name, mode in OWN_FOLDERS.items():
            _folder(self.spool / name, mode, owner)

    def _refuse_others(self) -> None:
        """Raise where a script of the site's own has a name of heal's."""
        there = [name for name in SCRIPTS if (self.scripts / name).exists()]
        if there and SCRIPTS[0] not in there:
            raise HookRefused(
                f"{self.scripts} holds {', '.join(there)} of somebody else's: give another folder (--folder)"
            )

    def script(self, name: str) -> str:
        """One of the scripts, with this site's spool in it."""
        text = (shipped("hooks") / name).read_text(encoding="utf-8")
        return text.replace("\nspool=/var/spool/heal\n", f"\nspool={shlex.quote(str(self.spool))}\n")

    def remove(self) -> list[str]:
        """Take both away again; what is left, and why. Users' folders stay until they are removed one by one.

        Raises HookRefused.
        """
        self._refuse_others()
        # the one that tells whose they are goes last
        for name in reversed(SCRIPTS):
            (self.scripts / name).unlink(missing_ok=True)
        left = [f"{self.scripts}: not empty"] if not _gone(self.scripts) else []
        users = self.users()
        if users:
            return [*left, f"{self.spool}: holds the folders of {', '.join(users)}; --user NAME removes one"]
        for name in OWN_FOLDERS:
            shutil.rmtree(self.spool / name, ignore_errors=True)
        return left if _gone(self.spool) else [*left, f"{self.spool}: not empty"]

    def installed(self) -> bool | None:
        """True when the scripts are there as this heal has them, None when others are, False when none are."""
        found = [name for name in SCRIPTS if (self.scripts / name).is_file()]
        same = all((self.scripts / name).read_text(encoding="utf-8") == self.script(name) for name in found)
        return (True if same and len(found) == len(SCRIPTS) else None) if found else False

    # --- users -----------------------------------------------------------------------------------

    def users(self) -> list[str]:
        """The users with a folder, as far as this user may look."""
        with suppress(OSError):
            return sorted(path.name for path in self.spool.iterdir() if not path.name.startswith("."))
        return []

    def admit(self, user: str) -> None:
        """Make a user's folder: its owner is SLURM's user, and that one user may read and remove. Twice is harmless."""
        wanted, owner = _account(user), _account(self.slurm_user)
        if not _USER.fullmatch(user):
            raise HookRefused(f"the hooks have no folder for a user of the name {user!r}")
        if not self.spool.is_dir():
            raise HookRefused(f"{self.spool} is not there: heal hook install slurm makes it")
        folder = self.spool / user
        _folder(folder, 0o700, owner)
        if wanted.pw_uid != owner.pw_uid:
            _let_in(folder, wanted)

    def dismiss(self, user: str) -> bool:
        """Remove a user's folder with what waits in it; False where there was none. Raises HookRefused."""
        folder = self.spool / user
        if folder.is_dir() and not (self.spool / ".new").is_dir():
            # --spool /home is a slip that would cost everything
            raise HookRefused(f"{self.spool} is no spool of heal's: {folder} stays")
        if not _USER.fullmatch(user) or not folder.is_dir() or folder.is_symlink():
            return False
        shutil.rmtree(folder)
        for name in (".next", ".dropped"):
            (self.spool / name / user).unlink(missing_ok=True)
        return True


def edit(conf: Path, text: str) -> Path | None:
    """Replace a configuration file, its owner and mode kept; where the copy of the old one is, None if nothing changed.

    Raises OSError, and leaves the file as it was then.
    """
    if text == marked.read(conf):
        return None
    conf = conf.resolve()
    kept = conf.with_name(f"{conf.name}.heal-{time.strftime('%Y%m%dT%H%M%S')}-{os.getpid()}")
    shutil.copy2(conf, kept)
    marked.replace(conf, text)
    return kept


def _account(name: str) -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(name)
    except KeyError as error:
        raise HookRefused(f"there is no user {name!r} on this host") from error


def _folder(path: Path, mode: int, owner: pwd.struct_passwd) -> None:
    """Make a folder of that owner and mode; one that is there must be a folder, and gets both."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    seen = path.lstat()
    if not stat.S_ISDIR(seen.st_mode):
        raise HookRefused(f"{path} is a symbolic link: remove it, or give another folder")
    if (seen.st_uid, seen.st_gid) != (owner.pw_uid, owner.pw_gid):
        os.chown(path, owner.pw_uid, owner.pw_gid, follow_symlinks=False)
    if _ACL not in os.listxattr(path, follow_symlinks=False):
        path.chmod(mode)


def _let_in(folder: Path, user: pwd.struct_passwd) -> None:
    entries = [
        (_USER_OBJ, 7, _NOBODY),
        (_USER_ID, 7, user.pw_uid),
        (_GROUP_OBJ, 0, _NOBODY),
        (_MASK, 7, _NOBODY),
        (_OTHER, 0, _NOBODY),
    ]
    try:
        os.setxattr(folder, _ACL, _VERSION + b"".join(_ENTRY.pack(*entry) for entry in entries))
    except OSError as error:
        if error.errno not in (errno.ENOTSUP, errno.EINVAL):
            raise
        _by_group(folder, user)


def _by_group(folder: Path, user: pwd.struct_passwd) -> None:
    """Without access lists: by a group that is the user's alone."""
    with suppress(KeyError):
        group = grp.getgrgid(user.pw_gid)
        if group.gr_name == user.pw_name and set(group.gr_mem) <= {user.pw_name}:
            os.chown(folder, -1, group.gr_gid)
            folder.chmod(0o770)
            return
    folder.rmdir()
    raise HookRefused(
        f"{folder}: its file system has no access lists, and {user.pw_name} has no group of their own: "
        "put the spool elsewhere (--spool)"
    )


def _gone(folder: Path) -> bool:
    with suppress(OSError):
        folder.rmdir()
    return not folder.exists()
