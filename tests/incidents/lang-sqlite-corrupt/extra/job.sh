#!/bin/bash
set -e
php -r '$d=new PDO("sqlite:ok.db"); echo "ok
";' 2>/dev/null || true
python dump_idx.py
