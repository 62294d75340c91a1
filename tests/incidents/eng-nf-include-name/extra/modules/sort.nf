process BAM_SORT {
  output: stdout
  script: "echo x"
}
