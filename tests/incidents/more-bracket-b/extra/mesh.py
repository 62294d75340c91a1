import sys
import gmsh
gmsh.initialize()
gmsh.model.occ.addBox(0,0,0,1,1,1); gmsh.model.occ.synchronize()
gmsh.option.setNumber("Mesh.MeshSizeMax", float(sys.argv[1]))
gmsh.model.mesh.generate(3); gmsh.write("box_%s.msh" % sys.argv[1])
