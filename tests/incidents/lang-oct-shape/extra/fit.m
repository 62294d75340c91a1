x = linspace(0, 1, 50);
A = [ones(50,1), x', (x').^2];
y = 2 + 3*x + 0.1*sin(20*x);
printf("design %d x %d\n", size(A));
beta = (A' * A) \ (A' * y);
disp(beta')
