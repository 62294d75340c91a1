"""Prompts: an unknown name is found before use, and nothing outside their folder is in reach."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from heal.chain.plan import Plan
from heal.chain.plan_file import default_file, load
from heal.chain.prompts import Facts, Prompts
from heal.errors import BadChain
from heal.patch import Size


def own(folder: Path, coder: str) -> tuple[Prompts, Plan, Path]:
    """The chain heal ships, with another prompt for the coder."""
    (folder / "prompts").mkdir()
    file = folder / "prompts" / "coder.j2"
    file.write_text(coder, encoding="utf-8")
    chain = folder / "chain.yaml"
    chain.write_text(default_file().read_text(encoding="utf-8"), encoding="utf-8")
    return Prompts(chain), load(chain), file


def trouble(folder: Path, coder: str) -> str:
    prompts, plan, file = own(folder, coder)
    [found] = prompts.troubles(plan)
    return found.replace(str(file), "coder.j2")


def test_a_prompt_says_the_rules_and_the_answers_form():
    plan = load()
    text = Prompts().render("coder", plan.coder, Facts("nextflow", ("*.nf", "bin/**"), Size.BIG))
    for words in ("(nextflow)", "DATA", "smallest change", "Never hide", "NO FIX:", "line ends", "*.nf, bin/**"):
        assert words in text
    assert "Others are asked about apart" in text
    assert "Others are asked" not in Prompts().render("coder", plan.coder, Facts("nextflow", (), Size.USUAL))


def test_the_same_project_gets_the_same_prompt():
    plan = load()
    facts = Facts("snakemake", ("workflow/**",))
    assert Prompts().render("triage", plan.roles["triage"], facts) == Prompts().render(
        "triage", plan.roles["triage"], facts
    )


def test_a_misspelt_name_is_found_before_use(tmp_path: Path):
    assert trouble(tmp_path, "one\n{{ enigne }}\n").startswith(
        "coder.j2:2: 'enigne' is not known; a prompt may name allow"
    )


def test_a_misspelt_name_is_found_where_no_sample_comes_by(tmp_path: Path):
    assert trouble(tmp_path, "{% if size == 'never' %}\n{{ enigne }}{% endif %}").startswith("coder.j2:2: 'enigne'")


def test_a_misspelt_attribute_is_found(tmp_path: Path):
    assert "has no attribute 'nmae'" in trouble(tmp_path, "{{ engine.nmae }}")


def test_a_mistake_of_form_is_found_with_its_line(tmp_path: Path):
    assert trouble(tmp_path, "a\nb\n{% if %}").startswith("role coder: coder.j2:3: ")


def test_what_it_includes_is_looked_at_too(tmp_path: Path):
    prompts, plan, file = own(tmp_path, "{% include 'more.j2' %}")
    (file.parent / "more.j2").write_text("\n\n{{ what }}")
    assert [each for each in prompts.troubles(plan) if "more.j2:3: 'what' is not known" in each]


@pytest.mark.parametrize("name", ["../secret.j2", "/etc/hostname", "link.j2", "nowhere.j2"])
def test_nothing_outside_the_folder_is_included(tmp_path: Path, name: str):
    (tmp_path / "secret.j2").write_text("secret words")
    prompts, plan, file = own(tmp_path, f"{{% include '{name}' %}}")
    (file.parent / "link.j2").symlink_to(tmp_path / "secret.j2")
    [found] = prompts.troubles(plan)
    assert "no prompt is called" in found or "lies outside" in found
    with pytest.raises(BadChain, match=r"no prompt is called|lies outside"):
        prompts.render("coder", plan.coder, Facts())


@pytest.mark.parametrize(
    "code",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ engine.__init__.__globals__ }}",
        "{{ allow.append.__self__.__class__ }}",
        "{% for n in range(10**9) %}x{% endfor %}",
    ],
)
def test_a_prompt_runs_in_a_sandbox(tmp_path: Path, code: str):
    prompts, plan, _file = own(tmp_path, code)
    assert len(prompts.troubles(plan)) == 1


def test_a_prompt_that_is_no_text_is_said(tmp_path: Path):
    prompts, plan, file = own(tmp_path, "")
    file.write_bytes(b"\xff\xfe\x00")
    assert "cannot be read" in prompts.troubles(plan)[0]
    file.write_text("x" * 70_000)
    assert "at most 64 KiB" in prompts.troubles(plan)[0]


def test_without_jinja_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(BadChain, match=r"pip install 'heal-hpc\[models\]'"):
        Prompts()


def test_marks_of_html_stay_as_they_are(tmp_path: Path):
    prompts, plan, _file = own(tmp_path, "{{ engine }} <b> & 'x'")
    assert prompts.render("coder", plan.coder, Facts("<a>")) == "<a> <b> & 'x'\n"
