#include <cassert>
#include <cstdio>
#include <cstring>
#include <vector>
struct Band { int w; std::vector<int> c; Band(int n): w(n), c(n, 0) {} int& at(int i) { assert(i >= 0 && i < w); return c[i]; } };
int main(int, char** v) {
  int n = strlen(v[1]), m = strlen(v[2]);
  Band b(n + 1);
  for (int j = 0; j <= m; j++) b.at(j) = j;
  printf("%d %d score %d\n", n, m, b.at(m));
}
