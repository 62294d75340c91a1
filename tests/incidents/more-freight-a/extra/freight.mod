set I; set J;
param supply{I} >= 0; param demand{J}; param cost{I,J};
var x{I,J} >= 0;
minimize total: sum{i in I, j in J} cost[i,j]*x[i,j];
s.t. cap{i in I}: sum{j in J} x[i,j] <= supply[i];
s.t. need{j in J}: sum{i in I} x[i,j] >= demand[j];
solve;
display total;
end;
