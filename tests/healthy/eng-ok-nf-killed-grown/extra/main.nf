process A {
  errorStrategy 'retry'
  maxRetries 3
  memory { 300.MB * task.attempt }
  beforeScript 'true'
  output:
    path 'o.txt'
  script:
  """
  ulimit -v \$(( ${task.memory.toMega()} * 1024 ))
  perl -e 'my \$x = "A" x 500_000_000; print length \$x' > o.txt
  """
}
workflow { A() }
