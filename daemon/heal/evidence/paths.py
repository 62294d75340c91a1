"""What a path that a log names looks like here: there, missing, almost there, forbidden, full, or not whole."""

from __future__ import annotations

import difflib
import fnmatch
import os
import pwd
import re
import stat
from collections.abc import Iterator
from contextlib import suppress

from heal.cases import Finding, Sight
from heal.evidence.contents import HEAD, amiss, opened
from heal.evidence.executables import not_executable, unfit
from heal.knowledge.naming import Part
from heal.knowledge.surroundings import Surroundings

# what the kernel makes up, and what would answer to being read
_NO_FILES = ("/proc", "/sys", "/dev")
_ENTRIES = 5000
_NEAR = 0.8
_ROOM = 1 << 20
_APPEARED_S = 2
_PACKING = re.compile(r"(?i)\.(?:gz|bgz|bz2|xz|zst)$")
# suffixes that stand for the same kind of file
_SAME = (
    "fq fastq",
    "fa fasta fna fas",
    "yml yaml",
    "gff gff3",
    "h5 hdf5",
    "pkl pickle",
    "jpg jpeg",
    "tif tiff",
    "htm html",
)
_KINDS = {suffix: row.split()[0] for row in _SAME for suffix in row.split()}
_INDEXED = {"bai": ".bam", "crai": ".cram"}
# a file without blocks is a hole, or lies on a tape that reading would wake
_STUB = 1 << 16


def look_at(text: str, part: Part, around: Surroundings) -> list[Finding]:
    """What is seen of the path; relative ones in the task's folder, then in the run's."""
    places = [place for place in _places(text, around) if not _made_up(place)]
    if not places:
        return []
    if any(mark in text for mark in "*?["):
        return _matching(places[0], part)
    for place in places:
        if os.path.lexists(place):
            there = _there(place, part, around)
            if place is places[0]:
                return there
            return [*_missing(places[0], part, around), _other_place(text, places[0], place)]
    return _missing(places[0], part, around)


def _places(text: str, around: Surroundings) -> list[str]:
    text = os.path.expanduser(text)  # noqa: PTH111 - a text, which may be no path at all
    # a log that may come from anywhere says nothing of this machine but of the folder that it lies in
    ours = around.here or any(_below(os.path.join(root, text), root) for root in around.roots)  # noqa: PTH118 - as above
    if not ours:
        return []
    if os.path.isabs(text):  # noqa: PTH117 - as above
        # in a container the folders of this machine are others, but for the task's own
        ours = not around.contained or any(text.startswith(f"{root}/") for root in around.roots)
        return [text] if ours else []
    text = text.removeprefix("./")
    return [os.path.join(root, text) for root in around.roots if os.path.isdir(root)]  # noqa: PTH112, PTH118 - as above


def _below(path: str, root: str) -> bool:
    return os.path.normpath(path).startswith(f"{root.rstrip('/')}/")


def _made_up(place: str) -> bool:
    real = os.path.realpath(place)
    return any(one == top or one.startswith(f"{top}/") for one in (place, real) for top in _NO_FILES)


def _other_place(text: str, missed: str, place: str) -> Finding:
    where = f"{text} stands in {os.path.dirname(place)}, not in {os.path.dirname(missed)}, where the task ran."  # noqa: PTH120
    return Finding(Sight.NEAR_NAME, text, where)


# --- what is there -----------------------------------------------------------------------------


def _there(path: str, part: Part, around: Surroundings) -> list[Finding]:
    try:
        seen = os.stat(path)  # noqa: PTH116 - as above
    except FileNotFoundError:
        goal = os.readlink(path)  # noqa: PTH115 - as above
        return [Finding(Sight.BROKEN_LINK, path, f"{path} is a link to {goal}, which does not exist.")]
    except PermissionError:
        return [_forbidden(path)]
    bad = [*_rights(path, seen, part), *_room(path, part), *_content(path, seen, part, around)]
    return bad or [Finding(Sight.PRESENT, path, _present(path, seen, around))]


