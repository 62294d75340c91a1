require 'gruff'
