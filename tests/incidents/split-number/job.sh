seq 9 | split -l many - part_
