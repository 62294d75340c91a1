"""What models are asked is made in few places, and its texts in one: whoever adds another is to say so here."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import heal

ROOT = Path(heal.__file__).parent


def calls(module: Path, made: str, name: str) -> bool:
    """True where a module calls a name of another one, under whatever name it has it."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    return bool(
        set(known_as(tree, made, name)) & {ast.unparse(one.func) for one in ast.walk(tree) if isinstance(one, ast.Call)}
    )


def known_as(tree: ast.AST, made: str, name: str) -> Iterator[str]:
    package, _, last = made.rpartition(".")
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == made:
            yield from (one.asname or one.name for one in node.names if one.name == name)
        if isinstance(node, ast.ImportFrom) and node.module == package:
            yield from (f"{one.asname or one.name}.{name}" for one in node.names if one.name == last)
        if isinstance(node, ast.Import):
            yield from (f"{one.asname or one.name}.{name}" for one in node.names if one.name == made)


def who_calls(made: str, name: str) -> set[str]:
    """The modules outside of heal.models that do."""
    found = {path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.py") if calls(path, made, name)}
    return {path for path in found if not path.startswith("models/")}


def test_questions_are_made_by_the_chain_by_people_and_for_remarks_alone():
    assert who_calls("heal.dialogue", "Question") == {
        "chain/asking.py",
        "consulting/talk.py",
        "consulting/remarks.py",
    }


def test_their_texts_are_made_by_the_payload_alone():
    assert who_calls("heal.dialogue", "Message") == {"payload/build.py", "payload/archive.py"}
    assert who_calls("heal.payload.build", "build") == {
        "consulting/parts.py",
        "consulting/talk.py",
        "consulting/remarks.py",
    }


def test_what_hides_secrets_is_made_in_one_place():
    assert who_calls("heal.payload.redact", "Redactor") == {"consulting/hiding.py"}


def test_a_module_is_found_under_whatever_name_it_has_them(tmp_path: Path):
    ways = [
        "from heal.dialogue import Question as Q\nQ('a', ())\n",
        "from heal import dialogue\ndialogue.Question('a', ())\n",
        "import heal.dialogue as d\nd.Question('a', ())\n",
        "def f():\n    import heal.dialogue\n    return heal.dialogue.Question('a', ())\n",
    ]
    for number, text in enumerate(ways):
        (tmp_path / f"m{number}.py").write_text(text)
    (tmp_path / "other.py").write_text("from heal.steps.check import Question\nQuestion('a')\n")
    found = [calls(path, "heal.dialogue", "Question") for path in sorted(tmp_path.glob("*.py"))]
    assert found == [True, True, True, True, False]
