"""Secrets that their place gives away: in a call, a table, a script that answers a program, a manifest, base64."""

from __future__ import annotations

import base64

import pytest

from heal.model_settings import Privacy
from heal.payload.redact import Names, Redactor

PLANTED = "kestrel77!x"
IN_BASE64 = base64.b64encode(f"lab:{PLANTED}".encode()).decode()
SETTING_IN_BASE64 = base64.b64encode(f"export DB_PASSWORD={PLANTED}".encode()).decode()


def hidden(text: str) -> str:
    own = Redactor({}, Privacy(), Names())
    found = own.hide(text)
    assert own.restore(found) == text
    return found


@pytest.mark.parametrize(
    "text",
    [
        # of a call
        'connect("db.example.org", "lab", "kestrel77!x")',
        "psycopg2.connect('db', 'lab', 'kestrel77!x', 5432)",
        'ssh.connect("h", 22, "lab", "kestrel77!x")',
        "connect(host, user, 'kestrel77!x')",
        'ftp.login("lab", "kestrel77!x")',
        'login(USER, "kestrel77!x")',
        'ftp = FTP("ftp.example.org", "lab", "kestrel77!x")',
        'HTTPBasicAuth("lab", "kestrel77!x")',
        'DriverManager.getConnection("jdbc:mysql://h/x", "lab", "kestrel77!x")',
        'dbConnect(MySQL(), "lab", "kestrel77!x")',
        "cx_Oracle.connect('lab', 'kestrel77!x', 'h/x')",
        "DBI->connect($dsn, 'lab', 'kestrel77!x') or die;",
        'GalaxyInstance("https://galaxy.example", "kestrel77!x")',
        "config.setPassword('kestrel77!x');",
        'builder.withToken("kestrel77!x")',
        "password('kestrel77!x')",
        "wandb.login(key='kestrel77!x')",
        'keyring::key_set_with_value("x", "lab", "kestrel77!x")',
        # of a table
        "user\tpassword\tmail\nlab\tkestrel77!x\tlab@x.org\n",
        "user,password,host\nlab,kestrel77!x,h1\n",
        '"user";"db_password"\n"lab";"kestrel77!x"\n',
        "| user | password |\n|------|----------|\n| lab  | kestrel77!x |\n",
        " user | password \n------+----------\n lab  | kestrel77!x\n(1 row)\n",
        "sample  api_token    host\nS1      kestrel77!x  h1\n",
        # of what answers a program
        "read -r PASS <<< 'kestrel77!x'",
        "PASSWORD=$(echo kestrel77!x)",
        "TOKEN=`echo kestrel77!x`",
        "passwd lab <<EOF\nkestrel77!x\nkestrel77!x\nEOF\n",
        "echo lab:kestrel77!x | chpasswd",
        "ftp -n h <<EOF\nuser lab kestrel77!x\nget x\nEOF\n",
        'expect "assword:"\nsend "kestrel77!x\\r"',
        'child.expect("Password:")\nchild.sendline("kestrel77!x")',
        "sshpass -p \\\n  kestrel77!x ssh lab@h",
        "mysql -u lab \\\n  -pkestrel77!x lims",
        "curl \\\n  -u lab:kestrel77!x \\\n  https://x.org",
        "curl -fsSLu lab:kestrel77!x https://x.org",
        "curl -b 'sid=kestrel77!x' https://x.org",
        "htpasswd -bc users lab kestrel77!x",
        "sqlcmd -S h -U sa -P kestrel77!x",
        "ssh-keygen -t rsa -N 'kestrel77!x' -f key",
        "kubectl create secret generic x --from-literal=lab=kestrel77!x",
        "sftp lab:kestrel77!x@h:/data",
        "copied from lab:kestrel77!x@data.example.org at noon",
        "conda config --set token kestrel77!x",
        # of a manifest, and of what is written in XML, YAML, JSON and addresses
        "kind: Secret\nmetadata:\n  name: db\nstringData:\n  lab: kestrel77!x\n",
        "a: 1\n---\napiVersion: v1\ndata:\n  x: kestrel77!x\nkind: Secret\n---\ndata:\n  sample: S12345\n",
        "password: &pw kestrel77!x\nother: *pw\n",
        "<password><![CDATA[kestrel77!x]]></password>",
        '<entry key="password">kestrel77!x</entry>',
        "<Password type='text'>kestrel77!x</Password>",
        '{"a":"{\\\\\\"password\\\\\\":\\\\\\"kestrel77!x\\\\\\"}"}',
        "&quot;password&quot;: &quot;kestrel77!x&quot;",
        "SERVER=h;UID=lab;PWD={kestrel77!x}",
        # of what is put into base64
        "echo -n 'lab:kestrel77!x' | base64",
        'base64.b64encode(b"lab:kestrel77!x")',
        'btoa("lab:kestrel77!x")',
        # of programs and their files
        "StorageLoc=slurm_acct StoragePass=kestrel77!x StorageUser=slurm",
        'DB_PW=${DB_PW:-"kestrel77!x"}',
        "${TOKEN:=kestrel77!x}",
        '{"key":"password","value":"kestrel77!x"}',
        '"password" "kestrel77!x"',
        '<input value="kestrel77!x" name="password">',
        'variable "password" {\n  default = "kestrel77!x"\n}',
        "fs.s3a.secret.key kestrel77!x",
        "cargo login kestrel77!x",
        "wandb login --relogin kestrel77!x",
        "npm config set //registry.example/:_authToken kestrel77!x",
        "poetry config http-basic.lab user kestrel77!x",
        "rabbitmqctl add_user lab kestrel77!x",
        "chpasswd <<< 'lab:kestrel77!x'",
        "redis-cli config set requirepass kestrel77!x",
        "ldappasswd -s kestrel77!x",
        # of names and sentences
        "userpw=kestrel77!x",
        "pswd: kestrel77!x",
        "client secret kestrel77!x",
        "new token created: kestrel77!x",
        "LABPASS=kestrel77!x",
        "senha: kestrel77!x",
        "encryption key: kestrel77!x",
        "credentials lab:kestrel77!x",
        "h.example\tTRUE\t/\tTRUE\t1900000000\tsid\tkestrel77!x",
        "requests.get(url, cookies={'sid': 'kestrel77!x'})",
    ],
)
def test_of_each_place_the_secret_alone_is_hidden(text: str):
    assert hidden(text) == text.replace(PLANTED, "<secret-1>")


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (f"data: {IN_BASE64}", IN_BASE64),
        (f"eval $(echo '{SETTING_IN_BASE64}' | base64 -d)", SETTING_IN_BASE64),
        (f'headers["X"] = "Basic " + "{IN_BASE64}"', IN_BASE64),
        ("export PIN=8461", "8461"),
        ("your OTP: 482913", "482913"),
        ("GET https://x.org/a?sig=q1w2e3r4t5y6&n=2", "q1w2e3r4t5y6"),
        ("lab:$6$saltsalt$abcdefghijkABCDEFGHIJ12345:19000:0:::", "$6$saltsalt$abcdefghijkABCDEFGHIJ12345"),
        ("password%3Dkestrel77%21x", "kestrel77%21x"),
    ],
)
def test_so_is_what_has_another_form(text: str, secret: str):
    assert hidden(text) == text.replace(secret, "<secret-1>")


