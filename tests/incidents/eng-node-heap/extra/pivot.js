const rows = [];
for (let i = 0; i < 5e6; i++) rows.push({ id: i, v: [i, i + 1, i + 2] });
console.log(rows.length);
