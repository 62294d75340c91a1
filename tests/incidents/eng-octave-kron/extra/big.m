disp('assembling')
A = rand(40000);
disp(sum(A(:)))
