#!/bin/bash
check-jsonschema --version
check-jsonschema --schemafile run.schema.json run1.json run2.json; r=$?
[ $r -eq 0 ] && cp run*.json /data/ ; exit $r
