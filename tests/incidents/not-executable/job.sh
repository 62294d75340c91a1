set -e
./noexec.sh
