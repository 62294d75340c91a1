<?php
$terms = [];
fwrite(STDERR, "loading {$argv[1]}\n");
foreach (new SplFileObject($argv[1]) as $i => $line) {
    $f = explode("\t", rtrim($line));
    $terms[$f[0]] = ['name' => $f[1] ?? '', 'parents' => [], 'alt' => array_fill(0, 10, $f[0])];
    if ($i % 50000 == 0) fwrite(STDERR, "$i terms\n");
}
echo count($terms), "\n";
