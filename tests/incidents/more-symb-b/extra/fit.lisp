(require :asdf)
(asdf:load-system :lla)
(format t "fit ~a" (lla:solve #2A((1 2)(3 4)) #(1 2)))
