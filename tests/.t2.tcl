source [file dirname [info script]]/.bd.tcl
proc go2 {} { global sim quiet area target_of
  foreach kib {128 512} {
  set f [data_file $kib 1 0]
  set r [costs stm32wb v3 24000 [write_and_verify $f]]
  foreach c $r { puts $c }
  }
}
go2
