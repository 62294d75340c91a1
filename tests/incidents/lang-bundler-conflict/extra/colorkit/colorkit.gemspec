Gem::Specification.new { |s| s.name='colorkit'; s.version='2.0'; s.summary='p'; s.authors=['l']; s.files=[] }
