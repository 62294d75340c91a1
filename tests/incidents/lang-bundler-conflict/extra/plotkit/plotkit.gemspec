Gem::Specification.new { |s| s.name='plotkit'; s.version='1.0'; s.summary='p'; s.authors=['l']; s.files=[]; s.add_dependency 'colorkit', '~> 1.4' }
