#!/bin/bash
set -e
php -d memory_limit=64M load_ontology.php terms.tsv
echo loaded
