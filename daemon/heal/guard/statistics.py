"""Which statistic, method or formula a text computes, and that another one takes its place."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping

from heal.guard.hiding import HIDING
from heal.guard.kinds import Language
from heal.guard.lexer import tokens
from heal.guard.rules import Trait

# other names of the same are no other statistic
_SAME = {
    "average": "mean",
    "rowMeans": "mean",
    "colMeans": "mean",
    "nanmean": "mean without what is missing",
    "nansum": "sum without what is missing",
    "rowSums": "sum",
    "colSums": "sum",
    "fsum": "sum",
    "product": "prod",
    "amax": "max",
    "pmax": "max",
    "amin": "min",
    "pmin": "min",
    "stdev": "sd",
    "std": "sd",
    "variance": "var",
    "percentile": "quantile",
    "nanpercentile": "quantile",
    "cumproduct": "cumprod",
    "binomtest": "binom_test",
    "sem": "standard error",
}
_STATISTICS = {
    *_SAME,
    *re.findall(
        r"\S+",
        """mean sum prod max min sd var median mode quantile mad gmean hmean cumsum cumprod skew kurtosis corr cov cor
        log log2 log10 log1p exp expm1 sqrt ttest_ind ttest_rel ttest_1samp t.test wilcox.test wilcoxon mannwhitneyu
        ks_2samp ks.test chisq.test chi2_contingency fisher_exact fisher.test binom_test binom.test pearsonr spearmanr
        kendalltau cor.test f_oneway kruskal kruskal.test aov""",
    ),
}
_OPPOSITES = (
    frozenset({"Add", "Sub"}),
    frozenset({"Mult", "Div"}),
    frozenset({"Add", "Mult"}),
    frozenset({"Mult", "Pow"}),
)
_NAMED = re.compile(
    r"(?i)(?:^|[ ._\[])(?:p_?adj\w*_?)?(?:method|alternative|test|correction|adjust\w*|metric|distance|family|link|how"
    r"|agg\w*|statistic|normali[sz]\w+|criterion|kernel|linkage|fit_?type|sf_?type|averag\w+|transform\w*"
    r"|aligner|mapper|caller|quantifier|tool|contrast|design|formula|genome|assembly|species|organism|reference)\]?$"
)
_WORD = re.compile(r"[A-Za-z][\w.:-]*")


def of_python(tree: ast.Module) -> Counter[str]:
    """What a text computes, and with what signs it calculates where no number is given."""
    found: Counter[str] = Counter()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name) and isinstance(node.ctx, ast.Load):
            name = node.attr if isinstance(node, ast.Attribute) else node.id
            found[_plain(name)] += name in _STATISTICS
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found[_plain(node.value)] += node.value in _STATISTICS
        elif isinstance(node, ast.BinOp) and not any(isinstance(one, ast.Constant) for one in (node.left, node.right)):
            found[type(node.op).__name__] += 1
    return +found


def of_words(text: str, language: Language) -> Counter[str]:
    """The same of a text that is known by its words; a column or an argument of that name is none."""
    found: Counter[str] = Counter()
    before, last = "", ""
    for token in tokens(text, language):
        if token.kind == "space":
            continue
        if last and token.text != "=":
            found[_plain(last)] += 1
        word = token.text.strip("\"'") if token.kind == "string" else token.text
        known = word in _STATISTICS and token.kind in {"string", "word"}
        last = word if known and before not in {"$", "@", "."} else ""
        before = token.text
    found[_plain(last)] += bool(last)
    return +found


def _plain(name: str) -> str:
    return _SAME.get(name, name)


def replaced(before: Mapping[str, int], after: Mapping[str, int]) -> Iterator[Trait]:
    """One that went and another that came: what only went or only came is told by other rules, or is none of these."""
    went, came = Counter(before) - Counter(after), Counter(after) - Counter(before)
    signs = {name for pair in _OPPOSITES for name in pair}
    if [name for name in went if name not in signs] and [name for name in came if name not in signs]:
        yield _told([name for name in went if name not in signs], [name for name in came if name not in signs])
    for pair in _OPPOSITES:
        if pair & {*went} and pair & {*came} and not pair <= {*went}:
            yield _told(sorted(pair & {*went}), sorted(pair & {*came}))


def _told(went: list[str], came: list[str]) -> Trait:
    return Trait(HIDING["hide.statistic"], f"{', '.join(went)} before, {', '.join(came)} now", 0)


def is_method(name: str, was: str, now: str) -> bool:
    """True for a value that names how something is computed: ``method = "BH"``."""
    return bool(_NAMED.search(name) and _WORD.fullmatch(was) and _WORD.fullmatch(now))
