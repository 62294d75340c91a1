#!/bin/bash
set -e
tmux -V
tmux -L lab new-session -d -s prep "sleep 20"
tmux -L lab ls
tmux -L lab send-keys -t prpe:0 "run" Enter
tmux -L lab kill-server
