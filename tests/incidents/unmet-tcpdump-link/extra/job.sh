#!/bin/bash
tcpdump -i lo -c 10 -w out.pcap
