#include <fstream>
#include <iostream>
#include <string>
#include <vector>
#include <cmath>
int main(int c, char** v) {
  std::ifstream in(v[1]); std::string s; std::vector<double> x;
  while (in >> s) x.push_back(std::stod(s));
  double m = 0, q = 0; for (double d : x) m += d; m /= x.size();
  for (double d : x) q += (d-m)*(d-m);
  for (double d : x) std::cout << (d-m)/std::sqrt(q/x.size()) << "\n";
}
