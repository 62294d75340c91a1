require 'json'
out = File.open("summary.tsv", "w")
Dir["#{ARGV[0]}/*"].sort.each do |f|
  begin
    out.puts [f, JSON.parse(File.read(f))["n"]].join("\t")
  rescue JSON::ParserError, Errno::EACCES => e
    warn e.full_message(highlight: false)
    warn "#{f} is not one of ours, ignored"
  end
end
out.close
