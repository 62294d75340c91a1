local t = { [4] = { f = 2 }, [9] = { f = 3 } }
print(t[tonumber(arg[1])].f * 10)
