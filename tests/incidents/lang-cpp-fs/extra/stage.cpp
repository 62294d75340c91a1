#include <filesystem>
#include <iostream>
namespace fs = std::filesystem;
int main(int c, char** v) {
  fs::create_directories("work");
  for (int i = 1; i < c; i++) {
    std::cerr << "[stage] copying " << v[i] << " (" << fs::file_size(v[i]) << " bytes)" << std::endl;
    fs::copy_file(v[i], fs::path("work") / fs::path(v[i]).filename());
  }
}