def _rights(path: str, seen: os.stat_result, part: Part) -> Iterator[Finding]:
    folder = stat.S_ISDIR(seen.st_mode)
    if part in (Part.OUTPUT, Part.SCRATCH):
        right, verb = os.W_OK | (os.X_OK if folder else 0), "write to"
    else:
        right, verb = os.R_OK | (os.X_OK if folder else 0), "read"
    if not os.access(path, right):
        yield Finding(Sight.FORBIDDEN, path, f"You may not {verb} {path} ({_owned(seen)}).")
    if part is Part.PROGRAM and (found := not_executable(path, seen.st_mode)):
        yield found


def _owned(seen: os.stat_result) -> str:
    try:
        owner = pwd.getpwuid(seen.st_uid).pw_name
    except KeyError:
        owner = f"user {seen.st_uid}"
    return f"it belongs to {owner}, with mode {stat.S_IMODE(seen.st_mode):04o}"


def _content(path: str, seen: os.stat_result, part: Part, around: Surroundings) -> Iterator[Finding]:
    if stat.S_ISDIR(seen.st_mode):
        if part is Part.INPUT and not _entries(path):
            yield Finding(Sight.EMPTY, path, f"{path} is an empty folder.")
        return
    if not stat.S_ISREG(seen.st_mode) or not os.access(path, os.R_OK):
        return
    if seen.st_size == 0:
        yield Finding(Sight.EMPTY, path, f"{path} is empty (0 bytes{_since(seen, around)}).")
    elif seen.st_blocks or seen.st_size < _STUB:
        with suppress(OSError), opened(path) as file:
            head = file.read(HEAD)
            file.seek(0)
            runs = part in (Part.PROGRAM, Part.LIBRARY, Part.UNKNOWN)
            found = unfit(path, head, around.path or ()) if runs else None
            if found := found or amiss(path, file, seen.st_size):
                yield found


def _present(path: str, seen: os.stat_result, around: Surroundings) -> str:
    if stat.S_ISDIR(seen.st_mode):
        return f"{path} is there: a folder."
    if not stat.S_ISREG(seen.st_mode):
        return f"{path} is there, and is neither file nor folder: it was not opened."
    return f"{path} is there ({seen.st_size} bytes{_since(seen, around)})."


def _since(seen: os.stat_result, around: Surroundings) -> str:
    if around.ended is None:
        return ""
    later = seen.st_mtime - around.ended.timestamp()
    if later > _APPEARED_S:
        return f"; it was written {later:.0f} s after the failure"
    later = seen.st_ctime - around.ended.timestamp()
    return f"; it was put there or changed {later:.0f} s after the failure" if later > _APPEARED_S else ""


def _room(path: str, part: Part) -> Iterator[Finding]:
    if part not in (Part.OUTPUT, Part.SCRATCH):
        return
    told = os.statvfs(path)
    if told.f_flag & os.ST_RDONLY:
        yield Finding(Sight.FORBIDDEN, path, f"{path} lies on a file system that is mounted read-only.")
    elif told.f_blocks and told.f_bavail * told.f_frsize < _ROOM:
        left, size = told.f_bavail * told.f_frsize, told.f_blocks * told.f_frsize / (1 << 20)
        yield Finding(Sight.FULL, path, f"The file system of {path} is full: {left} bytes are left of {size:.0f} MB.")
    elif told.f_files and not told.f_favail:
        text = f"The file system of {path} takes no more files: all {told.f_files} are used."
        yield Finding(Sight.FULL, path, text)


# --- what is missing ---------------------------------------------------------------------------


def _missing(path: str, part: Part, around: Surroundings) -> list[Finding]:
    """Why there is nothing: from the deepest folder that exists on."""
    path = path.rstrip("/")
    above, gone = _deepest(path)
    # where not even the first folder exists, this is not the machine that the task ran on
    if not around.here and f"{above.rstrip('/')}/{gone}" != path:
        return []
    if above == "/" or part is Part.SCRATCH:
        return list(_room(above, part)) if above != "/" else []
    if not os.access(above, os.X_OK):
        return [_forbidden(path)]
    full = f"{above.rstrip('/')}/{gone}"
    found: list[Finding] = []
    writes = part is Part.OUTPUT
    if full != path and part in (Part.OUTPUT, Part.UNKNOWN):
        found.append(Finding(Sight.NO_FOLDER, os.path.dirname(path), f"The folder {full} does not exist."))  # noqa: PTH120
    if writes:
        if not os.access(above, os.W_OK):
            found.append(Finding(Sight.FORBIDDEN, above, f"You may not write to {above} ({_owned(os.stat(above))})."))  # noqa: PTH116
        found += _room(above, part)
    if not writes or full == path:
        already = f": there is no {full}" if full != path else ""
        found.append(Finding(Sight.ABSENT, path, f"{path} does not exist{already}."))
    return [*found, *_alike(above, gone, path.removeprefix(full))]


