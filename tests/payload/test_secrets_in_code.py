"""Secrets that program code gives to a name: all of each is hidden, and nothing else of the code."""

from __future__ import annotations

import time

import pytest

from heal.model_settings import Privacy
from heal.payload.redact import Names, Redactor

PLANTED = "kestrel77"


def hidden(text: str) -> str:
    own = Redactor({}, Privacy(), Names())
    found = own.hide(text)
    assert own.restore(found) == text
    return found


@pytest.mark.parametrize(
    "text",
    [
        # behind the type of a variable or a parameter
        'password: str = "kestrel77"',
        'def connect(host, password: str = "kestrel77", port: int = 5432) -> None:',
        'def connect(host: str, token: str | None = "kestrel77") -> None:',
        'api_key: Optional[str] = "kestrel77"',
        'let password: string = "kestrel77";',
        'class Lab(BaseSettings):\n    user: str\n    password: SecretStr = SecretStr("kestrel77")\n    port: int = 5432\n',
        '    password: SecretStr = Field("kestrel77", min_length=8)',
        '    password: Final[str] = field(default="kestrel77")',
        'password=dict(value="kestrel77")',
        # the default of an option
        'parser.add_argument("--password", default="kestrel77")',
        'parser.add_argument("--token", type=str, default="kestrel77", help="of the lab")',
        'parser.add_argument("-p", "--password", help="of the lab", default=\'kestrel77\')',
        'parser.add_argument(\n    "--password",\n    type=str,\n    default="kestrel77",\n    help="of the lab",\n)\n',
        '@click.option("--password", default="kestrel77")',
        '@click.option("--token", type=str, default="kestrel77")',
        'make_option(c("-p", "--password"), default="kestrel77", help = "of the lab")',
        'parser$add_argument("--token", default="kestrel77")',
        'add_option(parser, c("--token"), type="character", default="kestrel77")',
        'password: str = typer.Option("kestrel77", "--password", "-p")',
        # several at once
        'user, password = "me", "kestrel77"',
        '(user, password) = ("me", "kestrel77")',
        "USER, PASSWORD = 'me', 'kestrel77'",
        'password, user = "kestrel77", "me"',
        'my ($user, $password) = ("me", "kestrel77");',
        # other strings
        'password="""kestrel77"""',
        "let token = `kestrel77`;",
        '$ENV{PASSWORD} = "kestrel77";',
        '"kestrel77" -> token',
        "'kestrel77' ->> db_password  # the lab's",
        # what is taken where nothing else is given
        'password = os.getenv("PW") or "kestrel77"',
        'password = (os.getenv("DB_PW") or "kestrel77")',
        'password = (\n    os.getenv("DB_PW")\n    or "kestrel77"\n)\n',
        'password = os.environ.get("PW", "kestrel77")',
        'password = os.environ.get("PW", default="kestrel77")',
        'password = os.environ["PW"] if x == "lab" else "kestrel77"',
        'password = "kestrel77" if x == "lab" else os.environ["PW"]',
        'PASSWORD = config.get("lab", "pw", "kestrel77")',
        'params.password = params.password ?: "kestrel77"',
        "params.db_password = System.getenv('X') ?: 'kestrel77'",
        'const password = process.env.PW || "kestrel77";',
        '{"password": process.env.PW ?? "kestrel77"}',
        'token <- Sys.getenv("TOKEN", unset="kestrel77")',
        'token <- Sys.getenv("TOKEN", unset = "kestrel77")',
        'password <- ifelse(x, y, "kestrel77")',
        'token <- if (x == "lab") "kestrel77" else ""',
        'pw = c(me = "kestrel77")',
        'params: token=lambda wc: "kestrel77"',
        # a header that is put together
        'headers["Authorization"] = "Bearer " + "kestrel77"',
        'headers = {"Authorization": "Bearer %s" % "kestrel77"}',
        'headers = {"Authorization": "Bearer {}".format("kestrel77")}',
        'httr::add_headers(Authorization = paste("Bearer", "kestrel77"))',
        'httr::add_headers(Authorization = paste0("Bearer ", "kestrel77"))',
    ],
)
def test_of_code_the_secret_alone_is_hidden(text: str):
    assert hidden(text) == text.replace(PLANTED, "<secret-1>")


@pytest.mark.parametrize(
    "text",
    [
        "password: str",
        "password: SecretStr\ntoken: Optional[str]\n",
        "def f(password: SecretStr, token: str | None = None, secret: Secret[str] | None = None):",
        'def f(password: str = "", token: str = None):',
        "token: str | None = None",
        'parser.add_argument("--password", "-p", required=True, help="of the lab")',
        'parser.add_argument("--password", help="asked for")\nparser.add_argument("--out", default="results")\n',
        'parser.add_argument("--password", help="asked for", type=str, metavar="WORD")',
        'list(make_option("--password"), make_option("--out", default = "results"))',
        'parser.add_argument("--max-tokens", type=int, default=4096)',
        "password = os.getenv('PW')",
        'password = (os.getenv("DB_PW") or getpass.getpass("Password of the lab: "))',
        'password = config.get(server, "password")',
        'headers["Authorization"] = "Bearer " + token',
        'headers = {"Authorization": "Bearer %s" % token}',
        'add_headers(Authorization = paste("Bearer", Sys.getenv("LAB_TOKEN")))',
        'keys, values = "sample_id", "condition_2"',
        "self.user, self.password = user, password",
        "user, password = line.split()",
        'token, kind = "NUMBER", "literal"',
        "password = open(path).read().strip()",
        'token = next(tokens) or "end of file"',
        'if password: mode = "login2x"',
        "{'username': config.get(server, 'username'), 'password': config.get(server, 'password')}",
        'pattern_pat = re.compile(r"(.+)_(.+)")',
        "NAMES = ('AUTHORIZATION', 'AVG')",
        "tokens: 4096",
    ],
)
def test_what_code_says_of_secrets_without_one_stays_as_it_is(text: str):
    assert hidden(text) == text


@pytest.mark.parametrize(
    "unit", ["password=a(", 'token = "a" or ', '"--password", (', "password: a[", "a, password = b, "]
)
def test_the_time_for_code_grows_with_the_text_and_no_faster(unit: str):
    def took(size: int) -> float:
        text = unit * (size // len(unit))
        begun = time.process_time()
        hidden(text)
        return time.process_time() - begun

    took(2_000)
    # what is quadratic takes 25 times as long
    assert took(100_000) < 15 * took(20_000) + 0.2
