#!/bin/bash
fossil version | cut -c 1-24
fossil clone http://archive.lab.example:18404/protocols protocols.fossil; r=$?
fossil open protocols.fossil 2>&1 | tail -n 1
exit $r
