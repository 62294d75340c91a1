"""What R scripts, and other languages that have no parser here, must not gain or lose."""

from __future__ import annotations

import re
from collections.abc import Iterator

from heal.guard import r_reach, r_rows
from heal.guard.hiding import HIDING
from heal.guard.kinds import Language
from heal.guard.lexer import code_only, folded
from heal.guard.modules import R
from heal.guard.powers import POWERS
from heal.guard.rules import Trait
from heal.guard.statuses import BECOME_0
from heal.guard.words import matched, rows

_RULES = {**HIDING, **POWERS}
_NOT_A_FIELD = r"(?<![$@\w.])"

# names that are a power wherever they are read: called, handed over, or spelled in a string
_NAMED = {
    "power.process": (
        "system system2 shell shell.exec pipe sys.call processx callr run_process exec_wait exec_internal"
        " r_bg fork mcparallel"
    ),
    "power.network": (
        "download.file url socketConnection curl_download curl_fetch_memory curl httr httr2 RCurl GET POST"
        " getURL url.show browseURL make.socket gdown googledrive aws.s3 sendmailR nsl ftpUpload"
    ),
    "power.code": (
        "eval evalq parse str2lang str2expression do.call match.fun get get0 mget assign body formals"
        " sys.function trace untrace tracer"
        " .C .Call .Fortran .External .Internal dyn.load library.dynam sourceCpp cppFunction inline"
        " reticulate py_run_string rJava .jcall environment as.function"
        " delayedAssign makeActiveBinding attach assignInNamespace unlockBinding setHook addTaskCallback"
        " reg.finalizer local_eval rlang::eval_tidy eval_tidy sys.source loadNamespace Reduce.eval"
    ),
    "power.delete": "unlink file.remove file_delete dir_delete dirdelete file.rename",
    "power.install": (
        "install.packages install_github BiocManager remotes devtools pak renv packrat biocLite"
        " install_version update.packages"
    ),
    "power.secrets": "Sys.getenv Sys.setenv keyring Sys.info askpass getPass",
    "power.rights": "Sys.chmod Sys.umask pskill",
    "power.at_exit": "on.exit .Last .First quit.hook",
    "power.move": "setwd file.symlink file.copy",
    "power.unpickle": "unserialize load attachNamespace",
    "power.decode": "base64decode base64_dec rawToChar intToUtf8 chartr memDecompress",
}
_HARMLESS_IN_STRINGS = frozenset(
    {
        "url",
        "get",
        "load",
        "body",
        "trace",
        "local",
        "shell",
        "parse",
        "GET",
        "inline",
        "environment",
        "assign",
        "attach",
        "pipe",
    }
)

