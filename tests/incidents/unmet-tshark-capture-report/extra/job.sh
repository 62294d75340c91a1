#!/bin/bash
tshark -r cap.pcapng -q -z io,stat,1
