rule stats:
    input:
        text="data/text.txt"
        words="results/words.txt",
    output:
        "results/stats.txt",
    shell:
        "echo \"$(wc -w < {input.text}) words, $(wc -l < {input.words}) of them different\" > {output}"
