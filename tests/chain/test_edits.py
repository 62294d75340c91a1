"""A model's answer against the files it was shown: what is taken, and the reason why anything else is not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heal.chain.assignment import Source
from heal.chain.edits import Fault, Read, parse
from heal.chain.lines import indented
from heal.patch import Edit

OLD = "import os\n\ndef main():\n    run(1)\n    stop(2)\n"
NEW = OLD.replace("run(1)", "run(2)")
ONE = Source("a.py", OLD)
LONG = "".join(f"line {n}\n" for n in range(1, 101))
PART = Source("long.py", LONG, 10, 14)
TAKEN = Read(edits=(Edit("a.py", NEW),))


def faults(answer: str, *shown: Source, **more: object) -> list[str]:
    read = parse(answer, shown or (ONE,), **more)
    assert (read.edits, read.no_fix) == ((), None)
    return [str(fault) for fault in read.faults]


# --- what is taken -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        f"FILE a.py\n```python\n{NEW}```",
        f"FILE a.py\n```\n{NEW}```\n",
        f"FILE: a.py\n\n```py\n{NEW}```\nThat is all.",
        f"Here is the fix.\n\n**FILE `a.py`**\n~~~\n{NEW}~~~\n\nIt calls run(2) now.",
        f"### FILE a.py\n````python\n{NEW}````",
        f"file 'a.py'\n```\n{NEW}```",
        f'1. FILE "./a.py":\n```\n{NEW}```',
        f"FILE a.py\nI change one line:\n```\n{NEW}```",
        f"a.py\n```\n{NEW}```",
        f"`a.py`:\n```\n{NEW}```",
        f"```python a.py\n{NEW}```",
        f'```python title="a.py"\n{NEW}```',
        f"```\nFILE a.py\n{NEW}```",
        f"FILE a.py\r\n```python\r\n{NEW}```\r\n".replace("\n", "\r\n").replace("\r\r", "\r"),
        f"FILE a.py\n```\n{NEW}```\nTo try it:\n```bash\npython a.py\n```\n",
        f"- FILE a.py\n  ```\n{''.join(f'  {line}' for line in NEW.splitlines(keepends=True))}  ```",
        f"<think>FILE b.py\n```\nx\n```\nno, rather:</think>\nFILE a.py\n```\n{NEW}```",
        "FILE a.py\n```\n" + "".join(f"{n} | {line}\n" for n, line in enumerate(NEW.split("\n")[:-1], 1)) + "```",
        f"REGION a.py:1-5\n```\n{NEW}```",
        "REGION a.py:3-5\n```\ndef main():\n    run(2)\n    stop(2)\n```",
        "REGION a.py lines 3-5\n```\ndef main():\n    run(2)\n    stop(2)\n```",
        "REGION a.py (lines 3 to 5)\n```\ndef main():\n    run(2)\n    stop(2)\n```",
        f"````markdown\nFILE a.py\n```python\n{NEW}```\n````",
        f"```\nFILE a.py\n```python\n{NEW}```\n```",
        f"FILE a.py (5 lines)\n```\n{NEW}```",
        f"REGION a.py:1-5 (of 5 lines)\n```\n{NEW}```",
        f"Only this file was shown:\n```python\n{NEW}```",
    ],
)
def test_a_whole_file_or_region_is_taken_however_it_is_dressed(answer: str):
    assert parse(answer, [ONE]) == TAKEN


def test_several_files_are_several_edits():
    other = Source("b/c d.R", "x <- 1\n")
    answer = f"FILE a.py\n```\n{NEW}```\nand\nFILE b/c d.R\n```r\nx <- 2\n```\n"
    assert parse(answer, [ONE, other]) == Read(edits=(Edit("a.py", NEW), Edit("b/c d.R", "x <- 2\n")))


def test_several_regions_of_one_file_are_one_edit():
    places = [Source("long.py", LONG, 3, 4), Source("long.py", LONG, 90, 91)]
    answer = "REGION long.py:3-4\n```\nline 3\nnew\nline 4\n```\nREGION long.py:90-91\n```\nline 90!\nline 91\n```\n"
    want = LONG.replace("line 3\nline 4\n", "line 3\nnew\nline 4\n").replace("line 90\n", "line 90!\n")
    assert parse(answer, places) == Read(edits=(Edit("long.py", want),))


def test_a_part_that_comes_as_a_file_is_taken_where_its_ends_come_back():
    answer = "FILE long.py\n```\nline 10\nline 11\nnew\nline 13\nline 14\n```"
    want = LONG.replace("line 12\n", "new\n")
    assert parse(answer, [PART]) == Read(edits=(Edit("long.py", want),))


def test_a_region_without_numbers_is_the_one_that_was_shown():
    answer = "REGION long.py\n```\nline 10\nnew\nline 14\n```"
    assert parse(answer, [PART]).edits[0].text.count("\n") == 98


def test_indentation_that_was_lost_is_put_back():
    old = "class A:\n    def f(self):\n        return 1\n\n    def g(self):\n        return 2\n"
    answer = "REGION a.py:2-3\n```\ndef f(self):\n    return 3\n```"
    [edit] = parse(answer, [Source("a.py", old, 2, 3)]).edits
    assert edit.text == old.replace("return 1", "return 3")


def test_a_new_file_may_be_made():
    assert parse("FILE envs/new.yaml\n```yaml\na: 1\n```", [ONE]) == Read(edits=(Edit("envs/new.yaml", "a: 1\n"),))


@pytest.mark.parametrize(
    ("old", "answer", "new"),
    [
        ("a = 1\r\nb = 2\r\n", "a = 1\nb = 3\n", "a = 1\r\nb = 3\r\n"),
        ("a = 1\r\nb = 2\nc = 3\r\n", "a = 1\nb = 2\nc = 4\n", "a = 1\r\nb = 2\nc = 4\r\n"),
        ("a = 1\nb = 2", "a = 1\nb = 3\n", "a = 1\nb = 3"),
        ("\ufeffa = 1\nb = 2\n", "a = 1\nb = 3\n", "\ufeffa = 1\nb = 3\n"),
        ("a = 1  \nb = 2\n", "a = 1\nb = 3\n", "a = 1  \nb = 3\n"),
        ("cmd \\ \n  --x\nb\n", "cmd \\\n  --x\nb\n", "cmd \\\n  --x\nb\n"),
        ("a = 'x\x0cy'\nb = 2\n", "a = 'x\x0cy'\nb = 3\n", "a = 'x\x0cy'\nb = 3\n"),
        ("a\tb\nc\n", "a\tb\nd\n", "a\tb\nd\n"),
    ],
)
def test_what_is_not_changed_keeps_its_bytes(old: str, answer: str, new: str):
    assert parse(f"FILE f\n```\n{answer}```", [Source("f", old)]) == Read(edits=(Edit("f", new),))


def test_fences_inside_a_text_are_part_of_it():
    old = "# Title\n\n```{r}\nplot(1)\n```\n\ntext\n"
    new = old.replace("plot(1)", "plot(2)")
    for fence in ("````", "~~~", "```"):
        answer = f"FILE r.Rmd\n{fence}\n{new}{fence}\n"
        assert parse(answer, [Source("r.Rmd", old)]) == Read(edits=(Edit("r.Rmd", new),)), fence


def test_backticks_in_a_string_end_no_fence():
    old = "s = '''\n x ```\n'''\nt = 1\n"
    new = old.replace("t = 1", "t = 2")
    assert parse(f"FILE f.py\n```\n{new}```", [Source("f.py", old)]).edits == (Edit("f.py", new),)


# what begins no fence, names no file, and stands for no other line
PLAIN = st.text("abcxyz =()[]'\"\t#|:;{}$\\\\", max_size=12)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(PLAIN, min_size=1, max_size=15), st.lists(PLAIN, min_size=1, max_size=15), st.sampled_from(["\n", "\r\n"])
)
def test_any_text_comes_through_as_it_was_written(old: list[str], new: list[str], end: str):
    # Given a file and another text for it, in an answer of the form that was asked for
    source = Source("a.py", "".join(line + end for line in old))
    read = parse("FILE a.py\n```\n" + "".join(f"{line}\n" for line in new) + "```\n", [source])
    # Then it is that text, but for blanks at the end of lines that were there; or it changes nothing, or is empty
    if read.edits:
        got = read.edits[0].text
        assert got.count(end) == len(new)
        moved = [line.rstrip() for line in indented(new, old)]
        assert [line.rstrip() for line in got.split(end)[:-1]] == moved
    else:
        same = [line.rstrip() for line in new] == [line.rstrip() for line in old]
        empty = not any(line.strip() for line in new)
        assert same or empty or indented(new, old) != new


# --- no fix ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("NO FIX: the data are broken", "the data are broken"),
        ("**NO FIX:** the data are broken.", "the data are broken."),
        ("no_fix - the data are broken", "the data are broken"),
        ("I looked.\n\nNO FIX: the data are broken\n", "the data are broken"),
        ("```\nNO FIX: the data are broken\n```", "the data are broken"),
        ("NO FIX", "no reason was given"),
    ],
)
def test_no_fix_is_an_answer(answer: str, why: str):
    assert parse(answer, [ONE]) == Read(no_fix=why)


# --- what is refused, and what is said of it ---------------------------------------------------


@pytest.mark.parametrize("answer", ["", "  \n\t\n", "\r\n"])
def test_nothing_is_nothing(answer: str):
    assert faults(answer) == ["the answer is empty"]


@pytest.mark.parametrize(
    "answer",
    [
        "You should call run(2) in main().",
        "Das Skript ruft die falsche Funktion auf.",
        '{"path": "a.py", "text": "import os"}',
        "```python\nrun(2)\n```",
        "--- a/a.py\n+++ b/a.py\n@@ -4 +4 @@\n-    run(1)\n+    run(2)\n",
    ],
)
def test_what_holds_no_file_is_told_the_form(answer: str):
    want = (
        "the answer holds no file: write a line 'FILE a.py', then its new text between ``` fences; or 'NO FIX: reason'"
    )
    assert faults(answer) == [want]


def test_the_form_names_the_region_where_one_was_shown():
    assert "'REGION long.py:10-14'" in faults("prose", PART)[0]


@pytest.mark.parametrize(
    "path",
    [
        "../a.py",
        "b/../../a.py",
        "/etc/passwd",
        "~/a.py",
        "C:\\a.py",
        "b//a.py",
        "b/./a.py",
        ".git/hooks/post-commit",
        "x/.GIT/config",
        "a\x1b[0m.py",
        "a\u202e.py",
        "d/" * 300 + "x",
    ],
)
def test_paths_stay_inside(path: str):
    [fault] = faults(f"FILE {path}\n```\n{NEW}```")
    assert "path" in fault


@pytest.mark.parametrize("path", ["$(id).py", "some b.py", "-rf", "x;y", "a*b", "x'y", "<secret-1>", "d/--x"])
def test_a_new_file_has_a_plain_name(path: str):
    [fault] = faults(f"FILE {path}\n```\nx\n```")
    assert "plain name" in fault


def test_a_stroke_of_windows_is_understood_where_the_file_was_shown():
    shown = Source("scripts/a.py", OLD)
    assert parse(f"FILE scripts\\a.py\n```\n{NEW}```", [shown]).edits == (Edit("scripts/a.py", NEW),)


@pytest.mark.parametrize("said", ["A.py", "path/to/a.py", "scripts/a.pyy", "Scripts/a.py"])
def test_a_wrong_name_is_answered_with_the_right_one(said: str):
    shown = Source("a.py" if said == "A.py" else "scripts/a.py", OLD)
    assert faults(f"FILE {said}\n```\n{NEW}```", shown) == [
        f"{said}: no such file was shown; did you mean {shown.path}?"
    ]


def test_a_file_that_was_not_shown_is_not_overwritten():
    said = faults("FILE b.py\n```\nx = 1\n```", tracked=["a.py", "b.py"])
    assert said == ["b.py: it was not shown, and a file that was not read is not overwritten"]


@pytest.mark.parametrize(
    "line",
    [
        "# ... rest of the code ...",
        "    # rest of your code here",
        "...",
        "// existing code",
        "# (unchanged)... ",
        "…",
        "<!-- rest of the file -->",
        "# ... (previous imports) ...",
        "# no changes below",
        "… lines 3-9 of a.py left out: no room",
    ],
)
def test_lines_that_stand_for_others_are_refused(line: str):
    [fault] = faults(f"FILE a.py\n```\nimport os\n{line}\n    stop(3)\n```")
    assert fault == f"a.py: {line.strip()!r} stands for lines that are left out: give every line of it"


@pytest.mark.parametrize("line", ["    # the rest is noise", "    x[..., 0]", "    print('loading...')"])
def test_words_that_only_look_alike_are_not(line: str):
    assert len(parse(f"FILE a.py\n```\n{OLD}{line}\n```", [ONE]).edits) == 1


def test_an_ellipsis_that_was_there_may_stay():
    old = "def f():\n    ...\n\nx = 1\n"
    assert parse("FILE a.py\n```\ndef f():\n    ...\n\nx = 2\n```", [Source("a.py", old)]).edits


def test_most_of_a_file_does_not_vanish():
    said = faults("FILE long.py\n```\nline 1\nline 2\n```", Source("long.py", LONG))
    assert said == ["long.py: 2 lines for 100: give every line of it, the unchanged ones too"]


def test_a_file_is_not_emptied():
    assert faults("FILE a.py\n```\n\n```") == ["a.py: its text is empty: a file or region is never emptied"]


@pytest.mark.parametrize("answer", [f"FILE a.py\n```\n{NEW}", "FILE a.py\n```python\nimport os", "FILE a.py\n```"])
def test_half_a_fence_is_an_answer_that_was_cut(answer: str):
    assert faults(answer)[0].startswith("a.py: its fence has no end")


def test_where_a_text_ends_must_be_clear():
    old = "text\n\n```\ncode\n```\n\nmore\n"
    said = faults(f"FILE r.md\n```\n{old.replace('code', 'kode')}```", Source("r.md", old))
    assert said == ["r.md: the text holds ``` itself, and where it ends is not clear: put ```` around it"]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            "REGION long.py:11-13\n```\nnew\nline 12\nline 13\n```",
            "lines 11-13 do not begin and end as they were shown: give",
        ),
        ("REGION long.py:11-13\n```\n```", "or all of 'REGION long.py:10-14'"),
        ("REGION long.py:1-3\n```\nline 1\n```", "lines 1-3 were not shown; write 'REGION long.py:10-14'"),
        ("REGION long.py:14-10\n```\nx\n```", "lines 14-10 were not shown"),
        ("FILE long.py\n```\nline 10\nline 11\n```", "only a part of it was shown: write 'REGION long.py:10-14'"),
        ("REGION new.py:1-2\n```\nx\n```", "there is no region of it"),
    ],
)
def test_a_region_is_one_that_was_shown(answer: str, said: str):
    [fault] = faults(answer, PART)
    assert said in fault


def test_two_blocks_for_one_place_are_one_too_many():
    answer = f"FILE a.py\n```\n{NEW}```\nFILE a.py\n```\n{OLD}x = 1\n```"
    assert faults(answer) == ["a.py: two blocks are for the same lines: give one block for a place"]


def test_one_file_that_is_wrong_is_enough():
    answer = f"FILE a.py\n```\n{NEW}```\nFILE ../b\n```\nx\n```"
    assert len(faults(answer)) == 1


def test_nothing_changed_is_said():
    assert faults(f"FILE a.py\n```\n{OLD}```") == ["the answer changes nothing: every line is as it was"]


def test_a_file_without_a_text_is_said():
    assert faults("FILE a.py\nI would change it.") == ["a.py: it is named, and no fence with its text follows"]


def test_a_change_and_no_fix_are_not_both_taken():
    said = faults(f"NO FIX: the data\n\nFILE a.py\n```\n{NEW}```")
    assert said == ["the answer says NO FIX and changes files: give one of both"]


@pytest.mark.parametrize("mark", ["\x00", "\x1b[31m", "\u202e", "\u200b", "\x07", "\ud800"])
def test_a_control_character_is_not_written_newly(mark: str):
    [fault] = faults(f"FILE a.py\n```\n{OLD}x = '{mark}'\n```")
    assert fault.startswith("a.py: the new text holds a control character (U+")


def test_too_much_is_too_much():
    assert faults("x" * 1_000_001) == ["the answer is longer than 1000000 characters"]
    many = "".join(f"FILE n{n}.py\n```\nx\n```\n" for n in range(21))
    assert faults(many) == ["the answer changes 21 places; the smallest change is asked for"]


# --- what is hidden ----------------------------------------------------------------------------

SECRET = "s3cr3t-token-of-nobody"  # noqa: S105
HELD = f"token = '{SECRET}'\nx = 1\n"


def hidden(answer: str, *shown: Source) -> Read:
    def restore(text: str) -> str:
        return text.replace("<secret-1>", SECRET)

    return parse(answer, shown, placeholder=r"<secret-\d+>", restore=restore)


def test_a_placeholder_becomes_what_it_stands_for():
    answer = "FILE a.py\n```\ntoken = '<secret-1>'\nx = 2\n```"
    assert hidden(answer, Source("a.py", HELD)) == Read(edits=(Edit("a.py", HELD.replace("x = 1", "x = 2")),))


def test_a_secret_may_leave_a_file():
    answer = "FILE a.py\n```\ntoken = os.environ['TOKEN']\nx = 1\n```"
    assert hidden(answer, Source("a.py", HELD)).edits[0].text == "token = os.environ['TOKEN']\nx = 1\n"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("FILE b.py\n```\ny = '<secret-1>'\n```", "which is not to be written anywhere else"),
        ("FILE new.py\n```\ny = '<secret-1>'\n```", "which is not to be written anywhere else"),
        ("FILE a.py\n```\ntoken = '<secret-1>'\nx = 1\nprint('<secret-1>')\n```", "not to be written anywhere else"),
        ("FILE a.py\n```\ntoken = '<secret-7>'\nx = 1\n```", "for none that there is"),
        (f"FILE b.py\n```\ny = '{SECRET}'\nz = '<secret-1>'\n```", "not to be written anywhere else"),
    ],
)
def test_a_secret_goes_nowhere_else(answer: str, said: str):
    read = hidden(answer, Source("a.py", HELD), Source("b.py", "y = 2\n"))
    assert read.edits == ()
    assert said in str(read.faults[0])


def test_a_fault_tells_of_its_file():
    assert (str(Fault("a.py", "why")), str(Fault("", "why"))) == ("a.py: why", "why")
