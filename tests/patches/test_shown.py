"""What people see of a patch: on a terminal, in a file, in a pull request."""

from __future__ import annotations

import io

import pytest
from tests.patches.user import HEALED, SNAKEFILE, User, draft, patch

from heal.cases import Citation
from heal.cli import patches as shown
from heal.errors import PatchRefused
from heal.patch import Draft, Edit, Objection, Patch, Trial
from heal.patches.pull_request import Facts, body
from heal.records import Verdict


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)


def said(user: User, made: Draft, width: int = 80) -> str:
    out = Terminal()
    shown.print_diff(user.heal(), made, out, width)
    return out.getvalue()


def plain(text: str) -> list[str]:
    from rich.text import Text  # noqa: PLC0415 - what the terminal would show of it

    return [line.rstrip() for line in Text.from_ansi(text).plain.rstrip("\n").split("\n")]


def test_on_a_terminal_the_words_that_changed_stand_out(user: User):
    printed = said(user, draft(user.heal()))
    assert plain(printed) == [
        "Snakefile  +1 -1",
        "@@ line 1 @@",
        "  rule a:",
        '      output: "a.txt"',
        '-     shell: "old > {output}"',
        '+     shell: "new > {output}"',
        "",
        "  rule b:",
        '      output: "b.txt"',
    ]
    assert '\x1b[31m    shell: "\x1b[0m\x1b[1;7;31mold\x1b[0m\x1b[31m > {output}"\x1b[0m' in printed
    assert "\x1b[1;7;32mnew\x1b[0m" in printed


def test_without_colour_it_says_the_same(user: User, monkeypatch: pytest.MonkeyPatch):
    made = draft(user.heal())
    coloured = said(user, made)
    monkeypatch.setenv("NO_COLOR", "1")
    assert plain(said(user, made)) == plain(coloured)
    assert "\x1b[31m" not in said(user, made)


def test_a_line_that_is_too_long_goes_on_in_the_next(user: User):
    made = draft(user.heal(), patch(SNAKEFILE + "x" * 100 + "\n"))
    lines = plain(said(user, made, width=40))
    assert max(len(line) for line in lines) <= 40
    assert "".join(lines).count("x") == SNAKEFILE.count("x") - SNAKEFILE.split("\n")[1].count("x") + 100


def test_a_file_cannot_steer_the_terminal(user: User):
    made = draft(user.heal(), patch(SNAKEFILE + "\x1b]0;gotcha\x07\x1b[2J\x9b2J \u202e\n"))
    printed = said(user, made)
    assert [line for line in plain(printed) if "gotcha" in line] == ["+ ␛]0;gotcha␇␛[2J\\u009b2J \\u202e"]
    assert not {"\x07", "\x9b", "\u202e"} & set(printed)
    assert "\x1b]" not in printed


def test_in_a_file_it_is_the_patch_to_the_byte(user: User):
    user.write("x.py", "caf\xe9\r\nb\r\n".encode("latin-1"))
    user.commit("x")
    made = draft(user.heal(), patch("caf\xe9\nc\n", "x.py"))
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii")
    shown.print_diff(user.heal(), made, out)
    user.git("apply", stdin=raw.getvalue())
    assert (user.root / "x.py").read_bytes() == "caf\xe9\r\nc\r\n".encode("latin-1")


def test_a_new_file_a_mode_and_bytes_without_words(user: User):
    user.write("run.sh", "#!/bin/sh\n")
    user.write("x.py", "\ufeffa\n".encode("utf-16-le"))
    user.commit("x")
    repository = user.heal()
    mode = repository.draft(Patch((), "s", "w"), incident="1", slug="x", executable=["run.sh"])
    assert plain(said(user, mode))[:3] == ["diff --git a/run.sh b/run.sh", "old mode 100644", "new mode 100755"]
    made = draft(repository, patch("x\n", "näme new.py"))
    assert plain(said(user, made))[:3] == ["näme new.py  +1 -0", "new file mode 100644", "@@ line 1 @@"]
    assert "GIT binary patch" in plain(said(user, draft(repository, patch("b\n", "x.py"))))


