hisat2x --version || echo "hisat2x is optional"
echo done
