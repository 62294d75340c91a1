map = {}
File.foreach(ARGV[0]) { |l| k, v = l.chomp.split(','); map[k] = v }
%w[AAA CCC GGG].each { |b| puts [b, map[b].upcase].join("\t") }
