%require "3.9.2"
%token NUM
%%
e: NUM | e '+' NUM;
%%
