g++ big.cpp -o big && ulimit -v 300000 && ./big
