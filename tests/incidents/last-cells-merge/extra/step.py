import anndata as ad, numpy as np
print("anndata",ad.__version__)
a=ad.AnnData(np.ones((4,3),dtype="f4")); b=ad.AnnData(np.zeros((2,3),dtype="f4"))
m=a.concatenate(b)
print(m.shape)
m.write("m.h5ad")
r=ad.read("m.h5ad")
