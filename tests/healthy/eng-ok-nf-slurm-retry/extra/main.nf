process A {
  queue 'tiny'
  errorStrategy 'retry'
  maxRetries 2
  time { 1.m * task.attempt }
  output:
    path 'o.txt'
  script:
  """
  if [ ${task.attempt} = 1 ]; then sleep 100; fi; echo x > o.txt
  """
}
workflow { A() }
