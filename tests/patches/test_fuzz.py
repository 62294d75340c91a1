"""Whatever a user does and whenever heal is killed: what is theirs stays theirs, to the byte.

Every line that heal's patches change reads ``heal-<n> old`` or ``heal-<n> new``, and nobody else writes such lines. So
a text in which all of them are read as old must never be changed by heal: not in a file, not in the index, not in the
last commit. That is what is compared after each thing heal did, was refused, or was killed in.
"""

from __future__ import annotations

import os
import random
import re
import signal
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.patches.user import User

from heal.errors import HealError, NotNow
from heal.patch import Edit, Patch
from heal.patches.repository import Repository

FILES = ("Snakefile", "a.py", "scripts/b.py")
TEXT = "".join(f"line {n}\n" + (f"heal-{n // 4} old\n" if n % 4 == 2 else "") for n in range(12))
UNCOMMITTED = "\nHeal-Landed: in the work tree only"
MADE = re.compile(r"made-by-heal-\d\.py")


@dataclass(frozen=True)
class Theirs:
    """All that is a user's, with heal's own lines read as old."""

    branch: str
    files: dict[str, tuple[bytes, int]]
    index: dict[str, tuple[str, bytes]]
    commit: dict[str, tuple[str, bytes]]
    stashes: str
    refs: str
    config: bytes


@dataclass
class World:
    user: User
    tokens: int = 0
    landed: list[str] = field(default_factory=list)
    seen: dict[str, bytes] = field(default_factory=dict)

    def heal(self, step: Callable[[str], None] = lambda _name: None) -> Repository:
        return Repository.at(self.user.root, self.user.root / ".heal", step=step)

    def tip(self) -> str:
        return self.user.git("rev-parse", "HEAD")

    def theirs(self, plain: Callable[[bytes], bytes] = lambda data: data) -> Theirs:
        user = self.user
        files = {name: (plain(data), mode) for name, (data, mode) in user.files().items()}
        head = user.git("symbolic-ref", "-q", "HEAD", check=False)
        refs = user.git("for-each-ref", "--format=%(refname) %(objectname)")
        others = "\n".join(
            ref for ref in refs.split("\n") if not ref.startswith(("refs/heal/", "refs/heads/heal/", head))
        )
        return Theirs(
            head, files, self._stored(plain, "ls-files", "--stage"), self._stored(plain, "ls-tree", "-r", "HEAD"),
            user.git("stash", "list", "--format=%H"), others, (user.root / ".git/config").read_bytes(),
        )  # fmt: skip

    def _stored(self, plain: Callable[[bytes], bytes], *words: str) -> dict[str, tuple[str, bytes]]:
        rows = [re.split(r"[ \t]", row, maxsplit=3) for row in self.user.git(*words).split("\n") if row]
        blobs = [(row[1] if words[0] == "ls-files" else row[2]) for row in rows]
        found = {}
        for row, blob in zip(rows, blobs, strict=True):
            if blob not in self.seen:
                self.seen[blob] = self.user.raw("cat-file", "blob", blob)
            found[row[3]] = (row[0], plain(self.seen[blob]))
        return found


