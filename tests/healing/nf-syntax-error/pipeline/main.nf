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

process TOTAL {
    publishDir 'results', mode: 'copy'

    input:
    path counts

    output:
    path 'total.txt'

    script:
    "cat $counts | awk '{ n += \$1 } END { print n }' > total.txt"

workflow {
    COUNT(channel.of('a', 'b'), file('data/text.txt'))
    TOTAL(COUNT.out.collect())
}
