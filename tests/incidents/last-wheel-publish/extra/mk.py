import zipfile,os
os.makedirs("dist",exist_ok=True)
z=zipfile.ZipFile("dist/labq-0.3-py3-none-any.whl","w")
z.writestr("labq/__init__.py","")
z.writestr("labq-0.3.dist-info/METADATA","Metadata-Version: 2.1\nName: labq\nVersion: 0.3\nSummary: q\nDescription-Content-Type: text/markdown\n\n# q\n")
z.writestr("labq-0.3.dist-info/WHEEL","Wheel-Version: 1.0\n")
z.writestr("labq-0.3.dist-info/RECORD","")
z.close()
