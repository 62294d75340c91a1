echo unpack
tar xzf refs.tar.gz
