<?php
$a = [];
for ($i = 0; $i < 3000000; $i++) { $a[] = str_repeat('x', 40) . $i; }
echo count($a), "\n";
