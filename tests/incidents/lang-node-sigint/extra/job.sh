#!/bin/bash
echo $$ > run.pid
exec node --unhandled-rejections=strict stream.js
