"""What a file holds against what its name promises: its first and last bytes, read without changing anything."""

from __future__ import annotations

import os
import re
import stat
from typing import BinaryIO

from heal.cases import Finding, Sight
from heal.evidence.compressed import Broken, Whole, checked

HEAD = 1 << 16
_PACKED = re.compile(r"\.(?:gz|bgz|tgz|bam|tbi|bz2|xz|zip|whl|xlsx|npz)$")
_PACKED_BEGINS = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"PK")
_HTML = re.compile(rb"\s{0,200}<(?:!doctype html|html|head)\b", re.IGNORECASE)
_XML_ERROR = re.compile(rb"\s{0,200}<\?xml[^>]{0,200}>\s{0,20}<Error>")
_POINTERS = (
    (b"version https://git-lfs.github.com/spec/", "a pointer of Git LFS"),
    (b"/annex/objects/", "of git-annex"),
)
# by the name's end: how the content begins, once unpacked, and what that is called
_KINDS: tuple[tuple[str, tuple[bytes, ...], str], ...] = (
    (r"\.(?:fa|fasta|fna|faa)$", (b">", b";"), "FASTA"),
    (r"\.(?:fq|fastq)$", (b"@",), "FASTQ"),
    (r"\.vcf$", (b"##fileformat",), "VCF"),
    (r"\.bam$", (b"BAM\1",), "BAM"),
    (r"\.bcf$", (b"BCF",), "BCF"),
    (r"\.cram$", (b"CRAM",), "CRAM"),
    (r"\.(?:h5|hdf5|h5ad|loom)$", (b"\x89HDF",), "HDF5"),
    (r"\.parquet$", (b"PAR1",), "Parquet"),
    (r"\.npy$", (b"\x93NUMPY",), "NumPy"),
    (r"\.bai$", (b"BAI\1",), "BAI"),
)
_TEXT = re.compile(r"\.(?:csv|tsv|txt|ya?ml|json|fa|fasta|fq|fastq|vcf|bed|gtf|gff3?|sh|py|R|r|pl|nf|smk)$")
_STREAM = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY


def opened(path: str) -> BinaryIO:
    """The plain file, for reading, its time of access left as it is where that may be. Raises OSError.

    Never opens a pipe or a device: whoever waits at the other end would notice.
    """
    if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116 - the text that was asked for
        raise OSError(f"{path} is not a file")
    try:
        descriptor = os.open(path, _STREAM | getattr(os, "O_NOATIME", 0))
    except PermissionError:
        descriptor = os.open(path, _STREAM)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(f"{path} is not a file")
    return os.fdopen(descriptor, "rb")


def amiss(path: str, file: BinaryIO, size: int) -> Finding | None:
    """What is wrong with the content; None where nothing is seen to be."""
    head = file.read(HEAD)
    if found := _pretends(path, head):
        return found
    state = checked(file, head, size)
    if isinstance(state, Broken):
        sight = Sight.TRUNCATED if state.cut else Sight.NOT_WHAT_IT_SAYS
        return Finding(sight, path, f"{path} ({size} bytes) is {'cut short' if state.cut else 'damaged'}: {state.why}.")
    if isinstance(state, Whole) and state.empty:
        return Finding(Sight.EMPTY, path, f"{path} unpacks to nothing: the {size} bytes it has are packing.")
    first = state.first if isinstance(state, Whole) and state.first else head
    name = re.sub(r"\.(?:gz|bgz|bz2|xz)$", "", path) if first is not head else path
    return _of_another_kind(path, name, first)


def _pretends(path: str, head: bytes) -> Finding | None:
    """A page, a pointer or nothing but zeros where a name promises data."""
    said = ""
    if _HTML.match(head) and not path.endswith((".html", ".htm", ".svg", ".xhtml")):
        said = "is a web page: what was downloaded was an answer of the server, not the file"
    elif _XML_ERROR.match(head) and not path.endswith(".xml"):
        said = "is an error message of a storage service, not the file"
    elif pointer := next((what for begins, what in _POINTERS if head[:400].startswith(begins)), ""):
        said = f"is {pointer}: its content was never fetched"
    elif len(head) > 16 and not head.strip(b"\0"):  # noqa: PLR2004 - fewer zeros may be data
        said = f"begins with {len(head)} zero bytes, as after a crash or a copy that stopped"
    elif _PACKED.search(path) and not head.startswith(_PACKED_BEGINS):
        said = f"is not compressed, though its name says so: it begins with {_shown(head)}"
    return Finding(Sight.NOT_WHAT_IT_SAYS, path, f"{path} {said}.") if said else None


def _of_another_kind(path: str, name: str, first: bytes) -> Finding | None:
    if _TEXT.search(name) and first.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = f"{path} is UTF-16 text, as Windows programs write it; most tools read it as garbage."
        return Finding(Sight.NOT_WHAT_IT_SAYS, path, text)
    for ends, begins, kind in _KINDS:
        if re.search(ends, name) and first and not first.lstrip(b"\r\n\xef\xbb\xbf").startswith(begins):
            return Finding(Sight.NOT_WHAT_IT_SAYS, path, f"{path} is no {kind}: it begins with {_shown(first)}.")
    return None


def _shown(head: bytes) -> str:
    text = head[:24].decode("utf-8", "replace").partition("\n")[0]
    return repr(text) if text.isprintable() and text else f"the bytes {head[:8].hex(' ')}"