def test_the_mail_is_printed_as_it_is(user: User):
    made = draft(user.heal())
    out = io.StringIO()
    shown.print_export(user.heal(), made, out)
    assert out.getvalue() == user.heal().export(made)
    assert out.getvalue().startswith(f"From {made.commit} ")


# --- a person's own words in it --------------------------------------------------------------------


def test_what_a_person_changes_in_the_worktree_becomes_the_draft(user: User):
    repository = user.heal()
    made = draft(repository)
    assert repository.edited(made) == made
    # Given a person who edits the file in the worktree, and adds one
    inner = User(made.worktree)
    inner.write("Snakefile", HEALED.replace("new", "newest"))
    inner.write("rules/notes.smk", "x = 1\n")
    inner.write("results/out.txt", "a run left this here\n")
    edited = repository.edited(made)
    # Then the draft is what it was until that is put in its place: one commit on the same base, and what is landed
    assert repository.drafts() == (made,)
    repository.amend(made, edited)
    assert (edited.files, edited.base, edited.branch) == (("Snakefile", "rules/notes.smk"), made.base, made.branch)
    assert repository.drafts() == (edited,)
    repository.accept(edited, "t1")
    assert (user.read("Snakefile"), user.read("rules/notes.smk")) == (HEALED.replace("new", "newest"), "x = 1\n")
    assert "Heal-Edited: by hand\nHeal-Remedy: t1" in user.git("log", "-1", "--format=%B")


def test_a_patch_that_a_person_takes_all_of_away(user: User):
    repository = user.heal()
    made = draft(repository)
    User(made.worktree).write("Snakefile", SNAKEFILE)
    with pytest.raises(PatchRefused, match="heal reject"):
        repository.edited(made)


# --- a pull request --------------------------------------------------------------------------------


def test_the_text_of_a_pull_request(user: User):
    made = draft(user.heal())
    facts = Facts(
        "7f3a",
        "the program old was removed",
        0.93,
        (Citation("logs/a.log", 12, "old: command not found"), Citation("exit code", 0, "127")),
        "tiny",
        (Trial("dry run", passed=True, said="1 of 2 jobs", seconds=2.4), Trial("replay", passed=None, said="no SLURM")),
        (Objection("new-network", Verdict.ASK, "Snakefile", 3, "curl was not called before"),),
        "2 of 40 jobs",
    )
    assert body(made, facts) == (
        "## Cause (0.93 sure)\n\nthe program old was removed\n\n"
        "```text\nlogs/a.log:12  old: command not found\nexit code  127\n```\n\n"
        "## Change\n\n- `Snakefile`\n\n> The program old is gone.\n\n"
        "## Tried\n\n| check | outcome | said |\n| --- | --- | --- |\n"
        "| dry run | passed in 2 s | 1 of 2 jobs |\n| replay | could not be tried | no SLURM |\n\n"
        "## To look at\n\n- `Snakefile:3`: curl was not called before\n\n"
        "## Runs again\n\n2 of 40 jobs\n\n"
        f"heal, incident `7f3a`, proposed by `tiny`, patch `{made.patch_id[:12]}`\n"
    )


def test_words_of_a_log_make_no_link_and_end_no_fence(user: User):
    made = draft(
        user.heal(), Patch((Edit("a`b.py", "x\n"),), "s", "Fixes #1, @ann\n<img src=x> [a](http://evil.example)")
    )
    hostile = Citation("x.log", 1, "````\n@team <script>")
    text = body(made, Facts("1", "*see* @team | fixes #12 www.evil.example", citations=(hostile,)))
    assert "`````text\nx.log:1  ```` @team <script>\n`````" in text
    assert "\\*see\\* @\u200bteam \\| fixes \\#\u200b12 www\u200b.evil.example" in text
    assert "> Fixes \\#\u200b1, @\u200bann\n> &lt;img src=x&gt; \\[a\\]\\(http://\u200bevil.example\\)" in text
    assert "- `` a`b.py ``" in text
