local bins = {}
local function add(n) local b = n // 100; bins[b] = bins[b] + 1 end
io.stderr:write("histogram of ", arg[1], "\n")
for l in io.lines(arg[1]) do add(tonumber(l)) end
for b, n in pairs(bins) do print(b, n) end
