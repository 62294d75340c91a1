drop view if exists adult;
create view adult as
  select id, age,
  from visit where age >= 18;
