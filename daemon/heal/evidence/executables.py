"""What keeps a program or script from being started on this machine, told from its first bytes."""

from __future__ import annotations

import os
import platform
import shlex
import shutil
import stat
from typing import Literal

from heal.cases import Finding, Sight

_KINDS = "3 i386 8 MIPS 20 PowerPC 21 ppc64le 22 s390x 40 ARM 62 x86_64 183 aarch64 243 riscv64 258 LoongArch".split()  # noqa: SIM905
_MACHINES = {int(number): kind for number, kind in zip(_KINDS[::2], _KINDS[1::2], strict=True)}
# what a machine runs besides its own kind
_ALSO = {"x86_64": {"i386"}, "aarch64": {"ARM"}}
_MACH_O = (b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe")
_NAMES = {"arm64": "aarch64", "amd64": "x86_64", "ppc64": "ppc64le"}
_PT_INTERP = 3


def unfit(path: str, head: bytes, folders: tuple[str, ...]) -> Finding | None:
    """What keeps it from running here. ``head``: its first bytes; ``folders``: the PATH that ``env`` searches."""
    if head.startswith(b"\x7fELF") and len(head) >= 20:  # noqa: PLR2004 - as far as the kind of machine
        return _elf(path, head)
    # a Java class begins like a Mac's file for several machines, but has a version where that has a count
    if head.startswith(_MACH_O) or (head.startswith(b"\xca\xfe\xba\xbe") and head[4:7] == b"\0\0\0" and head[7] < 20):  # noqa: PLR2004
        return _other(path, "is a program for macOS")
    if head.startswith(b"MZ"):
        return _other(path, "is a program for Windows")
    return _script(path, head, folders) if head.startswith(b"#!") else None


def not_executable(path: str, mode: int) -> Finding | None:
    """The right to run it that is missing, in the file or where its file system is mounted."""
    if not stat.S_ISREG(mode):
        return None
    if os.statvfs(path).f_flag & os.ST_NOEXEC:
        text = f"{path} lies on a file system that is mounted without the right to run programs (noexec)."
        return Finding(Sight.NOT_EXECUTABLE, path, text, "Put it on a file system that programs may be run from.")
    if os.access(path, os.X_OK):
        return None
    text = f"{path} lacks the right to be run (its mode is {stat.S_IMODE(mode):04o})."
    own = os.geteuid() in (0, os.stat(path).st_uid)  # noqa: PTH116 - a text
    give = f"Give it the right to be run: chmod +x {shlex.quote(path)}"
    ask = "Ask its owner for the right to run it, or run a copy of your own."
    return Finding(Sight.NOT_EXECUTABLE, path, text, give if own else ask)


def _other(path: str, what: str) -> Finding:
    return Finding(Sight.OTHER_MACHINE, path, f"{path} {what}.")


def _elf(path: str, head: bytes) -> Finding | None:
    order: Literal["big", "little"] = "big" if head[5] == 2 else "little"  # noqa: PLR2004 - 2 stands for big-endian
    number = int.from_bytes(head[18:20], order)
    kind, here = _MACHINES.get(number, f"machine {number}"), platform.machine().lower()
    here = _NAMES.get(here, here)
    if kind != here and kind not in _ALSO.get(here, ()):
        return _other(path, f"is built for {kind}, and this machine is {here}")
    loader = _loader(head, order)
    if loader and not os.path.exists(loader):  # noqa: PTH110 - a text that the file holds
        return _other(path, f"asks for the loader {loader}, which is not here")
    return None


def _loader(head: bytes, order: str) -> str:
    """The loader that a program of 64 bits asks for, where it stands in what was read."""
    if order != "little" or head[4] != 2 or len(head) < 64:  # noqa: PLR2004 - the header of 64 bits
        return ""
    start, each, count = (int.from_bytes(head[a:b], "little") for a, b in ((32, 40), (54, 56), (56, 58)))
    for number in range(min(count, 64)):
        entry = head[start + number * each : start + number * each + 40]
        if len(entry) == 40 and int.from_bytes(entry[:4], "little") == _PT_INTERP:  # noqa: PLR2004
            at, size = int.from_bytes(entry[8:16], "little"), int.from_bytes(entry[32:40], "little")
            return head[at : at + min(size, 400)].rstrip(b"\0").decode("utf-8", "replace")
    return ""


def _script(path: str, head: bytes, folders: tuple[str, ...]) -> Finding | None:
    line = head[2:].partition(b"\n")[0][:400]
    if line.endswith(b"\r"):
        text = f"{path} has Windows line ends: its first line asks for a program whose name ends in a carriage return."
        return Finding(Sight.NOT_WHAT_IT_SAYS, path, text)
    words = line.decode("utf-8", "replace").split()
    if not words:
        return None
    if not os.path.exists(words[0]):  # noqa: PTH110 - as above
        return _other(path, f"asks for the interpreter {words[0]}, which is not here")
    asked = next((word for word in words[1:] if not word.startswith("-") and "=" not in word), "")
    if words[0].endswith("/env") and asked and not shutil.which(asked, path=os.pathsep.join(folders)):
        return _other(path, f"asks for the interpreter {asked}, which is in none of the folders of PATH")
    return None
