pip install --no-index heal-no-such-package
