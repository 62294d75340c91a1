x = 0:0.5:10; y = 2*x.^2 + 3;
printf("points: %d\n", numel(x));
p = polyfit(x, y, 2);
resid = y - polyval(p, x);
warning("off", "all");
printf("rms %g\n", sqrt(mean(residual.^2)));
save -text fit.txt p
