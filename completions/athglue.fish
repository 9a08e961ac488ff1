# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_athglue_global_optspecs
    string join \n C/file= target= profile= region= env= var= data-dir= output= y/yes v/verbose color= q/quiet h/help V/version
end

function __fish_athglue_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_athglue_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_athglue_using_subcommand
    set -l cmd (__fish_athglue_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c athglue -n "__fish_athglue_needs_command" -s C -l file -d 'The stack: its file, or the folder that holds a stack.toml' -r -F
complete -c athglue -n "__fish_athglue_needs_command" -l target -d 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names' -r
complete -c athglue -n "__fish_athglue_needs_command" -l profile -d 'The profile of the AWS configuration to use' -r
complete -c athglue -n "__fish_athglue_needs_command" -l region -d 'The AWS region, for a stack that names none; a stack that names another is refused' -r
complete -c athglue -n "__fish_athglue_needs_command" -l env -d 'The env that is meant: what `[env.NAME]` of stack.toml changes applies' -r
complete -c athglue -n "__fish_athglue_needs_command" -l var -d 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml' -r
complete -c athglue -n "__fish_athglue_needs_command" -l data-dir -d 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml' -r -f -a "(__fish_complete_directories)"
complete -c athglue -n "__fish_athglue_needs_command" -l output -d 'How results are printed' -r -f -a "table\t'For people'
json\t'For programs'"
complete -c athglue -n "__fish_athglue_needs_command" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is `dumb`'
always\t''
never\t''"
complete -c athglue -n "__fish_athglue_needs_command" -s y -l yes -d 'Changes without asking'
complete -c athglue -n "__fish_athglue_needs_command" -s v -l verbose -d 'Says more about what goes on; twice, everything'
complete -c athglue -n "__fish_athglue_needs_command" -s q -l quiet -d 'Prints results, warnings and errors only'
complete -c athglue -n "__fish_athglue_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c athglue -n "__fish_athglue_needs_command" -s V -l version -d 'Print version'
complete -c athglue -n "__fish_athglue_needs_command" -f -a "init" -d 'Writes a stack.toml to start from'
complete -c athglue -n "__fish_athglue_needs_command" -f -a "validate" -d 'Checks stack.toml and the files it names, without calling anything'
complete -c athglue -n "__fish_athglue_needs_command" -f -a "plan" -d 'Shows what `up` would change, and changes nothing'
complete -c athglue -n "__fish_athglue_needs_command" -f -a "up" -d 'Makes everything so as stack.toml says: creates, changes and deletes what it takes'
complete -c athglue -n "__fish_athglue_needs_command" -f -a "destroy" -d 'Deletes everything that the stack owns'
complete -c athglue -n "__fish_athglue_needs_command" -f -a "status" -d 'Shows everything of the stack and whether it is as stack.toml says'
complete -c athglue -n "__fish_athglue_needs_command" -f -a "policy" -d 'Shows the policy that something of the stack needs, with the reason of every statement'
complete -c athglue -n "__fish_athglue_needs_command" -f -a "outputs" -d 'Shows what the stack has under [outputs]'
complete -c athglue -n "__fish_athglue_needs_command" -f -a "crawl" -d 'Runs crawlers, waits for them, and shows what changed in the catalog'
complete -c athglue -n "__fish_athglue_needs_command" -f -a "infer" -d 'Says what tables and columns are in files, as Glue\'s crawler would; writes nothing'
complete -c athglue -n "__fish_athglue_needs_command" -f -a "query" -d 'Runs SQL on Athena and prints the rows'
complete -c athglue -n "__fish_athglue_needs_command" -f -a "run" -d 'Runs a state machine and shows its states as they run'
complete -c athglue -n "__fish_athglue_needs_command" -f -a "executions" -d 'Lists, shows, stops and redrives executions of state machines'
complete -c athglue -n "__fish_athglue_needs_command" -f -a "graph" -d 'Draws a state machine, from the stack or from a file; asks no cloud'
complete -c athglue -n "__fish_athglue_needs_command" -f -a "test" -d 'Runs the test cases of state machines in this process: mocked tasks, a clock that waits for nothing, no cloud'
complete -c athglue -n "__fish_athglue_needs_command" -f -a "tables" -d 'Lists the tables of the catalog'
complete -c athglue -n "__fish_athglue_needs_command" -f -a "describe" -d 'Shows a table: its columns, where its data is, and how it is read'
complete -c athglue -n "__fish_athglue_needs_command" -f -a "demo" -d 'Stands up an example lake on the embedded cloud, crawls, queries and runs it, and takes it down'
complete -c athglue -n "__fish_athglue_needs_command" -f -a "local" -d 'Serves, empties or finds the embedded cloud'
complete -c athglue -n "__fish_athglue_needs_command" -f -a "schema" -d 'Prints the JSON schema of stack.toml, for editors'
complete -c athglue -n "__fish_athglue_needs_command" -f -a "completions" -d 'Prints the completions of a shell'
complete -c athglue -n "__fish_athglue_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c athglue -n "__fish_athglue_using_subcommand init" -s C -l file -d 'The stack: its file, or the folder that holds a stack.toml' -r -F
complete -c athglue -n "__fish_athglue_using_subcommand init" -l target -d 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names' -r
complete -c athglue -n "__fish_athglue_using_subcommand init" -l profile -d 'The profile of the AWS configuration to use' -r
complete -c athglue -n "__fish_athglue_using_subcommand init" -l region -d 'The AWS region, for a stack that names none; a stack that names another is refused' -r
complete -c athglue -n "__fish_athglue_using_subcommand init" -l env -d 'The env that is meant: what `[env.NAME]` of stack.toml changes applies' -r
complete -c athglue -n "__fish_athglue_using_subcommand init" -l var -d 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml' -r
complete -c athglue -n "__fish_athglue_using_subcommand init" -l data-dir -d 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml' -r -f -a "(__fish_complete_directories)"
complete -c athglue -n "__fish_athglue_using_subcommand init" -l output -d 'How results are printed' -r -f -a "table\t'For people'
json\t'For programs'"
complete -c athglue -n "__fish_athglue_using_subcommand init" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is `dumb`'
always\t''
never\t''"
complete -c athglue -n "__fish_athglue_using_subcommand init" -l example -d 'Writes the whole example that `athglue demo` uses, with its data'
complete -c athglue -n "__fish_athglue_using_subcommand init" -s y -l yes -d 'Changes without asking'
complete -c athglue -n "__fish_athglue_using_subcommand init" -s v -l verbose -d 'Says more about what goes on; twice, everything'
complete -c athglue -n "__fish_athglue_using_subcommand init" -s q -l quiet -d 'Prints results, warnings and errors only'
complete -c athglue -n "__fish_athglue_using_subcommand init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c athglue -n "__fish_athglue_using_subcommand validate" -s C -l file -d 'The stack: its file, or the folder that holds a stack.toml' -r -F
complete -c athglue -n "__fish_athglue_using_subcommand validate" -l target -d 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names' -r
complete -c athglue -n "__fish_athglue_using_subcommand validate" -l profile -d 'The profile of the AWS configuration to use' -r
complete -c athglue -n "__fish_athglue_using_subcommand validate" -l region -d 'The AWS region, for a stack that names none; a stack that names another is refused' -r
complete -c athglue -n "__fish_athglue_using_subcommand validate" -l env -d 'The env that is meant: what `[env.NAME]` of stack.toml changes applies' -r
complete -c athglue -n "__fish_athglue_using_subcommand validate" -l var -d 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml' -r
complete -c athglue -n "__fish_athglue_using_subcommand validate" -l data-dir -d 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml' -r -f -a "(__fish_complete_directories)"
complete -c athglue -n "__fish_athglue_using_subcommand validate" -l output -d 'How results are printed' -r -f -a "table\t'For people'
json\t'For programs'"
complete -c athglue -n "__fish_athglue_using_subcommand validate" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is `dumb`'
always\t''
never\t''"
complete -c athglue -n "__fish_athglue_using_subcommand validate" -s y -l yes -d 'Changes without asking'
complete -c athglue -n "__fish_athglue_using_subcommand validate" -s v -l verbose -d 'Says more about what goes on; twice, everything'
complete -c athglue -n "__fish_athglue_using_subcommand validate" -s q -l quiet -d 'Prints results, warnings and errors only'
complete -c athglue -n "__fish_athglue_using_subcommand validate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c athglue -n "__fish_athglue_using_subcommand plan" -l save -d 'Writes the plan to this file: `up FILE` carries it out if nothing moved until then' -r -F
complete -c athglue -n "__fish_athglue_using_subcommand plan" -l only -d 'Only this one, and what it depends on; may be given more than once' -r
complete -c athglue -n "__fish_athglue_using_subcommand plan" -l force -d 'This one may be deleted or replaced with the data in it; may be given more than once' -r
complete -c athglue -n "__fish_athglue_using_subcommand plan" -l adopt -d 'Takes this one over, with its data, if it is there already and belongs to no stack; may be given more than once' -r
complete -c athglue -n "__fish_athglue_using_subcommand plan" -l reads -d 'How many resources are read at a time' -r
complete -c athglue -n "__fish_athglue_using_subcommand plan" -s C -l file -d 'The stack: its file, or the folder that holds a stack.toml' -r -F
complete -c athglue -n "__fish_athglue_using_subcommand plan" -l target -d 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names' -r
complete -c athglue -n "__fish_athglue_using_subcommand plan" -l profile -d 'The profile of the AWS configuration to use' -r
complete -c athglue -n "__fish_athglue_using_subcommand plan" -l region -d 'The AWS region, for a stack that names none; a stack that names another is refused' -r
complete -c athglue -n "__fish_athglue_using_subcommand plan" -l env -d 'The env that is meant: what `[env.NAME]` of stack.toml changes applies' -r
complete -c athglue -n "__fish_athglue_using_subcommand plan" -l var -d 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml' -r
complete -c athglue -n "__fish_athglue_using_subcommand plan" -l data-dir -d 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml' -r -f -a "(__fish_complete_directories)"
complete -c athglue -n "__fish_athglue_using_subcommand plan" -l output -d 'How results are printed' -r -f -a "table\t'For people'
json\t'For programs'"
complete -c athglue -n "__fish_athglue_using_subcommand plan" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is `dumb`'
always\t''
never\t''"
complete -c athglue -n "__fish_athglue_using_subcommand plan" -l detailed-exitcode -d 'Exits with 2 if there are changes'
complete -c athglue -n "__fish_athglue_using_subcommand plan" -l keep-orphans -d 'Leaves what the stack owns and stack.toml no longer has'
complete -c athglue -n "__fish_athglue_using_subcommand plan" -s y -l yes -d 'Changes without asking'
complete -c athglue -n "__fish_athglue_using_subcommand plan" -s v -l verbose -d 'Says more about what goes on; twice, everything'
complete -c athglue -n "__fish_athglue_using_subcommand plan" -s q -l quiet -d 'Prints results, warnings and errors only'
complete -c athglue -n "__fish_athglue_using_subcommand plan" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c athglue -n "__fish_athglue_using_subcommand up" -l only -d 'Only this one, and what it depends on; may be given more than once' -r
complete -c athglue -n "__fish_athglue_using_subcommand up" -l force -d 'This one may be deleted or replaced with the data in it; may be given more than once' -r
complete -c athglue -n "__fish_athglue_using_subcommand up" -l adopt -d 'Takes this one over, with its data, if it is there already and belongs to no stack; may be given more than once' -r
complete -c athglue -n "__fish_athglue_using_subcommand up" -l reads -d 'How many resources are read at a time' -r
complete -c athglue -n "__fish_athglue_using_subcommand up" -l parallelism -d 'How many changes are made at a time' -r
complete -c athglue -n "__fish_athglue_using_subcommand up" -s C -l file -d 'The stack: its file, or the folder that holds a stack.toml' -r -F
complete -c athglue -n "__fish_athglue_using_subcommand up" -l target -d 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names' -r
complete -c athglue -n "__fish_athglue_using_subcommand up" -l profile -d 'The profile of the AWS configuration to use' -r
complete -c athglue -n "__fish_athglue_using_subcommand up" -l region -d 'The AWS region, for a stack that names none; a stack that names another is refused' -r
complete -c athglue -n "__fish_athglue_using_subcommand up" -l env -d 'The env that is meant: what `[env.NAME]` of stack.toml changes applies' -r
complete -c athglue -n "__fish_athglue_using_subcommand up" -l var -d 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml' -r
complete -c athglue -n "__fish_athglue_using_subcommand up" -l data-dir -d 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml' -r -f -a "(__fish_complete_directories)"
complete -c athglue -n "__fish_athglue_using_subcommand up" -l output -d 'How results are printed' -r -f -a "table\t'For people'
json\t'For programs'"
complete -c athglue -n "__fish_athglue_using_subcommand up" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is `dumb`'
always\t''
never\t''"
complete -c athglue -n "__fish_athglue_using_subcommand up" -l keep-orphans -d 'Leaves what the stack owns and stack.toml no longer has'
complete -c athglue -n "__fish_athglue_using_subcommand up" -s y -l yes -d 'Changes without asking'
complete -c athglue -n "__fish_athglue_using_subcommand up" -s v -l verbose -d 'Says more about what goes on; twice, everything'
complete -c athglue -n "__fish_athglue_using_subcommand up" -s q -l quiet -d 'Prints results, warnings and errors only'
complete -c athglue -n "__fish_athglue_using_subcommand up" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c athglue -n "__fish_athglue_using_subcommand destroy" -l only -d 'Deletes only this one, and what depends on it; may be given more than once' -r
complete -c athglue -n "__fish_athglue_using_subcommand destroy" -l force -d 'Deletes this one with the data in it; may be given more than once' -r
complete -c athglue -n "__fish_athglue_using_subcommand destroy" -l reads -d 'How many resources are read at a time' -r
complete -c athglue -n "__fish_athglue_using_subcommand destroy" -l parallelism -d 'How many changes are made at a time' -r
complete -c athglue -n "__fish_athglue_using_subcommand destroy" -s C -l file -d 'The stack: its file, or the folder that holds a stack.toml' -r -F
complete -c athglue -n "__fish_athglue_using_subcommand destroy" -l target -d 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names' -r
complete -c athglue -n "__fish_athglue_using_subcommand destroy" -l profile -d 'The profile of the AWS configuration to use' -r
complete -c athglue -n "__fish_athglue_using_subcommand destroy" -l region -d 'The AWS region, for a stack that names none; a stack that names another is refused' -r
complete -c athglue -n "__fish_athglue_using_subcommand destroy" -l env -d 'The env that is meant: what `[env.NAME]` of stack.toml changes applies' -r
complete -c athglue -n "__fish_athglue_using_subcommand destroy" -l var -d 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml' -r
complete -c athglue -n "__fish_athglue_using_subcommand destroy" -l data-dir -d 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml' -r -f -a "(__fish_complete_directories)"
complete -c athglue -n "__fish_athglue_using_subcommand destroy" -l output -d 'How results are printed' -r -f -a "table\t'For people'
json\t'For programs'"
complete -c athglue -n "__fish_athglue_using_subcommand destroy" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is `dumb`'
always\t''
never\t''"
complete -c athglue -n "__fish_athglue_using_subcommand destroy" -s y -l yes -d 'Changes without asking'
complete -c athglue -n "__fish_athglue_using_subcommand destroy" -s v -l verbose -d 'Says more about what goes on; twice, everything'
complete -c athglue -n "__fish_athglue_using_subcommand destroy" -s q -l quiet -d 'Prints results, warnings and errors only'
complete -c athglue -n "__fish_athglue_using_subcommand destroy" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c athglue -n "__fish_athglue_using_subcommand status" -l reads -d 'How many resources are read at a time' -r
complete -c athglue -n "__fish_athglue_using_subcommand status" -s C -l file -d 'The stack: its file, or the folder that holds a stack.toml' -r -F
complete -c athglue -n "__fish_athglue_using_subcommand status" -l target -d 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names' -r
complete -c athglue -n "__fish_athglue_using_subcommand status" -l profile -d 'The profile of the AWS configuration to use' -r
complete -c athglue -n "__fish_athglue_using_subcommand status" -l region -d 'The AWS region, for a stack that names none; a stack that names another is refused' -r
complete -c athglue -n "__fish_athglue_using_subcommand status" -l env -d 'The env that is meant: what `[env.NAME]` of stack.toml changes applies' -r
complete -c athglue -n "__fish_athglue_using_subcommand status" -l var -d 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml' -r
complete -c athglue -n "__fish_athglue_using_subcommand status" -l data-dir -d 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml' -r -f -a "(__fish_complete_directories)"
complete -c athglue -n "__fish_athglue_using_subcommand status" -l output -d 'How results are printed' -r -f -a "table\t'For people'
json\t'For programs'"
complete -c athglue -n "__fish_athglue_using_subcommand status" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is `dumb`'
always\t''
never\t''"
complete -c athglue -n "__fish_athglue_using_subcommand status" -l all -d 'Also shows every field that is there, those that nobody manages too'
complete -c athglue -n "__fish_athglue_using_subcommand status" -s y -l yes -d 'Changes without asking'
complete -c athglue -n "__fish_athglue_using_subcommand status" -s v -l verbose -d 'Says more about what goes on; twice, everything'
complete -c athglue -n "__fish_athglue_using_subcommand status" -s q -l quiet -d 'Prints results, warnings and errors only'
complete -c athglue -n "__fish_athglue_using_subcommand status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c athglue -n "__fish_athglue_using_subcommand policy; and not __fish_seen_subcommand_from check help" -s C -l file -d 'The stack: its file, or the folder that holds a stack.toml' -r -F
complete -c athglue -n "__fish_athglue_using_subcommand policy; and not __fish_seen_subcommand_from check help" -l target -d 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names' -r
complete -c athglue -n "__fish_athglue_using_subcommand policy; and not __fish_seen_subcommand_from check help" -l profile -d 'The profile of the AWS configuration to use' -r
complete -c athglue -n "__fish_athglue_using_subcommand policy; and not __fish_seen_subcommand_from check help" -l region -d 'The AWS region, for a stack that names none; a stack that names another is refused' -r
complete -c athglue -n "__fish_athglue_using_subcommand policy; and not __fish_seen_subcommand_from check help" -l env -d 'The env that is meant: what `[env.NAME]` of stack.toml changes applies' -r
complete -c athglue -n "__fish_athglue_using_subcommand policy; and not __fish_seen_subcommand_from check help" -l var -d 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml' -r
complete -c athglue -n "__fish_athglue_using_subcommand policy; and not __fish_seen_subcommand_from check help" -l data-dir -d 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml' -r -f -a "(__fish_complete_directories)"
complete -c athglue -n "__fish_athglue_using_subcommand policy; and not __fish_seen_subcommand_from check help" -l output -d 'How results are printed' -r -f -a "table\t'For people'
json\t'For programs'"
complete -c athglue -n "__fish_athglue_using_subcommand policy; and not __fish_seen_subcommand_from check help" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is `dumb`'
always\t''
never\t''"
complete -c athglue -n "__fish_athglue_using_subcommand policy; and not __fish_seen_subcommand_from check help" -s y -l yes -d 'Changes without asking'
complete -c athglue -n "__fish_athglue_using_subcommand policy; and not __fish_seen_subcommand_from check help" -s v -l verbose -d 'Says more about what goes on; twice, everything'
complete -c athglue -n "__fish_athglue_using_subcommand policy; and not __fish_seen_subcommand_from check help" -s q -l quiet -d 'Prints results, warnings and errors only'
complete -c athglue -n "__fish_athglue_using_subcommand policy; and not __fish_seen_subcommand_from check help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c athglue -n "__fish_athglue_using_subcommand policy; and not __fish_seen_subcommand_from check help" -a "check" -d 'Says what a role lacks, and what it has beyond need. Exit code 1 if it lacks something'
complete -c athglue -n "__fish_athglue_using_subcommand policy; and not __fish_seen_subcommand_from check help" -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c athglue -n "__fish_athglue_using_subcommand policy; and __fish_seen_subcommand_from check" -s C -l file -d 'The stack: its file, or the folder that holds a stack.toml' -r -F
complete -c athglue -n "__fish_athglue_using_subcommand policy; and __fish_seen_subcommand_from check" -l target -d 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names' -r
complete -c athglue -n "__fish_athglue_using_subcommand policy; and __fish_seen_subcommand_from check" -l profile -d 'The profile of the AWS configuration to use' -r
complete -c athglue -n "__fish_athglue_using_subcommand policy; and __fish_seen_subcommand_from check" -l region -d 'The AWS region, for a stack that names none; a stack that names another is refused' -r
complete -c athglue -n "__fish_athglue_using_subcommand policy; and __fish_seen_subcommand_from check" -l env -d 'The env that is meant: what `[env.NAME]` of stack.toml changes applies' -r
complete -c athglue -n "__fish_athglue_using_subcommand policy; and __fish_seen_subcommand_from check" -l var -d 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml' -r
complete -c athglue -n "__fish_athglue_using_subcommand policy; and __fish_seen_subcommand_from check" -l data-dir -d 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml' -r -f -a "(__fish_complete_directories)"
complete -c athglue -n "__fish_athglue_using_subcommand policy; and __fish_seen_subcommand_from check" -l output -d 'How results are printed' -r -f -a "table\t'For people'
json\t'For programs'"
complete -c athglue -n "__fish_athglue_using_subcommand policy; and __fish_seen_subcommand_from check" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is `dumb`'
always\t''
never\t''"
complete -c athglue -n "__fish_athglue_using_subcommand policy; and __fish_seen_subcommand_from check" -s y -l yes -d 'Changes without asking'
complete -c athglue -n "__fish_athglue_using_subcommand policy; and __fish_seen_subcommand_from check" -s v -l verbose -d 'Says more about what goes on; twice, everything'
complete -c athglue -n "__fish_athglue_using_subcommand policy; and __fish_seen_subcommand_from check" -s q -l quiet -d 'Prints results, warnings and errors only'
complete -c athglue -n "__fish_athglue_using_subcommand policy; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c athglue -n "__fish_athglue_using_subcommand policy; and __fish_seen_subcommand_from help" -f -a "check" -d 'Says what a role lacks, and what it has beyond need. Exit code 1 if it lacks something'
complete -c athglue -n "__fish_athglue_using_subcommand policy; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c athglue -n "__fish_athglue_using_subcommand outputs" -s C -l file -d 'The stack: its file, or the folder that holds a stack.toml' -r -F
complete -c athglue -n "__fish_athglue_using_subcommand outputs" -l target -d 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names' -r
complete -c athglue -n "__fish_athglue_using_subcommand outputs" -l profile -d 'The profile of the AWS configuration to use' -r
complete -c athglue -n "__fish_athglue_using_subcommand outputs" -l region -d 'The AWS region, for a stack that names none; a stack that names another is refused' -r
complete -c athglue -n "__fish_athglue_using_subcommand outputs" -l env -d 'The env that is meant: what `[env.NAME]` of stack.toml changes applies' -r
complete -c athglue -n "__fish_athglue_using_subcommand outputs" -l var -d 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml' -r
complete -c athglue -n "__fish_athglue_using_subcommand outputs" -l data-dir -d 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml' -r -f -a "(__fish_complete_directories)"
complete -c athglue -n "__fish_athglue_using_subcommand outputs" -l output -d 'How results are printed' -r -f -a "table\t'For people'
json\t'For programs'"
complete -c athglue -n "__fish_athglue_using_subcommand outputs" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is `dumb`'
always\t''
never\t''"
complete -c athglue -n "__fish_athglue_using_subcommand outputs" -s y -l yes -d 'Changes without asking'
complete -c athglue -n "__fish_athglue_using_subcommand outputs" -s v -l verbose -d 'Says more about what goes on; twice, everything'
complete -c athglue -n "__fish_athglue_using_subcommand outputs" -s q -l quiet -d 'Prints results, warnings and errors only'
complete -c athglue -n "__fish_athglue_using_subcommand outputs" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c athglue -n "__fish_athglue_using_subcommand crawl" -l database -d 'The database of tables found at S3 paths, by its id in stack.toml or by name. Without it, the stack\'s, if it has one' -r
complete -c athglue -n "__fish_athglue_using_subcommand crawl" -l table-prefix -d 'What the names of tables found at S3 paths begin with' -r
complete -c athglue -n "__fish_athglue_using_subcommand crawl" -s C -l file -d 'The stack: its file, or the folder that holds a stack.toml' -r -F
complete -c athglue -n "__fish_athglue_using_subcommand crawl" -l target -d 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names' -r
complete -c athglue -n "__fish_athglue_using_subcommand crawl" -l profile -d 'The profile of the AWS configuration to use' -r
complete -c athglue -n "__fish_athglue_using_subcommand crawl" -l region -d 'The AWS region, for a stack that names none; a stack that names another is refused' -r
complete -c athglue -n "__fish_athglue_using_subcommand crawl" -l env -d 'The env that is meant: what `[env.NAME]` of stack.toml changes applies' -r
complete -c athglue -n "__fish_athglue_using_subcommand crawl" -l var -d 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml' -r
complete -c athglue -n "__fish_athglue_using_subcommand crawl" -l data-dir -d 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml' -r -f -a "(__fish_complete_directories)"
complete -c athglue -n "__fish_athglue_using_subcommand crawl" -l output -d 'How results are printed' -r -f -a "table\t'For people'
json\t'For programs'"
complete -c athglue -n "__fish_athglue_using_subcommand crawl" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is `dumb`'
always\t''
never\t''"
complete -c athglue -n "__fish_athglue_using_subcommand crawl" -l no-wait -d 'Starts them and does not wait'
complete -c athglue -n "__fish_athglue_using_subcommand crawl" -l logs -d 'Prints the log of the crawlers\' last crawls; runs nothing'
complete -c athglue -n "__fish_athglue_using_subcommand crawl" -l native -d 'Crawls in this process, and writes into the Glue catalog from here'
complete -c athglue -n "__fish_athglue_using_subcommand crawl" -l dry-run -d 'Shows what would change, and writes nothing'
complete -c athglue -n "__fish_athglue_using_subcommand crawl" -l partitions-only -d 'Only brings in the partitions whose folders are new below tables that are there; reads no file'
complete -c athglue -n "__fish_athglue_using_subcommand crawl" -s y -l yes -d 'Changes without asking'
complete -c athglue -n "__fish_athglue_using_subcommand crawl" -s v -l verbose -d 'Says more about what goes on; twice, everything'
complete -c athglue -n "__fish_athglue_using_subcommand crawl" -s q -l quiet -d 'Prints results, warnings and errors only'
complete -c athglue -n "__fish_athglue_using_subcommand crawl" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c athglue -n "__fish_athglue_using_subcommand infer" -l format -d 'How the tables are shown' -r -f -a "table\t'For people'
ddl\t'Athena\'s CREATE EXTERNAL TABLE'
toml\t'Blocks [tables.NAME] of stack.toml'"
complete -c athglue -n "__fish_athglue_using_subcommand infer" -l sample -d 'How many files of each folder are read. Without it, all' -r
complete -c athglue -n "__fish_athglue_using_subcommand infer" -l exclude -d 'Names that are left out: glob patterns, relative to the path; may be given more than once' -r
complete -c athglue -n "__fish_athglue_using_subcommand infer" -l database -d 'The database that DDL and TOML name, by its id in stack.toml or by name' -r
complete -c athglue -n "__fish_athglue_using_subcommand infer" -l location -d 'Where DDL and TOML say that the data is' -r
complete -c athglue -n "__fish_athglue_using_subcommand infer" -s C -l file -d 'The stack: its file, or the folder that holds a stack.toml' -r -F
complete -c athglue -n "__fish_athglue_using_subcommand infer" -l target -d 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names' -r
complete -c athglue -n "__fish_athglue_using_subcommand infer" -l profile -d 'The profile of the AWS configuration to use' -r
complete -c athglue -n "__fish_athglue_using_subcommand infer" -l region -d 'The AWS region, for a stack that names none; a stack that names another is refused' -r
complete -c athglue -n "__fish_athglue_using_subcommand infer" -l env -d 'The env that is meant: what `[env.NAME]` of stack.toml changes applies' -r
complete -c athglue -n "__fish_athglue_using_subcommand infer" -l var -d 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml' -r
complete -c athglue -n "__fish_athglue_using_subcommand infer" -l data-dir -d 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml' -r -f -a "(__fish_complete_directories)"
complete -c athglue -n "__fish_athglue_using_subcommand infer" -l output -d 'How results are printed' -r -f -a "table\t'For people'
json\t'For programs'"
complete -c athglue -n "__fish_athglue_using_subcommand infer" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is `dumb`'
always\t''
never\t''"
complete -c athglue -n "__fish_athglue_using_subcommand infer" -l combine -d 'Takes all files of one format for one table'
complete -c athglue -n "__fish_athglue_using_subcommand infer" -s y -l yes -d 'Changes without asking'
complete -c athglue -n "__fish_athglue_using_subcommand infer" -s v -l verbose -d 'Says more about what goes on; twice, everything'
complete -c athglue -n "__fish_athglue_using_subcommand infer" -s q -l quiet -d 'Prints results, warnings and errors only'
complete -c athglue -n "__fish_athglue_using_subcommand infer" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c athglue -n "__fish_athglue_using_subcommand query" -s f -d 'A file with the SQL; - reads it from stdin' -r -F
complete -c athglue -n "__fish_athglue_using_subcommand query" -s d -l database -d 'The database of unqualified tables. Without it, the stack\'s, if it has one' -r
complete -c athglue -n "__fish_athglue_using_subcommand query" -s w -l workgroup -d 'The workgroup. Without it, the stack\'s, if it has one; else primary' -r
complete -c athglue -n "__fish_athglue_using_subcommand query" -l results -d 'Where the result is written, if the workgroup does not say' -r
complete -c athglue -n "__fish_athglue_using_subcommand query" -l format -d 'How rows are printed' -r -f -a "table\t'For people; as wide as the terminal'
csv\t''
tsv\t''
json\t'One array of objects'
jsonl\t'An object a line'
markdown\t''"
complete -c athglue -n "__fish_athglue_using_subcommand query" -l rows -d 'How many rows a table shows at most; other formats print all' -r
complete -c athglue -n "__fish_athglue_using_subcommand query" -s C -l file -d 'The stack: its file, or the folder that holds a stack.toml' -r -F
complete -c athglue -n "__fish_athglue_using_subcommand query" -l target -d 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names' -r
complete -c athglue -n "__fish_athglue_using_subcommand query" -l profile -d 'The profile of the AWS configuration to use' -r
complete -c athglue -n "__fish_athglue_using_subcommand query" -l region -d 'The AWS region, for a stack that names none; a stack that names another is refused' -r
complete -c athglue -n "__fish_athglue_using_subcommand query" -l env -d 'The env that is meant: what `[env.NAME]` of stack.toml changes applies' -r
complete -c athglue -n "__fish_athglue_using_subcommand query" -l var -d 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml' -r
complete -c athglue -n "__fish_athglue_using_subcommand query" -l data-dir -d 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml' -r -f -a "(__fish_complete_directories)"
complete -c athglue -n "__fish_athglue_using_subcommand query" -l output -d 'How results are printed' -r -f -a "table\t'For people'
json\t'For programs'"
complete -c athglue -n "__fish_athglue_using_subcommand query" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is `dumb`'
always\t''
never\t''"
complete -c athglue -n "__fish_athglue_using_subcommand query" -s y -l yes -d 'Changes without asking'
complete -c athglue -n "__fish_athglue_using_subcommand query" -s v -l verbose -d 'Says more about what goes on; twice, everything'
complete -c athglue -n "__fish_athglue_using_subcommand query" -s q -l quiet -d 'Prints results, warnings and errors only'
complete -c athglue -n "__fish_athglue_using_subcommand query" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c athglue -n "__fish_athglue_using_subcommand run" -l input -d 'Its input: JSON, @FILE, or - for stdin' -r
complete -c athglue -n "__fish_athglue_using_subcommand run" -l name -d 'The execution\'s name. Without it, Step Functions makes one up' -r
complete -c athglue -n "__fish_athglue_using_subcommand run" -l mocks -d 'What tasks answer, as Step Functions Local\'s mock configuration says it; tasks that the test case does not name are run. On the embedded cloud only' -r -F
complete -c athglue -n "__fish_athglue_using_subcommand run" -l case -d 'The test case in --mocks; without it, the only one that the machine has there' -r
complete -c athglue -n "__fish_athglue_using_subcommand run" -s C -l file -d 'The stack: its file, or the folder that holds a stack.toml' -r -F
complete -c athglue -n "__fish_athglue_using_subcommand run" -l target -d 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names' -r
complete -c athglue -n "__fish_athglue_using_subcommand run" -l profile -d 'The profile of the AWS configuration to use' -r
complete -c athglue -n "__fish_athglue_using_subcommand run" -l region -d 'The AWS region, for a stack that names none; a stack that names another is refused' -r
complete -c athglue -n "__fish_athglue_using_subcommand run" -l env -d 'The env that is meant: what `[env.NAME]` of stack.toml changes applies' -r
complete -c athglue -n "__fish_athglue_using_subcommand run" -l var -d 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml' -r
complete -c athglue -n "__fish_athglue_using_subcommand run" -l data-dir -d 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml' -r -f -a "(__fish_complete_directories)"
complete -c athglue -n "__fish_athglue_using_subcommand run" -l output -d 'How results are printed' -r -f -a "table\t'For people'
json\t'For programs'"
complete -c athglue -n "__fish_athglue_using_subcommand run" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is `dumb`'
always\t''
never\t''"
complete -c athglue -n "__fish_athglue_using_subcommand run" -l no-wait -d 'Starts it and does not wait'
complete -c athglue -n "__fish_athglue_using_subcommand run" -s y -l yes -d 'Changes without asking'
complete -c athglue -n "__fish_athglue_using_subcommand run" -s v -l verbose -d 'Says more about what goes on; twice, everything'
complete -c athglue -n "__fish_athglue_using_subcommand run" -s q -l quiet -d 'Prints results, warnings and errors only'
complete -c athglue -n "__fish_athglue_using_subcommand run" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c athglue -n "__fish_athglue_using_subcommand executions; and not __fish_seen_subcommand_from list show stop redrive help" -s C -l file -d 'The stack: its file, or the folder that holds a stack.toml' -r -F
complete -c athglue -n "__fish_athglue_using_subcommand executions; and not __fish_seen_subcommand_from list show stop redrive help" -l target -d 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names' -r
complete -c athglue -n "__fish_athglue_using_subcommand executions; and not __fish_seen_subcommand_from list show stop redrive help" -l profile -d 'The profile of the AWS configuration to use' -r
complete -c athglue -n "__fish_athglue_using_subcommand executions; and not __fish_seen_subcommand_from list show stop redrive help" -l region -d 'The AWS region, for a stack that names none; a stack that names another is refused' -r
complete -c athglue -n "__fish_athglue_using_subcommand executions; and not __fish_seen_subcommand_from list show stop redrive help" -l env -d 'The env that is meant: what `[env.NAME]` of stack.toml changes applies' -r
complete -c athglue -n "__fish_athglue_using_subcommand executions; and not __fish_seen_subcommand_from list show stop redrive help" -l var -d 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml' -r
complete -c athglue -n "__fish_athglue_using_subcommand executions; and not __fish_seen_subcommand_from list show stop redrive help" -l data-dir -d 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml' -r -f -a "(__fish_complete_directories)"
complete -c athglue -n "__fish_athglue_using_subcommand executions; and not __fish_seen_subcommand_from list show stop redrive help" -l output -d 'How results are printed' -r -f -a "table\t'For people'
json\t'For programs'"
complete -c athglue -n "__fish_athglue_using_subcommand executions; and not __fish_seen_subcommand_from list show stop redrive help" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is `dumb`'
always\t''
never\t''"
complete -c athglue -n "__fish_athglue_using_subcommand executions; and not __fish_seen_subcommand_from list show stop redrive help" -s y -l yes -d 'Changes without asking'
complete -c athglue -n "__fish_athglue_using_subcommand executions; and not __fish_seen_subcommand_from list show stop redrive help" -s v -l verbose -d 'Says more about what goes on; twice, everything'
complete -c athglue -n "__fish_athglue_using_subcommand executions; and not __fish_seen_subcommand_from list show stop redrive help" -s q -l quiet -d 'Prints results, warnings and errors only'
complete -c athglue -n "__fish_athglue_using_subcommand executions; and not __fish_seen_subcommand_from list show stop redrive help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c athglue -n "__fish_athglue_using_subcommand executions; and not __fish_seen_subcommand_from list show stop redrive help" -f -a "list" -d 'Lists executions, the newest first'
complete -c athglue -n "__fish_athglue_using_subcommand executions; and not __fish_seen_subcommand_from list show stop redrive help" -f -a "show" -d 'Shows an execution: its states, its output, or why it failed and where'
complete -c athglue -n "__fish_athglue_using_subcommand executions; and not __fish_seen_subcommand_from list show stop redrive help" -f -a "stop" -d 'Stops an execution'
complete -c athglue -n "__fish_athglue_using_subcommand executions; and not __fish_seen_subcommand_from list show stop redrive help" -f -a "redrive" -d 'Runs a failed, aborted or timed-out execution again from the states that did not succeed'
complete -c athglue -n "__fish_athglue_using_subcommand executions; and not __fish_seen_subcommand_from list show stop redrive help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from list" -l status -d 'Only those that are so' -r -f -a "RUNNING\t''
SUCCEEDED\t''
FAILED\t''
TIMED_OUT\t''
ABORTED\t''
PENDING_REDRIVE\t''"
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from list" -l limit -d 'How many are listed at most' -r
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from list" -s C -l file -d 'The stack: its file, or the folder that holds a stack.toml' -r -F
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from list" -l target -d 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names' -r
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from list" -l profile -d 'The profile of the AWS configuration to use' -r
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from list" -l region -d 'The AWS region, for a stack that names none; a stack that names another is refused' -r
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from list" -l env -d 'The env that is meant: what `[env.NAME]` of stack.toml changes applies' -r
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from list" -l var -d 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml' -r
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from list" -l data-dir -d 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml' -r -f -a "(__fish_complete_directories)"
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from list" -l output -d 'How results are printed' -r -f -a "table\t'For people'
json\t'For programs'"
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from list" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is `dumb`'
always\t''
never\t''"
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from list" -s y -l yes -d 'Changes without asking'
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Says more about what goes on; twice, everything'
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Prints results, warnings and errors only'
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from show" -s C -l file -d 'The stack: its file, or the folder that holds a stack.toml' -r -F
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from show" -l target -d 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names' -r
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from show" -l profile -d 'The profile of the AWS configuration to use' -r
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from show" -l region -d 'The AWS region, for a stack that names none; a stack that names another is refused' -r
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from show" -l env -d 'The env that is meant: what `[env.NAME]` of stack.toml changes applies' -r
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from show" -l var -d 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml' -r
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from show" -l data-dir -d 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml' -r -f -a "(__fish_complete_directories)"
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from show" -l output -d 'How results are printed' -r -f -a "table\t'For people'
json\t'For programs'"
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from show" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is `dumb`'
always\t''
never\t''"
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from show" -l events -d 'Shows its history, event by event, in place of its states'
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from show" -l follow -d 'Goes on showing it until it has ended'
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from show" -s y -l yes -d 'Changes without asking'
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Says more about what goes on; twice, everything'
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Prints results, warnings and errors only'
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from stop" -l error -d 'The error that its history tells' -r
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from stop" -l cause -d 'Why it is stopped' -r
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from stop" -s C -l file -d 'The stack: its file, or the folder that holds a stack.toml' -r -F
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from stop" -l target -d 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names' -r
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from stop" -l profile -d 'The profile of the AWS configuration to use' -r
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from stop" -l region -d 'The AWS region, for a stack that names none; a stack that names another is refused' -r
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from stop" -l env -d 'The env that is meant: what `[env.NAME]` of stack.toml changes applies' -r
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from stop" -l var -d 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml' -r
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from stop" -l data-dir -d 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml' -r -f -a "(__fish_complete_directories)"
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from stop" -l output -d 'How results are printed' -r -f -a "table\t'For people'
json\t'For programs'"
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from stop" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is `dumb`'
always\t''
never\t''"
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from stop" -s y -l yes -d 'Changes without asking'
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from stop" -s v -l verbose -d 'Says more about what goes on; twice, everything'
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from stop" -s q -l quiet -d 'Prints results, warnings and errors only'
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from stop" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from redrive" -s C -l file -d 'The stack: its file, or the folder that holds a stack.toml' -r -F
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from redrive" -l target -d 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names' -r
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from redrive" -l profile -d 'The profile of the AWS configuration to use' -r
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from redrive" -l region -d 'The AWS region, for a stack that names none; a stack that names another is refused' -r
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from redrive" -l env -d 'The env that is meant: what `[env.NAME]` of stack.toml changes applies' -r
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from redrive" -l var -d 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml' -r
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from redrive" -l data-dir -d 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml' -r -f -a "(__fish_complete_directories)"
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from redrive" -l output -d 'How results are printed' -r -f -a "table\t'For people'
json\t'For programs'"
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from redrive" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is `dumb`'
always\t''
never\t''"
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from redrive" -l no-wait -d 'Starts it and does not wait'
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from redrive" -s y -l yes -d 'Changes without asking'
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from redrive" -s v -l verbose -d 'Says more about what goes on; twice, everything'
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from redrive" -s q -l quiet -d 'Prints results, warnings and errors only'
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from redrive" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from help" -f -a "list" -d 'Lists executions, the newest first'
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from help" -f -a "show" -d 'Shows an execution: its states, its output, or why it failed and where'
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from help" -f -a "stop" -d 'Stops an execution'
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from help" -f -a "redrive" -d 'Runs a failed, aborted or timed-out execution again from the states that did not succeed'
complete -c athglue -n "__fish_athglue_using_subcommand executions; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c athglue -n "__fish_athglue_using_subcommand graph" -l format -d 'What it is drawn as. Without it, what the name after -o says, else text' -r -f -a "text\t'Indented text'
mermaid\t'A flowchart of Mermaid, as GitHub shows it in Markdown'
svg\t'A picture for browsers'"
complete -c athglue -n "__fish_athglue_using_subcommand graph" -s o -l out -d 'The file that it is written to' -r -F
complete -c athglue -n "__fish_athglue_using_subcommand graph" -s C -l file -d 'The stack: its file, or the folder that holds a stack.toml' -r -F
complete -c athglue -n "__fish_athglue_using_subcommand graph" -l target -d 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names' -r
complete -c athglue -n "__fish_athglue_using_subcommand graph" -l profile -d 'The profile of the AWS configuration to use' -r
complete -c athglue -n "__fish_athglue_using_subcommand graph" -l region -d 'The AWS region, for a stack that names none; a stack that names another is refused' -r
complete -c athglue -n "__fish_athglue_using_subcommand graph" -l env -d 'The env that is meant: what `[env.NAME]` of stack.toml changes applies' -r
complete -c athglue -n "__fish_athglue_using_subcommand graph" -l var -d 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml' -r
complete -c athglue -n "__fish_athglue_using_subcommand graph" -l data-dir -d 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml' -r -f -a "(__fish_complete_directories)"
complete -c athglue -n "__fish_athglue_using_subcommand graph" -l output -d 'How results are printed' -r -f -a "table\t'For people'
json\t'For programs'"
complete -c athglue -n "__fish_athglue_using_subcommand graph" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is `dumb`'
always\t''
never\t''"
complete -c athglue -n "__fish_athglue_using_subcommand graph" -s y -l yes -d 'Changes without asking'
complete -c athglue -n "__fish_athglue_using_subcommand graph" -s v -l verbose -d 'Says more about what goes on; twice, everything'
complete -c athglue -n "__fish_athglue_using_subcommand graph" -s q -l quiet -d 'Prints results, warnings and errors only'
complete -c athglue -n "__fish_athglue_using_subcommand graph" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c athglue -n "__fish_athglue_using_subcommand test" -l case -d 'Only cases whose name has this in it' -r
complete -c athglue -n "__fish_athglue_using_subcommand test" -s C -l file -d 'The stack: its file, or the folder that holds a stack.toml' -r -F
complete -c athglue -n "__fish_athglue_using_subcommand test" -l target -d 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names' -r
complete -c athglue -n "__fish_athglue_using_subcommand test" -l profile -d 'The profile of the AWS configuration to use' -r
complete -c athglue -n "__fish_athglue_using_subcommand test" -l region -d 'The AWS region, for a stack that names none; a stack that names another is refused' -r
complete -c athglue -n "__fish_athglue_using_subcommand test" -l env -d 'The env that is meant: what `[env.NAME]` of stack.toml changes applies' -r
complete -c athglue -n "__fish_athglue_using_subcommand test" -l var -d 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml' -r
complete -c athglue -n "__fish_athglue_using_subcommand test" -l data-dir -d 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml' -r -f -a "(__fish_complete_directories)"
complete -c athglue -n "__fish_athglue_using_subcommand test" -l output -d 'How results are printed' -r -f -a "table\t'For people'
json\t'For programs'"
complete -c athglue -n "__fish_athglue_using_subcommand test" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is `dumb`'
always\t''
never\t''"
complete -c athglue -n "__fish_athglue_using_subcommand test" -s y -l yes -d 'Changes without asking'
complete -c athglue -n "__fish_athglue_using_subcommand test" -s v -l verbose -d 'Says more about what goes on; twice, everything'
complete -c athglue -n "__fish_athglue_using_subcommand test" -s q -l quiet -d 'Prints results, warnings and errors only'
complete -c athglue -n "__fish_athglue_using_subcommand test" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c athglue -n "__fish_athglue_using_subcommand tables" -s C -l file -d 'The stack: its file, or the folder that holds a stack.toml' -r -F
complete -c athglue -n "__fish_athglue_using_subcommand tables" -l target -d 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names' -r
complete -c athglue -n "__fish_athglue_using_subcommand tables" -l profile -d 'The profile of the AWS configuration to use' -r
complete -c athglue -n "__fish_athglue_using_subcommand tables" -l region -d 'The AWS region, for a stack that names none; a stack that names another is refused' -r
complete -c athglue -n "__fish_athglue_using_subcommand tables" -l env -d 'The env that is meant: what `[env.NAME]` of stack.toml changes applies' -r
complete -c athglue -n "__fish_athglue_using_subcommand tables" -l var -d 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml' -r
complete -c athglue -n "__fish_athglue_using_subcommand tables" -l data-dir -d 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml' -r -f -a "(__fish_complete_directories)"
complete -c athglue -n "__fish_athglue_using_subcommand tables" -l output -d 'How results are printed' -r -f -a "table\t'For people'
json\t'For programs'"
complete -c athglue -n "__fish_athglue_using_subcommand tables" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is `dumb`'
always\t''
never\t''"
complete -c athglue -n "__fish_athglue_using_subcommand tables" -s y -l yes -d 'Changes without asking'
complete -c athglue -n "__fish_athglue_using_subcommand tables" -s v -l verbose -d 'Says more about what goes on; twice, everything'
complete -c athglue -n "__fish_athglue_using_subcommand tables" -s q -l quiet -d 'Prints results, warnings and errors only'
complete -c athglue -n "__fish_athglue_using_subcommand tables" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c athglue -n "__fish_athglue_using_subcommand describe" -s C -l file -d 'The stack: its file, or the folder that holds a stack.toml' -r -F
complete -c athglue -n "__fish_athglue_using_subcommand describe" -l target -d 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names' -r
complete -c athglue -n "__fish_athglue_using_subcommand describe" -l profile -d 'The profile of the AWS configuration to use' -r
complete -c athglue -n "__fish_athglue_using_subcommand describe" -l region -d 'The AWS region, for a stack that names none; a stack that names another is refused' -r
complete -c athglue -n "__fish_athglue_using_subcommand describe" -l env -d 'The env that is meant: what `[env.NAME]` of stack.toml changes applies' -r
complete -c athglue -n "__fish_athglue_using_subcommand describe" -l var -d 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml' -r
complete -c athglue -n "__fish_athglue_using_subcommand describe" -l data-dir -d 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml' -r -f -a "(__fish_complete_directories)"
complete -c athglue -n "__fish_athglue_using_subcommand describe" -l output -d 'How results are printed' -r -f -a "table\t'For people'
json\t'For programs'"
complete -c athglue -n "__fish_athglue_using_subcommand describe" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is `dumb`'
always\t''
never\t''"
complete -c athglue -n "__fish_athglue_using_subcommand describe" -s y -l yes -d 'Changes without asking'
complete -c athglue -n "__fish_athglue_using_subcommand describe" -s v -l verbose -d 'Says more about what goes on; twice, everything'
complete -c athglue -n "__fish_athglue_using_subcommand describe" -s q -l quiet -d 'Prints results, warnings and errors only'
complete -c athglue -n "__fish_athglue_using_subcommand describe" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c athglue -n "__fish_athglue_using_subcommand demo" -l dir -d 'The folder for the example; without it, a temporary one' -r -f -a "(__fish_complete_directories)"
complete -c athglue -n "__fish_athglue_using_subcommand demo" -s C -l file -d 'The stack: its file, or the folder that holds a stack.toml' -r -F
complete -c athglue -n "__fish_athglue_using_subcommand demo" -l target -d 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names' -r
complete -c athglue -n "__fish_athglue_using_subcommand demo" -l profile -d 'The profile of the AWS configuration to use' -r
complete -c athglue -n "__fish_athglue_using_subcommand demo" -l region -d 'The AWS region, for a stack that names none; a stack that names another is refused' -r
complete -c athglue -n "__fish_athglue_using_subcommand demo" -l env -d 'The env that is meant: what `[env.NAME]` of stack.toml changes applies' -r
complete -c athglue -n "__fish_athglue_using_subcommand demo" -l var -d 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml' -r
complete -c athglue -n "__fish_athglue_using_subcommand demo" -l data-dir -d 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml' -r -f -a "(__fish_complete_directories)"
complete -c athglue -n "__fish_athglue_using_subcommand demo" -l output -d 'How results are printed' -r -f -a "table\t'For people'
json\t'For programs'"
complete -c athglue -n "__fish_athglue_using_subcommand demo" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is `dumb`'
always\t''
never\t''"
complete -c athglue -n "__fish_athglue_using_subcommand demo" -l keep -d 'Leaves the lake up, and the folder where it is'
complete -c athglue -n "__fish_athglue_using_subcommand demo" -s y -l yes -d 'Changes without asking'
complete -c athglue -n "__fish_athglue_using_subcommand demo" -s v -l verbose -d 'Says more about what goes on; twice, everything'
complete -c athglue -n "__fish_athglue_using_subcommand demo" -s q -l quiet -d 'Prints results, warnings and errors only'
complete -c athglue -n "__fish_athglue_using_subcommand demo" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c athglue -n "__fish_athglue_using_subcommand local; and not __fish_seen_subcommand_from serve reset path help" -s C -l file -d 'The stack: its file, or the folder that holds a stack.toml' -r -F
complete -c athglue -n "__fish_athglue_using_subcommand local; and not __fish_seen_subcommand_from serve reset path help" -l target -d 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names' -r
complete -c athglue -n "__fish_athglue_using_subcommand local; and not __fish_seen_subcommand_from serve reset path help" -l profile -d 'The profile of the AWS configuration to use' -r
complete -c athglue -n "__fish_athglue_using_subcommand local; and not __fish_seen_subcommand_from serve reset path help" -l region -d 'The AWS region, for a stack that names none; a stack that names another is refused' -r
complete -c athglue -n "__fish_athglue_using_subcommand local; and not __fish_seen_subcommand_from serve reset path help" -l env -d 'The env that is meant: what `[env.NAME]` of stack.toml changes applies' -r
complete -c athglue -n "__fish_athglue_using_subcommand local; and not __fish_seen_subcommand_from serve reset path help" -l var -d 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml' -r
complete -c athglue -n "__fish_athglue_using_subcommand local; and not __fish_seen_subcommand_from serve reset path help" -l data-dir -d 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml' -r -f -a "(__fish_complete_directories)"
complete -c athglue -n "__fish_athglue_using_subcommand local; and not __fish_seen_subcommand_from serve reset path help" -l output -d 'How results are printed' -r -f -a "table\t'For people'
json\t'For programs'"
complete -c athglue -n "__fish_athglue_using_subcommand local; and not __fish_seen_subcommand_from serve reset path help" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is `dumb`'
always\t''
never\t''"
complete -c athglue -n "__fish_athglue_using_subcommand local; and not __fish_seen_subcommand_from serve reset path help" -s y -l yes -d 'Changes without asking'
complete -c athglue -n "__fish_athglue_using_subcommand local; and not __fish_seen_subcommand_from serve reset path help" -s v -l verbose -d 'Says more about what goes on; twice, everything'
complete -c athglue -n "__fish_athglue_using_subcommand local; and not __fish_seen_subcommand_from serve reset path help" -s q -l quiet -d 'Prints results, warnings and errors only'
complete -c athglue -n "__fish_athglue_using_subcommand local; and not __fish_seen_subcommand_from serve reset path help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c athglue -n "__fish_athglue_using_subcommand local; and not __fish_seen_subcommand_from serve reset path help" -f -a "serve" -d 'Serves the embedded cloud on a port of this machine, to any AWS client'
complete -c athglue -n "__fish_athglue_using_subcommand local; and not __fish_seen_subcommand_from serve reset path help" -f -a "reset" -d 'Deletes everything that is in the embedded cloud'
complete -c athglue -n "__fish_athglue_using_subcommand local; and not __fish_seen_subcommand_from serve reset path help" -f -a "path" -d 'Prints the folder that the embedded cloud keeps its data in'
complete -c athglue -n "__fish_athglue_using_subcommand local; and not __fish_seen_subcommand_from serve reset path help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c athglue -n "__fish_athglue_using_subcommand local; and __fish_seen_subcommand_from serve" -l port -d 'The port; 0 takes a free one' -r
complete -c athglue -n "__fish_athglue_using_subcommand local; and __fish_seen_subcommand_from serve" -l bind -d 'The address to bind. Anyone who reaches it can use the cloud' -r
complete -c athglue -n "__fish_athglue_using_subcommand local; and __fish_seen_subcommand_from serve" -l chaos -d 'Misbehaves as this file says, for tests: throttles, fails, delays, loses answers' -r -F
complete -c athglue -n "__fish_athglue_using_subcommand local; and __fish_seen_subcommand_from serve" -l mocks -d 'What tasks answer in test cases, as Step Functions Local\'s mock configuration says it: StartExecution takes STATE_MACHINE_ARN#TEST_CASE' -r -F
complete -c athglue -n "__fish_athglue_using_subcommand local; and __fish_seen_subcommand_from serve" -s C -l file -d 'The stack: its file, or the folder that holds a stack.toml' -r -F
complete -c athglue -n "__fish_athglue_using_subcommand local; and __fish_seen_subcommand_from serve" -l target -d 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names' -r
complete -c athglue -n "__fish_athglue_using_subcommand local; and __fish_seen_subcommand_from serve" -l profile -d 'The profile of the AWS configuration to use' -r
complete -c athglue -n "__fish_athglue_using_subcommand local; and __fish_seen_subcommand_from serve" -l region -d 'The AWS region, for a stack that names none; a stack that names another is refused' -r
complete -c athglue -n "__fish_athglue_using_subcommand local; and __fish_seen_subcommand_from serve" -l env -d 'The env that is meant: what `[env.NAME]` of stack.toml changes applies' -r
complete -c athglue -n "__fish_athglue_using_subcommand local; and __fish_seen_subcommand_from serve" -l var -d 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml' -r
complete -c athglue -n "__fish_athglue_using_subcommand local; and __fish_seen_subcommand_from serve" -l data-dir -d 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml' -r -f -a "(__fish_complete_directories)"
complete -c athglue -n "__fish_athglue_using_subcommand local; and __fish_seen_subcommand_from serve" -l output -d 'How results are printed' -r -f -a "table\t'For people'
json\t'For programs'"
complete -c athglue -n "__fish_athglue_using_subcommand local; and __fish_seen_subcommand_from serve" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is `dumb`'
always\t''
never\t''"
complete -c athglue -n "__fish_athglue_using_subcommand local; and __fish_seen_subcommand_from serve" -s y -l yes -d 'Changes without asking'
complete -c athglue -n "__fish_athglue_using_subcommand local; and __fish_seen_subcommand_from serve" -s v -l verbose -d 'Says more about what goes on; twice, everything'
complete -c athglue -n "__fish_athglue_using_subcommand local; and __fish_seen_subcommand_from serve" -s q -l quiet -d 'Prints results, warnings and errors only'
complete -c athglue -n "__fish_athglue_using_subcommand local; and __fish_seen_subcommand_from serve" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c athglue -n "__fish_athglue_using_subcommand local; and __fish_seen_subcommand_from reset" -s C -l file -d 'The stack: its file, or the folder that holds a stack.toml' -r -F
complete -c athglue -n "__fish_athglue_using_subcommand local; and __fish_seen_subcommand_from reset" -l target -d 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names' -r
complete -c athglue -n "__fish_athglue_using_subcommand local; and __fish_seen_subcommand_from reset" -l profile -d 'The profile of the AWS configuration to use' -r
complete -c athglue -n "__fish_athglue_using_subcommand local; and __fish_seen_subcommand_from reset" -l region -d 'The AWS region, for a stack that names none; a stack that names another is refused' -r
complete -c athglue -n "__fish_athglue_using_subcommand local; and __fish_seen_subcommand_from reset" -l env -d 'The env that is meant: what `[env.NAME]` of stack.toml changes applies' -r
complete -c athglue -n "__fish_athglue_using_subcommand local; and __fish_seen_subcommand_from reset" -l var -d 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml' -r
complete -c athglue -n "__fish_athglue_using_subcommand local; and __fish_seen_subcommand_from reset" -l data-dir -d 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml' -r -f -a "(__fish_complete_directories)"
complete -c athglue -n "__fish_athglue_using_subcommand local; and __fish_seen_subcommand_from reset" -l output -d 'How results are printed' -r -f -a "table\t'For people'
json\t'For programs'"
complete -c athglue -n "__fish_athglue_using_subcommand local; and __fish_seen_subcommand_from reset" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is `dumb`'
always\t''
never\t''"
complete -c athglue -n "__fish_athglue_using_subcommand local; and __fish_seen_subcommand_from reset" -s y -l yes -d 'Changes without asking'
complete -c athglue -n "__fish_athglue_using_subcommand local; and __fish_seen_subcommand_from reset" -s v -l verbose -d 'Says more about what goes on; twice, everything'
complete -c athglue -n "__fish_athglue_using_subcommand local; and __fish_seen_subcommand_from reset" -s q -l quiet -d 'Prints results, warnings and errors only'
complete -c athglue -n "__fish_athglue_using_subcommand local; and __fish_seen_subcommand_from reset" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c athglue -n "__fish_athglue_using_subcommand local; and __fish_seen_subcommand_from path" -s C -l file -d 'The stack: its file, or the folder that holds a stack.toml' -r -F
complete -c athglue -n "__fish_athglue_using_subcommand local; and __fish_seen_subcommand_from path" -l target -d 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names' -r
complete -c athglue -n "__fish_athglue_using_subcommand local; and __fish_seen_subcommand_from path" -l profile -d 'The profile of the AWS configuration to use' -r
complete -c athglue -n "__fish_athglue_using_subcommand local; and __fish_seen_subcommand_from path" -l region -d 'The AWS region, for a stack that names none; a stack that names another is refused' -r
complete -c athglue -n "__fish_athglue_using_subcommand local; and __fish_seen_subcommand_from path" -l env -d 'The env that is meant: what `[env.NAME]` of stack.toml changes applies' -r
complete -c athglue -n "__fish_athglue_using_subcommand local; and __fish_seen_subcommand_from path" -l var -d 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml' -r
complete -c athglue -n "__fish_athglue_using_subcommand local; and __fish_seen_subcommand_from path" -l data-dir -d 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml' -r -f -a "(__fish_complete_directories)"
complete -c athglue -n "__fish_athglue_using_subcommand local; and __fish_seen_subcommand_from path" -l output -d 'How results are printed' -r -f -a "table\t'For people'
json\t'For programs'"
complete -c athglue -n "__fish_athglue_using_subcommand local; and __fish_seen_subcommand_from path" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is `dumb`'
always\t''
never\t''"
complete -c athglue -n "__fish_athglue_using_subcommand local; and __fish_seen_subcommand_from path" -s y -l yes -d 'Changes without asking'
complete -c athglue -n "__fish_athglue_using_subcommand local; and __fish_seen_subcommand_from path" -s v -l verbose -d 'Says more about what goes on; twice, everything'
complete -c athglue -n "__fish_athglue_using_subcommand local; and __fish_seen_subcommand_from path" -s q -l quiet -d 'Prints results, warnings and errors only'
complete -c athglue -n "__fish_athglue_using_subcommand local; and __fish_seen_subcommand_from path" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c athglue -n "__fish_athglue_using_subcommand local; and __fish_seen_subcommand_from help" -f -a "serve" -d 'Serves the embedded cloud on a port of this machine, to any AWS client'
complete -c athglue -n "__fish_athglue_using_subcommand local; and __fish_seen_subcommand_from help" -f -a "reset" -d 'Deletes everything that is in the embedded cloud'
complete -c athglue -n "__fish_athglue_using_subcommand local; and __fish_seen_subcommand_from help" -f -a "path" -d 'Prints the folder that the embedded cloud keeps its data in'
complete -c athglue -n "__fish_athglue_using_subcommand local; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c athglue -n "__fish_athglue_using_subcommand schema" -s C -l file -d 'The stack: its file, or the folder that holds a stack.toml' -r -F
complete -c athglue -n "__fish_athglue_using_subcommand schema" -l target -d 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names' -r
complete -c athglue -n "__fish_athglue_using_subcommand schema" -l profile -d 'The profile of the AWS configuration to use' -r
complete -c athglue -n "__fish_athglue_using_subcommand schema" -l region -d 'The AWS region, for a stack that names none; a stack that names another is refused' -r
complete -c athglue -n "__fish_athglue_using_subcommand schema" -l env -d 'The env that is meant: what `[env.NAME]` of stack.toml changes applies' -r
complete -c athglue -n "__fish_athglue_using_subcommand schema" -l var -d 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml' -r
complete -c athglue -n "__fish_athglue_using_subcommand schema" -l data-dir -d 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml' -r -f -a "(__fish_complete_directories)"
complete -c athglue -n "__fish_athglue_using_subcommand schema" -l output -d 'How results are printed' -r -f -a "table\t'For people'
json\t'For programs'"
complete -c athglue -n "__fish_athglue_using_subcommand schema" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is `dumb`'
always\t''
never\t''"
complete -c athglue -n "__fish_athglue_using_subcommand schema" -s y -l yes -d 'Changes without asking'
complete -c athglue -n "__fish_athglue_using_subcommand schema" -s v -l verbose -d 'Says more about what goes on; twice, everything'
complete -c athglue -n "__fish_athglue_using_subcommand schema" -s q -l quiet -d 'Prints results, warnings and errors only'
complete -c athglue -n "__fish_athglue_using_subcommand schema" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c athglue -n "__fish_athglue_using_subcommand completions" -s C -l file -d 'The stack: its file, or the folder that holds a stack.toml' -r -F
complete -c athglue -n "__fish_athglue_using_subcommand completions" -l target -d 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names' -r
complete -c athglue -n "__fish_athglue_using_subcommand completions" -l profile -d 'The profile of the AWS configuration to use' -r
complete -c athglue -n "__fish_athglue_using_subcommand completions" -l region -d 'The AWS region, for a stack that names none; a stack that names another is refused' -r
complete -c athglue -n "__fish_athglue_using_subcommand completions" -l env -d 'The env that is meant: what `[env.NAME]` of stack.toml changes applies' -r
complete -c athglue -n "__fish_athglue_using_subcommand completions" -l var -d 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml' -r
complete -c athglue -n "__fish_athglue_using_subcommand completions" -l data-dir -d 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml' -r -f -a "(__fish_complete_directories)"
complete -c athglue -n "__fish_athglue_using_subcommand completions" -l output -d 'How results are printed' -r -f -a "table\t'For people'
json\t'For programs'"
complete -c athglue -n "__fish_athglue_using_subcommand completions" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is `dumb`'
always\t''
never\t''"
complete -c athglue -n "__fish_athglue_using_subcommand completions" -s y -l yes -d 'Changes without asking'
complete -c athglue -n "__fish_athglue_using_subcommand completions" -s v -l verbose -d 'Says more about what goes on; twice, everything'
complete -c athglue -n "__fish_athglue_using_subcommand completions" -s q -l quiet -d 'Prints results, warnings and errors only'
complete -c athglue -n "__fish_athglue_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c athglue -n "__fish_athglue_using_subcommand help; and not __fish_seen_subcommand_from init validate plan up destroy status policy outputs crawl infer query run executions graph test tables describe demo local schema completions help" -f -a "init" -d 'Writes a stack.toml to start from'
complete -c athglue -n "__fish_athglue_using_subcommand help; and not __fish_seen_subcommand_from init validate plan up destroy status policy outputs crawl infer query run executions graph test tables describe demo local schema completions help" -f -a "validate" -d 'Checks stack.toml and the files it names, without calling anything'
complete -c athglue -n "__fish_athglue_using_subcommand help; and not __fish_seen_subcommand_from init validate plan up destroy status policy outputs crawl infer query run executions graph test tables describe demo local schema completions help" -f -a "plan" -d 'Shows what `up` would change, and changes nothing'
complete -c athglue -n "__fish_athglue_using_subcommand help; and not __fish_seen_subcommand_from init validate plan up destroy status policy outputs crawl infer query run executions graph test tables describe demo local schema completions help" -f -a "up" -d 'Makes everything so as stack.toml says: creates, changes and deletes what it takes'
complete -c athglue -n "__fish_athglue_using_subcommand help; and not __fish_seen_subcommand_from init validate plan up destroy status policy outputs crawl infer query run executions graph test tables describe demo local schema completions help" -f -a "destroy" -d 'Deletes everything that the stack owns'
complete -c athglue -n "__fish_athglue_using_subcommand help; and not __fish_seen_subcommand_from init validate plan up destroy status policy outputs crawl infer query run executions graph test tables describe demo local schema completions help" -f -a "status" -d 'Shows everything of the stack and whether it is as stack.toml says'
complete -c athglue -n "__fish_athglue_using_subcommand help; and not __fish_seen_subcommand_from init validate plan up destroy status policy outputs crawl infer query run executions graph test tables describe demo local schema completions help" -f -a "policy" -d 'Shows the policy that something of the stack needs, with the reason of every statement'
complete -c athglue -n "__fish_athglue_using_subcommand help; and not __fish_seen_subcommand_from init validate plan up destroy status policy outputs crawl infer query run executions graph test tables describe demo local schema completions help" -f -a "outputs" -d 'Shows what the stack has under [outputs]'
complete -c athglue -n "__fish_athglue_using_subcommand help; and not __fish_seen_subcommand_from init validate plan up destroy status policy outputs crawl infer query run executions graph test tables describe demo local schema completions help" -f -a "crawl" -d 'Runs crawlers, waits for them, and shows what changed in the catalog'
complete -c athglue -n "__fish_athglue_using_subcommand help; and not __fish_seen_subcommand_from init validate plan up destroy status policy outputs crawl infer query run executions graph test tables describe demo local schema completions help" -f -a "infer" -d 'Says what tables and columns are in files, as Glue\'s crawler would; writes nothing'
complete -c athglue -n "__fish_athglue_using_subcommand help; and not __fish_seen_subcommand_from init validate plan up destroy status policy outputs crawl infer query run executions graph test tables describe demo local schema completions help" -f -a "query" -d 'Runs SQL on Athena and prints the rows'
complete -c athglue -n "__fish_athglue_using_subcommand help; and not __fish_seen_subcommand_from init validate plan up destroy status policy outputs crawl infer query run executions graph test tables describe demo local schema completions help" -f -a "run" -d 'Runs a state machine and shows its states as they run'
complete -c athglue -n "__fish_athglue_using_subcommand help; and not __fish_seen_subcommand_from init validate plan up destroy status policy outputs crawl infer query run executions graph test tables describe demo local schema completions help" -f -a "executions" -d 'Lists, shows, stops and redrives executions of state machines'
complete -c athglue -n "__fish_athglue_using_subcommand help; and not __fish_seen_subcommand_from init validate plan up destroy status policy outputs crawl infer query run executions graph test tables describe demo local schema completions help" -f -a "graph" -d 'Draws a state machine, from the stack or from a file; asks no cloud'
complete -c athglue -n "__fish_athglue_using_subcommand help; and not __fish_seen_subcommand_from init validate plan up destroy status policy outputs crawl infer query run executions graph test tables describe demo local schema completions help" -f -a "test" -d 'Runs the test cases of state machines in this process: mocked tasks, a clock that waits for nothing, no cloud'
complete -c athglue -n "__fish_athglue_using_subcommand help; and not __fish_seen_subcommand_from init validate plan up destroy status policy outputs crawl infer query run executions graph test tables describe demo local schema completions help" -f -a "tables" -d 'Lists the tables of the catalog'
complete -c athglue -n "__fish_athglue_using_subcommand help; and not __fish_seen_subcommand_from init validate plan up destroy status policy outputs crawl infer query run executions graph test tables describe demo local schema completions help" -f -a "describe" -d 'Shows a table: its columns, where its data is, and how it is read'
complete -c athglue -n "__fish_athglue_using_subcommand help; and not __fish_seen_subcommand_from init validate plan up destroy status policy outputs crawl infer query run executions graph test tables describe demo local schema completions help" -f -a "demo" -d 'Stands up an example lake on the embedded cloud, crawls, queries and runs it, and takes it down'
complete -c athglue -n "__fish_athglue_using_subcommand help; and not __fish_seen_subcommand_from init validate plan up destroy status policy outputs crawl infer query run executions graph test tables describe demo local schema completions help" -f -a "local" -d 'Serves, empties or finds the embedded cloud'
complete -c athglue -n "__fish_athglue_using_subcommand help; and not __fish_seen_subcommand_from init validate plan up destroy status policy outputs crawl infer query run executions graph test tables describe demo local schema completions help" -f -a "schema" -d 'Prints the JSON schema of stack.toml, for editors'
complete -c athglue -n "__fish_athglue_using_subcommand help; and not __fish_seen_subcommand_from init validate plan up destroy status policy outputs crawl infer query run executions graph test tables describe demo local schema completions help" -f -a "completions" -d 'Prints the completions of a shell'
complete -c athglue -n "__fish_athglue_using_subcommand help; and not __fish_seen_subcommand_from init validate plan up destroy status policy outputs crawl infer query run executions graph test tables describe demo local schema completions help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c athglue -n "__fish_athglue_using_subcommand help; and __fish_seen_subcommand_from policy" -f -a "check" -d 'Says what a role lacks, and what it has beyond need. Exit code 1 if it lacks something'
complete -c athglue -n "__fish_athglue_using_subcommand help; and __fish_seen_subcommand_from executions" -f -a "list" -d 'Lists executions, the newest first'
complete -c athglue -n "__fish_athglue_using_subcommand help; and __fish_seen_subcommand_from executions" -f -a "show" -d 'Shows an execution: its states, its output, or why it failed and where'
complete -c athglue -n "__fish_athglue_using_subcommand help; and __fish_seen_subcommand_from executions" -f -a "stop" -d 'Stops an execution'
complete -c athglue -n "__fish_athglue_using_subcommand help; and __fish_seen_subcommand_from executions" -f -a "redrive" -d 'Runs a failed, aborted or timed-out execution again from the states that did not succeed'
complete -c athglue -n "__fish_athglue_using_subcommand help; and __fish_seen_subcommand_from local" -f -a "serve" -d 'Serves the embedded cloud on a port of this machine, to any AWS client'
complete -c athglue -n "__fish_athglue_using_subcommand help; and __fish_seen_subcommand_from local" -f -a "reset" -d 'Deletes everything that is in the embedded cloud'
complete -c athglue -n "__fish_athglue_using_subcommand help; and __fish_seen_subcommand_from local" -f -a "path" -d 'Prints the folder that the embedded cloud keeps its data in'
