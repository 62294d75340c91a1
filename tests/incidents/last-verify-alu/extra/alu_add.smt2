(set-logic QF_BV)
(declare-const a (_ BitVec 8))
(assert (not (= (bvadd a a) (bvmul a #x02))))
(check-sat)
