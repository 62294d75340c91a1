"""Where a patch may write: inside the repository, where heal.toml allows it, and never where others act by it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from heal.guard.facts import Facts
from heal.guard.globs import allowed_by, denied_by
from heal.guard.look_alikes import as_ours, mixed
from heal.guard.modules import expected_of_python
from heal.guard.profiles import in_profiles
from heal.guard.rules import Rule, ask, objection, refuse, table
from heal.model_settings import Patches
from heal.patch import Objection, Patch

MOST_FILES = 8

PLACES = table(
    refuse("place.none", "the patch names no file"),
    refuse("place.twice", "the same file is edited twice in one patch"),
    refuse("place.outside", "the path leads out of the repository"),
    refuse("place.odd_name", "the path holds characters that no file of a pipeline needs"),
    refuse("place.git", "git's own files are never changed"),
    refuse("place.hook", "what git or a tool runs by itself is never changed"),
    refuse("place.ci", "what a build server runs is never changed"),
    refuse("place.heal", "heal's own settings and working files are never changed by a patch"),
    refuse("place.startup", "what a shell or an interpreter runs on its own at its start is never changed"),
    refuse("place.engine_state", "an engine's own working files are never changed"),
    refuse("place.link", "the path is a symbolic link, or lies behind one"),
    refuse("place.submodule", "the path lies in another repository (a submodule)"),
    refuse("place.mode", "the file is no plain file in git"),
    refuse("place.denied", "heal.toml denies changes here (patches.deny)"),
    refuse("place.not_allowed", "heal.toml does not allow changes here (patches.allow)"),
    refuse("place.data", "data and results are never written by a patch"),
    refuse("place.tests", "a test that fails is not healed by changing the test"),
    refuse(
        "place.case",
        "the name looks like one that is there (case, spelling, letters of another script), or mixes such letters",
    ),
    refuse("place.profile", "the engine would take up a new profile on its own"),
    ask("place.shadow", "the new file would be loaded in place of a module of that name"),
    ask("place.many", f"the patch touches more than {MOST_FILES} files"),
    ask("place.new", "the patch makes a file that is not there yet"),
    ask("place.aim", "the failure does not point to this file"),
)

# after NFKC and lower case, with what HFS+ ignores and NTFS drops taken away
_AREAS: tuple[tuple[str, str], ...] = (
    (
        "place.git",
        r"(?:.*/)?(?:\.git|git~\d)(?:/.*)?|(?:.*/)?\.git(?:modules|attributes|ignore|config)|(?:.*/)?\.mailmap",
    ),
    (
        "place.hook",
        (
            r"(?:.*/)?(?:\.githooks|\.husky|githooks|\.hooks)/.*|(?:.*/)?\.pre-commit[^/]*|(?:.*/)?lefthook[^/]*"
            r"|(?:.*/)?\.lintstagedrc[^/]*|(?:.*/)?\.overcommit\.yml"
        ),
    ),
    (
        "place.ci",
        (
            r"\.github/.*|(?:.*/)?\.gitlab(?:/.*|-ci[^/]*)|(?:.*/)?jenkinsfile[^/]*|\.circleci/.*"
            r"|(?:.*/)?\.?azure-pipelines[^/]*"
            r"|\.buildkite/.*|(?:.*/)?\.travis\.yml|(?:.*/)?\.drone[^/]*|(?:.*/)?\.cirrus[^/]*"
            r"|\.woodpecker[^/]*(?:/.*)?"
            r"|(?:.*/)?bitbucket-pipelines[^/]*|(?:.*/)?appveyor\.yml|\.gitea/.*|\.forgejo/.*|\.teamcity/.*"
            r"|(?:.*/)?(?:codecov|\.codecov|renovate|\.?readthedocs)[^/]*|(?:.*/)?cloudbuild[^/]*"
            r"|(?:.*/)?tox\.ini|(?:.*/)?noxfile\.py"
        ),
    ),
    ("place.heal", r"(?:.*/)?heal\.toml|(?:.*/)?\.heal(?:/.*)?"),
    (
        "place.startup",
        (
            r"(?:.*/)?\.(?:envrc|env|bash_?rc|bash_profile|bash_login|bash_logout|bash_aliases|profile|zshrc"
            r"|zshenv|zprofile|zlogin"
            r"|kshrc|cshrc|tcshrc|login|inputrc|rprofile|renviron|pythonrc[^/]*|pypirc|netrc|npmrc|condarc"
            r"|mambarc|curlrc|wgetrc)"
            r"|(?:.*/)?(?:sitecustomize|usercustomize|conftest)\.py|(?:.*/)?[^/]*\.pth|(?:.*/)?pip\.(?:conf|ini)"
            r"|(?:.*/)?\.(?:vscode|idea|devcontainer|ssh|aws|config|local|direnv)/.*|(?:.*/)?(?:makevars"
            r"|\.makevars)"
            r"|(?:.*/)?(?:setup|hatch_build)\.py|(?:.*/)?(?:dockerfile|containerfile|makefile|gnumakefile)[^/]*"
            r"|(?:.*/)?[^/]*\.mk"
        ),
    ),
    (
        "place.engine_state",
        (
            r"(?:.*/)?\.(?:snakemake|nextflow|nf-test)(?:/.*)?|(?:.*/)?work/.*|(?:.*/)?\.nextflow\.log[^/]*"
            r"|(?:.*/)?\.command\.[^/]*"
        ),
    ),
    (
        "place.tests",
        (
            r"(?:.*/)?(?:tests?|testthat|spec|nf-test)/.*|(?:.*/)?(?:test_[^/]*|[^/]*_test)\.(?:py|r|sh|nf|bats)"
            r"|(?:.*/)?test-[^/]*\.r"
            r"|(?:.*/)?[^/]*\.(?:nf\.test|bats|snap)|(?:.*/)?nf-test\.config"
        ),
    ),
    (
        "place.data",
        (
            r"(?:.*/)?(?:results?|data|logs?|output|outputs)/.*"
            r"|.*\.(?:csv|tsv|tab|fastq|fq|fasta|fa|fna|faa|bam|sam|cram|bai|crai|vcf|bcf|bed|bedgraph|bw|bigwig"
            r"|gtf|gff3?|h5|hdf5|h5ad"
            r"|rds|rdata|rda|parquet|feather|arrow|npy|npz|mat|pkl|pickle|joblib|pt|pth|ckpt|onnx|xlsx?|ods"
            r"|sqlite|db|zarr|loom|mtx"
            r"|gz|bz2|xz|zst|zip|tar|tgz|7z|png|jpe?g|tiff?|svg|pdf|html?|log|out|err|sif|img|so|dll|dylib|o|a"
            r"|exe|jar|class|pyc|whl|egg)"
        ),
    ),
)
_COMPILED = tuple((name, re.compile(pattern, re.DOTALL)) for name, pattern in _AREAS)
_IGNORED = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\u00ad]")
_ODD = re.compile(r"[\x00-\x1f\x7f-\x9f\\\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff:*?\"<>|`$;&!]")


def at(before: Mapping[str, str | None], patch: Patch, allowed: Patches, facts: Facts) -> Iterator[Objection]:
    """What speaks against the places that a patch writes to."""
    paths = [edit.path for edit in patch.edits]
    if not paths:
        yield objection(PLACES["place.none"], "")
    if len(paths) > MOST_FILES:
        yield objection(PLACES["place.many"], "", seen=f"{len(paths)} files")
    for path in dict.fromkeys(path for path in paths if [_spelled(one) for one in paths].count(_spelled(path)) > 1):
        yield objection(PLACES["place.twice"], path)
    for path in dict.fromkeys(paths):
        for rule, seen in _of(path, before.get(path) is None, allowed, facts):
            yield objection(rule, path, seen=seen)


def _of(path: str, new: bool, allowed: Patches, facts: Facts) -> Iterator[tuple[Rule, str]]:
    yield from ((PLACES[name], "") for name in _form(path))
    plain = _spelled(path)
    yield from ((PLACES[name], "") for name, pattern in _COMPILED if pattern.fullmatch(plain))
    yield from ((PLACES[name], "") for name in _kind(path, facts))
    if denied_by(path, allowed.deny):
        yield PLACES["place.denied"], ""
    if not allowed_by(path, allowed.allow):
        yield PLACES["place.not_allowed"], ""
    if new:
        yield from _new(path, plain, facts)
    if facts.aimed and path not in facts.aimed:
        yield PLACES["place.aim"], ", ".join(sorted(facts.aimed))


def _form(path: str) -> Iterator[str]:
    parts = path.split("/")
    if not path or path.startswith(("/", "~")) or re.match(r"[A-Za-z]:", path) or ".." in parts:
        yield "place.outside"
    if _ODD.search(path) or any(
        not part or part == "." or part != part.strip() or part.endswith(".") for part in parts
    ):
        yield "place.odd_name"
    if len(path) > 255 or any(part.startswith("-") for part in parts):  # noqa: PLR2004 - the most that file systems hold
        yield "place.odd_name"


def _kind(path: str, facts: Facts) -> Iterator[str]:
    above = [path, *(parent.as_posix() for parent in PurePosixPath(path).parents)]
    if any(one in facts.outside for one in above):
        yield "place.outside"
    if any(one in facts.links for one in above):
        yield "place.link"
    if any(one in facts.submodules for one in above):
        yield "place.submodule"
    if path in facts.odd_modes:
        yield "place.mode"


def _new(path: str, plain: str, facts: Facts) -> Iterator[tuple[Rule, str]]:
    yield PLACES["place.new"], ""
    if in_profiles(plain):
        yield PLACES["place.profile"], ""
    if (twin := _twin(path, facts)) or mixed(path):
        yield PLACES["place.case"], twin
    if plain.endswith((".py", ".so")) and expected_of_python(PurePosixPath(plain).stem):
        yield PLACES["place.shadow"], ""


def _twin(path: str, facts: Facts) -> str:
    """What is there and would be taken for it, a file or a folder above it; empty where nothing is."""
    folders = {parent.as_posix() for one in facts.tracked for parent in PurePosixPath(one).parents}
    for name, known in ((path, facts.tracked), *((one.as_posix(), folders) for one in PurePosixPath(path).parents)):
        looks = _looks(name)
        if twin := next((one for one in sorted(known) if one != name and looks & _looks(one)), None):
            return twin
    return ""


def _looks(path: str) -> set[str]:
    """How it is spelled, and how it looks: capitals look like ours where their small letters do not."""
    return {_spelled(path), as_ours(_spelled(as_ours(path)))}


def _spelled(path: str) -> str:
    """The path as a file system that folds case and ignores invisible characters has it."""
    text = unicodedata.normalize("NFKC", _IGNORED.sub("", path)).casefold().replace("\\", "/")
    return "/".join(part.rstrip(" .") or part for part in re.sub(r"/+", "/", text).split("/"))
