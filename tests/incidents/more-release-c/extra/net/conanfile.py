from conan import ConanFile
class P(ConanFile):
    name="net"
    def requirements(self): self.requires("zl/2.0")
