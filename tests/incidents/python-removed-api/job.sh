python3 -c "import math; math.gcdx(2,3)"
