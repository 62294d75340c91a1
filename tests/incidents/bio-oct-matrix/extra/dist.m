n = 20000; printf("pairwise distances of %d samples\n", n);
x = rand(n, 3, "single");
D = zeros(n, n);
for i = 1:n, D(i,:) = sum((x - x(i,:)).^2, 2)'; end
printf("max %g\n", max(D(:)));
