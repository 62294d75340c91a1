rule words:
    input:
        "data/text.txt",
    output:
        "results/words.txt",
    shell:
        "tr ' ' '\\n' < {input} | sort -u > {output}"
