import os, strutils
import zippy/gzip
import docopt
echo readFile(paramStr(1)).strip()