def chance(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - the same each time is the point


def old(data: bytes) -> bytes:
    return re.sub(rb"(?m)^(heal-\d) new$", rb"\1 old", data)


def kept(world: World, commit: str) -> tuple[dict[str, tuple[bytes, int]], dict[str, tuple[bytes, int]]]:
    """All files before and after a landing that is in no commit of the user's, by what heal kept of it."""
    user, now = world.user, world.user.files()
    parts = []
    for name in (f"{commit}^", commit):
        rows = user.git("diff-tree", "-r", "--no-renames", f"{commit}^", commit).split("\n")
        found = dict(now)
        for path in (row.partition("\t")[2] for row in rows):
            mode, _, rest = user.git("ls-tree", name, "--", path).partition(" ")
            if rest:
                found[path] = (user.raw("cat-file", "blob", f"{name}:{path}"), 0o111 if mode == "100755" else 0)
            else:
                found.pop(path, None)
        parts.append(found)
    return parts[0], parts[1]


def unmade(one: Theirs) -> Theirs:
    """Without the files that heal makes."""
    parts = ({n: v for n, v in part.items() if not MADE.fullmatch(n)} for part in (one.files, one.index, one.commit))
    return Theirs(one.branch, *parts, one.stashes, one.refs, one.config)


def overlooked(world: World) -> set[str]:
    """The files that differ from the index and that git does not see as edited, or the other way round."""
    if world.user.git("ls-files", "--unmerged"):
        return set()
    now = world.theirs()
    files = {name: (data, mode != 0) for name, (data, mode) in now.files.items()}
    differ = {name for name, (mode, data) in now.index.items() if files.get(name) != (data, mode == "100755")}
    return differ ^ {name for name in world.user.git("diff", "--name-only", "-z").split("\0") if name}


def ours_left(user: User) -> list[str]:
    """What heal must not leave behind once it has come to an end."""
    git = user.root / ".git"
    landing = user.root / ".heal/landing"
    return [*(each.name for each in git.glob("*.lock")), *(each.name for each in git.glob("heal-*")),
            *(each.name for each in landing.glob("*")), *(each.name for each in user.root.rglob(".heal-*"))]  # fmt: skip


# --- what a user does ------------------------------------------------------------------------------


def edits(user: User, choice: random.Random) -> None:
    file = user.root / choice.choice(FILES)
    lines = file.read_text().split("\n") if file.is_file() else ["begun anew"]
    heals = [n for n, line in enumerate(lines) if line.startswith("heal-")]
    near = choice.choice([0, 1, 2]) + choice.choice(heals) - 1 if heals and choice.random() < 0.3 else 0
    lines[min(near, len(lines) - 1) or choice.randrange(len(lines))] = f"mine {choice.randrange(1000)}"
    if choice.random() < 0.3:
        lines.insert(choice.randrange(len(lines)), "mine too")
    user.write(str(file.relative_to(user.root)), "\n".join(lines))


def edits_around(user: User, choice: random.Random) -> None:
    """Write next to heal's lines: a change to those can then not be committed without this."""
    file = user.root / choice.choice(FILES)
    if file.is_file():
        changed = re.sub(r"(?m)^.*\n(?=heal-)", lambda _found: f"mine {choice.randrange(1000)}\n", file.read_text())
        user.write(str(file.relative_to(user.root)), changed)


def renames(user: User, choice: random.Random) -> None:
    user.git("mv", choice.choice(FILES), f"moved-{choice.randrange(100)}.py", check=False)


def deletes(user: User, choice: random.Random) -> None:
    (user.root / choice.choice(FILES)).unlink(missing_ok=True)


def switches(user: User, choice: random.Random) -> None:
    branch = choice.choice(["main", "side"])
    if user.git("checkout", "-q", branch, check=False) == "" and branch == "side":
        user.git("checkout", "-q", "-b", "side", check=False)


USERS: dict[str, Callable[[User, random.Random], object]] = {
    "edits": edits,
    "edits again": edits,
    "edits around": edits_around,
    "edits around again": edits_around,
    "lets go": lambda user, choice: user.git("rm", "-q", "--cached", choice.choice(FILES), check=False),
    "stages": lambda user, choice: user.git("add", choice.choice(FILES), check=False),
    "unstages": lambda user, choice: user.git("reset", "-q", "--", choice.choice(FILES), check=False),
    "commits": lambda user, _choice: user.git("commit", "-q", "-m", "mine", check=False),
    "commits all": lambda user, _choice: user.git("commit", "-q", "-a", "-m", "mine", check=False),
    "stashes": lambda user, _choice: user.git("stash", "-q", check=False),
    "pops": lambda user, _choice: user.git("stash", "pop", "-q", check=False),
    "makes": lambda user, choice: user.write(f"new-{choice.randrange(5)}.py", f"{choice.random()}\n"),
    "deletes": deletes,
    "renames": renames,
    "switches": switches,
    "marks": lambda user, choice: (
        (user.root / choice.choice(FILES)).exists()
        and (user.root / choice.choice([f for f in FILES if (user.root / f).exists()])).chmod(0o755)
    ),
}


# --- what heal does ----------------------------------------------------------------------------------


def patched(world: World, choice: random.Random) -> Patch | None:
    """Some of heal's lines in one or two files, and sometimes a new file."""
    repository, found = world.heal(), []
    for path in choice.sample(FILES, choice.choice([1, 2])):
        text = repository.text(path)
        line = f"heal-{choice.randrange(3)} old\n"
        if text and line in text:
            found.append(Edit(path, text.replace(line, line.replace("old", "new"))))
    if choice.random() < 0.3:
        found.append(Edit(f"made-by-heal-{choice.randrange(3)}.py", "made\n"))
    return Patch(tuple(found), "s", "w") if found else None


def drafts(world: World, choice: random.Random, step: Callable[[str], None]) -> None:
    if what := patched(world, choice):
        world.heal(step).draft(what, incident=str(choice.randrange(5)), slug="x")


def accepts(world: World, choice: random.Random, step: Callable[[str], None]) -> None:
    if found := world.heal().drafts():
        world.heal(step).accept(choice.choice(found), f"t{world.tokens}")


def rejects(world: World, choice: random.Random, step: Callable[[str], None]) -> None:
    if found := world.heal().drafts():
        world.heal(step).reject(choice.choice(found))


def reverts(world: World, choice: random.Random, step: Callable[[str], None]) -> None:
    if world.landed:
        world.heal(step).revert(choice.choice(world.landed))


HEALS = {"drafts": drafts, "accepts": accepts, "reverts": reverts, "rejects": rejects}


def killed(do: Callable[[Callable[[str], None]], None], after: int) -> bool:
    """Do it in a process of its own that is killed at its n-th effect; whether it was. It may be refused, no more."""
    child = os.fork()
    if child == 0:
        left = [after]

        def step(_name: str) -> None:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        end = 0
        try:
            do(step)
        except HealError:
            end = 1
        except BaseException:  # noqa: BLE001 - told to the parent
            end = 2
        os._exit(end)
    _pid, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) < 2, "heal raised something else than an error of its own"
    return os.WIFSIGNALED(status)


