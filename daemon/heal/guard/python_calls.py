"""Which of Python's names is which power."""

from __future__ import annotations

import re

from heal.guard.modules import PYTHON

_LIBRARY = f"(?:{'|'.join(sorted(PYTHON))})"
# what libraries of the field fetch by themselves, whatever the address
_FETCHES = (
    rf"{_LIBRARY}\.(?:\w+\.)*(?:fetch_\w+|[a-z_]*download\w*|load_dataset|get_rdataset|DataSource|open_url|from_pretrained"
    r"|urlopen|urlretrieve|get_file|load_state_dict_from_url)"
    r"|Bio\.(?:Entrez|ExPASy|TogoWS|KEGG\.REST|Blast\.NCBIWWW|UniProt)(?:\..*)?"
    r"|torch\.hub\..*|scipy\.datasets\..*|scanpy\.(?:datasets|queries)\..*|antigravity|pooch(?:\..*)?|nltk\.download\w*"
)
# tools to look into programs, and what takes a text for an expression or a template
TEXT_AS_CODE = re.compile(
    r"(?:pydoc|bdb|trace|unittest|idlelib|lib2to3|py_compile|compileall|zipapp|pyximport)\..*|(?:typing|typing_extensions)\.(?:ForwardRef|get_type_hints|evaluate_forward_ref)"
    r"|numpy\.(?:f2py|distutils)\..*|numpy\.testing\.(?:measure|runstring|rundocs|run_threaded)"
    r"|(?:numpy|scipy|pandas)\.(?:test|show_versions)"
    r"|sympy\.(?:\w+\.)*(?:sympify|_?S|lambdify|parse_expr|preview|autowrap|ufuncify|plotting)"
    r"|jinja2\.(?:\w+\.)*(?:\w*Template|\w*Environment|\w*Loader)|numba\.(?:cfunc|generated_jit)"
    r"|torch\.(?:utils\.cpp_extension\..*|jit\.load|package\..*)|inspect\.(?:get_annotations|signature_from_str)"
)

_NETWORK = (
    r"(?:socket|socketserver|ssl|urllib(?!\.parse\b)|urllib3|http|ftplib|smtplib|poplib|imaplib|telnetlib|nntplib|xmlrpc"
    r"|requests|httpx|aiohttp|paramiko|fabric|boto3|botocore|pycurl|websockets?|webbrowser|gdown|wget|grpc|zmq|pyzmq"
    r"|ftputil|s3fs|gcsfs|adlfs|smart_open|dropbox|slack_sdk|telegram|twisted|tornado|dns)(?:\..*)?"
)

