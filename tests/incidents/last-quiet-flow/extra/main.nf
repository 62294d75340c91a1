process GATE { input: val k
  output: path "o.txt"
  script: "gforth -e ': t $k 3 > if 6 (bye) then ; t bye' > o.txt" }
workflow { GATE(channel.of(2,5)) }
