from conan import ConanFile
class P(ConanFile):
    name="zl"
