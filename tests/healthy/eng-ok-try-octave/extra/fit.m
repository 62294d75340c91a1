try
  x = chol([1 2; 2 1]);
catch e
  fprintf(stderr, 'error: %s\n', e.message);
  fprintf(stderr, 'falling back to a pseudo-inverse\n');
  x = pinv([1 2; 2 1]);
end
disp(x)
