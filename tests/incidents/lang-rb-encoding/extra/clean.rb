t = File.read(ARGV[0])
puts "#{ARGV[0]}: #{t.lines.map { |l| l.gsub(/\s+/, ' ').split(',').size }.sum} fields"
