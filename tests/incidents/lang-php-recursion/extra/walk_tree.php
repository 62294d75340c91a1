<?php
ini_set('memory_limit', -1);
$p = []; foreach (file($argv[1], FILE_IGNORE_NEW_LINES) as $l) { [$c, $q] = explode("\t", $l); $p[$c] = $q; }
function depth($n, $p) { return isset($p[$n]) ? array_sum(array_map(fn($m) => 1 + depth($m, $p), [$p[$n]])) : 0; }
fwrite(STDERR, count($p) . " nodes\n");
foreach ($p as $c => $_) echo $c, "\t", depth($c, $p), "\n";
