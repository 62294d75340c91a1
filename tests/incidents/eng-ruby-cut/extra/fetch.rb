require 'net/http'
3.times do |i|
  begin
    r = Net::HTTP.start('127.0.0.1', 8097, read_timeout: 3) { |h| h.get('/stall/panel.bed') }
    puts r.body.size
    exit 0
  rescue => e
    warn "attempt #{i + 1}: #{e.class}: #{e.message}"
  end
end
abort 'panel.bed could not be fetched'
