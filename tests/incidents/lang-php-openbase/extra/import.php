<?php
set_error_handler(function ($n, $m) { throw new ErrorException($m, $n); });
foreach (["open.csv", "/data/shared/cohort/ids.csv"] as $f) { $h = fopen($f, "r"); echo "$f: ", count(fgetcsv($h)), " columns\n"; }
