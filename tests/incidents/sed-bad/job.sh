echo a | sed 's/a/b'
