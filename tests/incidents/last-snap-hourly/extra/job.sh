#!/bin/bash
rsnapshot -c rs.conf configtest
rsnapshot -c rs.conf hourly; r=$?
ls /data/snap; exit $r
