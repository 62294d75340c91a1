"""Stack traces of every language: the error and the user's own frame stay."""

from __future__ import annotations

import pytest

from heal.evidence.folding import Part, folded

PYTHON = """\
Traceback (most recent call last):
  File "/env/lib/python3.11/site-packages/pandas/core/indexes/base.py", line 3805, in get_loc
    return self._engine.get_loc(casted_key)
           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "index.pyx", line 167, in pandas._libs.index.IndexEngine.get_loc
KeyError: 'gene'

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/home/ada/flow/scripts/count.py", line 12, in <module>
    main()
  File "/home/ada/flow/scripts/count.py", line 8, in main
    frame["gene"]
  File "/env/lib/python3.11/site-packages/pandas/core/frame.py", line 4102, in __getitem__
    indexer = self.columns.get_loc(key)
  File "/env/lib/python3.11/site-packages/pandas/core/indexes/base.py", line 3812, in get_loc
    raise KeyError(key) from err
KeyError: 'gene (again)'"""

JAVA = """\
Exception in thread "main" java.lang.RuntimeException: run failed
	at org.codehaus.groovy.runtime.Invoker.call(Invoker.java:1)
	at lab.caller.Main.run(Main.java:10)
	at lab.caller.Main.main(Main.java:5)
Caused by: java.io.UncheckedIOException: cannot load
	at lab.caller.Loader.load(Loader.java:44)
	... 2 more
Caused by: java.nio.file.NoSuchFileException: ref.fa
	at java.base/sun.nio.fs.UnixException.translate(UnixException.java:92)
	at java.base/java.nio.file.Files.newByteChannel(Files.java:380)
	at lab.caller.Loader.open(Loader.java:60)
	... 3 more"""

NODE = """\
TypeError: Cannot read properties of undefined (reading 'id')
    at Object.parse (/home/ada/tool/parse.js:10:5)
    at Module._compile (node:internal/modules/cjs/loader:1256:14)
    at run (/home/ada/tool/node_modules/yargs/index.js:3:1)
    at node:internal/main/run_main_module:28:49"""

GO = """\
panic: runtime error: index out of range [5] with length 3

goroutine 1 [running]:
runtime.gopanic(0x1)
	/usr/local/go/src/runtime/panic.go:884 +0x212
main.count(0xc000012345)
	/home/ada/tool/main.go:10 +0x1d
runtime.main()
	/usr/local/go/src/runtime/proc.go:250 +0x1f"""

RUST = """\
thread 'main' panicked at src/main.rs:4:5: no reads
stack backtrace:
   0: rust_begin_unwind
             at /rustc/abc/library/std/src/panicking.rs:645:5
   1: core::panicking::panic_fmt
             at /rustc/abc/library/core/src/panicking.rs:72:14
   2: tool::main
             at ./src/main.rs:4:5
   3: core::ops::function::FnOnce::call_once
             at /rustc/abc/library/core/src/ops/function.rs:250:5"""

PERL = """\
Can't open reads.fq at /home/ada/bin/trim.pl line 9.
	main::read_all("reads.fq") called at /home/ada/bin/trim.pl line 20
	Carp::Always::run(1) called at /usr/share/perl5/Carp/Always.pm line 3
	Try::Tiny::try(2) called at /usr/share/perl5/Try/Tiny.pm line 100"""

R = """\
Error in `count()`:
Backtrace:
    ▆
 1. ├─global tally(x)
 2. │ └─dplyr::count(x, gene)
 3. └─dplyr:::mutate(x)
 4.   └─rlang::abort(message)"""

CPP = """\
terminate called after throwing an instance of 'std::bad_alloc'
  what():  std::bad_alloc
/lib/x86_64-linux-gnu/libc.so.6(+0x42520)[0x7f2]
./caller(_Z4callv+0x1d)[0x55d]
/lib/x86_64-linux-gnu/libc.so.6(__libc_start_main+0x80)[0x7f3]"""

