cat notes.txt || echo "notes are optional, continuing"
python3 -c "print(table)"
