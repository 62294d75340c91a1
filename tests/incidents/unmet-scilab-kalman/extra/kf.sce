A=[1 0.1;0 1]; C=[1 0]; P=eye(2,2); R=0.5;
x=[0;0];
for k=1:5
  z=k+rand(1,1);
  S=C*P*C'+R;
  K=P*C/S;
  x=A*x+K*(z-C*x);
end
disp(x);
