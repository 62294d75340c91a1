"""Values that a Python text draws by chance, where they might be taken for measured ones."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from heal.guard.hiding import HIDING
from heal.guard.python_names import Names
from heal.guard.rules import Trait

_LIBRARY = re.compile(r"(?:numpy|np|cupy|jax|torch|tf|tensorflow)\.random\.\w+|random\.\w+|torch\.rand\w*|secrets\.\w+")
_GENERATOR = re.compile(r"(?i)(?:.*\.)?\w*(?:rng|random_?state|generator)\w*(?:\(.*\))?\.(?P<draw>\w+)")
# a generator that is made has drawn nothing yet
_DRAWS_NOTHING = re.compile(r"(?:.*\.)?(?:seed|default_rng|RandomState|Generator|SeedSequence|Random|PCG64|\w*state)")
_DRAWS = re.compile(
    r"rand\w*|choices?|shuffle|permut\w+|sample|bytes|\w*normal\w*|uniform|integers|poisson|binomial|\w*gamma|beta"
    r"|\w*exponential|gauss|multinomial|triangular"
)
_STATISTICS = re.compile(r"(?:scipy\.)?stats\.\w+\.rvs")


def traits(tree: ast.Module, names: Names) -> Iterator[Trait]:
    """Each draw, by that it is one: what a library calls otherwise now draws as before."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _draws(names.dotted(node.func) or ast.unparse(node.func)):
            yield Trait(HIDING["hide.chance"], "a draw", node.lineno)


def _draws(name: str) -> bool:
    if _DRAWS_NOTHING.fullmatch(name):
        return False
    generator = _GENERATOR.fullmatch(name)
    own = generator is not None and _DRAWS.fullmatch(generator["draw"]) is not None
    return own or _LIBRARY.fullmatch(name) is not None or _STATISTICS.fullmatch(name) is not None
