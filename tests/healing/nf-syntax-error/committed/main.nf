process COUNT {
    tag "$letter"
    publishDir 'results', mode: 'copy'

    input:
    val letter
    path text

    output:
    path "${letter}.count"

    script:
    "grep -o '$letter' $text | wc -l > ${letter}.count"
}

workflow {
    COUNT(channel.of('a', 'b'), file('data/text.txt'))
}
