timeout -v 1 sleep 20