def one_turn(world: World, what: str, seed: int, kill: int, between: str | None) -> None:
    """Heal does something, is killed in it perhaps, the user goes on perhaps, and heal comes again."""
    do = HEALS[what]
    before, exact, tip = unmade(world.theirs(old)), world.theirs(), world.tip()
    if kill:
        was = killed(lambda step: do(world, chance(seed), step), kill)
        # Then at that very moment nothing of the user's is another
        assert unmade(world.theirs(old)) == before
        if was and between:
            USERS[between](world.user, chance(seed))
            before, exact = unmade(world.theirs(old)), world.theirs()
    refused = False
    try:
        do(world, chance(seed), lambda _name: None)
        world.heal().resume()
    except NotNow:
        raise  # nobody else is at work here
    except HealError:
        refused = True
    assert unmade(world.theirs(old)) == before
    assert (ours_left(world.user), overlooked(world)) == ([], set())
    if (refused and not kill) or what in ("drafts", "rejects"):
        # what is refused, and what is no landing, has touched nothing at all
        assert world.theirs() == exact
    if what == "accepts" and (commit := world.heal().landed(f"t{world.tokens}")):
        world.landed.append(f"t{world.tokens}")
        world.tokens += 1
        if not kill and UNCOMMITTED in world.user.git("log", "-1", "--format=%B", commit):
            # in the files alone, and what they held before and hold now is kept
            now = world.theirs()
            assert (now.index, now.commit, world.tip()) == (exact.index, exact.commit, tip)
            assert kept(world, commit) == (exact.files, now.files)


DOINGS = st.lists(st.tuples(st.sampled_from(sorted(USERS)), st.integers(0, 2**16)), max_size=4)
TURNS = st.lists(
    st.tuples(
        DOINGS,
        st.sampled_from(["drafts", "drafts", "accepts", "accepts", "accepts", "reverts", "rejects"]),
        st.integers(0, 2**16),
        st.sampled_from([0, 0, *range(1, 11)]),
        st.sampled_from([None, None, *sorted(USERS)]),
    ),
    min_size=2,
    max_size=7,
)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)
@given(near=st.booleans(), first=DOINGS, turns=TURNS)
def test_what_is_the_users_stays_theirs(near: bool, first: list[tuple[str, int]], turns: list[tuple]):
    with tempfile.TemporaryDirectory(prefix="heal-fuzz-") as folder:
        user = User(Path(folder).resolve() / "p").begin(**dict.fromkeys(FILES, TEXT))
        world = World(user)
        for seed in range(6 if near else 0):  # else a change that only fits files would be a rare thing
            edits_around(user, chance(seed))
        for doings, *turn in [(first, "drafts", 1, 0, None), *turns]:
            for what, seed in doings:
                USERS[what](user, chance(seed))
            one_turn(world, *turn)


# --- every place a kill can come ---------------------------------------------------------------------


def dirty(folder: Path) -> World:
    """A user with something of everything, and a draft of two files that is waiting."""
    user = User(folder / "p").begin(**dict.fromkeys(FILES, TEXT))
    user.write("a.py", TEXT.replace("line 0", "stashed"))
    user.git("stash", "-q")
    user.write("a.py", TEXT.replace("line 0", "staged"))
    user.git("add", "a.py")
    user.write("a.py", TEXT.replace("line 0", "staged") + "edited\n")
    user.write("scripts/b.py", TEXT + "edited\n")
    user.write("new.txt", "new\n")
    world = World(user)
    a, b = (user.read(path) for path in ("a.py", "scripts/b.py"))
    edits = (Edit("a.py", a.replace("heal-1 old", "heal-1 new")), Edit("scripts/b.py", b.replace("heal-2 old", "heal-2 new")),
             Edit("made-by-heal-1.py", "made\n"))  # fmt: skip
    world.heal().draft(Patch(edits, "s", "w"), incident="1", slug="x")
    return world