_ROWS = rows(
    _RULES,
    (
        "hide.swallow",
        (
            r"\btry\s*\([^\n]*|\btryCatch\s*\(|\bwithCallingHandlers\s*\(|\btryInvokeRestart\b"
            r"|\binvokeRestart\s*\(|\bpurrr::(?:safely|possibly|quietly)|\b(?:safely|possibly)\s*\(|\btry_fetch\b"
        ),
    ),
    (
        "hide.warnings",
        (
            r"\bsuppress(?:Warnings|Messages|PackageStartupMessages)\s*\(|\bwarn\s*=\s*-?\d+"
            r"|\boptions\s*\(\s*(?:warn|show\.error)\S*"
        ),
    ),
    (
        "hide.silence",
        (
            r"\bsink\s*\(\s*(?:nullfile|[\"']/dev/null|tempfile|textConnection)|\bfile\s*\(\s*[\"']/dev/null"
            r"|\bshow\.error\.messages\s*=\s*F|\bsilent\s*=\s*T\w*|\boptions\s*\(\s*error\b.*"
        ),
    ),
    (
        "hide.exit_ok",
        rf"\b(?:quit|q)\s*\((?![^)\n]*status\s*=\s*(?!{BECOME_0})[1-9])[^)\n]*\)|\binvisible\s*\(\s*\)\s*$",
    ),
    (
        "hide.check_gone",
        (
            r"(?P<key>\b(?:stopifnot|stop|assert_that|assertthat|abort|checkmate|assert\w*|validate\w*|testthat"
            r"|expect_\w+|match\.arg|file\.exists))\s*\("
        ),
    ),
    ("hide.check_weaker", r"(?P<key>\bstopifnot\s*\([^\n]*)"),
    ("hide.check_changed", r"(?P<key>\bif\s*\([^\n]*\)\s*\{?\s*(?:\n\s*)?stop\b)"),
    ("hide.check_true", r"\bif\s*\(\s*(?:TRUE|FALSE|T|F|0|1)\s*\)|\bstopifnot\s*\(\s*(?:TRUE|T|1)?\s*\)"),
    (
        "hide.skip",
        (
            r"\bnext\b|\bbreak\b|\bsetdiff\s*\([^\n]*|\bhead\s*\([^\n]*|\bfilter\w*\s*\([^\n]*|\bsubset\s*\([^\n]*"
            r"|\bslice\w*\s*\([^\n]*|\[\s*-\s*(?:\d+|which|c\()[^\n]*|\bFilter\s*\([^\n]*|\bdiscard\s*\([^\n]*"
            r"|\bskip\s*=\s*\d+|\bnrows?\s*=\s*\d+|\bn_max\s*=\s*\d+"
        ),
    ),
    (
        "hide.skip_names",
        r"""[\w.$]*(?:sample|id|name|chrom|lane|file|group|gene|cell)[\w.$]*(?:\[[^\]]*\])?\s*(?:==|!=|%in%)\s*(?:c\s*\()?\s*["'][^"'\n]+["'].*""",
    ),
    (
        "hide.drop_rows",
        (
            r"\bna\.omit\b|\bcomplete\.cases\b|\bis\.na\s*\([^\n]*\)\s*\]?\s*<-.*|\bna\.rm\s*=\s*T\w*|\bdrop_na\b"
            r"|\breplace_na\b|\bna\.action\s*=\s*\S+|\bfill\s*=\s*T\w*|\bexclude\s*=.*"
        ),
    ),
    (
        "hide.empty_output",
        (
            r"\bfile\.create\s*\(|\bfile_create\b|\bfile_touch\b|\bdata\.frame\s*\(\s*\)|\bmatrix\s*\(\s*(?:NA|0"
            r"|1)?\s*[,)]|\bcat\s*\(\s*[\"']{2}"
        ),
    ),
    (
        "hide.literal_output",
        r"""\bwriteLines\s*\(\s*["'][^"'\n]+["']\s*,|\b(?:cat|write)\s*\(\s*["'][^"'\n]+["']\s*,\s*(?:file|con|["'])[^\n]*""",
    ),
    (
        "hide.fallback",
        (
            r"\bifelse\s*\([^\n]*,\s*(?:-?\d[\d.]*|NA\w*|[\"'][^\"'\n]*[\"'])\s*[,)]|\bcoalesce\s*\(|%\|\|%"
            r"|\bif\s*\([^\n]*\)\s*-?\d[\d.]*\s*else\b|\belse\s+(?:-?\d[\d.]*|NA\w*|[\"'][^\"'\n]*[\"'])\s*$"
        ),
    ),
    ("hide.constant_text", r"\$[\w.]+\s*<-\s*(?:-?\d[\d.]*|[\"'][^\"'\n]*[\"'])\s*$"),
    ("hide.wait", r"\bSys\.sleep\s*\("),
    # without the library it goes on, and says so with a value that nobody looks at
    ("hide.swallow_narrow", r"^\s*(?:suppress\w+\s*\(\s*)?(?P<key>require(?:Namespace)?)\s*\("),
    (
        "hide.chance",
        r"(?<![\w.$])(?:sample(?:\.int|_n|_frac)?|slice_sample|r(?:norm|unif|binom|pois|exp|gamma|beta|nbinom|t))\s*\(",
    ),
    ("hide.dead_code", r"^\s*return\s*\([^\n]*\)\s*$(?=\s*\n\s*[^\s}])"),
    (
        "power.code",
        r"\bsource\s*\(\s*(?:url|[\"'](?:https?|ftp|/|~))[^\n]*|`[^`\n]*`\s*<-\s*function|\bbase::`?\w*`?\s*\(\s*[\"']",
    ),
    ("power.include_asked", r"\bsource\s*\([^\n]*"),
    (
        "power.replaced",
        (
            r"(?P<key>^\s*`?(?:stopifnot|stop|tryCatch|warning|library|require|identical|all\.equal|is\.na"
            r"|file\.exists|read\.\w+|write\.\w+|c|T|F|TRUE|mean|sum|length|nrow|\(|\{|if|\+|<-)`?)\s*(?:<-"
            r"|=)\s*\S+"
        ),
    ),
)
_OTHER = rows(
    _RULES,
    (
        "power.process",
        (
            r"\bsystem\b|\bexec\b|\bqx\b|\bpopen\b|\bfork\b|\bspawn\b|(?<!\\)`[^`\n]+`|\brun\s*\(\s*`"
            r"|\bpipeline\s*\(|\bopen\w*\s*\(?[^\n]*\|[^|\n]*[\"']"
        ),
    ),
    (
        "power.network",
        r"\b(?:LWP|HTTP|IO::Socket|Net::\w+|Sockets|Downloads?|download|urlopen|TCPSocket|open-uri|curl|wget|Mojo)\b",
    ),
    (
        "power.code",
        (
            r"\beval\b|\brequire\s+[\"'$]|\bdo\s+[\"']|\bccall\b|\bMeta\.parse\b|\binclude_string\b|\bsyscall\b"
            r"|\b__DATA__\b|\buse\s+lib\b|\bBEGIN\s*\{(?=[^}]*\$ENV)|/\w*ee\w*[;\s]"
        ),
    ),
    ("power.delete", r"\b(?:unlink|rmdir|rmtree|remove_tree|rm)\b"),
    ("power.secrets", r"\$ENV\{[^}]*\}|%ENV\b|\bENV\[[^\]]*\]|\bENVIRON\b"),
    ("power.rights", r"\b(?:chmod|chown|kill|umask)\b"),
    ("power.import", r"^\s*(?:use|using|import|require)\s+[A-Z][\w:.]*"),
    ("hide.exit_ok", rf"\bexit\s*(?:\(\s*(?:0|{BECOME_0})?\s*\)|0|{BECOME_0})?\s*;?\s*$"),
    (
        "hide.swallow",
        (
            r"\bcatch\b|\brescue\b|\bno\s+strict\b|\bno\s+warnings\b|\$SIG\{__(?:DIE|WARN)__\}|\bor\s+(?:1|next"
            r"|return)\b|\|\|\s*(?:1|next|true)\b"
        ),
    ),
    (
        "hide.check_gone",
        r"(?P<key>\b(?:die|croak|confess|@assert|error|throw|raise|assert|use\s+strict|exit\s*\(?[1-9]))",
    ),
    ("hide.skip", r"\bnext\b|\blast\b|\bcontinue\b|\[\s*\d+\s*(?:\.\.|:)\s*\d+\s*\]|\bgrep\s*\{|\bfilter\s*[({]"),
    ("hide.wait", r"\bsleep\b"),
    ("hide.silence", r"2>\s*/dev/null|\bopen\s*\(?\s*STDERR"),
    ("hide.check_true", r"\bif\s*\(?\s*(?:0|1|true|false)\s*\)?\s*[{;]"),
)


