<?php
declare(strict_types=1);
function total(array $xs): float { $s = 0.0; foreach ($xs as $x) { $s = add($s, $x); } return $s; }
function add(float $a, float $b): float { return $a + $b; }
$d = json_decode(file_get_contents($argv[1]), true);
foreach ($d as $k => $v) { printf("%s\t%.1f\n", $k, total($v)); }
