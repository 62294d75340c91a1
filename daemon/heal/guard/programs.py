"""Programs by what they can do."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# what comes with every system and changes nothing beyond what it is told; what can do more is judged by its words
HARMLESS = _words(
    """[ [[ test : true false echo printf mkdir cd pushd popd pwd ls cat tac cp mv ln head tail sort uniq cut paste
    join tr wc nl rev fold fmt column comm diff cmp grep egrep fgrep zgrep zcat gzip gunzip bgzip bzip2 bunzip2
    xz unxz zstd tar sed gsed seq basename dirname realpath readlink date sleep tee touch rm rmdir mktemp stat
    file du df md5sum sha256sum sha1sum cksum set shopt export local declare typeset readonly unset shift read
    mapfile readarray return exit break continue wait getopts let expr bc hostname nproc id uname which type
    command hash ulimit umask module ml conda mamba micromamba source . trap eval exec timeout xargs find awk
    gawk mawk time printenv env"""
)
NETWORK = _words(
    """curl wget nc ncat netcat socat telnet ssh scp sftp ftp lftp aria2c rclone rsync nmap dig nslookup host ping
    aws gsutil gcloud az s3cmd sshfs openssl mail mailx sendmail mutt wput prefetch ascp globus globus-url-copy
    iget iput"""
)
SHELLS = _words("""bash sh dash zsh ksh ash fish busybox""")
INTERPRETERS = _words("""python python2 python3 perl ruby node lua php tclsh Rscript R julia java deno bun""")
INSTALLERS = _words(
    """pip pip3 pipx uv easy_install apt apt-get yum dnf apk brew npm yarn gem cargo cpan cpanm go poetry"""
)
ENVIRONMENTS = _words("""conda mamba micromamba pixi spack""")
RIGHTS = _words(
    """sudo su doas chown chgrp setfacl setcap kill pkill killall skill newgrp passwd usermod mount umount chroot
    unshare nsenter insmod systemctl"""
)
LATER = _words("""crontab at batch nohup disown setsid screen tmux sbatch srun salloc qsub bsub scancel scontrol""")
CODE = _words("""eval alias enable bind complete parallel""")
DECODERS = _words("""base64 base32 xxd uudecode""")
CONTAINERS = _words("""docker podman singularity apptainer udocker charliecloud nerdctl""")
WIPERS = _words("""shred mkfs wipe unlink truncate fallocate""")
# without a name, or with -x or -p, they print every variable there is
DECLARERS = _words("""set export declare typeset readonly local""")
# these run another program: which one is the power
RUNNERS = _words("""command builtin env time exec nice stdbuf busybox xargs watch strace timeout script""")
CHECKS = _words("""[ [[ test""")
ASKERS = _words("""[ [[ test grep command which type read cmp diff getopts true :""")
ENDS_WELL = _words("""true : echo printf touch exit return continue break cat ls pwd wait logger""")
# what they end with tells of no work that failed
ONLY_TELL = CHECKS | _words(
    """true : false echo printf pwd ls cd basename dirname realpath readlink date hostname nproc id uname seq"""
)
