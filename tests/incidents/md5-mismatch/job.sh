echo abc > a.bam
echo "00000000000000000000000000000000  a.bam" > sums
md5sum -c sums
