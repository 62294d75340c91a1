"""What a Python text ran of itself is still run, and not only put off."""

from __future__ import annotations

import pytest
from tests.guard.test_inspecting import judged, rules

from heal.records import Verdict

SCRIPT = """import sys

import pandas as pd


def load(path):
    frame = pd.read_csv(path)
    return frame


def each(path):
    load(path).to_csv(path + ".out")


class Shown:
    def show(self):
        print(self)


def main():
    for path in sys.argv[1:]:
        each(path)
    Shown().show()


START"""
PLAIN = 'if __name__ == "__main__":\n    main()\n'


def started(start: str, **changes: str) -> tuple[str, ...]:
    text = SCRIPT
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    return judged({"scripts/a.py": SCRIPT.replace("START", PLAIN)}, {"scripts/a.py": text.replace("START", start)})


@pytest.mark.parametrize(
    "start",
    [
        "    from concurrent.futures import ThreadPoolExecutor\n    ThreadPoolExecutor().submit(main)\n",
        "    from concurrent.futures import ThreadPoolExecutor as T\n    with T() as pool:\n        pool.submit(main)\n",
        "    from concurrent.futures import ThreadPoolExecutor as T\n    job = T().submit(main)\n    print(job)\n",
        "    import multiprocessing\n    multiprocessing.Pool().apply_async(main)\n",
        "    from joblib import Parallel, delayed\n    Parallel(return_as='generator')([delayed(main)()])\n",
        "    map(lambda f: f(), [main])\n",
        "    _ = map(lambda f: f(), [main])\n",
        "    filter(main, [1])\n",
        "    (main() for _ in [1])\n",
        "    rest = (main() for _ in [1])\n",
        "    lambda: main()\n",
        "    run = lambda: main()\n",
        "    run = main\n",
        "    (main,)\n",
        "    print('started')\n",
        "    from functools import partial\n    partial(main)\n",
        "    from asyncio import to_thread, gather\n    gather(to_thread(main))\n",
    ],
)
def test_what_was_run_and_is_put_off_is_asked_about(start: str):
    assert "hide.not_run" in rules(started('if __name__ == "__main__":\n' + start))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("def main():", "async def main():"),
        ("    return frame\n", "    yield frame\n"),
        ("    return frame\n", "    yield from [frame]\n"),
        ("        each(path)\n", "        lambda: each(path)\n"),
        ("        each(path)\n", "        map(each, [path])\n"),
        ("    for path in sys.argv[1:]:\n        each(path)\n", "    (each(path) for path in sys.argv[1:])\n"),
        ("    for path in sys.argv[1:]:\n        each(path)\n", "    map(each, sys.argv[1:])\n"),
    ],
)
def test_so_it_is_within_a_function(old: str, new: str):
    assert "hide.not_run" in rules(started(PLAIN, **{old: new}))


@pytest.mark.parametrize(
    "start",
    [
        'if __name__ == "__main__" and len(sys.argv) > 9:\n    main()\n',
        'if __name__ == "__main__" and sys.argv[5:]:\n    main()\n',
        'if __name__ == "__main__":\n    if sys.argv[5:]:\n        main()\n',
        'if __name__ == "__main__":\n    sys.argv[5:] and main()\n',
        'if __name__ == "__main__":\n    main() if sys.argv[5:] else None\n',
        'if __name__ == "__main__":\n    for _ in sys.argv[9:]:\n        main()\n',
        'if __name__ == "__main__":\n    while len(sys.argv) > 9:\n        main()\n        break\n',
        'if __name__ == "__main__":\n    if not sys.argv[1:]:\n        print()\n    else:\n        main()\n',
    ],
)
def test_what_was_run_always_and_is_now_under_a_condition_is_asked_about(start: str):
    found = started(start)
    assert "hide.conditional" in rules(found)


@pytest.mark.parametrize(
    "start",
    [
        "main()\n",
        'if "__main__" == __name__:\n    main()\n',
        'if __name__ == "__main__":\n    sys.exit(main())\n',
        'if __name__ == "__main__":\n    raise SystemExit(main())\n',
        'if __name__ == "__main__":\n    code = main()\n    sys.exit(code)\n',
        'if __name__ == "__main__":\n    print(main())\n',
        'if __name__ == "__main__":\n    list(map(lambda f: f(), [main]))\n',
        'if __name__ == "__main__":\n    for start in (main,):\n        start()\n',
        'if __name__ == "__main__":\n    with open(sys.argv[1]) as _:\n        main()\n',
        'def run():\n    main()\n\n\nif __name__ == "__main__":\n    run()\n',
        'if __name__ == "__main__":\n    from concurrent.futures import ThreadPoolExecutor as T\n    T().submit(main).result()\n',
    ],
)
def test_what_is_run_in_another_way_is_let_pass(start: str):
    assert not {"hide.not_run", "hide.conditional"} & {*rules(started(start))}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    for path in sys.argv[1:]:\n        each(path)\n", "    list(map(each, sys.argv[1:]))\n"),
        ("    for path in sys.argv[1:]:\n        each(path)\n", "    [each(path) for path in sys.argv[1:]]\n"),
        (
            "    for path in sys.argv[1:]:\n        each(path)\n",
            "    for path in sorted(sys.argv[1:]):\n        each(path)\n",
        ),
        ("    load(path).to_csv", "    frame = load(path)\n    frame.to_csv"),
        ("    load(path).to_csv", "    pd.read_csv(path, sep=',').to_csv"),
        ("    Shown().show()\n", "    shown = Shown()\n    shown.show()\n"),
    ],
)
def test_a_function_that_is_called_otherwise_is_let_pass(old: str, new: str):
    assert "hide.not_run" not in rules(started(PLAIN, **{old: new}))


def test_a_generator_and_a_coroutine_that_were_there_are_run_as_before():
    before = "import asyncio\n\n\nasync def main():\n    await work()\n\n\ndef rows():\n    yield 1\n\n\nprint(*rows())\nasyncio.run(main())\n"
    assert judged({"a.py": before}, {"a.py": before.replace("print(*rows())", "print(sum(rows()))")}) == ()
    for written in ("main()", "x = main()"):
        found = judged({"a.py": before}, {"a.py": before.replace("asyncio.run(main())", written)})
        assert "hide.not_run" in rules(found)
    assert "hide.not_run" in rules(judged({"a.py": before}, {"a.py": before.replace("print(*rows())", "rows()")}))


def test_it_is_a_question():
    assert Verdict.REFUSE not in {one.verdict for one in started('if __name__ == "__main__":\n    print(1)\n')}
