args = argv();
x = load(args{1});
printf("%d samples\n", numel(x));
[b, a] = butter(4, 0.2);
y = filter(b, a, x);
printf("%g\n", std(y));
