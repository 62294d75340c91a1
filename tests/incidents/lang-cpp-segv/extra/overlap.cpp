#include <cstdio>
#include <map>
#include <string>
#include <vector>
typedef std::vector<std::pair<int,int>> Iv;
std::map<std::string, Iv*> load(const char* f) { std::map<std::string, Iv*> m; FILE* h = fopen(f, "r"); char c[64]; int a, b; while (fscanf(h, "%63s %d %d", c, &a, &b) == 3) { if (!m[c]) m[c] = new Iv; m[c]->push_back({a,b}); } fclose(h); fprintf(stderr, "%s: %zu chromosomes\n", f, m.size()); return m; }
int main(int, char** v) { auto A = load(v[1]), B = load(v[2]); for (auto& k : A) for (auto& i : *k.second) for (auto& j : *B[k.first]) if (i.first < j.second && j.first < i.second) printf("%s\t%d\t%d\n", k.first.c_str(), i.first, i.second); }
