process ERA { input: val y
  output: path "*.nc"
  script: "python3 -c 'import cdsapi; cdsapi.Client().retrieve(\"era5\",{\"year\":\"$y\"},\"x.nc\")'" }
workflow { ERA(channel.of(2019)) }
