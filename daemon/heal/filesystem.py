"""What kind of file system a path lives on: some promises of a local disk do not hold on a shared one."""

from __future__ import annotations

import re
from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")

_NETWORK = frozenset(
    {
        *("nfs", "nfs4", "lustre", "gpfs", "beegfs", "beegfs_nodev", "cifs", "smb3", "smbfs", "ncpfs"),
        *("ceph", "afs", "coda", "glusterfs", "orangefs", "pvfs2", "panfs", "wekafs", "dvs", "9p", "ocfs2", "gfs2"),
        *("fuse.sshfs", "fuse.ceph", "fuse.ceph-fuse", "fuse.glusterfs", "fuse.juicefs", "fuse.davfs", "fuse.s3fs"),
        *("fuse.rclone", "fuse.gcsfuse", "fuse.cvmfs", "fuse.quobyte", "davfs", "acfs", "gpfs2", "daos", "fuse.dfuse"),
    }
)


def on_network_fs(path: Path | str, *, mounts: Path = MOUNTS) -> bool:
    """Tell whether ``path`` (which need not exist yet) is on a file system that other hosts share.

    There SQLite's write-ahead log is unsafe and inotify is blind. Where the system does not say, the answer is False.
    """
    return filesystem_of(path, mounts=mounts) in _NETWORK


def filesystem_of(path: Path | str, *, mounts: Path = MOUNTS) -> str:
    """Name the type of the file system that holds ``path``, as the kernel calls it; empty where it does not say."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return ""
    real = Path(path).resolve()
    holder, found = -1, ""
    for line in lines:
        point, kind = _mount(line)
        # the longest mount point above the path holds it; of two on one point the later hides the earlier
        if point is not None and real.is_relative_to(point) and len(point.parts) >= holder:
            holder, found = len(point.parts), kind
    return found


def _mount(line: str) -> tuple[Path | None, str]:
    """Take mount point and type from a line; the fields are those of proc_pid_mountinfo(5)."""
    head, separator, tail = line.partition(" - ")
    fields, kinds = head.split(" "), tail.split(" ")
    if not separator or len(fields) < 5 or not kinds[0]:  # noqa: PLR2004 - the mount point is the fifth field
        return None, ""
    return Path(re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), fields[4])), kinds[0]
