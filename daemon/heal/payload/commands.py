"""Options and arguments of programs that hold a password, a program's own way each. Pure.

Every expression has a group ``s``: what is secret of what it finds.
"""

from __future__ import annotations

COMMANDS = (
    ("option", r"\b(?:mysql|mysqldump|mysqladmin|mariadb)\b[^\n|;]{0,300}?\s[\"']?-p[\"']?(?P<s>[^\s\"']{3,})"),
    (
        "option",
        (
            r"\b(?:sshpass|docker login|podman login|singularity remote login|smbclient|ldapsearch|kinit|twine|mongo"
            r"(?:sh|dump|restore|export|import)?|ncftp(?:get|put|ls)?)\b[^\n|;]{0,200}?\s-(?:p|w)[ =]?[\"']?"
            r"(?P<s>[^\s\"'\-][^\s\"']*)"
        ),
    ),
    ("option", r"\bredis-cli\b[^\n|;]{0,200}?\s-a[ ]{1,4}[\"']?(?P<s>[^\s\"'\-][^\s\"']*)"),
    ("option", r"\bopenssl\b[^\n|;]{0,200}?\s-[kK][ ]{1,4}[\"']?(?P<s>[^\s\"'\-][^\s\"']*)"),
    (
        "option",
        r"\b(?:smb[a-z]{1,10}|rpcclient)\b[^\n|;]{0,200}?\s-U[ =]{0,4}[\"']?[^\s%\"']{1,64}%(?P<s>[^\s\"']+)",
    ),
    (
        "option",
        (
            r"\b(?:sqlplus|sqlldr|expdp|impdp)(?:[ ]{1,4}-\w{1,12}){0,4}[ ]{1,4}[\"']?[A-Za-z][\w$#]{0,60}/"
            r"(?P<s>[^\s\"'@/]+)"
        ),
    ),
    ("url", r"(?i)\bjdbc:[a-z0-9:]{1,60}:[a-z][\w$#]{0,60}/(?P<s>[^\s\"'@]+)@"),
    (
        "option",
        (
            r"\b(?:iinit|kinit|sudo -S|passwd|docker login|podman login|gh auth login|cryptsetup)\b"
            r"[^\n|;<]{0,100}<<<[ ]{0,4}[\"']?"
            r"(?P<s>[^\s\"']+)"
        ),
    ),
    ("option", r"\bnextflow[ ]secrets[ ]set[ ]{1,4}[A-Za-z_]\w{0,60}[ ]{1,4}[\"']?(?P<s>[^\s\"'\-][^\s\"']*)"),
    # user and password, as the clients of HTTP take them
    (
        "option",
        (
            r"(?i)auth[\"']?\s{0,8}(?:[:=]\s{0,8})?[\[(]\s{0,8}[bru]?[\"'][^\"'\n]{0,100}[\"']\s{0,8},\s{0,8}[bru]?"
            r"[\"'](?P<s>[^\"'\n]+)[\"']"
        ),
    ),
    ("option", r"(?:^|[\s\"'(])(?:-u|--user|--proxy-user)[ =]{1,4}[\"']?[^\s:\"']{1,64}:(?P<s>[^\s\"']+)"),
    ("option", r"\bcurl\b[^\n|;]{0,200}?\s-u[^\s:\"'\-]{1,64}:(?P<s>[^\s\"']+)"),
    ("option", r"\s--oauth2-bearer[ =]{1,4}[\"']?(?P<s>[^\s\"'\-][^\s\"']*)"),
    ("option", r"\b(?:zip|7z|7za|unzip|unrar)\b[^\n|;]{0,200}?\s-[pP][ ]?[\"']?(?P<s>[^\s\"'\-][^\s\"']{2,})"),
    ("option", r"\blogin\b[^\n|;]{0,200}?\s-p[ =]{1,4}[\"']?(?P<s>[^\s\"'\-][^\s\"']*)"),
    ("option", r"\blftp\b[^\n|;]{0,100}?\s-u[ ]{1,4}[^,\s]{1,64},(?P<s>[^\s\"']+)"),
    ("ftp", r"(?m)> ?PASS (?P<s>[^\s]+)\r?$"),
    ("option", r"\s-pass(?:in|out)?[ ]{1,4}[\"']?pass:(?P<s>[^\s\"']+)"),
    (
        "echoed",
        (
            r"(?i)\b(?:echo|printf)(?:\s{1,4}-[a-z]{1,3}){0,2}(?:\s{1,4}[\"']?%s(?:\\n)?[\"']?)?\s{1,4}[\"']?"
            r"(?P<s>[^\s\"'$|%\-][^\s\"'$|]{5,})[\"']?\s{0,4}\|\s{0,4}"
            r"(?:(?:sudo|docker|podman|helm|gh|passwd|kinit|iinit)\b|[^\n|]{0,120}?\s--(?:password|pass|passphrase|token)-(?:stdin|fd)\b)"
        ),
    ),
    ("option", r"\bsmbclient[ ]{1,4}//\S{1,100}[ ]{1,4}[\"']?(?P<s>[^\s\"'\-][^\s\"']*)"),
    (
        "option",
        (
            r"\brclone[ ]{1,4}config[ ]{1,4}(?:create|update|password)\b[^\n|;]{0,200}?[ ](?:pass|password2?|token|key"
            r"|client_secret|secret_access_key|bearer_token)[ =]{1,2}[\"']?(?P<s>[^\s\"'\-][^\s\"']*)"
        ),
    ),
    ("option", r"\brclone[ ]{1,4}obscure[ ]{1,4}[\"']?(?P<s>[^\s\"'\-][^\s\"']*)"),
    (
        "option",
        (
            r"\bmc[ ]{1,4}(?:alias[ ]{1,4}set|config[ ]{1,4}host[ ]{1,4}add)(?:[ ]{1,4}[^\s\-]\S{0,200}){3}[ ]{1,4}"
            r"[\"']?(?P<s>[^\s\"'\-][^\s\"']*)"
        ),
    ),
    ("option", r"\bomero\b[^\n|;]{0,200}?\s-w[ =]{1,4}[\"']?(?P<s>[^\s\"'\-][^\s\"']*)"),
    # the clients of R, with or without the request that a pipe hands on, and of C's library
    (
        "option",
        (
            r"\b(?:authenticate|req_auth_basic)\(\s{0,8}(?:[\w.]{1,60}\s{0,4},\s{0,8})?[\"'][^\"'\n]{0,100}[\"']\s{0,8},"
            r"\s{0,8}[\"'](?P<s>[^\"'\n]+)[\"']"
        ),
    ),
    ("option", r"\breq_auth_bearer_token\(\s{0,8}(?:[\w.]{1,60}\s{0,4},\s{0,8})?[\"'](?P<s>[^\"'\n]+)[\"']"),
    ("option", r"USERPWD[\"']?\s{0,8},\s{0,8}[\"'][^:\"'\n]{1,64}:(?P<s>[^\"'\n]+)[\"']"),
)
