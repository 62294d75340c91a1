./go.sh
