#!/bin/bash
set -e
php import.php > import.log
tail -1 import.log
