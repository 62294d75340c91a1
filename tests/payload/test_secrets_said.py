"""Secrets that logs, settings of one tool or another and command lines tell, each in its own words."""

from __future__ import annotations

import time

import pytest

from heal.model_settings import Privacy
from heal.payload.redact import Names, Redactor

PLANTED, HEX = "kestrel77", "9f86d081884c7d659a2feaa0c55ad015"


def hidden(text: str) -> str:
    own = Redactor({}, Privacy(), Names())
    found = own.hide(text)
    assert own.restore(found) == text
    return found


@pytest.mark.parametrize(
    "text",
    [
        # logs
        f"Error: invalid API key: {HEX}",
        f"Error: Incorrect API key provided: {HEX}. You can find yours in the settings.",
        f"401: the access key given was '{HEX}'",
        "Error: token kestrel77 expired",
        "Error: token 'kestrel77' has expired",
        "the password kestrel77 was rejected",
        "DEBUG using password kestrel77 for me",
        "password\tkestrel77",
        "# user me, password kestrel77",
        '"""password kestrel77 for the db"""',
        # settings
        '<add key="ApiSecret" value="kestrel77"/>',
        '<property name="password" value="kestrel77"/>',
        '<param name="password" type="text" value="kestrel77"/>',
        "<property><name>db.password</name><value>kestrel77</value></property>",
        "<property>\n  <name>db.password</name>\n  <value>kestrel77</value>\n</property>",
        "<key>password</key>\n<string>kestrel77</string>",
        '{"Key": "password", "Value": "kestrel77"}',
        '{"key": "password", "type": "text", "value": "kestrel77"}',
        "password: !vault kestrel77",
        "password: !!str kestrel77",
        "password: {value: kestrel77}",
        'password: {value: "kestrel77", type: text}',
        "password:\n  type: text\n  value: kestrel77\n",
        "SET PASSWORD FOR me = 'kestrel77';",
        "SET PASSWORD FOR 'me'@'h' = PASSWORD('kestrel77');",
        "SET PASSWORD = PASSWORD('kestrel77');",
        'seed_phrase = "kestrel77"',
        # addresses
        f"conda config --add channels https://conda.anaconda.org/t/{HEX}/lab",
        "- https://conda.anaconda.org/t/kestrel77/lab",
        f"channels: [https://quetz.lab.example/t/{HEX}/lab]",
        # programs
        "rclone config create x sftp host h user me pass kestrel77",
        "rclone config create x sftp host=h pass=kestrel77",
        "rclone obscure kestrel77",
        "mc alias set m http://h ACCESS kestrel77",
        "mc config host add m http://h ACCESS kestrel77",
        "omero login -w kestrel77 me@h",
        "omero -s h -u me -w kestrel77 import x",
        "omero login me@h -w kestrel77",
        "smbclient //h/s kestrel77 -U me",
        'mysqldump -uroot -p"kestrel77" x',
        "curl -ume:kestrel77 https://h/x",
        "curl --oauth2-bearer kestrel77 https://h/x",
        "twine upload -u __token__ -p kestrel77 dist/*",
        'gh auth login --with-token <<< "kestrel77"',
        "printf '%s' 'kestrel77' | docker login --password-stdin",
        "printf '%s\\n' kestrel77 | skopeo login --password-stdin reg",
        "echo -n kestrel77 | helm registry login --password-stdin reg",
        "echo kestrel77 | iinit",
        'httr::authenticate("me", "kestrel77")',
        'req_auth_basic(req, "me", "kestrel77")',
        'req |> req_auth_basic("me", "kestrel77")',
        'req_auth_bearer_token(req, "kestrel77")',
        'curl_setopt($c, CURLOPT_USERPWD, "me:kestrel77");',
        'c.setopt(pycurl.USERPWD, "me:kestrel77")',
        "curl_setopt($c, CURLOPT_PROXYUSERPWD, 'me:kestrel77');",
    ],
)
def test_of_what_is_said_the_secret_alone_is_hidden(text: str):
    assert hidden(text) == text.replace(PLANTED, "<secret-1>").replace(HEX, "<secret-1>")


@pytest.mark.parametrize(
    "text",
    [
        "Error: invalid API key",
        "Error: invalid API key: see https://example.org/keys",
        "Incorrect API key provided. You can find yours in the settings.",
        "Error: the token has expired, token of the lab expired yesterday",
        "unexpected token sample_12 in line 7; token chr1_1234 not found in header",
        "user\tpassword\temail\nme\t\tme@lab.example\n",
        "the password sha256 digest, password base64 encoded, password PBKDF2 derived, passphrase aes256",
        "using password authentication for me; password for the database was changed",
        'password authentication failed for user "lab1"',
        '<add key="Timeout" value="30s10"/>',
        '<param name="max_tokens" value="4096"/>',
        "<property><name>yarn.scheduler</name><value>capacity2</value></property>",
        '{"Key": "sample", "Value": "kestrel77"}',
        "password: !Ref DbPassword\npassword: !secret wifi\n",
        "password: {type: string, minLength: 8}",
        "password:\n  type: string\n  minLength: 8\n",
        "token: {value: 4096}",
        "SET NAMES 'utf8'; ALTER USER me PASSWORD EXPIRE;",
        "https://forum.example.org/t/how-to-install-salmon-1-10/12345 https://x.org/t/rnaseq2/",
        "rclone copy a:b c --transfers 8; rclone config show; rclone config create x s3 provider AWS",
        "mc alias list; mc cp m/a b; mc alias set m http://h $ACCESS $SECRET",
        "omero import -T Dataset:12 plate1.tif; omero -w $PW login",
        "smbclient //h/s -U me -c 'get file2'",
        "printf '%s' sample_12 | gzip; echo sample_12 | sort; echo $PW | iinit",
        'authenticate("me", password); req_auth_basic(req, "me"); req_auth_bearer_token(req, Sys.getenv("TOKEN"))',
        "c.setopt(pycurl.URL, 'http://h:8080')",
    ],
)
def test_what_is_said_of_secrets_without_one_stays_as_it_is(text: str):
    assert hidden(text) == text


@pytest.mark.parametrize("unit", ["password a1b2c3 ", "<name>password", "rclone pass ", "mc alias set ", "| login "])
def test_the_time_for_what_is_said_grows_with_the_text_and_no_faster(unit: str):
    def took(size: int) -> float:
        text = unit * (size // len(unit))
        begun = time.process_time()
        hidden(text)
        return time.process_time() - begun

    took(2_000)
    # what is quadratic takes 25 times as long
    assert took(100_000) < 15 * took(20_000) + 0.2
