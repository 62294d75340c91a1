from conan import ConanFile
class P(ConanFile):
    name="hdf"
    def requirements(self): self.requires("zl/1.0")
