echo chunk 1