SHELL = "\n".join([*[f"+ step {n}" for n in range(5)], "+ tool S1", "tool: boom", "+ cleanup"])


def told(text: str) -> list[tuple[str, str]]:
    lines = dict(enumerate(text.split("\n"), start=1))
    found = folded(lines).parts
    return [
        (found[n].value, line.split()[0] if found[n] is Part.OWN else line.strip())
        for n, line in lines.items()
        if n in found and found[n] not in (Part.FRAME, Part.HEADER, Part.COMMAND)
    ]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        pytest.param(
            JAVA,
            [
                ("error", 'Exception in thread "main" java.lang.RuntimeException: run failed'),
                ("own", "at"),
                ("own", "at"),
                ("error", "Caused by: java.io.UncheckedIOException: cannot load"),
                ("own", "at"),
                ("own", "..."),
                ("root", "Caused by: java.nio.file.NoSuchFileException: ref.fa"),
                ("own", "at"),
            ],
            id="java",
        ),
        pytest.param(
            NODE,
            [("root", "TypeError: Cannot read properties of undefined (reading 'id')"), ("own", "at")],
            id="node",
        ),
        pytest.param(
            GO,
            [
                ("root", "panic: runtime error: index out of range [5] with length 3"),
                ("own", "main.count(0xc000012345)"),
                ("own", "/home/ada/tool/main.go:10"),
            ],
            id="go",
        ),
        pytest.param(
            RUST,
            [("root", "thread 'main' panicked at src/main.rs:4:5: no reads"), ("own", "2:"), ("own", "at")],
            id="rust",
        ),
        pytest.param(
            PERL,
            [("root", "Can't open reads.fq at /home/ada/bin/trim.pl line 9."), ("own", 'main::read_all("reads.fq")')],
            id="perl",
        ),
        pytest.param(R, [("root", "Error in `count()`:"), ("own", "1.")], id="r"),
        pytest.param(CPP, [("root", "what():  std::bad_alloc"), ("own", "./caller(_Z4callv+0x1d)[0x55d]")], id="c++"),
    ],
)
def test_of_a_trace_the_errors_and_the_own_frames_stay(text: str, kept: list[tuple[str, str]]) -> None:
    assert told(text) == kept


def test_the_root_of_a_chain_in_python_is_its_first_cause() -> None:
    assert told(PYTHON) == [
        ("own", "File"),
        ("own", "return"),
        ("own", "^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^"),
        ("own", "File"),
        ("root", "KeyError: 'gene'"),
        ("own", "File"),
        ("own", "main()"),
        ("own", "File"),
        ("own", 'frame["gene"]'),
        ("error", "KeyError: 'gene (again)'"),
    ]


def test_of_what_a_shell_shows_the_last_before_a_word_stays() -> None:
    lines = dict(enumerate(SHELL.split("\n"), start=1))
    assert [n for n, part in folded(lines).parts.items() if part is Part.COMMAND] == [1, 2, 3, 4]


def test_folded_frames_are_named_by_whose_they_are() -> None:
    lines = dict(enumerate(PYTHON.split("\n"), start=1))
    assert folded(lines).whose(list(lines)) == "pandas"


def test_a_recursion_keeps_its_ends() -> None:
    frames = "".join(f'  File "walk.py", line {n}, in walk\n    walk(x)\n' for n in range(500))
    lines = dict(enumerate(f"Traceback (most recent call last):\n{frames}RecursionError: too deep".split("\n"), 1))

    kept = [n for n, part in folded(lines).parts.items() if part is Part.OWN]

    assert kept == [2, 3, 998, 999, 1000, 1001]


@pytest.mark.parametrize(
    "line", ["1: chr1 looks fine", "2. step done", "look at /data/x:3", "at 12:00 it began", "#5 of 9"]
)
def test_what_only_looks_like_a_frame_is_none(line: str) -> None:
    assert folded({1: "before", 2: line, 3: "after"}).parts == {}
