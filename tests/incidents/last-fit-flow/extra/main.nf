process SIM { output: path 'm.csv'
  script: "seq 1 60 | paste -d, - - - - - - > m.csv" }
process FIT { input: path m
  output: path 'top.csv'
  script: "Rscript $projectDir/fit.R $m top.csv" }
workflow { FIT(SIM()) }
