"""Which file systems are shared with other hosts."""

from __future__ import annotations

import pytest

from heal.filesystem import filesystem_of, on_network_fs

MOUNTS = r"""
22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 27 0:40 / /home rw,relatime shared:2 master:1 - nfs4 server:/home rw
41 27 0:41 / /home/local rw,relatime - xfs /dev/sdb rw
42 27 0:42 / /scratch/my\040data rw,relatime - lustre mgs:/scratch rw
43 27 0:43 / /mnt rw,relatime - ext4 /dev/sdc rw
44 43 0:44 / /mnt rw,relatime - fuse.sshfs me@there: rw
not a mount
45 27 0:45 / /odd rw -
"""


@pytest.fixture
def mounts(tmp_path):
    table = tmp_path / "mountinfo"
    table.write_text(MOUNTS.strip())
    return table


@pytest.mark.parametrize(
    ("path", "kind", "network"),
    [
        ("/etc/heal.toml", "ext4", False),
        ("/home/ada/.local/state/heal", "nfs4", True),
        ("/homeless/heal", "ext4", False),
        ("/home/local/ada/heal", "xfs", False),
        ("/scratch/my data/heal", "lustre", True),
        ("/mnt/heal", "fuse.sshfs", True),
        ("/odd/heal", "ext4", False),
    ],
)
def test_the_innermost_and_latest_mount_decides(mounts, path, kind, network):
    # given a table of mounts; when, then
    assert (filesystem_of(path, mounts=mounts), on_network_fs(path, mounts=mounts)) == (kind, network)


def test_a_link_leads_to_where_the_data_is(mounts, tmp_path):
    # given
    link = tmp_path / "state"
    link.symlink_to("/home/ada")
    # when, then
    assert on_network_fs(link, mounts=mounts) is True


def test_a_system_that_does_not_say_counts_as_local(tmp_path):
    # given, when, then
    assert on_network_fs("/home", mounts=tmp_path / "nothing") is False


def test_this_machine_says():
    # given, when, then
    assert filesystem_of("/proc/self/stat") == "proc"
