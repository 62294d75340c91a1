const escape=require('escape-string-regexp');
const chalk=require('chalk');
console.error(chalk.green('rendering'));
console.log('<p>'+escape('a.b')+'</p>');
