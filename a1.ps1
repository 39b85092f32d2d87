switch -File /tmp/lng/l.txt { 'beta' {"B $_"} default {"d $_"} }
