#!/bin/bash
echo "rendering run parameters"
jsonnet base.jsonnet | wc -c
jsonnet -o run.json gen.jsonnet; r=$?
wc -c run.json; exit $r