@pytest.mark.parametrize(
    "text",
    [
        'self.connect(a, "clicked", "on_click_2"); sqlite3.connect("lims.db", "rw", "utf8")',
        'client.login(user, getpass()); authenticate("lab", config["pw"]); set_token(token)',
        'getpass("Password: "); token("NUMBER"); password("Enter your password:"); get_token("ID-12345")',
        "getpass(prompt='Password: ', stream=None)",
        'print("token=" + repr(token) + "!")',
        "if token == END_OF_FILE: pass\nwhile self.token != other.token:\n",
        "process A {\n  secret 'NCBI_API_KEY'\n}\n",
        "PASS\tBasic Statistics\tS1.fastq\nPASS\tPer base sequence quality\tS1.fastq\n",
        "sample\tpass\tkey\nS1\tPASSED_1\tab12cd34\n",
        "token,pos,lemma\nwalked,VERB,walk\n2024,NUM,2024\n",
        "user, password\nPlease, hurry up\n",
        "sample,fastq_1,fastq_2,token\nS1,a_R1.fastq.gz,a_R2.fastq.gz,\n",
        "docker run -u 1000:1000 samtools:1.17",
        "unzip -p S1_R1_fastqc.zip S1_R1_fastqc/summary.txt",
        "wget -q https://x.org:8443/a@b/c1",
        "uses: actions/checkout@v4; mailto:jane99@lab.org; Contact: jane2@lab.org",
        "biocontainers/samtools:1.17--h00cdaf9_0@sha256:abcdef",
        "read -r line <<< 'chr1 100 200'; token=$(cat token.txt); passes=$(echo 12345)",
        "pin: 12\nspin=1234\nGPIO pin=17\n",
        "https://rest.ensembl.org/x?key=sample_name&signature=md5&code=404",
        "kind: ConfigMap\ndata:\n  sample: S1234567\n",
        "spec:\n  secretName: db-creds\n  secretKeyRef: db12345\n",
        "awk '{print $1$2$3}'; cp $1$suffix$extension_of_the_file x",
        "bypass=chr1_2x TWOPASS=basic123 highPass=filter123 n_pass=17",
        "usage: x [--storage-http-auth VALUE1 [VALUE1 ...]]",
        "cryptsetup open --test-passphrase --key-file badkey1 vault.img",
        "user:  password:  host:",
        "bearer token authentication; api token provider x; encryption key length: 256",
        "c2FtcGxlIG9uZQ== c2FtcGxlOlMx",
        "Note: switching to '3f786850e387550fdab836ed7e6dc881de23001b'.",
        "    Expected sha256 d1\n         Got        9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "FixedSetSources[name='/groovy/script/ScriptE82115B393838D4BEDCD3CFABC1CF926/_nf_config_e078cff6']",
        "Attaches HTTP Basic Authentication to it\ndef set(cookie: Cookie | Morsel, auth: (optional) = None)",
        "[--storage-http-auth [TAG::]AUTH_TYPE=ARG1,ARG2 [[TAG::]AUTH_TYPE=ARG1,ARG2 ...]]",
    ],
)
def test_what_only_looks_like_such_a_place_stays_as_it_is(text: str):
    assert hidden(text) == text
