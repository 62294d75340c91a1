process MD { input: val t
  output: stdout
  script:
  """
  python3 $projectDir/md.py $t
  """ }
workflow { MD(channel.of(300)) | view }
