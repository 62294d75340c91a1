#include <cstdio>
#include <cstdlib>
#include <cstring>
int main(int, char** v) {
  size_t n = strlen(v[1]);
  char* b = (char*)malloc(n);
  memcpy(b, v[1], n);
  long i = n - 1;
  while (b[i] == 'T') i--;
  printf("%s -> %ld bases kept\n", v[1], i + 1);
  free(b);
}
