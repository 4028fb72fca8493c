source [file dirname [info script]]/.bd.tcl
proc go2 {} { global sim quiet area target_of
 with_chip {--probe v3} {
  set f [data_file 32 1 0]
  set r [e2e::run [list timeout -k 5 100 strace -f -o /tmp/st.txt -s 48 -xx -e trace=sendto,write {*}[e2e::openocd_command $sim -stock -target target/stm32wb.cfg -ports [list -c "$area; $quiet"] init "reset halt" "adapter speed 24000" "flash write_image erase $f $::place bin" "debug_level 3" "echo ==VERIFY" "verify_image $f $::place bin" "echo ==SAME" "flash write_image erase $f $::place bin" "echo ==END" "debug_level 2" shutdown]]]
  puts [dict get $r err]
 }
}
go2