ACCEPT = ("record", "kept a.py", "file a.py", "file made-by-heal-1.py", "kept scripts/b.py", "file scripts/b.py",
          "index ready", "index.lock", "index", "branch", "done", "worktree removed", "branch removed")  # fmt: skip


def test_these_are_the_effects_of_a_yes(tmp_path: Path):
    world, steps = dirty(tmp_path), []
    world.heal(steps.append).accept(world.heal().drafts()[0], "t1")
    assert tuple(steps) == ACCEPT


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> World:
    """What the end is like when nobody is killed."""
    world = dirty(tmp_path_factory.mktemp("whole"))
    world.heal().accept(world.heal().drafts()[0], "t1")
    return world


@pytest.mark.parametrize("number", range(1, len(ACCEPT) + 1), ids=ACCEPT)
def test_a_yes_that_is_killed_is_finished_by_the_next_heal(whole: World, tmp_path: Path, number: int):
    # When heal is killed after one of its effects
    world = dirty(tmp_path / "killed")
    made = world.heal().drafts()[0]
    before = unmade(world.theirs(old))
    assert killed(lambda step: world.heal(step).accept(made, "t1"), number)
    assert unmade(world.theirs(old)) == before
    # Then the next one ends with the same, and lands it once
    commit = world.heal().accept(made, "t1")
    assert (world.theirs().files, world.theirs().index) == (whole.theirs().files, whole.theirs().index)
    assert (world.theirs().commit, world.user.git("rev-list", "--count", "HEAD")) == (whole.theirs().commit, "2")
    assert (world.heal().accept(made, "t1"), ours_left(world.user), world.heal().drafts()) == (commit, [], ())


# --- the same, where the change can only go into the files ----------------------------------------------


def fresh(folder: Path) -> World:
    """As dirty, but that the user has just written next to heal's line; and one file is new to git."""
    world = dirty(folder)
    user = world.user
    world.heal().reject(world.heal().drafts()[0])
    user.write("a.py", user.read("a.py").replace("line 2\nheal-0", "mine\nheal-0"))
    user.write("new.py", TEXT)
    names = ("a.py", "new.py", "scripts/b.py")
    edits = [Edit(name, user.read(name).replace("heal-0 old", "heal-0 new")) for name in names]
    world.heal().draft(Patch((*edits, Edit("made-by-heal-1.py", "made\n")), "s", "w"), incident="1", slug="x")
    return world


IN_FILES = ("record", "kept a.py", "file a.py", "file made-by-heal-1.py", "kept new.py", "file new.py",
            "kept scripts/b.py", "file scripts/b.py", "landed", "done")  # fmt: skip


def test_these_are_the_effects_of_a_yes_in_files_alone(tmp_path: Path):
    world, steps = fresh(tmp_path), []
    world.heal(steps.append).accept(world.heal().drafts()[0], "t1")
    assert tuple(steps) == (*IN_FILES, "worktree removed", "branch removed")
    steps.clear()
    world.heal(steps.append).revert("t1")
    assert tuple(steps) == IN_FILES


@pytest.mark.parametrize("number", range(1, len(IN_FILES) + 1), ids=IN_FILES)
def test_a_landing_in_files_alone_that_is_killed_is_finished(tmp_path: Path, number: int):
    # Given a change that is in no commit without the user's own lines
    world = fresh(tmp_path)
    made, before, tip = world.heal().drafts()[0], world.theirs(), world.tip()
    whole = {name: (re.sub(rb"heal-0 old", rb"heal-0 new", data) if name in made.files else data, mode)
             for name, (data, mode) in before.files.items()} | {"made-by-heal-1.py": (b"made\n", 0)}  # fmt: skip
    # When heal is killed after one of the effects, and comes again
    assert killed(lambda step: world.heal(step).accept(made, "t1"), number)
    assert unmade(world.theirs(old)) == unmade(before)
    world.heal().resume()
    commit = world.heal().accept(made, "t1")
    # Then it is in the files, once, and in nothing else of the user's
    after = world.theirs()
    assert (after.files, after.index, after.commit) == (whole, before.index, before.commit)
    assert (after.stashes, after.refs, world.tip()) == (before.stashes, before.refs, tip)
    assert (world.heal().landed("t1"), ours_left(world.user), world.heal().drafts()) == (commit, [], ())
    # And it goes out again, whenever it is killed in that
    assert killed(lambda step: world.heal(step).revert("t1"), number)
    world.heal().revert("t1")
    assert (world.theirs(), world.tip(), ours_left(world.user)) == (before, tip, [])


