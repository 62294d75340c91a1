echo "<html>busy</html>" > ref.fa.gz
echo unpack
gzip -d ref.fa.gz
