#!/bin/bash
set -e
echo "sensor poll 1"; echo "t=21.4"
mosquitto_pub -h 127.0.0.1 -p 1889 -t lab/room4/temp -m 21.4
