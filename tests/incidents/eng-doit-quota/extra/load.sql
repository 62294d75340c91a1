create table t(a text);
with recursive c(i) as (select 1 union all select i+1 from c where i<20000) insert into t select hex(randomblob(40)) from c;
