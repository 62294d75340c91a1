process ENC { input: path s
  output: path '*.json'
  script: "flatc --cpp -o . $s; ls" }
workflow { ENC(channel.fromPath('rec.fbs')) | view }
