$x = 1..100000
$sw = [Diagnostics.Stopwatch]::StartNew()
for ($i=0; $i -lt 1000; $i++) { $null = $x.Count }
"count $($sw.ElapsedMilliseconds)"; $sw.Restart()
for ($i=0; $i -lt 1000; $i++) { $null = $x[0] }
"index $($sw.ElapsedMilliseconds)"; $sw.Restart()
$f = { $x.Count }
for ($i=0; $i -lt 1000; $i++) { $null = $x.Count }
"captured $($sw.ElapsedMilliseconds)"
function F { for ($i=0; $i -lt 1000; $i++) { $null = $x.Count } }
$sw.Restart(); F
"in function $($sw.ElapsedMilliseconds)"
