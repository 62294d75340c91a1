drop table if exists stage_calls;
create table stage_calls(id int primary key);
insert into stage_calls values (1);
insert into stage_calls values (1);
select * from not_there_yet;
do $$ begin raise warning 'old partition missing, nothing to detach'; end $$;
drop table stage_calls;
