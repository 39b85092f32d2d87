foreach ($b in @(
 { try { 1/0 } catch [DivideByZeroException] { "ok $_" } },
 { try { 1/0 } catch [System.DivideByZeroException] { "ok $_" } }
)) { & $b }
try { Get-Item /nonesuch -ErrorAction Stop } catch [System.Management.Automation.ItemNotFoundException] { "inf $_" }
try { Get-Nothing1 } catch [System.Management.Automation.CommandNotFoundException] { "cnf $_" }
try { Get-Content /nonesuch -ErrorAction Stop } catch [ItemNotFoundException] { "inf2 $_" }
try { Get-Date -Nosuch 1 } catch [System.Management.Automation.ParameterBindingException] { "pbe $_" }
try { [int]"abc" } catch [InvalidCastException] { "ice $_" }
try { [int]"abc" } catch [System.Management.Automation.PSInvalidCastException] { "ice $_" }
try { [int]"abc" } catch [FormatException] { "fe $_" } catch { "no: $($_.Exception.GetType().FullName) $($_.Exception.InnerException.GetType().FullName)"}
try { [int]::Parse("abc") } catch [FormatException] { "fe $_" } 
try { $a=@(1); Set-StrictMode -Version latest; $a[5] } catch [IndexOutOfRangeException] { "ioor $_" } 
Set-StrictMode -Off
try { throw [System.IO.FileNotFoundException]::new("x") } catch [System.IO.FileNotFoundException] { "fnf $_" } 
try { throw [IO.FileNotFoundException]"x" } catch [System.IO.IOException] { "fnf $_" } 
try { throw "x" } catch [System.Management.Automation.RuntimeException] { "rte $_" } 
try { Invoke-WebRequest http://127.0.0.1:1/ -ErrorAction Stop } catch [System.Net.WebException] { "web $_" } catch [System.Net.Http.HttpRequestException] { "http $_" } catch {"web other $($_.Exception.GetType().FullName)"}
try { Get-Content / -ErrorAction Stop } catch [UnauthorizedAccessException] { "ua $_" } catch { "uao $($_.Exception.GetType().FullName) $_" }
try { "abc".Substring(10) } catch [ArgumentOutOfRangeException] { "aoor $_" }
try { 1 } catch [DividByZeroException] { 3 }
try { [datetime]"abc" } catch { "$($_.Exception.GetType().FullName) $($_.FullyQualifiedErrorId)" }
try { $null.foo() } catch { "$($_.Exception.GetType().FullName) $($_.FullyQualifiedErrorId)" }
try { Invoke-WebRequest http://127.0.0.1:1/ -ErrorAction Stop } catch [System.Net.WebException],[System.Net.Http.HttpRequestException] { "web $_" }
