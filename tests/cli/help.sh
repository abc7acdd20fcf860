# Help and version: on standard output, the same frame for every command.
tmo --version
tmo --help
commands=$("$TMO" --help | sed -n 's/^  \([a-z]*\) .*/\1/p')
for command in $commands; do
    "$TMO" $command --help > help.txt || echo "$command --help: exit $?"
    sed -n '1p;$p' help.txt
    for option in threads seed isa quiet json help; do
        grep -q "^  --$option" help.txt || echo "$command: no --$option"
    done
    "$TMO" $command -h | cmp - help.txt
done
tmo
