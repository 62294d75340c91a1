echo chunk 1
echo chunk 2
