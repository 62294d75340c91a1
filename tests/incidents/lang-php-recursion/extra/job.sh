#!/bin/bash
set -e
php -v | head -1 | cut -d' ' -f1,2 | cut -c1-5
php walk_tree.php tree.tsv
