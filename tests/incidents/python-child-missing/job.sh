python3 -c "import subprocess; subprocess.run(['hisat2x', '-h'])"
