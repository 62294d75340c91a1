module GFF
  Feature = Struct.new(:chrom, :start, :stop, :attrs)
  def self.parse(line)
    f = line.chomp.split("\t")
    attrs = f[8].split(";").map { |kv| kv.split("=") }.to_h
    Feature.new(f[0], f[3].to_i, f[4].to_i, attrs)
  end
end
$stderr.puts "reading #{ARGV[0]}"
File.foreach(ARGV[0]) do |l|
  next if l.start_with?("#")
  g = GFF.parse(l)
  puts [g.chrom, g.start - 1, g.stop, g.attrs["Name"].upcase].join("\t")
end
