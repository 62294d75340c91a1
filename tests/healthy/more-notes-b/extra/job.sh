#!/bin/bash
guile -c '(use-modules (srfi srfi-1)) (define (f x) (catch #t (lambda () (/ 1 x)) (lambda (k . a) (display "caught: ") (display k) (newline) 0))) (display (map f (list 1 0 2))) (newline)'
cat > a.scm <<'S'
(define unused-thing (lambda () (undefined-fn 3)))
(display "result ok") (newline)
S
guile --auto-compile a.scm