# what a name stands for -> the rule; the first that fits
NAMES = tuple(
    (rule, re.compile(pattern))
    for rule, pattern in (
        (
            "power.network",
            f"{_FETCHES}|{_NETWORK}|logging\\.handlers\\.(?:HTTP|Socket|Datagram|SMTP|SysLog)Handler|google\\.cloud.*|asyncio\\.(?:open_connection|start_server|open_unix.*)|pty\\..*",
        ),
        (
            "power.process",
            (
                r"subprocess(?:\..*)?|os\.(?:system|popen.*|exec\w*|spawn\w*|posix_spawn\w*|fork\w*|startfile)"
                r"|asyncio\.create_subprocess\w*"
                r"|(?:sh|plumbum|pexpect|commands|invoke|envoy|delegator)(?:\..*)?|posix\..*|nt\..*"
                r"|_posixsubprocess.*|platform\.popen|snakemake\.shell(?!\.(?:\w+\.)?(?:prefix|executable)$)(?:\..*)?"
            ),
        ),
        (
            "power.code",
            (
                r"(?:builtins\.)?(?:eval|exec|compile|__import__|execfile|breakpoint|memoryview)|(?:code|codeop|runpy"
                r"|imp|zipimport|pkgutil)\..*"
                r"|importlib(?:\..*)?|types\.(?:FunctionType|CodeType|ModuleType)|(?:ctypes|cffi|_ctypes|pycparser"
                r"|inline|weave)(?:\..*)?"
                r"|(?:pandas|numexpr)\.(?:eval|evaluate)|sys\.(?:meta_path|path_hooks|settrace|setprofile|_getframe"
                r"|modules|addaudithook|path_importer_cache)(?:\..*)?"
                r"|builtins(?:\..*)?|__builtins__.*|gc\..*|inspect\.(?:stack|currentframe|getouterframes)|globals"
                r"|locals"
                r"|logging\.config.*|operator\.(?:methodcaller|attrgetter)|timeit\..*|cProfile\.run.*|profile\.run.*|doctest\..*"
                r"|pdb\..*|rpy2\..*|sys\.path(?:\..*)?|site\..*"
            ),
        ),
        (
            "power.unpickle",
            (
                r"(?:pickle|cPickle|_pickle|dill|cloudpickle|shelve|marshal|jsonpickle)(?:\.(?:loads?|Unpickler"
                r"|open).*)?|joblib\.load|torch\.load"
                r"|pandas\.read_pickle|yaml\.(?:load|unsafe_load|full_load|load_all|unsafe_load_all|UnsafeLoader"
                r"|Loader)"
            ),
        ),
        ("power.delete", r"os\.(?:remove|unlink|rmdir|removedirs|truncate|ftruncate)|shutil\.rmtree|send2trash.*"),
        (
            "power.move",
            (
                r"os\.(?:rename|renames|replace|link|symlink|mkfifo|mknod|chdir|chroot|fchdir)|shutil\.(?:move"
                r"|copytree|chown|unpack_archive)"
            ),
        ),
        ("power.rights", r"os\.(?:l?chown|fchown|set\w*[ug]id|initgroups|umask|kill|killpg|nice|setpriority)"),
        ("power.mode", r"os\.(?:chmod|lchmod|fchmod)"),
        ("power.install", r"(?:pip|ensurepip|setuptools|distutils|conda|venv|virtualenv|pkg_resources)(?:\..*)?"),
        (
            "power.secrets",
            (
                r"(?:getpass|keyring|netrc|pwd|spwd|grp|crypt|secretstorage|dotenv|decouple)(?:\..*)?|os\.getlogin"
                r"|pathlib\.Path\.home"
            ),
        ),
        (
            "power.decode",
            (
                r"base64\.\w*decode\w*|codecs\.(?:decode|getdecoder|open)|binascii\.\w+|bytes\.fromhex"
                r"|zlib\.decompress|(?:lzma|bz2|gzip)\.decompress"
            ),
        ),
        (
            "power.at_exit",
            (
                r"atexit(?:\..*)?|signal\.(?:signal|alarm|setitimer)|sys\.(?:excepthook|unraisablehook|exitfunc)"
                r"|threading\.(?:excepthook|Timer)|faulthandler\..*"
            ),
        ),
        ("power.secrets", r"os\.environb?(?:\.(?:items|copy|values|keys|get_all))?|os\.getenvb"),
    )
)
METHODS = {
    **dict.fromkeys(("resolve_name", "from_string", "runsource", "runcode", "runctx", "runstring"), "power.code"),
    **dict.fromkeys(("sympify", "parse_expr", "lambdify", "run_line_magic", "run_cell"), "power.code"),
    **dict.fromkeys(("unlink", "rmdir", "rmtree"), "power.delete"),
    **dict.fromkeys(("chmod", "lchmod"), "power.mode"),
    **dict.fromkeys(("rename", "extractall", "symlink_to", "hardlink_to", "link_to"), "power.move"),
    **dict.fromkeys(("expanduser", "home"), "power.secrets_asked"),
    **dict.fromkeys(
        ("eval", "load_extension", "f_globals", "f_locals", "f_back", "tb_frame", "gi_frame", "cr_frame"), "power.code"
    ),
}
