const f=require('./build/Release/fastq.node');
console.log(f.count('a.fq'));
