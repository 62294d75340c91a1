select chrom, count(*) from calls group by 1 order by 1 limit 5;
select chrom, avg(quality) from calls
  group by chrom
  order by 1;
select 1;
