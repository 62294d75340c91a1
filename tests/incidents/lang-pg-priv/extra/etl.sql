\timing off
begin;
update calls set qual = qual + 1 where id < 20;
insert into audit values (20);
commit;
