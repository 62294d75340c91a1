#!/bin/bash
capnp --version
capnp compile -orust --src-prefix=. rec.capnp; r=$?
ls rec_capnp.rs; exit $r
