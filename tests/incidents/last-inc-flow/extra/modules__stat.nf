process STAT { input: path f; script: "seqkit stats $f" }
