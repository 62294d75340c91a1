project='t'
extensions=['sphinx.ext.autodoc','sphinxcontrib.bibtexx']
