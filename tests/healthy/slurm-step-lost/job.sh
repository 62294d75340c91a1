echo "srun: error: cn3: task 0: Exited with exit code 3"
echo "went on without it"
