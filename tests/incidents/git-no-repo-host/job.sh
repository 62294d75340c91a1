git clone https://repo.invalid/x.git
