"""What Nextflow scripts and configurations must not gain or lose, by their words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from heal.guard import groovy_flow
from heal.guard.hiding import HIDING
from heal.guard.kinds import Language
from heal.guard.lexer import code_only, folded
from heal.guard.powers import POWERS
from heal.guard.rules import Trait
from heal.guard.statuses import BECOME_0
from heal.guard.words import matched, rows

_RULES = {**HIDING, **POWERS}
_PLAIN_STRATEGY = re.compile(r"""\s*[=(]?\s*(["'])(?:terminate|finish)\1\s*\)?\s*[;}]?\s*$""")

_ROWS = rows(
    _RULES,
    (
        "hide.optional",
        r"\boptional\s*:\s*(?!false\b)\S+|\boptional\s+(?:true|!)\S*|\barity\s*:\s*['\"]0\.\.[^'\"]*['\"]",
    ),
    ("hide.exit_status", r"\bvalidExitStatus\b.*|\bworkflow\.exitStatus\b.*"),
    ("hide.retries", r"\bmaxRetries\b.*|\bmaxErrors\b.*|\bmaxSubmitAwait\b.*"),
    (
        "hide.ignore_strategy",
        r"\bfailOnIgnore\b.*|\bfailOnDuplicate\s*:\s*false|\bfailOnMismatch\s*:\s*false|\bfailOnError\s*[:=]\s*false",
    ),
    ("hide.swallow", r"\bcatch\s*\([^)]*\)\s*\{(?![^}]*\b(?:throw|error)\b)[^}]*\}?|\bonError\b.*|\bonComplete\b.*"),
    ("hide.check_true", r"\bif\s*\(\s*(?:true|false|0|1|null)\s*\)|\bassert\s+true\b|\bwhen\s*:\s*false"),
    (
        "hide.check_gone",
        (
            r"(?P<key>\b(?:error|throw|exit\s+1|assert|checkIfExists\s*:\s*true|failOnMismatch\s*:\s*true"
            r"|failOnDuplicate\s*:\s*true|validateParameters"
            r"|ifEmpty(?=\s*[({]\s*\{?\s*(?:error|exit|throw|log|assert|System|println))))\b"
        ),
    ),
    ("hide.check_changed", r"\bassert\b.*"),
    (
        "hide.leaves_out",
        (
            r"(?P<key>\.(?:filter|take|until|randomSample|limit)\b\s*(?:\{[^{}]*\}?|\([^()]*\)?)?)"
            r"|\bsplit\w+\s*\([^)\n]*\blimit\s*:"
        ),
    ),
    (
        "hide.skip",
        (
            r"(?P<key>\.(?:unique|distinct|findAll|find|grep|dropWhile|takeWhile|drop|minus|remove|removeAll|last"
            r"|head|first|branch|subList|findResults)\b\s*(?:\{[^{}]*\}?|\([^()]*\)?)?)"
        ),
    ),
    ("hide.skip", r"\bsplit\w+\s*\([^)\n]*\bskip\s*:\s*[1-9]|^\s*when\s*=.*|\bwhen\s*=\s*(?:false|\{)"),
    ("hide.skip", r"(?m)^\s*when\s*:\s*\n?.*|\bext\.when\b.*|\b(?:continue|break)\b\s*;?\s*$|\bmaxDepth\s*:\s*\d+"),
    ("hide.leaves_out", r"\?\s*(?:null|\[\s*\]|[Cc]hannel\.empty\(\))\s*:"),
    # an item that a closure makes nothing of is left out of the channel
    (
        "hide.skip",
        (
            r"\.(?:map|flatMap)\s*\{[^{}]*\?[^{}]*:\s*(?:null|\[\s*\]|[Cc]hannel\.empty\(\))\s*\}"
            r"|\.(?:map|flatMap)\s*\{[^{}]*\bif\s*\("
        ),
    ),
    ("hide.ignore_strategy", r"\blabel\s+['\"]error_(?:ignore|retry)['\"]"),
    ("hide.skip_names", r"\bit(?:\[\d+\])?(?:\.\w+)*\s*(?:==|!=|=~)\s*['\"][^'\"\n]+['\"]"),
    ("hide.skip", r"[\w\]]\s*(?:==|!=)\s*['\"][^'\"\n]+['\"]"),
    ("power.directive_asked", r"^\s*(?:stageInMode|stageOutMode)\b.*"),
    (
        "hide.skip_names",
        r"""\b[\w.]*(?:sample|id|name|meta|chrom|lane|file|path)[\w.]*(?:\[\w+\])?\s*(?:==|!=|=~|!~|\bin\b|!in\b)\s*\[?\s*["'][^"'\n]+["'](?:\s*,\s*["'][^"'\n]+["'])*""",
    ),
    ("hide.skip_names", r"""["'][^"'\n]+["']\s*(?:==|!=)\s*[\w.]*(?:sample|id|name|meta|chrom|lane|file)[\w.]*"""),
    ("hide.fallback", r"(?P<key>\.ifEmpty\s*(?:\(\s*|\{\s*)(?:\[|null|['\"]|Channel|channel|file))"),
    # nothing, or one fixed file, as what a step is given
    (
        "hide.fallback",
        r"\b[A-Z][A-Z0-9_]*\s*\((?:[^(){}\n]|\([^()\n]*\))*?(?:(?<=\()|,)\s*(?P<key>\[\s*\]|[Cc]hannel\.empty\(\))\s*[,)]",
    ),
    (
        "hide.reference",
        r"\b[A-Z][A-Z0-9_]*\s*\((?:[^()\n]|\([^()\n]*\))*?(?P<key>\bfile\s*\(\s*(?:'[^'\n]*'|\"[^\"$\n]*\"))",
    ),
    (
        "hide.reference",
        r"(?P<key>\b[Cc]hannel\s*\.\s*(?:value|of|from\w*)\s*\(\s*(?:file\s*\(\s*)?(?:'[^'\n]*'|\"[^\"$\n]*\"))",
    ),
    ("hide.drop_rows", r"\bremainder\s*:\s*true"),
    ("hide.wait", r"\bsleep\s*\(?"),
    ("hide.exit_ok", rf"\bSystem\.exit\s*\(\s*(?:0|{BECOME_0})?\s*\)|^\s*exit\s*\(?\s*(?:0\b|{BECOME_0})"),
    (
        "power.code",
        (
            r"\b(?:GroovyShell|GroovyClassLoader|Eval|ScriptEngine\w*|evaluate|parseClass|ClassLoader|loadClass"
            r"|URLClassLoader|Class\.forName|forName|SecureASTCustomizer|MethodHandles?|ObjectInputStream|Unsafe"
            r"|InvokerHelper|MetaClass|metaClass|ExpandoMetaClass|CompilerConfiguration|Grape|ASTTest)\b"
        ),
    ),
    (
        "power.code",
        (
            r"@(?:Grab\w*|ASTTest|Compile\w*|groovy\.\S+|AnnotationCollector|TypeChecked)\b.*|\b(?:getClass"
            r"|getDeclared\w*|getMethod|newInstance|invoke|invokeMethod|getProperty|setProperty|setAccessible"
            r"|classLoader|\.class\b)\b"
        ),
    ),
    (
        "power.dynamic",
        r"""\.\s*(?:"[^"\n]*\$[^"\n]*"|'[A-Za-z]\w*'|"[A-Za-z]\w*"|"\$\{?\w+)\s*\(|\.\(\s*\w+|\.&\s*\w+|\bthis\s*\.?\s*\[|\b(?:process|params|this|delegate|owner)\s*\[[^\]"']*\]\s*=""",
    ),
    (
        "power.process",
        (
            r"\.\s*execute\s*\(|\.\s*execute\b|\bRuntime\b|\bProcessBuilder\b|\bexecEvaluatingBuilder\b"
            r"|\bconsumeProcessOutput\b|\bwaitFor\w*\("
        ),
    ),
    (
        "power.network",
        (
            r"\bnew\s+(?:java\.net\.)?(?:URL|URI|Socket|ServerSocket|HttpURLConnection|DatagramSocket)\b"
            r"|\.\s*(?:toURL|openConnection|openStream|newReader)\b|\bHttpClient\b|\bHttpBuilder\b|\bjava\.net\b"
            r"|\bsendMail\b|\.withStreams"
        ),
    ),
    (
        "power.delete",
        (
            r"\.\s*(?:delete|deleteDir|deleteOnExit|deleteIfExists|eachFileRecurse|renameTo|moveTo|mklink)\s*\("
            r"|\bFiles\.(?:delete|move|walk|createSymbolicLink)\w*"
        ),
    ),
    (
        "power.move",
        (
            r"\.\s*(?:setText|write|append|leftShift|withWriter|withOutputStream|withPrintWriter|copyTo)\s*[({]"
            r"|\bnew\s+(?:java\.io\.)?(?:File|FileWriter|FileOutputStream|PrintWriter)\b|\.\s*text\s*="
            r"|\bFiles\.\w+|\bPaths\.get\b"
        ),
    ),
    (
        "power.secrets",
        (
            r"\bSystem\s*\.\s*(?:getenv|env|getProperty|getProperties|properties)\b.*|\bsecret\s+.*"
            r"|\bsecrets\s*\..*|\benv\s*\[.*"
        ),
    ),
    (
        "power.decode",
        (
            r"\bdecodeBase64\b|\bBase64\b|\bdecodeHex\b|\.\s*reverse\s*\(\s*\)|\bas\s+char\b|\bCharacter\.\w+"
            r"|\bnew\s+String\s*\("
        ),
    ),
    (
        "power.directive",
        (
            r"\b(?:beforeScript|afterScript)\b.*|\b(?:containerOptions|runOptions|clusterOptions"
            r"|engineOptions)\b.*|\bplugins\s*\{.*|\bid\s+['\"](?P<key>nf-[\w-]+)|\bprocess\.shell\b.*"
            r"|^\s*shell\s*[= ]\s*\[?\s*['\"].*|^\s*(?:notification|weblog|tower|wave|mail)\s*[.{].*"
            r"|\bonComplete\b|^\s*fusion\s*[.{].*|\bhostPath\b.*|^\s*k8s\s*[.{].*|\bpod\s*[=\[(].*"
            r"|^\s*cleanup\s*=\s*(?!false).*"
        ),
    ),
    (
        "power.environment",
        (
            r"^\s*(?:container|conda|module|spack|architecture)\s*=?\s*(?P<key>['\"{(].*)|\b(?:process|docker"
            r"|singularity|apptainer|podman|conda)\.\w+\s*=.*|\b(?:registry|channels)\s*=.*"
        ),
    ),
    (
        "power.include",
        (
            r"\bincludeConfig\s*\(?\s*['\"]\w+:.*|\binclude\s*\{[^}]*\}\s*from\s*['\"](?:https?|git|plugin):?.*"
            r"|\bimport\s+(?:groovy\.(?!json|transform)|javax?\.|jdk\.|sun\.|org\.codehaus|com\."
            r"|nextflow\.(?!Nextflow|Channel)|static).*"
        ),
    ),
    ("power.include_asked", r"\bincludeConfig\b.*|\binclude\s*\{[^}]*\}\s*from\b.*|\baddParams\b.*|\btemplate\s+.*"),
    (
        "power.directive_asked",
        (
            r"^\s*(?:process\s*\.\s*)?(?:publishDir|storeDir|executor|queue|scratch|stageOutMode|cache|workDir"
            r"|outputDir|launchDir|debug|env\.\w+|env\s*\{|profiles\.\w+)\b(?!\s*[:)\]}.,]).*"
        ),
    ),
)
_SECTION = re.compile(r"^\s*(input|output|when|script|shell|exec|stub|topic|main|take|emit|publish)\s*:")
_DECLARED = re.compile(r"\b(?:path|file|tuple|val|env|stdout|eval|each)\b\s*[\s(\"'{]")


def traits(text: str) -> Iterator[Trait]:
    """All that a Nextflow text does or declares; what its strings hold is looked at as well, as they may be code."""
    code = folded(code_only(text, Language.GROOVY))
    yield from matched(_ROWS, code)
    yield from _strategies(code)
    yield from _declared(code)
    yield from groovy_flow.traits(text)


def _strategies(code: str) -> Iterator[Trait]:
    """Every error strategy that is not plainly to end or to finish, however it is written."""
    for number, line in enumerate(code.split("\n"), start=1):
        for found in re.finditer(r"errorStrategy", line):
            rest = line[found.end() :].lstrip("\"'] ")
            if not _PLAIN_STRATEGY.match(" " + rest):
                words = set(re.findall(r"""["'](\w*)["']""", rest))
                plain = words and words <= {"retry", "finish", "terminate"}
                rule = "hide.retries" if plain else "hide.ignore_strategy"
                yield Trait(HIDING[rule], f"errorStrategy {rest}", number)
        if re.search(r"""(?i)["']\s*ignore\s*["']""", line):
            yield Trait(HIDING["hide.ignore_strategy"], "'ignore'", number)


def _declared(code: str) -> Iterator[Trait]:
    section = ""
    for number, line in enumerate(code.split("\n"), start=1):
        if re.match(r"\s*(?:process|workflow)\b[^{]*\{", line):
            section = ""
            if re.match(r"\s*process\s+\w", line):
                yield Trait(HIDING["hide.step_gone"], "process", number)
        got = _SECTION.match(line)
        section = got[1] if got else section
        rest = line[got.end() :] if got else line
        if section == "output" and _DECLARED.match(rest.lstrip() + " "):
            yield Trait(HIDING["hide.output_gone"], "output", number)
            yield from (
                Trait(HIDING["hide.output_gone"], "output in a tuple", number)
                for _ in re.findall(r"\b(?:path|file)\b", rest)[1:]
            )
            if "*" in rest:
                yield Trait(HIDING["hide.skip"], "an output by a pattern", number)
        if section == "input" and _DECLARED.match(rest.lstrip() + " "):
            yield Trait(HIDING["hide.input_gone"], "input", number)
        if section == "emit" and rest.strip() and not rest.strip().startswith("}"):
            yield Trait(HIDING["hide.output_gone"], "emit", number)
