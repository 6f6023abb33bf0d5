# paths.sh - for scripts that read it with "." at the top of the repository: $top, that
# folder, and as absolute paths $B, the build folder (build), and $SO, the library
# (digitnet.so).
top=$PWD
B=${B:-build}
SO=${SO:-digitnet.so}
case $B in /*) ;; *) B=$top/$B ;; esac
case $SO in /*) ;; *) SO=$top/$SO ;; esac
