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
            r"(?:sh|dump|restore|export|import)?|ncftp(?:get|put|ls)?)\b[^\n|;]{0,200}?\s-(?:p|w)[ =]{0,24}[\"']?"
            r"(?P<s>[^\s\"'\-\\][^\s\"']*)"
        ),
    ),
    ("option", r"\bredis-cli\b[^\n|;]{0,200}?\s-a[ ]{1,4}[\"']?(?P<s>[^\s\"'\-][^\s\"']*)"),
    ("option", r"\bopenssl\b[^\n|;]{0,200}?\s-[kK][ ]{1,4}[\"']?(?P<s>[^\s\"'\-][^\s\"']*)"),
    (
        "option",
        (
            r"\b(?:smb[a-z]{1,10}|rpcclient|wbinfo|net[ ]r\w{1,3})\b"
            r"[^\n|;]{0,200}?\s-[Ua][ =]{0,4}[\"']?[^\s%\"']{1,64}%(?P<s>[^\s\"']+)"
        ),
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
            r"\b(?:iinit|kinit|sudo -S|passwd|chpasswd|vncpasswd|"
            r"sshfs|docker login|podman login|gh auth login|cryptsetup)\b"
            r"[^\n|;<]{0,100}<<<[ ]{0,4}[\"']?(?:[\w.\-]{1,64}:)?"
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
    (
        "option",
        (
            r"(?:^|[\s\"'(])(?:-u|--user|--proxy-user)[ =]{1,4}[\"']?"
            r"[^\s:\"']{0,63}[^\s:\"'0-9][^\s:\"']{0,63}:(?P<s>[^\s\"']+)"
        ),
    ),
    # the letter may be the last of several
    ("option", r"\bcurl\b[^\n|;]{0,200}?\s-[a-zA-Z]{0,8}[uU][ ]{0,4}[\"']?[^\s:\"'\-]{1,64}:(?P<s>[^\s\"']+)"),
    (
        "option",
        r"\bcurl\b[^\n|;]{0,200}?\s(?:-[a-zA-Z]{0,8}b|--cookie)[ =]{0,4}[\"']?[\w.\-]{1,64}=(?P<s>[^\s\"';]{6,})",
    ),
    ("option", r"\s--oauth2-bearer[ =]{1,4}[\"']?(?P<s>[^\s\"'\-][^\s\"']*)"),
    ("option", r"\b(?:zip|unzip|zipcloak)\b[^\n|;]{0,200}?\s-P[ ]?[\"']?(?P<s>[^\s\"'\-][^\s\"']{2,})"),
    ("option", r"\b(?:7z|7za|7zr|unrar)\b[^\n|;]{0,200}?\s-p[\"']?(?P<s>[^\s\"'\-][^\s\"']{2,})"),
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
    ("option", r"\b(?:sqlcmd|bcp|osql)\b[^\n|;]{0,200}?\s-P[ ]{0,4}[\"']?(?P<s>[^\s\"'\-][^\s\"']*)"),
    (
        "option",
        (
            r"\b(?:cqlsh|cypher-shell|user(?:add|mod)|[xX]nat[\w-]{0,20}|rdesktop)\b"
            r"[^\n|;]{0,200}?\s-p[ ]{1,4}[\"']?(?P<s>[^\s\"'\-][^\s\"']*)"
        ),
    ),
    ("option", r"\bisql(?:[ ]-\w{1,4}){0,3}(?:[ ][A-Za-z][\w.\-]{0,60}){2}[ ][\"']?(?P<s>[^\s\"'\-][^\s\"']{3,})"),
    ("option", r"\bx?freerdp\b[^\n|;]{0,200}?\s/p:[\"']?(?P<s>[^\s\"']+)"),
    (
        "option",
        (
            r"\bhtpasswd\b[^\n|;]{0,40}?\s-[a-zA-Z]{0,6}b[a-zA-Z]{0,6}[ ](?:\S{1,200}[ ])?"
            r"[\w.@-]{1,64}[ ][\"']?(?P<s>[^\s\"'\-][^\s\"']*)"
        ),
    ),
    ("option", r"\bssh-keygen\b[^\n|;]{0,200}?\s-[NP][ ]{1,4}[\"']?(?P<s>[^\s\"'\-][^\s\"']*)"),
    ("option", r"\brar\b[^\n|;]{0,100}?\s-hp[\"']?(?P<s>[^\s\"'\-][^\s\"']*)"),
    ("option", r"\s(?:input|user|owner)_pw[ ]{1,4}[\"']?(?P<s>[^\s\"'\-][^\s\"']*)"),
    ("option", r"\s--from-literal[ =][\"']?[\w.\-]{1,80}=(?P<s>[^\s\"']+)"),
    ("option", r"\bvault[ ]login[ ](?:-[\w=.\-]{1,40}[ ]){0,3}(?P<s>[^\s\"'\-=][^\s\"'=]{7,})"),
    ("option", r"\bnet[ ]use\b[^\n|;]{0,100}?[ ][/\\]{2}\S{1,100}[ ](?P<s>[^\s/*\"'][^\s\"']*)[ ]/user:"),
    ("option", r"\bconda[ ]config[ ]--set[ ]\w{0,20}token[ ](?P<s>[^\s\"'\-][^\s\"']{5,})"),
    ("option", r"\b(?:wandb|cargo)[ ]login[ ](?:--[\w-]{1,20}[ ]){0,3}(?P<s>[^\s\"'\-$][^\s\"']{7,})"),
    ("option", r"\b(?:glab|influx)[ ]auth\b[^\n|;]{0,60}?[ ]-t[ ](?P<s>[^\s\"'\-$][^\s\"']{5,})"),
    ("option", r"\bnpm[ ]config[ ]set[ ]\S{0,100}_(?:authToken|auth|password)[ =](?P<s>[^\s\"'\-$][^\s\"']*)"),
    (
        "option",
        r"\bpoetry[ ]config[ ](?:pypi-token\.\S{1,60}|http-basic\.\S{1,60}[ ]\S{1,60})[ ](?P<s>[^\s\"'\-$][^\s\"']*)",
    ),
    ("option", r"\bconda[ ]token[ ]set[ ](?P<s>[^\s\"'\-$][^\s\"']*)"),
    ("option", r"(?i)\bconfig[ ]set[ ](?:requirepass|masterauth)[ ][\"']?(?P<s>[^\s\"'$][^\s\"']*)"),
    ("option", r"\brabbitmqctl[ ](?:add_user|change_password)[ ]\S{1,60}[ ][\"']?(?P<s>[^\s\"'\-$][^\s\"']*)"),
    ("option", r"\bldappasswd\b[^\n|;]{0,200}?\s-[as][ ]{0,4}[\"']?(?P<s>[^\s\"'\-$][^\s\"']*)"),
    ("option", r"\bhttps?[ ][^\n|;]{0,80}?-a[ ][\w.\-]{1,64}:(?P<s>[^\s\"']{3,})"),
    ("header", r"\.cookie[ ]?=[ ]?[\"'][\w.\-]{1,64}=(?P<s>[^\"';\n]{6,})"),
    ("option", r"\bnsupdate\b[^\n|;]{0,100}?\s-y[ ](?:hmac[\w-]{0,12}:)?[\w.\-]{1,80}:(?P<s>[^\s\"']+)"),
    ("option", r"\b(?:su|ssh-add|gpg)\b[^\n|;<]{0,60}<<<[ ]{0,4}[\"']?(?P<s>[^\s\"'$]+)"),
    # what a program that asks for it reads from the script
    (
        "option",
        (
            r"\b(?:passwd|chpasswd|kinit|iinit|sudo -S|cryptsetup|docker login|podman login)\b[^\n]{0,120}?<<-?[ ]?"
            r"[\"']?\w{1,20}[\"']?[^\n]{0,40}\n[ \t]{0,20}(?:[\w.\-]{1,64}:)?(?P<s>[^\s:]{4,})[ \t]{0,8}\n"
        ),
    ),
    (
        "option",
        (
            r"\b(?:echo|printf)\b[^\n|:]{0,40}?[\s\"'](?:[\w.\-]{1,64}):"
            r"(?P<s>[^\s\"'|\\]{4,})[^\n|]{0,4}\|[ ]{0,4}(?:sudo[ ])?chpasswd"
        ),
    ),
    (
        "option",
        (
            r"\b(?:ftp|ncftp|lftp)\b[^\n]{0,120}<<-?[ ]?[\"']?\w{1,20}[\"']?[^\n]{0,80}\n(?:[^\n]{0,100}\n){0,5}?"
            r"[ \t]{0,20}(?:quote[ ])?(?i:user)[ ]{1,4}[^\s]{1,64}[ ]{1,4}(?P<s>[^\s]{3,})"
        ),
    ),
    ("ftp", r"(?im)\bquote[ ]{1,4}pass[ ]{1,4}(?P<s>[^\s\"']{3,})"),
    (
        "option",
        (
            r"(?i)(?:assword|passphrase)[^\n]{0,20}[\s{;\w.]{0,40}\b(?:send|sendline|exp_send)[ (]{1,3}(?:--[ ])?"
            r"[\"'](?P<s>[^\"'\\\n$]{3,})"
        ),
    ),
    # a host that is given with who enters it
    (
        "url",
        (
            r"\b(?:lftp|sftp|ftp|ssh|scp|rsync|curl|curlftpfs|"
            r"wget|aria2c)[ ](?:[^\n|;]{0,100}[ ])?[\"']?[A-Za-z_][\w.\-]{0,40}:"
            r"(?P<s>[^\s:/@\"']{4,})@[A-Za-z]"
        ),
    ),
    # what a shell reads a variable from
    (
        "option",
        (
            r"(?i)\bread\b[^\n|;<]{0,60}[ ]\w{0,30}(?:pass|passwd|password|passphrase|pw|secret|token|api_?key)\w{0,12}"
            r"[ ]{0,4}<<<[ ]{0,4}[\"']?(?P<s>[^\s\"'$]+)"
        ),
    ),
    (
        "option",
        (
            r"(?i)(?:\b|\w{0,40}_)\w{0,20}?(?:passwd|password|passphrase|_pass|\bpass|pw|secret|token"
            r"|api_?key)=[\"']?(?:\$\(|`)[ ]{0,4}"
            r"(?:echo|printf|cat[ ]{0,4}<<<)(?:[ ]-[a-z]{1,3})?(?:[ ][\"']?%s(?:\\n)?[\"']?)?[ ]{0,4}[\"']?"
            r"(?P<s>[^\s\"'$|)`%\-][^\s\"'$|)`]{3,})[\"']?[ ]{0,4}[)`]"
        ),
    ),
    # who somebody is and what proves it, before both are put into base64
    (
        "option",
        (
            r"(?i)\b(?:b64encode|base64_?enc\w{0,12}|btoa|encodeToString|encodeBytes)\(\s{0,8}(?:[\w.]{1,30}\()?[bru]?[\"']"
            r"[^:\"'\n/]{1,64}:(?P<s>[^\"'\n]{3,})[\"']"
        ),
    ),
    (
        "option",
        (
            r"\b(?:echo|printf)(?:[ ]-[a-z]{1,3})?(?:[ ][\"']?%s[\"']?)?[ ][\"']?[\w.@\-]{1,64}:(?P<s>[^\s\"'|$]{4,})"
            r"[\"']?[ ]{0,4}\|[ ]{0,4}(?:openssl[ ])?base64\b"
        ),
    ),
    ("option", r"[\"'][\w.@\-]{1,64}:(?P<s>[^\"'\s/:]{4,})[\"']\.(?:bytes\.|getBytes\(\)\.)?encodeBase64"),
    ("header", r"(?i)\bbasic[ ]?[\"'][)\s]{0,4}[+,.][\s(]{0,4}[\"'](?P<s>[A-Za-z0-9+/]{8,}={0,2})[\"']"),
    ("header", r"(?i)\bcookies?[\"']?[ ]?[=:][ ]?\{[ ]?[\"'][\w.\-]{1,64}[\"'][ ]?:[ ]?[\"'](?P<s>[^\"'\n]{6,})[\"']"),
    # a line of a jar of cookies
    ("header", r"(?m)\t(?:TRUE|FALSE)\t/[^\t\n]{0,200}\t(?:TRUE|FALSE)\t[0-9]{1,12}\t[^\t\n]{1,100}\t(?P<s>[^\s]{4,})"),
    ("setting", r"(?i)(?:^|[^a-z0-9])pin(?:[ _-]?code)?[\"']?\s{0,4}[:=]\s{0,4}[\"']?(?P<s>[0-9]{4,12})\b"),
    (
        "setting",
        (
            r"(?i)\b(?:otp|2fa|mfa|one-time)(?:[ _-](?:code|password|token))?"
            r"[\"']?\s{0,2}[:=]?\s{1,2}[\"']?(?P<s>[0-9]{6,8})\b"
        ),
    ),
    ("setting", r"(?i);[ ]?pwd=\{(?P<s>[^}\n$]{3,})\}"),
    # within an address: what signs it
    (
        "url",
        (
            r"(?i)[?&](?:key|sig|signature|jwt|sas|ticket|hmac|code|auth_?code)="
            r"(?P<s>[A-Za-z_.~%+/\-]{0,60}[0-9][A-Za-z0-9_.~%+/\-]{7,})"
        ),
    ),
    ("url", r"(?i)%3A%2F%2F[^\s%]{1,64}%3A(?P<s>[^\s\"'&]{3,100}?)%40"),
)
