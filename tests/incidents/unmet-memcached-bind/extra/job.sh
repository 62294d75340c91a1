#!/bin/bash
memcached -p 211 -l 127.0.0.1 -m 16
