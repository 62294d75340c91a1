process SPICE { tag "$n.baseName"
  errorStrategy 'finish'
  input: path n
  output: path "*.out"
  script: "ngspice -b $n -o ${n.baseName}.out || { cat ${n.baseName}.out; exit 1; }" }
workflow { SPICE(channel.fromPath('*.cir')) }