@pytest.mark.parametrize("act", ["stages", "commits all", "stashes", "edits around", "unstages", "lets go"])
@pytest.mark.parametrize("number", [1, 3, 8])
def test_a_user_goes_on_after_a_kill_in_files_alone(tmp_path: Path, number: int, act: str):
    world = fresh(tmp_path)
    made = world.heal().drafts()[0]
    assert killed(lambda step: world.heal(step).accept(made, "t1"), number)
    USERS[act](world.user, chance(number))
    before, tip = unmade(world.theirs(old)), world.tip()
    try:
        world.heal().accept(made, "t1")
    except HealError:
        assert world.heal().landed("t1") is None
    assert (unmade(world.theirs(old)), world.tip(), ours_left(world.user)) == (before, tip, [])


@pytest.mark.parametrize("name", [".t1", ".t1.gone", ".index-x"])
def test_what_a_kill_left_that_means_nothing_goes(tmp_path: Path, name: str):
    world = dirty(tmp_path)
    (world.user.root / ".heal/landing" / name).mkdir(parents=True)
    world.heal().resume()
    assert ours_left(world.user) == []


@pytest.mark.parametrize("number", range(1, 12))
def test_a_yes_in_a_folder_without_git_is_finished_too(tmp_path: Path, number: int):
    # Given a folder that no git knows, a draft, and an edit of the user's since
    user = User(tmp_path / "p")
    for path in FILES:
        user.write(path, TEXT)
    world = World(user)
    edits = tuple(Edit(path, TEXT.replace("heal-1 old", "heal-1 new")) for path in FILES[:2])
    made = world.heal().draft(Patch(edits, "s", "w"), incident="1", slug="x")
    user.write("a.py", TEXT + "mine\n")
    # When heal is killed at one of the effects of a yes, and comes again
    assert killed(lambda step: world.heal(step).accept(made, "t1"), number)
    commit = world.heal().accept(made, "t1")
    # Then it is landed, once, with the user's edit in place
    new = TEXT.replace("heal-1 old", "heal-1 new")
    assert [user.read(path) for path in FILES] == [new, new + "mine\n", TEXT]
    shadow = ("--git-dir", str(tmp_path / "p/.heal/shadow.git"))
    assert user.git(*shadow, "log", "--format=%s", "main").count("\ns") + 1 == 1
    assert (world.heal().landed("t1"), world.heal().drafts()) == (commit, ())


@pytest.mark.parametrize("number", range(1, 5))
def test_a_draft_that_is_killed_is_made_by_the_next_heal(tmp_path: Path, number: int):
    world = World(User(tmp_path / "p").begin(**dict.fromkeys(FILES, TEXT)))
    before = world.theirs()
    what = Patch((Edit("a.py", TEXT.replace("heal-1 old", "heal-1 new")),), "s", "w")
    assert killed(lambda step: world.heal(step).draft(what, incident="1", slug="x") and None, number)
    assert world.theirs() == before
    made = world.heal().draft(what, incident="1", slug="x")
    assert (world.theirs(), world.heal().drafts()) == (before, (made,))
    assert [each.name for each in (world.user.root / ".heal/worktrees").iterdir()] == ["1-x"]
    assert world.user.git("worktree", "list").count("\n") == 1


def free(world: World) -> bool:
    try:
        with world.heal().checkout.alone():
            return True
    except NotNow:
        return False


@pytest.mark.parametrize("seed", range(12))
def test_a_kill_at_any_instant(tmp_path: Path, seed: int, until: Callable[..., bool]):
    """Not between effects but anywhere: in a write, in a rename, while git works. What git it left goes on alone."""
    world = dirty(tmp_path)
    made = world.heal().drafts()[0]
    before = unmade(world.theirs(old))
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)  # ends a process as SIGKILL does: no handler, no cleaning up
        signal.setitimer(signal.ITIMER_REAL, chance(seed).uniform(0.02, 0.7))
        world.heal().accept(made, "t1")
        os._exit(0)
    os.waitpid(child, 0)
    assert until(lambda: free(world))  # the lock is held until the last git of the killed one has ended
    commit = world.heal().accept(made, "t1")
    assert unmade(world.theirs(old)) == before
    assert (world.heal().landed("t1"), ours_left(world.user), world.heal().drafts()) == (commit, [], ())
