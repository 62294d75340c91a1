"""The prompts of a chain: Jinja in a sandbox: an unknown name is an error, and no other file is in reach."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from heal.chain.answer import Class
from heal.chain.plan import Plan, Role
from heal.errors import BadChain
from heal.patch import Size
from heal.shipped import shipped

if TYPE_CHECKING:
    from jinja2.sandbox import SandboxedEnvironment

FOLDER = "prompts"
_MOST_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Facts:
    """What a prompt may name. All of it is the same for every incident of a project: servers keep what begins alike."""

    engine: str = ""
    allow: tuple[str, ...] = ()
    size: Size = Size.USUAL

    def names(self, name: str, role: Role) -> dict[str, Any]:
        """The names, with their values for a role."""
        return {
            "role": name,
            "engine": self.engine,
            "allow": list(self.allow),
            "size": self.size.value,
            "classes": [each.value for each in Class],
            "schema": json.dumps(role.answer, separators=(",", ":")) if role.answer else "",
            "max_tokens": role.max_tokens,
        }


SAMPLES = (
    Facts("snakemake", ("Snakefile", "workflow/**"), Size.USUAL),
    Facts("nextflow", ("*.nf",), Size.BIG),
    Facts("", (), Size.SIMPLE),
)


class Prompts:
    """The prompts that lie beside a chain's file in ``prompts/``; what is not there is taken from heal's own.

    Raises BadChain where Jinja is not installed (the extra ``models``).
    """

    def __init__(self, beside: Path | None = None) -> None:
        own = shipped("chains") / FOLDER
        self._folders = [folder for folder in (beside.parent / FOLDER if beside else None, own) if folder]
        self._jinja = self._environment()

    def render(self, name: str, role: Role, facts: Facts) -> str:
        """The prompt of a role. Raises BadChain, naming file and line."""
        from jinja2 import TemplateError  # noqa: PLC0415 - of the extra ``models``

        try:
            return self._jinja.get_template(role.prompt or "").render(facts.names(name, role)).strip() + "\n"
        except TemplateError as error:
            line = getattr(error, "lineno", None)
            raise BadChain(f"{self.file(role.prompt or '')}{f':{line}' if line else ''}: {error.message}.") from error
        except (ArithmeticError, TypeError, ValueError, AttributeError, LookupError, RecursionError) as error:
            raise BadChain(f"{self.file(role.prompt or '')}: cannot be rendered: {error}.") from error

    def troubles(self, plan: Plan) -> list[str]:
        """What is wrong with the prompts of a chain, each rendered for every kind of incident; empty: nothing."""
        found: list[str] = []
        for name, role in plan.roles.items():
            if role.prompt is None:
                continue
            try:
                unknown = list(self._unknown(role.prompt, set(Facts().names(name, role)), set()))
                found += unknown
                for facts in SAMPLES if not unknown else ():
                    self.render(name, role, facts)
            except BadChain as error:
                found.append(f"role {name}: {error}")
        return list(dict.fromkeys(found))

    def file(self, name: str) -> Path:
        """Where a prompt lies. Raises BadChain where it lies nowhere, or outside the folders of prompts."""
        for folder in self._folders:
            file = folder / name
            if file.is_file():
                # a link, or a name with .., may lead anywhere
                if not file.resolve().is_relative_to(folder.resolve()):
                    raise BadChain(f"{file}: lies outside {folder}: prompts are only read from there.")
                return file
        raise BadChain(f"no prompt is called {name!r}: looked in {' and '.join(map(str, self._folders))}.")

    def _unknown(self, prompt: str, known: set[str], seen: set[str]) -> Iterator[str]:
        """Names that no prompt is given, also where this incident would not come by; and so of what it includes."""
        from jinja2 import TemplateSyntaxError, meta, nodes  # noqa: PLC0415 - of the extra ``models``

        file = self.file(prompt)
        try:
            tree = self._jinja.parse(self._text(file))
        except TemplateSyntaxError as error:
            raise BadChain(f"{file}:{error.lineno}: {error.message}.") from error
        for name in sorted(meta.find_undeclared_variables(tree) - known):
            line = next((node.lineno for node in tree.find_all(nodes.Name) if node.name == name), 1)
            yield f"{file}:{line}: {name!r} is not known; a prompt may name {', '.join(sorted(known))}."
        for other in meta.find_referenced_templates(tree):
            if other and other not in seen:
                yield from self._unknown(other, known, seen | {other})

    def _environment(self) -> SandboxedEnvironment:
        try:
            from jinja2 import FunctionLoader, StrictUndefined, TemplateNotFound  # noqa: PLC0415
            from jinja2.sandbox import SandboxedEnvironment  # noqa: PLC0415
        except ImportError as error:
            raise BadChain("prompts need jinja2: pip install 'heal-hpc[models]'.") from error

        def source(name: str) -> str:
            try:
                return self._text(self.file(name))
            except BadChain as error:
                raise TemplateNotFound(name, str(error).rstrip(".")) from error

        # what is made is text for a model, not HTML
        return SandboxedEnvironment(
            loader=FunctionLoader(source),
            undefined=StrictUndefined,
            autoescape=False,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )

    @staticmethod
    def _text(file: Path) -> str:
        try:
            with file.open(encoding="utf-8") as opened:
                text = opened.read(_MOST_BYTES + 1)
        except (OSError, UnicodeDecodeError) as error:
            raise BadChain(f"{file}: the prompt cannot be read: {error}.") from error
        if len(text) > _MOST_BYTES:
            raise BadChain(f"{file}: a prompt has at most {_MOST_BYTES // 1024} KiB.")
        return text
