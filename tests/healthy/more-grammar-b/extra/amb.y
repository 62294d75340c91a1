%token NUM
%token FAIL_TOKEN
%%
e: NUM | e '+' e | e '*' e | unused;
unused: NUM;
%%
