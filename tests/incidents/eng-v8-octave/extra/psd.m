x = (1:10)';
w = ones(1, 8);
y = x .* hannwin(10);
printf('%g\n', y);