def _deepest(path: str) -> tuple[str, str]:
    above, gone = path, ""
    while not os.path.lexists(above) and above != "/":
        above, gone = os.path.split(above)
    return above, gone


def _forbidden(path: str) -> Finding:
    for folder in _upward(path):
        if os.path.isdir(folder) and not os.access(folder, os.X_OK):  # noqa: PTH112 - as above
            text = f"{path} cannot be reached: you may not enter {folder} ({_owned(os.stat(folder))})."  # noqa: PTH116
            return Finding(Sight.FORBIDDEN, path, text)
    return Finding(Sight.FORBIDDEN, path, f"{path} cannot be reached: you may not enter its folder.")


def _upward(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:count]) or "/" for count in range(1, len(parts) + 1)]


def _entries(folder: str) -> list[str]:
    names: list[str] = []
    with suppress(OSError), os.scandir(folder) as listed:
        for entry in listed:
            names.append(entry.name)
            if len(names) == _ENTRIES:
                break
    return names


def _alike(folder: str, gone: str, rest: str) -> Iterator[Finding]:
    """What stands there instead: the name in other case, packed or unpacked, or spelled almost so."""
    names = _entries(folder)
    cased = [name for name in names if name.lower() == gone.lower()]
    if cased:
        whole = os.path.join(folder, cased[0]) + rest  # noqa: PTH118 - as above
        if os.path.lexists(whole):
            yield Finding(Sight.OTHER_CASE, whole, f"{whole} exists: the name is spelled in other case.")
            return
    close = [name for name in names if name != gone and _meant(name) == _meant(gone)]
    close += difflib.get_close_matches(gone, names, n=2, cutoff=_NEAR)
    near = list(dict.fromkeys(cased + close))[:2]
    if near:
        text = f"{' and '.join(near)} {'stands' if len(near) == 1 else 'stand'} in {folder}, where {gone} is asked for."
        yield Finding(Sight.NEAR_NAME, os.path.join(folder, near[0]), text)  # noqa: PTH118 - as above


def _meant(name: str) -> tuple[str, str]:
    """The name without packing and suffix, and the kind of file that its suffix stands for."""
    stem, dot, suffix = _PACKING.sub("", name).rpartition(".")
    kind = suffix.lower()
    # x.bai and x.bam.bai are the index of one file
    stem = stem.removesuffix(_INDEXED.get(kind, ""))
    return (stem, _KINDS.get(kind, kind)) if dot else (suffix, "")


def _matching(pattern: str, part: Part) -> list[Finding]:
    folder, shape = os.path.split(pattern)
    if any(mark in folder for mark in "*?[") or not os.path.isdir(folder):  # noqa: PTH112 - as above
        return []
    names = _entries(folder)
    fitting = fnmatch.filter(names, shape)
    if fitting:
        return [Finding(Sight.PRESENT, pattern, f"{len(fitting)} name(s) in {folder} fit {shape}, {fitting[0]} first.")]
    found = [Finding(Sight.ABSENT, pattern, f"Nothing in {folder} fits {shape}.")]
    if part is Part.SCRATCH:
        return found
    near = difflib.get_close_matches(shape.replace("*", ""), names, n=2, cutoff=0.5)
    if near:
        text = f"{' and '.join(near)} in {folder} may be what {shape} was meant to fit."
        found.append(Finding(Sight.NEAR_NAME, os.path.join(folder, near[0]), text))  # noqa: PTH118 - as above
    return found