def traits(text: str) -> Iterator[Trait]:
    """All that an R text does: rows of patterns, and names that are a power wherever they stand."""
    code = _pasted(folded(code_only(text, Language.R)))
    yield from matched(_ROWS, code)
    yield from r_reach.traits(code)
    yield from r_rows.traits(code)
    for rule, words in _NAMED.items():
        for name in words.split():
            yield from _named(rule, name, code)
    for found in re.finditer(
        r"\b(?:library|require|requireNamespace|loadNamespace)\s*\(\s*[\"']?([\w.]+)|\b([A-Za-z][\w.]*):::?", code
    ):
        if (name := found[1] or found[2]) not in R:
            yield Trait(POWERS["power.import"], name, code.count("\n", 0, found.start()) + 1)
    for found in re.finditer(r"\b([\w.]+)\s*(?:<-|=)\s*function\b", code):
        yield Trait(HIDING["hide.function_gone"], "function", code.count("\n", 0, found.start()) + 1)


def _named(rule: str, name: str, code: str) -> Iterator[Trait]:
    plain = re.escape(name)
    for found in re.finditer(rf"{_NOT_A_FIELD}`?{plain}`?(?![\w.]|\s*=(?!=))", code):
        before = code[: found.start()].rstrip(" ")[-1:]
        after = code[found.end() : found.end() + 2].lstrip(" ")[:1]
        text = before in "\"'" and after in "\"'" and before and after
        call = after == "(" or code[found.end() : found.end() + 2] == "::"
        value = not text and (before in "(,=-" or code[: found.start()].rstrip().endswith("<-")) and after in ",)\n;"
        if call or (text and name not in _HARMLESS_IN_STRINGS) or (value and name not in _HARMLESS_IN_STRINGS):
            call_of = (
                re.match(r"\s*\(\s*([^\n,)]*)", code[found.end() :])
                if rule in {"power.process", "power.network", "power.delete"}
                else None
            )
            key = f"{name} {call_of[1] if call_of else ''}".strip()
            yield Trait(POWERS[rule], key, code.count("\n", 0, found.start()) + 1)


def _pasted(code: str) -> str:
    """``paste0("sys", "tem")`` as the string it gives."""

    def joined(found: re.Match[str]) -> str:
        return '"' + "".join(re.findall(r"""["']([^"'\n]*)["']""", found[1])) + '"'

    return re.sub(
        r"""\b(?:paste0|str_c|paste)\s*\(((?:\s*["'][^"'\n]*["']\s*,?)+(?:\s*(?:sep|collapse)\s*=\s*["']{2}\s*)?)\)""",
        joined,
        code,
    )


def of_other(text: str) -> Iterator[Trait]:
    """The same for a text in a language that is known by words alone."""
    yield from matched(_OTHER, folded(code_only(text, Language.OTHER)))
